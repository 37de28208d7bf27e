using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// The backtest of a run's journal, inputs kept and reports made again, yields the same sequence record for record:
/// reports, ticks, Continue events and the end included.
/// </summary>
public sealed class BacktestIdentityTests(ReferenceRun reference) : IClassFixture<ReferenceRun>
{
    [Fact]
    public void A_run_that_was_asked_to_stop_is_backtested_to_the_same_records()
    {
        using TemporaryFolder folder = new();
        string run = Path.Combine(folder.Path, "run");
        RunResult stopped = GeneratedRuns.Live(reference.Configuration, run, stopAfter: 9_000);
        Assert.InRange(stopped.Counts.Total, 9_000, 12_000);
        Assert.Equal([EndReason.Requested], Ends(run));
        GeneratedRuns.AssertSound(run);
        AssertIdentity(run, stopped, Path.Combine(folder.Path, "backtest"));
    }

    [Fact]
    public void A_stop_lets_the_venues_late_reports_in()
    {
        // The market maker renews its quotes all the time: at one of these stops some answer is on its way.
        long late = 0;
        for (int stopAfter = 9_000; late == 0 && stopAfter < 12_000; stopAfter += 300)
        {
            late = LateReportsOf(stopAfter);
        }

        Assert.True(late > 0, "nothing was late");
    }

    private long LateReportsOf(int stopAfter)
    {
        using TemporaryFolder folder = new();
        string run = Path.Combine(folder.Path, "run");
        RunResult stopped = GeneratedRuns.Live(reference.Configuration, run, stopAfter: stopAfter);
        long lastMarket = 0;
        long reportsAfter = 0;
        foreach (Event e in Events(run))
        {
            if (SessionInputs.IsMarket(e))
            {
                lastMarket = e.ReceivedAt;
                reportsAfter = 0;
            }
            else if (e.Source == EventSource.SimulatedVenue)
            {
                reportsAfter++;
                Assert.True(e.ReceivedAt <= lastMarket + Driver.DrainHorizon, "a report from beyond the horizon");
            }
        }

        Assert.Equal(GeneratedRuns.CommandsOf(stopped), GeneratedRuns.Count(stopped, EventKind.CommandOutcome));
        return reportsAfter;
    }

    [Fact]
    public void A_stopped_run_continues_in_its_journal_and_both_runs_are_backtested_to_the_same_records()
    {
        using TemporaryFolder folder = new();
        string run = Path.Combine(folder.Path, "run");
        GeneratedRuns.Live(reference.Configuration, run, stopAfter: 9_000);
        RunResult second = GeneratedRuns.Live(reference.Configuration, run, stopAfter: 20_000);
        RunResult third = GeneratedRuns.Live(reference.Configuration, run);
        Assert.Equal([EndReason.Requested, EndReason.Requested, EndReason.EndOfData], Ends(run));
        Assert.True(second.Counts.Total < third.Counts.Total, "the third run did nothing");
        GeneratedRuns.AssertEnoughHappened(third);

        // Not an event of the market was lost or taken twice.
        Assert.Equal(MarketOf(reference.Journal), MarketOf(run));
        GeneratedRuns.AssertSound(run);
        ReplayReport replay = Replay.Run(run, null, verify: true);
        Assert.Null(replay.Difference);
        Assert.Equal(3, replay.StateCheckpoints);
        Assert.Equal(third.StateDigest, replay.State);
        AssertIdentity(run, third, Path.Combine(folder.Path, "backtest"));
    }

    [Fact]
    public void Another_configuration_on_a_run_sees_the_market_alone()
    {
        using TemporaryFolder folder = new();
        string again = Path.Combine(folder.Path, "again");
        string direct = Path.Combine(folder.Path, "direct");
        EngineConfiguration other = GeneratedRuns.Configuration(
            change: root => root["strategies"]![2]!["parameters"]!["halfSpreadTicks"] = 5);

        // Equal to a run that never saw the first one's reports, ticks and cash.
        RunResult simulated = BacktestCommand.Simulate(other, reference.Journal, again, out _);
        RunResult alone = GeneratedRuns.Direct(other, direct);
        Assert.Equal(GeneratedRuns.ProofOf(alone, direct), GeneratedRuns.ProofOf(simulated, again));
        Assert.NotEqual(reference.Proof.Decisions, simulated.DecisionDigest);
    }

    [Fact]
    public void A_journal_that_was_backtested_is_not_written_over()
    {
        Assert.Throws<IOException>(
            () => BacktestCommand.Simulate(null, reference.Journal, reference.Journal, out _));
        Assert.Equal(reference.Proof.Journal, JournalIdentity.Of(reference.Journal));
    }

    internal static void AssertIdentity(string run, RunResult result, string backtest)
    {
        RunResult again = BacktestCommand.Simulate(null, run, backtest, out _);
        Assert.Equal(GeneratedRuns.ProofOf(result, run), GeneratedRuns.ProofOf(again, backtest));
    }

    internal static IEnumerable<Event> Events(string folder)
    {
        using JournalReader reader = RecordedRun.Open(folder);
        Event e = default;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            yield return e;
        }
    }

    internal static List<EndReason> Ends(string folder)
    {
        List<EndReason> ends = [];
        foreach (Event e in Events(folder))
        {
            if (e.Kind == EventKind.EpochEnded)
            {
                ends.Add(e.EpochEnded.Reason);
            }
        }

        return ends;
    }

    /// <summary>The market events of a journal, without place and receive time.</summary>
    internal static string MarketOf(string folder)
    {
        LowLatency.Core.Formats.Digest128 digest = default;
        long count = 0;
        foreach (Event e in Events(folder))
        {
            if (SessionInputs.IsMarket(e))
            {
                MarketIdentity.Add(ref digest, e);
                count++;
            }
        }

        return count + " " + digest.Finish();
    }
}
