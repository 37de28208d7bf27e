using System;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Tests.Engine.Configuration;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>The shipped example with learned weights, gates, models and a calendar, through the whole engine.</summary>
public sealed class ArbitrationRunTests
{
    [Fact]
    public void A_run_and_its_backtest_are_equal_record_for_record()
    {
        using TemporaryFolder folder = new();
        EngineConfiguration configuration = Configuration();
        string live = System.IO.Path.Combine(folder.Path, "live");
        RunResult run = GeneratedRuns.Live(configuration, live);
        Assert.True(run.Counts.Suppressions[(int)SuppressionReason.BarrierGate] > 100);
        Assert.True(run.Arbitration.Weights.Count == 6 && run.Arbitration.Weights[0].Rounds > 5);
        Assert.Equal(1_000_000_000, run.Arbitration.Weights.Take(3).Sum(w => w.WeightE9));
        Assert.Empty(run.Arbitration.Barrier!.NeverVaried);

        string again = System.IO.Path.Combine(folder.Path, "again");
        RunResult backtest = GeneratedRuns.Again(live, again);
        Assert.Equal(GeneratedRuns.ProofOf(run, live), GeneratedRuns.ProofOf(backtest, again));
    }

    [Fact]
    public void The_manifest_names_every_file_that_decides_with_its_hash()
    {
        Manifest manifest = Manifest.Of("run", Configuration(), null, TimeSpan.Zero);
        Assert.Equal(["calendar always", "model peak", "model valley"], manifest.Files.Select(f => f.Use));
        Assert.All(manifest.Files, file => Assert.Equal(64, file.Sha256.Length));
    }

    private static EngineConfiguration Configuration()
    {
        JsonNode root = JsonNode.Parse(Examples.Shipped("arbitration.json"))!;
        root["generator"]!["events"] = 60_000;
        root["session"]!["journal"]!["segmentMiB"] = 4;
        ConfigurationReading reading = EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(root.ToJsonString()), "test", BuiltInStrategies.Catalogue, Examples.Folder);
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        return configuration;
    }
}
