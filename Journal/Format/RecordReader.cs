using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Format;

/// <summary>
/// Reads the records of a stream in order, checking chain, numbers and the seams between segments. It reads by pread: an
/// error of the disk is then a value, where a mapping would end the process.
/// </summary>
internal sealed class RecordReader : IDisposable
{
    private const int BufferRecords = 2048;

    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly StreamKind _kind;
    private readonly bool _follow;
    private readonly long _to;
    private readonly byte[] _buffer = GC.AllocateArray<byte>(BufferRecords * SegmentLayout.RecordSize, pinned: true);
    private SegmentFile? _segment;
    private StreamBase? _base;
    private long _next;
    private uint _crc;
    private int _position;
    private int _filled;
    private int _checked;

    private RecordReader(IStorage storage, string directory, StreamKind kind, long to, bool follow)
    {
        _storage = storage;
        _directory = directory;
        _kind = kind;
        _to = to;
        _follow = follow;
    }

    /// <summary>Number of the record that comes next.</summary>
    public long Next => _next;

    /// <summary>Stored CRC of the last record read.</summary>
    public uint LastCrc => _crc;

    /// <summary>The header of the segment that is being read.</summary>
    public SegmentHeader Header => _segment?.Header ?? default;

    public static RecordReader Open(
        IStorage storage, string directory, StreamKind kind, long from, long to, bool follow)
    {
        RecordReader reader = new(storage, directory, kind, to, follow);
        try
        {
            reader.Start(from);
        }
        catch
        {
            reader.Dispose();
            throw;
        }

        return reader;
    }

    /// <summary>Reads the next record.</summary>
    /// <param name="record">The record as it is stored.</param>
    /// <returns>What was found; Idle only while following.</returns>
    public ReadResult Read(out ReadOnlySpan<byte> record)
    {
        record = default;
        if (_next > _to)
        {
            return ReadResult.End;
        }

        if (_position == _filled && !Fill())
        {
            return _follow ? ReadResult.Idle : ReadResult.End;
        }

        ReadOnlySpan<byte> candidate = _buffer.AsSpan(_position, SegmentLayout.RecordSize);
        if (_position >= _checked)
        {
            ReadResult stopped = Stop(candidate);
            return stopped == ReadResult.Event ? Read(out record) : stopped;
        }

        _crc = Record.StoredCrc(candidate);
        _next++;
        _position += SegmentLayout.RecordSize;
        record = candidate;
        return ReadResult.Event;
    }

    public void Dispose() => _segment?.Dispose();

    private void Start(long from)
    {
        List<SegmentEntry> segments = List();
        int at = segments.Count - 1;
        while (at > 0 && segments[at].First > from)
        {
            at--;
        }

        if (segments.Count == 0)
        {
            if (!_follow)
            {
                Damaged(_directory, 0, -1, "no segment of stream " + _kind);
            }

            _next = from;
            return;
        }

        _next = Math.Max(from, segments[at].First);
        Use(Open(segments[at].Name));
        if (at == 0 && !Header.IsOrigin && (_base is not { } start || !start.IsContinuedBy(Header)))
        {
            Damaged(segments[at].Name, 0, -1, "the segments before it are missing");
        }

        long index = _next - Header.First;
        if (index == 0)
        {
            return;
        }

        // The seed of the first record is what is stored before it: no earlier record needs to be read.
        Span<byte> before = stackalloc byte[SegmentLayout.RecordSize];
        long held = _segment!.IsSealed ? _segment.Footer.Count : Header.Capacity;
        if (index > held
            || _segment!.File.ReadFully(SegmentLayout.RecordOffset(index - 1), before, out _) is not null
            || Record.Number(before, _kind) != _next - 1)
        {
            Damaged(_segment!.Name, SegmentLayout.RecordOffset(index - 1), _next - 1, "the range starts beyond the end");
        }

        _crc = Record.StoredCrc(before);
    }

