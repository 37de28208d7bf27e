using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;
using LowLatency.Core.Ring;
using Xunit;

namespace LowLatency.Tests.Core.Ring;

/// <summary>
/// Threads race for about a second; each reader checks that it sees every slot exactly once, whole, in the order of each
/// producer.
/// </summary>
public sealed class RingLitmusTests
{
    private const int Words = 14;
    private const int ProducersMax = 4;

    [Theory]
    [InlineData(1, ProducerType.Single, "yielding")]
    [InlineData(1, ProducerType.Multi, "parking")]
    [InlineData(3, ProducerType.Multi, "yielding")]
    [InlineData(2, ProducerType.Multi, "parking")]
    public void Every_slot_is_read_once_and_whole(int producers, ProducerType type, string strategy)
    {
        IWaitStrategy wait = strategy == "parking" ? new ParkingWaitStrategy() : new YieldingWaitStrategy();
        using RingBuffer<Payload> ring = new(64, type, wait, fill: 0xCC);
        Disruptor<Payload> disruptor = new(ring);
        Consumer<Payload, Checker> left = disruptor.NewConsumer("left", new Checker());
        Consumer<Payload, Checker> right = disruptor.NewConsumer("right", new Checker());
        Consumer<Payload, Checker> join = disruptor.NewConsumer("join", new Checker());
        disruptor.HandleEventsWith(left, right).Then(join);
        disruptor.Start(limit: 7);

        long[] written = new long[producers];
        Thread[] threads = new Thread[producers];
        for (int i = 0; i < producers; i++)
        {
            int producer = i;
            threads[i] = new Thread(() => written[producer] = Produce(ring, producer));
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            Assert.True(thread.Join(60_000));
        }

        Assert.True(SpinWait.SpinUntil(disruptor.IsDrained, 60_000));
        Assert.True(disruptor.Halt());
        Assert.Null(disruptor.Failure);
        foreach (Consumer<Payload, Checker> consumer in new[] { left, right, join })
        {
            for (int i = 0; i < producers; i++)
            {
                // Too few events would make the run inconclusive, and an inconclusive run is not a pass.
                Assert.True(written[i] >= 1_000);
                Assert.Equal(written[i], consumer.Handler.Seen(i));
            }
        }
    }

    [Fact]
    public void The_checker_finds_a_slot_that_is_published_before_it_is_written()
    {
        using RingBuffer<Payload> ring = new(4);
        Consumer<Payload, Checker> consumer = new(ring, ring.NewBarrier(), "reader", new Checker());
        for (long number = 0; number < 4; number++)
        {
            long sequence = ring.Next();
            ring[sequence].Write(0, number);
            ring.Publish(sequence);
        }

        Assert.Equal(4, consumer.Poll(4));
        ring.Publish(ring.Next());
        Assert.Throws<InvalidOperationException>(() => consumer.Poll(4));
    }

    [Fact]
    public void The_checker_finds_a_slot_that_is_half_written()
    {
        using RingBuffer<Payload> ring = new(4);
        Consumer<Payload, Checker> consumer = new(ring, ring.NewBarrier(), "reader", new Checker());
        long sequence = ring.Next();
        ring[sequence].Write(0, 0);
        ring[sequence].Corrupt();
        ring.Publish(sequence);
        Assert.Throws<InvalidOperationException>(() => consumer.Poll(4));
    }

    private static long Produce(RingBuffer<Payload> ring, int producer)
    {
        long started = Stopwatch.GetTimestamp();
        long number = 0;
        while (number < 100_000 && (number < 1_000 || Stopwatch.GetElapsedTime(started).TotalSeconds < 0.8))
        {
            int count = 1 + (int)(number % 3);
            long high = ring.Next(count);
            for (long sequence = high - count + 1; sequence <= high; sequence++)
            {
                ring[sequence].Write(producer, number++);
            }

            ring.Publish(high - count + 1, high);
        }

        return number;
    }

    [InlineArray(Words)]
    private struct Body
    {
        private long _first;
    }

    private struct Payload
    {
        private long _producer;
        private long _number;
        private Body _body;

        internal readonly int Producer => (int)_producer;

        internal readonly long Number => _number;

        internal void Write(int producer, long number)
        {
            _producer = producer;
            _number = number;
            for (int i = 0; i < Words; i++)
            {
                _body[i] = Word(producer, number, i);
            }
        }

        internal void Corrupt() => _body[Words - 1]++;

        internal readonly bool IsWhole()
        {
            for (int i = 0; i < Words; i++)
            {
                if (_body[i] != Word((int)_producer, _number, i))
                {
                    return false;
                }
            }

            return true;
        }

        private static long Word(int producer, long number, int index) =>
            unchecked(((number * 31) + producer) * ((index * 2) + 0x5DEECE66DL));
    }

    private sealed class Checker : IEventHandler<Payload>
    {
        private readonly long[] _seen = new long[ProducersMax];
        private long _next;

        public void OnEvent(ref Payload data, long sequence, bool endOfBatch)
        {
            if (sequence != _next++ || !data.IsWhole() || data.Number != _seen[data.Producer]++)
            {
                throw new InvalidOperationException($"broken slot at {sequence}");
            }
        }

        internal long Seen(int producer) => _seen[producer];
    }
}
