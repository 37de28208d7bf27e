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
    private long _durable;

    protected RecordLog(IStorage storage, string directory, StreamKind kind, JournalOptions options, long first)
    {
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
    public long Durable
    {
        get => Volatile.Read(ref _durable);
        protected set => Volatile.Write(ref _durable, value);
    }

    /// <summary>The first storage error, or null. It stays.</summary>
    public StorageError? Failure => Volatile.Read(ref _failure);

    /// <summary>Why no further segment could be prepared, or null: the current one still takes records.</summary>
    public StorageError? Warning => Volatile.Read(ref _warning);

    /// <summary>Records that can be appended without waiting for the disk.</summary>
    public abstract int Room { get; }

    /// <summary>True while a thread pumps: an append that must wait then waits instead of pumping.</summary>
    public bool HasPump { get; set; }

    /// <summary>Wakes the pumping thread, when there is one.</summary>
    public SyncSignal? Signal { get; set; }

    /// <summary>True after <see cref="Close"/>.</summary>
    protected bool IsClosed { get; set; }

    protected IStorage Storage { get; }

    protected string Directory { get; }

    protected StreamKind Kind { get; }

    protected JournalOptions Options { get; }

    /// <summary>Appends a record; its number, sync mark and CRC are set here.</summary>
    public abstract void Append(ref readonly Event record);

    /// <inheritdoc/>
    public abstract int Pump();

    /// <summary>Makes everything durable and seals. Nothing may be appended afterwards.</summary>
    /// <returns>The first storage error of the log's life, or null.</returns>
    public abstract StorageError? Close();

    /// <inheritdoc/>
    public void Dispose() => _ = Close();

    /// <summary>Makes the first segment of this run and makes it current, durably.</summary>
    protected StorageError? Begin(in StreamPosition position, out IStorageFile? file)
    {
        SegmentHeader header = Options.Header(Kind, position.Next, position.LastCrc, position.IsOrigin);
        SegmentBuilder builder = new(Storage, Directory, header);
        StorageError? error = builder.Finish();
        file = builder.Ready;
        error ??= Activate(file!, header);
        if (error is not null)
        {
            builder.Release();
            file = null;
        }

        return error;
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