    private List<SegmentEntry> List()
    {
        if (SegmentListing.Read(_storage, _directory, _kind, out List<SegmentEntry> segments, out _) is { } error)
        {
            Damaged(_directory, 0, -1, error.ToString());
        }

        StorageError? unread = StreamBase.Read(
            _storage, _directory, _kind, null, out StreamBase? start, out string? badBase);
        if ((unread?.ToString() ?? badBase) is { } unknown)
        {
            Damaged(StreamBase.FileName(_kind), 0, -1, unknown);
        }

        _base = start;
        _ = segments.RemoveAll(segment => segment.First < start?.First);
        return segments;
    }

    private SegmentFile Open(string name)
    {
        if (SegmentFile.Open(_storage, _directory, name, OpenMode.Read, out SegmentFile? segment) is { } error)
        {
            Damaged(name, 0, -1, error.ToString());
        }

        if (segment!.HeaderProblem is { } problem)
        {
            segment.Dispose();
            Damaged(name, 0, -1, problem);
        }

        return segment;
    }

    private void Use(SegmentFile segment)
    {
        _segment?.Dispose();
        _segment = segment;
        _crc = segment.Header.PreviousCrc;
        _position = 0;
        _filled = 0;
        if (segment.Header.Kind != _kind || SegmentLayout.Name(_kind, segment.Header.First) != segment.Name)
        {
            Damaged(segment.Name, 0, -1, "name and header differ");
        }
    }

    /// <summary>Refills the buffer from here on, in this segment or the next.</summary>
    private bool Fill()
    {
        if (_segment is null)
        {
            return TryUse(_next, 0);
        }

        if (_next - Header.First == Limit())
        {
            return TryUse(_next, _crc) && Fill();
        }

        long index = _next - Header.First;
        int records = (int)Math.Min(BufferRecords, Limit() - index);
        long offset = SegmentLayout.RecordOffset(index);
        if (_segment.File.ReadFully(offset, _buffer.AsSpan(0, records * SegmentLayout.RecordSize), out int read) is { } error)
        {
            Damaged(_segment.Name, offset, _next, error.ToString());
        }

        _position = 0;
        _filled = read / SegmentLayout.RecordSize * SegmentLayout.RecordSize;

        // All that was read is checked at once: side by side is several times faster than one after the other.
        _checked = SegmentLayout.RecordSize * RecordCheck.ValidPrefix(_buffer.AsSpan(0, _filled), _crc, _next, _kind);
        return _filled > 0;
    }

    private long Limit() => _segment!.IsSealed ? _segment.Footer.Count : _segment.Header.Capacity;

    private bool TryUse(long first, uint crc)
    {
        string name = SegmentLayout.Name(_kind, first);
        StorageError? error = SegmentFile.Open(_storage, _directory, name, OpenMode.Read, out SegmentFile? next);
        if (error?.Errno == Errno.ENOENT)
        {
            return !EndsHere(first) && TryUse(first, crc);
        }

        if (error is not null)
        {
            Damaged(name, 0, -1, error.ToString());
        }

        if (next!.HeaderProblem is not null || next.Header.State == SegmentState.Prepared)
        {
            using (next)
            {
                if (IsAhead(next))
                {
                    return false;
                }

                // Between the look at its header and the one at its records a writer may have gone on into it.
                if (!IsCurrent(name))
                {
                    return Damaged(name, 0, -1, next.HeaderProblem ?? "made ahead of time, yet it holds data");
                }
            }

            return TryUse(first, crc);
        }

        bool continues = _segment is null || next.Header.PreviousCrc == crc;
        Use(next);
        return continues || Damaged(name, 0, -1, "it does not continue the CRC before it");
    }

    /// <summary>No segment continues here: the end, unless a later segment shows that one is missing.</summary>
    /// <returns>False when the segment has been made meanwhile.</returns>
    private bool EndsHere(long first)
    {
        long behind = Header.First;
        List<SegmentEntry> entries = List();
        if (first < _base?.First)
        {
            Damaged(SegmentLayout.Name(_kind, first), 0, first, "retired while it was read");
        }

        foreach (SegmentEntry entry in entries)
        {
            if (entry.First == first && first != Header.First)
            {
                return false;
            }

            behind += entry.First > first ? Header.Capacity : 0;
            if (entry.First > first && !(entry.First == behind && IsPrepared(entry.Name)))
            {
                return Damaged(entry.Name, 0, -1, "the segment before it is missing: no record " + first);
            }
        }

        return true;
    }

