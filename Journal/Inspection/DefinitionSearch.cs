using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Inspection;

/// <summary>
/// Finds what an instrument is where reading does not begin at the journal's start: it goes backwards, looking only at
/// the kinds, until the last definition before that place is found. Each place is looked at once.
/// </summary>
internal sealed class DefinitionSearch
{
    private const int ChunkRecords = 4096;

    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly InstrumentNames _names;
    private readonly byte[] _buffer = new byte[(ChunkRecords + 1) * SegmentLayout.RecordSize];
    private List<SegmentEntry>? _segments;
    private long _before;

    /// <summary>Creates the search.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="before">Only definitions before this sequence count.</param>
    /// <param name="names">What is found goes here.</param>
    public DefinitionSearch(IStorage storage, string directory, long before, InstrumentNames names)
    {
        _storage = storage;
        _directory = directory;
        _before = before;
        _names = names;
    }

    /// <summary>Goes back until the condition holds.</summary>
    /// <param name="found">Asked after each chunk.</param>
    /// <returns>Whether it holds at last.</returns>
    public bool Until(Func<bool> found)
    {
        while (!found())
        {
            if (!Chunk())
            {
                return found();
            }
        }

        return true;
    }

    private bool Chunk()
    {
        if (_segments is null)
        {
            if (SegmentListing.Read(_storage, _directory, StreamKind.Journal, out _segments, out _) is { } error)
            {
                throw Unreadable(_directory, 0, error.ToString());
            }
        }

        int at = _segments.Count - 1;
        while (at >= 0 && _segments[at].First >= _before)
        {
            at--;
        }

        if (at < 0)
        {
            return false;
        }

        string name = _segments[at].Name;
        if (SegmentFile.Open(_storage, _directory, name, OpenMode.Read, out SegmentFile? segment) is { } unread)
        {
            throw Unreadable(name, 0, unread.ToString());
        }

        using (segment!)
        {
            Take(segment!);
        }

        return true;
    }

    private void Take(SegmentFile segment)
    {
        SegmentHeader header = segment.Header;
        if (segment.HeaderProblem is not null || header.State == SegmentState.Prepared)
        {
            _before = header.First;
            return;
        }

        // One record more in front: its CRC seeds the check of a definition.
        long count = segment.IsSealed ? segment.Footer.Count : header.Capacity;
        long end = Math.Min(_before - header.First, count);
        long begin = Math.Max(0, end - ChunkRecords);
        int lead = begin > 0 ? 1 : 0;
        long offset = SegmentLayout.RecordOffset(begin - lead);
        Span<byte> bytes = _buffer.AsSpan(0, (int)(end - begin + lead) * SegmentLayout.RecordSize);
        if (segment.File.ReadFully(offset, bytes, out int read) is { } error)
        {
            throw Unreadable(segment.Name, offset, error.ToString());
        }

        for (int i = (read / SegmentLayout.RecordSize) - 1; i >= lead; i--)
        {
            ReadOnlySpan<byte> record = bytes.Slice(i * SegmentLayout.RecordSize, SegmentLayout.RecordSize);
            ref readonly Event e = ref Unsafe.As<byte, Event>(ref MemoryMarshal.GetReference(record));
            if (e.Kind == EventKind.InstrumentDefined)
            {
                uint seed = i == 0
                    ? header.PreviousCrc
                    : Record.StoredCrc(bytes.Slice((i - 1) * SegmentLayout.RecordSize, SegmentLayout.RecordSize));
                if (Record.Crc(record, seed) != e.Crc)
                {
                    long damaged = begin - lead + i;
                    throw Unreadable(segment.Name, SegmentLayout.RecordOffset(damaged), "record CRC differs");
                }

                _names.ObserveEarlier(e);
            }
        }

        _before = header.First + begin;
    }

    private static JournalDamagedException Unreadable(string segment, long offset, string reason) =>
        new(new JournalDamage(segment, offset, -1, reason));
}
