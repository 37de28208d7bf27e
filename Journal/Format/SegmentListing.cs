using System.Collections.Generic;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Format;

/// <summary>A segment of a stream as the directory shows it.</summary>
/// <param name="First">Number of its first record, by its name.</param>
/// <param name="Name">The segment's name, whether a file of that name is there or only its archive.</param>
/// <param name="HasPlain">The segment itself is there; it then goes before its archive.</param>
/// <param name="HasArchive">Its archive is there.</param>
internal readonly record struct SegmentEntry(long First, string Name, bool HasPlain, bool HasArchive);

/// <summary>Lists the segments of a stream, archived ones among them.</summary>
internal static class SegmentListing
{
    /// <summary>Reads the directory.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="kind">The stream.</param>
    /// <param name="segments">By number, each once.</param>
    /// <param name="strange">A file that claims to be a segment by a name that none has, or null.</param>
    /// <returns>The error, or null.</returns>
    public static StorageError? Read(
        IStorage storage, string directory, StreamKind kind, out List<SegmentEntry> segments, out string? strange)
    {
        segments = [];
        strange = null;
        if (storage.List(directory, out string[] entries) is { } error)
        {
            return error;
        }

        foreach (string entry in entries)
        {
            if (SegmentLayout.TryParseName(kind, entry, out long first))
            {
                Add(segments, new SegmentEntry(first, entry, true, false));
            }
            else if (SegmentLayout.TryParseArchiveName(kind, entry, out first))
            {
                Add(segments, new SegmentEntry(first, SegmentLayout.Name(kind, first), false, true));
            }
            else if (SegmentLayout.IsSegment(kind, entry))
            {
                strange ??= entry;
            }
        }

        segments.Sort(static (left, right) => left.First.CompareTo(right.First));
        return null;
    }

    private static void Add(List<SegmentEntry> segments, in SegmentEntry entry)
    {
        for (int i = segments.Count - 1; i >= 0; i--)
        {
            if (segments[i].First == entry.First)
            {
                segments[i] = entry with { HasPlain = true, HasArchive = true };
                return;
            }
        }

        segments.Add(entry);
    }
}
