using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>Correlations from bars: against a slow reckoning in floating point, and closed where they are not known.</summary>
public sealed class CorrelationEstimatorTests
{
    private const long Dollar = 100 * Rig.MoneyPerCent;
    private const int Bars = 20;
    private static readonly CorrelationEstimate Settings = new(
        [Symbol24.Of("SYM1"), Symbol24.Of("SYM2"), Symbol24.Of("SYM3")], Rig.Second, Bars, 60 * Rig.Second, 1_500 * Dollar);

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(-900)]
    [InlineData(1000)]
    public void An_estimate_is_that_of_weighted_means_in_floating_point(int common)
    {
        Random dice = new(common);
        CorrelationEstimator estimator = New();
        double[] price = [100_000, 50_000];
        (double Xx, double Yy, double Xy, int Count) mean = default;
        long[] last = [100_000, 50_000];
        for (int i = 0; i < 400; i++)
        {
            double together = dice.NextDouble() - 0.5;
            double share = Math.Abs(common) / 1000.0;
            price[0] *= 1 + (0.01 * together);
            price[1] *= 1 + (0.01 * ((Math.Sign(common) * share * together) + ((1 - share) * (dice.NextDouble() - 0.5))));
            long[] close = [(long)price[0], (long)price[1]];
            See(estimator, i, close[0], close[1]);
            if (i > 0)
            {
                double x = (close[0] - last[0]) / (double)last[0];
                double y = (close[1] - last[1]) / (double)last[1];
                double weight = Math.Min(++mean.Count, Bars);
                mean = (mean.Xx + (((x * x) - mean.Xx) / weight), mean.Yy + (((y * y) - mean.Yy) / weight), mean.Xy + (((x * y) - mean.Xy) / weight), mean.Count);
            }

            last = close;

            // The bars of a start are whole when the next one begins.
            See(estimator, i + 1, null, null, peek: true);
            bool known = estimator.TryPpm(0, 1, At(i + 1), out int ppm, out _);
            Assert.Equal(mean.Count >= Bars, known);
            if (known)
            {
                Assert.InRange(ppm - (1e6 * mean.Xy / Math.Sqrt(mean.Xx * mean.Yy)), -500, 500);
            }
        }
    }

    [Fact]
    public void A_hole_tells_no_move_and_an_old_estimate_is_none()
    {
        CorrelationEstimator estimator = New();
        for (int i = 0; i <= Bars; i++)
        {
            See(estimator, i, 1_000 + (i % 3), 2_000 + (i % 3));
        }

        // The bar that is missing would have been a crash of one and a jump of the other.
        See(estimator, Bars + 2, 500, 4_000);
        See(estimator, Bars + 3, 500, 4_000);
        Assert.True(estimator.TryPpm(0, 1, At(Bars + 3), out int ppm, out long age));
        Assert.InRange(ppm, 900_000, 1_000_000);
        Assert.Equal(2 * Rig.Second, age);
        Assert.True(estimator.TryPpm(1, 0, At(Bars + 1 + 60), out _, out _));
        Assert.False(estimator.TryPpm(0, 1, At(Bars + 1 + 60) + 1, out _, out _));
        Assert.False(estimator.TryPpm(0, 2, At(Bars + 1), out _, out _));
    }

    [Fact]
    public void The_estimate_is_state()
    {
        CorrelationEstimator estimator = New();
        CorrelationEstimator restored = New();
        for (int i = 0; i < 50; i++)
        {
            See(estimator, i, 1_000 + (i * 7 % 11), 2_000 + (i * 5 % 13));
        }

        RestoringVisitor.Restore(restored, SavingVisitor.Save(estimator));
        foreach (CorrelationEstimator each in (CorrelationEstimator[])[estimator, restored])
        {
            See(each, 50, 1_004, 2_003);
            See(each, 51, 1_003, 2_001);
        }

        Assert.Equal(SavingVisitor.Save(estimator), SavingVisitor.Save(restored));
    }

    /// <summary>
    /// 10 of SYM1 are 1,000 dollars and 10 of SYM2 too. The limit of 1,500 holds both where they move apart (root of two, 1,414) and
    /// not where they move together (2,000).
    /// </summary>
    [Theory]
    [InlineData("unknown", 0)]
    [InlineData("apart", 10)]
    [InlineData("together", 0)]
    [InlineData("old", 0)]
    public void An_order_beside_another_position_is_ruled_by_the_estimate_and_refused_without_one(string market, long granted)
    {
        Rig rig = Holding();
        for (int i = 0; market != "unknown" && i < 4 * Bars; i++)
        {
            rig.Now += Rig.Second;
            long up = i % 2 == 0 ? 10_010 : 10_000;
            Publish(rig, 1, up);
            Publish(rig, 2, market == "apart" ? (i / 2 % 2 == 0 ? 10_010 : 10_000) : up);
        }

        rig.Now += market == "old" ? 61 * Rig.Second : 0;
        rig.Quote(1, 9_999, 10_001);
        rig.Quote(2, 9_999, 10_001);
        rig.Target(1, 10, instrument: 2);
        Verdict verdict = rig.Verdicts.Last();
        Assert.Equal(granted, verdict.ApprovedDelta);
        Assert.Equal(granted == 0 ? RiskReason.Correlation : RiskReason.None, verdict.Reason);
        if (market == "old")
        {
            Assert.Equal(60 * Rig.Second, verdict.Limit);
        }

        // What only reduces passes whatever is known.
        rig.Target(1, 4, instrument: 1);
        Assert.Equal(-6, rig.Verdicts.Last(v => v.ApprovedDelta != 0).ApprovedDelta);
    }

    private static CorrelationEstimator New()
    {
        int[] rows = new int[Limits.Instruments + 1];
        Array.Fill(rows, -1);
        (rows[1], rows[2], rows[3]) = (0, 1, 2);
        return new CorrelationEstimator(Settings, rows);
    }

    private static long At(int bar) => (1_000 + bar) * Rig.Second;

    /// <summary>The bars of a second; a peek is a bar of the third instrument, which only says that the second before is over.</summary>
    private static void See(CorrelationEstimator estimator, int bar, long? first, long? second, bool peek = false)
    {
        List<ClosedBar> closed = [];
        foreach ((ushort instrument, long? close) in ((ushort, long?)[])[(1, first), (2, second), (3, peek ? 7 : null)])
        {
            if (close is { } price)
            {
                closed.Add(new ClosedBar
                {
                    Instrument = new InstrumentId(instrument),
                    Bar = new Bar { StartTime = At(bar), Timeframe = Rig.Second, Open = price, High = price, Low = price, Close = price },
                });
            }
        }

        estimator.See([.. closed]);
    }

    private static Rig Holding()
    {
        Rig rig = new Rig(new RigSettings
        {
            Instruments = 3,
            Timeframes = [Rig.Second],
            Risk = RigSettings.Wide() with { Estimated = Settings },
        }).Begin();
        rig.Target(1, 10);
        OrderId order = rig.Commands[0].Order;
        rig.Outcome(order, CommandVerb.New, Outcome.Sent);
        rig.Fill(order, Side.Buy, 10, 10_001, 1);
        Assert.Equal(10, rig.Position());
        return rig;
    }

    private static void Publish(Rig rig, int instrument, long close) => rig.Publish(
        new Bar
        {
            StartTime = rig.Now - Rig.Second,
            Timeframe = Rig.Second,
            Open = close,
            High = close,
            Low = close,
            Close = close,
            Volume = 1,
        },
        instrument);
}
