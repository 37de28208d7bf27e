using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Pipeline;
using LowLatency.Engine.Configuration;
using LowLatency.Journal;
using LowLatency.Journal.Audit;
using LowLatency.Journal.Format;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Running;

/// <summary>Where a replay leaves the audit log.</summary>
internal sealed record Divergence
{
    /// <summary>Events replayed until it was known.</summary>
    internal required long Events { get; init; }

    /// <summary>The last event after which a checkpoint agreed; -1 when none did.</summary>
    internal required long EqualUpTo { get; init; }

    /// <summary>The first event after which a checkpoint did not agree; -1 when all did.</summary>
    internal required long DifferentAt { get; init; }

    /// <summary>The first decision that differs: stage, field and both values; null when all are equal.</summary>
    internal AuditDifference? Difference { get; init; }

    /// <summary>The event that was decided differently, as one line; null without a difference.</summary>
    internal string? Event { get; init; }

    /// <summary>True when every decision is equal and yet the state at a checkpoint is not.</summary>
    internal bool StateOnly => Difference is null && DifferentAt >= 0;

    /// <summary>True when nothing differs.</summary>
    internal bool IsEqual => Difference is null && DifferentAt < 0;
}

/// <summary>
/// Finds the first event that a replay decides differently. The digests of the checkpoints say between which two it lies;
/// the state of the last that agrees is kept, and only the events from there on are compared entry by entry. Runs that took
/// over from another build or configuration are looked at one after the other, each from its own start.
/// </summary>
internal sealed class Bisection
{
    private readonly string _directory;
    private readonly DecisionPipeline _pipeline;
    private readonly PosixStorage _storage = new();
    private readonly AuditGroup _group = new();
    private readonly long _from;
    private readonly long _to;
    private readonly long _fromRecord;
    private readonly bool _comparesState;
    private Decision _decision;
    private Digest128 _rolling;
    private byte[] _state;
    private long _equalUpTo = -1;
    private long _differentAt = -1;
    private long _events;

    private Bisection(string directory, ReplayStart start, long to)
    {
        _directory = directory;
        _pipeline = start.Pipeline;
        _rolling = start.Rolling;
        _from = start.From;
        _to = to;
        _fromRecord = start.FromRecord;

        // How a build lays out its memory is its own: its digest says nothing to another one, its decisions do.
        Hash32 build = start.BuildHash;
        Hash32 own = BuildIdentity.Hash;
        _comparesState = ((ReadOnlySpan<byte>)build).SequenceEqual(own);
        _state = Save();
    }

    /// <summary>Looks for the first difference.</summary>
    /// <param name="directory">The journal directory of a run.</param>
    /// <param name="given">Another configuration than the recorded one, to see where it first matters; else null.</param>
    /// <exception cref="InvalidDataException">
    /// The journal is no run, has no audit log, or its front is gone and nothing reaches the rest.
    /// </exception>
    internal static Divergence Run(string directory, EngineConfiguration? given)
    {
        RecordedRun.Open(directory).Dispose();
        PosixStorage storage = new();
        IReadOnlyList<Lineage> lineages = Lineage.Of(storage, directory);
        ReplayStart start = ReplayStart.Of(storage, directory, lineages, given);
        if (!JournalFiles.Any(storage, directory, StreamKind.Audit))
        {
            throw new InvalidDataException($"{directory}: there is no audit log to compare with");
        }

        long events = 0;
        long equalUpTo = -1;
        for (int next = 0; ; next++)
        {
            while (next < lineages.Count && lineages[next].Sequence <= start.From)
            {
                next++;
            }

            long to = next < lineages.Count ? lineages[next].Sequence - 1 : long.MaxValue;
            Divergence found = new Bisection(directory, start, to).Run();
            events += found.Events;
            equalUpTo = Math.Max(equalUpTo, found.EqualUpTo);

            // A run that a crash cut before it began decided nothing.
            while (next < lineages.Count && !lineages[next].HasBegun)
            {
                next++;
            }

            if (!found.IsEqual || next >= lineages.Count)
            {
                return found with { Events = events, EqualUpTo = equalUpTo };
            }

            start = ReplayStart.Of(directory, lineages[next], given, note: null);
        }
    }

