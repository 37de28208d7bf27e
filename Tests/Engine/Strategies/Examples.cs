using System;
using System.Collections.Immutable;
using System.IO;
using System.Text;
using System.Text.Json.Nodes;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Engine.Strategies;
using Xunit;

namespace LowLatency.Tests.Engine.Strategies;

/// <summary>The example strategy, built beside the tests, and configurations that name it.</summary>
internal static class Examples
{
    /// <summary>The built assembly of examples/strategies/Breakout.</summary>
    internal static string Breakout { get; } = Path.Combine(AppContext.BaseDirectory, "Breakout.dll");

    internal static string HashOf(string path) => StrategyAssembly.HashOf(StrategyAssembly.Read(path));

    /// <summary>The demo's configuration with a loaded strategy beside the built-in ones.</summary>
    internal static JsonNode Json(string file, string sha256, string type = "breakout", long events = 20_000)
    {
        JsonNode root = JsonNode.Parse(DemoConfiguration.Json())!;
        root["generator"]!["events"] = events;
        root["session"]!["journal"]!["segmentMiB"] = 4;
        root["strategies"]!.AsArray().Add(new JsonObject
        {
            ["name"] = "loaded",
            ["type"] = type,
            ["assembly"] = new JsonObject { ["file"] = file, ["sha256"] = sha256 },
            ["instruments"] = new JsonArray("BTCUSDT"),
            ["parameters"] = type == "breakout"
                ? new JsonObject { ["entryMs"] = 200, ["trendMs"] = 1_000, ["lookBack"] = 3, ["trendBars"] = 2, ["quantity"] = "0.05" }
                : [],
        });
        return root;
    }

    internal static ConfigurationReading Read(JsonNode root, string folder) => EngineConfiguration.FromJson(
        Encoding.UTF8.GetBytes(root.ToJsonString()), "test.json", new FilesBeside(Path.GetFullPath(folder)));

    internal static EngineConfiguration Configuration(long events = 20_000)
    {
        ConfigurationReading reading = Read(Json(Breakout, HashOf(Breakout), events: events), ".");
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        return configuration;
    }

    internal static string Save(string folder, string name, ImmutableArray<byte> image)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, [.. image]);
        return path;
    }
}
