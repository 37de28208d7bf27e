using System.IO;
using BenchmarkDotNet.Attributes;
using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Bench;

/// <summary>
/// What the hot thread pays for an event, and what a replay pays to read it. Records per operation are constant, so the
/// figures are nanoseconds per event.
/// </summary>
[MemoryDiagnoser]
public class JournalBenchmarks
{
    private const int Events = 100_000;

    private string _folder = string.Empty;
    private string _written = string.Empty;
    private Event _event;
    private JournalWriter _writer = null!;
    private int _run;

    [GlobalSetup]
    public void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("lowlatency-bench-").FullName;
        _event.Set(new Trade { Price = 65_000, Quantity = 12, TradeId = 7 });
        _written = Path.Combine(_folder, "read");
        _writer = Open(_written, Durability.Written);
        Append();
        _ = _writer.Close();
    }

    [GlobalCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [IterationSetup(Target = nameof(Written))]
    public void OpenWritten() => _writer = Open(Next(), Durability.Written);

    [IterationSetup(Target = nameof(Flushed))]
    public void OpenFlushed() => _writer = Open(Next(), Durability.Flushed);

    [IterationCleanup(Targets = [nameof(Written), nameof(Flushed)])]
    public void Close() => _ = _writer.Close();

    /// <summary>Stored into the mapped segment.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public void Written() => Append();

    /// <summary>Copied into the staging ring; the sync is another thread's.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public void Flushed() => Append();

    /// <summary>Read, with chain and sequence checked.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Read()
    {
        using JournalReader reader = new(new PosixStorage(), _written);
        Event e = default;
        long sum = 0;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            sum += e.Trade.Price;
        }

        return sum;
    }

    /// <summary>Verified on one thread: headers, records, chain, seals and SHA-256.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Verify() => JournalVerifier.Verify(new PosixStorage(), _written).Records;

    private string Next() => Path.Combine(_folder, "run" + _run++);

    private static JournalWriter Open(string folder, Durability durability)
    {
        JournalOptions options = new()
        {
            Instance = 1,
            Epoch = 1,
            Durability = durability,
            SegmentCapacity = 1 << 17,
            StagingCapacity = 1 << 17,
        };
        StorageError? error = JournalWriter.Create(new PosixStorage(), folder, options, out JournalWriter? writer);
        return error is null ? writer! : throw new IOException(error.ToString());
    }

    private void Append()
    {
        for (int i = 0; i < Events; i++)
        {
            _event.Sequence = _writer.NextSequence;
            _writer.Append(in _event);
        }
    }
}
