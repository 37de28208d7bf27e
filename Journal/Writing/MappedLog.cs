using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>
/// Durability by the page cache: the appending thread stores the record into the mapped segment, and it survives the
/// process from then on. The pumping thread follows it: it hashes what is complete, seals full segments and prepares the
/// next. Nothing is promised of the disk before a segment is sealed.
/// </summary>
internal sealed unsafe class MappedLog : RecordLog
{
    /// <summary>Full segments that may wait to be sealed; more make the appending thread wait.</summary>
    private const int SealBacklogMax = 4;

    /// <summary>Bytes after which the appending thread tells the pumping one that it went on; whole large pages.</summary>
    private const long StrideBytes = 1 << 21;

    /// <summary>Records that one step hashes at most.</summary>
    private const int HashRecords = 1 << 13;

    // Guards what both threads touch when segments change: the prepared segments, the full ones, the current one.
    private readonly Lock _gate = new();
    private readonly Queue<MappedSegment> _full = new(SealBacklogMax);
    private readonly Queue<MappedSegment> _prepared = new();

    // Appending thread.
    private MappedSegment _current;
    private byte* _slot;
    private byte* _pause;
    private byte* _end;
    private uint _crc;
    private long _acknowledged;

    // Pumping thread.
    private readonly SegmentHash _hash = new();
    private SegmentBuilder? _builder;
    private Hash32 _previousHash;
    private MappedSegment? _hashing;
    private long _hashed;
    private long _freshened;
    private long _sealedBefore;
    private long _preparedEnd;

    private MappedLog(
        IStorage storage, string directory, StreamKind kind, JournalOptions options, in StreamPosition position)
        : base(storage, directory, kind, options, position.Next)
    {
        _crc = position.LastCrc;
        _previousHash = position.LastHash;
        _acknowledged = position.Next - 1;
        _sealedBefore = position.Next;
        _preparedEnd = position.Next + options.SegmentCapacity;
        _current = null!;
    }

    public override long Acknowledged => Volatile.Read(ref _acknowledged);

    public override int Room => int.MaxValue;

    protected override long SealedBefore => _sealedBefore;

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
        if (opened.Begin(position, out SegmentBuilder? made) is { } error)
        {
            opened._hash.Dispose();
            return error;
        }

