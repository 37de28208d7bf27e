using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Audit;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal;

/// <summary>What the audit stream holds of one event: its decision, or a checkpoint after it. Reused by the reader.</summary>
public sealed class AuditGroup
{
    private Decision _decision;
    private AuditCheckpoint _checkpoint;

    /// <summary>The event.</summary>
    public long Sequence { get; internal set; }

    /// <summary>True when this is a checkpoint, false when it is a decision.</summary>
    public bool IsCheckpoint { get; internal set; }

    /// <summary>False when the stream ends before the group does: a crash cut it.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>The recorded sections.</summary>
    public ref Decision Decision => ref _decision;

    /// <summary>The recorded digests.</summary>
    public ref AuditCheckpoint Checkpoint => ref _checkpoint;
}

/// <summary>Reads the audit stream, grouped by event. Damage throws <see cref="JournalDamagedException"/>.</summary>
public sealed class AuditReader : IDisposable
{
    private readonly RecordReader _reader;
    private AuditRecord _ahead;
    private bool _hasAhead;

    // While following, a group can arrive in pieces.
    private bool _inGroup;
    private int _taken;
    private AuditRecord _first;

    /// <summary>Opens the audit stream of a directory.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="fromRecord">Number of the first audit record to read; the start of a group.</param>
    /// <param name="follow">True to read a stream that is being written.</param>
    /// <param name="toRecord">Number of the last audit record to read.</param>
    public AuditReader(
        IStorage storage, string directory, long fromRecord = 0, bool follow = false, long toRecord = long.MaxValue) =>
        _reader = RecordReader.Open(storage, directory, StreamKind.Audit, fromRecord, toRecord, follow);

    /// <summary>Reads the next group.</summary>
    /// <param name="group">Filled when the result is Event.</param>
    /// <returns>Event for a group; Idle only while following; End after the last one.</returns>
    public ReadResult Read(AuditGroup group)
    {
        while (true)
        {
            ReadResult result = Peek();
            if (result != ReadResult.Event)
            {
                if (result == ReadResult.Idle || !_inGroup)
                {
                    return result;
                }

                return Finish(group, complete: false);
            }

            if (!_inGroup)
            {
                Begin(group);
            }
            else if (!_ahead.SameGroup(_first) || _ahead.Kind == AuditKind.Checkpoint)
            {
                return Finish(group, complete: false);
            }

            _hasAhead = false;
            Take(group, _ahead);
            _taken++;
            if (_taken == Math.Max(1, AuditWriter.Entries(_first)) || group.IsCheckpoint)
            {
                return Finish(group, complete: true);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private ReadResult Peek()
    {
        if (_hasAhead)
        {
            return ReadResult.Event;
        }

        ReadResult result = _reader.Read(out ReadOnlySpan<byte> record);
        if (result == ReadResult.Event)
        {
            _ahead = Unsafe.As<byte, AuditRecord>(ref MemoryMarshal.GetReference(record));
            _hasAhead = true;
        }

        return result;
    }

    private void Begin(AuditGroup group)
    {
        _first = _ahead;
        _taken = 0;
        _inGroup = true;
        group.Sequence = _first.Sequence;
        group.IsCheckpoint = _first.Kind == AuditKind.Checkpoint;
        group.Decision = default;
        group.Checkpoint = default;
        group.Decision.Waiting = _first.Waiting;
        if (_first.Signals > Limits.SignalsPerEvent
            || _first.Suppressions > Limits.SuppressionsPerEvent
            || _first.Intents > Limits.IntentsPerEvent
            || _first.Verdicts > Limits.IntentsPerEvent
            || _first.Commands > Limits.CommandsPerEvent)
        {
            Bad("counts beyond the limits of an event");
        }
    }

    private ReadResult Finish(AuditGroup group, bool complete)
    {
        _inGroup = false;
        group.IsComplete = complete;
        return ReadResult.Event;
    }

    private void Take(AuditGroup group, in AuditRecord record)
    {
        ref Decision decision = ref group.Decision;
        int expected = record.Kind switch
        {
            AuditKind.Signal => decision.SignalCount,
            AuditKind.Suppression => decision.SuppressionCount,
            AuditKind.Intent => decision.IntentCount,
            AuditKind.Verdict => decision.VerdictCount,
            AuditKind.Command => decision.CommandCount,
            AuditKind.Checkpoint or AuditKind.Counts => 0,
            _ => -1,
        };
        if (expected != record.Ordinal)
        {
            Bad("kind or ordinal out of order");
        }

        switch (record.Kind)
        {
            case AuditKind.Signal:
                decision.Signals[decision.SignalCount++] = record.Signal;
                break;
            case AuditKind.Suppression:
                decision.Suppressions[decision.SuppressionCount++] = record.Suppression;
                break;
            case AuditKind.Intent:
                decision.Intents[decision.IntentCount++] = record.Intent;
                break;
            case AuditKind.Verdict:
                decision.Verdicts[decision.VerdictCount++] = record.Verdict;
                break;
            case AuditKind.Command:
                decision.Commands[decision.CommandCount++] = record.Command;
                break;
            case AuditKind.Checkpoint:
                group.Checkpoint = record.Checkpoint;
                break;
            case AuditKind.Counts or AuditKind.None:
                break;
        }
    }

    private void Bad(string reason) => throw new JournalDamagedException(new JournalDamage(
        SegmentLayout.Name(StreamKind.Audit, _reader.Header.First), 0, _ahead.Number, reason));
}
