using System;
using System.IO;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>
/// A stream of segments open for appending. One thread appends; another (or the same one, by hand) calls
/// <see cref="Pump"/>, which does what may block: syncing, sealing, preparing. The first storage error is final.
/// </summary>
internal abstract class RecordLog : ISyncWork, IDisposable
{
    private StorageError? _failure;
    private StorageError? _warning;
    private readonly WatermarkKeeper? _watermark;
    private readonly SpareFiles _spares;
    private StorageError? _upkeepFailure;
    private Retention? _retention;
    private long _durable;
    private uint _durableCrc;

    protected RecordLog(IStorage storage, string directory, StreamKind kind, JournalOptions options, long first)
    {
        _spares = new SpareFiles(storage, directory, kind, options.RecycledMax);
        _watermark = kind == StreamKind.Journal && options.WatermarkPath is { } path
            ? new WatermarkKeeper(storage, path, options)
            : null;
        Storage = storage;
        Directory = directory;
        Kind = kind;
        Options = options;
        Next = first;
        _durable = first - 1;
    }

    /// <summary>Number of the next record. Appending thread only.</summary>
    public long Next { get; protected set; }

    /// <summary>Number of the last record that can no longer be lost, as the durability defines it.</summary>
    public abstract long Acknowledged { get; }

    /// <summary>Number of the last record behind an fdatasync.</summary>
    public long Durable => Volatile.Read(ref _durable);

    /// <summary>The first storage error, or null. It stays.</summary>
    public StorageError? Failure => Volatile.Read(ref _failure);

    /// <summary>Why no further segment could be prepared, or null: the current one still takes records.</summary>
    public StorageError? Warning => Volatile.Read(ref _warning);

    /// <summary>What went wrong beside the appends, or null: the watermark or a retirement. It stays, and both have ended.</summary>
    public StorageError? UpkeepFailure => Volatile.Read(ref _upkeepFailure);

    /// <summary>Number of the first record that is kept.</summary>
    public long FirstKept => _retention?.First ?? Next;

    /// <summary>Records that can be appended without waiting for the disk.</summary>
    public abstract int Room { get; }

    /// <summary>True while a thread pumps: an append that must wait then waits instead of pumping.</summary>
    public bool HasPump { get; set; }

    /// <summary>Wakes the pumping thread, when there is one.</summary>
    public SyncSignal? Signal { get; set; }

    /// <summary>The log whose records' causes must be durable first, or null.</summary>
    public RecordLog? Behind { get; set; }

    /// <summary>True after <see cref="Close"/>.</summary>
    public bool IsClosed { get; protected set; }

    protected IStorage Storage { get; }

    protected string Directory { get; }

    protected StreamKind Kind { get; }

    protected JournalOptions Options { get; }

    /// <summary>Appends a record; its number, sync mark and CRC are set here.</summary>
    public abstract void Append(ref readonly Event record);

    /// <inheritdoc/>
    public int Pump()
    {
        if (Failure is not null)
        {
            return 0;
        }

        int done = PumpOnce();
        if (DueIn == 0 && Failure is null)
        {
            WriteWatermark();
        }

        // Also while there is always something else to do: else files would be made anew without end, not used again.
        return done + Retire();
    }

    /// <summary>Milliseconds until the watermark is to be written; -1 when it is not.</summary>
    public int DueIn => UpkeepFailure is null ? _watermark?.DueIn(Durable) ?? -1 : -1;

    /// <summary>Asks for sealed segments entirely before a record to be retired. Any thread.</summary>
    /// <param name="record">The first record that is needed.</param>
    public void RetireBefore(long record)
    {
        _retention?.Request(record);
        Signal?.Notify();
    }

    /// <summary>Makes everything durable and seals. Nothing may be appended afterwards.</summary>
    /// <returns>The first storage error of the log's life, or null.</returns>
    public StorageError? Close()
    {
        if (!IsClosed)
        {
            Ensure.That(!HasPump, "the sync thread ends before the log is closed");
            IsClosed = true;
            CloseSegments();
            if (Failure is null && DueIn >= 0)
            {
                WriteWatermark();
            }
        }

        return Failure ?? UpkeepFailure;
    }

