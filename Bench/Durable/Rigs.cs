using System.IO;
using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Bench.Durable;

/// <summary>Journals and plain files to measure.</summary>
internal static class Rigs
{
    internal static JournalOptions Options(Durability durability, int capacity) => new()
    {
        Instance = 1,
        Epoch = 1,
        Durability = durability,
        SegmentCapacity = capacity,
        Spares = 4,
        RecycledMax = 8,
        StagingCapacity = 1 << 17,
    };

    internal static JournalWriter Journal(string folder, JournalOptions options)
    {
        StorageError? error = JournalWriter.Create(new PosixStorage(), folder, options, out JournalWriter? writer);
        return error is null ? writer! : throw new IOException(error.ToString());
    }

    internal static Event Record()
    {
        Event e = default;
        e.Set(new Trade { Price = 65_000, Quantity = 12, TradeId = 7 });
        return e;
    }

    internal static void Append(JournalWriter writer, ref Event e, long records)
    {
        for (long i = 0; i < records; i++)
        {
            e.Sequence = writer.NextSequence;
            writer.Append(in e);
        }
    }

    /// <summary>A file of written blocks: what is measured on it changes no metadata, as in a prepared segment.</summary>
    internal static IStorageFile Plain(string path, long bytes)
    {
        Check(new PosixStorage().Open(path, OpenMode.OpenOrCreate, out IStorageFile? file));
        Check(file!.Allocate(bytes));
        Check(file.Zero(0, bytes));
        Check(file.Sync());
        return file;
    }

    internal static void Check(StorageError? error)
    {
        if (error is not null)
        {
            throw new IOException(error.ToString());
        }
    }
}
