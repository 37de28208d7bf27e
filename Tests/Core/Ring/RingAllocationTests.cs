using System;
using LowLatency.Core.Ring;
using Xunit;

namespace LowLatency.Tests.Core.Ring;

public sealed class RingAllocationTests
{
    [Theory]
    [InlineData(ProducerType.Single)]
    [InlineData(ProducerType.Multi)]
    public void Publish_and_poll_allocate_nothing(ProducerType type) =>
        Assert.Equal(0, AllocatedBy(type, new Adding()));

    [Fact]
    public void A_handler_that_allocates_is_measured() =>
        Assert.True(AllocatedBy(ProducerType.Single, new Boxing()) >= 24 * 10_000);

    private static long AllocatedBy<THandler>(ProducerType type, THandler handler)
        where THandler : IEventHandler<long>
    {
        using RingBuffer<long> ring = new(64, type, new ParkingWaitStrategy());
        Disruptor<long> disruptor = new(ring);
        disruptor.HandleEventsWith(disruptor.NewConsumer("handler", handler));
        Cycle(ring, disruptor, 1_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Cycle(ring, disruptor, 10_000);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Cycle(RingBuffer<long> ring, Disruptor<long> disruptor, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ring.PublishMany(1);
            disruptor.Poll(8);
        }
    }

    private sealed class Adding : IEventHandler<long>
    {
        private long _sum;

        public void OnEvent(ref long data, long sequence, bool endOfBatch) => _sum += data;
    }

    private sealed class Boxing : IEventHandler<long>
    {
        internal object? Last { get; private set; }

        public void OnEvent(ref long data, long sequence, bool endOfBatch) => Last = data;
    }
}
