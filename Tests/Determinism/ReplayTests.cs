using System;
using System.IO;
using System.Text.Json.Nodes;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Journal.Format;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>A replay with the gateway muted makes the recorded decisions again, or names the first that differs.</summary>
public sealed class ReplayTests(ReferenceRun reference) : IClassFixture<ReferenceRun>
{
    [Fact]
    public void A_run_replays_equal_with_its_checkpoints_and_its_whole_state()
    {
        using TemporaryFolder folder = new();
        string journal = Path.Combine(folder.Path, "long");

        // Long enough for a checkpoint on the way, beside the one at the end.
        EngineConfiguration configuration = GeneratedRuns.Configuration(66_000);
        LowLatency.Engine.Results.RunResult run = GeneratedRuns.Live(configuration, journal);
        ReplayReport report = Replay.Run(journal, null, verify: true);
        Assert.Null(report.Difference);
        Assert.Null(report.Warning);
        Assert.Equal(run.Counts.Total, report.Events);
        Assert.True(report.Checkpoints >= 2, $"{report.Checkpoints} checkpoints");
        Assert.Equal(1, report.StateCheckpoints);
        Assert.True(report.Decisions >= GeneratedRuns.CommandsOf(run) / 8, $"{report.Decisions} decisions");
        Assert.Equal(run.DecisionDigest, report.Rolling);
        Assert.Equal(run.StateDigest, report.State);
    }

    [Theory]
    [InlineData("signal", "Signals")]
    [InlineData("arbitration", "Suppressions")]
    [InlineData("risk", "Verdicts")]
    [InlineData("arbitration", "Intents")]
    public void A_changed_parameter_is_found_in_the_stage_that_it_belongs_to(string stage, string section)
    {
        EngineConfiguration other = GeneratedRuns.Configuration(change: root => Change(root, stage, section));
        ReplayReport report = Replay.Run(reference.Journal, other, verify: true);
        Assert.Matches($@"^event \d+, {stage} stage: {section}(\[\d+\])?\.\w+ was \S+, is \S+", report.Difference);

        // It stops where it differs: everything before was equal, and something was.
        Assert.InRange(report.Events, 2, reference.Result.Counts.Total - 1);
    }

    [Fact]
    public void A_state_that_differs_without_any_other_decision_is_found_at_the_checkpoint()
    {
        // Bars that no strategy looks at.
        EngineConfiguration other = GeneratedRuns.Configuration(
            change: root => root["bars"] = new JsonObject { ["timeframesMs"] = new JsonArray(7_000) });
        ReplayReport report = Replay.Run(reference.Journal, other, verify: true);
        Assert.Matches(@"^event \d+, checkpoint stage: Checkpoint\[0\]\.State was \w+, is \w+$", report.Difference);
        Assert.Equal(reference.Proof.Decisions, report.Rolling);
    }

    [Fact]
    public void The_audit_log_of_another_run_differs_at_its_first_decision()
    {
        using TemporaryFolder folder = new();
        string other = Path.Combine(folder.Path, "other");
        GeneratedRuns.Direct(
            GeneratedRuns.Configuration(change: root => root["strategies"]![1]!["parameters"]!["quantity"] = "0.021"), other);
        foreach (string audit in Directory.GetFiles(other, "audit-*.seg"))
        {
            File.Delete(audit);
        }

        foreach (string audit in Directory.GetFiles(reference.Journal, "audit-*.seg"))
        {
            File.Copy(audit, Path.Combine(other, Path.GetFileName(audit)));
        }

        Assert.Contains("signal stage: Signals[0].Target was 20, is 21", Replay.Run(other, null, verify: true).Difference, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_its_audit_log_is_not_equal()
    {
        using TemporaryFolder folder = new();
        string bare = Path.Combine(folder.Path, "bare");
        GeneratedRuns.CopyFiles(reference.Journal, bare);
        foreach (string audit in Directory.GetFiles(bare, "audit-*.seg"))
        {
            File.Delete(audit);
        }

        JournalDamagedException refused = Assert.Throws<JournalDamagedException>(
            () => Replay.Run(bare, null, verify: true));
        Assert.Contains("no segment of stream Audit", refused.Message, StringComparison.Ordinal);

        // Without the comparison the replay needs no audit log.
        Assert.Equal(reference.Proof.State, Replay.Run(bare, null, verify: false).State);
    }

    [Fact]
    public void A_clean_run_whose_audit_log_lost_its_end_is_not_equal()
    {
        using TemporaryFolder folder = new();
        string journal = Path.Combine(folder.Path, "run");
        EngineConfiguration configuration = GeneratedRuns.Configuration(
            60_000, root => root["session"]!["journal"]!["segmentMiB"] = 1);
        GeneratedRuns.Direct(configuration, journal);
        string[] segments = Directory.GetFiles(journal, "audit-*.seg");
        Array.Sort(segments, StringComparer.Ordinal);
        Assert.True(segments.Length > 1, "the audit log has one segment only");
        File.Delete(segments[^1]);
        Assert.Contains(
            "the audit log ends before this decision",
            Replay.Run(journal, null, verify: true).Difference,
            StringComparison.Ordinal);
    }

    private static void Change(JsonNode root, string stage, string section)
    {
        switch (stage)
        {
            case "signal":
                root["strategies"]![2]!["parameters"]!["skewTicks"] = 5;
                break;
            case "arbitration" when section == "Suppressions":
                root["arbitration"]!["policy"] = "priority";
                break;
            case "risk":
                root["risk"]!["maxOrderQuantity"] = "0.04";
                break;
            default:
                // A wish that was refused is stated again sooner.
                root["orders"] = new JsonObject { ["retryIntervalMs"] = 10 };
                break;
        }
    }
}
