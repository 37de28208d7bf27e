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
    public void What_finds_no_room_is_counted_and_can_be_stated_again()
    {
        Rig rig = new Rig(new RigSettings { Instruments = 6 }).Begin();
        void All(StrategyContext context)
        {
            for (ushort i = 1; i <= 6; i++)
            {
                context.SetTarget(new InstrumentId(i), 10);
            }
        }

        rig.Say((1, All), (2, All));
        Assert.Equal(Limits.SignalsPerEvent, rig.Signals.Count);
        Assert.Equal(4, rig.Pipeline.DroppedSignals);
        rig.Say((1, All), (2, All));
        Assert.Equal([3, 4, 5, 6], rig.Signals.Select(s => (int)s.Instrument.Value));
        Assert.All(rig.Signals, s => Assert.Equal(2, s.Strategy.Value));
    }

    [Fact]
    public void One_strategy_that_says_more_than_an_event_holds_is_counted_too()
    {
        Rig rig = new Rig(new RigSettings { Instruments = 10 }).Begin();
        void All(StrategyContext context)
        {
            for (ushort i = 1; i <= 10; i++)
            {
                context.SetTarget(new InstrumentId(i), 10);
            }
        }

        rig.Say((1, All));
        Assert.Equal((8, 2), (rig.Signals.Count, rig.Pipeline.DroppedSignals));
        rig.Say((1, All));
        Assert.Equal([9, 10], rig.Signals.Select(s => (int)s.Instrument.Value));
    }

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
