using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Latency;
using LowLatency.Engine.Results;
using LowLatency.Gateways;
using LowLatency.Gateways.Sim;
using LowLatency.Journal;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Engine.Running;

/// <summary>What a session runs on.</summary>
internal sealed record SessionPlan
{
    /// <summary>The configuration.</summary>
    internal required EngineConfiguration Configuration { get; init; }

    /// <summary>The inputs, in the order of their ReceivedAt.</summary>
    internal required IEventSource Inputs { get; init; }

    /// <summary>True when the inputs are a whole recorded run: preamble and ticks are in it.</summary>
    internal bool InputsAreRun { get; init; }

    /// <summary>Where journal and audit log go; null keeps none.</summary>
    internal JournalDirectory? Journal { get; init; }

    /// <summary>Events between two snapshots that a follower takes; 0 for no follower.</summary>
    internal long SnapshotEvery { get; init; }

    /// <summary>How long the end of a run waits for a follower that is behind: the rest is then left uncompared, and said so.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Told when the session finds that it must not go on as before; null tells nobody.</summary>
    internal Action<string>? Alarm { get; init; }

    /// <summary>Why a person accepts the state that was taken over; null when nobody does.</summary>
    internal string? Accept { get; init; }

    /// <summary>Why a person lets the breakers measure anew; null when nobody does.</summary>
    internal string? ResetBreakers { get; init; }

    /// <summary>Why a person lets a restrained run trade again; null when nobody does.</summary>
    internal string? Activate { get; init; }

    /// <summary>A strategy that a person takes out of everything, and why; null when nobody does.</summary>
    internal NamedReason? StopStrategy { get; init; }

    /// <summary>A stopped strategy that a person lets in again, and why; null when nobody does.</summary>
    internal NamedReason? StartStrategy { get; init; }

    /// <summary>Watches the room on the disk, or null.</summary>
    internal SpaceWatch? Space { get; init; }

    /// <summary>Threads and ring; the configuration's when null.</summary>
    internal TopologyConfiguration? Topology { get; init; }

    /// <summary>Measures, or null.</summary>
    internal LatencyMeter? Latency { get; init; }

    /// <summary>
    /// A real venue, whose reports and market are among the inputs and who is called by the publishing thread alone; null for
    /// the simulated one.
    /// </summary>
    internal IVenue? Live { get; init; }

    /// <summary>Gets a line for each command that the gate lets go, or null.</summary>
    internal Stream? Commands { get; init; }

    /// <summary>Sees each event after its last stage, or null.</summary>
    internal IDecisionObserver? Observer { get; init; }

    /// <summary>Every byte of the fresh ring memory.</summary>
    internal byte Fill { get; init; }
}

/// <summary>
/// One run of the engine on a virtual clock: inputs, pipeline, simulated venue, journal. The same object backtests,
/// trades on paper and resumes; who calls <see cref="Poll"/>, and from which thread the inputs come, differs.
/// </summary>
internal sealed class Session : IDisposable
{
    /// <summary>Snapshots that a follower may be behind before that is said.</summary>
    private const int SnapshotsLate = 4;

    private long _unprotected;
    private readonly SessionPlan _plan;
    private readonly Recorder _recorder;
    private readonly MutedRun _run;
    private readonly RunCounts _counts = new();
    private readonly Topology _topology;
    private readonly Driver _driver;
    private readonly Follower? _follower;
    private readonly EarlierCheck? _earlier;
    private readonly PortableState? _adopted;
    private readonly bool _mustHold;
    private readonly int _epoch;
    private bool _started;
    private bool _warned;
    private bool _differs;
    private bool _damaged;
    private bool _late;
    private bool _low;
    private StorageError? _unsaved;

