using System;
using System.Threading;
using LowLatency.Core.Ring;
using Xunit;

namespace LowLatency.Tests.Core.Ring;

public sealed class WaitStrategyTests
{
    public static TheoryData<string> Names => ["busy-spin", "yielding", "parking"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Who_waits_wakes_when_an_event_is_published(string name)
    {
        using RingBuffer<long> ring = new(8, waitStrategy: Strategy(name));
        SequenceBarrier barrier = ring.NewBarrier();
        long available = -2;
        Thread waiter = StartWaiting(name, barrier, value => available = value);
        ring.PublishMany(1);
        Assert.True(waiter.Join(20_000));
        Assert.Equal(0, available);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Who_waits_wakes_when_the_consumer_ahead_has_passed(string name)
    {
        using RingBuffer<long> ring = new(8, waitStrategy: Strategy(name));
        Consumer<long, Recorder> ahead = new(ring, ring.NewBarrier(), "ahead", new Recorder());
        SequenceBarrier barrier = ring.NewBarrier(ahead.Sequence);
        long available = -2;
        Thread waiter = StartWaiting(name, barrier, value => available = value);
        ring.PublishMany(3);
        Assert.Equal(-1, barrier.Available(0));
        Assert.Equal(2, ahead.Poll(2));
        Assert.True(waiter.Join(20_000));
        Assert.Equal(1, available);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Who_waits_wakes_when_the_barrier_is_alerted(string name)
    {
        using RingBuffer<long> ring = new(8, waitStrategy: Strategy(name));
        SequenceBarrier barrier = ring.NewBarrier();
        long available = -2;
        Thread waiter = StartWaiting(name, barrier, value => available = value);
        barrier.Alert();
        Assert.True(waiter.Join(20_000));
        Assert.Equal(-1, available);
        Assert.Equal(-1, barrier.WaitFor(0));
        barrier.ClearAlert();
        Assert.False(barrier.IsAlerted);
    }

    [Fact]
    public void A_parked_thread_looks_around_after_its_bound()
    {
        using RingBuffer<long> ring = new(8, waitStrategy: new ParkingWaitStrategy(timeoutMilliseconds: 1));
        Assert.Equal(-1, ring.NewBarrier().WaitFor(0));
    }

    // The parking strategy gets a bound beyond the patience of the test, so that only a signal can pass it.
    private static IWaitStrategy Strategy(string name) => name switch
    {
        "busy-spin" => new BusySpinWaitStrategy(),
        "yielding" => new YieldingWaitStrategy(),
        _ => new ParkingWaitStrategy(timeoutMilliseconds: 60_000),
    };

    private static Thread StartWaiting(string name, SequenceBarrier barrier, Action<long> done)
    {
        Thread waiter = new(() =>
        {
            long available;
            do
            {
                available = barrier.WaitFor(0);
            }
            while (available < 0 && !barrier.IsAlerted);
            done(available);
        });
        waiter.Start();
        if (name == "parking")
        {
            Assert.True(SpinWait.SpinUntil(() => (waiter.ThreadState & ThreadState.WaitSleepJoin) != 0, 20_000));
        }

        return waiter;
    }
}
