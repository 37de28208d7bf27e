using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>
/// Durability by fdatasync. The appending thread copies a record into a bounded ring in memory; the pumping thread writes
/// what has gathered, syncs it, and only then moves the durable position, which also frees the ring. One batch is on its
/// way at a time and no batch crosses a segment, so a segment is sealed and synced before the next takes a record.
/// </summary>
internal sealed unsafe class FlushedLog : RecordLog
{
    private readonly byte* _staging;
    private readonly int _mask;

    // Appending thread.
    private uint _crc;
    private long _durableSeen;
    private long _freedSeen;

    // Handover: everything below it is in the ring.
    private long _tail;

    // Handover back: everything up to it has left the ring for good.
    private long _freed;

    // Pumping thread.
    private readonly SegmentHash _hash = new();
    private IStorageFile _file;
    private SegmentHeader _header;
    private Hash32 _previousHash;
    private uint _writtenCrc;
    private long _written;
    private readonly Queue<SegmentBuilder> _ready = new();
    private SegmentBuilder? _builder;
    private long _prepared;

    private FlushedLog(
        IStorage storage, string directory, StreamKind kind, JournalOptions options, in StreamPosition position)
        : base(storage, directory, kind, options, position.Next)
    {
        _staging = (byte*)NativeMemory.AlignedAlloc((nuint)options.StagingCapacity * SegmentLayout.RecordSize, 4096);
        NativeMemory.Clear(_staging, (nuint)options.StagingCapacity * SegmentLayout.RecordSize);
        _mask = options.StagingCapacity - 1;
        _crc = position.LastCrc;
        _writtenCrc = position.LastCrc;
        _written = position.Next;
        _tail = position.Next;
        _durableSeen = Durable;
        _freed = Durable;
        _freedSeen = Durable;
        _previousHash = position.LastHash;
        _header = options.Header(kind, position.Next, position.LastCrc, position.IsOrigin);
        _hash.Start(_header);
        _file = null!;
        _prepared = position.Next + options.SegmentCapacity;
    }

    public override long Acknowledged => Durable;

    public override int Room => (int)(Options.StagingCapacity - (Next - 1 - Volatile.Read(ref _freed)));

    /// <summary>Opens the log.</summary>
    public static StorageError? Open(
        IStorage storage,
        string directory,
        StreamKind kind,
        JournalOptions options,
        in StreamPosition position,
        out RecordLog? log)
    {
        FlushedLog opened = new(storage, directory, kind, options, position);
        StorageError? error = opened.Begin(position, out SegmentBuilder? made);
        opened._file = made?.Ready!;
        if (error is not null)
        {
            opened.Release();
        }

        log = error is null ? opened : null;
        return error;
    }

    public override void Append(ref readonly Event record)
    {
        BreakIfFailed();
        if (Next - 1 - _freedSeen >= Options.StagingCapacity)
        {
            WaitForRoom();
        }

        long number = Next;
        byte* slot = _staging + ((number & _mask) * SegmentLayout.RecordSize);
        ref Event stored = ref Unsafe.AsRef<Event>(slot);
        stored = record;

        // The mark may be older than the truth, never younger: what it claims durable is durable.
        stored.Reserved = (uint)(number - _durableSeen);
        _crc = Crc32C.AppendRecord(_crc, in stored);
        stored.Crc = _crc;
        Next = number + 1;
        Volatile.Write(ref _tail, number + 1);
        Signal?.Notify();
        _durableSeen = Durable;
    }

    protected override long SealedBefore => _header.First;

    protected override int PumpOnce()
    {
        long available = Volatile.Read(ref _tail) - _written;
        long room = _header.First + _header.Capacity - _written;
        if (available > 0 && room == 0)
        {
            if (Fail(Roll()) is not null)
            {
                return 0;
            }

            room = _header.Capacity;
        }

        int count = NotAhead((int)Math.Min(Math.Min(available, room), Options.BatchMax));
        if (count > 0 && Fail(Write(count)) is not null)
        {
            return 0;
        }

        // While there is nothing else to do, or while no segment is ready, one is prepared.
        bool late = _ready.Count == 0 && room - count < _header.Capacity / 2;
        return count + (count == 0 || late ? Prepare() : 0);
    }

