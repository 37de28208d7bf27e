using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Pipeline;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Strategies;
using LowLatency.Journal;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Engine.Running;

/// <summary>Where a replay starts, and with what.</summary>
/// <param name="From">First event.</param>
/// <param name="FromRecord">First audit record.</param>
/// <param name="Pipeline">In the state before that event.</param>
/// <param name="Rolling">Digest of the decisions before.</param>
/// <param name="BuildHash">Who recorded it.</param>
/// <param name="Note">What limits the meaning of the replay; null when nothing does.</param>
internal sealed record ReplayStart(
    long From, long FromRecord, DecisionPipeline Pipeline, Digest128 Rolling, Hash32 BuildHash, string? Note)
{
    /// <summary>The whole journal, or what is left of it.</summary>
    /// <exception cref="InvalidDataException">It is no run, or its front is gone and nothing reaches the rest.</exception>
    internal static ReplayStart Of(
        IStorage storage, string directory, IReadOnlyList<Lineage> lineages, EngineConfiguration? given)
    {
        using JournalReader head = new(storage, directory);
        return head.NextSequence == 0
            ? AtTheBeginning(directory, lineages, given)
            : OfTrimmed(storage, directory, head.NextSequence, lineages, given);
    }

    /// <summary>A lineage from its first event.</summary>
    internal static ReplayStart Of(string directory, Lineage lineage, EngineConfiguration? given, string? note) => new(
        lineage.Sequence,
        lineage.FirstAuditRecord,
        PipelineOf(directory, lineage, given),
        default,
        lineage.Started.BuildHash,
        note);

    private static ReplayStart AtTheBeginning(
        string directory, IReadOnlyList<Lineage> lineages, EngineConfiguration? given)
    {
        if (lineages.Count == 0)
        {
            throw new InvalidDataException($"{directory}: this is a data set, not a run; there is nothing to replay");
        }

        return Of(directory, lineages[0], given, note: null);
    }

    /// <summary>
    /// What is left of a journal whose front is gone: from the oldest snapshot of this build, or from the first run that
    /// took over a state of its own.
    /// </summary>
    /// <exception cref="InvalidDataException">Neither is there.</exception>
    private static ReplayStart OfTrimmed(
        IStorage storage, string directory, long first, IReadOnlyList<Lineage> lineages, EngineConfiguration? given)
    {
        ushort instance = lineages.Count > 0 ? lineages[0].Started.Instance : InstanceOf(storage, directory);
        SnapshotChoice snapshots = SnapshotChoice.Of(storage, directory, instance);
        for (int i = snapshots.Sound.Count - 1; i >= 0 && given is null; i--)
        {
            Snapshot snapshot = snapshots.Sound[i];
            if (RunSnapshot.ConfigurationOf(snapshot) is { } json
                && EngineConfiguration.FromJson(json, SnapshotStore.Name(snapshot.Sequence), new KeptWithJournal(directory))
                    .TryGet(out EngineConfiguration? configuration)
                && RunSnapshot.IsOwn(snapshot, configuration)
                && (lineages.Count == 0 || snapshot.Sequence < lineages[0].Sequence))
            {
                MutedRun run = MutedRun.Of(configuration, RunSnapshot.IsLive(snapshot));
                Digest128 rolling = RunSnapshot.Restore(snapshot, run);
                return new ReplayStart(
                    snapshot.Sequence + 1,
                    snapshot.NextAuditRecord,
                    run.Pipeline,
                    rolling,
                    snapshot.BuildHash,
                    $"the journal begins at event {first}: the replay starts from {SnapshotStore.Name(snapshot.Sequence)}");
            }
        }

        foreach (Lineage lineage in lineages)
        {
            if (lineage is { HasBegun: true, State: not null })
            {
                return Of(
                    directory,
                    lineage,
                    given,
                    $"the journal begins at event {first}: the replay starts at run {lineage.Started.Epoch}, which took over "
                        + "a state of its own");
            }
        }

        throw new InvalidDataException(
            $"{directory}: the journal begins at event {first}; no snapshot of this build reaches what is left of it");
    }

    /// <summary>The pipeline with which a lineage begins.</summary>
    internal static DecisionPipeline PipelineOf(string directory, Lineage lineage, EngineConfiguration? given)
    {
        EngineConfiguration configuration = given ?? lineage.Configuration(directory);
        DecisionPipeline pipeline = PipelineFactory.Pipeline(configuration);
        if (lineage.State is { } state)
        {
            Adoption.Apply(state, pipeline, RunSnapshot.Names(configuration));
        }

        return pipeline;
    }

    private static ushort InstanceOf(IStorage storage, string directory)
    {
        if (SnapshotStore.List(storage, directory, out List<long> sequences) is null)
        {
            foreach (long sequence in sequences)
            {
                if (SnapshotStore.Read(storage, directory, sequence, out Snapshot? snapshot) is null)
                {
                    return snapshot!.Instance;
                }
            }
        }

        return 0;
    }
}
