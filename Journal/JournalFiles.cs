using System;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal;

/// <summary>What a directory holds, by the names in it.</summary>
public static class JournalFiles
{
    /// <summary>True when a stream has a segment there, archived or not.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="kind">The stream.</param>
    /// <returns>Whether it has; false also when the directory cannot be read.</returns>
    public static bool Any(IStorage storage, string directory, StreamKind kind = StreamKind.Journal) =>
        SegmentListing.Read(storage, directory, kind, out System.Collections.Generic.List<SegmentEntry> segments, out string? strange) is null
        && (segments.Count > 0 || strange is not null);

    /// <summary>
    /// True when a journal was begun there: a crash may have left the audit log's first segment alone, and retirement a
    /// base without a segment behind it.
    /// </summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="begun">Whether it was.</param>
    /// <returns>The error of the storage, or null.</returns>
    public static StorageError? IsBegun(IStorage storage, string directory, out bool begun)
    {
        begun = false;
        if (storage.List(directory, out string[] names) is { } error)
        {
            return error;
        }

        foreach (StreamKind kind in (ReadOnlySpan<StreamKind>)[StreamKind.Journal, StreamKind.Audit])
        {
            begun |= Array.Exists(
                names, name => SegmentLayout.IsSegment(kind, name) || name == StreamBase.FileName(kind));
        }

        return null;
    }
}
