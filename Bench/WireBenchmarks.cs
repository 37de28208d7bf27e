using BenchmarkDotNet.Attributes;
using LowLatency.Bench.Canonical;

namespace LowLatency.Bench;

/// <summary>
/// One message of a venue from its bytes to events, validation included, beside the framework's serializer filling classes
/// from the same bytes (text to decimal numbers included, events not). One command from its fields to signed bytes.
/// </summary>
[MemoryDiagnoser]
public class WireBenchmarks
{
    private WireWork _work = null!;

    [GlobalSetup]
    public void Fill() => _work = new WireWork();

    /// <summary>An order-book difference of 68 levels, as many as they have on average.</summary>
    [Benchmark]
    public int BybitDelta() => _work.BybitDelta();

    /// <summary>The same by the serializer.</summary>
    [Benchmark]
    public decimal BybitDeltaBySerializer() => _work.BybitDeltaBySerializer();

    /// <summary>An order-book difference of twelve levels.</summary>
    [Benchmark]
    public int BybitDeltaOfTwelve() => _work.BybitDeltaOfTwelve();

    /// <summary>The same by the serializer.</summary>
    [Benchmark]
    public decimal BybitDeltaOfTwelveBySerializer() => _work.BybitDeltaOfTwelveBySerializer();

    /// <summary>A message of one print.</summary>
    [Benchmark]
    public int BybitTrade() => _work.BybitTrade();

    /// <summary>The same by the serializer.</summary>
    [Benchmark]
    public decimal BybitTradeBySerializer() => _work.BybitTradeBySerializer();

    /// <summary>A message of one execution.</summary>
    [Benchmark]
    public int BybitExecution() => _work.BybitExecution();

    /// <summary>An order update with a fill.</summary>
    [Benchmark]
    public int AlpacaUpdate() => _work.AlpacaUpdate();

    /// <summary>A message of a quote and a print.</summary>
    [Benchmark]
    public int AlpacaData() => _work.AlpacaData();

    /// <summary>A command as a message of the order-entry connection.</summary>
    [Benchmark]
    public int BybitOrder() => _work.BybitOrder();

    /// <summary>A command as a signed REST request.</summary>
    [Benchmark]
    public bool BybitSignedOrder() => _work.BybitSignedOrder();
}
