using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Latency;
using LowLatency.Engine.Live;
using LowLatency.Engine.Network;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Live;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Commands;

/// <summary>What a person says to a live run at its start.</summary>
/// <param name="Check">Only look: print whose key it is, what keeps it from trading, and the token.</param>
/// <param name="Arm">The token; null for none.</param>
/// <param name="ReleaseKill">Why the kill switch may be released; null says nothing.</param>
internal readonly record struct LiveWords(bool Check, string? Arm, string? ReleaseKill);

/// <summary>A run at a real venue.</summary>
internal static class LiveCommand
{
    // Executions that the venue told late are asked for again: each counts once.
    private const long Overlap = 600_000_000_000;

    /// <summary>Refuses what can be refused without a connection.</summary>
    internal static LiveConfiguration Permit(EngineConfiguration configuration, in LiveWords words)
    {
        if (configuration.Live is not { } live)
        {
            throw new CommandFailure(ExitCode.Usage, "--live: the configuration has no live section (see docs/live.md)");
        }

        if (configuration.Session.Journal.Durability == Durability.None)
        {
            throw new CommandFailure(
                ExitCode.Usage, "session.journal.durability: none: a live run keeps a journal (written or flushed)");
        }

        if (configuration.Session.Topology.Mode is not (TopologyMode.Inline or TopologyMode.RunToCompletion))
        {
            throw new CommandFailure(
                ExitCode.Usage,
                $"session.topology.mode: {configuration.Session.Topology.Mode}: a live run takes inline or run-to-completion, because "
                + "one thread has decisions and connections");
        }

        foreach (LivePlace place in live.Places)
        {
            if (configuration.Risk.Reconcile is not { } reconcile || Array.IndexOf(reconcile.Venues, place.Venue) < 0)
            {
                throw new CommandFailure(
                    ExitCode.Usage,
                    $"risk.reconcile.venues: must name {ReconcileSection.WordOf(place.Venue)}: a live run trades once orders, positions and "
                    + "balances are those of the venue (see docs/reconciliation.md)");
            }
        }

        return live;
    }

    /// <summary>Runs until it is asked to stop.</summary>
    internal static Traded Trade(EngineConfiguration configuration, string output, RunHabits habits, Takeover takeover, LiveWords words)
    {
        LiveConfiguration live = Permit(configuration, words);
        StopSignals signals = new();
        LiveClock clock = new();
        using Keys keys = Keys.Of(live);
        Refuse(Arming.MissingBefore(LiveVenues.IsRealMoney(live, SandboxProof.IsThere), words.Arm));
        IReadOnlyList<AccountIdentity> identities = Identify(configuration, keys, clock, signals, words);
        using JournalDirectory journal = JournalDirectory.Open(
            output, configuration, mayResume: true, adopt: takeover.Adopt, venue: VenueKind.Live);
        try
        {
            return Guarded(new LiveStart(configuration, keys, identities, clock, journal, signals, habits, takeover, words));
        }
        catch (BrokenInvariantException)
        {
            if (journal.Failure is { } failure)
            {
                throw new IOException("the journal can no longer be written: " + failure);
            }

            throw;
        }
    }

    /// <summary>Prints what the venue says of the key, and what would keep a run from trading.</summary>
    internal static int Check(EngineConfiguration configuration, LiveWords words)
    {
        LiveConfiguration live = Permit(configuration, words);
        LiveClock clock = new();
        using Keys keys = Keys.Of(live);
        List<AccountIdentity> identities = Ask(configuration, keys, clock, new StopSignals());
        for (int i = 0; i < identities.Count; i++)
        {
            string faults = string.Join("; ", ((string[])[identities[i].Refusal, identities[i].Warning]).Where(text => text.Length > 0));
            Console.WriteLine($"account  {identities[i].Account} at {live.Places[i].Venue}, {live.Places[i].Environment}");
            Console.WriteLine($"key      {(faults.Length == 0 ? "nothing to say against it" : faults)}");
        }

        bool isReal = LiveVenues.IsRealMoney(live, SandboxProof.IsThere);
        Console.WriteLine($"money    {(isReal ? "REAL" : "none: no token is needed")}");
        IReadOnlyList<string> missing = Arming.MissingAfter(configuration, identities, null, clock.Now);
        foreach (string what in missing)
        {
            Console.WriteLine("missing  " + what);
        }

        if (missing.Count > 0)
        {
            return ExitCode.No;
        }

        if (isReal)
        {
            Console.WriteLine("arm      --arm " + Arming.TokenOf(configuration, Arming.AccountsOf(identities), clock.Now) + " (today and tomorrow, UTC)");
        }

        return ExitCode.Success;
    }

