using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Engine.Configuration;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Engine.Running;

/// <summary>Where in the files a snapshot is taken.</summary>
/// <param name="Epoch">The run.</param>
/// <param name="Sequence">The last event that is in it.</param>
/// <param name="Crc">CRC of that event's record.</param>
/// <param name="NextAuditRecord">Audit record after the decisions that are in it.</param>
internal readonly record struct SnapshotPlace(int Epoch, long Sequence, uint Crc, long NextAuditRecord);

/// <summary>
/// Makes snapshots of a run, and restores them. The first four sections are the memory of the components as they walk it:
/// only the build and the configuration that wrote them can read them. The portable section is for all others.
/// </summary>
internal sealed class RunSnapshot(EngineConfiguration configuration)
{
    private const string PipelineSection = "pipeline";
    private const string VenueSection = "venue";
    private const string CountsSection = "counts";
    private const string FactsSection = "facts";
    private const string ConfigurationSection = "configuration";
    private const int Version = 1;

    private readonly byte[] _configuration = ConfigurationBlob.Write(configuration.ToCanonicalJson());
    private readonly Hash32 _configurationHash = HashOf(configuration);
    private readonly MessagePackWriter _file = new(1 << 22);
    private readonly DigestVisitor _digest = new();

    // Kept between snapshots, so that a follower allocates them once.
    private byte[] _state = new byte[1 << 22];
    private readonly StateWriter _writer = new(1 << 22);

    /// <summary>The decision hash of a configuration, as journals and snapshots hold it.</summary>
    internal static Hash32 HashOf(EngineConfiguration configuration)
    {
        Hash32 hash = default;
        configuration.DecisionHash.AsSpan().CopyTo(hash);
        return hash;
    }

    /// <summary>The names of a configuration's strategies, in the order of their ids.</summary>
    internal static IReadOnlyList<string> Names(EngineConfiguration configuration)
    {
        List<string> names = [];
        foreach (StrategyConfiguration strategy in configuration.Strategies)
        {
            names.Add(strategy.Name);
        }

        return names;
    }

    /// <summary>Takes a snapshot.</summary>
    /// <param name="place">Where the run is.</param>
    /// <param name="run">The run, settled.</param>
    /// <param name="rolling">Digest of its decisions.</param>
    /// <returns>The file's content; valid until the next call.</returns>
    internal ReadOnlySpan<byte> Take(in SnapshotPlace place, MutedRun run, Digest128 rolling)
    {
        Ensure.That(run.Facts.Next == place.Sequence + 1, "a snapshot is taken of the last event that the facts know");
        _writer.Reset();
        run.Pipeline.Visit(_writer);
        int pipeline = _writer.Written.Length;
        run.Venue?.Visit(_writer);
        int venue = _writer.Written.Length;
        run.Counts.Visit(_writer);
        int counts = _writer.Written.Length;
        rolling.Visit(_writer);
        run.Facts.Visit(_writer);
        int facts = _writer.Written.Length;
        if (_state.Length < facts)
        {
            _state = new byte[2 * facts];
        }

        _writer.Written.CopyTo(_state);
        _digest.Reset();
        run.Pipeline.Visit(_digest);
        SnapshotEncoding.Write(_file, new Snapshot
        {
            Instance = configuration.Instance,
            Epoch = place.Epoch,
            Sequence = place.Sequence,
            Crc = place.Crc,
            BuildHash = BuildIdentity.Hash,
            ConfigurationHash = _configurationHash,
            State = _digest.Finish(),
            Decisions = rolling.Finish(),
            NextAuditRecord = place.NextAuditRecord,
            Sections =
            [
                new(PipelineSection, Version, _state.AsMemory(0, pipeline)),
                new(VenueSection, Version, _state.AsMemory(pipeline, venue - pipeline)),
                new(CountsSection, Version, _state.AsMemory(venue, counts - venue)),
                new(FactsSection, Version, _state.AsMemory(counts, facts - counts)),
                new(ConfigurationSection, Version, _configuration),
                new(PortableState.Section, PortableState.Version, Adoption.Capture(run.Pipeline, run.Facts, Names(configuration)).Write()),
            ],
        });
        return _file.Written;
    }

    /// <summary>Whether this build with this configuration can load a snapshot's memory.</summary>
    internal static bool IsOwn(Snapshot snapshot, EngineConfiguration configuration)
    {
        Hash32 build = BuildIdentity.Hash;
        Hash32 own = HashOf(configuration);
        Hash32 theirBuild = snapshot.BuildHash;
        Hash32 theirs = snapshot.ConfigurationHash;
        return ((ReadOnlySpan<byte>)build).SequenceEqual(theirBuild) && ((ReadOnlySpan<byte>)own).SequenceEqual(theirs);
    }

    /// <summary>The configuration with which a snapshot was taken, as JSON; null when it holds none.</summary>
    internal static byte[]? ConfigurationOf(Snapshot snapshot) =>
        snapshot.Find(ConfigurationSection, Version) is { } blob ? ConfigurationBlob.ToJson(blob.Span) : null;

    /// <summary>Whether a snapshot is of a live run: it has no memory of a simulated venue.</summary>
    internal static bool IsLive(Snapshot snapshot) => snapshot.Find(VenueSection, Version) is { Length: 0 };

    /// <summary>Brings a fresh run to where a snapshot of the same build and configuration was taken.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="run">Is overwritten.</param>
    /// <returns>The digest of the decisions so far, to go on with.</returns>
    /// <exception cref="BrokenInvariantException">The sections are not those of this build: a defect.</exception>
    internal static Digest128 Restore(Snapshot snapshot, MutedRun run)
    {
        Read(snapshot, PipelineSection, run.Pipeline);
        Ensure.That(IsLive(snapshot) == run.Venue is null, "a snapshot of a live run goes on live, one of a paper run on paper");
        if (run.Venue is { } venue)
        {
            Read(snapshot, VenueSection, venue);
        }

        StateReader counts = Open(snapshot, CountsSection);
        run.Counts.Visit(counts);
        Ensure.That(counts.AtEnd, "a snapshot's counts are longer than their walk");
        StateReader facts = Open(snapshot, FactsSection);
        Digest128 rolling = default;
        rolling.Visit(facts);
        run.Facts.Visit(facts);
        Ensure.That(facts.AtEnd && run.Facts.Next == snapshot.Sequence + 1, "a snapshot's facts are of another event");
        DigestVisitor digest = new();
        run.Pipeline.Visit(digest);
        Ensure.That(digest.Finish() == snapshot.State, "the restored state has another digest than the one that was saved");
        Ensure.That(rolling.Finish() == snapshot.Decisions, "the restored decisions have another digest than those saved");
        return rolling;
    }

    private static void Read(Snapshot snapshot, string section, IStateful component)
    {
        StateReader reader = Open(snapshot, section);
        component.Visit(reader);
        Ensure.That(reader.AtEnd, "a snapshot's section is longer than the component's walk: " + section);
    }

    private static StateReader Open(Snapshot snapshot, string section)
    {
        ReadOnlyMemory<byte>? data = snapshot.Find(section, Version);
        Ensure.That(data is not null, "a snapshot of this build has no section " + section);
        return new StateReader(data.Value);
    }
}
