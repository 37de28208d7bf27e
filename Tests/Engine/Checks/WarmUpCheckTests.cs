using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using LowLatency.Engine.Checks;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Strategies;
using LowLatency.Gateways.Generator;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Engine.Strategies;
using LowLatency.Tests.Support;
using Xunit;
using Examples = LowLatency.Tests.Engine.Strategies.Examples;

namespace LowLatency.Tests.Engine.Checks;

public sealed class WarmUpCheckTests
{
    [Fact]
    public void Strategies_that_forget_what_was_before_their_warm_up_pass()
    {
        // Both look at the book as it is. An average of bars would remember a little for ever.
        EngineConfiguration configuration = GeneratedRuns.Configuration(
            12_000,
            root => root["strategies"] = new JsonArray(root["strategies"]![1]!.DeepClone(), root["strategies"]![2]!.DeepClone()));
        IReadOnlyList<CheckLine> lines = WarmUpCheck.Run(
            configuration, () => new MarketGenerator(configuration.Generator!), [10, 40]);
        Assert.Equal(3, lines.Count);
        Assert.All(lines, line => Assert.True(line.Passed, line.What + ": " + line.Detail));
    }

    [Fact]
    public void A_strategy_that_counts_from_its_first_event_is_caught()
    {
        using TemporaryFolder folder = new();
        string path = Examples.Save(folder.Path, "sample.dll", StrategyCheckTests.CountingImage(visited: true, allocates: false));
        JsonNode root = Examples.Json(path, Examples.HashOf(path), SampleAssembly.Type, events: 12_000);
        ConfigurationReading reading = Examples.Read(root, folder.Path);
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        IReadOnlyList<CheckLine> lines = WarmUpCheck.Run(
            configuration, () => new MarketGenerator(configuration.Generator!), [25]);
        Assert.False(lines[1].Passed);
        Assert.Contains("loaded in BTCUSDT", lines[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_that_is_ready_in_time_proves_nothing()
    {
        EngineConfiguration configuration = GeneratedRuns.Configuration(
            12_000,
            root =>
            {
                root["strategies"] = new JsonArray(root["strategies"]![0]!.DeepClone());
                root["strategies"]![0]!["parameters"]!["slowBars"] = 5_000;
            });
        IReadOnlyList<CheckLine> lines = WarmUpCheck.Run(
            configuration, () => new MarketGenerator(configuration.Generator!), [10]);
        Assert.False(lines[1].Passed);
        Assert.Contains("warmed up", lines[1].Detail, StringComparison.Ordinal);
    }
}