    internal Session(SessionPlan plan)
    {
        _plan = plan;
        Pipeline = PipelineFactory.Pipeline(plan.Configuration);
        SimulatedVenue? simulated = plan.Live is null ? PipelineFactory.Venue(plan.Configuration) : null;
        IVenue venue = plan.Live ?? simulated!;
        _run = new MutedRun(Pipeline, simulated, _counts);
        _recorder = new Recorder(plan.Journal?.Journal, plan.Journal?.Audit);
        _epoch = plan.Journal?.Epoch ?? 1;
        long next = plan.Journal?.NextSequence ?? 0;
        _topology = new Topology(
            plan.Topology ?? plan.Configuration.Session.Topology,
            new TopologyParts(
                Pipeline,
                plan.Commands is { } lines
                    ? new CommandPrinter(venue, Pipeline.Market, plan.Configuration.Instance, lines)
                    : venue,
                _recorder,
                _counts,
                plan.Latency)
            {
                Observer = plan.Observer,
            },
            next,
            plan.Fill);
        IEventSource inputs = plan.Inputs;
        if (plan.Journal?.Standing is { Adoption: { } origin } standing)
        {
            _adopted = AdoptionFold.Run(plan.Journal, origin, plan.Configuration.Risk);
            _mustHold = standing.IsHeld;
            Adoption.Apply(_adopted, _run, RunSnapshot.Names(plan.Configuration), plan.Configuration.Cash.Length);
            Recovered = new RecoveredState(_run.Facts, _adopted.Next, 0);
            inputs = plan.Live is null ? new ContinuedMarket(inputs, _run.Facts) : inputs;
        }
        else if (next != 0)
        {
            // Recovery: the same step as ever, with the gateway muted, against what was recorded.
            Recovered = new Recovery(plan.Journal!, plan.Configuration, _run, _recorder).Run();
            inputs = plan.Live is null ? new ContinuedMarket(inputs, Recovered.Facts) : inputs;
        }

        if (plan is { Journal: { } followed, SnapshotEvery: > 0 })
        {
            _follower = new Follower(followed, plan.Configuration, _run, _recorder.Running, plan.SnapshotEvery);
        }

        if (plan.Journal is { Standing: { From: > 0 } skipped } opened)
        {
            _earlier = new EarlierCheck(opened.Path, skipped.From, skipped.FromRecord);
        }

        // A live market has a clock of its own among its inputs.
        long interval = plan.InputsAreRun || plan.Live is not null ? 0 : plan.Configuration.TickInterval;
        _driver = new Driver(inputs, venue, _topology, new TickRule(interval), Recovered?.Facts.Now ?? long.MinValue, plan.Latency, Pipeline);
    }

    /// <summary>What the follower found different, or null. Such a run must not be trusted.</summary>
    internal string? Difference => _follower?.Difference;

    /// <summary>Damage in segments that the start did not read, or null. The run goes on; the journal must be looked at.</summary>
    internal string? Damage => _earlier?.Damage;

    /// <summary>True when nothing that the start left unread is left to read.</summary>
    internal bool IsChecked => _earlier is null or { HasEnded: true };

    /// <summary>Snapshots that the follower wrote.</summary>
    internal long Snapshots => _follower?.Written ?? 0;

    /// <summary>True when this run took over what another build or configuration left.</summary>
    internal bool IsAdopted => _adopted is not null;

    /// <summary>True when what this run goes on from has not been accepted yet.</summary>
    internal bool MustBeAccepted => _mustHold || _adopted is { IsHeld: true } || Pipeline.Risk.IsHeld;

    /// <summary>
    /// True when what this run goes on from may not add for another reason than a breaker, the kill switch or an acceptance
    /// that is missing: an operator's word, a doubt, or a breaker of the configuration before.
    /// </summary>
    internal bool IsRestrained => !Pipeline.Risk.IsKilled
        && ((_adopted?.State ?? (long)TradingState.Active) != (long)TradingState.Active
            || (Pipeline.Risk.Standing != TradingState.Active && !HasTripped));

    /// <summary>True when what this run goes on from holds a tripped breaker.</summary>
    internal bool HasTripped => Pipeline.Risk.Breakers.AnyTripped;

    /// <summary>True when an operator stopped a strategy of an earlier run.</summary>
    /// <param name="strategy">Its name.</param>
    internal bool IsStopped(string strategy) => Pipeline.Risk.IsStopped(IdOf(strategy))
        || (_adopted?.Stopped.Exists(name => name.Name == strategy) ?? false);

    /// <summary>What was recovered before this run, or null at the start of a journal.</summary>
    internal RecoveredState? Recovered { get; }

    /// <summary>What decides.</summary>
    internal DecisionPipeline Pipeline { get; }

