using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Import;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

public sealed class MergedSourceTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void The_order_is_that_of_a_stable_sort_by_time_and_source(ulong seed, bool withBounds)
    {
        Xoshiro256 dice = new(seed);
        List<(long Time, int Source, long Number)> expected = [];
        List<IEventSource> sources = [];
        List<long> bounds = [];
        for (int source = 0; source < 7; source++)
        {
            List<Event?> events = [];
            long time = dice.NextBelow(50);
            bounds.Add(time - dice.NextBelow(3));
            int count = (int)dice.NextBelow(200);
            for (int i = 0; i < count; i++)
            {
                // Often the same time again, within a source and across them; at times nothing yet.
                time += dice.NextBelow(3) == 0 ? dice.NextBelow(10) : 0;
                expected.Add((time, source, i));
                events.Add(
                    new Event { ReceivedAt = time, VenueTime = i, Instrument = new InstrumentId((ushort)source) });
                if (dice.NextBelow(10) == 0)
                {
                    events.Add(null);
                }
            }

            sources.Add(new Script(events));
        }

        expected.Sort();
        MergedSource merged = new(sources, withBounds ? bounds : []);
        List<(long, int, long)> found = [];
        Event next = default;
        for (ReadResult result = ReadResult.Idle; result != ReadResult.End;)
        {
            result = merged.Read(ref next);
            if (result == ReadResult.Event)
            {
                Assert.Equal(next.Instrument.Value, merged.LastSource);
                found.Add((next.ReceivedAt, next.Instrument.Value, next.VenueTime));
            }
        }

        Assert.Equal(expected, found);
        Assert.Equal(ReadResult.End, merged.Read(ref next));
    }

    [Fact]
    public void A_source_is_not_read_before_its_lower_bound_is_reached()
    {
        Script late = new([new Event { ReceivedAt = 100 }]);
        MergedSource merged = new(
            [new Script([new Event { ReceivedAt = 1 }, new Event { ReceivedAt = 99 }]), late], [1, 100]);
        Event next = default;
        Assert.Equal(ReadResult.Event, merged.Read(ref next));
        Assert.Equal(ReadResult.Event, merged.Read(ref next));
        Assert.Equal(0, late.Reads);
        Assert.Equal(ReadResult.Event, merged.Read(ref next));
        Assert.Equal(100, next.ReceivedAt);
    }

    [Fact]
    public void A_source_that_runs_backwards_stops_the_merge()
    {
        MergedSource merged = new([new Script([new Event { ReceivedAt = 5 }, new Event { ReceivedAt = 4 }])], []);
        Event next = default;
        merged.Read(ref next);
        Assert.Throws<BrokenInvariantException>(() => merged.Read(ref next));
    }

    /// <summary>Gives its events; null is "nothing now".</summary>
    private sealed class Script(List<Event?> events) : IEventSource
    {
        private int _next;

        internal int Reads { get; private set; }

        public ReadResult Read(ref Event next)
        {
            Reads++;
            if (_next == events.Count)
            {
                return ReadResult.End;
            }

            if (events[_next++] is not { } found)
            {
                return ReadResult.Idle;
            }

            next = found;
            return ReadResult.Event;
        }
    }
}
