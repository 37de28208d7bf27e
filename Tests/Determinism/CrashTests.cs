using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal.Format;
using LowLatency.Tests.CommandLine;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// A run that dies leaves its files as they are at that moment. The next run recovers them, goes on where the market
/// was, and the whole can be replayed and backtested to the same records. What a crash loses of the audit log was never
/// sent, and is decided again.
/// </summary>
public sealed class CrashTests
{
    private static readonly EngineConfiguration _configuration = GeneratedRuns.Configuration(
        6_000, root => root["session"]!["journal"]!["segmentMiB"] = 2);

    [Theory]
    [InlineData(1)]
    [InlineData(23)]
    [InlineData(1_000)]
    [InlineData(2_500)]
    [InlineData(4_001)]
    [InlineData(5_777)]
    public void A_run_that_died_is_recovered_and_continued(int steps)
    {
        using TemporaryFolder folder = new();
        string died = Path.Combine(folder.Path, "died");
        long events = Die(Path.Combine(folder.Path, "run"), died, steps);
        AssertContinues(folder.Path, died, events);
    }

    [Fact]
    public void Decisions_that_did_not_reach_the_audit_log_are_made_again_wherever_the_log_was_cut()
    {
        using TemporaryFolder folder = new();
        string died = Path.Combine(folder.Path, "died");
        long events = Die(Path.Combine(folder.Path, "run"), died, 3_000);
        (string audit, long last) = EngineProcess.LastRecord(died, StreamKind.Audit);
        Assert.True(last > 20, "the last segment has too few records to cut: choose another number of steps");
        for (int cut = 1; cut <= 12; cut++)
        {
            // Each cut loses one record more: groups of several records are cut at every place.
            string at = Path.Combine(folder.Path, "cut" + cut);
            GeneratedRuns.CopyFiles(died, at);
            Zero(Path.Combine(at, Path.GetFileName(audit)), last - cut + 1, cut);
            RunResult result = GeneratedRuns.Direct(_configuration, at);
            Assert.True(result.Counts.Total > events, "nothing was continued");
            ReplayReport replay = Replay.Run(at, null, verify: true);
            Assert.Null(replay.Difference);
            Assert.Equal(result.StateDigest, replay.State);
            GeneratedRuns.AssertSound(at);
        }
    }

