using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>
/// Durability by the page cache: the appending thread stores the record into the mapped segment, and it survives the
/// process from then on. The pumping thread seals full segments and prepares the next. Nothing is synced before a
/// segment is sealed, so equal runs give equal bytes.
/// </summary>
internal sealed unsafe class MappedLog : RecordLog
{
    /// <summary>Full segments that may wait to be sealed; more make the appending thread wait.</summary>
    private const int SealBacklogMax = 4;

    // Guards what both threads touch when segments change: the prepared segment and the queue of full ones.
    private readonly Lock _gate = new();
    private readonly Queue<MappedSegment> _full = new(SealBacklogMax);
    private SegmentBuilder? _builder;
    private MappedSegment? _prepared;

    // Appending thread.
    private MappedSegment _current;
    private byte* _slot;
    private byte* _end;
    private uint _crc;
    private long _acknowledged;

    // Pumping thread.
    private Hash32 _previousHash;

    private MappedLog(
        IStorage storage, string directory, StreamKind kind, JournalOptions options, in StreamPosition position)
        : base(storage, directory, kind, options, position.Next)
    {
        _crc = position.LastCrc;
        _previousHash = position.LastHash;
        _acknowledged = position.Next - 1;
        _current = null!;
    }

    public override long Acknowledged => Volatile.Read(ref _acknowledged);

    public override int Room => int.MaxValue;

    /// <summary>Opens the log.</summary>
    public static StorageError? Open(
        IStorage storage,
        string directory,
        StreamKind kind,
        JournalOptions options,
        in StreamPosition position,
        out RecordLog? log)
    {
        log = null;
        MappedLog opened = new(storage, directory, kind, options, position);
        if (opened.Begin(position, out IStorageFile? file) is { } error)
        {
            return error;
        }

        if (MappedSegment.Map(file!, options.SegmentCapacity, out MappedSegment? segment) is { } notMapped)
        {
            file!.Dispose();
            return notMapped;
        }

        opened.Use(segment!, options.Header(kind, position.Next, position.LastCrc, position.IsOrigin));
        log = opened;
        return null;
    }

    public override void Append(ref readonly Event record)
    {
        BreakIfFailed();
        if (_slot == _end)
        {
            Roll();
        }

        ref Event stored = ref Unsafe.AsRef<Event>(_slot);
        stored = record;
        stored.Reserved = 0;
        _crc = Crc32C.AppendRecord(_crc, in stored);
        stored.Crc = _crc;
        _slot += SegmentLayout.RecordSize;
        Volatile.Write(ref _acknowledged, Next);
        Next++;
    }

    public override int Pump()
    {
        if (Failure is not null)
        {
            return 0;
        }

        // The spare segment first: the appending thread may wait for it, while sealing has a backlog of its own.
        if (PrepareStep() != 0)
        {
            return 1;
        }

        MappedSegment? full;
        lock (_gate)
        {
            if (!_full.TryPeek(out full))
            {
                return 0;
            }
        }

        // Outside the gate: hashing and syncing take long, and the appending thread may need the prepared segment.
        if (Fail(SealFull(full)) is null)
        {
            lock (_gate)
            {
                _ = _full.Dequeue();
            }
        }

        return 1;
    }

    public override StorageError? Close()
    {
        if (IsClosed)
        {
            return Failure;
        }

        Ensure.That(!HasPump, "the sync thread ends before the log is closed");
        IsClosed = true;
        while (Failure is null && _full.Count > 0)
        {
            _ = Pump();
        }

        if (Failure is null)
        {
            _ = Fail(DropPrepared() ?? EndCurrent());
        }

        foreach (MappedSegment segment in _full)
        {
            segment.Release();
        }

        _current.Release();
        _prepared?.Release();
        _builder?.Release();
        return Failure;
    }

    private StorageError? EndCurrent()
    {
        SegmentHeader header = _current.Header;
        long count = Next - header.First;
        Hash32 hash = default;
        StorageError? error = SegmentSealer.Hash(_current.File, header, count, _previousHash, out hash)
            ?? End(_current.File, header, count, _crc, hash, _previousHash);
        if (error is null && count > 0)
        {
            Durable = Next - 1;
        }

        return error;
    }

    private StorageError? DropPrepared()
    {
        if (_prepared is { } prepared)
        {
            _prepared = null;
            prepared.Unmap();
            return prepared.File.Close() ?? Storage.Delete(prepared.File.Path) ?? Storage.SyncDirectory(Directory);
        }

        return _builder?.Abandon();
    }

