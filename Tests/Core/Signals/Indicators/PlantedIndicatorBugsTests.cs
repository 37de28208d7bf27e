using System;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Indicators;

/// <summary>Mistakes that are easily made, and that the checks of the indicators find.</summary>
public sealed class PlantedIndicatorBugsTests
{
    [Fact]
    public void A_window_that_is_one_bar_too_long_is_found() =>
        Finds(new IndicatorCase("off by one", () => new Sma(6), bars => [Naive.Mean(Naive.Prices(bars), 5)]));

    [Fact]
    public void Ready_one_bar_too_early_is_found() => Finds(Broken("early", Flaw.ReadyEarly));

    [Fact]
    public void A_declared_warm_up_that_is_one_bar_too_long_is_found() => Finds(Broken("late", Flaw.WarmUpTooLong));

    [Fact]
    public void The_bar_that_leaves_the_window_and_is_not_subtracted_is_found() =>
        Finds(Broken("stale", Flaw.NothingLeaves));

    [Fact]
    public void The_deviation_of_a_sample_instead_of_the_population_is_found() =>
        Finds(new IndicatorCase(
            "sample", () => new Bollinger(6, 2.0), bars => Naive.Bollinger(Naive.Prices(bars), 6, 2.0, less: 1)));

    [Fact]
    public void A_plain_exponential_average_instead_of_Wilders_is_found() =>
        Finds(new IndicatorCase(
            "simple", () => new Atr(5), bars => [Naive.Last(Naive.Emas(Naive.TrueRanges(bars), 5))]));

    [Fact]
    public void A_true_range_that_forgets_the_close_before_is_found() =>
        Finds(new IndicatorCase(
            "range",
            () => new Atr(5),
            bars => [Naive.Last(Naive.Wilders([.. bars.Skip(1).Select(bar => (double)(bar.High - bar.Low))], 5))]));

    [Fact]
    public void A_weight_that_does_not_move_on_is_found() => Finds(Broken("weight", Flaw.SumOfOneBar));

    [Fact]
    public void A_field_that_is_not_visited_is_found()
    {
        IndicatorCase broken = Broken("unvisited", Flaw.NotVisited);

        Assert.Null(broken.Compare(BarPaths.Walk(1, 100)));
        Assert.NotNull(broken.Restore(BarPaths.Walk(1, 100), 50));
    }

    [Fact]
    public void An_update_that_allocates_is_noticed()
    {
        BrokenAverage indicator = new(5, Flaw.Allocates);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (Bar bar in BarPaths.Walk(2, 50))
        {
            indicator.Update(bar);
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before > 50 * 24);
        Assert.Equal(24, indicator.Wasted);
    }

    [Fact]
    public void A_number_that_is_not_finite_stops_the_engine() =>
        Assert.Throws<BrokenInvariantException>(() => new BrokenAverage(5, Flaw.DividesByZero).Update(BarPaths.Of(0, 9, 9, 9, 9)));

    [Fact]
    public void Running_sums_in_floating_point_would_drift()
    {
        // Why sums are whole numbers: the same window after a long history is not the same double.
        Bar[] bars = BarPaths.Walk(11, 100_000, 1L << 48, 1 << 29);
        double sum = 0;
        for (int i = 0; i < bars.Length; i++)
        {
            sum += bars[i].Close / 3.0;
            sum -= i >= 5 ? bars[i - 5].Close / 3.0 : 0;
        }

        Assert.NotEqual(bars[^5..].Sum(bar => bar.Close / 3.0), sum);
    }

    private static void Finds(IndicatorCase broken)
    {
        Assert.NotNull(broken.Compare(BarPaths.Walk(1, 100)));
        PropertyCheck.Finds(BarPaths.Small(), bars => broken.Compare(bars) is null, 500);
    }

    private static IndicatorCase Broken(string name, Flaw flaw) =>
        new(name, () => new BrokenAverage(5, flaw), bars => [Naive.Mean(Naive.Prices(bars), 5)]);

    private enum Flaw
    {
        ReadyEarly,
        WarmUpTooLong,
        NothingLeaves,
        SumOfOneBar,
        NotVisited,
        Allocates,
        DividesByZero,
    }

    /// <summary>A simple average that is right but for one flaw.</summary>
    private sealed class BrokenAverage(int period, Flaw flaw)
        : BarIndicator(Sma.Declared, flaw == Flaw.WarmUpTooLong ? period + 1 : period)
    {
        private readonly long[] _window = new long[period];
        private long _sum;
        private int _count;
        private byte[] _waste = [];

        internal int Wasted => _waste.Length;

        protected override void Add(in Bar bar)
        {
            if (flaw == Flaw.Allocates)
            {
                _waste = new byte[24];
            }

            _sum += bar.Close - (flaw == Flaw.NothingLeaves ? 0 : _window[_count % period]);
            _window[_count % period] = bar.Close;
            _count++;
            if (_count >= (flaw == Flaw.ReadyEarly ? period - 1 : period) || flaw == Flaw.DividesByZero)
            {
                Set(0, flaw == Flaw.SumOfOneBar ? bar.Close : (double)_sum / (flaw == Flaw.DividesByZero ? 0 : period));
            }
        }

        protected override void VisitState(StateVisitor visitor)
        {
            base.VisitState(visitor);
            visitor.Visit<long>(_window);
            visitor.Visit(ref _count);
            if (flaw != Flaw.NotVisited)
            {
                visitor.Visit(ref _sum);
            }
        }
    }
}