    /// <summary>
    /// Runs, and takes care of what an error leaves: that of a start too, which finds orders of the process before, and that of an end.
    /// </summary>
    private static Traded Guarded(LiveStart start)
    {
        using LiveLog log = new(start.Journal.Path, start.Keys.All);
        using AlertSender alerts = new(start.Configuration.Live!.Access, log);
        KillLatch kill = new();
        using LastResort resort = new(
            start.Configuration,
            kill,
            alerts,
            other => LiveVenues.Sweep(start.Configuration, start.Keys.All, other, SweepScope.Ours, start.Clock.Now));
        try
        {
            return Trade(start, log, alerts, kill, resort);
        }
#pragma warning disable CA1031 // Whatever ends a run: its orders are taken away first, and somebody is told.
        catch (Exception failure) when (failure is not CommandFailure)
#pragma warning restore CA1031
        {
            if (resort.Act(failure))
            {
                throw;
            }

            throw new CommandFailure(
                ExitCode.OrdersMayWork,
                $"{failure}{Environment.NewLine}and it is not proven that none of its orders works: look at the venue");
        }
    }

    private static Traded Trade(LiveStart start, LiveLog log, AlertSender alerts, KillLatch kill, LastResort resort)
    {
        (EngineConfiguration configuration, Keys keys, IReadOnlyList<AccountIdentity> identities, LiveClock clock,
            JournalDirectory journal, StopSignals signals, RunHabits habits, Takeover takeover, LiveWords words) = start;
        using SpaceWatch space = new(journal.Path, configuration.Session.Journal.SegmentBytes);
        void Alarm(string what)
        {
            RunCommand.Say(what);
            alerts.Tell(LiveAlarm.Engine, what);
        }

        RunCommand.Report(journal);
        if (habits.WarmUp > 0)
        {
            WarmUp.Run(configuration, TimeSpan.FromSeconds(habits.WarmUp), signals, habits.Latency);
        }

        foreach (AccountIdentity identity in identities)
        {
            if (identity.Warning.Length > 0)
            {
                alerts.Tell(LiveAlarm.KeyWeak, $"account {identity.Account}: {identity.Warning}");
            }
        }

        (long first, long last, bool wasCut) = Ends(journal, clock.Now);
        if (wasCut)
        {
            alerts.Tell(LiveAlarm.Restarted);
        }

        // Under the kill switch there is nothing to activate: that follows its release.
        Takeover atStart = words.ReleaseKill is null ? takeover : takeover with { Activate = null };
        RunMemory memory = new(journal.Path);
        LiveLease lease = new(kill);
        using SocketTransport transport = new(clock, lease);
        LiveVenues venues = LiveVenues.Of(configuration, keys.All, transport, kill, Math.Max(first, last - Overlap));
        LiveInputs inputs = new(clock, venues.Accounts, venues.Markets, configuration.TickInterval);
        LiveWatch watch = new(configuration.Live!);
        using Stream? commands = habits.PrintCommands ? Console.OpenStandardOutput() : null;
        LatencyMeter? meter = LatencyMeter.Of(habits.Latency);
        using LatencyLog? latency = meter is null ? null : LatencyLog.Start(
            journal.Path, journal.Epoch, meter, TimeSpan.FromSeconds(habits.LatencyInterval), RunCommand.About(configuration), Alarm);
        log.Note(LogNote.Phase, LivePhase.Recovering.ToString());
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = inputs,
            Live = new LiveGate(venues.Accounts),
            Journal = journal,
            Latency = meter,
            Commands = commands,
            Observer = watch,
            SnapshotEvery = configuration.Session.Journal.SnapshotEvery,
            Space = space,
            Alarm = Alarm,
            Accept = atStart.Accept,
            ResetBreakers = atStart.ResetBreakers,
            Activate = atStart.Activate,
            StopStrategy = atStart.Stop,
            StartStrategy = atStart.Start,
        });
        log.Follow(() => session.Sequence);
        inputs.Last = session.Recovered?.Facts.Now ?? long.MinValue;
        RunCommand.Report(session, atStart);
        if (inputs.Last > clock.Now)
        {
            throw new CommandFailure(
                ExitCode.Halted, $"the journal's last event is {(inputs.Last - clock.Now) / 1_000_000} ms ahead of this machine's clock");
        }

        Release(session, memory, inputs, words, takeover.Activate);
        if (memory.IsKilled || (session.Pipeline.Risk.IsKilled && words.ReleaseKill is null))
        {
            kill.Set();
        }

        LiveStatus status = new(configuration, Arming.AccountsOf(identities), journal.Epoch);
        using LiveControl control = new(journal.Path, memory, kill, () => status.ToJson(alerts), Alarm);
        LiveParts.HandOver(session, venues.Accounts, last, inputs.Now);
        LiveRun run = new(new LiveParts
        {
            Configuration = configuration,
            Session = session,
            Inputs = inputs,
            Account = venues.Accounts,
            Market = venues.Markets,
            Watch = watch,
            Kill = kill,
            Lease = lease,
            Control = control,
            Status = status,
            Alerts = alerts,
            Log = log,
        });
        string where = string.Join(", ", identities.Select((identity, i) =>
            $"account {identity.Account} at {configuration.Live!.Places[i].Venue}, {configuration.Live.Places[i].Environment}"));
        Console.WriteLine($"live     {where}; SIGTERM stops, {LiveControl.PathOf(journal.Path)} tells");
        using LeaseKeeper keeper = new(journal.Path, journal.Epoch, lease, alerts);
        try
        {
            run.Run(() => signals.WasAsked);
        }
