using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>What one trade may lose, at the limit and one unit beyond it.</summary>
public sealed class TradeLossCheckTests
{
    private const long Worth = RiskBench.CentPiece;

    // A piece costs 100.00; its stop 1 % below loses 1.00 of it.
    [Theory]
    [InlineData(100, 100, RiskReason.None)]
    [InlineData(110, 100, RiskReason.TradeLoss)]
    public void Check_26_size_times_the_way_to_the_stop_stays_within_the_loss(long delta, long approved, RiskReason reason)
    {
        RiskBench bench = new(Settings(100 * 100 * Worth));
        Verdict verdict = Ask(bench, delta, strategy: 1);
        Assert.Equal((approved, reason), (verdict.ApprovedDelta, verdict.Reason));
        Assert.Equal(reason == RiskReason.None ? (0, 0) : (110 * 100 * Worth, 100 * 100 * Worth), (verdict.Observed, verdict.Limit));
        RiskBench less = new(Settings((100 * 100 * Worth) - 1));
        Assert.Equal(90, Ask(less, 100, strategy: 1).ApprovedDelta);
    }

    // 1 % of strategy 1 (the nearer of two stops), 2 % of strategy 2, 10 % for 3, which has none; a target is no stop.
    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 50)]
    [InlineData(3, 10)]
    [InlineData(4, 10)]
    public void Check_26_without_a_stop_the_worst_move_counts(int strategy, long approved)
    {
        RiskBench bench = new(Settings(100 * 100 * Worth));
        Assert.Equal(approved, Ask(bench, 1_000, strategy).ApprovedDelta);
        Assert.Equal(-approved, Ask(bench, -1_000, strategy).ApprovedDelta);
    }

    [Fact]
    public void Check_26_the_farthest_stop_of_all_who_take_part_counts()
    {
        RiskBench bench = new(Settings(100 * 100 * Worth));
        Intent both = RiskBench.Target(0, 1_000, 10_000);
        both.Contributors = 0b11;
        Assert.Equal(50, bench.Rule(both)[0].ApprovedDelta);

        // Nobody's order: as without a stop.
        both.Contributors = 0;
        Assert.Equal(10, bench.Rule(both)[0].ApprovedDelta);
    }

    [Fact]
    public void Check_26_a_position_is_one_trade_however_many_orders_build_it()
    {
        RiskBench bench = new(Settings(100 * 100 * Worth, worstMoveBps: 100));
        bench.Hold(40);
        bench.Live(2, Side.Buy, 30);
        Assert.Equal((30, RiskReason.None), Result(Ask(bench, 30, strategy: 1)));
        Assert.Equal((30, RiskReason.TradeLoss), Result(Ask(bench, 40, strategy: 1)));

        // What reduces passes, and turns the position as far as the other side may lose.
        Assert.Equal((-40, RiskReason.None), Result(Ask(bench, -40, strategy: 1)));
        Assert.Equal((-140, RiskReason.TradeLoss), Result(Ask(bench, -150, strategy: 1)));
    }

    [Fact]
    public void Check_26_the_order_at_its_cut_size_stands_and_is_not_refused_by_the_rate()
    {
        RiskBench bench = new(Settings(100 * 100 * Worth) with { MaxOrdersPerWindow = 1 });
        bench.Sent(Side.Buy, 10, 9_000);
        bench.Live(0, Side.Buy, 100, 10_000);
        Assert.Equal((100, RiskReason.TradeLoss), Result(Ask(bench, 150, strategy: 1)));
    }

    [Fact]
    public void A_reducing_order_cut_to_the_largest_size_stands_and_is_not_refused_by_the_rate()
    {
        RiskSettings wide = RigSettings.Wide();
        RiskBench bench = new(wide with
        {
            Default = wide.Default with { MaxOrderQuantityE9 = 30 * Rig.Piece },
            MaxOrdersPerWindow = 1,
        });
        bench.Hold(100);
        bench.Live(0, Side.Sell, 30, 10_000);

        // The one order that the window allows is left for another lane that adds.
        Verdict[] verdicts = bench.Rule(RiskBench.Target(100, -100, 10_000), RiskBench.Quotes(1, 9_990, 20, 0, 0));
        Assert.Equal((-30, 20), (verdicts[0].ApprovedDelta, verdicts[1].ApprovedBid));
    }

    [Fact]
    public void Check_26_quotes_count_the_stops_of_their_owner()
    {
        RiskBench bench = new(Settings(100 * 100 * Worth));
        Intent quotes = RiskBench.Quotes(2, 10_000, 60, 10_010, 40);
        quotes.Contributors = 0b10;
        Verdict verdict = bench.Rule(quotes)[0];
        Assert.Equal((50, 40, RiskReason.TradeLoss), (verdict.ApprovedBid, verdict.ApprovedAsk, verdict.Reason));
    }

    [Fact]
    public void Check_26_a_lot_that_could_lose_one_unit_too_many_is_too_many()
    {
        // 1 bp of 10 pieces at 0.01 is 0.00001: a thousand units.
        RiskBench bench = new(Settings(999, worstMoveBps: 1));
        bench.Quote(1, 1, 1);
        Assert.Equal(0, bench.Ask(10, limit: 1).ApprovedDelta);
        RiskBench whole = new(Settings(1_000, worstMoveBps: 1));
        whole.Quote(1, 1, 1);
        Assert.Equal(10, whole.Ask(10, limit: 1).ApprovedDelta);
    }

    // The worst move is 10 %; a wish's own stop is nearer, unless it lies where nothing could be lost.
    [Theory]
    [InlineData(0, 200, 50)]
    [InlineData(9_800, 0, 50)]
    [InlineData(9_800, 500, 50)]
    [InlineData(9_500, 200, 50)]
    [InlineData(10_500, 0, 10)]
    [InlineData(0, 0, 10)]
    public void Check_26_the_stop_of_the_wish_counts_when_it_is_nearer(long stopPrice, int stopBps, long approved)
    {
        RiskSettings settings = Settings(100 * 100 * Worth) with { Exits = [] };
        Rig rig = new Rig(new RigSettings { Risk = settings }).Begin();
        rig.Say((1, context => context.SetTargetWithLimit(
            new InstrumentId(1), 1_000, 10_000, bracket: new Bracket(StopPrice: stopPrice, StopBps: (ushort)stopBps))));
        Assert.Equal((approved, RiskReason.TradeLoss), Result(Assert.Single(rig.Verdicts)));
    }

    // Sold at 99.00 at worst, stopped at 102.00: three of each piece, not the two from the market's price.
    [Theory]
    [InlineData(10_000, 50)]
    [InlineData(9_900, 33)]
    public void Check_26_a_sale_is_counted_from_the_lowest_price_that_it_may_have(long limit, long approved)
    {
        RiskSettings settings = Settings(100 * 100 * Worth) with { Exits = [] };
        Rig rig = new Rig(new RigSettings { Risk = settings }).Begin();
        rig.Say((1, context => context.SetTargetWithLimit(
            new InstrumentId(1), -1_000, limit, bracket: new Bracket(StopPrice: 10_200))));
        Assert.Equal((-approved, RiskReason.TradeLoss), Result(Assert.Single(rig.Verdicts)));
    }

    private static (long Approved, RiskReason Reason) Result(in Verdict verdict) => (verdict.ApprovedDelta, verdict.Reason);

    private static Verdict Ask(RiskBench bench, long delta, int strategy)
    {
        Intent intent = RiskBench.Target(bench.Portfolio.VenuePosition(new InstrumentId(1)), delta, 10_000);
        intent.Contributors = (ushort)(1 << (strategy - 1));
        return bench.Rule(intent).Single();
    }

    private static RiskSettings Settings(long most, int worstMoveBps = 1_000) => RigSettings.Wide() with
    {
        Default = RigSettings.Wide().Default with { MaxTradeLoss = most, WorstMoveBps = worstMoveBps },
        Exits =
        [
            new ExitRule { StopLossBps = 300, TrailingBps = 100 },
            new ExitRule { StopLossBps = 200 },
            new ExitRule { TakeProfitBps = 50 },
        ],
    };
}
