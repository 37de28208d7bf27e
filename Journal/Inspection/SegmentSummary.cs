using System.Collections.Generic;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Inspection;

/// <summary>What a segment is at the moment.</summary>
public enum SegmentCondition
{
    /// <summary>It takes records, or took them until a crash.</summary>
    Open,

    /// <summary>Full or closed, with its footer.</summary>
    Sealed,

    /// <summary>Sealed and packed.</summary>
    Archived,

    /// <summary>Made ahead of time; it holds nothing.</summary>
    Prepared,

    /// <summary>Its header cannot be read.</summary>
    Unreadable,
}

/// <summary>A segment as its first and last page and its file describe it; records are not read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Condition">What it is.</param>
/// <param name="First">Number of its first record.</param>
/// <param name="Records">Records; of an open one, those that are there now.</param>
/// <param name="Epoch">The run that writes it.</param>
/// <param name="Durability">What an append waits for.</param>
/// <param name="Bytes">Bytes of the segment.</param>
/// <param name="DiskBytes">Bytes of the file that holds it: fewer when it is archived.</param>
public sealed record SegmentSummary(
    string Name,
    SegmentCondition Condition,
    long First,
    long Records,
    int Epoch,
    Durability Durability,
    long Bytes,
    long DiskBytes)
{
    /// <summary>Describes the segments of a stream.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="kind">The stream.</param>
    /// <returns>In order.</returns>
    /// <exception cref="JournalDamagedException">One cannot be opened.</exception>
    public static IReadOnlyList<SegmentSummary> Of(IStorage storage, string directory, StreamKind kind)
    {
        if (SegmentListing.Read(storage, directory, kind, out List<SegmentEntry> entries, out _) is { } error)
        {
            throw new JournalDamagedException(new JournalDamage(directory, 0, -1, error.ToString()));
        }

        long end = RecordSearch.End(storage, directory, kind);
        List<SegmentSummary> segments = [];
        foreach (SegmentEntry entry in entries)
        {
            if (SegmentFile.Open(storage, directory, entry.Name, OpenMode.Read, out SegmentFile? file) is { } unread)
            {
                throw new JournalDamagedException(new JournalDamage(entry.Name, 0, -1, unread.ToString()));
            }

            using (file!)
            {
                segments.Add(Describe(file!, end));
            }
        }

        return segments;
    }

    private static SegmentSummary Describe(SegmentFile file, long end)
    {
        SegmentHeader header = file.Header;
        SegmentCondition condition = file.HeaderProblem is not null ? SegmentCondition.Unreadable
            : header.State == SegmentState.Prepared ? SegmentCondition.Prepared
            : file.IsArchived ? SegmentCondition.Archived
            : file.IsSealed ? SegmentCondition.Sealed
            : SegmentCondition.Open;
        long records = condition switch
        {
            SegmentCondition.Archived or SegmentCondition.Sealed => file.Footer.Count,
            SegmentCondition.Open => System.Math.Clamp(end - header.First, 0, header.Capacity),
            SegmentCondition.Prepared or SegmentCondition.Unreadable => 0,
        };
        return new SegmentSummary(
            file.Name, condition, header.First, records, header.Epoch, header.Durability, file.Length, file.DiskBytes);
    }
}
