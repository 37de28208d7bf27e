using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Results;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

public sealed class SanityNotesTests
{
    private const long Unit = 100_000_000;

    [Fact]
    public void A_result_without_a_reason_to_doubt_has_no_note() => Assert.Empty(SanityNotes.Of(Sound()));

    [Fact]
    public void Each_doubt_has_its_note_and_is_alone() =>
        Assert.All(
            new (string Code, SanityInput Input)[]
            {
                ("synthetic_market", Sound() with { IsSynthetic = true }),
                ("stale_fills", Sound() with { Orders = Filled(2 + OrderFold.StaleAfter, 10) }),
                ("fills_beyond_shown_size", Sound() with { Orders = Filled(11, 11) }),
                ("fills_without_shown_size", Sound() with { Orders = Unseen() }),
                ("ambiguous_fills", Sound() with { Orders = Filled(11, 10, ExecutionMarks.Ambiguous) }),
                ("takers_beat_the_market", Sound() with { Fills = [("USD", Taken(100))] }),
                ("few_trades", Sound() with { Trades = [("USD", Trades(29))] }),
                ("many_parameters", Sound() with { Parameters = 4 }),
                ("few_days", Sound() with { Curves = [("USD", Curve(4, 1))] }),
                ("negative_equity", Sound() with { Curves = [("USD", Curve(5, -101))] }),
                ("open_at_the_end", Sound() with { OpenTrades = 1 }),
                ("moments_without_equity", Sound() with { Unpriced = 1 }),
                ("no_funding", Sound() with { Unfunded = ["BTCUSDT"] }),
            },
            item => Assert.Equal([item.Code], SanityNotes.Of(item.Input).Select(note => note.Code)));

    [Fact]
    public void A_profit_of_one_trade_is_doubted_and_one_of_many_is_not()
    {
        // 30 x +1 and 10 x -2 = +10; with one of +11 besides, the others made 10: no doubt of the profit.
        TradeTotals broad = Trades(30, 10, -2, 1, 11);
        Assert.Empty(SanityNotes.Of(Sound() with { Trades = [("USD", broad)] }));

        // 30 x +1 and 10 x -3.5 = -5; one of +25 is less than half of all gains, and all of the profit.
        TradeTotals thin = Trades(30, 10, -3.5, 1, 25);
        Assert.Equal(["one_trade_is_the_profit"], Codes(thin));

        // One of +31 beside 30 of +1 is more than half of all gains; at 30 it is exactly half.
        Assert.Equal(["depends_on_one_trade"], Codes(Trades(30, 0, 0, 1, 31)));
        Assert.Empty(Codes(Trades(30, 0, 0, 1, 30)));
    }

    private static IEnumerable<string> Codes(TradeTotals trades) =>
        SanityNotes.Of(Sound() with { Trades = [("USD", trades)] }).Select(note => note.Code);

    private static SanityInput Sound() => new()
    {
        Orders = Filled(11, 10),
        Trades = [("USD", Trades(30))],
        Fills = [("USD", Taken(101))],
        Curves = [("USD", Curve(5, 1))],
        Parameters = 3,
        IsSynthetic = false,
        Fidelity = Fidelity.Quotes,
        OpenTrades = 0,
        Unpriced = 0,
        Unfunded = [],
    };

    /// <summary>One order of some quantity that is filled at the best price, at which ten are shown.</summary>
    private static OrderFold Filled(long at, long quantity, ExecutionMarks marks = ExecutionMarks.None)
    {
        OrderRig rig = new();
        OrderId order = rig.New(10, Side.Buy, 110, quantity);
        rig.Fill(at, order, Side.Buy, 102, quantity, marks: marks);
        return rig.Fold;
    }

    /// <summary>A purchase at a price; the mid is 101.</summary>
    private static FillTotals Taken(long price)
    {
        OrderRig rig = new();
        rig.Fill(11, rig.New(10, Side.Buy, 110, 5), Side.Buy, price, 5);
        return rig.Fold.Totals(0);
    }

    private static OrderFold Unseen()
    {
        OrderRig rig = new(defineOnly: true);
        rig.Print(1, 100);
        OrderId order = rig.New(10, Side.Buy, 110, 5);
        rig.Fill(11, order, Side.Buy, 100, 5);
        return rig.Fold;
    }

    /// <summary>Trades of +1 each, then others.</summary>
    private static TradeTotals Trades(int ones, int others = 0, double other = 0, int best = 0, double gain = 0)
    {
        TradeTotals totals = new();
        for (int i = 0; i < ones + others + best; i++)
        {
            double profit = i < ones ? 1 : i < ones + others ? other : gain;
            totals.Add(new ClosedTrade
            {
                Number = i,
                Strategy = new StrategyId(1),
                Instrument = new InstrumentId(1),
                Direction = 1,
                OpenedAt = 0,
                ClosedAt = 1,
                OpenedPrice = 1,
                ClosedPrice = 1,
                Quantity = 1,
                Fills = 2,
                Profit = (long)Math.Round(profit * Unit),
                Fees = 0,
                AdverseExcursion = 0,
                FavourableExcursion = 0,
            });
        }

        return totals;
    }

    private static EquityCurve Curve(int days, long profit)
    {
        EquityCurve curve = new();
        curve.Pay(0, 100);
        curve.Mark(0, 100, 0, 0);
        curve.Mark(1, 100 + profit, 0, 0);
        curve.Finish((days * EquityCurve.Day) - 1);
        return curve;
    }
}