    private void Use(MappedSegment segment, in SegmentHeader header)
    {
        segment.Header = header;
        _current = segment;
        _slot = segment.Address + SegmentLayout.PageSize;
        _end = _slot + ((long)header.Capacity * SegmentLayout.RecordSize);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Roll()
    {
        WaitForBacklog();
        WaitForPrepared();
        lock (_gate)
        {
            if (_prepared is not { } next)
            {
                _ = Fail(Warning);
                BreakIfFailed();
                return;
            }

            _current.LastCrc = _crc;
            _full.Enqueue(_current);
            _prepared = null;
            SegmentHeader header = Options.Header(Kind, Next, _crc, origin: false);
            header.Write(new Span<byte>(next.Address, SegmentLayout.PageSize));
            Use(next, header);
        }

        Signal?.Notify();
    }

    private void WaitForBacklog()
    {
        SpinWait spin = default;
        while (true)
        {
            lock (_gate)
            {
                if (_full.Count < SealBacklogMax)
                {
                    return;
                }
            }

            BreakIfFailed();
            if (HasPump)
            {
                Signal?.Wake();
                spin.SpinOnce();
            }
            else
            {
                _ = Pump();
            }
        }
    }

    /// <summary>
    /// The spare segment is the sync thread's work: the appending thread waits for it rather than doing half of it.
    /// </summary>
    private void WaitForPrepared()
    {
        SpinWait spin = default;
        while (true)
        {
            lock (_gate)
            {
                if (_prepared is not null || Warning is not null)
                {
                    return;
                }
            }

            BreakIfFailed();
            if (HasPump)
            {
                Signal?.Wake();
                spin.SpinOnce();
            }
            else
            {
                _ = PrepareStep();
            }
        }
    }

    private StorageError? SealFull(MappedSegment full)
    {
        SegmentHeader header = full.Header;
        StorageError? error = SegmentSealer.Hash(full.File, header, header.Capacity, _previousHash, out Hash32 hash)
            ?? SegmentSealer.Seal(full.File, header.Capacity, header.Capacity, full.LastCrc, hash, _previousHash, Options.Key);
        if (error is not null)
        {
            return error;
        }

        _previousHash = hash;
        Durable = header.First + header.Capacity - 1;
        full.Unmap();
        return full.File.Close();
    }

    private int PrepareStep()
    {
        lock (_gate)
        {
            if (_prepared is not null || Warning is not null)
            {
                return 0;
            }

            if (_builder is null)
            {
                long first = _current.Header.First + _current.Header.Capacity;
                _builder = new SegmentBuilder(Storage, Directory, Options.Header(Kind, first, 0, origin: false));
            }
        }

        // Outside the gate: zeroing and syncing take long. Only this thread builds.
        StorageError? error = _builder.Step();
        if (error is null && _builder.Ready is { } file)
        {
            error = MappedSegment.Map(file, Options.SegmentCapacity, out MappedSegment? prepared);
            if (error is null)
            {
                lock (_gate)
                {
                    _prepared = prepared;
                    _builder = null;
                }
            }
        }

        Warn(error);
        return 1;
    }
}

/// <summary>A segment in memory.</summary>
internal sealed unsafe class MappedSegment
{
    private readonly IStorageMapping _mapping;

    private MappedSegment(IStorageFile file, IStorageMapping mapping)
    {
        File = file;
        _mapping = mapping;
    }

    public IStorageFile File { get; }

    public byte* Address => _mapping.Address;

    public SegmentHeader Header { get; set; }

    public uint LastCrc { get; set; }

    /// <summary>Maps header and records; the footer is written by a call.</summary>
    public static StorageError? Map(IStorageFile file, int capacity, out MappedSegment? segment)
    {
        StorageError? error = file.Map(SegmentLayout.FooterOffset(capacity), out IStorageMapping? mapping);
        segment = error is null ? new MappedSegment(file, mapping!) : null;
        segment?.Touch();
        return error;
    }

    /// <summary>
    /// Stores into every page, so that the appending thread meets none for the first time: a shared mapping is populated
    /// for reading only, and the first store into a page costs a fault of about a microsecond.
    /// </summary>
    private void Touch()
    {
        for (long at = 0; at < _mapping.Length; at += SegmentLayout.PageSize)
        {
            Volatile.Write(ref Address[at], Address[at]);
        }
    }

    public void Unmap() => _ = _mapping.Unmap();

    public void Release()
    {
        Unmap();
        File.Dispose();
    }
}