    /// <summary>What was counted so far.</summary>
    internal RunCounts Counts => _counts;

    /// <summary>Sequence of the last event, -1 before the first.</summary>
    internal long Sequence => _topology.Cursor;

    /// <summary>True when the last event is decided.</summary>
    internal bool IsDone => _driver.IsDone;

    /// <summary>Asks the run to end before its next input. Any thread may ask.</summary>
    internal void RequestStop() => _driver.RequestStop();

    /// <summary>One duty cycle.</summary>
    /// <param name="limit">Most events.</param>
    /// <returns>Events published; 0 when the inputs are idle or the run is done.</returns>
    internal int Poll(int limit)
    {
        if (!_started && !TryStart())
        {
            return 0;
        }

        ReduceOnce(ref _warned, "no further segment could be prepared: ", _plan.Journal?.Warning);
        ReduceOnce(ref _low, "", _plan.Space?.Low);
        ReduceOnce(ref _differs, "the run differs from its own repetition: ", _follower?.Difference);
        ReduceOnce(ref _damaged, "the journal is damaged before the snapshot that this run started from: ", Damage);
        if (!_late && _follower is { } follower && _topology.Cursor - follower.Compared > SnapshotsLate * _plan.SnapshotEvery)
        {
            _late = true;
            _plan.Alarm?.Invoke(
                $"the follower is {_topology.Cursor - follower.Compared} events behind: snapshots and retention come late, "
                + "and a restart takes longer");
        }

        if (_unprotected != Pipeline.Risk.Unprotected)
        {
            _unprotected = Pipeline.Risk.Unprotected;
            _plan.Alarm?.Invoke("a position is without the stop that it must have (risk.requireStop)");
        }

        TellUnsaved();
        return _driver.Poll(limit);
    }

    /// <summary>Polls until the run is done, on an input that is never idle for long.</summary>
    internal void RunToEnd()
    {
        while (!IsDone)
        {
            Poll(1 << 12);
        }
    }

    /// <summary>Seals the journal with a checkpoint of the whole state and reads the result off.</summary>
    internal RunResult Finish()
    {
        List<string> names = [];
        foreach (StrategyConfiguration strategy in _plan.Configuration.Strategies)
        {
            names.Add(strategy.Name);
        }

        RunResult result = RunResult.Of(
            Pipeline, _counts, _recorder.Rolling, names, PipelineFactory.Timeframes(_plan.Configuration));
        if (_counts.Total != 0)
        {
            _recorder.Checkpoint(_topology.Cursor, result.StateDigest);
        }

        if (_plan.Journal?.Close() is { } error)
        {
            throw new IOException("the journal could not be closed: " + error);
        }

        if (_plan is { Journal: { } journal, InputsAreRun: false } && journal.NextSequence > _run.Facts.Next)
        {
            if (_follower is not null)
            {
                if (_follower.TryCatchUp(_topology.Cursor, _plan.Patience))
                {
                    _run.Facts.Become(_follower.Facts);
                }
                else
                {
                    result = result with { NotCompared = _topology.Cursor - _follower.Compared };
                }

                TellUnsaved();
            }

            if (Difference is null && _follower is not { HasEnded: false })
            {
                SnapshotAtEnd(journal);
            }
        }

        return result;
    }

    /// <summary>Says each failure to write a snapshot once: it may come out while the follower runs or at its end.</summary>
    private void TellUnsaved()
    {
        if (_follower?.NotWritten is { } unsaved && unsaved != _unsaved)
        {
            _unsaved = unsaved;
            _plan.Alarm?.Invoke("a snapshot could not be written, a restart will take longer: " + unsaved);
        }
    }

    /// <summary>
    /// The state that the next run starts from. The hot thread has kept no facts: the journal that it has just sealed
    /// holds those that no follower knows.
    /// </summary>
    private void SnapshotAtEnd(JournalDirectory journal)
    {
        PosixStorage storage = new();
        Event e = default;
        using JournalReader reader = new(storage, journal.Path, new ReadOptions { From = _run.Facts.Next });
        while (reader.Read(ref e) == ReadResult.Event)
        {
            _run.Facts.Add(e);
        }

        _run.Facts.Wait(0);
        SnapshotPlace place = new(_epoch, _topology.Cursor, reader.LastCrc, journal.Audit.NextRecord);
        ReadOnlySpan<byte> content = new RunSnapshot(_plan.Configuration).Take(place, _run, _recorder.Running);
        if (SnapshotStore.Write(storage, journal.Path, place.Sequence, content) is { } error)
        {
            throw new IOException("the snapshot could not be written: " + error);
        }
    }

