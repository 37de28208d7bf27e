using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Snapshots;

/// <summary>How a snapshot's place and a journal agree.</summary>
public enum PositionCheck
{
    /// <summary>The journal has this very record.</summary>
    Agrees,

    /// <summary>The journal has another record there: the snapshot belongs to another history.</summary>
    Differs,

    /// <summary>The journal ends before: events were lost.</summary>
    BeyondEnd,

    /// <summary>The journal begins after it.</summary>
    BeforeStart,

    /// <summary>The record cannot be read.</summary>
    Unreadable,
}

/// <summary>Looks one record of a journal up, without reading those before it.</summary>
public static class JournalPosition
{
    /// <summary>Compares the record of an event with what a snapshot knows of it.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="sequence">The event.</param>
    /// <param name="crc">The CRC that its record had.</param>
    /// <returns>What was found.</returns>
    public static PositionCheck Check(IStorage storage, string directory, long sequence, uint crc) =>
        Find(storage, directory, StreamKind.Journal, sequence, out uint stored) is { } missing ? missing
        : stored == crc ? PositionCheck.Agrees
        : PositionCheck.Differs;

    /// <summary>Whether a stream has a record of this number.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="kind">The stream.</param>
    /// <param name="number">The record.</param>
    /// <returns>True when it is there.</returns>
    public static bool Exists(IStorage storage, string directory, StreamKind kind, long number) =>
        Find(storage, directory, kind, number, out _) is null;

    /// <summary>Makes the records of a range durable that a writer has stored but not synced.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="kind">The stream.</param>
    /// <param name="from">First record.</param>
    /// <param name="to">Last record.</param>
    /// <returns>The error, or null.</returns>
    public static StorageError? Sync(IStorage storage, string directory, StreamKind kind, long from, long to)
    {
        if (storage.List(directory, out string[] names) is { } notListed)
        {
            return notListed;
        }

        // Names sort by their first record: a segment ends where the next one begins.
        string? before = null;
        foreach (string name in names)
        {
            if (!SegmentLayout.TryParseName(kind, name, out long first))
            {
                continue;
            }

            if (before is not null && first > from && Sync(storage, directory, before) is { } error)
            {
                return error;
            }

            before = first <= to ? name : null;
            if (first > to)
            {
                return null;
            }
        }

        return before is null ? null : Sync(storage, directory, before);
    }

    private static StorageError? Sync(IStorage storage, string directory, string name)
    {
        if (storage.Open(Path.Combine(directory, name), OpenMode.Read, out IStorageFile? file) is { } notOpened)
        {
            // Archived meanwhile, or retired: what is sealed was synced before.
            return notOpened.Errno == Errno.ENOENT ? null : notOpened;
        }

        StorageError? error = file!.Sync();
        StorageError? notClosed = file!.Close();
        return error ?? notClosed;
    }

    private static PositionCheck? Find(
        IStorage storage, string directory, StreamKind kind, long number, out uint crc)
    {
        crc = 0;
        if (SegmentListing.Read(storage, directory, kind, out List<SegmentEntry> segments, out _) is not null)
        {
            return PositionCheck.Unreadable;
        }

        string? holder = null;
        long first = -1;
        bool any = segments.Count > 0;
        foreach (SegmentEntry segment in segments)
        {
            if (segment.First <= number)
            {
                holder = segment.Name;
                first = segment.First;
            }
        }

        if (holder is null)
        {
            return any ? PositionCheck.BeforeStart : PositionCheck.BeyondEnd;
        }

        if (SegmentFile.Open(storage, directory, holder, OpenMode.Read, out SegmentFile? held) is not null)
        {
            return PositionCheck.Unreadable;
        }

        using (held)
        {
            if (held!.HeaderProblem is not null || number - first >= held.Header.Capacity)
            {
                return PositionCheck.BeyondEnd;
            }

            Span<byte> record = stackalloc byte[SegmentLayout.RecordSize];
            if (held.File.ReadFully(SegmentLayout.RecordOffset(number - first), record, out int read) is not null)
            {
                return PositionCheck.Unreadable;
            }

            if (read != record.Length || Record.IsZero(record) || Record.Number(record, kind) != number)
            {
                return PositionCheck.BeyondEnd;
            }

            crc = Record.StoredCrc(record);
            return null;
        }
    }
}
