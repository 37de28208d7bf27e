using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Journal.Recovery;

/// <summary>
/// The files beside the two streams that a start refuses to do without or to believe: the run number, and snapshots that
/// know more than the streams hold.
/// </summary>
internal sealed class Companions
{
    /// <summary>
    /// Run numbers left out when the file is lost: runs that ended before they had a segment, or whose segments are lost,
    /// may have used some.
    /// </summary>
    public const int EpochsLeftOut = 16;

    private readonly List<DroppedPart> _dropped = [];

    private Companions()
    {
    }

    /// <summary>What is lost or left behind.</summary>
    public IReadOnlyList<DroppedPart> Dropped => _dropped;

    /// <summary>A run number that no run of the journal was above.</summary>
    public int Epoch { get; private set; }

    /// <summary>The last event that a snapshot knows; -1 when none does.</summary>
    public long KnownSequence { get; private set; } = -1;

    /// <summary>Looks at them. Nothing is changed.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="journal">What is kept of the events.</param>
    /// <param name="audit">What is kept of the decisions.</param>
    public static Companions Of(IStorage storage, string directory, Salvage journal, Salvage audit)
    {
        Companions companions = new();
        if (journal.Kept.Count != 0)
        {
            companions.LookAtSnapshots(storage, directory, journal, audit);
            companions.LookAtEpoch(storage, directory, journal, audit, IsRun(storage, directory, journal.Kept[0]));
        }

        return companions;
    }

    private void LookAtSnapshots(IStorage storage, string directory, Salvage journal, Salvage audit)
    {
        if (SnapshotStore.List(storage, directory, out List<long> sequences) is not null)
        {
            return;
        }

        ushort instance = journal.Kept[^1].Header.Instance;
        foreach (long sequence in sequences)
        {
            // One that cannot be read is left aside by a start, with a warning.
            if (SnapshotStore.Read(storage, directory, sequence, out Snapshot? snapshot) is not null
                || snapshot!.Instance != instance)
            {
                continue;
            }

            Epoch = Math.Max(Epoch, snapshot.Epoch);
            string? reason = sequence >= journal.Next
                ? $"it knows events up to {sequence}, the journal ends with {journal.Next - 1}: they were lost, or it is of another history"
                : snapshot.NextAuditRecord > audit.Next
                    ? $"it knows decisions up to record {snapshot.NextAuditRecord - 1}, the audit log ends with {audit.Next - 1}"
                    : null;
            if (reason is not null)
            {
                KnownSequence = Math.Max(KnownSequence, sequence);
                _dropped.Add(new DroppedPart(SnapshotStore.Name(sequence), 0, 0, reason));
            }
        }
    }

    /// <summary>An imported data set has no runs; the journal of an engine begins with one.</summary>
    private static bool IsRun(IStorage storage, string directory, in KeptSegment first)
    {
        long sequence = first.Header.First;
        Event e = default;
        try
        {
            using JournalReader reader = new(storage, directory, new ReadOptions { From = sequence, To = sequence });
            return reader.Read(ref e) != ReadResult.Event || sequence != 0 || e.Kind == EventKind.EpochStarted;
        }
        catch (JournalDamagedException)
        {
            return true;
        }
    }

    private void LookAtEpoch(IStorage storage, string directory, Salvage journal, Salvage audit, bool isRun)
    {
        foreach (IReadOnlyList<KeptSegment> kept in (ReadOnlySpan<IReadOnlyList<KeptSegment>>)[journal.Kept, audit.Kept])
        {
            foreach (KeptSegment segment in kept)
            {
                Epoch = Math.Max(Epoch, segment.Header.Epoch);
            }
        }

        string? problem = EpochFile.Read(storage, directory, journal.Kept[^1].Header.Instance, out int recorded);
        Epoch = Math.Max(Epoch, recorded);
        if (problem is null && (recorded != 0 || !isRun))
        {
            return;
        }

        Epoch = Epoch + EpochsLeftOut;
        _dropped.Add(new DroppedPart(
            EpochFile.FileName, 0, 0, (problem ?? "it is missing") + $": run numbers go on above {Epoch}"));
    }
}
