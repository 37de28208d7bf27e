using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Reality;
using LowLatency.Engine.Results;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Reality;

/// <summary>A reality check counts money as the venue does: inverse contracts in coin, fees by their dates and tiers.</summary>
public sealed class RealityMoneyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    // 50,000 contracts of a dollar bought at 50,000.00 and worth 62,500.00: 1 - 0.8 = 0.2 coin won; sold, lost.
    [InlineData(Side.Buy, 6_250_000, 20_000_000)]
    [InlineData(Side.Sell, 6_250_000, -20_000_000)]
    [InlineData(Side.Buy, 4_000_000, -25_000_000)]
    public void Fills_of_an_inverse_contract_are_worth_coin(Side side, long final, long value)
    {
        Instrument rules = new()
        {
            Id = new InstrumentId(1),
            Kind = InstrumentKind.Inverse,
            PriceExponent = 2,
            QuantityExponent = 0,
            Tick = 1,
            Lot = 1,
            MinQuantity = 1,
            MaxQuantity = 1_000_000,
            MinNotional = 0,
            Multiplier = 1,
        };
        RealityFill fill = new(0, 5_000_000, 50_000, 0, 0, side, Liquidity.Taker);
        Assert.Equal(value, GapParts.Value([fill], rules, final));
    }

    [Fact]
    public void A_run_with_dated_fees_is_no_different_from_itself_and_from_another_schedule_by_its_fees_alone()
    {
        string run = Path.Combine(_folder.Path, "run");
        RunResult result = GeneratedRuns.Direct(Configuration(550), run);
        Assert.True(result.Counts.Events[(int)EventKind.Execution] > 50, "too little was traded");
        RealityReport own = RealityCheck.Of(run, null);
        Assert.True(own.IsEqual);
        Assert.All(own.Profits, profit => Assert.Equal((0L, 0L), (profit.Gap.Fee, profit.Gap.Whole)));
        RealityReport dearer = RealityCheck.Of(run, Configuration(650));
        GapParts gap = default;
        foreach (RealityProfit profit in dearer.Profits)
        {
            gap.Add(profit.Gap);
        }

        Assert.Equal((0L, 0L, 0L, 0L), (gap.Latency, gap.Queue, gap.MissedData, gap.Funding));
        Assert.True(gap.Fee > 0, "the journal paid less");
    }

    /// <summary>Perpetuals without funding, over midnight: the result says what is missing, until somebody says what it is.</summary>
    [Fact]
    public void Perpetuals_that_were_held_over_an_instant_of_funding_that_nobody_told_are_doubted()
    {
        Assert.Contains("no_funding", Notes(funding: null, secondsBeforeMidnight: 20));
        Assert.DoesNotContain("no_funding", Notes(funding: "0.0001", secondsBeforeMidnight: 20));

        // Free by declaration is declared; and who was not there at the instant missed nothing.
        Assert.DoesNotContain("no_funding", Notes(funding: "0", secondsBeforeMidnight: 20));
        Assert.DoesNotContain("no_funding", Notes(funding: null, secondsBeforeMidnight: -1));
    }

    public void Dispose() => _folder.Dispose();

    private string[] Notes(string? funding, long secondsBeforeMidnight)
    {
        JsonNode root = JsonNode.Parse(GeneratedRuns.Configuration(20_000).ToCanonicalJson())!;
        root["generator"]!["startUnixSeconds"] = (20_000L * 86_400) - secondsBeforeMidnight;
        if (funding is not null)
        {
            File.WriteAllText(
                Path.Combine(_folder.Path, "money.json"),
                $$"""{ "funding": [ { "from": "2020-01-01", "everyMinutes": 480, "rate": "{{funding}}" } ] }""");
            root["venue"]!["money"] = new JsonObject { ["rules"] = "money.json" };
        }

        string run = Path.Combine(_folder.Path, Guid.NewGuid().ToString("N"));
        GeneratedRuns.Direct(Read(root), run);
        return [.. RunReport.OfJournal(run, out _).Notes.Select(note => note.Code)];
    }

    private EngineConfiguration Configuration(int takerPpm)
    {
        File.WriteAllText(
            Path.Combine(_folder.Path, "money.json"),
            $$"""
            { "fees": [
              { "from": "2020-01-01", "makerPpm": 100, "takerPpm": {{takerPpm}} },
              { "from": "2020-01-01", "volume": "2000", "makerPpm": 90, "takerPpm": 400 },
              { "from": "2020-01-01", "symbol": "ETHUSDT", "makerPpm": 100, "takerPpm": {{takerPpm}}, "minimum": "0.02", "maximumPpm": 900 } ] }
            """);
        JsonNode root = JsonNode.Parse(GeneratedRuns.Configuration(30_000).ToCanonicalJson())!;
        root["venue"]!["money"] = new JsonObject { ["rules"] = "money.json" };
        return Read(root);
    }

    private EngineConfiguration Read(JsonNode root)
    {
        ConfigurationReading reading = EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(root.ToJsonString()), "test", BuiltInStrategies.Catalogue, _folder.Path);
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        return configuration;
    }
}
