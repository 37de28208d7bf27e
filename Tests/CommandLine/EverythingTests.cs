using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Signals.Structures;
using LowLatency.Core.Values;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>The shipped example with twenty strategies and every indicator: a run of it, its replay and its backtest.</summary>
public sealed class EverythingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal static string File => Path.Combine(Repository.Root, "examples", "everything.json");

    [Fact]
    public void The_example_uses_every_indicator_and_structure()
    {
        SortedSet<string> used = [.. Strategies()
            .Select(strategy => strategy["parameters"]?["program"]?["indicators"]?.AsObject())
            .OfType<JsonObject>()
            .SelectMany(declared => declared.Select(entry => (string)entry.Value!["type"]!))];
        SortedSet<string> known = [];
        for (int i = 0; i < IndicatorCatalogue.Count; i++)
        {
            known.Add(IndicatorCatalogue.SchemaAt(i).Parameters.Type);
        }

        for (int i = 0; i < StructureCatalogue.Count; i++)
        {
            known.Add(StructureCatalogue.SchemaAt(i).Parameters.Type);
        }

        Assert.Equal(known, used);
        Assert.Equal(20, Strategies().Count());
    }

    [Fact]
    public void Twenty_strategies_replay_and_backtest_bit_for_bit_and_the_last_ones_trade_in_the_shared_lane()
    {
        string run = Path.Combine(_folder.Path, "run");
        string again = Path.Combine(_folder.Path, "again.json");
        Good("run", "-c", File, "-o", run, "--warm-up", "0");
        Assert.EndsWith("equal\n", Good("replay", run, "--verify").Output, StringComparison.Ordinal);
        Good("backtest", "-d", run, "--json", again);
        JsonNode result = Read(Path.Combine(run, "result.json"));
        Assert.Equal((string?)result["decisionDigest"], (string?)Read(again)["decisionDigest"]);
        Assert.True((long)result["commands"]!["New"]! >= 1_000, "too few commands to compare");

        // Numbers 17 to 20: two of the shared lane, two with lanes of their own.
        SortedSet<string> filled = [.. result["strategies"]!.AsArray().Where(s => (long)s!["fills"]! > 0).Select(s => (string)s!["name"]!)];
        Assert.Superset(new SortedSet<string> { "lean-btc", "lean-eth", "maker-eth", "maker-btc" }, filled);
        Assert.True(filled.Count >= 15, string.Join(' ', filled));
    }

    [Fact]
    public void Strategies_beyond_the_sixteenth_have_bits_of_their_own_and_old_records_keep_their_meaning()
    {
        Intent intent = default;
        for (ushort s = 1; s <= Limits.Strategies; s++)
        {
            Assert.False(intent.HasPart(new StrategyId(s)));
            intent.AddContributor(new StrategyId(s));
            Assert.Equal((1u << (s + 1)) - 2, intent.Strategies);
        }

        Assert.Equal((ushort.MaxValue, (1u << (Limits.Strategies - 16)) - 1), (intent.Contributors, intent.MoreContributors));
        Assert.Equal(0b110u, new Intent { Contributors = 0b11 }.Strategies);
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<JsonNode> Strategies() => Read(File)["strategies"]!.AsArray().Select(s => s!);

    private static JsonNode Read(string path) => JsonNode.Parse(System.IO.File.ReadAllText(path))!;

    private static Finished Good(params string[] arguments)
    {
        Finished finished = EngineProcess.Run(arguments);
        Assert.True(finished.ExitCode == 0, finished.Output + finished.Error);
        return finished;
    }
}
