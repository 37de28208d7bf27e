using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// With every rule about money on, the backtest of a run's journal yields the same sequence record for record, and cash is
/// explained to the last unit by payments, fills, fees and bookings.
/// </summary>
public sealed class MoneyRunTests : IDisposable
{
    private const string Rules =
        """
        {
          "fees": [
            { "from": "2020-01-01", "makerPpm": 100, "takerPpm": 500, "minimum": "0.01", "maximumPpm": 900 },
            { "from": "2020-01-01", "symbol": "ETHUSDT", "makerPpm": -20, "takerPpm": 400 }
          ],
          "funding": [ { "from": "2020-01-01", "everyMinutes": 1, "rate": "0.0003" } ],
          "margin": [ { "from": "2020-01-01", "initialPpm": 20000, "maintenancePpm": 10000 } ]
        }
        """;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_run_with_every_rule_about_money_is_backtested_to_the_same_records()
    {
        EngineConfiguration configuration = Configuration(60_000);
        string run = Path.Combine(_folder.Path, "run");
        GeneratedRuns.Live(configuration, run, stopAfter: 30_000);
        RunResult whole = GeneratedRuns.Live(configuration, run);
        GeneratedRuns.AssertEnoughHappened(whole);
        GeneratedRuns.AssertSound(run);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        BacktestIdentityTests.AssertIdentity(run, whole, Path.Combine(_folder.Path, "backtest"));

        List<Event> events = [.. BacktestIdentityTests.Events(run)];
        CashBooked[] booked = [.. events.Where(e => e.Kind == EventKind.CashBooked).Select(e => e.CashBooked)];
        Assert.True(booked.Length >= 2, $"only {booked.Length} fundings were paid");
        Assert.Equal(booked.Length, booked.Select(b => b.BookingId).Distinct().Count());
    }

    [Fact]
    public void A_run_that_is_liquidated_is_backtested_to_the_same_records()
    {
        // What is held needs nearly all of its value: whoever holds much is soon without margin.
        EngineConfiguration configuration = Configuration(
            30_000,
            "\"initialPpm\": 20000, \"maintenancePpm\": 10000",
            "\"initialPpm\": 1000000, \"maintenancePpm\": 1000000",
            root => root["cash"]!["USDT"] = "600");
        string run = Path.Combine(_folder.Path, "run");
        RunResult whole = GeneratedRuns.Live(configuration, run);
        GeneratedRuns.AssertSound(run);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        BacktestIdentityTests.AssertIdentity(run, whole, Path.Combine(_folder.Path, "backtest"));
        Assert.Contains(
            BacktestIdentityTests.Events(run), e => e.Kind == EventKind.Execution && e.Execution.Order == OrderId.None);
    }

    [Theory]
    [InlineData("\"rate\": \"0.0003\"", "\"rate\": \"0.0002\"")]
    [InlineData("\"makerPpm\": -20", "\"makerPpm\": -19")]
    [InlineData("\"initialPpm\": 20000", "\"initialPpm\": 1000000")]
    public void Another_rule_gives_other_records(string right, string wrong)
    {
        string one = Path.Combine(_folder.Path, "one");
        string other = Path.Combine(_folder.Path, "other");
        Assert.NotEqual(
            GeneratedRuns.ProofOf(GeneratedRuns.Direct(Configuration(50_000), one), one),
            GeneratedRuns.ProofOf(GeneratedRuns.Direct(Configuration(50_000, right, wrong), other), other));
    }

    public void Dispose() => _folder.Dispose();

    private EngineConfiguration Configuration(
        long events, string right = "{", string wrong = "{", Action<JsonNode>? change = null)
    {
        File.WriteAllText(Path.Combine(_folder.Path, "money.json"), Rules.Replace(right, wrong, StringComparison.Ordinal));
        JsonNode root = JsonNode.Parse(GeneratedRuns.Configuration(events).ToCanonicalJson())!;
        root["venue"]!["money"] = new JsonObject { ["rules"] = "money.json", ["margin"] = "cross" };
        change?.Invoke(root);
        ConfigurationReading reading = EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(root.ToJsonString()), "test", BuiltInStrategies.Catalogue, _folder.Path);
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        return configuration;
    }
}