    private Divergence Run()
    {
        Narrow();
        Restore();
        AuditDifference? difference = Compare(out string? line);
        return new Divergence
        {
            Events = _events,
            EqualUpTo = _equalUpTo,
            DifferentAt = _differentAt,
            Difference = difference,
            Event = line,
        };
    }

    /// <summary>Replays until a checkpoint differs, keeping the state of the last that did not.</summary>
    private void Narrow()
    {
        using JournalReader journal = new(_storage, _directory, new ReadOptions { From = _from, To = _to });
        using AuditReader audit = new(_storage, _directory, _fromRecord);
        bool has = Next(audit);
        Event e = default;
        while (_differentAt < 0 && journal.Read(ref e) == ReadResult.Event)
        {
            _pipeline.OnEvent(e, ref _decision);
            DecisionDigest.Add(ref _rolling, e, _decision);
            _events++;
            while (has && _group.Sequence == e.Sequence && _differentAt < 0)
            {
                if (_group.IsCheckpoint)
                {
                    Judge(e.Sequence);
                }

                has = Next(audit);
            }
        }
    }

    private void Judge(long sequence)
    {
        AuditCheckpoint recorded = _group.Checkpoint;
        Digest128 copy = _rolling;
        bool equal = copy.Finish() == recorded.Rolling && (!_comparesState || recorded.State == default || Digest() == recorded.State);
        if (equal)
        {
            _equalUpTo = sequence;
            _state = Save();
        }
        else
        {
            _differentAt = sequence;
        }
    }

    /// <summary>Compares every entry from the last equal checkpoint on.</summary>
    private AuditDifference? Compare(out string? line)
    {
        line = null;
        long from = _equalUpTo < 0 ? _from : _equalUpTo + 1;
        if (from > _to || from >= RecordSearch.End(_storage, _directory, StreamKind.Journal))
        {
            return null;
        }

        using JournalReader journal = new(_storage, _directory, new ReadOptions { From = from, To = _to });
        long record = _equalUpTo < 0 ? _fromRecord : RecordSearch.AuditOf(_storage, _directory, from);
        using AuditReader audit = new(_storage, _directory, record, follow: true);
        bool has = Next(audit);
        Event e = default;
        while (journal.Read(ref e) == ReadResult.Event)
        {
            _pipeline.OnEvent(e, ref _decision);
            bool seen = false;
            AuditDifference? difference = null;
            while (has && _group.Sequence == e.Sequence && difference is null)
            {
                seen |= !_group.IsCheckpoint;
                difference = _group.IsCheckpoint || !_group.IsComplete
                    ? null
                    : AuditComparer.FirstDifference(e.Sequence, ref _group.Decision, ref _decision);
                has = difference is not null || Next(audit);
            }

            // A log that ends here was cut; one that goes on says that nothing was decided.
            if (difference is null && !seen && has && _group.Sequence <= _to)
            {
                Decision nothing = default;
                difference = AuditComparer.FirstDifference(e.Sequence, ref nothing, ref _decision);
            }

            if (difference is not null)
            {
                EventFormatter formatter = new(new InstrumentNames(_storage, _directory, e.Sequence + 1));
                line = formatter.Human(e).TrimStart();
                return difference;
            }

            if (e.Sequence == _differentAt)
            {
                return null;
            }
        }

        return null;
    }

    private bool Next(AuditReader audit) => audit.Read(_group) == ReadResult.Event;

    private byte[] Save()
    {
        StateWriter writer = new(1 << 20);
        _pipeline.Visit(writer);
        return writer.Written.ToArray();
    }

    private void Restore()
    {
        StateReader reader = new(_state);
        _pipeline.Visit(reader);
        Ensure.That(reader.AtEnd, "a kept state is longer than its walk");
    }

    private Digest Digest()
    {
        DigestVisitor visitor = new();
        _pipeline.Visit(visitor);
        return visitor.Finish();
    }
}