    protected override void CloseSegments()
    {
        while (Failure is null && _written < _tail)
        {
            PushCauses();
            _ = PumpOnce();
        }

        // From the last one back: a gap among the spares would look like a segment that was lost.
        _ = Failure ?? Fail(_builder?.Abandon());
        SegmentBuilder[] spares = [.. _ready];
        for (int i = spares.Length - 1; i >= 0 && Failure is null; i--)
        {
            _ = Fail(spares[i].Abandon());
        }

        if (Failure is null)
        {
            long count = _written - _header.First;
            Hash32 hash = _hash.Finish(_previousHash);
            _ = Fail(End(_file, _header, count, _writtenCrc, hash, _previousHash));
        }

        Release();
    }

    private void Release()
    {
        foreach (SegmentBuilder ready in _ready)
        {
            ready.Release();
        }

        _builder?.Release();
        _file?.Dispose();
        _hash.Dispose();
        NativeMemory.AlignedFree(_staging);
    }

    private void WaitForRoom()
    {
        SpinWait spin = default;
        while (Next - 1 - (_freedSeen = Volatile.Read(ref _freed)) >= Options.StagingCapacity)
        {
            BreakIfFailed();
            if (HasPump)
            {
                Signal?.Wake();
                spin.SpinOnce();
            }
            else
            {
                PushCauses();
                _ = Pump();
            }
        }

        // The mark of the record to come reaches no farther back than the ring.
        _durableSeen = Durable;
    }

    /// <summary>Of the next records, those whose causes are durable. A record begins with the sequence of its cause.</summary>
    private int NotAhead(int count)
    {
        if (Behind is not { } causes)
        {
            return count;
        }

        long durable = causes.Durable;
        while (count > 0 && *(long*)(_staging + (((_written + count - 1) & _mask) * SegmentLayout.RecordSize)) > durable)
        {
            count--;
        }

        return count;
    }

    /// <summary>Without a sync thread, moves the causes on; when they can no longer become durable, neither can these.</summary>
    private void PushCauses()
    {
        if (Behind is { Failure: { } failure })
        {
            _ = Fail(failure);
        }
        else if (Behind is { HasPump: false, IsClosed: false } causes)
        {
            _ = causes.Pump();
        }
    }

    private StorageError? Write(int count)
    {
        int start = (int)(_written & _mask);
        int first = Math.Min(count, _mask + 1 - start);
        long offset = SegmentLayout.RecordOffset(_written - _header.First);
        ReadOnlySpan<byte> front = new(_staging + ((long)start * SegmentLayout.RecordSize), first * SegmentLayout.RecordSize);
        ReadOnlySpan<byte> back = new(_staging, (count - first) * SegmentLayout.RecordSize);
        StorageError? error = _file.WriteFully(offset, front)
            ?? _file.WriteFully(offset + front.Length, back)
            ?? _file.Sync();
        if (error is not null)
        {
            return error;
        }

        _writtenCrc = Record.StoredCrc((back.IsEmpty ? front : back)[^SegmentLayout.RecordSize..]);
        _written += count;
        SetDurable(_written - 1, _writtenCrc);

        // The gate is open by now; only the ring waits for the hash.
        _hash.Add(front);
        _hash.Add(back);
        Volatile.Write(ref _freed, _written - 1);
        return null;
    }

    private StorageError? Roll()
    {
        Hash32 hash = _hash.Finish(_previousHash);
        StorageError? error = SegmentSealer.Seal(
                _file, _header.Capacity, _header.Capacity, _writtenCrc, hash, _previousHash, Options.Key)
            ?? _file.Close()
            ?? (_ready.Count == 0 ? Warning : null);
        _previousHash = hash;
        if (error is not null)
        {
            return error;
        }

        if (!_ready.TryDequeue(out SegmentBuilder? next))
        {
            next = _builder ?? Build(_written);
            _builder = null;
            _prepared = _written + Options.SegmentCapacity;
            error = next.Finish();
            if (error is not null)
            {
                next.Release();
                return error;
            }
        }

        _file = next.Ready!;
        _header = Options.Header(Kind, _written, _writtenCrc, origin: false);
        _hash.Start(_header);
        return Activate(_file, _header);
    }

    private int Prepare()
    {
        if (Warning is not null || _ready.Count >= Options.Spares)
        {
            return 0;
        }

        _builder ??= Build(_prepared);
        StorageError? error = _builder.Step();
        Warn(error);
        if (error is null && _builder.Ready is not null)
        {
            _ready.Enqueue(_builder);
            _prepared = _builder.First + Options.SegmentCapacity;
            _builder = null;
        }

        return 1;
    }
}
