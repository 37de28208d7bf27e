using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// A paper run whose account is read again and again at the simulated venue: what is here is what the venue has all the time, and
/// the run is the same in replay, in a backtest of its journal, in every topology and after a crash.
/// </summary>
public sealed class ReconciledRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_run_that_trades_matches_the_venue_at_every_reading()
    {
        EngineConfiguration configuration = Reconciled();
        string run = Path.Combine(_folder.Path, "run");
        RunResult result = GeneratedRuns.Direct(configuration, run);
        GeneratedRuns.AssertEnoughHappened(result);
        List<Event> events = [.. BacktestIdentityTests.Events(run)];
        int asked = events.Count(e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.Asked);
        Assert.True(asked > 30, $"only {asked} readings");
        Assert.True(events.Count(e => e.Kind == EventKind.OrderReport && e.Flags.HasFlag(EventFlags.ReadBack)) > 20);
        Assert.True(events.Count(e => e.Kind == EventKind.Execution && e.Flags.HasFlag(EventFlags.ReadBack)) > 100);
        Assert.DoesNotContain(events, e => e.Kind == EventKind.Adjustment);

        // Replayed against the audit log, and made again from its inputs alone.
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        BacktestIdentityTests.AssertIdentity(run, result, Path.Combine(_folder.Path, "backtest"));
        MutedRun muted = MutedRun.Of(configuration);
        foreach (Event e in events)
        {
            muted.Step(e);
        }

        Assert.Equal(TradingState.Active, muted.Pipeline.Risk.State);
        Assert.True(muted.Pipeline.Reconciler!.Readings > 30);
        Assert.Equal((0, 0), (muted.Pipeline.Reconciler.Strays, muted.Pipeline.Reconciler.FoundIn(EventSource.SimulatedVenue)));
    }

    [Theory]
    [InlineData("RunToCompletion")]
    [InlineData("Staged")]
    [InlineData("Lockstep")]
    public void Every_topology_decides_the_same(string mode)
    {
        EngineConfiguration configuration = Reconciled(4_000);
        string inline = Path.Combine(_folder.Path, "inline");
        string other = Path.Combine(_folder.Path, mode);
        Proof expected = GeneratedRuns.ProofOf(GeneratedRuns.Direct(configuration, inline), inline);
        RunResult result = GeneratedRuns.Direct(
            configuration, other, GeneratedRuns.Shape(Enum.Parse<TopologyMode>(mode), 1 << 10));
        Assert.Equal(expected, GeneratedRuns.ProofOf(result, other));
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_and_reads_again_before_it_adds()
    {
        EngineConfiguration configuration = Reconciled(6_000);
        string run = Path.Combine(_folder.Path, "run");
        GeneratedRuns.Live(configuration, run, stopAfter: 3_000);
        RunResult second = GeneratedRuns.Live(configuration, run);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        BacktestIdentityTests.AssertIdentity(run, second, Path.Combine(_folder.Path, "backtest"));
        List<Event> events = [.. BacktestIdentityTests.Events(run)];
        int begins = events.FindLastIndex(e => e.Kind == EventKind.EpochStarted);
        int asked = events.FindIndex(begins, e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.Asked);
        int read = events.FindIndex(begins, e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.End
            && e.ReadBack.Subject == ReadBackSubject.Balances);
        Assert.True(begins < asked && asked < read);

        // Between the start and the first reading nothing new left.
        int outcome = events.FindIndex(begins, e => e.Kind == EventKind.CommandOutcome
            && e.CommandOutcome.Verb == CommandVerb.New && e.CommandOutcome.CommandSequence >= begins);
        Assert.True(outcome > read, $"a new order at {outcome}, the reading ended at {read}");
    }

    [Theory]
    [InlineData("strict", TradingState.Halted)]
    [InlineData("auto_sync", TradingState.Active)]
    public void An_account_that_differs_is_found_by_the_next_reading(string mode, TradingState state)
    {
        // Once is enough here: what the altered run decides is not what was recorded, so its account goes on to differ.
        EngineConfiguration configuration = Reconciled(4_000, mode, confirmations: 0);
        string run = Path.Combine(_folder.Path, "run");
        GeneratedRuns.Direct(configuration, run);

        // The venue has a position that the engine never heard of.
        MutedRun muted = MutedRun.Of(configuration);
        bool moved = false;
        int told = 0;
        foreach (Event e in BacktestIdentityTests.Events(run))
        {
            Event shown = e;
            if (e.Kind == EventKind.PositionReport && e.Sequence > 1_000)
            {
                moved = true;
                shown.PositionReport.Quantity += 1_000;
                shown.PositionReport.AveragePrice = 0;
            }

            Decision decision = default;
            muted.Pipeline.OnEvent(shown, ref decision);
            Event next = default;
            while (muted.Pipeline.Reconciler!.TryNext(ref next) && next.Kind == EventKind.Adjustment)
            {
                told++;
                next.Sequence = e.Sequence + 1_000_000 + told;
                next.ReceivedAt = e.ReceivedAt;
                next.Flags = EventFlags.Whole;
                muted.Pipeline.OnEvent(next, ref decision);
            }

            if (told != 0)
            {
                break;
            }
        }

        Assert.True(moved && told > 0);
        Assert.Equal(state, muted.Pipeline.Risk.State);
    }

    public void Dispose() => _folder.Dispose();

    private static EngineConfiguration Reconciled(long events = 14_000, string mode = "strict", int confirmations = 1) => GeneratedRuns.Configuration(
        events,
        root => root["risk"]!["reconcile"] = new JsonObject
        {
            ["venues"] = new JsonArray("simulated"),
            ["mode"] = mode,
            ["confirmations"] = confirmations,
            ["intervalMs"] = 1_000,
            ["retryAfterMs"] = 500,
            ["requestLifeMs"] = 200,
            ["figuresMaxAgeMs"] = 60_000,
            ["maxAdjustment"] = "1000000000",
        });
}
