using System;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Engine.Results;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

public sealed class EquityCurveTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Drawdown_is_of_every_mark_and_its_length_runs_from_the_peak_until_it_is_reached_again()
    {
        EquityCurve curve = new();
        curve.Pay(0, 1000);

        // 1000, 1100, 1050, 990 (fall 110 of 1100), 1100 reached again after 4 s, 1080 until the end 3 s later.
        curve.Mark(1 * Second, 1100, 0, 0);
        curve.Mark(2 * Second, 1050, 0, 0);
        curve.Mark((2 * Second) + 1, 990, 0, 0);
        curve.Mark(5 * Second, 1100, 0, 0);
        curve.Mark(6 * Second, 1080, 0, 0);
        curve.Finish(8 * Second);
        Assert.Equal(110, curve.MaxDrawdown);
        Assert.Equal(100_000, curve.MaxDrawdownPpm);
        Assert.Equal(4 * Second, curve.LongestDrawdown);
        Assert.Equal(80, curve.Profit);
    }

    [Theory]
    [InlineData(1_000_000, true)]
    [InlineData(300_000_000_000, true)]
    [InlineData(50_000_000_000_000, true)]
    [InlineData(300_000_000_000, false)]
    public void A_mark_that_says_the_same_again_may_be_repeated_instead(long farthest, bool asks)
    {
        bool differs = false;
        for (ulong seed = 1; seed <= 40; seed++)
        {
            EquityCurve marked = new();
            EquityCurve repeated = new();
            Xoshiro256 dice = new(seed);
            long now = 1;
            (long Equity, long Gross, long Net) last = (0, 0, 0);
            for (int i = 0; i < 400; i++)
            {
                now += dice.NextBelow(farthest);
                bool pays = dice.NextBelow(30) == 0;
                if (pays)
                {
                    marked.Pay(now, 7);
                    repeated.Pay(now, 7);
                }

                bool same = !pays && i > 0 && dice.NextBelow(3) != 0;
                long gross = dice.NextBelow(3) * 10;
                last = same ? last : (1_000 + dice.NextBelow(100), gross, -gross);
                marked.Mark(now, last.Equity, last.Gross, last.Net);
                if (same && (!asks || repeated.CanRepeat(now)))
                {
                    repeated.Repeat(now);
                }
                else
                {
                    repeated.Mark(now, last.Equity, last.Gross, last.Net);
                }
            }

            marked.Finish(now + 1);
            repeated.Finish(now + 1);
            differs |= !Figures(marked).SequenceEqual(Figures(repeated))
                || !marked.Series.Points.SequenceEqual(repeated.Series.Points)
                || !marked.Days.SequenceEqual(repeated.Days);
        }

        // Who does not ask whether he may loses points between intervals: the comparison sees it.
        Assert.Equal(!asks, differs);

        static long?[] Figures(EquityCurve c) =>
        [
            c.Equity, c.LowestEquity, c.PaidIn, c.MaxDrawdown, c.MaxDrawdownPpm, c.LongestDrawdown, c.MaxGross,
            c.MaxLeveragePpm, c.TimeInMarket, c.Span, c.MeanGross, c.MeanNet,
        ];
    }

    [Fact]
    public void A_fall_that_lasts_until_the_end_counts_to_the_end()
    {
        EquityCurve curve = new();
        curve.Pay(0, 1000);
        curve.Mark(1, 1000, 0, 0);
        curve.Mark(2, 999, 0, 0);
        curve.Finish(3 * Second);
        Assert.Equal((3 * Second) - 1, curve.LongestDrawdown);
    }

    [Fact]
    public void Payments_move_equity_but_neither_profit_nor_drawdown()
    {
        EquityCurve curve = new();
        curve.Pay(0, 1000);
        curve.Mark(0, 1000, 0, 0);
        curve.Mark(1, 1050, 0, 0);
        curve.Pay(2, -500);
        curve.Mark(2, 550, 0, 0);
        curve.Mark(3, 540, 0, 0);
        curve.Finish(4);
        Assert.Equal(40, curve.Profit);
        Assert.Equal(10, curve.MaxDrawdown);

        // Ten of the 550 that the peak has left: 18,182 ppm.
        Assert.Equal(18_182, curve.MaxDrawdownPpm);
        DayResult day = Assert.Single(curve.Days);
        Assert.Equal(new DayResult(0, 500, 40), day);
    }

    [Fact]
    public void Exposure_is_weighted_by_the_time_that_it_was_held()
    {
        EquityCurve curve = new();
        curve.Pay(0, 1000);
        curve.Mark(0, 1000, 0, 0);
        curve.Mark(2 * Second, 1000, 600, -600);
        curve.Mark(6 * Second, 1000, 0, 0);
        curve.Finish(8 * Second);

        // 600 for 4 of 8 seconds.
        Assert.Equal(300, curve.MeanGross);
        Assert.Equal(-300, curve.MeanNet);
        Assert.Equal(600, curve.MaxGross);
        Assert.Equal(600_000, curve.MaxLeveragePpm);
        Assert.Equal(4 * Second, curve.TimeInMarket);
        Assert.Equal(8 * Second, curve.Span);
    }

    [Fact]
    public void Days_without_a_mark_are_days_without_a_return()
    {
        EquityCurve curve = new();
        curve.Pay(EquityCurve.Day / 2, 1000);
        curve.Mark(EquityCurve.Day / 2, 1010, 0, 0);

        // A weekend later it is worth 30 less: that is Monday's loss.
        curve.Mark((3 * EquityCurve.Day) + 5, 980, 0, 0);
        curve.Finish((3 * EquityCurve.Day) + 6);
        Assert.Equal(
            [new DayResult(0, 1000, 10), new DayResult(1, 1010, 0), new DayResult(2, 1010, 0), new DayResult(3, 1010, -30)],
            curve.Days);
    }

    [Fact]
    public void Negative_equity_leaves_ratios_of_it_without_a_value()
    {
        EquityCurve curve = new();
        curve.Pay(0, 100);
        curve.Mark(0, 100, 50, 50);
        Assert.Equal(500_000, curve.MaxLeveragePpm);
        curve.Mark(1, -50, 50, 50);
        curve.Finish(2);
        Assert.Equal(150, curve.MaxDrawdown);
        Assert.Equal(1_500_000, curve.MaxDrawdownPpm);
        Assert.Null(curve.MaxLeveragePpm);
        Assert.Equal(-50, curve.LowestEquity);
    }

    [Fact]
    public void Nothing_paid_in_has_no_drawdown_in_parts_of_it()
    {
        EquityCurve curve = new();
        curve.Mark(0, 0, 0, 0);
        curve.Mark(1, -5, 0, 0);
        curve.Finish(2);
        Assert.Equal(5, curve.MaxDrawdown);
        Assert.Null(curve.MaxDrawdownPpm);
    }

    [Fact]
    public void The_points_keep_the_deepest_fall_of_their_interval_and_stay_few()
    {
        EquityCurve curve = new();
        curve.Pay(0, 1_000_000);
        const int Marks = 100_000;
        for (int i = 0; i < Marks; i++)
        {
            curve.Mark(i * Second, 1_000_000 - (i == 54_321 ? 777 : 0), 0, 0);
        }

        curve.Finish(Marks * Second);
        EquityPoint[] points = [.. curve.Series.Points];
        Assert.InRange(points.Length, EquityCurve.Points / 2, EquityCurve.Points);
        Assert.Equal(777, points.Max(p => p.Drawdown));
        Assert.Equal(1, points.Count(p => p.Drawdown != 0));
        Assert.True(points.Zip(points.Skip(1)).All(pair => pair.First.At < pair.Second.At), "points out of order");
    }

    [Fact]
    public void Days_are_bounded()
    {
        EquityCurve curve = new();
        curve.Pay(0, 1);
        curve.Mark((EquityCurve.DaysMax + 7L) * (EquityCurve.Day / 8), 1, 0, 0);
        Assert.False(curve.HasLostDays);
        curve.Mark((EquityCurve.DaysMax + 2L) * EquityCurve.Day, 1, 0, 0);
        curve.Finish((EquityCurve.DaysMax + 3L) * EquityCurve.Day);
        Assert.True(curve.HasLostDays);
        Assert.Equal(EquityCurve.DaysMax, curve.Days.Count);
        Assert.Empty(Ratios.Returns(curve, out string reason));
        Assert.Equal(Ratios.TooManyDays, reason);
    }
}
