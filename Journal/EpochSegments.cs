using System.Collections.Generic;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal;

/// <summary>Where the runs of a stream begin, by the headers of its segments alone: every run begins a segment.</summary>
public static class EpochSegments
{
    /// <summary>Lists the runs.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="kind">The stream.</param>
    /// <returns>Run number and first record of its first segment, in order; segments that cannot be read are left out.</returns>
    public static IReadOnlyList<(int Epoch, long First)> Of(IStorage storage, string directory, StreamKind kind)
    {
        List<(int Epoch, long First)> epochs = [];
        if (SegmentListing.Read(storage, directory, kind, out List<SegmentEntry> entries, out _) is not null)
        {
            return epochs;
        }

        foreach ((long first, string name, _, _) in entries)
        {
            if (SegmentFile.Open(storage, directory, name, OpenMode.Read, out SegmentFile? segment) is not null)
            {
                continue;
            }

            using (segment)
            {
                bool isUsed = segment!.HeaderProblem is null && segment.Header.State == SegmentState.Current;
                if (isUsed && (epochs.Count == 0 || epochs[^1].Epoch != segment.Header.Epoch))
                {
                    epochs.Add((segment.Header.Epoch, first));
                }
            }
        }

        return epochs;
    }
}
