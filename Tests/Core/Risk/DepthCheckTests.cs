using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>
/// Orders against what is shown. The book: asks 100 at 10,005, 100 at 10,010, 200 at 10,020; bids mirrored at 9,995, 9,990, 9,980.
/// </summary>
public sealed class DepthCheckTests
{
    // A fifth of what is shown up to the price: 100, 200, 400; below the touch nothing is taken.
    [Theory]
    [InlineData(10_005, 20, 20, RiskReason.None)]
    [InlineData(10_005, 30, 20, RiskReason.VisibleDepth)]
    [InlineData(10_010, 50, 40, RiskReason.VisibleDepth)]
    [InlineData(10_020, 90, 80, RiskReason.VisibleDepth)]
    [InlineData(10_004, 90, 90, RiskReason.None)]
    public void Check_33_an_order_that_takes_is_a_share_of_what_is_shown(long limit, long wanted, long granted, RiskReason reason)
    {
        RiskBench bench = Bench(depthPpm: 200_000);
        Verdict buy = bench.Ask(wanted, limit);
        Assert.Equal((granted, reason), (buy.ApprovedDelta, buy.Reason));
        Verdict sell = bench.Ask(-wanted, 20_000 - limit);
        Assert.Equal((-granted, reason), (sell.ApprovedDelta, sell.Reason));
    }

    [Fact]
    public void Check_33_what_only_reduces_passes_and_where_nothing_is_shown_nothing_else_does()
    {
        RiskBench bench = Bench(depthPpm: 200_000);
        bench.Hold(300);
        Assert.Equal(-300, bench.Ask(-300, 9_980).ApprovedDelta);
        Assert.Equal(-300, bench.Ask(-340, 9_980).ApprovedDelta);

        RiskBench prints = new(Settings(depthPpm: 200_000));
        prints.Apply(Make.Quote(1, prints.Now, 0, 0, 0, 0));
        prints.Apply(Make.Trade(1, prints.Now, 10_000));
        Verdict verdict = prints.Ask(10);
        Assert.Equal((0L, RiskReason.VisibleDepth), (verdict.ApprovedDelta, verdict.Reason));
    }

    [Fact]
    public void Check_33_a_quote_shows_its_own_size_alone()
    {
        // 10 are quoted at 10,005; the share of 2 is 20, which is two lots.
        RiskBench bench = new(Settings(depthPpm: 2_000_000));
        Assert.Equal(20, bench.Ask(30, 10_005).ApprovedDelta);
        Assert.Equal(30, bench.Ask(30, 10_004).ApprovedDelta);
    }

    // 5 bp of 10,005 are 5.0025 a piece. 100 + x at +5: 5x <= 5.0025 (100 + x) holds for all of 200 (2.5 a piece). Then at +15:
    // 500 + 15x <= 5.0025 (200 + x), x <= 500.5 / 9.9975 = 50.06. So 250; in lots of 10.
    [Theory]
    [InlineData(250, 250, RiskReason.None)]
    [InlineData(260, 250, RiskReason.Impact)]
    [InlineData(400, 250, RiskReason.Impact)]
    public void Check_34_the_mean_price_stays_near_the_touch(long wanted, long granted, RiskReason reason)
    {
        RiskBench bench = Bench(impactBps: 5);
        Verdict verdict = bench.Ask(wanted, 10_020);
        Assert.Equal((granted, reason), (verdict.ApprovedDelta, verdict.Reason));
        if (wanted == 400)
        {
            // 100 x 5 + 200 x 15 over 400 pieces are 8.75 of 10,005: 8.75 bp, rounded up.
            Assert.Equal((9L, 5L), (verdict.Observed, verdict.Limit));
        }
    }

    [Fact]
    public void Check_34_what_is_not_shown_counts_at_the_orders_price()
    {
        // A quote of 10 at 10,005; the rest at the limit of 10,020, 15 away: 15x <= 5.0025 (10 + x), x <= 5.004.
        RiskBench bench = new(Settings(impactBps: 5));
        Assert.Equal(10, bench.Ask(30, 10_020).ApprovedDelta);

        // At a limit 5 away all of it is near enough.
        Assert.Equal(30, bench.Ask(30, 10_010).ApprovedDelta);
    }

    [Fact]
    public void Without_a_bound_nothing_shown_binds()
    {
        RiskBench bench = Bench();
        Assert.Equal(10_000, bench.Ask(10_000, 10_020).ApprovedDelta);
        Assert.Equal(0UL, bench.Stage.ActiveChecks & ((1UL << 33) | (1UL << 34)));
        Assert.Equal(1UL << 33, Bench(depthPpm: 1).Stage.ActiveChecks & ((1UL << 33) | (1UL << 34)));
    }

    private static RiskSettings Settings(int depthPpm = 0, int impactBps = 0) => RigSettings.Wide() with
    {
        Default = RigSettings.Wide().Default with { MaxDepthPpm = depthPpm, MaxImpactBps = impactBps },
    };

    private static RiskBench Bench(int depthPpm = 0, int impactBps = 0)
    {
        RiskBench bench = new(Settings(depthPpm, impactBps));
        LevelPacker packer = new(8);
        foreach ((long away, long quantity) in ((long, long)[])[(5, 100), (10, 100), (20, 200)])
        {
            packer.TryAdd(Side.Buy, 10_000 - away, quantity);
            packer.TryAdd(Side.Sell, 10_000 + away, quantity);
        }

        packer.Complete(Make.Tick(bench.Now) with { Instrument = new InstrumentId(1) }, 1, 0, snapshot: true);
        Event part = default;
        while (packer.TryTake(ref part))
        {
            bench.Apply(part);
        }

        return bench;
    }
}
