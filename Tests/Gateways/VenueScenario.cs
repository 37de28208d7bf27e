using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways;

namespace LowLatency.Tests.Gateways;

/// <summary>
/// A random market and random commands, made of plain numbers: one number is one step. The market that the steps make is
/// kept here a second time, by price, for <see cref="VenueInvariants"/> to hold the venue's fills against.
/// </summary>
internal sealed class VenueScenario
{
    private const long Middle = 10_000;

    private readonly VenueHarness _harness;
    private readonly VenueInvariants _invariants;
    private readonly List<OrderId> _orders = [];
    private readonly SortedDictionary<long, long>[] _sides = [[], []];
    private long _now = 1_000;
    private bool _halted;

    private VenueScenario(IVenue venue)
    {
        _harness = new VenueHarness(venue);
        _invariants = new VenueInvariants();
    }

    /// <summary>Plays the steps; the first broken invariant throws.</summary>
    /// <returns>The harness with all reports.</returns>
    internal static VenueHarness Play(IVenue venue, int[] steps, Action<int, VenueHarness>? before = null)
    {
        VenueScenario scenario = new(venue);
        scenario._harness.Show(1_000, MarketScript.Define());
        scenario.Snapshot(5);
        for (int i = 0; i < steps.Length; i++)
        {
            before?.Invoke(i, scenario._harness);
            scenario.Step(new Xoshiro256((ulong)steps[i]));
        }

        scenario._harness.Finish();
        scenario._invariants.Check(scenario._harness.Reports);
        return scenario._harness;
    }

    private void Step(Xoshiro256 dice)
    {
        _now += 1 + dice.NextBelow(120);
        switch (dice.NextBelow(20))
        {
            case < 6:
                Change(ref dice);
                break;
            case 6:
                Snapshot(dice.NextBelow(30));
                break;
            case < 10:
                Print(ref dice);
                break;
            case 10 when dice.NextBelow(3) == 0:
                Halt();
                break;
            case 11 when dice.NextBelow(3) == 0:
                Gap(dice.NextBelow(30));
                break;
            case < 17:
                New(ref dice);
                break;
            case 17 when _orders.Count > 0:
                OrderId amended = Any(ref dice);
                long quantity = Size(ref dice);
                long price = Price(ref dice);
                _harness.Amend(_now, amended, quantity, price);
                break;
            case > 17 when _orders.Count > 0:
                _harness.Cancel(_now, Any(ref dice));
                break;
        }
    }

    private OrderId Any(ref Xoshiro256 dice) =>
        _orders[_orders.Count - 1 - (int)dice.NextBelow(Math.Min(_orders.Count, 12))];

    private static long Size(ref Xoshiro256 dice) => 20 + (10 * dice.NextBelow(30));

    private static long Price(ref Xoshiro256 dice) => Middle + (5 * (dice.NextBelow(17) - 8));

    private void New(ref Xoshiro256 dice)
    {
        Side side = dice.NextBelow(2) == 0 ? Side.Buy : Side.Sell;
        bool market = dice.NextBelow(5) == 0;
        TimeInForce time = dice.NextBelow(4) switch
        {
            0 => TimeInForce.ImmediateOrCancel,
            1 => TimeInForce.FillOrKill,
            _ => TimeInForce.GoodTillCancel,
        };
        OrderFlags flags = dice.NextBelow(5) switch
        {
            0 when !market && time == TimeInForce.GoodTillCancel => OrderFlags.PostOnly,
            1 => OrderFlags.ReduceOnly,
            _ => OrderFlags.None,
        };
        long quantity = Size(ref dice);
        if (dice.NextBelow(4) == 0)
        {
            Send(Sleeper(ref dice, side, quantity));
            return;
        }

        Command command = market
            ? _harness.NewOrder(side, quantity, 0, OrderType.Market, time, flags)
            : _harness.NewOrder(side, quantity, Price(ref dice), OrderType.Limit, time, flags);
        Send(command);
    }