#pragma warning disable CA1031 // It is thrown on: nothing of what is disposed of on the way may hold up what is done at once.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            transport.Dispose();
            _ = resort.Act(failure);
            throw;
        }

        keeper.End(run.Stopped!.Kind == StopKind.Unproven ? LeaseState.Unproven : LeaseState.Ended);
        return End(run.Stopped!, session, alerts, latency);
    }

    private static void Release(Session session, RunMemory memory, LiveInputs inputs, in LiveWords words, string? activate)
    {
        if (words.ReleaseKill is null)
        {
            return;
        }

        if (!memory.IsKilled && !session.Pipeline.Risk.IsKilled)
        {
            throw new CommandFailure(ExitCode.Usage, "--release-kill: the kill switch is not set");
        }

        memory.Release();
        inputs.Say(Preamble.Said(OperatorVerb.ReleaseKill, words.ReleaseKill, 0));
        if (activate is not null)
        {
            inputs.Say(Preamble.Said(OperatorVerb.Activate, activate, 0));
        }
    }

    private static Traded End(StopResult stopped, Session session, AlertSender alerts, LatencyLog? latency)
    {
        alerts.Tell(stopped.Kind == StopKind.Unproven ? LiveAlarm.StopUnproven : LiveAlarm.Stopped, stopped.Why ?? string.Empty);
        RunResult result = session.Finish();
        Console.WriteLine($"stopped  {stopped.Kind}{(stopped.Orders > 0 ? $", {stopped.Orders} orders" : string.Empty)}");
        if (session.Damage is { } damage)
        {
            throw new CommandFailure(ExitCode.No, "the journal is damaged before the snapshot that this run started from: " + damage);
        }

        if (session.Difference is { } difference)
        {
            throw new CommandFailure(ExitCode.No, "the run differs from its own repetition: " + difference);
        }

        return stopped.Kind == StopKind.Unproven
            ? throw new CommandFailure(ExitCode.No, "stopped, and not proven that nothing works at the venue: " + stopped.Why)
            : new Traded(result, latency?.Path, latency?.Finish());
    }

    private static IReadOnlyList<AccountIdentity> Identify(
        EngineConfiguration configuration, Keys keys, LiveClock clock, StopSignals signals, in LiveWords words)
    {
        IReadOnlyList<AccountIdentity> identities = Ask(configuration, keys, clock, signals);
        Refuse(Arming.MissingAfter(configuration, identities, words.Arm, clock.Now));
        return identities;
    }

    /// <summary>What the venues say of keys.</summary>
    internal static List<AccountIdentity> Ask(EngineConfiguration configuration, Keys keys, LiveClock clock, StopSignals signals)
    {
        List<AccountIdentity> identities = [];
        foreach (AccountIdentity? identity in Preflight.Ask(configuration, keys.All, clock, () => signals.WasAsked))
        {
            identities.Add(identity ?? throw new CommandFailure(
                ExitCode.No,
                $"{LiveVenues.RestOf(configuration.Live!.Places[identities.Count])} says nothing of the key within "
                + $"{Preflight.Patience.TotalSeconds} s: it cannot be reached, or the key, its environment or the clock is wrong"));
        }

        return identities;
    }

    private static void Refuse(IReadOnlyList<string> missing)
    {
        if (missing.Count > 0)
        {
            throw new CommandFailure(
                ExitCode.Usage, "not armed; missing:" + Environment.NewLine + "  " + string.Join(Environment.NewLine + "  ", missing));
        }
    }

    /// <summary>Times of the first and the last event of a journal, and whether its last run did not end.</summary>
    private static (long First, long Last, bool WasCut) Ends(JournalDirectory journal, long now)
    {
        long next = journal.NextSequence;
        if (next == 0)
        {
            return (now, now, false);
        }

        PosixStorage storage = new();
        Event first = default;
        Event last = default;
        using JournalReader head = new(storage, journal.Path);
        using JournalReader tail = new(storage, journal.Path, new ReadOptions { From = next - 1, To = next - 1 });
        return head.Read(ref first) == ReadResult.Event && tail.Read(ref last) == ReadResult.Event
            ? (first.ReceivedAt, last.ReceivedAt, last.Kind != EventKind.EpochEnded)
            : throw new IOException($"{journal.Path}: the journal's first and last event cannot be read");
    }

    /// <summary>What a run begins with.</summary>
    private sealed record LiveStart(
        EngineConfiguration Configuration,
        Keys Keys,
        IReadOnlyList<AccountIdentity> Identities,
        LiveClock Clock,
        JournalDirectory Journal,
        StopSignals Signals,
        RunHabits Habits,
        Takeover Takeover,
        LiveWords Words);
}
