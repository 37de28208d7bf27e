using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Engine.Results;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

public sealed class TradeFoldTests
{
    private const long Unit = 100_000_000;
    private static readonly StrategyId _strategy = new(1);

    private static Instrument Stock => new()
    {
        Id = new InstrumentId(1),
        Kind = InstrumentKind.Linear,
        PriceExponent = 0,
        QuantityExponent = 0,
        Tick = 1,
        Lot = 1,
        MinQuantity = 1,
        MaxQuantity = 1_000_000,
        MinNotional = 0,
        Multiplier = 1,
    };

    [Fact]
    public void A_trade_ends_flat_and_its_excursions_are_of_all_marks()
    {
        TradeFold fold = new();
        VirtualPosition part = default;
        Fill(fold, ref part, 10, 100, fee: 5, at: 1);
        fold.Mark(Stock, 97);
        fold.Mark(Stock, 104);
        Fill(fold, ref part, -4, 103, fee: 2, at: 2);
        fold.Mark(Stock, 101);
        Fill(fold, ref part, -6, 102, fee: 3, at: 3);
        fold.Mark(Stock, 1);

        // Bought 10 at 100, sold 4 at 103 and 6 at 102: 12 + 12 - 10 of fees = 14. Worst: 10 x -3 - 5 = -35. Best: 10 x 4 - 5.
        ClosedTrade trade = Assert.Single(fold.Listed.Kept);
        Assert.Equal(14 * Unit, trade.Profit);
        Assert.Equal(10 * Unit, trade.Fees);
        Assert.Equal(-35 * Unit, trade.AdverseExcursion);
        Assert.Equal(35 * Unit, trade.FavourableExcursion);
        Assert.Equal((1, 10L, 1L, 3L, 100L, 102L), (trade.Direction, trade.Quantity, trade.OpenedAt, trade.ClosedAt, trade.OpenedPrice, trade.ClosedPrice));
        Assert.Equal(0, fold.Open);
    }

    [Fact]
    public void A_fill_that_turns_the_position_ends_one_trade_and_opens_the_next()
    {
        TradeFold fold = new();
        VirtualPosition part = default;
        Fill(fold, ref part, -2, 100, fee: 0, at: 1);
        Fill(fold, ref part, 6, 90, fee: 6, at: 2);
        ClosedTrade first = Assert.Single(fold.Listed.Kept);

        // Short 2 from 100 to 90: 20, and a third of the fee.
        Assert.Equal((-1, 18 * Unit, 2 * Unit), (first.Direction, first.Profit, first.Fees));
        Assert.Equal(1, fold.Open);
        Fill(fold, ref part, -4, 95, fee: 0, at: 3);
        Assert.Equal((1, 16 * Unit), (fold.Listed.Kept[1].Direction, fold.Listed.Kept[1].Profit));
        Assert.Equal(34 * Unit, part.CashFlow);
    }

    [Fact]
    public void A_bar_marks_only_trades_that_were_open_before_it_began()
    {
        TradeFold fold = new();
        VirtualPosition part = default;
        Fill(fold, ref part, 1, 100, fee: 0, at: 50);
        fold.Mark(Stock, 10, since: 49);
        fold.Mark(Stock, 95, since: 50);
        Fill(fold, ref part, -1, 100, fee: 0, at: 60);
        Assert.Equal(-5 * Unit, fold.Listed.Kept[0].AdverseExcursion);
    }

    [Fact]
    public void Totals_are_those_of_the_trades_counted_by_hand()
    {
        TradeFold fold = new();
        VirtualPosition part = default;
        foreach (long profit in (long[])[5, -3, -2, 0, 10, -4])
        {
            Fill(fold, ref part, 1, 100, fee: 0, at: 1);
            Fill(fold, ref part, -1, 100 + profit, fee: 0, at: 4);
        }

        TradeTotals totals = fold.Totals(0);
        Assert.Equal((6L, 2L, 3L), (totals.Closed, totals.Won, totals.Lost));
        Assert.Equal((15 * Unit, 9 * Unit), (totals.Gains, totals.Losses));
        Assert.Equal((10 * Unit, 4 * Unit), (totals.LargestGain, totals.LargestLoss));
        Assert.Equal(2, totals.LongestLosingRun);
        Assert.Equal(18, (long)totals.HoldingTime);

        // Mean 1; squared distances 16 + 16 + 9 + 1 + 81 + 25 = 148.
        Assert.InRange(totals.SquaredDistances / (148.0 * Unit * Unit), 1 - 1e-12, 1 + 1e-12);
        Assert.Equal(-4 * Unit, totals.WorstAdverse);
    }

    /// <summary>A second implementation that keeps every fill and every mark and looks at them afterwards.</summary>
    [Fact]
    public void Random_trades_are_those_of_a_naive_fold_over_all_that_happened()
    {
        Xoshiro256 dice = new(7);
        TradeFold fold = new();
        VirtualPosition part = default;
        List<(long Change, long Price, long Fee)> story = [];
        long position = 0;
        for (int i = 0; i < 4_000; i++)
        {
            long price = 90 + (long)dice.NextBelow(20);
            if (dice.NextBelow(3) != 0)
            {
                fold.Mark(Stock, price);
                story.Add((0, price, 0));
                continue;
            }

            // Never through zero in one fill, so that no share of a fee has to be rounded.
            long change = dice.NextBelow(4) == 0 ? -position : (long)dice.NextBelow(5) - 2;
            change = position != 0 && Math.Sign(position + change) == -Math.Sign(position) ? -position : change;
            if (change == 0)
            {
                continue;
            }

            position += change;
            Fill(fold, ref part, change, price, fee: 1, at: i);
            story.Add((change, price, 1));
        }

        List<(long Profit, long Worst, long Best)> expected = [];
        long held = 0, flow = 0, worst = 0, best = 0;
        foreach ((long change, long price, long fee) in story)
        {
            if (held == 0 && change == 0)
            {
                continue;
            }

            held += change;
            flow -= (change * price) + fee;
            worst = Math.Min(worst, flow + (held * price));
            best = Math.Max(best, flow + (held * price));
            if (held == 0)
            {
                expected.Add((flow * Unit, worst * Unit, best * Unit));
                flow = worst = best = 0;
            }
        }

        Assert.InRange(expected.Count, 100, 4_000);
        Assert.Equal(expected, fold.Listed.Kept.Select(t => (t.Profit, t.AdverseExcursion, t.FavourableExcursion)));
    }

    private static void Fill(TradeFold fold, ref VirtualPosition part, long change, long price, long fee, long at)
    {
        part.Quantity += change;
        part.CashFlow -= Stock.Notional(price, change) + (fee * Unit);
        part.Fees += fee * Unit;
        part.Fills++;
        fold.Fold(_strategy, Stock, part, 0, price, at);
    }
}
