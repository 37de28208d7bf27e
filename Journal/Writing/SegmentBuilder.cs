using System;
using System.IO;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>
/// Makes one segment ahead of time in bounded steps, from a retired file where there is one. Its header and the name are
/// durable before it can be used.
/// </summary>
/// <remarks>
/// For <see cref="Durability.Flushed"/> every byte is written as zero and synced, so that a later batch changes no metadata
/// and a power cut leaves zeros behind the last one. For <see cref="Durability.Written"/> the zeros are stored into the
/// mapping only: the records overwrite them before the kernel has to write them, which halves what goes to the disk. What
/// a power cut may then bring back are records of the retired segment, and their numbers are not those of their place.
/// </remarks>
internal sealed class SegmentBuilder(
    IStorage storage, string directory, SegmentHeader current, SpareFiles spares)
{
    /// <summary>Bytes that one step zeroes.</summary>
    public const int StepBytes = 1 << 19;

    private readonly bool _mapped = current.Durability == Durability.Written;
    private IStorageFile? _file;
    private IStorageMapping? _mapping;
    private bool _isRecycled;
    private bool _isMarked;
    private bool _isNamed;
    private long _zeroed;

    /// <summary>The first record's number.</summary>
    public long First => current.First;

    /// <summary>The file when it is ready; the caller owns it from then on.</summary>
    public IStorageFile? Ready { get; private set; }

    /// <summary>Header and records in memory when it is ready, for durability written; the caller owns it too.</summary>
    public IStorageMapping? Mapping => Ready is null ? null : _mapping;

    private string SegmentPath => Path.Combine(directory, SegmentLayout.Name(current.Kind, current.First));

    /// <summary>Does a bounded part of the work.</summary>
    /// <returns>The error, or null.</returns>
    public StorageError? Step()
    {
        if (_file is null)
        {
            return Open();
        }

        if (_mapped && !_isMarked)
        {
            _isMarked = true;
            return Mark() ?? _file.Map(SegmentLayout.FooterOffset(current.Capacity), out _mapping);
        }

        long from = _mapped ? SegmentLayout.PageSize : 0;
        long end = _mapped ? SegmentLayout.FooterOffset(current.Capacity) : SegmentLayout.FileLength(current.Capacity);
        long at = Math.Max(from, _zeroed);
        if (at < end)
        {
            int step = (int)Math.Min(StepBytes, end - at);
            _zeroed = at + step;
            return Zero(at, step);
        }

        StorageError? failed = (_mapped ? null : Mark()) ?? Name() ?? storage.SyncDirectory(directory);
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

        // A file that was renamed still answers to the name that it was opened by.
        string path = _isNamed ? SegmentPath : made.Path;
        Ready = null;
        _file = null;
        return _mapping?.Unmap() ?? made.Close() ?? storage.Delete(path) ?? storage.SyncDirectory(directory);
    }

    /// <summary>Lets the file go without touching it: after a failure nothing more is done to it.</summary>
    public void Release()
    {
        _ = _mapping?.Unmap();
        (Ready ?? _file)?.Dispose();
        Ready = null;
        _file = null;
    }

    private StorageError? Open()
    {
        long length = SegmentLayout.FileLength(current.Capacity);
        if (spares.TryTake(length, out _file) is { } error)
        {
            return error;
        }

        _isRecycled = _file is not null;
        return _isRecycled
            ? null
            : storage.Open(SegmentPath, OpenMode.CreateNew, out _file) ?? _file!.Allocate(length);
    }

    private StorageError? Name()
    {
        StorageError? error = _isRecycled ? storage.Rename(_file!.Path, SegmentPath) : null;
        _isNamed = error is null;
        return error;
    }

    private unsafe StorageError? Zero(long at, int length)
    {
        if (_mapped)
        {
            new Span<byte>(_mapping!.Address + at, length).Clear();
            return null;
        }

        // The write goes out while the next part is prepared: the one sync at the end then has little left to wait for.
        return _file!.Zero(at, length) ?? _file!.BeginWriteback(at, length);
    }

    /// <summary>
    /// Header and blank footer, durably: nothing of a retired segment can be taken for this one. A new file has its length
    /// before it has a header: one that is too short for what its header says is a damaged one.
    /// </summary>
    private StorageError? Mark()
    {
        Span<byte> page = stackalloc byte[SegmentLayout.PageSize];
        (current with { State = SegmentState.Prepared, PreviousCrc = 0 }).Write(page);
        return _file!.Zero(SegmentLayout.FooterOffset(current.Capacity), SegmentLayout.PageSize)
            ?? (_isRecycled ? null : _file!.Sync())
            ?? _file!.WriteFully(0, page)
            ?? _file!.Sync();
    }
}
