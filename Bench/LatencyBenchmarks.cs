using System;
using BenchmarkDotNet.Attributes;
using LowLatency.Bench.Canonical;
using LowLatency.Engine.Latency;

namespace LowLatency.Bench;

/// <summary>
/// What measuring costs: the canonical workload, journal off, for each event with nothing, messages and every hop measured.
/// </summary>
[MemoryDiagnoser]
public class LatencyBenchmarks : IDisposable
{
    private const int Events = 1 << 14;

    private Rig _rig = null!;

    /// <summary>What is measured.</summary>
    [Params("Off", "Messages", "Hops")]
    public string Detail { get; set; } = string.Empty;

    [GlobalSetup]
    public void Build()
    {
        LoopedMarket market = LoopedMarket.Make(Rig.Configuration().Generator!, 131_072);
        _rig = new Rig(
            market, Recording.Off, string.Empty, latency: LatencyMeter.Of(Enum.Parse<LatencyDetail>(Detail)));
        _rig.Begin();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>One event through everything; reports and ticks of its time included.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public int Poll() => _rig.Driver.Poll(Events);
}
