using System;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Ring;
using Xunit;

namespace LowLatency.Tests.Core.Ring;

public sealed class RingBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-8)]
    [InlineData(3)]
    [InlineData(1000)]
    public void A_capacity_that_is_no_power_of_two_is_refused(int capacity)
    {
        Assert.Throws<BrokenInvariantException>(() => new RingBuffer<long>(capacity));
        Assert.Throws<BrokenInvariantException>(() => new SideBuffer<long>(capacity));
    }

    [Fact]
    public void Fresh_memory_is_zero_or_the_pattern_that_was_asked_for()
    {
        using RingBuffer<long> zero = new(16);
        using RingBuffer<long> garbage = new(16, fill: 0xCC);
        using SideBuffer<long> side = new(16, fill: 0xCC);
        for (long sequence = 0; sequence < 16; sequence++)
        {
            Assert.Equal(0, zero[sequence]);
            Assert.Equal(unchecked((long)0xCCCCCCCCCCCCCCCC), garbage[sequence]);
            Assert.Equal(unchecked((long)0xCCCCCCCCCCCCCCCC), side[sequence]);
        }
    }

    [Fact]
    public unsafe void Slots_are_aligned_to_128_bytes_and_lie_one_after_the_other()
    {
        using RingBuffer<Guid> ring = new(8);
        using SideBuffer<Guid> side = new(8);
        fixed (Guid* first = &ring[0], second = &ring[1], beside = &side[8])
        {
            Assert.Equal(0, (long)first % 128);
            Assert.Equal(16, (byte*)second - (byte*)first);
            Assert.Equal(0, (long)beside % 128);
        }
    }

    [Theory]
    [InlineData(ProducerType.Single)]
    [InlineData(ProducerType.Multi)]
    public void Positions_wrap_over_the_slots(ProducerType type)
    {
        using RingBuffer<long> ring = new(4, type);
        ring.PublishMany(11);
        Assert.Equal(10, ring.Cursor);
        for (long sequence = 7; sequence <= 10; sequence++)
        {
            Assert.Equal(Publishing.ValueOf(sequence), ring[sequence]);
            Assert.Equal(Publishing.ValueOf(sequence), ring[sequence - 4]);
        }
    }

    [Theory]
    [InlineData(ProducerType.Single)]
    [InlineData(ProducerType.Multi)]
    public void A_producer_never_overtakes_the_slowest_consumer(ProducerType type)
    {
        using RingBuffer<long> ring = new(8, type);
        Sequence fast = new();
        Sequence slow = new();
        ring.AddGatingSequences(fast, slow);
        Assert.Equal(8, ring.GetRemainingCapacity());
        ring.PublishMany(8);
        Assert.Equal(0, ring.GetRemainingCapacity());
        Assert.False(ring.TryNext(out _));

        fast.SetValue(7);
        Assert.False(ring.TryNext(out _));

        slow.SetValue(2);
        Assert.Equal(3, ring.GetRemainingCapacity());
        Assert.False(ring.TryNext(4, out _));
        Assert.True(ring.TryNext(3, out long high));
        Assert.Equal(10, high);
        Assert.False(ring.TryNext(out _));
    }

    [Theory]
    [InlineData(ProducerType.Single)]
    [InlineData(ProducerType.Multi)]
    public void A_claimed_run_becomes_visible_as_a_whole(ProducerType type)
    {
        using RingBuffer<long> ring = new(8, type);
        SequenceBarrier barrier = ring.NewBarrier();
        long high = ring.Next(3);
        Assert.Equal(2, high);
        Assert.Equal(-1, barrier.Available(0));
        ring.Publish(0, high);
        Assert.Equal(2, barrier.Available(0));
    }

    [Fact]
    public void With_several_producers_a_hole_hides_what_is_published_behind_it()
    {
        using RingBuffer<long> ring = new(8, ProducerType.Multi);
        SequenceBarrier barrier = ring.NewBarrier();
        long first = ring.Next();
        long second = ring.Next();
        long third = ring.Next();
        ring.Publish(third);
        Assert.Equal(-1, barrier.Available(0));
        ring.Publish(first);
        Assert.Equal(0, barrier.Available(0));
        ring.Publish(second);
        Assert.Equal(2, barrier.Available(0));
        Assert.Equal(2, barrier.Available(1));
    }

    [Theory]
    [InlineData(ProducerType.Single)]
    [InlineData(ProducerType.Multi)]
    public void A_ring_can_begin_after_a_recovered_journal(ProducerType type)
    {
        const long first = (1L << 45) + 3;
        using RingBuffer<long> ring = new(8, type, firstSequence: first);
        Recorder seen = new();
        Consumer<long, Recorder> consumer = new(ring, ring.NewBarrier(), "reader", seen);
        ring.AddGatingSequences(consumer.Sequence);
        Assert.Equal(8, ring.GetRemainingCapacity());
        Assert.Equal(0, consumer.Poll(100));
        ring.PublishMany(8);
        Assert.False(ring.TryNext(out _));
        Assert.Equal(8, consumer.Poll(100));
        Assert.Equal(first, seen.Sequences[0]);
        Assert.Equal(Publishing.ValueOf(first + 7), seen.Values[7]);
        Assert.True(ring.TryNext(out long next));
        Assert.Equal(first + 8, next);
    }

    [Fact]
    public void Publishing_out_of_the_order_of_claims_is_refused()
    {
        using RingBuffer<long> ring = new(8);
        ring.Next();
        ring.Next();
        Assert.Throws<BrokenInvariantException>(() => ring.Publish(1));
        ring.Publish(0);
        Assert.Throws<BrokenInvariantException>(() => ring.Publish(0));
        ring.Publish(1);
        Assert.Throws<BrokenInvariantException>(() => ring.Publish(2));
    }

    [Theory]
    [InlineData(ProducerType.Single)]
    [InlineData(ProducerType.Multi)]
    public void A_claim_of_none_or_of_more_than_the_ring_is_refused(ProducerType type)
    {
        using RingBuffer<long> ring = new(8, type);
        Assert.Throws<BrokenInvariantException>(() => ring.Next(0));
        Assert.Throws<BrokenInvariantException>(() => ring.Next(9));
        Assert.Throws<BrokenInvariantException>(() => ring.TryNext(-1, out _));
        Assert.Equal(7, ring.Next(8));
    }

    [Theory]
    [InlineData(ProducerType.Single)]
    [InlineData(ProducerType.Multi)]
    public void A_producer_that_waits_for_room_stops_when_the_ring_is_halted(ProducerType type)
    {
        using RingBuffer<long> ring = new(4, type);
        ring.AddGatingSequences(new Sequence());
        ring.PublishMany(4);
        Exception? failure = null;
        Thread producer = new(() => failure = Record.Exception(() => ring.Next()));
        producer.Start();
        ring.Halt();
        Assert.True(producer.Join(10_000));
        Assert.IsType<BrokenInvariantException>(failure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_second_producer_thread_is_found_when_the_check_is_on(bool check)
    {
        using RingBuffer<long> ring = new(8, checkProducerThread: check);
        ring.PublishMany(1);
        Exception? failure = null;
        Thread second = new(() => failure = Record.Exception(() => ring.PublishMany(1)));
        second.Start();
        Assert.True(second.Join(10_000));
        Assert.Equal(check, failure is BrokenInvariantException);
    }
}
