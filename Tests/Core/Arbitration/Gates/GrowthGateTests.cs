using System.Linq;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Arbitration.Gates;

/// <summary>
/// A strategy that starts small: 1,000 at first, 500 more after every two trades that won in sum, 2,200 at most. A piece is worth
/// 100 at the middle of the market.
/// </summary>
public sealed class GrowthGateTests
{
    private const long Dollar = 100 * Rig.MoneyPerCent;
    private static readonly StrategyId First = new(1);
    private static readonly InstrumentId Instrument = new(1);

    private ulong _execution;

    [Fact]
    public void It_starts_small_grows_when_it_wins_and_starts_again_when_it_does_not()
    {
        Rig rig = New();
        Assert.Equal(10, Wish(rig, 100));
        Trade(rig, 10_001, 10_100);
        Assert.Equal(10, Wish(rig, 100));
        Trade(rig, 10_001, 10_100);

        // Two trades that won: 1,500; then 2,000; then the most.
        Assert.Equal(15, Wish(rig, 100));
        Trade(rig, 10_001, 10_100);
        Trade(rig, 10_001, 10_100);
        Assert.Equal(20, Wish(rig, 100));
        Trade(rig, 10_001, 10_100);
        Trade(rig, 10_001, 10_100);
        Assert.Equal(22, Wish(rig, 100));

        // One that won a little and one that lost much: from the beginning.
        Trade(rig, 10_001, 10_002);
        Trade(rig, 10_001, 9_000);
        Assert.Equal(10, Wish(rig, 100));
        Assert.Equal(-10, Wish(rig, -100));
        Assert.Equal(7, Wish(rig, 7));
    }

    [Fact]
    public void What_is_beyond_is_recorded_and_another_strategy_has_its_size()
    {
        Rig rig = New();
        rig.Target(1, 100);
        Assert.Equal(
            (SuppressionReason.Growth, 100L, 10L),
            (rig.Suppressions.Single().Reason, rig.Suppressions.Single().Target, rig.Suppressions.Single().Detail));
        rig.Target(2, 100);
        Assert.Empty(rig.Suppressions);
        Assert.Equal(110, rig.Pipeline.Arbitration.Desired(First, Instrument) + rig.Pipeline.Arbitration.Desired(new StrategyId(2), Instrument));
    }

    [Fact]
    public void A_price_that_moves_does_not_move_the_size_and_what_is_held_is_never_cut_back()
    {
        Rig rig = New();
        rig.Target(1, 100);
        Fill(rig, 10_001);
        Assert.Equal(10, rig.Virtual(1));

        // At twice the price the ten are worth twice the size: they stay, and so does the size until a wish is taken.
        rig.Quote(1, 19_999, 20_001);
        rig.Tick(Rig.Second);
        Assert.Empty(rig.Commands);
        rig.Target(1, 90);
        Assert.Equal(10, rig.Pipeline.Arbitration.Desired(First, Instrument));
        rig.Quote(1, 4_999, 5_001);
        rig.Tick(Rig.Second);
        Assert.Empty(rig.Commands);
        Assert.Equal(20, Wish(rig, 80));
    }

    [Fact]
    public void Quotes_do_not_lead_beyond_the_size()
    {
        Rig rig = New();
        rig.Quotes(1, 9_990, 50, 10_010, 4);
        Intent quotes = rig.Intents.Single(intent => intent.Kind == IntentKind.Quotes);
        Assert.Equal((10L, 4L), (quotes.BidQuantity, quotes.AskQuantity));
        Assert.Equal(SuppressionReason.Growth, rig.Suppressions.Single().Reason);
    }

    [Fact]
    public void Without_a_price_there_is_no_size_and_the_first_price_tells_it()
    {
        Rig rig = new(Settings());
        rig.Publish(new EpochStarted { Epoch = 1, Instance = 1, Venue = VenueKind.Simulated });
        rig.Publish(new CashMoved { Currency = Currency8.Of("USD"), Amount = 1_000_000 * Dollar });
        rig.Define(1);
        rig.Target(1, 100);
        Assert.Equal(0, rig.Pipeline.Arbitration.Desired(First, Instrument));
        rig.Quote(1, 9_999, 10_001);
        rig.Target(2, 1);
        Assert.Equal(10, rig.Pipeline.Arbitration.Desired(First, Instrument));
    }

    [Fact]
    public void Growth_is_state()
    {
        Rig rig = New();
        for (int i = 0; i < 3; i++)
        {
            Wish(rig, 100);
            Trade(rig, 10_001, 10_100);
        }

        DecisionPipeline restored = new Rig(rig.Settings).Pipeline;
        RestoringVisitor.Restore(restored, SavingVisitor.Save(rig.Pipeline));
        Assert.Equal(SavingVisitor.Save(rig.Pipeline), SavingVisitor.Save(restored));
        Assert.Equal(15, Wish(rig, 99));
    }

    private static RigSettings Settings() => new()
    {
        Gates = new GateSettings { Growth = [new GrowthRule(1_000 * Dollar, 500 * Dollar, 2_200 * Dollar, 2)] },
    };

    private static Rig New() => new Rig(Settings()).Begin();

    /// <summary>What counts of a wish of strategy 1; nothing of it is sent on.</summary>
    private static long Wish(Rig rig, long target)
    {
        rig.Operator(OperatorVerb.Halt);
        rig.Target(1, target);
        long desired = rig.Pipeline.Arbitration.Desired(First, Instrument);
        rig.Say((1, context => context.SetFlat(Instrument)));
        rig.Operator(OperatorVerb.Activate);
        return desired;
    }

    /// <summary>A trade of one piece from flat to flat.</summary>
    private void Trade(Rig rig, long bought, long sold)
    {
        rig.Target(1, 1);
        Fill(rig, bought);
        rig.Say((1, context => context.SetFlat(Instrument)));
        Fill(rig, sold);
        Assert.Equal(0, rig.Virtual(1));
    }

    private void Fill(Rig rig, long price)
    {
        Command command = rig.Commands.Single();
        rig.Outcome(command.Order, CommandVerb.New, Outcome.Sent);
        rig.Fill(command.Order, command.Side, command.Quantity, price, ++_execution);
    }
}
