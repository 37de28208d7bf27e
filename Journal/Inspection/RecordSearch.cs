using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Inspection;

/// <summary>
/// Finds a place in a stream without reading up to it: records lie at computable offsets, and their times and event
/// sequences never fall. A few dozen records are looked at, however long the stream is.
/// </summary>
public static class RecordSearch
{
    private const int SequenceOffset = 0;
    private const int ReceivedAtOffset = 8;

    /// <summary>The first event received at or after a time.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC.</param>
    /// <returns>Its sequence; that of the next event to come when all are earlier.</returns>
    /// <exception cref="JournalDamagedException">A segment cannot be read.</exception>
    public static long EventAt(IStorage storage, string directory, long receivedAt) =>
        First(storage, directory, StreamKind.Journal, ReceivedAtOffset, receivedAt);

    /// <summary>The first audit record of an event or of a later one.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="sequence">The event.</param>
    /// <returns>The record's number; that of the next record to come when all are of earlier events.</returns>
    /// <exception cref="JournalDamagedException">A segment cannot be read.</exception>
    public static long AuditOf(IStorage storage, string directory, long sequence) =>
        First(storage, directory, StreamKind.Audit, SequenceOffset, sequence);

    /// <summary>Number of the record that will come next: one past the last that is there now.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="kind">The stream.</param>
    /// <returns>The number; 0 for an empty stream.</returns>
    /// <exception cref="JournalDamagedException">A segment cannot be read.</exception>
    public static long End(IStorage storage, string directory, StreamKind kind) =>
        First(storage, directory, kind, SequenceOffset, long.MaxValue);

    private static long First(IStorage storage, string directory, StreamKind kind, int field, long least)
    {
        if (SegmentListing.Read(storage, directory, kind, out List<SegmentEntry> entries, out _) is { } error)
        {
            throw Unreadable(directory, 0, error.ToString());
        }

        // The last segment whose first record is still too early holds the place, or the place is right behind it.
        int low = 0;
        int high = entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            using SegmentFile segment = Open(storage, directory, entries[middle].Name);
            if (Reaches(segment, 0, field, least))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        if (low == 0)
        {
            return entries.Count == 0 ? 0 : entries[0].First;
        }

        using SegmentFile holds = Open(storage, directory, entries[low - 1].Name);
        long from = 1;
        long to = holds.IsSealed ? holds.Footer.Count : holds.Header.Capacity;
        while (from < to)
        {
            long middle = (from + to) / 2;
            if (Reaches(holds, middle, field, least))
            {
                to = middle;
            }
            else
            {
                from = middle + 1;
            }
        }

        return holds.Header.First + from;
    }

    /// <summary>True when the record is at or beyond the place; one that is not written yet is beyond every place.</summary>
    private static bool Reaches(SegmentFile segment, long index, int field, long least)
    {
        if (segment.HeaderProblem is not null || segment.Header.State == SegmentState.Prepared)
        {
            return true;
        }

        if (segment.IsSealed && index >= segment.Footer.Count)
        {
            return true;
        }

        Span<byte> record = stackalloc byte[SegmentLayout.RecordSize];
        long offset = SegmentLayout.RecordOffset(index);
        if (segment.File.ReadFully(offset, record, out int read) is { } error)
        {
            throw Unreadable(segment.Name, offset, error.ToString());
        }

        return read < record.Length
            || Record.IsZero(record)
            || BinaryPrimitives.ReadInt64LittleEndian(record[field..]) >= least;
    }

    private static SegmentFile Open(IStorage storage, string directory, string name) =>
        SegmentFile.Open(storage, directory, name, OpenMode.Read, out SegmentFile? segment) is { } error
            ? throw Unreadable(name, 0, error.ToString())
            : segment!;

    private static JournalDamagedException Unreadable(string segment, long offset, string reason) =>
        new(new JournalDamage(segment, offset, -1, reason));
}
