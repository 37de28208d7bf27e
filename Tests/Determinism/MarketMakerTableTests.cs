using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// The table of docs/market-maker.md: one market maker on the recorded books of two futures under each queue model and
/// latency. LOWLATENCY_WRITE_DOCS=1 writes it anew; otherwise some of its rows are run and compared.
/// </summary>
public sealed class MarketMakerTableTests(RecordedFutures futures) : IClassFixture<RecordedFutures>
{
    private const string Heading = "| queue | latency each way | BTC fills | BTC result | ETH fills | ETH result |\n|---|---|---:|---:|---:|---:|\n";

    private static readonly (string Name, string Queue, int Exponent)[] Queues =
    [
        ("risk-averse", "risk-averse", 3_000),
        ("power, n = 1", "power", 1_000),
        ("power, n = 3", "power", 3_000),
        ("power-of-whole, n = 3", "power-of-whole", 3_000),
        ("power-of-front, n = 3", "power-of-front", 3_000),
        ("log", "log", 3_000),
        ("log-of-whole", "log-of-whole", 3_000),
    ];

    private static readonly (string Name, int FloorUs, string? Addition)[] Latencies =
    [
        ("1 ms", 1_000, null),
        ("1 ms + lognormal 2 ms", 1_000, """{ "lognormal": { "medianUs": 2000, "sigmaThousandths": 800, "mostUs": 50000 } }"""),
        ("10 ms", 10_000, null),
    ];

    private static string Document { get; } = Path.Combine(Repository.Root, "docs", "market-maker.md");

    [Fact]
    public void The_table_says_what_the_backtests_give()
    {
        string data = futures.Data();
        bool writes = Environment.GetEnvironmentVariable("LOWLATENCY_WRITE_DOCS") == "1";
        string text = File.ReadAllText(Document).ReplaceLineEndings("\n");
        int start = text.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length;
        Assert.True(start > Heading.Length, "the table is not in the document");
        int end = text.IndexOf("\n\n", start, StringComparison.Ordinal) + 1;
        List<string> rows = [];
        foreach ((string queue, string latency, string row) in
            from queue in writes ? Queues : [Queues[0], Queues[2], Queues[5]]
            from latency in writes ? Latencies : Latencies[..1]
            select (queue.Name, latency.Name, Row(data, queue, latency)))
        {
            rows.Add(row);
            Assert.True(writes || text[start..end].Contains(row, StringComparison.Ordinal), $"{queue}, {latency} gives\n{row}");
        }

        // The models differ, or the table says nothing.
        Assert.True(rows.Select(r => r.Split('|')[3]).Distinct().Count() >= 3);
        Assert.Equal(Queues.Length * Latencies.Length, writes ? rows.Count : text[start..end].Count(c => c == '\n'));
        if (writes)
        {
            File.WriteAllText(Document, text[..start] + string.Concat(rows) + text[end..]);
        }
    }

    private static string Row(string data, (string Name, string Queue, int Exponent) queue, (string Name, int FloorUs, string? Addition) latency)
    {
        RunResult result = BacktestCommand.Simulate(Configuration(queue, latency), data, null, out _);
        StringBuilder row = new($"| {queue.Name} | {latency.Name} |");
        foreach (string name in (string[])["maker-btc", "maker-eth"])
        {
            StrategyResult part = result.Strategies.Single(s => s.Name == name);
            decimal profit = (part.ProfitUnits + part.FeeUnits) / 100_000_000m;
            row.Append(CultureInfo.InvariantCulture, $" {part.Fills} | {profit:0.00} |");
        }

        return row.Append('\n').ToString();
    }

    private static EngineConfiguration Configuration(
        (string Name, string Queue, int Exponent) queue, (string Name, int FloorUs, string? Addition) latency)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "btc-eth.json")))!;
        JsonArray strategies = [];
        foreach ((string name, string symbol, string quantity, string most) in
            ((string, string, string, string)[])[("maker-btc", "BTCUSDT", "0.02", "0.1"), ("maker-eth", "ETHUSDT", "0.4", "2")])
        {
            strategies.Add(new JsonObject
            {
                ["name"] = name,
                ["type"] = "market-maker",
                ["instruments"] = new JsonArray(symbol),
                ["weight"] = "0.5",
                ["parameters"] = new JsonObject
                {
                    ["halfSpreadTicks"] = 1,
                    ["quantity"] = quantity,
                    ["maxInventory"] = most,
                    ["skewTicks"] = 2,
                    ["refreshTicks"] = 2,
                },
            });
        }

        root["strategies"] = strategies;
        root["risk"]!["maxOrdersPerWindow"] = 200;
        JsonObject venue = root["venue"]!.AsObject();
        venue["entryLatencyUs"] = latency.FloorUs;
        venue["responseLatencyUs"] = latency.FloorUs;
        if (latency.Addition is not null)
        {
            venue["entryLatency"] = JsonNode.Parse(latency.Addition);
            venue["responseLatency"] = JsonNode.Parse(latency.Addition);
        }

        venue["matching"] = new JsonObject { ["queue"] = queue.Queue, ["queueExponentThousandths"] = queue.Exponent };
        return GeneratedRuns.Read(root);
    }
}
