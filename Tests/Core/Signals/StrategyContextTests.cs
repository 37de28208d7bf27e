using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Signals;

public sealed class StrategyContextTests
{
    private static readonly InstrumentId X = new(1);

    [Fact]
    public void What_stands_is_not_stated_again()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10);
        Assert.Single(rig.Signals);
        rig.Target(1, 10);
        Assert.Empty(rig.Signals);
        rig.Target(1, 10, confidence: 500_000);
        Assert.Single(rig.Signals);
        rig.Quotes(1, 9_990, 5, 10_010, 5);
        Assert.Single(rig.Signals);
        rig.Quotes(1, 9_990, 5, 10_010, 5);
        Assert.Empty(rig.Signals);
    }

    [Fact]
    public void A_wish_with_a_horizon_is_always_news()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10, horizon: 5);
        rig.Target(1, 10, horizon: 5);
        Assert.Single(rig.Signals);
    }

    [Fact]
    public void A_later_wish_of_the_same_event_replaces_the_earlier_one()
    {
        Rig rig = new Rig().Begin();
        rig.Say(
            (1, context => context.SetTarget(X, 10)),
            (1, context => context.SetQuotes(X, 9_990, 5, 10_010, 5)),
            (1, context => context.SetTarget(X, 7)));
        Signal signal = Assert.Single(rig.Signals);
        Assert.Equal((SignalKind.Target, 7L), (signal.Kind, signal.Target));
    }

    [Fact]
    public void What_finds_no_room_leaves_with_the_next_event_without_being_stated_again()
    {
        Rig rig = new Rig(new RigSettings { Instruments = 6 }).Begin();
        rig.Say((1, All(6, 10)), (2, All(6, 10)));
        Assert.Equal(Limits.SignalsPerEvent, rig.Signals.Count);
        rig.Publish(new OperatorCommand { Verb = OperatorVerb.Activate });
        Assert.Equal([3, 4, 5, 6], rig.Signals.Select(s => (int)s.Instrument.Value));
        Assert.All(rig.Signals, s => Assert.Equal((2, 10L), (s.Strategy.Value, s.Target)));
        Assert.Equal(4, rig.Pipeline.DelayedSignals);
        rig.Say((1, All(6, 10)), (2, All(6, 10)));
        Assert.Empty(rig.Signals);
    }

    [Fact]
    public void A_newer_wish_replaces_one_that_still_waits()
    {
        Rig rig = new Rig(new RigSettings { Instruments = 10 }).Begin();
        rig.Say((1, All(10, 10)));
        Assert.Equal((8, 2), (rig.Signals.Count, rig.Pipeline.DelayedSignals));
        rig.Say((1, context => context.SetTarget(new InstrumentId(10), 7)));
        Assert.Equal([(9, 10L), (10, 7L)], rig.Signals.Select(s => ((int)s.Instrument.Value, s.Target)));
        Assert.Equal(2, rig.Pipeline.DelayedSignals);
    }

    [Fact]
    public void Nothing_leaves_inside_a_group()
    {
        Rig rig = new Rig(new RigSettings { Instruments = 10 }).Begin();
        rig.Say((1, All(10, 10)));
        rig.Publish(new Quote { BidPrice = 9_999, BidQuantity = 1, AskPrice = 10_001, AskQuantity = 1 }, 1, EventFlags.First);
        Assert.Empty(rig.Signals);
        rig.Publish(new Quote { BidPrice = 9_999, BidQuantity = 1, AskPrice = 10_001, AskQuantity = 1 }, 1, EventFlags.Last);
        Assert.Equal(2, rig.Signals.Count);
    }

    [Fact]
    public void A_strategy_that_always_says_too_much_does_not_silence_the_one_behind_it()
    {
        Rig rig = new Rig(new RigSettings { Instruments = 20 }).Begin();
        rig.Say((1, All(20, 1)), (2, context => context.SetTarget(X, 5)));
        int events = 1;
        while (!rig.Signals.Any(s => s.Strategy.Value == 2))
        {
            Assert.True(++events < 5, "the second strategy is never heard");
            long other = 1 + (events % 3);
            rig.Say((1, All(20, other)));
        }
    }

    private static System.Action<StrategyContext> All(int instruments, long target) => context =>
    {
        for (ushort i = 1; i <= instruments; i++)
        {
            context.SetTarget(new InstrumentId(i), target);
        }
    };

    [Fact]
    public void Only_subscribed_instruments_may_be_signalled_and_only_in_range()
    {
        Rig rig = new Rig().Begin();
        Assert.Throws<BrokenInvariantException>(() => rig.Target(1, 10, instrument: 2));
        rig = new Rig().Begin();
        Assert.Throws<BrokenInvariantException>(() => rig.Target(1, 10, confidence: 1_000_001));
        rig = new Rig().Begin();
        Assert.Throws<BrokenInvariantException>(() => rig.Target(1, 10, limit: -1));
        rig = new Rig().Begin();
        Assert.Throws<BrokenInvariantException>(() => rig.Quotes(1, 9_990, -1, 10_010, 5));
    }

    [Fact]
    public void Every_fill_of_a_message_is_told_and_malformed_prints_are_not()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10);
        OrderId order = rig.Live(Side.Buy);
        rig.Publish(Part(order, 1), 1, EventFlags.First);
        rig.Publish(Part(order, 2), 1, EventFlags.Last);
        Assert.Equal([(3L, 10_000L), (3L, 10_000L)], rig.Strategies[0].Fills);

        rig.Publish(new Trade { Price = 10_000, Quantity = 0 }, 1);
        rig.Publish(new Trade { Price = 10_000, Quantity = -1 }, 1);
        Assert.Equal(0, rig.Strategies[0].Trades);
        rig.Publish(new Trade { Price = 10_000, Quantity = 1 }, 1);
        Assert.Equal(1, rig.Strategies[0].Trades);

        static Execution Part(OrderId order, ulong id) => new()
        {
            Order = order,
            ExecutionId = new VenueId(9, id),
            Side = Side.Buy,
            Price = 10_000,
            Quantity = 3,
        };
    }
}
