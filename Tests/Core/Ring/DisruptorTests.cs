using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Ring;
using Xunit;

namespace LowLatency.Tests.Core.Ring;

public sealed class DisruptorTests
{
    [Fact]
    public void In_a_diamond_each_event_goes_through_both_arms_before_the_join()
    {
        using RingBuffer<long> ring = new(8);
        Disruptor<long> disruptor = new(ring);
        Recorder left = new();
        Recorder right = new();
        List<(int Left, int Right)> seenAtJoin = [];
        Recorder join = new(_ => seenAtJoin.Add((left.Values.Count, right.Values.Count)));
        Consumer leftConsumer = disruptor.NewConsumer("left", left);
        Consumer rightConsumer = disruptor.NewConsumer("right", right);
        Consumer joinConsumer = disruptor.NewConsumer("join", join);
        disruptor.HandleEventsWith(leftConsumer, rightConsumer).Then(joinConsumer);
        ring.PublishMany(5);

        Assert.Equal(0, joinConsumer.Poll(10));
        Assert.Equal(3, leftConsumer.Poll(3));
        Assert.Equal(0, joinConsumer.Poll(10));
        Assert.Equal(2, rightConsumer.Poll(2));
        Assert.Equal(2, joinConsumer.Poll(10));
        Assert.Equal([0, 1], join.Sequences);
        Assert.Equal([(3, 2), (3, 2)], seenAtJoin);
    }

    [Fact]
    public void The_producer_waits_for_the_ends_of_the_graph_only()
    {
        using RingBuffer<long> ring = new(4);
        Disruptor<long> disruptor = new(ring);
        Consumer first = disruptor.NewConsumer("first", new Recorder());
        Consumer second = disruptor.NewConsumer("second", new Recorder());
        Consumer aside = disruptor.NewConsumer("aside", new Recorder());
        Consumer last = disruptor.NewConsumer("last", new Recorder());
        disruptor.HandleEventsWith(first, aside);
        disruptor.After(first).Then(second).Then(last);
        ring.PublishMany(4);
        first.Poll(4);
        second.Poll(4);
        Assert.False(ring.TryNext(out _));
        last.Poll(4);
        Assert.False(ring.TryNext(out _));
        aside.Poll(1);
        Assert.True(ring.TryNext(out long next));
        Assert.Equal(4, next);
        Assert.False(ring.TryNext(out _));
    }

    [Fact]
    public void One_poll_carries_an_event_through_the_whole_chain()
    {
        using RingBuffer<long> ring = new(8);
        Disruptor<long> disruptor = new(ring);
        disruptor.HandleEventsWith(disruptor.NewConsumer("a", new Recorder()))
            .Then(disruptor.NewConsumer("b", new Recorder()), disruptor.NewConsumer("c", new Recorder()))
            .Then(disruptor.NewConsumer("d", new Recorder()));
        Assert.True(disruptor.IsDrained());
        ring.PublishMany(1);
        Assert.False(disruptor.IsDrained());
        Assert.Equal(4, disruptor.Poll(8));
        Assert.True(disruptor.IsDrained());
        Assert.Equal(["a", "b", "c", "d"], disruptor.Consumers.Select(consumer => consumer.Name));
    }

    [Fact]
    public void Wrong_wiring_is_refused()
    {
        using RingBuffer<long> ring = new(8);
        using RingBuffer<long> other = new(8);
        Disruptor<long> disruptor = new(ring);
        Consumer consumer = disruptor.NewConsumer("a", new Recorder());
        Assert.Throws<BrokenInvariantException>(() => disruptor.HandleEventsWith());
        Assert.Throws<BrokenInvariantException>(() => disruptor.After(consumer));
        Assert.Throws<BrokenInvariantException>(
            () => disruptor.HandleEventsWith(new Disruptor<long>(other).NewConsumer("foreign", new Recorder())));
        disruptor.HandleEventsWith(consumer);
        Assert.Throws<BrokenInvariantException>(() => disruptor.HandleEventsWith(consumer));
        ring.PublishMany(1);
        Assert.Throws<BrokenInvariantException>(
            () => disruptor.HandleEventsWith(disruptor.NewConsumer("late", new Recorder())));
    }

    [Theory]
    [InlineData("busy-spin")]
    [InlineData("yielding")]
    [InlineData("parking")]
    public void Threads_and_hand_see_the_same(string strategy)
    {
        const int events = 500;
        using RingBuffer<long> byHand = new(16);
        Disruptor<long> stepped = new(byHand);
        (Recorder steppedFirst, Recorder steppedLast) = Chain(stepped);
        for (int i = 0; i < events; i++)
        {
            byHand.PublishMany(1);
            stepped.Poll(3);
        }

        IWaitStrategy wait = strategy switch
        {
            "busy-spin" => new BusySpinWaitStrategy(),
            "yielding" => new YieldingWaitStrategy(),
            _ => new ParkingWaitStrategy(),
        };
        using RingBuffer<long> byThreads = new(16, waitStrategy: wait);
        Disruptor<long> threaded = new(byThreads);
        (Recorder threadedFirst, Recorder threadedLast) = Chain(threaded);
        threaded.Start(limit: 3);
        Assert.Throws<BrokenInvariantException>(() => threaded.Poll(1));
        byThreads.PublishMany(events);
        Assert.True(SpinWait.SpinUntil(threaded.IsDrained, 20_000));
        Assert.True(threaded.Halt());
        Assert.All(threaded.Threads, thread => Assert.Null(thread.Failure));
        Assert.All(threaded.Threads, thread => Assert.False(thread.IsRunning));

        Assert.Equal(events, steppedFirst.Values.Count);
        Assert.Equal(steppedFirst.Values, threadedFirst.Values);
        Assert.Equal(steppedLast.Values, threadedLast.Values);
        Assert.Equal(steppedLast.Sequences, threadedLast.Sequences);
    }

    [Fact]
    public void A_consumer_that_fails_ends_its_thread_with_the_reason_and_stops_the_producer()
    {
        using RingBuffer<long> ring = new(8, waitStrategy: new ParkingWaitStrategy());
        Disruptor<long> disruptor = new(ring);
        Recorder behind = new();
        Recorder failing = new(sequence =>
        {
            if (sequence == 5)
            {
                throw new InvalidOperationException("five");
            }
        });
        disruptor.HandleEventsWith(disruptor.NewConsumer("failing", failing))
            .Then(disruptor.NewConsumer("behind", behind));
        disruptor.Start(limit: 1);
        Assert.Throws<BrokenInvariantException>(() => ring.PublishMany(100));
        ConsumerThread thread = disruptor.Threads[0];
        Assert.True(thread.Join(20_000));
        Assert.Equal("five", thread.Failure!.Message);
        Assert.Equal("failing", thread.Consumer.Name);
        Assert.Equal(5, thread.Consumer.FailedSequence);
        Assert.Equal(4, thread.Consumer.Sequence.Value);
        Assert.True(disruptor.Halt());
        Assert.DoesNotContain(5, behind.Sequences);
    }

    private static (Recorder First, Recorder Last) Chain(Disruptor<long> disruptor)
    {
        Recorder first = new();
        Recorder last = new();
        disruptor.HandleEventsWith(disruptor.NewConsumer("first", first)).Then(disruptor.NewConsumer("last", last));
        return (first, last);
    }
}
