using System;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using LowLatency.Engine.Live;
using LowLatency.Sandbox;
using LowLatency.Tests.Suites;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>Live runs from the outside: processes that trade on a local exchange over real sockets, stopped, killed, continued.</summary>
public sealed class LiveTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("live-sandbox.json", 40)]
    [InlineData("live-sandbox-alpaca.json", 20)]
    [InlineData("live-sandbox-both.json", 60)]
    public async Task A_session_ends_with_the_exchange_and_its_journal_agreeing_and_replays_bit_for_bit(string example, int fills)
    {
        await using LiveRig rig = await LiveRig.StartAsync(example: example);
        using (EngineProcess process = rig.Start())
        {
            rig.WaitFor(process, LiveRig.Has("executions", fills));
            process.Terminate();
            Finished finished = process.Wait();
            Assert.True(finished.ExitCode == 0, finished.Output + finished.Error);
            Assert.Contains("stopped  Clean", finished.Output, StringComparison.Ordinal);
        }

        rig.AssertEqualOnBothSides(out int executions);
        Assert.True(executions >= fills / 2, $"{executions} executions prove little");
        rig.AssertReplays();
        (int asked, int there) = rig.OrdersOf(await rig.CountsThereAsync());
        Assert.InRange(there, 1, asked);

        // The venue's reports are facts, not to be made again.
        Finished backtest = LiveRig.Once("backtest", "-d", rig.Run);
        Assert.Equal(3, backtest.ExitCode);
        Assert.Contains("a live run: its reports are the venue's", backtest.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_SIGKILL_at_any_instant_nothing_is_doubled_and_nothing_is_lost(bool isBoth)
    {
        LiveKillSuite suite = isBoth ? new LiveKillBothSuite() : new LiveKillSuite();
        Tally tally = suite.Run(0, suite.TestCount, SuiteCommand.DefaultSeed, 1);
        output.WriteLine(SuiteCommand.Report(suite, tally));
        Assert.Empty(suite.Missing(tally));
    }

    [Fact]
    public async Task The_kill_switch_cancels_everything_is_proven_survives_a_restart_and_needs_a_reason_to_be_released()
    {
        await using LiveRig rig = await LiveRig.StartAsync();
        using (EngineProcess process = rig.Start())
        {
            rig.WaitFor(process, status => LiveRig.IsLive(status) && status.GetProperty("orders").GetProperty("here").GetInt32() > 0);
            Finished kill = LiveRig.Once("kill", rig.Run, "--reason", "drill");
            Assert.True(kill.ExitCode == 0, kill.Output + kill.Error);
            Assert.Contains("proven", kill.Output, StringComparison.Ordinal);
            Assert.Equal(0, rig.Read().Orders);
            int lines = process.CommandLines;
            JsonElement later = rig.WaitFor(process, status => status.GetProperty("killProven").GetBoolean());
            Assert.True(later.GetProperty("killed").GetBoolean());
            Assert.Equal(0, later.GetProperty("orders").GetProperty("here").GetInt32());
            process.KillNow();
            Assert.InRange(process.CommandLines, lines, lines);
        }

        // Latched: a new process trades nothing, whatever is said but the release.
        using (EngineProcess again = rig.Start())
        {
            JsonElement status = rig.WaitFor(again, now => now.GetProperty("killed").GetBoolean() && LiveRig.IsLive(now));
            Assert.Equal("Halted", status.GetProperty("trading").GetString());
            again.Terminate();
            Finished finished = again.Wait();
            Assert.True(finished.ExitCode == 0, finished.Output + finished.Error);
            Assert.Equal(0, again.CommandLines);
        }

        Finished blank = LiveRig.Once("run", "--live", "-c", rig.Configuration, "-o", rig.Run, "--release-kill", " ");
        Assert.Equal(2, blank.ExitCode);
        using EngineProcess released = rig.Start("--release-kill", "the drill is over", "--activate", "the drill is over");
        rig.WaitFor(released, status => LiveRig.IsLive(status) && status.GetProperty("trading").GetString() == "Active");
        rig.WaitFor(released, _ => released.CommandLines > 0);
        released.Terminate();
        Assert.Equal(0, released.Wait().ExitCode);
        rig.AssertEqualOnBothSides(out _, wasCut: true);
        rig.AssertReplays();
    }

    [Theory]
    [InlineData("file")]
    [InlineData("signal")]
    public async Task A_file_and_a_signal_kill_as_the_command_does(string way)
    {
        await using LiveRig rig = await LiveRig.StartAsync();
        using EngineProcess process = rig.Start();
        rig.WaitFor(process, status => LiveRig.IsLive(status) && status.GetProperty("orders").GetProperty("here").GetInt32() > 0);
        if (way == "file")
        {
            File.WriteAllText(Path.Combine(rig.Run, RunMemory.KillName), "drill");
        }
        else
        {
            process.SignalUser();
        }

        rig.WaitFor(process, status => status.GetProperty("killProven").GetBoolean());
        Assert.Equal(0, rig.Read().Orders);
        Assert.True(File.Exists(Path.Combine(rig.Run, RunMemory.KillName)));
        process.Terminate();
        Assert.Equal(0, process.Wait().ExitCode);
    }

    [Fact]
    public async Task Orders_may_be_left_to_work_and_are_found_again_by_the_next_run()
    {
        await using LiveRig rig = await LiveRig.StartAsync(root => root["live"]!["onStop"] = "leave");
        using (EngineProcess process = rig.Start())
        {
            rig.WaitFor(process, status => LiveRig.IsLive(status) && status.GetProperty("orders").GetProperty("here").GetInt32() > 0);
            process.Terminate();
            Finished finished = process.Wait();
            Assert.True(finished.ExitCode == 0, finished.Output + finished.Error);
        }

        using EngineProcess again = rig.Start();
        rig.WaitFor(again, LiveRig.IsLive);
        again.Terminate();
        Assert.Equal(0, again.Wait().ExitCode);
        rig.AssertReplays();
    }

    [Fact]
    public async Task What_must_not_trade_is_refused_and_says_what_is_missing()
    {
        await using LiveRig rig = await LiveRig.StartAsync(root => root["live"]!["accounts"] = new JsonArray("7"));
        string[] run = ["run", "--live", "-c", rig.Configuration, "-o", rig.Run, "--warm-up", "0"];
        Finished other = LiveRig.Once(run);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("the key is of account 1000001; live.accounts allows 7", other.Error, StringComparison.Ordinal);
        Finished check = LiveRig.Once("run", "--live", "--check", "-c", rig.Configuration);
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("account  1000001", check.Output, StringComparison.Ordinal);
        Finished armed = LiveRig.Once([.. run, "--arm", "0123456789abcdef0123"]);
        Assert.Equal(2, armed.ExitCode);
        Assert.Contains("moves no real money", armed.Error, StringComparison.Ordinal);
        Finished keyless = EngineProcess.Run(run);
        Assert.Equal(2, keyless.ExitCode);
        Assert.Contains("LOWLATENCY_BYBIT_KEY and LOWLATENCY_BYBIT_SECRET are not both set", keyless.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(rig.Run), "something was begun");
    }

    [Fact]
    public async Task A_key_that_may_withdraw_trades_nothing()
    {
        SandboxOptions options = new()
        {
            Accounts = [new SandboxAccount { Key = LiveRig.Key, Secret = LiveRig.Secret, MayWithdraw = true }],
        };
        await using LiveRig rig = await LiveRig.StartAsync(null, options);
        Finished finished = LiveRig.Once("run", "--live", "-c", rig.Configuration, "-o", rig.Run, "--warm-up", "0");
        Assert.Equal(2, finished.ExitCode);
        Assert.Contains("CanWithdraw", finished.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await rig.CountsThereAsync()).GetProperty("bybitOrders").GetInt32());
    }

    [Fact]
    public async Task Paper_and_live_do_not_share_a_journal()
    {
        await using LiveRig rig = await LiveRig.StartAsync(root =>
        {
            JsonNode demo = JsonNode.Parse(File.ReadAllText(Path.Combine(Support.Repository.Root, "examples", "generator.json")))!;
            root["generator"] = demo["generator"]!.DeepClone();
            root["generator"]!["events"] = 2_000;
        });
        Finished paper = LiveRig.Once("run", "-c", rig.Configuration, "-o", rig.Run, "--warm-up", "0");
        Assert.True(paper.ExitCode == 0, paper.Error);
        Finished live = LiveRig.Once("run", "--live", "-c", rig.Configuration, "-o", rig.Run, "--warm-up", "0");
        Assert.Equal(4, live.ExitCode);
        Assert.Contains("is of a paper run, and this is a live run", live.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_secret_is_in_anything_that_a_run_says_or_leaves()
    {
        await using LiveRig rig = await LiveRig.StartAsync();
        Finished finished;
        string status;
        using (EngineProcess process = rig.Start())
        {
            status = rig.WaitFor(process, LiveRig.Has("executions", 1)).ToString();
            process.Terminate();
            finished = process.Wait();
        }

        Assert.DoesNotContain(LiveRig.Secret, finished.Output + finished.Error + status, StringComparison.Ordinal);
        Assert.DoesNotContain(LiveRig.Key, finished.Output + finished.Error + status, StringComparison.Ordinal);
        foreach (string file in Directory.GetFiles(rig.Run))
        {
            ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
            Assert.True(bytes.IndexOf("sandbox-secret"u8) < 0, file);
            Assert.True(bytes.IndexOf("sandbox-key"u8) < 0, file);
        }
    }
}
