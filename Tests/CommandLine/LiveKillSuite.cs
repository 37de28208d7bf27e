using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using LowLatency.Core.Determinism;
using LowLatency.Tests.Suites;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>
/// SIGKILL of a live run that trades on a local exchange, again and again in one journal directory: some while it starts or reads
/// the account, the others while it trades. After the last kill of a block a run goes on and is stopped: then the exchange has at most
/// one order for each that was asked for, positions, cash and orders are equal on both sides, and the journal replays.
/// </summary>
internal class LiveKillSuite : Suite
{
    private const string Early = "killed before it traded";
    private const string Trading = "killed while it traded";
    private const string Working = "orders worked at the instant of a kill";

    public override string Name => "live-kill";

    /// <summary>The configuration that trades.</summary>
    protected virtual string Example => "live-sandbox.json";

    /// <summary>What is changed of it.</summary>
    protected virtual Action<JsonNode>? Change => null;

    public override string Unit => "kills";

    public override long LongCount => 1_000;

    public override long TestCount => 5;

    public override int BlockSize => 5;

    public override IEnumerable<string> MustReach => [Early, Trading, Working, "blocks that agreed in the end"];

    public override void RunBlock(long first, long end, ulong seed, Tally tally) =>
        RunAsync(first, end, seed, tally).GetAwaiter().GetResult();

    private async Task RunAsync(long first, long end, ulong seed, Tally tally)
    {
        Xoshiro256 dice = new(seed ^ ((ulong)first * 0x9E3779B97F4A7C15));
        await using LiveRig rig = await LiveRig.StartAsync(Change, example: Example);
        for (long i = first; i < end; i++)
        {
            using EngineProcess process = rig.Start();

            // The fourth of each block dies at any instant of its start; the others after some of their commands.
            if (i % 5 == 3)
            {
                long start = Stopwatch.GetTimestamp();
                TimeSpan until = TimeSpan.FromMicroseconds(dice.Next() % 1_500_000);
                SpinUntil(() => Stopwatch.GetElapsedTime(start) >= until);
                tally.Add(process.CommandLines == 0 ? Early : Trading);
            }
            else
            {
                int commands = 1 + (int)(dice.Next() % 60);
                JsonElement last = rig.WaitFor(process, _ => process.CommandLines >= commands);
                tally.Add(Trading);
                tally.Add(Working, last.GetProperty("orders").GetProperty("here").GetInt32() > 0 ? 1 : 0);
            }

            process.KillNow();
        }

        using (EngineProcess last = rig.Start())
        {
            rig.WaitFor(last, LiveRig.Has("executions", 1));
            last.Terminate();
            Finished finished = last.Wait();
            Assert.True(finished.ExitCode == 0, finished.Output + finished.Error);
            Assert.Contains("stopped  Clean", finished.Output, StringComparison.Ordinal);
        }

        rig.AssertEqualOnBothSides(out _, wasCut: true);
        rig.AssertReplays();
        (int asked, int there) = rig.OrdersOf(await rig.CountsThereAsync());
        Assert.InRange(there, 1, asked);
        tally.Add("blocks that agreed in the end");
    }

    private static void SpinUntil(Func<bool> condition) =>
        Assert.True(System.Threading.SpinWait.SpinUntil(condition, 60_000), "an instant does not come");
}

/// <summary>The same with two venues at once.</summary>
internal sealed class LiveKillBothSuite : LiveKillSuite
{
    public override string Name => "live-kill-both";

    protected override string Example => "live-sandbox-both.json";

    // A request of a process that is gone cannot hang for a minute on its way to a venue on this machine.
    protected override Action<JsonNode> Change => root => root["live"]!["also"]![0]!["absenceHoldMs"] = 2_000;
}
