using System;
using System.Threading;
using BenchmarkDotNet.Attributes;
using LowLatency.Bench.Alternatives;
using LowLatency.Core.Ring;

namespace LowLatency.Bench;

/// <summary>Publish and poll one event on one thread: the ring's own cost, against the designs that lost.</summary>
[MemoryDiagnoser]
public class RingBenchmarks : IDisposable
{
    private const int Capacity = 1_024;

    private readonly Sequence _uncachedReader = new();
    private readonly Sequence _classReader = new();
    private UncachedGatingRing _uncached = null!;
    private ClassEventRing _classes = null!;
    private RingBuffer<long> _single = null!;
    private RingBuffer<long> _multi = null!;
    private Consumer<long, Adder> _singleReader = null!;
    private Consumer<long, Adder> _multiReader = null!;
    private long _sum;

    [GlobalSetup]
    public void Build()
    {
        _single = new RingBuffer<long>(Capacity);
        _multi = new RingBuffer<long>(Capacity, ProducerType.Multi);
        _singleReader = new Consumer<long, Adder>(_single, _single.NewBarrier(), "single", default);
        _multiReader = new Consumer<long, Adder>(_multi, _multi.NewBarrier(), "multi", default);
        _single.AddGatingSequences(_singleReader.Sequence);
        _multi.AddGatingSequences(_multiReader.Sequence);
        _uncached = new UncachedGatingRing(Capacity, _uncachedReader);
        _classes = new ClassEventRing(Capacity, _classReader);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _single.Dispose();
        _multi.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public int SingleProducer() => Cycle(_single, _singleReader);

    [Benchmark]
    public int MultiProducer() => Cycle(_multi, _multiReader);

    [Benchmark]
    public long UncachedGating()
    {
        long sequence = _uncached.Next();
        _uncached[sequence] = sequence;
        _uncached.Publish(sequence);
        for (long next = _uncachedReader.Value + 1; next <= _uncached.Cursor.Value; next++)
        {
            _sum += _uncached[next];
        }

        _uncachedReader.SetValue(sequence);
        return _sum;
    }

    [Benchmark]
    public long ClassEvents()
    {
        _classes.TryNext(out long sequence);
        _classes[sequence].Value = sequence;
        _classes.Publish(sequence);
        for (long next = _classReader.Value + 1; next <= _classes.Cursor.Value; next++)
        {
            _sum += _classes[next].Value;
        }

        _classReader.SetValue(sequence);
        return _sum;
    }

    private static int Cycle(RingBuffer<long> ring, Consumer<long, Adder> reader)
    {
        long sequence = ring.Next();
        ring[sequence] = sequence;
        ring.Publish(sequence);
        return reader.Poll(8);
    }

    internal struct Adder : IEventHandler<long>
    {
        internal long Sum;

        public void OnEvent(ref long data, long sequence, bool endOfBatch) => Sum += data;
    }
}

/// <summary>One event to another thread and its position back, by wait strategy: two hops and the wake-up.</summary>
[MemoryDiagnoser]
public class RingHopBenchmarks : IDisposable
{
    private RingBuffer<long> _ring = null!;
    private Disruptor<long> _disruptor = null!;
    private Sequence _reader = null!;

    [Params("busy-spin", "yielding", "parking")]
    public string Strategy { get; set; } = string.Empty;

    [GlobalSetup]
    public void Start()
    {
        _ring = new RingBuffer<long>(1_024, waitStrategy: Strategy switch
        {
            "busy-spin" => new BusySpinWaitStrategy(),
            "yielding" => new YieldingWaitStrategy(),
            _ => new ParkingWaitStrategy(),
        });
        _disruptor = new Disruptor<long>(_ring);
        Consumer consumer = _disruptor.NewConsumer("reader", default(RingBenchmarks.Adder));
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

    [Benchmark]
    public long ThereAndBack()
    {
        long sequence = _ring.Next();
        _ring[sequence] = sequence;
        _ring.Publish(sequence);
        while (_reader.Value < sequence)
        {
            Thread.SpinWait(1);
        }

        return sequence;
    }
}
