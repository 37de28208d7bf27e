using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using LowLatency.Core.Determinism;
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

    // Handover: everything below it is in the ring.
    private long _tail;

    // Pumping thread.
    private readonly SegmentHash _hash = new();
    private IStorageFile _file;
    private SegmentHeader _header;
    private Hash32 _previousHash;
    private uint _writtenCrc;
    private long _written;
    private SegmentBuilder? _next;

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
        _previousHash = position.LastHash;
        _header = options.Header(kind, position.Next, position.LastCrc, position.IsOrigin);
        _hash.Start(_header);
        _file = null!;
    }

    public override long Acknowledged => Durable;

    public override int Room => (int)(Options.StagingCapacity - (Next - 1 - Durable));

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
        StorageError? error = opened.Begin(position, out IStorageFile? file);
        opened._file = file!;
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
        if (Next - 1 - _durableSeen >= Options.StagingCapacity)
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

    public override int Pump()
    {
        if (Failure is not null)
        {
            return 0;
        }

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

        int count = (int)Math.Min(Math.Min(available, room), Options.BatchMax);
        if (count > 0 && Fail(Write(count)) is not null)
        {
            return 0;
        }

        // While there is nothing else to do, or while the segment runs out, the next one is made ready.
        bool late = room - count < _header.Capacity / 2;
        return count + (count == 0 || late ? Prepare() : 0);
    }

    public override StorageError? Close()
    {
        if (IsClosed)
        {
            return Failure;
        }

        Ensure.That(!HasPump, "the sync thread ends before the log is closed");
        IsClosed = true;
        while (Failure is null && _written < _tail)
        {
            _ = Pump();
        }

        if (Failure is null)
        {
            long count = _written - _header.First;
            Hash32 hash = _hash.Finish(_previousHash);
            _ = Fail(_next?.Abandon() ?? End(_file, _header, count, _writtenCrc, hash, _previousHash));
        }

        Release();
        return Failure;
    }

    private void Release()
    {
        _next?.Release();
        _file?.Dispose();
        _hash.Dispose();
        NativeMemory.AlignedFree(_staging);
    }

    private void WaitForRoom()
    {
        SpinWait spin = default;
        while (Next - 1 - (_durableSeen = Durable) >= Options.StagingCapacity)
        {
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

        _hash.Add(front);
        _hash.Add(back);
        _writtenCrc = Record.StoredCrc((back.IsEmpty ? front : back)[^SegmentLayout.RecordSize..]);
        _written += count;
        Durable = _written - 1;
        return null;
    }

    private StorageError? Roll()
    {
        Hash32 hash = _hash.Finish(_previousHash);
        StorageError? error = SegmentSealer.Seal(
                _file, _header.Capacity, _header.Capacity, _writtenCrc, hash, _previousHash, Options.Key)
            ?? _file.Close()
            ?? Warning;
        _previousHash = hash;
        if (error is not null)
        {
            return error;
        }

        _next ??= new SegmentBuilder(Storage, Directory, Options.Header(Kind, _written, 0, origin: false));
        error = _next.Finish();
        if (error is not null)
        {
            return error;
        }

        _file = _next.Ready!;
        _next = null;
        _header = Options.Header(Kind, _written, _writtenCrc, origin: false);
        _hash.Start(_header);
        return Activate(_file, _header);
    }

    private int Prepare()
    {
        if (Warning is not null || _next?.Ready is not null)
        {
            return 0;
        }

        _next ??= new SegmentBuilder(
            Storage, Directory, Options.Header(Kind, _header.First + _header.Capacity, 0, origin: false));
        Warn(_next.Step());
        return 1;
    }
}
