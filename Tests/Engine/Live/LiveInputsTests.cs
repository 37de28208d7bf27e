using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Live;
using LowLatency.Engine.Network;
using LowLatency.Engine.Running;
using LowLatency.Gateways;
using LowLatency.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>What reaches a live run, in one order that never runs backwards.</summary>
public sealed class LiveInputsTests
{
    private const long Second = 1_000_000_000;

    private readonly LiveClock _clock = new();
    private readonly Scripted _account = new(EventSource.Bybit);
    private readonly Scripted _market = new(EventSource.Bybit);

    [Fact]
    public void Time_never_runs_backwards_whatever_the_sockets_stamped()
    {
        LiveInputs inputs = Inputs();
        long now = _clock.Now;
        _market.Add(now - 5, whole: true);
        _account.Add(now - 50, whole: true);
        _market.Add(now - 500, whole: true);
        long last = long.MinValue;
        foreach (Event e in Drain(inputs))
        {
            Assert.True(e.ReceivedAt >= last, $"{e.ReceivedAt} after {last}");
            last = e.ReceivedAt;
        }

        Assert.Equal(last, inputs.Last);
    }

    [Fact]
    public void A_journal_that_goes_on_is_never_preceded_even_when_the_wall_clock_was_set_back()
    {
        LiveInputs inputs = Inputs();
        inputs.Last = _clock.Now + (3_600 * Second);
        Assert.All(Drain(inputs), e => Assert.Equal(inputs.Last, e.ReceivedAt));
        Assert.True(inputs.Now >= inputs.Last);
    }

    [Fact]
    public void A_message_is_whole_before_anything_else_comes()
    {
        LiveInputs inputs = Inputs();
        long now = _clock.Now;
        _market.Add(now - 3, whole: false);
        Event first = default;
        do
        {
            Assert.Equal(ReadResult.Event, inputs.Read(ref first));
        }
        while (first.Kind == EventKind.Tick);

        // The rest of the message has not come: nothing of the account, of the operator or of the timer goes in between.
        _account.Add(now - 2, whole: true);
        inputs.Say(Preamble.Said(OperatorVerb.Halt, "why", 0));
        Event next = default;
        Assert.Equal(ReadResult.Idle, inputs.Read(ref next));
        _market.End(now - 1);
        Assert.Equal(ReadResult.Event, inputs.Read(ref next));
        Assert.Equal(EventKind.Trade, next.Kind);
        Assert.True(next.EndsGroup);
        Assert.Equal(ReadResult.Event, inputs.Read(ref next));
        Assert.Equal(EventKind.BlobPart, next.Kind);
    }

    [Fact]
    public void The_timer_has_one_tick_after_a_sleep_not_one_for_each_interval_that_was_missed()
    {
        LiveInputs inputs = Inputs();
        Event e = default;
        Assert.Equal(ReadResult.Event, inputs.Read(ref e));
        Assert.Equal(EventKind.Tick, e.Kind);
        inputs.Last += 100 * Second;
        Assert.Equal(ReadResult.Event, inputs.Read(ref e));
        Assert.Equal(EventKind.Tick, e.Kind);
        Assert.Equal(e.ReceivedAt / Second, e.Tick.Number);
        Assert.Equal(ReadResult.Idle, inputs.Read(ref e));
    }

    private static List<Event> Drain(LiveInputs inputs)
    {
        List<Event> events = [];
        Event e = default;
        while (inputs.Read(ref e) == ReadResult.Event)
        {
            events.Add(e);
        }

        return events;
    }

    private LiveInputs Inputs() => new(_clock, _account, _market, Second);

    /// <summary>A venue and a market that say what the test says.</summary>
    private sealed class Scripted(EventSource source) : IVenue, IMarketFeed
    {
        public bool IsLive => true;

        private readonly Queue<Event> _events = new();

        public long NextDue => _events.TryPeek(out Event e) ? e.ReceivedAt : long.MaxValue;

        public bool Poll(long now, ref Event report) => _events.TryDequeue(out report);

        public void OnEvent(in Event published)
        {
        }

        public void Submit(in Command command, long sequence, long now)
        {
        }

        internal void Add(long at, bool whole) => Put(at, whole ? EventFlags.Whole : EventFlags.First);

        internal void End(long at) => Put(at, EventFlags.Last);

        private void Put(long at, EventFlags flags)
        {
            Event e = new() { ReceivedAt = at, Source = source, Instrument = new InstrumentId(1), Flags = flags };
            e.Set(new Trade { Price = 1, Quantity = 1 });
            _events.Enqueue(e);
        }
    }
}
