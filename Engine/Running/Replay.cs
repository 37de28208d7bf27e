using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Pipeline;
using LowLatency.Engine.Configuration;
using LowLatency.Journal;
using LowLatency.Journal.Audit;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Running;

/// <summary>What a replay came to.</summary>
internal sealed record ReplayReport
{
    internal required long Events { get; init; }

    internal required long Decisions { get; init; }

    internal required long Checkpoints { get; init; }

    internal required long StateCheckpoints { get; init; }

    internal required Digest Rolling { get; init; }

    internal required Digest State { get; init; }

    /// <summary>The first difference: event, stage, field; null when all is equal.</summary>
    internal required string? Difference { get; init; }

    /// <summary>What limits the meaning of "equal"; null when nothing does.</summary>
    internal required string? Warning { get; init; }
}

/// <summary>
/// The recorded sequence through a fresh pipeline, every event as it was, the gateway muted; decisions are compared with
/// the audit log.
/// </summary>
internal sealed class Replay
{
    private DecisionPipeline _pipeline;
    private readonly AuditReader? _audit;
    private readonly AuditGroup _group = new();
    private Digest128 _rolling;
    private Decision _decision;
    private bool _hasGroup;
    private bool _sawGroup;
    private long _notAudited = -1;
    private long _end = long.MaxValue;
    private bool _comparesState;
    private long _decisions;
    private long _checkpoints;
    private long _stateCheckpoints;

    /// <summary>True when the audit log has more of this lineage.</summary>
    private bool HasMore => _hasGroup && _group.Sequence < _end;

    private Replay(DecisionPipeline pipeline, Digest128 rolling, AuditReader? audit)
    {
        _pipeline = pipeline;
        _rolling = rolling;
        _audit = audit;
        Advance();
    }

    /// <summary>Replays a recorded run.</summary>
    /// <param name="directory">Its journal directory.</param>
    /// <param name="given">Another configuration than the recorded one, to see where it first matters; else null.</param>
    /// <param name="verify">Compare with the audit log.</param>
    /// <exception cref="InvalidDataException">The journal is no run, or its front is gone and nothing reaches the rest.</exception>
    internal static ReplayReport Run(string directory, EngineConfiguration? given, bool verify)
    {
        RecordedRun.Open(directory).Dispose();
        PosixStorage storage = new();
        IReadOnlyList<Lineage> lineages = Lineage.Of(storage, directory);
        ReplayStart start = ReplayStart.Of(storage, directory, lineages, given);
        using JournalReader journal = new(storage, directory, new ReadOptions { From = start.From });
        using AuditReader? audit = verify ? new AuditReader(storage, directory, start.FromRecord) : null;
        Replay replay = new(start.Pipeline, start.Rolling, audit);
        Hash32 build = start.BuildHash;
        Hash32 own = BuildIdentity.Hash;
        bool sameBuild = ((ReadOnlySpan<byte>)build).SequenceEqual(own);
        replay._comparesState = sameBuild;
        return replay.Run(
            journal,
            new Ahead(directory, lineages, given),
            sameBuild ? start.Note : "the run was recorded by another build of the engine than this one");
    }

    private ReplayReport Run(JournalReader journal, Ahead ahead, string? warning)
    {
        Event e = default;
        long events = 0;
        bool skips = false;
        string? difference = null;
        ahead.After(journal.NextSequence - 1);
        _end = ahead.Sequence;
        while (difference is null && journal.Read(ref e) == ReadResult.Event)
        {
            events++;
            if (e.Sequence == ahead.Sequence)
            {
                // Another build or configuration takes over: its state is what it says in its first events.
                _comparesState = ahead.IsOwnBuild;
                skips = !ahead.TryBegin(out DecisionPipeline? next);
                _pipeline = next ?? _pipeline;
                _rolling = default;
                _notAudited = -1;
                ahead.After(e.Sequence);
                _end = ahead.Sequence;
            }

            if (skips)
            {
                while (_hasGroup && _group.Sequence <= e.Sequence)
                {
                    Advance();
                }

                continue;
            }

            _pipeline.OnEvent(e, ref _decision);
            DecisionDigest.Add(ref _rolling, e, _decision);
            if (_audit is not null)
            {
                difference = Compare(e);
            }
        }

        if (difference is null && _hasGroup)
        {
            difference = $"event {_group.Sequence}: the audit log has a decision after the journal's end";
        }

        // A crash may cut decisions that were never sent; a clean end, or a log without anything, has no such excuse.
        if (difference is null && _notAudited >= 0 && (e.Kind == EventKind.EpochEnded || !_sawGroup))
        {
            difference = $"event {_notAudited}: the audit log ends before this decision";
        }

        return new ReplayReport
        {
            Events = events,
            Decisions = _decisions,
            Checkpoints = _checkpoints,
            StateCheckpoints = _stateCheckpoints,
            Rolling = Rolling(),
            State = State(),
            Difference = difference,
            Warning = warning,
        };
    }

