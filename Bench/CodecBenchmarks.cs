using BenchmarkDotNet.Attributes;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Core.Values;
using LowLatency.Journal.Inspection;

namespace LowLatency.Bench;

/// <summary>The byte formats, one piece each.</summary>
public class CodecBenchmarks
{
    private readonly MessagePackWriter _writer = new();
    private readonly HdrHistogram _histogram = new(60_000_000_000, 3);
    private readonly EventFormatter _formatter = new(new InstrumentNames());
    private readonly byte[] _price = "65432.10"u8.ToArray();
    private readonly byte[] _text = new byte[32];
    private readonly byte[] _encoded = new byte[HistogramEncoding.HeaderBytes + (HistogramEncoding.NumberBytes << 15)];
    private byte[] _map = [];
    private Event _event;
    private Digest128 _digest;
    private Decision _decision;
    private uint _crc;
    private long _value;

    [GlobalSetup]
    public void Fill()
    {
        _event.Set(new Trade { Price = 65_000, Quantity = 12, TradeId = 7 });
        _event.Instrument = new InstrumentId(1);
        _decision.SignalCount = 1;
        _decision.IntentCount = 1;
        _decision.VerdictCount = 1;
        _decision.CommandCount = 1;
        for (int i = 0; i < 100_000; i++)
        {
            _histogram.RecordValue(i * 7_919L % 1_000_003);
        }

        MessagePackWrite();
        _map = _writer.Written.ToArray();
    }

    /// <summary>One event's chained CRC-32C.</summary>
    [Benchmark]
    public uint CrcOfRecord() => _crc = Crc32C.AppendRecord(_crc, in _event);

    /// <summary>Digest of an event with a signal, an intent, a verdict and a command.</summary>
    [Benchmark]
    public void DigestOfDecision() => DecisionDigest.Add(ref _digest, _event, _decision);

    /// <summary>Digest of an event that led to nothing: what most events pay.</summary>
    [Benchmark]
    public void DigestOfNothing()
    {
        _decision.Clear();
        DecisionDigest.Add(ref _digest, _event, _decision);
        _decision.SignalCount = 1;
        _decision.IntentCount = 1;
        _decision.VerdictCount = 1;
        _decision.CommandCount = 1;
    }

    /// <summary>A map of a text, a whole number, a boolean and a float.</summary>
    [Benchmark]
    public int MessagePackWrite()
    {
        _writer.Reset();
        _writer.WriteMapHeader(4);
        _writer.WriteText("symbol"u8);
        _writer.WriteText("BTCUSDT"u8);
        _writer.WriteText("quantity"u8);
        _writer.WriteInteger(1_234_567);
        _writer.WriteText("live"u8);
        _writer.WriteBoolean(true);
        _writer.WriteText("weight"u8);
        _writer.WriteFloat(0.25);
        return _writer.Written.Length;
    }

    /// <summary>The same map.</summary>
    [Benchmark]
    public bool MessagePackRead()
    {
        MessagePackReader reader = new(_map);
        return reader.TryReadMapHeader(out _)
            && reader.TryReadText(out _) && reader.TryReadText(out _)
            && reader.TryReadText(out _) && reader.TryReadInteger(out _)
            && reader.TryReadText(out _) && reader.TryReadBoolean(out _)
            && reader.TryReadText(out _) && reader.TryReadFloat(out _)
            && reader.AtEnd;
    }

    /// <summary>One value into a histogram of three digits.</summary>
    [Benchmark]
    public bool HistogramRecord()
    {
        _value = (_value + 7_919) & 0xFFFFF;
        return _histogram.RecordValue(_value);
    }

    /// <summary>A percentile of a histogram of three digits.</summary>
    [Benchmark]
    public long HistogramPercentile() => _histogram.ValueAtPercentile(99.9);

    /// <summary>The same histogram, encoded for a log, not compressed.</summary>
    [Benchmark]
    public int HistogramEncode() => HistogramEncoding.Encode(_histogram, _encoded);

    /// <summary>An event as JSON text.</summary>
    [Benchmark]
    public string EventToJson() => _formatter.Json(_event);

    /// <summary>A price from text into whole units.</summary>
    [Benchmark]
    public long DecimalParse()
    {
        DecimalText.TryParse(_price, 2, out long units);
        return units;
    }

    /// <summary>A price into text.</summary>
    [Benchmark]
    public int DecimalFormat() => DecimalText.Format(6_543_210, 2, _text);
}