    private bool IsCurrent(string name)
    {
        using SegmentFile fresh = Open(name);
        return fresh.Header.State != SegmentState.Prepared;
    }

    private bool IsPrepared(string name)
    {
        if (SegmentFile.Open(_storage, _directory, name, OpenMode.Read, out SegmentFile? file) is { } error)
        {
            Damaged(name, 0, -1, error.ToString());
        }

        using (file)
        {
            return IsAhead(file!);
        }
    }

    /// <summary>True for a segment made ahead of time, or being made: there is nothing to read in it yet.</summary>
    private static bool IsAhead(SegmentFile file)
    {
        bool half = file.HeaderProblem is SegmentHeader.NoHeader or SegmentHeader.TornHeader
            || (file.HeaderProblem is null && file.Header.State == SegmentState.Prepared);
        if (!half)
        {
            return false;
        }

        StorageError? unread = file.HasData(out bool found);
        if (unread is not null)
        {
            Damaged(file.Name, 0, -1, unread.ToString()!);
        }

        return !found;
    }

    /// <summary>The record here is not valid: the end of what was written, or damage.</summary>
    /// <returns>Event when it is worth another look.</returns>
    private ReadResult Stop(ReadOnlySpan<byte> record)
    {
        long offset = SegmentLayout.RecordOffset(_next - Header.First);
        if (_segment!.IsSealed)
        {
            Broken(record, offset);
        }

        if (!_follow)
        {
            return StopAtEnd(record, offset);
        }

        // What was read ahead is forgotten: it may be complete at the next look. The writer may also have sealed this
        // segment early and gone on in another; only a fresh footer tells.
        SegmentFile fresh = Open(_segment.Name);
        Reopen(fresh);
        return ReadResult.Idle;
    }

    /// <summary>
    /// Nothing may lie behind the end. Beside a running writer something soon does: what looks like damage is none when
    /// the record has come meanwhile.
    /// </summary>
    private ReadResult StopAtEnd(ReadOnlySpan<byte> record, long offset)
    {
        try
        {
            if (!Record.IsZero(record))
            {
                Broken(record, offset);
            }

            CheckBlank(offset);
            _ = EndsHere(_next);
        }
        catch (JournalDamagedException)
        {
            if (!HasGoneOn(offset))
            {
                throw;
            }

            return ReadResult.Event;
        }

        _position = 0;
        _filled = 0;
        return ReadResult.End;
    }

    private bool HasGoneOn(long offset)
    {
        SegmentFile fresh = Open(_segment!.Name);
        Span<byte> again = stackalloc byte[SegmentLayout.RecordSize];
        bool hasGoneOn = fresh.IsSealed
            || (fresh.File.ReadFully(offset, again, out int read) is null
                && read == again.Length
                && RecordCheck.ValidPrefix(again, _crc, _next, _kind) == 1);
        if (hasGoneOn)
        {
            Reopen(fresh);
        }
        else
        {
            fresh.Dispose();
        }

        return hasGoneOn;
    }

    private void Reopen(SegmentFile fresh)
    {
        _segment!.Dispose();
        _segment = fresh;
        _position = 0;
        _filled = 0;
    }

    private void Broken(ReadOnlySpan<byte> record, long offset)
    {
        string reason = Record.IsZero(record) ? "a record is missing"
            : Record.Number(record, _kind) != _next ? "record number is " + Record.Number(record, _kind)
            : "record CRC differs";
        Damaged(_segment!.Name, offset, _next, reason);
    }

    private void CheckBlank(long offset)
    {
        long end = SegmentLayout.FooterOffset(Header.Capacity);
        for (long at = offset; at < end; at += _buffer.Length)
        {
            Span<byte> chunk = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, end - at));
            if (_segment!.File.ReadFully(at, chunk, out int read) is { } error)
            {
                Damaged(_segment.Name, at, -1, error.ToString());
            }

            if (!Record.IsZero(chunk[..read]))
            {
                Damaged(_segment.Name, offset, _next, "a zero record before data");
            }
        }
    }

    private static bool Damaged(string segment, long offset, long record, string reason) =>
        throw new JournalDamagedException(new JournalDamage(segment, offset, record, reason));
}
