using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Ring;
using Xunit;

namespace LowLatency.Tests.Core.Ring;

public sealed class ConsumerTests
{
    [Fact]
    public void A_poll_handles_what_is_available_up_to_its_limit_and_never_blocks()
    {
        using RingBuffer<long> ring = new(16);
        Recorder seen = new();
        Consumer<long, Recorder> consumer = new(ring, ring.NewBarrier(), "reader", seen);
        Assert.Equal(0, consumer.Poll(4));
        ring.PublishMany(10);
        Assert.Equal(4, consumer.Poll(4));
        Assert.Equal(3, consumer.Sequence.Value);
        Assert.Equal(4, consumer.Poll(4));
        Assert.Equal(2, consumer.Poll(4));
        Assert.Equal(0, consumer.Poll(4));
        Assert.Equal(9, consumer.Sequence.Value);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], seen.Sequences);
        Assert.Equal([3, 7, 9], seen.BatchEnds);
        Assert.Equal(Publishing.ValueOf(9), seen.Values[9]);
        Assert.Throws<BrokenInvariantException>(() => consumer.Poll(0));
        Assert.Equal(0, consumer.Poll(int.MaxValue));
    }

    [Fact]
    public void The_position_does_not_move_before_the_batch_is_done()
    {
        using RingBuffer<long> ring = new(16);
        Consumer<long, Recorder>? consumer = null;
        List<long> positions = [];
        consumer = new(ring, ring.NewBarrier(), "reader", new Recorder(_ => positions.Add(consumer!.Sequence.Value)));
        ring.PublishMany(5);
        consumer.Poll(2);
        consumer.Poll(100);
        Assert.Equal([-1, -1, 1, 1, 1], positions);
    }

    [Fact]
    public void A_struct_handler_keeps_its_state()
    {
        using RingBuffer<long> ring = new(16);
        Consumer<long, Adder> consumer = new(ring, ring.NewBarrier(), "adder", default);
        ring.PublishMany(3);
        consumer.Poll(2);
        consumer.Poll(2);
        Assert.Equal(7 + 17 + 27, consumer.Handler.Sum);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    public void An_exception_stops_the_consumer_and_passes_nothing_of_the_batch(long failing)
    {
        using RingBuffer<long> ring = new(16);
        InvalidOperationException cause = new("no");
        Recorder seen = new(sequence =>
        {
            if (sequence == failing)
            {
                throw cause;
            }
        });
        Consumer<long, Recorder> consumer = new(ring, ring.NewBarrier(), "reader", seen);
        ring.AddGatingSequences(consumer.Sequence);
        ring.PublishMany(5);

        Assert.Same(cause, Assert.Throws<InvalidOperationException>(() => consumer.Poll(100)));
        Assert.Same(cause, consumer.Failure);
        Assert.Equal(failing, consumer.FailedSequence);
        Assert.Equal(-1, consumer.Sequence.Value);
        Assert.True(consumer.Barrier.IsAlerted);
        Assert.True(ring.IsHalted);

        // Neither the failing event nor one behind it is ever handled.
        Assert.Same(cause, Assert.Throws<InvalidOperationException>(() => consumer.Poll(100)));
        Assert.Equal(failing, seen.Sequences.Count);
    }

    [Fact]
    public void Work_put_off_to_the_end_of_a_failing_batch_opens_no_gate()
    {
        using RingBuffer<long> ring = new(16);
        Disruptor<long> disruptor = new(ring);
        Consumer<long, SyncAtEnd> journal = disruptor.NewConsumer("journal", new SyncAtEnd(failAt: 9));
        Recorder sent = new();
        disruptor.HandleEventsWith(journal).Then(disruptor.NewConsumer("gateway", sent));
        ring.PublishMany(10);
        Assert.Equal(8, disruptor.Poll(4));
        Assert.Equal(8, disruptor.Poll(4));
        Assert.Throws<InvalidOperationException>(() => disruptor.Poll(4));
        Assert.IsType<InvalidOperationException>(disruptor.Failure);
        Assert.Equal(7, sent.Sequences[^1]);
        Assert.Equal(7, journal.Handler.Synced);
    }

    /// <summary>Writes per event, syncs per batch: event 8 is written and not synced when the sync of 9 fails.</summary>
    private sealed class SyncAtEnd(long failAt) : IEventHandler<long>
    {
        internal long Synced { get; private set; } = -1;

        public void OnEvent(ref long data, long sequence, bool endOfBatch)
        {
            if (endOfBatch)
            {
                Synced = sequence < failAt ? sequence : throw new InvalidOperationException("sync failed");
            }
        }
    }
}