    private void Send(Command command)
    {
        _orders.Add(command.Order);
        _invariants.Sent(command);
        _harness.Send(_now, command);
    }

    private Command Sleeper(ref Xoshiro256 dice, Side side, long quantity)
    {
        OrderType type = (OrderType)((int)OrderType.Stop + dice.NextBelow(5));
        TimeInForce time = dice.NextBelow(2) == 0 ? TimeInForce.Day : TimeInForce.GoodTillCancel;
        OrderFlags flags = dice.NextBelow(4) == 0 ? OrderFlags.ReduceOnly : OrderFlags.None;
        long price = type is OrderType.StopLimit or OrderType.LimitIfTouched ? Price(ref dice) : 0;
        Command command = _harness.NewOrder(side, quantity, price, type, time, flags);
        command.TrailingOffset = type == OrderType.TrailingStop ? 5 * (1 + dice.NextBelow(6)) : 0;
        command.TriggerPrice = type == OrderType.TrailingStop && dice.NextBelow(2) == 0 ? 0 : Price(ref dice);
        return command;
    }

    private void Change(ref Xoshiro256 dice)
    {
        Side side = dice.NextBelow(2) == 0 ? Side.Buy : Side.Sell;
        long price = Price(ref dice);
        long quantity = dice.NextBelow(3) == 0 ? 0 : 10 * (1 + dice.NextBelow(30));
        foreach (long other in Of(side.Opposite()).Keys)
        {
            if (quantity > 0 && (side == Side.Buy ? other <= price : other >= price))
            {
                return;
            }
        }

        Set(side, price, quantity);
        _harness.Show(_now, MarketScript.Level(side, price, quantity));
    }

    private void Snapshot(long shift)
    {
        long middle = Middle + (5 * ((shift % 9) - 4));
        (long, long)[] bids = [(middle - 5, 100 + (10 * shift)), (middle - 10, 50), (middle - 20, 200)];
        (long, long)[] asks = [(middle, 80), (middle + 5, 30 + (10 * shift)), (middle + 15, 300)];
        foreach (Side side in (Side[])[Side.Buy, Side.Sell])
        {
            (long Price, long Quantity)[] levels = side == Side.Buy ? bids : asks;
            foreach (long price in (long[])[.. Of(side).Keys])
            {
                if (!Array.Exists(levels, l => l.Price == price))
                {
                    Set(side, price, 0);
                }
            }

            foreach ((long price, long quantity) in levels)
            {
                Set(side, price, quantity);
            }
        }

        _harness.Show(_now, MarketScript.Snapshot(bids, asks));
    }

    private void Print(ref Xoshiro256 dice)
    {
        Side aggressor = (Side)dice.NextBelow(3);
        long price = Price(ref dice);
        long quantity = 10 * (1 + dice.NextBelow(20));
        _invariants.Printed(_now, quantity);
        _harness.Show(_now, MarketScript.Trade(price, quantity, aggressor));
    }

    private void Halt()
    {
        _halted = !_halted;
        _invariants.Status(_now, !_halted);
        _harness.Show(_now, MarketScript.Status(_halted ? TradingStatus.Halted : TradingStatus.Open));
    }

    // A snapshot follows, so that the scenario does not stay without a market.
    private void Gap(long shift)
    {
        _harness.Show(_now, MarketScript.Stream(StreamState.Gap));
        _now += 200;
        Snapshot(shift);
    }

    private SortedDictionary<long, long> Of(Side side) => _sides[side == Side.Buy ? 0 : 1];

    private void Set(Side side, long price, long quantity)
    {
        SortedDictionary<long, long> levels = Of(side);
        _invariants.Shown(_now, side, price, levels.GetValueOrDefault(price), quantity);
        if (quantity == 0)
        {
            levels.Remove(price);
        }
        else
        {
            levels[price] = quantity;
        }
    }
}