    /// <summary>The first difference between what was decided and what is, or null.</summary>
    private string? Compare(in Event e)
    {
        bool seen = false;
        while (_hasGroup && _group.Sequence == e.Sequence)
        {
            string? difference;
            _sawGroup = true;
            if (_group.IsCheckpoint)
            {
                difference = CompareCheckpoint(e.Sequence);
            }
            else if (!_group.IsComplete)
            {
                // The end of a log that a crash cut: what is not there cannot be compared.
                seen = true;
                Advance();
                difference = HasMore ? $"event {e.Sequence}: the audit log has only a part of this decision" : null;
                _notAudited = e.Sequence;
                if (difference is null)
                {
                    break;
                }
            }
            else
            {
                seen = true;
                _decisions++;
                difference = AuditComparer
                    .FirstDifference(e.Sequence, ref _group.Decision, ref _decision)?.ToString();
            }

            if (difference is not null)
            {
                return difference;
            }

            Advance();
        }

        if (!seen && !_decision.IsEmpty && !HasMore && _notAudited < 0)
        {
            _notAudited = e.Sequence;
        }

        if (!seen && !_decision.IsEmpty && HasMore)
        {
            Decision nothing = default;
            return AuditComparer.FirstDifference(e.Sequence, ref nothing, ref _decision)?.ToString();
        }

        return null;
    }

    private string? CompareCheckpoint(long sequence)
    {
        _checkpoints++;
        AuditCheckpoint recorded = _group.Checkpoint;
        AuditCheckpoint replayed = new() { Rolling = Rolling() };
        if (!_comparesState)
        {
            // How a build lays out its memory is its own: its digest says nothing to another one, its decisions do.
            recorded.State = default;
        }

        if (recorded.State != default)
        {
            _stateCheckpoints++;
            replayed.State = State();
        }

        return AuditComparer.FirstDifference(sequence, recorded, replayed)?.ToString();
    }

    private Digest Rolling()
    {
        Digest128 copy = _rolling;
        return copy.Finish();
    }

    private Digest State()
    {
        DigestVisitor visitor = new();
        _pipeline.Visit(visitor);
        return visitor.Finish();
    }

    private void Advance() => _hasGroup = _audit is not null && _audit.Read(_group) == ReadResult.Event;

    /// <summary>The lineages that begin later in the journal.</summary>
    private sealed class Ahead(string directory, IReadOnlyList<Lineage> lineages, EngineConfiguration? given)
    {
        private int _next;

        /// <summary>Where the next one begins.</summary>
        internal long Sequence => _next < lineages.Count ? lineages[_next].Sequence : long.MaxValue;

        /// <summary>True when this build recorded the next one.</summary>
        internal bool IsOwnBuild
        {
            get
            {
                Hash32 build = lineages[_next].Started.BuildHash;
                Hash32 own = BuildIdentity.Hash;
                return ((ReadOnlySpan<byte>)build).SequenceEqual(own);
            }
        }

        /// <summary>Looks behind an event.</summary>
        internal void After(long sequence)
        {
            while (_next < lineages.Count && lineages[_next].Sequence <= sequence)
            {
                _next++;
            }
        }

        /// <summary>Makes the pipeline with which the next one begins.</summary>
        /// <returns>False when a crash cut it before it got to begin.</returns>
        internal bool TryBegin(out DecisionPipeline? pipeline)
        {
            Lineage lineage = lineages[_next];
            pipeline = lineage.HasBegun ? ReplayStart.PipelineOf(directory, lineage, given) : null;
            return pipeline is not null;
        }
    }
}