    [Fact]
    public void An_audit_log_that_knows_more_than_the_journal_halts()
    {
        using TemporaryFolder folder = new();
        string died = Path.Combine(folder.Path, "died");
        Die(Path.Combine(folder.Path, "run"), died, 3_000);
        (string journal, long last) = EngineProcess.LastRecord(died, StreamKind.Journal);

        // Enough to take away an event with a decision; what is behind it of the log has not been written.
        Assert.True(last > 60, "the last segment has too few records to cut: choose another number of steps");
        Zero(journal, last - 40, 41);
        BrokenInvariantException halt = Assert.Throws<BrokenInvariantException>(
            () => GeneratedRuns.Direct(_configuration, died));
        Assert.Contains("events were lost", halt.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_audit_log_than_the_journals_halts()
    {
        using TemporaryFolder folder = new();
        string died = Path.Combine(folder.Path, "died");
        Die(Path.Combine(folder.Path, "run"), died, 3_000);
        string other = Path.Combine(folder.Path, "other");
        EngineConfiguration different = GeneratedRuns.Configuration(
            6_000,
            root =>
            {
                root["session"]!["journal"]!["segmentMiB"] = 2;
                root["strategies"]![1]!["parameters"]!["quantity"] = "0.021";
            });
        Die(Path.Combine(folder.Path, "different"), other, 3_000, different);
        foreach (string audit in Directory.GetFiles(died, "audit-*.seg"))
        {
            File.Copy(Path.Combine(other, Path.GetFileName(audit)), audit, overwrite: true);
        }

        BrokenInvariantException halt = Assert.Throws<BrokenInvariantException>(
            () => GeneratedRuns.Direct(_configuration, died));
        Assert.Contains(
            "otherwise than the audit log: event ", halt.Message, StringComparison.Ordinal);
        Assert.Contains("signal stage: Signals[0].Target was 21, is 20", halt.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_died_before_its_preamble_was_whole_still_gets_its_cash_once()
    {
        List<Event> preamble = [.. Preamble.Of(_configuration, 1, _configuration.Generator!.StartTime, 0)];
        Assert.True(preamble.Count > 10, "the preamble is short");
        long cash = _configuration.Cash[0].Amount;
        for (int kept = 1; kept <= preamble.Count; kept += kept < preamble.Count - 3 ? 11 : 1)
        {
            using TemporaryFolder folder = new();
            string died = Path.Combine(folder.Path, "died");
            using (JournalDirectory journal = JournalDirectory.Open(died, _configuration, mayResume: false))
            {
                for (int i = 0; i < kept; i++)
                {
                    Event e = preamble[i];
                    e.Sequence = i;
                    journal.Journal.Append(in e);
                }
            }

            RunResult result = GeneratedRuns.Live(_configuration, died, stopAfter: 500);
            Assert.Equal(cash, Assert.Single(result.Currencies).StartUnits);
            Assert.Null(Replay.Run(died, null, verify: true).Difference);
            BacktestIdentityTests.AssertIdentity(died, result, Path.Combine(folder.Path, "backtest"));
        }
    }

    [Fact]
    public void A_journal_continues_with_its_own_configuration_and_market_only()
    {
        using TemporaryFolder folder = new();
        string died = Path.Combine(folder.Path, "died");
        long events = Die(Path.Combine(folder.Path, "run"), died, 1_000);
        string identity = JournalIdentity.Of(died);

        EngineConfiguration other = GeneratedRuns.Configuration(6_000, root => root["seed"] = 5);
        IOException refused = Assert.Throws<IOException>(() => GeneratedRuns.Direct(other, died));
        Assert.Contains("the journal was written by build", refused.Message, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(_configuration.DecisionHash.AsSpan()[..8]), refused.Message, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(other.DecisionHash.AsSpan()[..8]), refused.Message, StringComparison.Ordinal);

        MarketGenerator market = new(other.Generator!);
        InvalidDataException different = Assert.Throws<InvalidDataException>(
            () => GeneratedRuns.Live(_configuration, market, died));
        Assert.Contains("the market differs within", different.Message, StringComparison.Ordinal);

        MarketGenerator little = new(_configuration.Generator! with { MaxEvents = 100 });
        InvalidDataException tooShort = Assert.Throws<InvalidDataException>(
            () => GeneratedRuns.Live(_configuration, little, died));
        Assert.Contains("the market ends", tooShort.Message, StringComparison.Ordinal);

        Assert.Equal(identity, JournalIdentity.Of(died));
        AssertContinues(folder.Path, died, events);
    }

    private static void AssertContinues(string folder, string died, long events)
    {
        RunResult result = GeneratedRuns.Live(_configuration, died);
        Assert.True(result.Counts.Total > events, "nothing was continued");
        GeneratedRuns.AssertSound(died);
        string whole = Path.Combine(folder, "whole");
        GeneratedRuns.Direct(_configuration, whole);
        Assert.Equal(BacktestIdentityTests.MarketOf(whole), BacktestIdentityTests.MarketOf(died));
        ReplayReport replay = Replay.Run(died, null, verify: true);
        Assert.Null(replay.Difference);
        Assert.Equal(result.StateDigest, replay.State);
        BacktestIdentityTests.AssertIdentity(died, result, Path.Combine(folder, "backtest"));
    }

    private static long Die(string folder, string died, int steps, EngineConfiguration? given = null) =>
        GeneratedRuns.Die(given ?? _configuration, folder, died, steps);

    private static void Zero(string segment, long from, int records)
    {
        using FileStream file = File.OpenWrite(segment);
        file.Position = SegmentLayout.RecordOffset(from);
        file.Write(new byte[records * SegmentLayout.RecordSize]);
    }
}
