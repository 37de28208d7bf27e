using System;
using System.Threading;
using BenchmarkDotNet.Attributes;
using LowLatency.Core.Events;
using LowLatency.Core.Ring;

namespace LowLatency.Bench;

/// <summary>Events of full size to another thread, by events per publication: what a cursor update costs is shared.</summary>
public class RingBatchBenchmarks : IDisposable
{
    private const int Events = 1 << 14;

    private RingBuffer<Event> _ring = null!;
    private Disruptor<Event> _disruptor = null!;
    private Sequence _reader = null!;

    [Params(1, 16, 64)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Start()
    {
        _ring = new RingBuffer<Event>(1 << 13, waitStrategy: new YieldingWaitStrategy());
        _disruptor = new Disruptor<Event>(_ring);
        Consumer consumer = _disruptor.NewConsumer("reader", default(Summing));
        _reader = consumer.Sequence;
        _disruptor.HandleEventsWith(consumer);
        _disruptor.Start();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        if (_disruptor.Halt())
        {
            _ring.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public long Through()
    {
        long last = 0;
        for (int i = 0; i < Events; i += Batch)
        {
            last = _ring.Next(Batch);
            for (long sequence = last - Batch + 1; sequence <= last; sequence++)
            {
                _ring[sequence].Sequence = sequence;
            }

            _ring.Publish(last - Batch + 1, last);
        }

        while (_reader.Value < last)
        {
            Thread.SpinWait(1);
        }

        return last;
    }

    private struct Summing : IEventHandler<Event>
    {
        internal long Sum;

        public void OnEvent(ref Event data, long sequence, bool endOfBatch) => Sum = unchecked(Sum + data.Sequence);
    }
}
