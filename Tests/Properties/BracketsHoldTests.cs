using System;
using FsCheck.Fluent;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Properties;

/// <summary>
/// One strategy with random wishes, stops and targets, a random market and partial fills. Beside it stands a second account
/// that knows the wishes, what the strategy was told of fills, and quotes alone: after every event both must say the same of whether the strategy is taken out, and
/// who is taken out holds nothing once its order is filled.
/// </summary>
public sealed class BracketsHoldTests
{
    private static readonly InstrumentId X = new(1);
    private static readonly StrategyId One = new(1);

    [Fact]
    public void A_strategy_is_out_from_the_touch_of_its_bracket_and_never_before()
    {
        int touched = 0;
        PropertyCheck.Holds(
            PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 100, 160), steps => Holds(steps, default, ref touched), runs: 200);
        Assert.True(touched >= 300, $"only {touched} touches");
    }

    [Theory]
    [InlineData(1, 0, 0, 0)]
    [InlineData(0, 1, 0, 0)]
    [InlineData(0, 0, 1, 0)]
    [InlineData(0, 0, 0, 1)]
    public void A_bracket_that_is_a_unit_off_is_caught(long stop, long take, int stopBps, int takeBps)
    {
        int touched = 0;
        Bracket off = new(stop, take, (ushort)stopBps, (ushort)takeBps);
        PropertyCheck.Finds(
            PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 100, 160), steps => Holds(steps, off, ref touched), runs: 1_000);
    }

    private static bool Holds(int[] steps, Bracket off, ref int touches)
    {
        Rig rig = new Rig(new RigSettings { Rules = [new StrategyRule(1, 0, 0)] }).Begin();
        Book book = new();
        ulong execution = 0;
        foreach (int step in steps)
        {
            int dice = step / 8;
            switch (step % 8)
            {
                case 0:
                    long size = (dice % 2 == 0 ? 1 : -1) * (1 + (dice / 2 % 20));
                    Bracket bracket = BracketOf(dice / 40, Math.Sign(size));
                    Bracket meant = new(
                        bracket.StopPrice + (bracket.StopPrice == 0 ? 0 : off.StopPrice),
                        bracket.TakePrice + (bracket.TakePrice == 0 ? 0 : off.TakePrice),
                        (ushort)(bracket.StopBps + (bracket.StopBps == 0 ? 0 : off.StopBps)),
                        (ushort)(bracket.TakeBps + (bracket.TakeBps == 0 ? 0 : off.TakeBps)));
                    book.Look();
                    rig.Target(1, size, bracket: meant);
                    book.Take(rig, looks: false);
                    book.Wish(size, bracket);
                    break;
                case 1:
                    book.Look();
                    rig.Say((1, context => context.SetFlat(X)));
                    book.Take(rig, looks: false);
                    book.Wish(0, default);
                    break;
                case 2 or 3 or 4:
                    Fill(rig, book, dice, ref execution);
                    break;
                default:
                    long mid = 9_900 + (dice % 201);
                    book.Mid = mid;
                    book.Look();
                    rig.Quote(1, mid - 1, mid + 1);
                    book.Take(rig, looks: false);
                    break;
            }

            if (rig.Pipeline.Arbitration.Muted.Has(One, X) != book.IsOut || rig.Virtual(1) != book.Quantity)
            {
                return false;
            }
        }

        touches += book.Touches;
        for (int i = 0; i < 40 && book.IsOut && book.Quantity != 0; i++)
        {
            book.Look();
            rig.Tick(Rig.Second);
            book.Take(rig, looks: false);
            Fill(rig, book, 0, ref execution);
        }

        return !book.IsOut || rig.Virtual(1) == 0;
    }

    /// <summary>Any of the four, alone or together; a stop always on the losing side of its target.</summary>
    private static Bracket BracketOf(int dice, int direction) => new(
        dice % 2 == 0 ? 10_000 - (direction * (10 + (dice / 16 % 80))) : 0,
        dice / 2 % 2 == 0 ? 10_000 + (direction * (10 + (dice / 1_280 % 80))) : 0,
        (ushort)(dice / 4 % 2 == 0 ? 5 + (dice / 160 % 90) : 0),
        (ushort)(dice / 8 % 2 == 0 ? 5 + (dice / 320 % 90) : 0));

    private static void Fill(Rig rig, Book book, int dice, ref ulong execution)
    {
        foreach (Side side in (ReadOnlySpan<Side>)[Side.Buy, Side.Sell])
        {
            int place = rig.Pipeline.Orders.LiveInLane(X, StrategyId.House, side);
            if (place < 0)
            {
                continue;
            }

            LowLatency.Core.Orders.OrderRecord order = rig.Pipeline.Orders[place];
            long quantity = dice % 3 == 0 ? order.Leaves : 1 + (dice % order.Leaves);
            rig.Fill(order.Id, side, quantity, book.Mid, ++execution);
            book.Take(rig, looks: true);

            // A fill of which the strategy gets nothing is an event all the same.
            book.Look();
        }
    }

    /// <summary>The second account: what the rules on the page say, in the plainest words.</summary>
    private sealed class Book
    {
        private Bracket _bracket;
        private int _direction;
        private decimal _cost;
        private bool _spoke;
        private (long Target, Bracket Bracket) _last;
        private int _taken;

        internal long Mid { get; set; } = 10_000;

        internal long Quantity { get; private set; }

        internal bool IsOut { get; private set; }

        internal int Touches { get; private set; }

        internal void Wish(long target, Bracket bracket)
        {
            // Saying again what stands is nothing new.
            _spoke |= IsOut && _last != (target, bracket);
            _last = (target, bracket);
            if (target != 0)
            {
                _bracket = bracket;
                _direction = Math.Sign(target);
            }
        }

        /// <summary>What the strategy was told that it got; a crossing with the house comes after the exits were looked at.</summary>
        internal void Take(Rig rig, bool looks)
        {
            for (; _taken < rig.Strategies[0].Fills.Count; _taken++)
            {
                (long quantity, long price) = rig.Strategies[0].Fills[_taken];
                Fill(quantity, price);
                if (looks)
                {
                    Look();
                }
            }
        }

        private void Fill(long change, long price)
        {
            long closing = Math.Sign(change) == -Math.Sign(Quantity) ? Math.Min(Math.Abs(change), Math.Abs(Quantity)) : 0;
            if (closing != 0)
            {
                // The cost is counted in units of 10^-8 of a cent's piece; a part of it is cut towards zero.
                _cost -= decimal.Truncate(_cost * Rig.MoneyPerCent * closing / Math.Abs(Quantity)) / Rig.MoneyPerCent;
                Quantity += Math.Sign(change) * closing;
                change -= Math.Sign(change) * closing;
                _cost = Quantity == 0 ? 0 : _cost;
            }

            Quantity += change;
            _cost += change * price;
        }

        /// <summary>An event of the market, a fill or a tick: the exits are looked at.</summary>
        internal void Look()
        {
            bool wasOut = IsOut;
            if (Quantity != 0 && !IsOut && _direction == Math.Sign(Quantity))
            {
                decimal gain = (Mid * Quantity) - _cost;
                decimal perBps = Math.Abs(_cost) / 10_000;
                bool hit = (_bracket.StopBps != 0 && gain <= -perBps * _bracket.StopBps)
                    || (_bracket.TakeBps != 0 && gain >= perBps * _bracket.TakeBps)
                    || (_bracket.StopPrice != 0 && (Mid - _bracket.StopPrice) * _direction <= 0)
                    || (_bracket.TakePrice != 0 && (Mid - _bracket.TakePrice) * _direction >= 0);
                IsOut = hit;
                Touches += hit ? 1 : 0;
                _spoke = hit ? false : _spoke;
            }

            if (wasOut && Quantity == 0 && _spoke)
            {
                IsOut = false;
            }
        }
    }
}
