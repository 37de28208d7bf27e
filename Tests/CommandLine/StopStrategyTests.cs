using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Engine.Configuration;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>One strategy is stopped by a person, stays stopped over restarts and another configuration, and is let in by a person.</summary>
public sealed class StopStrategyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_stopped_strategy_trades_no_more_and_the_others_do_until_a_person_lets_it_in()
    {
        EngineConfiguration configuration = GeneratedRuns.Configuration(6_000, root => root["session"]!["journal"]!["segmentMiB"] = 1);
        string name = configuration.Strategies[0].Name;
        string run = At("run");
        Finished stopped = Run(Config("first.json", configuration), run, "--stop-strategy", name + ": it was rehearsed");
        Assert.True(stopped.ExitCode == 0, stopped.Error);
        Assert.Contains("RISK: stopped: " + name, stopped.Output, StringComparison.Ordinal);
        Assert.Equal([name], Stopped(run));
        Assert.Equal(0, Fills(run, name));
        Assert.Contains(configuration.Strategies, other => Fills(run, other.Name) > 0);
        Assert.EndsWith("equal\n", EngineProcess.Run("replay", run, "--verify").Output, StringComparison.Ordinal);

        // Again, with more of the market, and in a configuration that is another: nobody has let it in.
        Finished again = Run(Config("second.json", Longer(configuration, 9_000)), run);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal([name], Stopped(run));
        Assert.Equal(0, Fills(run, name));

        // Who is not stopped cannot be let in, and who is can.
        string copy = At("copy");
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(run))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        Finished refused = Run(
            Config("third.json", Longer(configuration, 14_000)), copy, "--start-strategy", configuration.Strategies[1].Name + ": why");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("is not stopped", refused.Error, StringComparison.Ordinal);
        Finished started = Run(
            Config("third.json", Longer(configuration, 14_000)), run, "--start-strategy", name + ": the rehearsal is over");
        Assert.True(started.ExitCode == 0, started.Error);
        Assert.Empty(Stopped(run));
        Assert.True(Fills(run, name) > 0, "it was let in and did not trade");
        Assert.Contains(
            Directory.GetFiles(run, "journal-*.seg"),
            segment => File.ReadAllBytes(segment).AsSpan().IndexOf("the rehearsal is over"u8) >= 0);
    }

    public void Dispose() => _folder.Dispose();

    private static Finished Run(string configuration, string run, params string[] said) =>
        EngineProcess.Run(["run", "-c", configuration, "-o", run, "--warm-up", "0", .. said]);

    private static EngineConfiguration Longer(EngineConfiguration configuration, int events)
    {
        JsonNode root = JsonNode.Parse(configuration.ToCanonicalJson())!;
        root["generator"]!["events"] = events;
        return GeneratedRuns.Read(root);
    }

    private static string[] Stopped(string run) =>
        [.. Result(run)["risk"]!["stoppedStrategies"]!.AsArray().Select(name => (string)name!)];

    private static long Fills(string run, string strategy) =>
        Result(run)["strategies"]!.AsArray().SingleOrDefault(row => (string)row!["name"]! == strategy) is { } row ? (long)row["fills"]! : 0;

    private static JsonNode Result(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(run, "result.json")))!;

    private string Config(string name, EngineConfiguration configuration)
    {
        File.WriteAllBytes(At(name), configuration.ToCanonicalJson());
        return At(name);
    }

    private string At(string name) => Path.Combine(_folder.Path, name);
}
