using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>Where a stop is required nobody adds without one, and a position that loses its stop is told and closed.</summary>
public sealed class StopRequiredTests
{
    private static readonly StrategyId First = new(1);
    private static readonly InstrumentId Instrument = new(1);

    [Theory]
    [InlineData(0, 0, 0, 0, false)]
    [InlineData(50, 0, 0, 0, true)]
    [InlineData(0, 50, 0, 0, true)]
    [InlineData(0, 0, 50, 0, true)]
    [InlineData(0, 0, 0, 50, false)]
    public void Check_32_a_rule_that_bounds_the_loss_is_a_stop_and_a_target_is_none(
        int stop, int trailing, long maxLoss, int target, bool passes)
    {
        RiskBench bench = new(Settings(new ExitRule { StopLossBps = stop, TrailingBps = trailing, MaxLoss = maxLoss, TakeProfitBps = target }));
        Intent intent = RiskBench.Target(0, 20, 10_000);
        intent.AddContributor(First);
        Verdict verdict = bench.Rule(intent)[0];
        Assert.Equal(
            passes ? (20L, RiskReason.None) : (0L, RiskReason.NoStop), (verdict.ApprovedDelta, verdict.Reason));

        // The second one has none: together they may not add.
        intent.AddContributor(new StrategyId(2));
        Assert.Equal(RiskReason.NoStop, bench.Rule(intent)[0].Reason);
    }

    [Fact]
    public void Check_32_what_only_reduces_passes_and_without_the_rule_everything_does()
    {
        RiskBench bench = new(Settings());
        bench.Hold(40);
        Intent intent = RiskBench.Target(40, -60, 10_000);
        intent.AddContributor(First);
        Verdict verdict = bench.Rule(intent)[0];
        Assert.Equal((-40L, RiskReason.NoStop), (verdict.ApprovedDelta, verdict.Reason));

        RiskBench free = new(RigSettings.Wide());
        Intent any = RiskBench.Target(0, 60, 10_000);
        any.AddContributor(First);
        Assert.Equal(60, free.Rule(any)[0].ApprovedDelta);
    }

    [Fact]
    public void Check_32_a_stop_of_the_wish_counts_on_the_right_side_of_the_price()
    {
        Rig rig = new Rig(new RigSettings { Risk = Settings() }).Begin();
        rig.Target(1, 10);
        Assert.Equal(RiskReason.NoStop, rig.Verdicts[0].Reason);
        rig.Target(1, 11, bracket: new Bracket(TakePrice: 11_000));
        Assert.Equal(RiskReason.NoStop, rig.Verdicts[0].Reason);
        rig.Target(1, 12, bracket: new Bracket(StopPrice: 10_500));
        Assert.Equal(RiskReason.NoStop, rig.Verdicts[0].Reason);
        rig.Target(1, 13, bracket: new Bracket(StopPrice: 9_900));
        Assert.Equal(Ruling.Approved, rig.Verdicts[0].Ruling);
    }

    [Fact]
    public void A_position_that_loses_its_stop_is_counted_at_once_and_closed_after_its_time()
    {
        Rig rig = new Rig(new RigSettings { Risk = Settings(closeAfter: 2 * Rig.Second) }).Begin();
        rig.Target(1, 10, bracket: new Bracket(StopPrice: 9_900));
        OrderId order = rig.Commands[0].Order;
        rig.Outcome(order, CommandVerb.New, Outcome.Sent);
        rig.Fill(order, Side.Buy, 10, 10_001, 1);
        Assert.Equal(0, rig.Pipeline.Risk.Unprotected);

        // The same wish without its stop: nobody sends anything, and the position is open to any loss.
        rig.Target(1, 10);
        rig.Quote(1, 9_999, 10_001);
        Assert.Equal(1, rig.Pipeline.Risk.Unprotected);
        Assert.True(rig.Pipeline.Risk.IsUnprotected(First, Instrument));
        rig.Tick(2 * Rig.Second - 1);
        rig.Quote(1, 9_999, 10_001);
        Assert.Empty(rig.Commands);
        rig.Tick(1);
        Assert.Equal(IntentCause.NoStop, rig.Intents.Single().Cause);
        Assert.Equal((Side.Sell, 10L), (rig.Commands.Single().Side, rig.Commands.Single().Quantity));
        Assert.Equal(1, rig.Pipeline.Risk.Unprotected);
    }

    [Fact]
    public void A_stop_that_comes_back_ends_the_alarm_and_a_flat_strategy_has_none()
    {
        Rig rig = new Rig(new RigSettings { Risk = Settings() }).Begin();
        rig.Target(1, 10, bracket: new Bracket(StopPrice: 9_900));
        OrderId order = rig.Commands[0].Order;
        rig.Outcome(order, CommandVerb.New, Outcome.Sent);
        rig.Fill(order, Side.Buy, 10, 10_001, 1);
        rig.Target(1, 10);
        rig.Quote(1, 9_999, 10_001);
        rig.Target(1, 10, bracket: new Bracket(StopBps: 80));
        rig.Quote(1, 9_999, 10_001);
        Assert.False(rig.Pipeline.Risk.IsUnprotected(First, Instrument));
        rig.Target(1, 10);
        rig.Quote(1, 9_999, 10_001);
        Assert.True(rig.Pipeline.Risk.IsUnprotected(First, Instrument));
        rig.Say((1, context => context.SetFlat(Instrument)));
        rig.Outcome(rig.Live(Side.Sell), CommandVerb.New, Outcome.Sent);
        rig.Fill(rig.Live(Side.Sell), Side.Sell, 10, 9_999, 2);
        Assert.False(rig.Pipeline.Risk.IsUnprotected(First, Instrument));
        Assert.Equal(2, rig.Pipeline.Risk.Unprotected);
    }

    private static RiskSettings Settings(ExitRule? rule = null, long closeAfter = 0) => RigSettings.Wide() with
    {
        Default = RigSettings.Wide().Default with { RequiresStop = true, CloseUnprotectedAfter = closeAfter },
        Exits = [rule],
    };
}
