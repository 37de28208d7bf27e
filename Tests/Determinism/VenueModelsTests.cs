using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// With every model of the simulated venue switched on, the backtest of a run's journal still yields the same sequence
/// record for record, also of a run that was stopped and went on.
/// </summary>
public sealed class VenueModelsTests : IDisposable
{
    private const long StartMs = 1_767_225_600_000;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_run_with_every_venue_model_is_backtested_to_the_same_records()
    {
        EngineConfiguration configuration = GeneratedRuns.Configuration(60_000, Everything);
        string run = Path.Combine(_folder.Path, "run");
        GeneratedRuns.Live(configuration, run, stopAfter: 9_000);
        RunResult whole = GeneratedRuns.Live(configuration, run);
        GeneratedRuns.AssertEnoughHappened(whole);
        GeneratedRuns.AssertSound(run);
        ReplayReport replay = Replay.Run(run, null, verify: true);
        Assert.Null(replay.Difference);
        BacktestIdentityTests.AssertIdentity(run, whole, Path.Combine(_folder.Path, "backtest"));

        // It counts only when the models had something to do.
        List<Event> events = [.. BacktestIdentityTests.Events(run)];
        Assert.Contains(events, e => e.Kind == EventKind.CommandOutcome && e.CommandOutcome.Outcome == Outcome.Unknown);
        Assert.Contains(events, e => e.Kind == EventKind.CommandOutcome && e.CommandOutcome.Reason == ReportReason.NotConnected);
        Assert.Contains(events, e => e.Kind == EventKind.OrderReport && e.OrderReport.Reason == ReportReason.NotConnected);
        Assert.Contains(events, e => e.Kind == EventKind.OrderReport && e.OrderReport.VenueCode == 2);
        Assert.True(events.Where(e => e.Kind == EventKind.Execution).Select(e => e.ReceivedAt - e.VenueTime).Distinct().Count() > 50);
    }

    [Theory]
    [InlineData("entryLatency")]
    [InlineData("responseLatency")]
    [InlineData("rateLimit")]
    [InlineData("incidents")]
    public void A_backtest_without_one_of_the_models_gives_other_records(string model)
    {
        EngineConfiguration configuration = GeneratedRuns.Configuration(40_000, Everything);
        EngineConfiguration without = GeneratedRuns.Configuration(40_000, root =>
        {
            Everything(root);
            root["venue"]!.AsObject().Remove(model);
        });
        string run = Path.Combine(_folder.Path, "run");
        RunResult whole = GeneratedRuns.Direct(configuration, run);
        string other = Path.Combine(_folder.Path, "other");
        RunResult less = BacktestCommand.Simulate(without, run, other, out _);
        Assert.NotEqual(GeneratedRuns.ProofOf(whole, run), GeneratedRuns.ProofOf(less, other));
        Assert.NotEqual(Reports(run), Reports(other));
    }

    public void Dispose() => _folder.Dispose();

    private static string Reports(string run) => string.Join('\n', BacktestIdentityTests.Events(run)
        .Where(e => e.Kind is EventKind.Execution or EventKind.OrderReport)
        .Select(e => $"{e.ReceivedAt} {e.Kind} {(e.Kind == EventKind.Execution ? e.Execution.Quantity : e.OrderReport.CumulativeQuantity)}"));

    private static void Everything(JsonNode root)
    {
        JsonObject venue = [];
        root["venue"] = venue;
        venue["entryLatency"] = JsonNode.Parse("""{ "lognormal": { "medianUs": 300, "sigmaThousandths": 900, "mostUs": 20000 } }""");
        venue["responseLatency"] = JsonNode.Parse("""{ "uniform": { "spreadUs": 900 } }""");
        venue["matching"] = JsonNode.Parse(
            """{ "queue": "power", "selfTrade": "cancel-maker", "amend": "always-queues-anew", "trigger": "touch" }""");
        venue["rateLimit"] = JsonNode.Parse("""{ "commands": 6, "windowMs": 200 }""");
        JsonArray incidents = [];
        string[] kinds = ["reject", "delay", "disconnect", "unknown", "lost"];
        for (int i = 0; i < 10; i++)
        {
            incidents.Add(new JsonObject
            {
                ["fromUnixMs"] = StartMs + 5_000 + (i * 7_000),
                ["forMs"] = 600,
                ["kind"] = kinds[i % kinds.Length],
            });
        }

        venue["incidents"] = incidents;
    }
}
