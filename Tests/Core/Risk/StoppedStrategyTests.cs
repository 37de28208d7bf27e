using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>An operator stops one strategy: it leaves everything and stays out, and the others do not notice.</summary>
public sealed class StoppedStrategyTests
{
    private static readonly StrategyId First = new(1);

    [Fact]
    public void One_strategy_is_taken_out_and_kept_out_and_the_other_goes_on()
    {
        Rig rig = Both();
        rig.Operator(OperatorVerb.StopStrategy, 1);
        Assert.True(rig.Pipeline.Risk.IsStopped(First));
        Assert.Equal(IntentCause.Stopped, rig.Intents.Single(i => i.Target != i.LanePosition).Cause);
        Command exit = rig.Commands.Single();
        Assert.Equal((Side.Sell, 10L, OrderFlags.ReduceOnly), (exit.Side, exit.Quantity, exit.Flags));
        rig.Outcome(exit.Order, CommandVerb.New, Outcome.Sent);
        rig.Fill(exit.Order, Side.Sell, 10, 9_999, 3);
        Assert.Equal((0L, 20L), (rig.Virtual(1), rig.Virtual(2)));

        // Whatever it says counts for nothing, also later; what the other one says counts.
        rig.Target(1, 7);
        Assert.Equal(SuppressionReason.TakenOut, rig.Suppressions.Single().Reason);
        Assert.Equal((long)IntentCause.Stopped, rig.Suppressions.Single().Detail);
        rig.Tick(3_600 * Rig.Second);
        rig.Quote(1, 9_999, 10_001);
        Assert.Empty(rig.Commands);
        rig.Target(2, 25);
        Assert.Equal((Side.Buy, 5L), (rig.Commands.Single().Side, rig.Commands.Single().Quantity));
        Assert.Equal(LowLatency.Core.Risk.TradingState.Active, rig.Pipeline.Risk.State);
    }

    [Fact]
    public void It_is_let_in_again_by_an_operator_alone_and_with_a_new_wish()
    {
        Rig rig = Both();
        rig.Operator(OperatorVerb.StopStrategy, 1);
        OrderId exit = rig.Commands.Single().Order;
        rig.Outcome(exit, CommandVerb.New, Outcome.Sent);
        rig.Fill(exit, Side.Sell, 10, 9_999, 3);
        foreach (OperatorVerb verb in (OperatorVerb[])[OperatorVerb.Activate, OperatorVerb.ResetBreakers, OperatorVerb.ReleaseKill])
        {
            rig.Operator(verb);
            rig.Target(1, 3);
            rig.Target(1, 4);
            Assert.Empty(rig.Commands);
        }

        rig.Operator(OperatorVerb.StartStrategy, 1);
        rig.Quote(1, 9_999, 10_001);
        rig.Target(1, 5);
        rig.Quote(1, 9_999, 10_001);
        Assert.Equal(5, rig.Pipeline.Arbitration.Desired(First, new InstrumentId(1)));
    }

    [Fact]
    public void Its_quotes_are_cancelled_and_an_instrument_that_comes_later_is_closed_to_it_too()
    {
        Rig rig = new Rig(new RigSettings { Instruments = 1 }).Begin();
        rig.Quotes(1, 9_990, 5, 10_010, 5);
        foreach (Command quote in rig.Commands.ToArray())
        {
            rig.Outcome(quote.Order, CommandVerb.New, Outcome.Sent);
            rig.Report(quote.Order, OrderStatus.Accepted, quote.Quantity, quote.Price);
        }

        rig.Operator(OperatorVerb.StopStrategy, 1);
        Assert.Equal(2, rig.Commands.Count(command => command.Verb == CommandVerb.Cancel));
        rig.Define(2);
        Assert.True(rig.Pipeline.Arbitration.Muted.Has(First, new InstrumentId(2)));
        Assert.False(rig.Pipeline.Arbitration.Muted.Has(new StrategyId(2), new InstrumentId(2)));
    }

    [Fact]
    public void It_is_state()
    {
        Rig rig = Both();
        rig.Operator(OperatorVerb.StopStrategy, 1);
        DecisionPipeline restored = new Rig(rig.Settings).Pipeline;
        RestoringVisitor.Restore(restored, SavingVisitor.Save(rig.Pipeline));
        Assert.True(restored.Risk.IsStopped(First));
        Assert.False(restored.Risk.IsStopped(new StrategyId(2)));
    }

    /// <summary>Strategy 1 holds 10 and strategy 2 holds 20.</summary>
    private static Rig Both()
    {
        Rig rig = new Rig().Begin();
        for (int strategy = 1; strategy <= 2; strategy++)
        {
            rig.Target(strategy, 10 * strategy);
            OrderId order = rig.Commands.Single().Order;
            rig.Outcome(order, CommandVerb.New, Outcome.Sent);
            rig.Fill(order, Side.Buy, 10 * strategy, 10_001, (ulong)strategy);
        }

        Assert.Equal((10L, 20L), (rig.Virtual(1), rig.Virtual(2)));
        return rig;
    }
}
