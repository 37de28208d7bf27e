using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using System.Text.Json.Nodes;
using LowLatency.Core.Determinism;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Strategies;
using LowLatency.Tests.CommandLine;
using Xunit;

namespace LowLatency.Tests.Engine.Strategies;

/// <summary>The check of an author's strategies finds what an author forgets.</summary>
public sealed class StrategyCheckTests : IDisposable
{
    private const int Events = 20_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("lowlatency-check-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_built_in_strategies_and_the_example_are_sound()
    {
        JsonNode root = Examples.Json(Examples.Breakout, Examples.HashOf(Examples.Breakout));
        root["strategies"]![0]!["parameters"]!["fastBars"] = 2;
        root["strategies"]![0]!["parameters"]!["slowBars"] = 4;
        IReadOnlyList<CheckLine> lines = StrategyCheck.Run(Read(root), 100_000, 1);
        Assert.All(lines, line => Assert.True(line.Passed, line.What + ": " + line.Detail));
        Assert.Equal(
            ["banned members", "determinism", "spoke: trend", "spoke: lean", "spoke: maker", "spoke: loaded", "save and restore", "allocation"],
            lines.Select(line => line.What));
    }

    [Fact]
    public void A_field_that_visit_forgets_is_named()
    {
        CheckLine line = Line(Counting(visited: false, allocates: false), "save and restore");
        Assert.False(line.Passed);
        Assert.Contains("loaded._count", line.Detail, StringComparison.Ordinal);
        Assert.Contains("(strategy loaded)", line.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_strategy_passes_when_visit_hands_the_field_over() =>
        Assert.All(
            Lines(Counting(visited: true, allocates: false)), line => Assert.True(line.Passed, line.What + ": " + line.Detail));

    [Fact]
    public void An_allocation_for_each_event_is_counted_and_its_strategy_named()
    {
        CheckLine line = Assert.Single(
            Lines(Counting(visited: true, allocates: true)), found => found.What.StartsWith("allocation", StringComparison.Ordinal) && !found.Passed);
        Assert.Equal("allocation: loaded", line.What);
        Assert.DoesNotContain(" 0 bytes", line.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_strategy_that_says_nothing_proves_nothing() =>
        Assert.False(Line(Configuration(SampleAssembly.Of()), "spoke: loaded").Passed);

    [Fact]
    public void The_command_says_sound_or_not_and_ends_accordingly()
    {
        string good = Save("good.json", Examples.Json(Examples.Breakout, Examples.HashOf(Examples.Breakout)));
        Finished sound = EngineProcess.Run("strategy", "check", "--config", good, "--events", "30000");
        Assert.True(sound.ExitCode == 0, sound.Output + sound.Error);
        Assert.EndsWith("sound\n", sound.Output, StringComparison.Ordinal);

        string path = Examples.Save(_folder, "bad.dll", CountingImage(visited: false, allocates: false));
        string bad = Save("bad.json", Examples.Json("bad.dll", Examples.HashOf(path), SampleAssembly.Type));
        Finished unsound = EngineProcess.Run("strategy", "check", "--config", bad, "--events", "10000");
        Assert.Equal(1, unsound.ExitCode);
        Assert.Contains("FAIL  save and restore", unsound.Output, StringComparison.Ordinal);

        Finished scanned = EngineProcess.Run("strategy", "scan", path);
        Assert.Equal(0, scanned.ExitCode);
        Assert.Contains("sha256 " + Examples.HashOf(path), scanned.Output, StringComparison.Ordinal);
        Examples.Save(_folder, "clock.dll", SampleAssembly.Of(SampleAssembly.Calling(typeof(DateTime).GetProperty("Now")!.GetMethod!)));
        scanned = EngineProcess.Run("strategy", "scan", Path.Combine(_folder, "clock.dll"));
        Assert.Equal(1, scanned.ExitCode);
        Assert.Contains("REFUSED: Samples.Sample.OnTick uses System.DateTime::get_Now", scanned.Output, StringComparison.Ordinal);
        Assert.Equal(2, EngineProcess.Run("strategy", "check").ExitCode);
        Assert.Equal(3, EngineProcess.Run("strategy", "scan", Path.Combine(_folder, "none.dll")).ExitCode);
    }

    [Fact]
    public void A_loaded_strategy_backtests_through_the_command_line_and_its_replay_has_the_same_digests()
    {
        JsonNode root = Examples.Json("Breakout.dll", Examples.HashOf(Examples.Breakout));
        File.Copy(Examples.Breakout, Path.Combine(_folder, "Breakout.dll"));
        string config = Save("config.json", root);
        string run = Path.Combine(_folder, "run");
        Finished traded = EngineProcess.Run("run", "--config", config, "--out", run);
        Assert.True(traded.ExitCode == 0, traded.Output + traded.Error);
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "result.json")))!;
        Assert.Equal(Examples.HashOf(Examples.Breakout), (string?)manifest["manifest"]!["strategies"]![3]!["sha256"]);
        Assert.True((int)manifest["strategies"]!.AsArray().Single(row => (string?)row!["name"] == "loaded")!["fills"]! > 0);

        // The file that the configuration names is gone; the run has its own.
        File.Delete(Path.Combine(_folder, "Breakout.dll"));
        Finished replayed = EngineProcess.Run("replay", run, "--verify");
        Assert.True(replayed.ExitCode == 0, replayed.Output + replayed.Error);
        Assert.Contains((string)manifest["decisionDigest"]!, replayed.Output, StringComparison.Ordinal);
        Assert.Contains((string)manifest["stateDigest"]!, replayed.Output, StringComparison.Ordinal);
        string json = Path.Combine(_folder, "again.json");
        Finished again = EngineProcess.Run("backtest", "--data", run, "--json", json);
        Assert.True(again.ExitCode == 0, again.Output + again.Error);
        JsonNode second = JsonNode.Parse(File.ReadAllText(json))!;
        Assert.Equal((string?)manifest["decisionDigest"], (string?)second["decisionDigest"]);
        Assert.Equal((string?)manifest["stateDigest"], (string?)second["stateDigest"]);

        Finished missing = EngineProcess.Run("run", "--config", config, "--out", Path.Combine(_folder, "next"));
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("there is no such file", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_project_builds_and_is_accepted()
    {
        string project = Path.Combine(_folder, "MyIdea");
        Finished made = EngineProcess.Run("strategy", "new", project);
        Assert.True(made.ExitCode == 0, made.Error);
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            WorkingDirectory = project,
        };
        foreach (string argument in (ReadOnlySpan<string>)["build", "-c", "Release", "-nodeReuse:false", "-v", "q"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process build = Process.Start(start)!;
        string output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.True(build.ExitCode == 0, output);
        string built = Path.Combine(project, "bin", "Release", "net10.0", "MyIdea.dll");
        Assert.Equal("myidea", Assert.Single(StrategyAssembly.Load(built, Examples.HashOf(built)).Schemas).Type);

        Assert.Equal(4, EngineProcess.Run("strategy", "new", project).ExitCode);
        Assert.Equal(4, EngineProcess.Run("strategy", "new", Path.Combine(_folder, "my-idea")).ExitCode);
    }

    private static CheckLine Line(EngineConfiguration configuration, string what) =>
        Assert.Single(Lines(configuration), line => line.What == what);

    private static IReadOnlyList<CheckLine> Lines(EngineConfiguration configuration) => StrategyCheck.Run(configuration, Events, 3);

    private EngineConfiguration Counting(bool visited, bool allocates) => Configuration(CountingImage(visited, allocates));

    private EngineConfiguration Configuration(System.Collections.Immutable.ImmutableArray<byte> image)
    {
        string path = Examples.Save(_folder, "sample.dll", image);
        JsonNode root = Examples.Json(path, Examples.HashOf(path), SampleAssembly.Type);

        // Alone: on so short a market the slower ones do not speak.
        JsonArray strategies = root["strategies"]!.AsArray();
        while (strategies.Count > 1)
        {
            strategies.RemoveAt(0);
        }

        return Read(root);
    }

    private static EngineConfiguration Read(JsonNode root)
    {
        root["risk"]!.AsObject().Remove("instruments");
        ConfigurationReading reading = Examples.Read(root, ".");
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        return configuration;
    }

    private string Save(string name, JsonNode root)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, root.ToJsonString());
        return path;
    }

    /// <summary>A strategy that wants one piece more at every tick: its count is its state.</summary>
    internal static System.Collections.Immutable.ImmutableArray<byte> CountingImage(bool visited, bool allocates)
    {
        FieldBuilder? count = null;
        return SampleAssembly.Of(
            code =>
            {
                Label end = code.DefineLabel();
                code.Emit(OpCodes.Ldarg_0);
                code.Emit(OpCodes.Ldarg_0);
                code.Emit(OpCodes.Ldfld, count!);
                code.Emit(OpCodes.Ldc_I4_1);
                code.Emit(OpCodes.Conv_I8);
                code.Emit(OpCodes.Add);
                code.Emit(OpCodes.Stfld, count!);
                if (allocates)
                {
                    // Of a length that the compiler cannot know: an object that nobody sees would not reach the heap.
                    code.Emit(OpCodes.Ldarg_0);
                    code.Emit(OpCodes.Ldfld, count!);
                    code.Emit(OpCodes.Conv_I4);
                    code.Emit(OpCodes.Newarr, typeof(byte));
                    code.Emit(OpCodes.Pop);
                }

                LocalBuilder id = code.DeclareLocal(typeof(InstrumentId));
                code.Emit(OpCodes.Ldc_I4_1);
                code.Emit(OpCodes.Newobj, typeof(InstrumentId).GetConstructor([typeof(ushort)])!);
                code.Emit(OpCodes.Stloc, id);
                code.Emit(OpCodes.Ldarg_1);
                code.Emit(OpCodes.Ldloc, id);
                code.Emit(OpCodes.Callvirt, typeof(StrategyContext).GetMethod(nameof(StrategyContext.IsSubscribed))!);
                code.Emit(OpCodes.Brfalse, end);
                code.Emit(OpCodes.Ldarg_1);
                code.Emit(OpCodes.Ldloc, id);
                code.Emit(OpCodes.Ldarg_0);
                code.Emit(OpCodes.Ldfld, count!);
                code.Emit(OpCodes.Ldc_I4, StrategyContext.FullConfidence);
                code.Emit(OpCodes.Ldc_I4_0);
                code.Emit(OpCodes.Conv_I8);
                MethodInfo setTarget = typeof(StrategyContext).GetMethod(nameof(StrategyContext.SetTarget))!;
                foreach (ParameterInfo other in setTarget.GetParameters()[4..])
                {
                    code.Emit(OpCodes.Ldloc, code.DeclareLocal(other.ParameterType));
                }

                code.Emit(OpCodes.Callvirt, setTarget);
                code.Emit(OpCodes.Pop);
                code.MarkLabel(end);
            },
            before: type => count = type.DefineField("_count", typeof(long), FieldAttributes.Private),
            visit: code =>
            {
                if (visited)
                {
                    code.Emit(OpCodes.Ldarg_1);
                    code.Emit(OpCodes.Ldarg_0);
                    code.Emit(OpCodes.Ldflda, count!);
                    code.Emit(OpCodes.Callvirt, typeof(StateVisitor).GetMethod("Visit", [typeof(long).MakeByRefType()])!);
                }
            });
    }
}
