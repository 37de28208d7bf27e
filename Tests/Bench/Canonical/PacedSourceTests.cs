using LowLatency.Bench.Canonical;
using LowLatency.Core.Events;
using Xunit;

namespace LowLatency.Tests.Bench.Canonical;

/// <summary>Arrivals keep to their schedule, so that a stall is felt by every message that it kept waiting.</summary>
public sealed class PacedSourceTests
{
    private const long Rate = 1_000_000;
    private const long Interval = 1_000;

    [Fact]
    public void Nothing_arrives_before_its_time()
    {
        ManualTime time = new();
        PacedSource<ManualClock> source = new(new Messages(1), 3, new ManualClock(time));
        source.Begin(new Schedule(5_000, Rate));
        Event e = default;
        Assert.Equal(ReadResult.Idle, source.Read(ref e));
        time.Now = 4_999;
        Assert.Equal(ReadResult.Idle, source.Read(ref e));
        time.Now = 5_000;
        Assert.Equal(ReadResult.Event, source.Read(ref e));
        Assert.Equal(ReadResult.Idle, source.Read(ref e));
    }

    [Fact]
    public void A_stall_shows_in_every_message_that_it_delays()
    {
        // Service takes no time but for one stall of 10 intervals in message 3: by arithmetic the messages 3 to 13 are
        // late by 10, 9, 8, ... 0 intervals.
        long[] late = Latencies(messages: 20, stallAt: 3, stall: 10 * Interval, fromIntended: true);
        long[] expected = new long[20];
        for (int i = 3; i <= 13; i++)
        {
            expected[i] = (13 - i) * Interval;
        }

        Assert.Equal(expected, late);
    }

    [Fact]
    public void Counting_from_the_start_of_service_would_hide_the_stall_from_all_but_one()
    {
        // The negative control: the same run, measured as a closed loop does, omits what the others suffered.
        long[] late = Latencies(messages: 20, stallAt: 3, stall: 10 * Interval, fromIntended: false);
        Assert.Equal(10 * Interval, late[3]);
        Assert.Single(late, latency => latency != 0);
    }

    [Fact]
    public void The_events_of_a_message_arrive_together_and_count_once()
    {
        ManualTime time = new() { Now = 100 };
        PacedSource<ManualClock> source = new(new Messages(3), 2, new ManualClock(time));
        source.Begin(new Schedule(100, Rate));
        Event e = default;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ReadResult.Event, source.Read(ref e));
        }

        Assert.Equal((1L, 100L), (source.Delivered, source.Intended));
        Assert.Equal(ReadResult.Idle, source.Read(ref e));
        time.Now = 100 + Interval;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ReadResult.Event, source.Read(ref e));
        }

        Assert.Equal(ReadResult.End, source.Read(ref e));
    }

    [Fact]
    public void Rounding_of_the_interval_does_not_add_up()
    {
        Schedule thirds = new(0, 3);
        Assert.Equal(333_333_333, thirds.At(1));
        Assert.Equal(1_000_000_000, thirds.At(3));
        Assert.Equal(1_000_000_000_000, thirds.At(3_000));
    }

    private static long[] Latencies(int messages, int stallAt, long stall, bool fromIntended)
    {
        ManualTime time = new();
        PacedSource<ManualClock> source = new(new Messages(1), messages, new ManualClock(time));
        source.Begin(new Schedule(Interval, Rate));
        long[] late = new long[messages];
        Event e = default;
        for (int i = 0; i < messages;)
        {
            if (source.Read(ref e) != ReadResult.Event)
            {
                time.Now++;
                continue;
            }

            long start = fromIntended ? source.Intended : time.Now;
            time.Now += i == stallAt ? stall : 0;
            late[i++] = time.Now - start;
        }

        return late;
    }

    private sealed class ManualTime
    {
        internal long Now { get; set; }
    }

    private readonly struct ManualClock(ManualTime time) : IClock
    {
        public long Now => time.Now;
    }

    private sealed class Messages(int eventsOfMessage) : IEventSource
    {
        private long _next;

        public ReadResult Read(ref Event next)
        {
            next = default;
            long place = _next++ % eventsOfMessage;
            next.Flags = (place == 0 ? EventFlags.First : EventFlags.None)
                | (place == eventsOfMessage - 1 ? EventFlags.Last : EventFlags.None);
            return ReadResult.Event;
        }
    }
}
