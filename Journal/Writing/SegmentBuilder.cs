using System;
using System.IO;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>
/// Makes one segment ahead of time in bounded steps: blocks reserved, every byte written as zero and synced, so that a
/// later append changes no metadata and touches no page for the first time.
/// </summary>
internal sealed class SegmentBuilder(IStorage storage, string directory, SegmentHeader current)
{
    /// <summary>Bytes that one step zeroes.</summary>
    public const int StepBytes = StorageCalls.ZeroChunk;

    private IStorageFile? _file;
    private long _zeroed;

    /// <summary>The first record's number.</summary>
    public long First => current.First;

    /// <summary>The file when it is ready; the caller owns it from then on.</summary>
    public IStorageFile? Ready { get; private set; }

    private string SegmentPath => Path.Combine(directory, SegmentLayout.Name(current.Kind, current.First));

    /// <summary>Does a bounded part of the work.</summary>
    /// <returns>The error, or null.</returns>
    public StorageError? Step()
    {
        long length = SegmentLayout.FileLength(current.Capacity);
        if (_file is null)
        {
            return storage.Open(SegmentPath, OpenMode.CreateNew, out _file) ?? _file!.Allocate(length);
        }

        if (_zeroed < length)
        {
            long step = Math.Min(StepBytes, length - _zeroed);
            StorageError? error = _file.Zero(_zeroed, step);
            _zeroed += step;
            return error ?? _file.Sync();
        }

        Span<byte> page = stackalloc byte[SegmentLayout.PageSize];
        (current with { State = SegmentState.Prepared, PreviousCrc = 0 }).Write(page);
        StorageError? failed = _file.WriteFully(0, page) ?? _file.Sync() ?? storage.SyncDirectory(directory);
        if (failed is null)
        {
            Ready = _file;
            _file = null;
        }

        return failed;
    }

    /// <summary>Does all of the work that is left.</summary>
    /// <returns>The error, or null.</returns>
    public StorageError? Finish()
    {
        while (Ready is null)
        {
            if (Step() is { } error)
            {
                return error;
            }
        }

        return null;
    }

    /// <summary>Removes what was made: no record went into it.</summary>
    /// <returns>The error, or null.</returns>
    public StorageError? Abandon()
    {
        IStorageFile? made = Ready ?? _file;
        if (made is null)
        {
            return null;
        }

        Ready = null;
        _file = null;
        return made.Close() ?? storage.Delete(made.Path) ?? storage.SyncDirectory(directory);
    }

    /// <summary>Lets the file go without touching it: after a failure nothing more is done to it.</summary>
    public void Release()
    {
        (Ready ?? _file)?.Dispose();
        Ready = null;
        _file = null;
    }
}
