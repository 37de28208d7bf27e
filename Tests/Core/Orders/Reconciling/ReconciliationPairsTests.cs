using System;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders.Reconciling;

/// <summary>
/// Random accounts here and at the venue: in auto_sync what is here becomes what the venue has, strict halts when anything differs,
/// and what is equal changes nothing.
/// </summary>
public sealed class ReconciliationPairsTests
{
    private const int Instruments = 3;
    private const int Pairs = 5_000;
    private const int PairsOfRig = 250;
    private const long Cent = Rig.MoneyPerCent;

    /// <summary>What a reader could get wrong: the engine is told this instead of the truth.</summary>
    private enum Defect
    {
        None,
        LosesAnOrder,
        TurnsAPosition,
        LosesAPosition,
        RoundsCash,
        LosesExecutions,
        SwapsInstruments,
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_here_becomes_what_the_venue_has(int seed)
    {
        (int differed, int wrong) = Run(seed, ReconcileMode.AutoSync, Defect.None, Pairs / 2);
        Assert.InRange(differed, Pairs / 4, Pairs / 2);
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void Strict_halts_when_anything_differs_and_only_then()
    {
        (int differed, int wrong) = Run(3, ReconcileMode.Strict, Defect.None, Pairs / 5);
        Assert.InRange(differed, Pairs / 20, Pairs / 5);
        Assert.Equal(0, wrong);
    }

    [Theory]
    [InlineData("LosesAnOrder")]
    [InlineData("TurnsAPosition")]
    [InlineData("LosesAPosition")]
    [InlineData("RoundsCash")]
    [InlineData("LosesExecutions")]
    [InlineData("SwapsInstruments")]
    public void A_defect_of_the_reading_is_found(string defect)
    {
        (_, int wrong) = Run(4, ReconcileMode.AutoSync, Enum.Parse<Defect>(defect), 500);
        Assert.True(wrong > 10, $"{defect} was found {wrong} times in 500 pairs");
    }

    private static (int Differed, int Wrong) Run(int seed, ReconcileMode mode, Defect defect, int pairs)
    {
        Xoshiro256 dice = new((ulong)seed);
        AccountRig rig = null!;
        int differed = 0;
        int wrong = 0;
        for (int pair = 0; pair < pairs; pair++)
        {
            if (pair % PairsOfRig == 0)
            {
                rig = AccountRig.Matched(AccountRig.Settings(mode, ForeignOrders.Adopt), Instruments);
            }

            Live(rig, ref dice);
            (VenueTruth truth, VenueTruth ours) = Change(rig, ref dice);
            bool isEqual = truth.IsAs(ours);
            int foreign = truth.Orders.Count(order => order.Id.IsNone);
            differed += isEqual ? 0 : 1;
            rig.Told();
            rig.Read(Read(truth, defect));
            int told = rig.Told().Count;
            bool halted = rig.Rig.Pipeline.Risk.State == TradingState.Halted;
            bool isRight = mode == ReconcileMode.Strict
                ? halted == !isEqual && ours.DifferencesTo(rig.Rig).Count == 0
                : !halted && (told == 0) == (isEqual && foreign == 0) && truth.DifferencesTo(rig.Rig).Count == 0
                    && rig.Reconciler.Strays == foreign;
            if (isRight && mode == ReconcileMode.AutoSync && !HasAmended(rig))
            {
                // A second reading changes nothing, unless we have asked for something else meanwhile.
                rig.Read(Read(truth, defect));
                isRight = rig.Told().Count == 0 && truth.DifferencesTo(rig.Rig).Count == 0;
            }

            wrong += isRight ? 0 : 1;
            Assert.True(
                isRight || defect != Defect.None,
                $"seed {seed}, pair {pair}, {mode}: {string.Join("; ", truth.DifferencesTo(rig.Rig))}, told {told}, "
                + $"halted {halted}, equal {isEqual}, {rig.Reconciler.Strays} strays");
            Rest(rig);
        }

        return (differed, wrong);
    }

    private static bool HasAmended(AccountRig rig) => VenueTruth.Live(rig.Rig).Any(order =>
        rig.Rig.Pipeline.Orders.TryFind(order.Id, out int place)
        && rig.Rig.Pipeline.Orders[place].State == OrderState.PendingAmend);

    /// <summary>Some trading: a position more or less, some resting orders, partly filled.</summary>
    private static void Live(AccountRig rig, ref Xoshiro256 dice)
    {
        for (int instrument = 1; instrument <= Instruments; instrument++)
        {
            if (dice.NextBelow(2) == 0)
            {
                long quantity = 1 + dice.NextBelow(20);
                bool buys = dice.NextBelow(2) == 0;
                long price = buys ? 9_900 + dice.NextBelow(90) : 10_010 + dice.NextBelow(90);
                if (rig.TryRest(1, buys ? quantity : -quantity, price, instrument) is { } order
                    && dice.NextBelow(order.Quantity + 1) is > 0 and long filled)
                {
                    rig.Fill(order, filled);
                }
            }
        }
    }

    /// <summary>
    /// The venue's account: ours, changed in none to three ways; beside it ours with the fills that the reading will bring.
    /// </summary>
    private static (VenueTruth Truth, VenueTruth Ours) Change(AccountRig rig, ref Xoshiro256 dice)
    {
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        VenueTruth ours = VenueTruth.Of(rig.Rig);
        for (long change = dice.NextBelow(4); change > 0; change--)
        {
            int instrument = 1 + (int)dice.NextBelow(Instruments);
            (long quantity, long cost) = truth.Positions[instrument];

            // An order that the reading itself moves is judged by the next one.
            int place = truth.Orders.FindIndex(order => order.Instrument == instrument && !order.Id.IsNone
                && !truth.Executions.Exists(known => known.Fill.Order == order.Id));
            switch (dice.NextBelow(7))
            {
                case 0:
                    long other = dice.NextBelow(41) - 20;
                    truth.Positions[instrument] = other == quantity ? (quantity, cost) : (other, other * 10_005 * Cent);
                    break;
                case 1 when quantity != 0:
                    // Ten cents more for each piece: no decimal that the venue cuts off can hide it.
                    truth.Positions[instrument] = (quantity, ((cost / (quantity * Cent)) + 10) * quantity * Cent);
                    break;
                case 2:
                    truth.Cash += dice.NextBelow(1_000);
                    break;
                case 3 when place >= 0:
                    truth.Orders.RemoveAt(place);
                    break;
                case 4 when place >= 0:
                    truth.Orders[place] = truth.Orders[place] with { Price = truth.Orders[place].Price + 1 };
                    break;
                case 5 when place >= 0:
                    Missed(rig, truth, ours, place, ref dice);
                    break;
                case 6:
                    truth.Orders.Add(new TrueOrder(OrderId.None, rig.NextVenueId(), instrument, Side.Sell, 10_200, 3, 0));
                    break;
            }
        }

        return (truth, ours);
    }

    /// <summary>A fill that the stream never told: the reading has it, and it is applied as what it is.</summary>
    private static void Missed(AccountRig rig, VenueTruth truth, VenueTruth ours, int place, ref Xoshiro256 dice)
    {
        TrueOrder order = truth.Orders[place];
        (long quantity, long cost) = truth.Positions[order.Instrument];
        bool adds = quantity == 0 || Math.Sign(quantity) == order.Side.Sign();
        int own = ours.Orders.IndexOf(order);
        if (!adds || order.Quantity - order.Filled < 2 || own < 0 || ours.Positions[order.Instrument] != (quantity, cost))
        {
            return;
        }

        long filled = 1 + dice.NextBelow(order.Quantity - order.Filled - 1);
        truth.Executions.Add((rig.FillOf(order, filled), order.Instrument, rig.Rig.Now));
        long signed = order.Side.Sign() * filled;
        foreach (VenueTruth account in (ReadOnlySpan<VenueTruth>)[truth, ours])
        {
            account.Orders[account.Orders.IndexOf(order)] = order with { Filled = order.Filled + filled };
            account.Positions[order.Instrument] = (quantity + signed, cost + (signed * order.Price * Cent));
        }
    }

    /// <summary>What the reader makes of the truth.</summary>
    private static VenueTruth Read(VenueTruth truth, Defect defect)
    {
        VenueTruth read = new() { Cash = defect == Defect.RoundsCash ? truth.Cash / 1_000 * 1_000 : truth.Cash };
        read.Orders.AddRange(defect == Defect.LosesAnOrder ? truth.Orders.Skip(1) : truth.Orders);
        if (defect != Defect.LosesExecutions)
        {
            read.Executions.AddRange(truth.Executions);
        }

        foreach ((int instrument, (long quantity, long cost)) in truth.Positions)
        {
            int place = defect == Defect.SwapsInstruments ? (instrument % Instruments) + 1 : instrument;
            int sign = defect == Defect.TurnsAPosition ? -1 : 1;
            if (defect != Defect.LosesAPosition || instrument != 1)
            {
                read.Positions[place] = (sign * quantity, sign * cost);
            }
        }

        return read;
    }

    /// <summary>Nothing works and nothing is wished any more; what is held stays.</summary>
    private static void Rest(AccountRig rig)
    {
        rig.Rig.Operator(OperatorVerb.Activate);
        for (int instrument = 1; instrument <= Instruments; instrument++)
        {
            rig.Rig.Target(1, rig.Rig.Virtual(1, instrument), instrument);
        }

        for (int place = 0; place < OrderTable.Capacity; place++)
        {
            OrderRecord order = rig.Rig.Pipeline.Orders[place];
            if (order.State != OrderState.None && !OrderStateMachine.IsTerminal(order.State))
            {
                rig.Rig.Publish(
                    new OrderReport { Order = order.Id, VenueOrder = order.VenueOrder, Status = OrderStatus.Cancelled },
                    order.Instrument.Value);
            }
        }

        rig.Read(VenueTruth.Of(rig.Rig));
        rig.Rig.FollowUps.Clear();
        rig.Rig.Published.Clear();
    }
}
