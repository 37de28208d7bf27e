using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Engine.Strategies;
using LowLatency.Journal;
using LowLatency.Tests.Determinism;
using Xunit;

namespace LowLatency.Tests.Engine.Strategies;

/// <summary>Strategies from assemblies: pinned by hash, checked, loaded, kept with the run.</summary>
public sealed class StrategyLibraryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lowlatency-library-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_loaded_strategy_trades_and_its_run_replays_from_the_journal_alone()
    {
        EngineConfiguration configuration = Examples.Configuration(60_000);
        string run = Path.Combine(_folder, "run");
        RunResult result = GeneratedRuns.Direct(configuration, run);
        StrategyResult part = Assert.Single(result.Strategies, strategy => strategy.Name == "loaded");
        Assert.True(part.Fills >= 5, $"only {part.Fills} fills");

        // The journal keeps the code: what the configuration names may be gone.
        Assert.Equal([Examples.HashOf(Examples.Breakout) + ".dll"], Directory.GetFiles(Path.Combine(run, "strategies")).Select(Path.GetFileName));
        ReplayReport replay = Replay.Run(run, null, verify: true);
        Assert.Null(replay.Difference);
        Assert.Equal(result.StateDigest, replay.State);
        RunResult again = GeneratedRuns.Again(run, Path.Combine(_folder, "again"));
        Assert.Equal(
            GeneratedRuns.ProofOf(result, run), GeneratedRuns.ProofOf(again, Path.Combine(_folder, "again")));
    }

    [Fact]
    public void A_run_whose_code_was_exchanged_beside_the_journal_is_refused()
    {
        string run = Path.Combine(_folder, "run");
        GeneratedRuns.Direct(Examples.Configuration(), run);
        string kept = Directory.GetFiles(Path.Combine(run, "strategies")).Single();
        File.WriteAllBytes(kept, [.. SampleAssembly.Of()]);
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => RecordedRun.Of(run));
        Assert.Contains(Examples.HashOf(Examples.Breakout), refused.Message, StringComparison.Ordinal);
        Assert.Contains(Examples.HashOf(kept), refused.Message, StringComparison.Ordinal);
        File.Delete(kept);
        Assert.Contains("there is no such file", Assert.Throws<InvalidDataException>(() => RecordedRun.Of(run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_hash_is_refused_and_both_are_named()
    {
        string wrong = new('0', 64);
        ConfigurationProblem problem = Refusal(Examples.Json(Examples.Breakout, wrong));
        Assert.Equal("strategies[3].assembly", problem.Path);
        Assert.Contains(wrong, problem.Allowed, StringComparison.Ordinal);
        Assert.Contains(Examples.HashOf(Examples.Breakout), problem.Allowed, StringComparison.Ordinal);
    }

    /// <summary>There is no way to say that the code need not be the one that was looked at.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("any")]
    public void Code_without_its_hash_is_refused(string? hash)
    {
        JsonNode root = Examples.Json(Examples.Breakout, Examples.HashOf(Examples.Breakout));
        JsonObject assembly = root["strategies"]![3]!["assembly"]!.AsObject();
        assembly.Remove("sha256");
        if (hash is not null)
        {
            assembly["sha256"] = hash;
        }

        ConfigurationReading reading = Examples.Read(root, _folder);
        Assert.False(reading.TryGet(out _));
        Assert.Contains(reading.Problems, problem => problem.Path.StartsWith("strategies[3].assembly", StringComparison.Ordinal));
    }

    [Fact]
    public void One_changed_bit_of_the_file_is_another_hash()
    {
        byte[] bytes = File.ReadAllBytes(Examples.Breakout);
        bytes[^100] ^= 1;
        string path = Examples.Save(_folder, "flipped.dll", [.. bytes]);
        Assert.Contains(
            "the configuration pins", Refusal(Examples.Json(path, Examples.HashOf(Examples.Breakout))).Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void Banned_code_is_refused_by_member_and_method_and_never_loaded()
    {
        // Other tests load samples meanwhile: a name that no other one has.
        const string Name = "NeverLoaded";
        string path = Examples.Save(_folder, "clock.dll", SampleAssembly.Of(
            SampleAssembly.Calling(typeof(DateTime).GetProperty("UtcNow")!.GetMethod!), name: Name));
        ConfigurationProblem problem = Refusal(Examples.Json(path, Examples.HashOf(path), SampleAssembly.Type));
        Assert.Contains("Samples.Sample.OnTick uses System.DateTime::get_UtcNow", problem.Allowed, StringComparison.Ordinal);
        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), loaded => loaded.GetName().Name == Name);

        // The same without the clock is loaded, and seen by the same question.
        path = Examples.Save(_folder, "harmless.dll", SampleAssembly.Of(name: "HarmlessLoaded"));
        Assert.True(Examples.Read(Examples.Json(path, Examples.HashOf(path), SampleAssembly.Type), _folder).TryGet(out _));
        Assert.Contains(AppDomain.CurrentDomain.GetAssemblies(), loaded => loaded.GetName().Name == "HarmlessLoaded");
    }

    [Fact]
    public void A_type_that_another_assembly_or_the_engine_has_is_refused()
    {
        string path = Examples.Save(_folder, "twin.dll", SampleAssembly.Of(type: "breakout"));
        JsonNode root = Examples.Json(Examples.Breakout, Examples.HashOf(Examples.Breakout));
        JsonNode second = root["strategies"]![3]!.DeepClone();
        second["name"] = "second";
        second["assembly"] = new JsonObject { ["file"] = path, ["sha256"] = Examples.HashOf(path) };
        root["strategies"]!.AsArray().Add(second);
        Assert.Contains("which " + Examples.Breakout + " has already", Refusal(root).Allowed, StringComparison.Ordinal);

        path = Examples.Save(_folder, "builtin.dll", SampleAssembly.Of(type: "ema-cross"));
        Assert.Contains(
            "which the engine itself has already", Refusal(Examples.Json(path, Examples.HashOf(path), "ema-cross")).Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_strategy_names_the_assembly_of_its_type_and_no_other()
    {
        string hash = Examples.HashOf(Examples.Breakout);
        JsonNode root = Examples.Json(Examples.Breakout, hash);
        root["strategies"]![0]!["assembly"] = new JsonObject { ["file"] = Examples.Breakout, ["sha256"] = hash };
        Assert.Equal("strategies[0].type", Refusal(root).Path);

        // A second strategy of a loaded type without its assembly: nobody could tell what it trades.
        root = Examples.Json(Examples.Breakout, hash);
        JsonNode second = root["strategies"]![3]!.DeepClone();
        second["name"] = "second";
        second.AsObject().Remove("assembly");
        root["strategies"]!.AsArray().Add(second);
        Assert.Equal("strategies[4].type", Refusal(root).Path);
    }

    [Fact]
    public void What_is_absent_too_large_or_no_strategy_is_refused_by_name()
    {
        string none = Path.Combine(_folder, "none.dll");
        Assert.Contains("there is no such file", Refusal(Examples.Json(none, new string('0', 64))).Allowed, StringComparison.Ordinal);
        string text = Examples.Save(_folder, "text.dll", [1, 2, 3]);
        Assert.Contains("no readable assembly", Refusal(Examples.Json(text, Examples.HashOf(text))).Allowed, StringComparison.Ordinal);
        string large = Examples.Save(_folder, "large.dll", [.. new byte[StrategyAssembly.BytesMax + 1]]);
        Assert.Contains("at most", Refusal(Examples.Json(large, new string('0', 64))).Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void The_place_of_the_file_is_no_part_of_the_decision_hash_and_the_code_is()
    {
        string copy = Examples.Save(_folder, "copy.dll", StrategyAssembly.Read(Examples.Breakout));
        string hash = Examples.HashOf(copy);
        Assert.True(Examples.Read(Examples.Json(Examples.Breakout, hash), ".").TryGet(out EngineConfiguration? full));
        Assert.True(Examples.Read(Examples.Json("copy.dll", hash), _folder).TryGet(out EngineConfiguration? relative));
        File.CreateSymbolicLink(Path.Combine(_folder, "link.dll"), copy);
        Assert.True(Examples.Read(Examples.Json("link.dll", hash), _folder).TryGet(out EngineConfiguration? link));
        Assert.Equal(full.DecisionHash, relative.DecisionHash);
        Assert.Equal(full.DecisionHash, link.DecisionHash);
        Assert.NotEqual(full.ToCanonicalJson(), link.ToCanonicalJson());

        string sample = Examples.Save(_folder, "a.dll", SampleAssembly.Of());
        string other = Examples.Save(_folder, "b.dll", SampleAssembly.Of(SampleAssembly.Calling(typeof(Math).GetMethod("Sqrt")!)));
        Assert.True(Examples.Read(Examples.Json(sample, Examples.HashOf(sample), "sample"), ".").TryGet(out EngineConfiguration? one));
        Assert.True(Examples.Read(Examples.Json(other, Examples.HashOf(other), "sample"), ".").TryGet(out EngineConfiguration? two));
        Assert.NotEqual(one.DecisionHash, two.DecisionHash);
    }

    [Fact]
    public void Parameters_of_a_loaded_type_are_checked_like_any_other()
    {
        JsonNode root = Examples.Json(Examples.Breakout, Examples.HashOf(Examples.Breakout));
        root["strategies"]![3]!["parameters"]!["lookBack"] = 501;
        Assert.Contains("from 2 to 500", Refusal(root).Allowed, StringComparison.Ordinal);
        root["strategies"]![3]!["parameters"]!["lookBack"] = 500;
        root["strategies"]![3]!["parameters"]!["entryMs"] = 1_000;
        Assert.Contains("must be less than trendMs", Refusal(root).Allowed, StringComparison.Ordinal);
        root["strategies"]![3]!["parameters"]!["entryMs"] = 900;
        root["strategies"]![3]!["parameters"]!["lookback"] = 5;
        Assert.Contains("did you mean \"lookBack\"", Refusal(root).Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void The_manifest_of_a_result_lists_the_code_of_every_strategy()
    {
        Manifest manifest = Manifest.Of("run", Examples.Configuration(), null, TimeSpan.Zero);
        Assert.Equal(
            [("trend", "built in", null), ("lean", "built in", null), ("maker", "built in", null),
                ("loaded", Examples.Breakout, Examples.HashOf(Examples.Breakout))],
            manifest.Strategies.Select(strategy => (strategy.Name, strategy.Source, strategy.Sha256)));
    }

    [Fact]
    public void A_loaded_strategy_allocates_nothing_once_it_is_warm()
    {
        EngineConfiguration configuration = Examples.Configuration();
        string run = Path.Combine(_folder, "run");
        GeneratedRuns.Direct(configuration, run);
        using JournalReader reader = RecordedRun.Open(run);
        System.Collections.Generic.List<Event> events = [];
        Event e = default;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            events.Add(e);
        }

        DecisionPipeline pipeline = PipelineFactory.Pipeline(configuration);
        Decision decision = default;
        int half = events.Count / 2;
        for (int i = 0; i < half; i++)
        {
            pipeline.OnEvent(events[i], ref decision);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = half; i < events.Count; i++)
        {
            pipeline.OnEvent(events[i], ref decision);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(pipeline.ContextOf(new LowLatency.Core.Values.StrategyId(4)).Calls(new LowLatency.Core.Values.InstrumentId(1)) > 1_000);
    }

    private ConfigurationProblem Refusal(JsonNode root)
    {
        ConfigurationReading reading = Examples.Read(root, _folder);
        Assert.False(reading.TryGet(out _));
        return Assert.Single(reading.Problems);
    }
}
