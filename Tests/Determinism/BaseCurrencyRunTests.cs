using System;
using System.IO;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Tests.Engine.Configuration;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>A run with instruments of two currencies, valued in one.</summary>
public sealed class BaseCurrencyRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>
    /// Buys 10 of STOXX at 100.00 euros while a euro costs 1.25 dollars; at the end it is worth 110.00 and a euro costs 1.20.
    /// </summary>
    [Fact]
    public void Equity_in_the_base_currency_is_what_arithmetic_says()
    {
        RunResult result = Run("90000", "1.20");

        // 1,000 dollars, and 2,000 - 10 x 100 + 10 x 110 = 2,100 euros at 1.20.
        Assert.Equal(("USD", 352_000_000_000L, string.Empty), (result.Base!.Currency, result.Base.EquityUnits, result.Base.Missing));
        Assert.Equal(1, result.Counts.Events[(int)EventKind.Execution]);
        Assert.Equal(0, result.Counts.RiskReasons[(int)RiskReason.Rate]);
    }

    [Fact]
    public void A_rate_that_is_too_old_refuses_and_is_named_in_the_result()
    {
        RunResult result = Run("1", "1.20");
        Assert.Equal(((long?)null, "EUR by EURUSD"), (result.Base!.EquityUnits, result.Base.Missing));
        Assert.Equal(0, result.Counts.Events[(int)EventKind.Execution]);
        Assert.True(result.Counts.RiskReasons[(int)RiskReason.Rate] > 0, "nothing was refused for it");
    }

    [Fact]
    public void A_base_currency_is_not_converted_into_itself()
    {
        ConfigurationProblem problem = Assert.Single(Examples.Read(BrokenConfigurationTests.Set(
            Examples.Minimal, "risk.base", """{ "currency": "USD", "conversions": { "USD": "EURUSD" } }""")).Problems);
        Assert.Equal(
            ("risk.base.conversions.USD", "must be another currency than the base currency"), (problem.Path, problem.Allowed));
    }

    public void Dispose() => _folder.Dispose();

    private RunResult Run(string staleAfterMs, string lastRate)
    {
        string file = Path.Combine(_folder.Path, "market.csv");
        string data = Path.Combine(_folder.Path, "data");
        string run = Path.Combine(_folder.Path, "run");
        File.WriteAllText(
            file,
            $"""
            lowlatency-csv,1
            instrument,STOXX,linear,EUR,2,0,0.01,1,1,1000,0,1
            instrument,EURUSD,spot,USD,4,0,0.0001,1,1,1000,0,1
            quote,2026-03-02T10:00:00Z,,EURUSD,1.2499,1000,1.2501,1000,
            quote,2026-03-02T10:00:01Z,,STOXX,99.99,100,100.00,100,
            bar,2026-03-02T10:01:00Z,,STOXX,2026-03-02T10:00:00Z,60,100.00,100.00,100.00,100.00,5,1
            quote,2026-03-02T10:01:01Z,,EURUSD,1.2499,1000,1.2501,1000,
            quote,2026-03-02T10:01:01Z,,STOXX,99.99,100,100.00,100,
            bar,2026-03-02T10:02:00Z,,STOXX,2026-03-02T10:01:00Z,60,100.00,100.00,100.00,100.00,5,1
            quote,2026-03-02T10:02:01Z,,STOXX,99.99,100,100.00,100,
            quote,2026-03-02T10:02:30Z,,EURUSD,{lastRate},1000,{lastRate},1000,
            quote,2026-03-02T10:02:31Z,,STOXX,110.00,100,110.00,100,

            """);
        RecordedDataTests.Import(data, file);
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "spy.json")))!;
        root["cash"] = JsonNode.Parse("""{ "USD": "1000", "EUR": "2000" }""");
        root["strategies"] = JsonNode.Parse(
            """
            [ { "name": "keeper", "type": "rules", "instruments": ["STOXX"], "parameters": { "program": {
                "timeframeMs": 60000,
                "long": { "enter": "close > 0", "exit": "close < 0", "size": "10" } } } } ]
            """);
        root["risk"]!["base"] = JsonNode.Parse(
            $$"""{ "currency": "USD", "conversions": { "EUR": "EURUSD" }, "staleAfterMs": {{staleAfterMs}} }""");
        root["session"] = JsonNode.Parse("""{ "journal": { "durability": "written" } }""");
        RunResult result = BacktestCommand.Simulate(GeneratedRuns.Read(root), data, run, out _);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        return result;
    }
}
