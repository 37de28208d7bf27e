using System;
using LowLatency.Core.Formats;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Tests.Journal.Faults;

/// <summary>A defect of a journal's storage layer, planted around an honest one.</summary>
internal enum StorageBug
{
    /// <summary>No defect: the wrapping itself must change nothing.</summary>
    None,

    /// <summary>fdatasync is left out.</summary>
    NoSync,

    /// <summary>The result of fdatasync is not looked at.</summary>
    SyncResultIgnored,

    /// <summary>A failed fdatasync is called again, and the second answer counts.</summary>
    SyncRetried,

    /// <summary>New, renamed and removed names are not synced.</summary>
    DirectoryNotSynced,

    /// <summary>The journal directory's own name is not synced.</summary>
    ParentNotSynced,

    /// <summary>The run number is written and renamed, not synced.</summary>
    EpochNotDurable,

    /// <summary>The run number's directory entry is not synced.</summary>
    EpochNameNotDurable,

    /// <summary>The footer is written without syncing the records before it.</summary>
    FooterBeforeRecords,

    /// <summary>Sync marks claim that the record before is durable.</summary>
    MarksTooYoung,

    /// <summary>Recovery loses the last valid record.</summary>
    CutsOneTooMany,

    /// <summary>An interrupted write counts as done.</summary>
    InterruptedIsDone,

    /// <summary>A short write counts as complete.</summary>
    ShortIsComplete,

    /// <summary>An error of a write is not looked at.</summary>
    WriteResultIgnored,
}

/// <summary>Storage with one planted defect; everything else goes through unchanged.</summary>
internal sealed class PlantedStorage(IStorage honest, StorageBug bug) : IStorage
{
    public StorageError? CreateDirectory(string path) => honest.CreateDirectory(path);

    public StorageError? Open(string path, OpenMode mode, out IStorageFile? file)
    {
        StorageError? error = honest.Open(path, mode, out IStorageFile? inner);
        file = inner is null ? null : new PlantedFile(inner, bug);
        return error;
    }

    public StorageError? List(string directory, out string[] names) => honest.List(directory, out names);

    public StorageError? Delete(string path) => honest.Delete(path);

    public StorageError? Rename(string from, string to) => honest.Rename(from, to);

    public StorageError? SyncDirectory(string directory) => bug switch
    {
        StorageBug.DirectoryNotSynced when directory != "/" => null,
        StorageBug.ParentNotSynced when directory == "/" => null,
        StorageBug.EpochNameNotDurable when directory != "/" && HasNewEpoch(directory) => null,
        _ => honest.SyncDirectory(directory),
    };

    /// <summary>Whether a run number was renamed just before: its segments are not there yet.</summary>
    private bool HasNewEpoch(string directory) =>
        honest.List(directory, out string[] names) is null
        && Array.IndexOf(names, EpochFile.FileName) >= 0
        && !Array.Exists(names, name => SegmentLayout.IsSegment(StreamKind.Journal, name));
}

/// <summary>A file of it.</summary>
internal sealed class PlantedFile(IStorageFile inner, StorageBug bug) : IStorageFile
{
    private uint _crc;

    public string Path => inner.Path;

    private bool IsSegment => inner.Path.EndsWith(".seg", StringComparison.Ordinal);

    public StorageError? Length(out long length) => inner.Length(out length);

    public StorageError? Allocate(long length) => inner.Allocate(length);

    public StorageError? Read(long offset, Span<byte> destination, out int read)
    {
        StorageError? error = inner.Read(offset, destination, out read);
        if (bug == StorageBug.CutsOneTooMany && error is null && IsSegment && offset == SegmentLayout.PageSize)
        {
            int last = destination[..read].LastIndexOfAnyExcept((byte)0) / SegmentLayout.RecordSize;
            bool open = inner.Length(out long length) is null && !Footer(length);
            if (last >= 0 && open)
            {
                destination.Slice(last * SegmentLayout.RecordSize, SegmentLayout.RecordSize).Clear();
            }
        }

        return error;
    }

    public StorageError? Write(long offset, ReadOnlySpan<byte> source, out int written)
    {
        bool footer = IsSegment && source.StartsWith("LLFOOTR1"u8);
        bool zeros = !source.ContainsAnyExcept((byte)0);
        if (bug == StorageBug.MarksTooYoung && IsSegment && !zeros && !footer)
        {
            byte[] marked = Marked(offset, source);
            return inner.Write(offset, marked, out written);
        }

        StorageError? error = inner.Write(offset, source, out written);
        bool forgiven = bug == StorageBug.WriteResultIgnored
            || (bug == StorageBug.InterruptedIsDone && error?.Errno == Errno.EINTR);
        if (forgiven && error is not null)
        {
            written = source.Length;
            return null;
        }

        written = bug == StorageBug.ShortIsComplete && error is null ? source.Length : written;
        return error;
    }

    public StorageError? Map(long length, out IStorageMapping? mapping) => inner.Map(length, out mapping);

    public StorageError? Sync()
    {
        bool epoch = inner.Path.Contains("/epoch", StringComparison.Ordinal);
        if (bug == StorageBug.NoSync || (bug == StorageBug.EpochNotDurable && epoch))
        {
            return null;
        }

        // Of a mapped segment, the sync before the footer is the first since it was made current.
        if (bug == StorageBug.FooterBeforeRecords && IsSegment && inner.Length(out long length) is null && !Footer(length) && HasRecords())
        {
            return null;
        }

        StorageError? error = inner.Sync();
        return bug switch
        {
            StorageBug.SyncResultIgnored => null,
            StorageBug.SyncRetried when error is not null => inner.Sync(),
            _ => error,
        };
    }

    public StorageError? Protection(out FileProtection protection) => inner.Protection(out protection);

    public StorageError? Lock() => inner.Lock();

    public StorageError? Close() => inner.Close();

    public void Dispose() => inner.Dispose();

    private bool Footer(long length)
    {
        Span<byte> start = stackalloc byte[8];
        return inner.Read(length - SegmentLayout.PageSize, start, out int read) is null
            && read == start.Length && start.ContainsAnyExcept((byte)0);
    }

    private bool HasRecords()
    {
        Span<byte> record = stackalloc byte[SegmentLayout.RecordSize];
        return inner.Read(SegmentLayout.PageSize, record, out int _) is null && record.ContainsAnyExcept((byte)0);
    }

    /// <summary>The records as a writer would make them that takes the record before for durable.</summary>
    private byte[] Marked(long offset, ReadOnlySpan<byte> source)
    {
        byte[] copy = source.ToArray();
        if (offset == 0)
        {
            _crc = BitConverter.ToUInt32(copy, 40);
            return copy;
        }

        for (int at = 0; at + SegmentLayout.RecordSize <= copy.Length; at += SegmentLayout.RecordSize)
        {
            Span<byte> record = copy.AsSpan(at, SegmentLayout.RecordSize);
            BitConverter.TryWriteBytes(record[SegmentLayout.MarkOffset..], 1u);
            _crc = Crc32C.Append(_crc, record[..SegmentLayout.CrcOffset]);
            BitConverter.TryWriteBytes(record[SegmentLayout.CrcOffset..], _crc);
        }

        return copy;
    }
}
