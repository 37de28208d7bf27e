using System;
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
    private readonly DecisionPipeline _pipeline;
    private readonly AuditReader? _audit;
    private readonly AuditGroup _group = new();
    private Digest128 _rolling;
    private Decision _decision;
    private bool _hasGroup;
    private bool _sawGroup;
    private long _notAudited = -1;
    private long _decisions;
    private long _checkpoints;
    private long _stateCheckpoints;

    private Replay(DecisionPipeline pipeline, AuditReader? audit)
    {
        _pipeline = pipeline;
        _audit = audit;
        Advance();
    }

    /// <summary>Replays a recorded run.</summary>
    /// <param name="directory">Its journal directory.</param>
    /// <param name="given">Another configuration than the recorded one, to see where it first matters; else null.</param>
    /// <param name="verify">Compare with the audit log.</param>
    /// <exception cref="InvalidDataException">The journal is no run.</exception>
    internal static ReplayReport Run(string directory, EngineConfiguration? given, bool verify)
    {
        RecordedRun recorded = RecordedRun.Of(directory);
        EngineConfiguration configuration = given ?? recorded.Configuration
            ?? throw new InvalidDataException($"{directory}: this is a data set, not a run; there is nothing to replay");
        using JournalReader journal = RecordedRun.Open(directory);
        using AuditReader? audit = verify ? new AuditReader(new PosixStorage(), directory) : null;
        Replay replay = new(PipelineFactory.Pipeline(configuration), audit);
        Hash32 build = recorded.Started.BuildHash;
        Hash32 own = BuildIdentity.Hash;
        bool sameBuild = ((ReadOnlySpan<byte>)build).SequenceEqual(own);
        return replay.Run(
            journal, sameBuild ? null : "the run was recorded by another build of the engine than this one");
    }

    private ReplayReport Run(JournalReader journal, string? warning)
    {
        Event e = default;
        long events = 0;
        string? difference = null;
        while (difference is null && journal.Read(ref e) == ReadResult.Event)
        {
            _pipeline.OnEvent(e, ref _decision);
            DecisionDigest.Add(ref _rolling, e, _decision);
            events++;
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
                difference = _hasGroup ? $"event {e.Sequence}: the audit log has only a part of this decision" : null;
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

        if (!seen && !_decision.IsEmpty && !_hasGroup && _notAudited < 0)
        {
            _notAudited = e.Sequence;
        }

        if (!seen && !_decision.IsEmpty && _hasGroup)
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
}
