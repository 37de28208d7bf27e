extern alias hdr;

using System.Buffers;
using BenchmarkDotNet.Attributes;
using MessagePack;

namespace LowLatency.Bench.Peers;

/// <summary>The same work as in <see cref="CodecBenchmarks"/>, by MessagePack-CSharp and HdrHistogram.NET.</summary>
[MemoryDiagnoser]
public class PeerCodecBenchmarks
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private readonly hdr::HdrHistogram.LongHistogram _histogram = new(60_000_000_000, 3);
    private byte[] _map = [];
    private long _value;

    [GlobalSetup]
    public void Fill()
    {
        MessagePackWrite();
        _map = _buffer.WrittenSpan.ToArray();
    }

    /// <summary>A map of a text, a whole number, a boolean and a float.</summary>
    [Benchmark]
    public int MessagePackWrite()
    {
        _buffer.ResetWrittenCount();
        MessagePackWriter writer = new(_buffer);
        writer.WriteMapHeader(4);
        writer.WriteString("symbol"u8);
        writer.WriteString("BTCUSDT"u8);
        writer.WriteString("quantity"u8);
        writer.Write(1_234_567);
        writer.WriteString("live"u8);
        writer.Write(true);
        writer.WriteString("weight"u8);
        writer.Write(0.25);
        writer.Flush();
        return _buffer.WrittenCount;
    }

    /// <summary>The same map.</summary>
    [Benchmark]
    public double MessagePackRead()
    {
        MessagePackReader reader = new(_map);
        double sum = reader.ReadMapHeader();
        reader.ReadStringSequence();
        reader.ReadStringSequence();
        reader.ReadStringSequence();
        sum += reader.ReadInt64();
        reader.ReadStringSequence();
        sum += reader.ReadBoolean() ? 1 : 0;
        reader.ReadStringSequence();
        return sum + reader.ReadDouble();
    }

    /// <summary>One value into a histogram of three digits.</summary>
    [Benchmark]
    public void HistogramRecord()
    {
        _value = (_value + 7_919) & 0xFFFFF;
        _histogram.RecordValue(_value);
    }
}
