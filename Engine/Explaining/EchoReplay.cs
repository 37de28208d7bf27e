using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Engine.Strategies;
using LowLatency.Journal;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Explaining;

/// <summary>
/// A recorded run, gone through again without the code of its strategies: their signals are taken from the audit log, the
/// other stages decide again, and what they decide must be what was recorded. So the state behind each decision (who holds
/// what, which order works, when a lane is tried again) is there to be asked.
/// </summary>
internal sealed class EchoReplay : IDisposable
{
    private readonly JournalReader _journal;
    private readonly AuditReader _audit;
    private readonly AuditGroup _group = new();
    private readonly IReadOnlyList<Lineage> _lineages;
    private readonly string _directory;
    private Event _event;
    private Decision _decision;
    private bool _hasGroup;
    private bool _decides;
    private int _next;

    internal EchoReplay(string directory)
    {
        _directory = directory;
        RecordedRun.Open(directory).Dispose();
        PosixStorage storage = new();
        _lineages = Lineage.Of(storage, directory);
        using (JournalReader head = new(storage, directory))
        {
            // Where the front of a journal is gone, it can be told from the first run on that says its own start state.
            while (_next < _lineages.Count
                && !(_lineages[_next].HasBegun && (_lineages[_next].State is not null || head.NextSequence == 0)))
            {
                _next++;
            }

            if (_next == _lineages.Count)
            {
                throw new InvalidDataException(head.NextSequence == 0
                    ? $"{directory}: this is a data set, not a run; nothing was decided in it"
                    : $"{directory}: the journal begins at event {head.NextSequence}; what happened before is needed to explain the rest");
            }
        }

        Lineage first = _lineages[_next];
        Started = first.Started;
        Configuration = WithoutCode(first.ConfigurationJson!, directory);
        Pipeline = PipelineFactory.Pipeline(Configuration);
        _journal = new JournalReader(storage, directory, new ReadOptions { From = first.Sequence });
        _audit = new AuditReader(storage, directory, first.FirstAuditRecord);
        Formatter = new EventFormatter(Names);
        Advance();
    }

    /// <summary>The run's configuration; its strategies say nothing by themselves.</summary>
    internal EngineConfiguration Configuration { get; private set; }

    /// <summary>The first run's first event.</summary>
    internal EpochStarted Started { get; }

    /// <summary>The state after <see cref="Event"/>.</summary>
    internal DecisionPipeline Pipeline { get; private set; }

    /// <summary>The instruments defined so far.</summary>
    internal InstrumentNames Names { get; } = new();

    /// <summary>Writes events.</summary>
    internal EventFormatter Formatter { get; }

    /// <summary>The last event.</summary>
    internal ref readonly Event Event => ref _event;

    /// <summary>What was decided on it.</summary>
    internal ref readonly Decision Decision => ref _decision;

    /// <summary>Goes on to the next event.</summary>
    /// <returns>False at the end of the journal.</returns>
    /// <exception cref="InvalidDataException">This build decides otherwise than the one that recorded.</exception>
    internal bool Next()
    {
        if (_journal.Read(ref _event) != ReadResult.Event)
        {
            return false;
        }

        Names.Observe(_event);
        if (_next < _lineages.Count && _event.Sequence == _lineages[_next].Sequence)
        {
            Begin(_lineages[_next++]);
        }

        while (_hasGroup && _group.Sequence < _event.Sequence)
        {
            Advance();
        }

        if (!_decides)
        {
            // A run that was cut before it had said its start state decided nothing.
            _decision.Clear();
            return true;
        }

        bool recorded = _hasGroup && _group.Sequence == _event.Sequence;
        Pipeline.Fold(_event, ref _decision);

        // The strategies are not asked: what they handed to one another follows from what they said before.
        Pipeline.Crossing.See(_event);
        if (recorded)
        {
            _decision.SignalCount = _group.Decision.SignalCount;
            _decision.Signals = _group.Decision.Signals;
        }

        Pipeline.Arbitrate(_event, ref _decision);
        Pipeline.Rule(_event, ref _decision);
        Pipeline.Order(_event, ref _decision);
        if (recorded)
        {
            // A group that a crash cut vouches for what of it is there.
            if (_group.IsComplete
                && AuditComparer.FirstDifference(_event.Sequence, ref _group.Decision, ref _decision) is { } difference)
            {
                throw new InvalidDataException(
                    $"{_directory}: this build does not decide as the recorded one did, so it cannot explain it: {difference}");
            }

            Advance();
        }

        return true;
    }

    /// <summary>Name of a strategy.</summary>
    internal string NameOf(StrategyId strategy) =>
        strategy == StrategyId.House ? "house" : Configuration.Strategies[strategy.Value - 1].Name;

    public void Dispose()
    {
        _journal.Dispose();
        _audit.Dispose();
    }

    /// <summary>Another build or configuration takes over: its state is what it says in its first events.</summary>
    private void Begin(Lineage lineage)
    {
        _decides = lineage.HasBegun;
        if (!_decides)
        {
            return;
        }

        Configuration = WithoutCode(lineage.ConfigurationJson!, _directory);
        Pipeline = PipelineFactory.Pipeline(Configuration);
        if (lineage.State is { } state)
        {
            Adoption.Apply(state, Pipeline, RunSnapshot.Names(Configuration));
        }
    }

    /// <summary>The configuration with the strategies' code taken out: names, instruments and rules stay.</summary>
    private static EngineConfiguration WithoutCode(byte[] json, string directory)
    {
        JsonNode root = JsonNode.Parse(json)!;
        foreach (JsonNode? strategy in root["strategies"]!.AsArray())
        {
            JsonObject members = strategy!.AsObject();
            members["type"] = SilentStrategy.Schema.Type;
            members["parameters"] = new JsonObject();
            members.Remove("assembly");
        }

        ConfigurationReading reading = EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(root.ToJsonString()), directory + " (journal)", StrategyLibrary.Silent);
        return reading.TryGet(out EngineConfiguration? configuration)
            ? configuration
            : throw new InvalidDataException(string.Join(Environment.NewLine, reading.Problems));
    }

    /// <summary>The next recorded decision; checkpoints explain nothing.</summary>
    private void Advance()
    {
        do
        {
            _hasGroup = _audit.Read(_group) == ReadResult.Event;
        }
        while (_hasGroup && _group.IsCheckpoint);
    }
}