        opened.Use(
            new MappedSegment(made!.Ready!, made.Mapping!),
            options.Header(kind, position.Next, position.LastCrc, position.IsOrigin));
        log = opened;
        return null;
    }

    public override void Append(ref readonly Event record)
    {
        BreakIfFailed();
        if (_slot == _pause)
        {
            Advance();
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

    protected override int PumpOnce()
    {
        int ready;
        int full;
        lock (_gate)
        {
            ready = _prepared.Count;
            full = _full.Count;
        }

        // Whichever the appending thread would have to wait for first; both when neither presses.
        bool mayPrepare = ready < Options.Spares && Warning is null;
        if (mayPrepare && (ready == 0 || full < SealBacklogMax - 1))
        {
            return Prepare();
        }

        return Freshen() + Follow() is 0 ? 0 : 1;
    }

    protected override void CloseSegments()
    {
        while (Failure is null && _full.Count > 0)
        {
            _ = Follow();
        }

        if (Failure is null)
        {
            _ = Fail(DropPrepared() ?? EndCurrent());
        }

        foreach (MappedSegment segment in _full)
        {
            segment.Release();
        }

        foreach (MappedSegment segment in _prepared)
        {
            segment.Release();
        }

        _current.Release();
        _builder?.Release();
        _hash.Dispose();
    }

    private StorageError? EndCurrent()
    {
        long count = Next - _current.Header.First;
        while (_hashed < count || _hashing != _current)
        {
            Hash(_current, count);
        }

        StorageError? error = End(
            _current.File, _current.Header, count, _crc, _hash.Finish(_previousHash), _previousHash);
        if (error is null && count > 0)
        {
            SetDurable(Next - 1, _crc);
        }

        return error;
    }

    /// <summary>From the last one back: a gap among the spares would look like a segment that was lost.</summary>
    private StorageError? DropPrepared()
    {
        StorageError? error = _builder?.Abandon();
        MappedSegment[] spares = [.. _prepared];
        for (int i = spares.Length - 1; i >= 0 && error is null; i--)
        {
            string path = System.IO.Path.Combine(Directory, SegmentLayout.Name(Kind, spares[i].Header.First));
            spares[i].Unmap();
            error = spares[i].File.Close() ?? Storage.Delete(path) ?? Storage.SyncDirectory(Directory);
        }

        return error;
    }

    private void Use(MappedSegment segment, in SegmentHeader header)
    {
        segment.Header = header;
        _current = segment;
        _slot = segment.Address + SegmentLayout.PageSize;
        _end = _slot + ((long)header.Capacity * SegmentLayout.RecordSize);
        _pause = _slot + Math.Min(StrideBytes - SegmentLayout.PageSize, _end - _slot);
    }

    /// <summary>The appending thread has filled a stride, or the segment.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Advance()
    {
        if (_slot == _end)
        {
            Roll();
            return;
        }

        _pause += Math.Min(StrideBytes, _end - _pause);
        Signal?.Notify();
    }

    private void Roll()
    {
        WaitForBacklog();
        WaitForPrepared();
        lock (_gate)
        {
            if (!_prepared.TryDequeue(out MappedSegment? next))
            {
                _ = Fail(Warning);
                BreakIfFailed();
                return;
            }

            _current.LastCrc = _crc;
            _full.Enqueue(_current);
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
                _ = Follow();
            }
        }
    }

    /// <summary>
    /// The spare segments are the sync thread's work: the appending thread waits for one rather than doing half of it.
    /// </summary>
    private void WaitForPrepared()
    {
        SpinWait spin = default;
        while (true)
        {
            lock (_gate)
            {
                if (_prepared.Count > 0 || Warning is not null)
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
                _ = Prepare();
            }
        }
    }

    /// <summary>Hashes what is complete in the oldest segment that is not sealed, and seals it when it is full.</summary>
    private int Follow()
    {
        MappedSegment segment;
        bool isFull;
        lock (_gate)
        {
            isFull = _full.TryPeek(out MappedSegment? oldest);
            segment = isFull ? oldest! : _current;
        }

        // The current segment only by whole strides: its last page is still being written.
        long complete = isFull
            ? segment.Header.Capacity
            : Complete(Acknowledged + 1 - segment.Header.First);
        if (_hashing != segment || _hashed < complete)
        {
            return Hash(segment, complete);
        }

        if (!isFull || Fail(Seal(segment)) is not null)
        {
            return 0;
        }

        lock (_gate)
        {
            _ = _full.Dequeue();
        }

        return 1;
    }

    private static long Complete(long records)
    {
        long strides = SegmentLayout.RecordOffset(records) / StrideBytes;
        return strides == 0 ? 0 : ((strides * StrideBytes) - SegmentLayout.PageSize) / SegmentLayout.RecordSize;
    }

    private int Hash(MappedSegment segment, long complete)
    {
        if (_hashing != segment)
        {
            _hashing = segment;
            _hashed = 0;
            _hash.Start(segment.Header);
        }

        int count = (int)Math.Min(HashRecords, complete - _hashed);
        if (count <= 0)
        {
            return 0;
        }

        _hash.Add(segment.Records(_hashed, count));

        // On its way to the disk while the next part is hashed: the sync of a full segment has little left to wait for.
        long offset = SegmentLayout.RecordOffset(_hashed);
        _ = Fail(segment.File.BeginWriteback(offset, (long)count * SegmentLayout.RecordSize));
        _hashed += count;
        return count;
    }

    private StorageError? Seal(MappedSegment full)
    {
        SegmentHeader header = full.Header;
        Hash32 hash = _hash.Finish(_previousHash);
        StorageError? error = SegmentSealer.Seal(
            full.File, header.Capacity, header.Capacity, full.LastCrc, hash, _previousHash, Options.Key);
        if (error is not null)
        {
            return error;
        }

        _hashing = null;
        _previousHash = hash;
        _sealedBefore = header.First + header.Capacity;
        SetDurable(_sealedBefore - 1, full.LastCrc);
        full.Unmap();
        return full.File.Close();
    }

    /// <summary>Keeps the stride behind the present one writable.</summary>
    private int Freshen()
    {
        MappedSegment current;
        lock (_gate)
        {
            current = _current;
        }

        // By the record's number, so that the position needs no starting anew with each segment.
        long written = Acknowledged + 1;
        if (written < _freshened || written < current.Header.First)
        {
            return 0;
        }

        long offset = SegmentLayout.RecordOffset(written - current.Header.First);
        long next = (offset / StrideBytes * StrideBytes) + StrideBytes;
        _freshened = current.Header.First + ((next - SegmentLayout.PageSize) / SegmentLayout.RecordSize);
        long end = SegmentLayout.FooterOffset(current.Header.Capacity);
        if (next < end)
        {
            Warn(current.Freshen(next, Math.Min(StrideBytes, end - next)));
        }

        return 1;
    }

    private int Prepare()
    {
        _builder ??= Build(_preparedEnd);
        StorageError? error = _builder.Step();
        Warn(error);
        if (error is null && _builder.Ready is { } file)
        {
            MappedSegment prepared = new(file, _builder.Mapping!)
            {
                Header = Options.Header(Kind, _builder.First, 0, origin: false),
            };
            _builder = null;
            _preparedEnd += Options.SegmentCapacity;
            lock (_gate)
            {
                _prepared.Enqueue(prepared);
            }
        }

        return 1;
    }
}