    /// <summary>Does a bounded portion of what the appends wait for.</summary>
    protected abstract int PumpOnce();

    /// <summary>Makes everything durable, seals, and lets all files go.</summary>
    protected abstract void CloseSegments();

    /// <summary>Moves the durable position. Pumping thread.</summary>
    protected void SetDurable(long number, uint crc)
    {
        _durableCrc = crc;
        Volatile.Write(ref _durable, number);
    }

    /// <summary>Number after the last record of the last sealed segment. Pumping thread.</summary>
    protected abstract long SealedBefore { get; }

    /// <summary>A segment to be made, beginning with a record.</summary>
    protected SegmentBuilder Build(long first) =>
        new(Storage, Directory, Options.Header(Kind, first, 0, origin: false), _spares);

    private void WriteWatermark() => Keep(_watermark!.Write(Durable, _durableCrc));

    private int Retire()
    {
        if (_retention is null || UpkeepFailure is not null || !_retention.Step(SealedBefore, out StorageError? error))
        {
            return 0;
        }

        Keep(error);
        return 1;
    }

    private void Keep(StorageError? error)
    {
        if (error is not null)
        {
            _ = Interlocked.CompareExchange(ref _upkeepFailure, error, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Close();

    /// <summary>Makes the first segment of this run and makes it current, durably.</summary>
    protected StorageError? Begin(in StreamPosition position, out SegmentBuilder? made)
    {
        SegmentHeader header = Options.Header(Kind, position.Next, position.LastCrc, position.IsOrigin);
        made = null;
        if (_spares.Load() is { } notListed)
        {
            return notListed;
        }

        // Before the first segment: a journal without its watermark is refused, a watermark of no event needs no journal.
        _durableCrc = position.LastCrc;
        if (_watermark?.Write(Durable, _durableCrc) is { } notMarked)
        {
            return notMarked;
        }

        SegmentBuilder builder = Build(position.Next);
        StorageError? error = builder.Finish() ?? Activate(builder.Ready!, header);
        _retention = new Retention(Storage, Directory, Kind, Options, _spares, position.FirstKept);
        if (error is not null)
        {
            builder.Release();
            return error;
        }

        made = builder;
        return null;
    }

    protected static StorageError? Activate(IStorageFile file, in SegmentHeader header)
    {
        Span<byte> page = stackalloc byte[SegmentLayout.PageSize];
        header.Write(page);
        return file.WriteFully(0, page) ?? file.Sync();
    }

    /// <summary>Records the first failure and passes it on.</summary>
    protected StorageError? Fail(StorageError? error)
    {
        if (error is not null)
        {
            _ = Interlocked.CompareExchange(ref _failure, error, null);
            Signal?.Wake();
        }

        return error;
    }

    protected void Warn(StorageError? error)
    {
        if (error is not null)
        {
            _ = Interlocked.CompareExchange(ref _warning, error, null);
        }
    }

    /// <summary>A broken invariant on the pumping thread: the log takes nothing more.</summary>
    public void FailByDefect() => Fail(new StorageError("sync thread", Directory, Errno.EIO));

    protected void BreakIfFailed()
    {
        if (_failure is not null || IsClosed)
        {
            Ensure.Break(IsClosed ? "append after close" : "append after a storage failure: " + _failure);
        }
    }

    /// <summary>Ends a segment at a clean stop: one without records is removed, any other is sealed.</summary>
    protected StorageError? End(
        IStorageFile file, in SegmentHeader header, long count, uint lastCrc, in Hash32 hash, in Hash32 previous)
    {
        if (count > 0)
        {
            return SegmentSealer.Seal(file, header.Capacity, count, lastCrc, hash, previous, Options.Key) ?? file.Close();
        }

        return file.Close()
            ?? Storage.Delete(Path.Combine(Directory, SegmentLayout.Name(Kind, header.First)))
            ?? Storage.SyncDirectory(Directory);
    }
}