    public void Dispose()
    {
        _follower?.Dispose();
        _earlier?.Dispose();
        _topology.Dispose();
        _plan.Journal?.Dispose();
    }

    /// <summary>
    /// Something is wrong that no person asked for: what is open may be closed, nothing may be added. As an event, like
    /// everything that influences a decision.
    /// </summary>
    /// <param name="told">Whether this was said before.</param>
    /// <param name="what">What the alarm begins with.</param>
    /// <param name="cause">Null while nothing is wrong.</param>
    private void ReduceOnce(ref bool told, string what, object? cause)
    {
        if (told || cause is null)
        {
            return;
        }

        told = true;
        _plan.Alarm?.Invoke(what + cause);
        Event reduce = default;
        reduce.ReceivedAt = _driver.Now;
        reduce.Source = EventSource.Engine;
        reduce.Flags = EventFlags.Whole;
        reduce.Set(new OperatorCommand { Verb = OperatorVerb.Reduce });
        _driver.Publish(ref reduce);
    }

    private bool TryStart()
    {
        if (!_driver.TryPeek(out long firstAt))
        {
            return false;
        }

        _started = true;
        if (_plan.InputsAreRun)
        {
            return true;
        }

        if (firstAt == long.MaxValue)
        {
            if (_driver.TryAbandon())
            {
                return false;
            }

            throw new InvalidDataException(Recovered is null
                ? "the market holds no event"
                : $"the market holds no event after the {Recovered.Facts.MarketEvents} that the journal has taken already");
        }

        // An order stage that was cut with work left goes on at once, as it would have.
        _driver.Continue(Recovered?.Facts.Waiting ?? 0);
        _driver.FollowUp();

        _driver.PublishReportsBefore(firstAt);
        VenueKind venue = _plan.Live is null ? VenueKind.Simulated : VenueKind.Live;
        IEnumerable<Event> preamble = _adopted is null
            ? Preamble.Of(_plan.Configuration, _epoch, firstAt, Recovered?.Facts.CashMoved ?? 0, venue)
            : Preamble.OfAdopted(_plan.Configuration, _epoch, firstAt, _adopted, _mustHold, venue);
        foreach (Event e in preamble)
        {
            Event next = e;
            _driver.Publish(ref next);
        }

        // Before anything that could let it trade: the account has not been read.
        Say(OperatorVerb.Await, _plan.Live is null ? null : "start: the account is read first", firstAt);
        Say(OperatorVerb.Accept, _plan.Accept, firstAt);
        Say(OperatorVerb.ResetBreakers, _plan.ResetBreakers, firstAt);
        Say(OperatorVerb.Activate, _plan.Activate, firstAt);
        Say(OperatorVerb.StopStrategy, _plan.StopStrategy?.Reason, firstAt, _plan.StopStrategy?.Name);
        Say(OperatorVerb.StartStrategy, _plan.StartStrategy?.Reason, firstAt, _plan.StartStrategy?.Name);
        return true;
    }

    private void Say(OperatorVerb verb, string? reason, long firstAt, string? strategy = null)
    {
        if (reason is null)
        {
            return;
        }

        foreach (Event e in Preamble.Said(verb, reason, firstAt, IdOf(strategy)))
        {
            Event next = e;
            _driver.Publish(ref next);
        }
    }

    /// <summary>The number of a strategy of the configuration; the house for no name.</summary>
    private StrategyId IdOf(string? strategy)
    {
        for (int i = 0; strategy is not null && i < _plan.Configuration.Strategies.Length; i++)
        {
            if (_plan.Configuration.Strategies[i].Name == strategy)
            {
                return new StrategyId((ushort)(i + 1));
            }
        }

        Ensure.That(strategy is null, "an operator's command names a strategy that there is not");
        return StrategyId.House;
    }
}
