using System;
using System.Collections.Generic;
using System.Threading;
using BenchmarkDotNet.Attributes;
using LowLatency.Bench.Alternatives.HandOver;
using LowLatency.Core.Events;

namespace LowLatency.Bench;

/// <summary>Events of full size to another thread: our ring, and what one would take instead.</summary>
[MemoryDiagnoser]
public class HandOverBenchmarks : IDisposable
{
    private const int Events = 1 << 14;

    private HandOver _way = null!;
    private Event _event;

    /// <summary>The ways that are built in.</summary>
    public static IEnumerable<string> Ways =>
    [
        "ring", "channel", "concurrent-queue", "blocking-collection", "lock",
#if PEERS
        "disruptor-net",
#endif
    ];

    [ParamsSource(nameof(Ways))]
    public string Way { get; set; } = string.Empty;

    [GlobalSetup]
    public void Start()
    {
#if PEERS
        _way = Way == "disruptor-net" ? new Peers.DisruptorNetHandOver() : HandOver.By(Way);
#else
        _way = HandOver.By(Way);
#endif
        _event.Set(new Trade { Price = 65_000, Quantity = 12, TradeId = 7 });
        _event.Sequence = -1;
        _way.Start();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _way.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>One event over and its number back.</summary>
    [Benchmark]
    public long ThereAndBack()
    {
        _event.Sequence++;
        _way.Send(_event);
        Wait();
        return _event.Sequence;
    }

    /// <summary>As fast as they go, for each event.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Through()
    {
        for (int i = 0; i < Events; i++)
        {
            _event.Sequence++;
            _way.Send(_event);
        }

        Wait();
        return _event.Sequence;
    }

    private void Wait()
    {
        while (_way.Received.Value < _event.Sequence)
        {
            Thread.SpinWait(1);
        }
    }
}
