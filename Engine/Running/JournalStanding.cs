using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Engine.Running;

/// <summary>
/// How a run may go on in a journal that is there: from its own snapshot, by replay, or as an adopted run of another build
/// or configuration. Found by reading alone, before anything is touched.
/// </summary>
internal sealed record JournalStanding
{
    /// <summary>Its own snapshot, or null.</summary>
    internal Snapshot? Snapshot { get; private init; }

    /// <summary>Where the present lineage begins; null for an empty journal, and where the front is no longer there.</summary>
    internal Lineage? Lineage { get; private init; }

    /// <summary>Where the fold of an adoption begins; null when the run just goes on.</summary>
    internal AdoptionOrigin? Adoption { get; private init; }

    /// <summary>True when the adopted state waits for a person's acceptance.</summary>
    internal bool IsHeld { get; private init; }

    /// <summary>Why snapshots are not used.</summary>
    internal IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>First event that is replayed or folded: what lies before is checked by header and footer only.</summary>
    internal long From => Adoption?.From ?? (Snapshot is { } own ? own.Sequence + 1 : Lineage?.State is null ? 0 : Lineage.Sequence);

    /// <summary>First audit record of the same.</summary>
    internal long FromRecord => Adoption?.FromRecord
        ?? Snapshot?.NextAuditRecord
        ?? (Lineage?.State is null ? 0 : Lineage.FirstAuditRecord);

    /// <summary>Looks at a journal.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The directory.</param>
    /// <param name="configuration">The run's configuration.</param>
    /// <param name="adopt">True to take over what another build or configuration left.</param>
    /// <param name="venue">Whose orders the run has.</param>
    /// <exception cref="IOException">The run must not go on here; the message says why and what can be done.</exception>
    internal static JournalStanding Of(
        IStorage storage, string path, EngineConfiguration configuration, bool adopt, VenueKind venue = VenueKind.Simulated)
    {
        IReadOnlyList<Lineage> lineages;
        try
        {
            RefuseDataSet(storage, path);
            lineages = Running.Lineage.Of(storage, path);
        }
        catch (JournalDamagedException)
        {
            // Recovery decides on it, and says where.
            return new JournalStanding();
        }

        SnapshotChoice snapshots = SnapshotChoice.Of(storage, path, configuration.Instance);
        Lineage? last = lineages.Count == 0 ? null : lineages[^1];
        Snapshot? newest = snapshots.Sound.Count == 0 ? null : snapshots.Sound[0];
        if (last is null && newest is null)
        {
            bool isTrimmed = EpochSegments.Of(storage, path, StreamKind.Journal) is [(_, > 0), ..];
            return isTrimmed
                ? throw new IOException($"{path}: the journal's front is gone and no snapshot reaches what is left of it")
                : new JournalStanding { Warnings = snapshots.Warnings };
        }

        VenueKind theirs = last?.Started.Venue ?? (RunSnapshot.IsLive(newest!) ? VenueKind.Live : VenueKind.Simulated);
        if (theirs != venue)
        {
            throw new IOException(
                $"{path}: the journal is of a {NameOf(theirs)} run, and this is a {NameOf(venue)} run; choose another directory");
        }

        // A snapshot from before the last adoption is of another lineage.
        long since = last?.Sequence ?? 0;
        Hash32 build = last?.Started.BuildHash ?? newest!.BuildHash;
        Hash32 recorded = last?.Started.ConfigurationHash ?? newest!.ConfigurationHash;
        Hash32 ownBuild = BuildIdentity.Hash;
        Hash32 own = RunSnapshot.HashOf(configuration);
        bool isOwn = build == ownBuild && recorded == own && last is not { HasBegun: false };
        if (isOwn && !adopt)
        {
            Snapshot? usable = snapshots.Own(configuration);
            return new JournalStanding
            {
                Snapshot = usable?.Sequence >= since ? usable : null,
                Lineage = last,
                Warnings = snapshots.Warnings,
            };
        }

        AdoptionOrigin? fromSnapshot = null;
        foreach (Snapshot snapshot in snapshots.Sound)
        {
            if (snapshot.Sequence >= since && OriginOf(snapshot) is { } origin)
            {
                fromSnapshot = origin;
                break;
            }
        }

        bool isClean = fromSnapshot is not null && EndsCleanlyAt(storage, path, fromSnapshot.From - 1);
        if (!isClean && !adopt)
        {
            throw new IOException(
                $"{path}: the journal was written by build {Short(build)} with configuration {Short(recorded)}; this is build "
                + $"{Short(ownBuild)} with configuration {configuration.Name} {Short(own)}. Either let its own build and "
                + "configuration end it cleanly (run it again, then SIGTERM): what it holds then carries over by itself; or "
                + "start with --adopt: positions, cash and orders are taken over, and trading is HALTED until --accept \"reason\""
                + (last is { HasBegun: false } ? $". Run {last.Started.Epoch} was being adopted and did not get to begin" : string.Empty));
        }

        return new JournalStanding
        {
            Lineage = last,
            Adoption = fromSnapshot ?? (last is null
                ? throw new IOException($"{path}: the journal's front is gone, and no snapshot holds what can be taken over")
                : OriginOf(last, lineages)),
            IsHeld = !isClean || adopt,
            Warnings = snapshots.Warnings,
        };
    }

    private static AdoptionOrigin? OriginOf(Snapshot snapshot) =>
        PortableState.Find(snapshot) is { } bytes
        && PortableState.Read(bytes, out PortableState? state) is null
        && RunSnapshot.ConfigurationOf(snapshot) is { } json
            ? new AdoptionOrigin(snapshot.Sequence + 1, snapshot.NextAuditRecord, state, Running.Lineage.NamesIn(json))
            : null;

    /// <summary>Without a snapshot the fold begins where the last lineage that got to begin does.</summary>
    private static AdoptionOrigin OriginOf(Lineage last, IReadOnlyList<Lineage> lineages)
    {
        for (int i = lineages.Count - 1; i >= 0; i--)
        {
            if (lineages[i].HasBegun)
            {
                Lineage begun = lineages[i];
                return begun.State is null
                    ? new AdoptionOrigin(0, 0, null, begun.StrategyNames)
                    : new AdoptionOrigin(begun.Sequence, begun.FirstAuditRecord, begun.State, begun.StrategyNames);
            }
        }

        return new AdoptionOrigin(0, 0, null, last.StrategyNames);
    }

    /// <summary>The last event says that its run ended, and nothing follows it.</summary>
    private static bool EndsCleanlyAt(IStorage storage, string path, long sequence)
    {
        if (JournalPosition.Exists(storage, path, StreamKind.Journal, sequence + 1))
        {
            return false;
        }

        using JournalReader reader = new(storage, path, new ReadOptions { From = sequence, Follow = true });
        Event e = default;
        return reader.Read(ref e) == ReadResult.Event && e.Sequence == sequence && e.Kind == EventKind.EpochEnded;
    }

    private static void RefuseDataSet(IStorage storage, string path)
    {
        using JournalReader reader = new(storage, path, new ReadOptions { Follow = true });
        Event first = default;
        if (reader.Read(ref first) == ReadResult.Event && first.Sequence == 0 && first.Kind != EventKind.EpochStarted)
        {
            throw new IOException($"{path}: this is a data set; a run does not write into it, choose another directory");
        }
    }

    private static string NameOf(VenueKind venue) => venue == VenueKind.Live ? "live" : "paper";

    private static string Short(in Hash32 hash) => Convert.ToHexStringLower(((ReadOnlySpan<byte>)hash)[..8]) + "...";
}
