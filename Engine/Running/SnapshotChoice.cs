using System.Collections.Generic;
using System.IO;
using LowLatency.Engine.Configuration;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Engine.Running;

/// <summary>The snapshots of a journal that a start may trust, newest first.</summary>
/// <param name="Sound">Read, hashed, of this instance, and at their place in the journal.</param>
/// <param name="Warnings">Why others are not used.</param>
internal sealed record SnapshotChoice(IReadOnlyList<Snapshot> Sound, IReadOnlyList<string> Warnings)
{
    /// <summary>Looks at the snapshots of a journal directory. Nothing is changed.</summary>
    /// <exception cref="IOException">
    /// A snapshot has events in it that the journal does not have: they were lost, and nobody may go on as if they had not
    /// been.
    /// </exception>
    internal static SnapshotChoice Of(IStorage storage, string directory, ushort instance)
    {
        List<Snapshot> sound = [];
        List<string> warnings = [];
        if (SnapshotStore.List(storage, directory, out List<long> sequences) is { } error)
        {
            throw new IOException(error.ToString());
        }

        foreach (long sequence in sequences)
        {
            string name = SnapshotStore.Name(sequence);
            if (SnapshotStore.Read(storage, directory, sequence, out Snapshot? snapshot) is { } problem)
            {
                warnings.Add($"{name} is not used: {problem}");
                continue;
            }

            if (snapshot!.Instance != instance)
            {
                warnings.Add($"{name} is not used: it belongs to instance {snapshot.Instance}, not {instance}");
                continue;
            }

            PositionCheck check = JournalPosition.Check(storage, directory, sequence, snapshot.Crc);
            if (check == PositionCheck.BeyondEnd)
            {
                throw new IOException(
                    $"{directory}: {name} is newer than the journal's end: events up to {sequence} were lost, or it is of "
                    + "another history; see journal repair");
            }

            if (check != PositionCheck.Agrees)
            {
                warnings.Add($"{name} is not used: the journal's record {sequence} says otherwise ({check})");
                continue;
            }

            if (snapshot.NextAuditRecord > 0
                && !JournalPosition.Exists(storage, directory, StreamKind.Audit, snapshot.NextAuditRecord - 1))
            {
                throw new IOException(
                    $"{directory}: {name} is newer than the audit log's end: decisions up to record "
                    + $"{snapshot.NextAuditRecord - 1} were lost; see journal repair");
            }

            sound.Add(snapshot);
        }

        return new SnapshotChoice(sound, warnings);
    }

    /// <summary>The newest one whose memory this build can load with this configuration, or null.</summary>
    internal Snapshot? Own(EngineConfiguration configuration)
    {
        foreach (Snapshot snapshot in Sound)
        {
            if (RunSnapshot.IsOwn(snapshot, configuration))
            {
                return snapshot;
            }
        }

        return null;
    }
}
