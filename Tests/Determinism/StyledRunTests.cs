using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Explaining;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>A run of <c>examples/execution.json</c>, in which every style works orders.</summary>
public sealed class StyledRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public StyledRun()
    {
        Journal = Path.Combine(_folder.Path, "run");
        Result = GeneratedRuns.Live(Configuration, Journal);
        Proof = GeneratedRuns.ProofOf(Result, Journal);
    }

    internal EngineConfiguration Configuration { get; } = Load();

    internal string Journal { get; }

    internal RunResult Result { get; }

    internal Proof Proof { get; }

    public void Dispose() => _folder.Dispose();

    internal static EngineConfiguration Load()
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "execution.json")))!;
        root["generator"]!["events"] = 20_000;
        root["session"]!["journal"]!["segmentMiB"] = 4;
        return GeneratedRuns.Read(root);
    }
}

/// <summary>With every style on, the same inputs give the same run: over topologies, again, and after a stop in the middle.</summary>
public sealed class StyledRunTests(StyledRun reference) : IClassFixture<StyledRun>
{
    [Fact]
    public void Every_style_worked_orders_and_why_names_style_and_slice()
    {
        Dictionary<StyleKind, OrderId> last = [];
        Dictionary<StyleKind, int> most = [];
        using (EchoReplay echo = new(reference.Journal))
        {
            while (echo.Next())
            {
                for (int i = 0; i < echo.Decision.CommandCount; i++)
                {
                    Command command = echo.Decision.Commands[i];
                    for (int k = 0; k < echo.Decision.IntentCount; k++)
                    {
                        Intent intent = echo.Decision.Intents[k];
                        bool isIts = intent.Instrument == command.Instrument && intent.Owner == command.Owner;
                        if (isIts && command.Verb == CommandVerb.New && intent.Style != StyleId.None
                            && echo.Decision.Verdicts[k].Slice >= most.GetValueOrDefault(intent.StyleKind))
                        {
                            last[intent.StyleKind] = command.Order;
                            most[intent.StyleKind] = echo.Decision.Verdicts[k].Slice;
                        }
                    }
                }
            }
        }

        Assert.True(GeneratedRuns.CommandsOf(reference.Result) >= GeneratedRuns.CommandsMin, $"{GeneratedRuns.CommandsOf(reference.Result)} commands");
        Assert.True(
            GeneratedRuns.Count(reference.Result, EventKind.Execution) >= GeneratedRuns.ExecutionsMin,
            $"{GeneratedRuns.Count(reference.Result, EventKind.Execution)} executions");
        foreach (StyleKind kind in Enum.GetValues<StyleKind>().Where(kind => kind != StyleKind.AsWished))
        {
            Assert.True(last.TryGetValue(kind, out OrderId order), $"no order of {kind}");
            OrderStory story = OrderStory.Of(reference.Journal, OrderStory.TextOf(order, 1));
            List<StoryStep> steps = StoryText.Steps(story);
            Assert.Contains(steps, step => step.Hop == "intent" && step.Text.Contains($"({kind}) of ", StringComparison.Ordinal));
            Assert.Contains(
                steps, step => step.Hop == "verdict" && step.Text.Contains($"order {most[kind]} of the style", StringComparison.Ordinal));
        }

        Assert.True(most[StyleKind.Twap] >= 5 && most[StyleKind.Iceberg] >= 2 && most[StyleKind.Participation] >= 2, string.Join(", ", most));
    }

    [Fact]
    public void Why_not_says_what_of_a_twap_waits()
    {
        using EchoReplay echo = new(reference.Journal);
        StatedWishes wishes = new();
        SilenceStory story = new(new StrategyId(1), "BTCUSDT");
        bool told = false;
        while (!told && echo.Next())
        {
            wishes.See(echo);
            story.See(echo, wishes);
            told = story.Findings(echo).Exists(finding =>
                finding.Kind == Silence.Styled && finding.Text.StartsWith("style Twap works 20", StringComparison.Ordinal));
        }

        Assert.True(told, "nothing ever waited");
    }

    [Theory]
    [InlineData("Inline", 1_024, "Yielding", 1, 0xCC)]
    [InlineData("RunToCompletion", 2_048, "Parking", 1024, 0xCC)]
    [InlineData("Staged", 1_024, "Yielding", 1024, 0x00)]
    [InlineData("Lockstep", 1_024, "Yielding", 1024, 0xCC)]
    public void Every_topology_decides_the_same(string mode, int ringSize, string wait, int poll, byte fill)
    {
        using TemporaryFolder folder = new();
        string output = Path.Combine(folder.Path, "run");
        TopologyConfiguration shape = GeneratedRuns.Shape(
            Enum.Parse<TopologyMode>(mode), ringSize, Enum.Parse<WaitMode>(wait));
        RunResult result = GeneratedRuns.Direct(reference.Configuration, output, shape, poll, fill);
        Assert.Equal(reference.Proof, GeneratedRuns.ProofOf(result, output));
    }

    [Fact]
    public void The_backtest_of_a_run_is_the_run_record_for_record()
    {
        using TemporaryFolder folder = new();
        string output = Path.Combine(folder.Path, "backtest");
        RunResult result = BacktestCommand.Simulate(null, reference.Journal, output, out _);
        Assert.Equal(reference.Proof, GeneratedRuns.ProofOf(result, output));
    }

    [Fact]
    public void A_run_that_died_in_the_middle_of_its_styles_is_recovered_and_continued_to_the_state_that_a_replay_has()
    {
        using TemporaryFolder folder = new();
        string died = Path.Combine(folder.Path, "died");
        GeneratedRuns.Die(reference.Configuration, Path.Combine(folder.Path, "dying"), died, 7_000);
        RunResult continued = GeneratedRuns.Direct(reference.Configuration, died);
        ReplayReport replay = Replay.Run(died, null, verify: true);
        Assert.Null(replay.Difference);
        Assert.Equal(continued.StateDigest, replay.State);
        GeneratedRuns.AssertSound(died);
    }
}
