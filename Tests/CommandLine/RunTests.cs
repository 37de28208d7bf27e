using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Journal.Format;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>A run as a process: stopped, killed, started twice, continued, on damaged files, elsewhere in the world.</summary>
public sealed class RunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EngineConfiguration _configuration = GeneratedRuns.Configuration(
        40_000, root => root["session"]!["journal"]!["segmentMiB"] = 1);

    [Fact]
    public void An_interrupted_run_ends_cleanly_with_a_sealed_journal_and_a_result()
    {
        string run = At("run");
        using EngineProcess process = EngineProcess.Start("run", "-c", Configuration(), "-o", run, "--speed", "10");
        process.WaitForRecord(run, 2_000);
        process.Ask();
        Finished finished = process.Wait();
        Assert.True(finished.ExitCode == 0, finished.Error);
        Assert.Equal([EndReason.Requested], BacktestIdentityTests.Ends(run));
        GeneratedRuns.AssertSound(run);
        Finished verified = EngineProcess.Run("journal", "verify", run);
        Assert.True(verified.ExitCode == 0, verified.Output);
        JsonNode result = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "result.json")))!;
        JsonNode manifest = result["manifest"]!;
        Assert.Equal("run", (string?)manifest["command"]);
        Assert.Equal("synthetic", (string?)manifest["dataKind"]);
        Assert.Equal(42, (long)manifest["seed"]!);
        Assert.Equal(Convert.ToHexStringLower(_configuration.DecisionHash.AsSpan()), (string?)manifest["configurationHash"]);
        Assert.Matches("^[0-9a-f]{64}$", (string?)manifest["buildHash"]);
        Assert.Equal("Books", (string?)manifest["fidelity"]);
        Assert.Matches("^[0-9a-f]{32}$", (string?)result["decisionDigest"]);
        Assert.Contains("SYNTHETIC", finished.Output, StringComparison.Ordinal);

        // Continued to the end of its market, it is one run in two parts, each with its own log of latencies.
        Finished second = EngineProcess.Run("run", "-c", Configuration(), "-o", run, "--latency", "hops");
        Assert.True(File.Exists(Path.Combine(run, "latency-000001.hlog")) && File.Exists(Path.Combine(run, "latency-000002.hlog")));
        string page = At("page.html");
        Finished latency = EngineProcess.Run(
            "latency", Path.Combine(run, "latency-000001.hlog"), Path.Combine(run, "latency-000002.hlog"), "--html", page);
        Assert.True(latency.ExitCode == 0, latency.Error);
        Assert.Contains("only in latency-000002.hlog: receive, publish, journal, fold, signal", latency.Output, StringComparison.Ordinal);
        Assert.Contains("message-without-command", latency.Output, StringComparison.Ordinal);
        Assert.Contains("</html>", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Contains("recovered ", second.Output, StringComparison.Ordinal);
        Assert.Equal([EndReason.Requested, EndReason.EndOfData], BacktestIdentityTests.Ends(run));
        AssertReplaysAndBacktests(run);

        Finished third = EngineProcess.Run("run", "-c", Configuration(), "-o", run);
        Assert.Equal(3, third.ExitCode);
        Assert.Contains("the market holds no event after the", third.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_killed_again_and_again_loses_nothing_and_ends_where_it_would_have()
    {
        string run = At("run");
        long killedAt = 0;
        foreach (long further in (ReadOnlySpan<long>)[1, 40, 700, 3_000, 9_000])
        {
            using EngineProcess process = EngineProcess.Start("run", "-c", Configuration(), "-o", run, "--speed", "25");
            process.WaitForRecord(run, killedAt + further);
            Finished killed = process.KillNow();
            Assert.Equal(EngineProcess.Killed, killed.ExitCode);
            if (killedAt != 0)
            {
                Assert.Contains("recovered ", killed.Output, StringComparison.Ordinal);
            }

            (string file, long index) = EngineProcess.LastRecord(run, StreamKind.Journal);
            Assert.True(SegmentLayout.TryParseName(StreamKind.Journal, Path.GetFileName(file), out long first));
            Assert.True(first + index >= killedAt + further, "a record that was there is gone");
            killedAt = first + index;
        }

        Finished last = EngineProcess.Run("run", "-c", Configuration(), "-o", run);
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Contains($"recovered {killedAt + 1} events", last.Output, StringComparison.Ordinal);
        GeneratedRuns.AssertSound(run);
        string whole = At("whole");
        GeneratedRuns.Direct(_configuration, whole);
        Assert.Equal(BacktestIdentityTests.MarketOf(whole), BacktestIdentityTests.MarketOf(run));
        AssertReplaysAndBacktests(run);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_half_written_last_record_is_cut_reported_and_the_run_goes_on(bool truncated)
    {
        string run = At("run");
        using (EngineProcess process = EngineProcess.Start("run", "-c", Configuration(), "-o", run, "--speed", "25"))
        {
            process.WaitForRecord(run, 1_500);
            process.KillNow();
        }

        (string file, long index) = EngineProcess.LastRecord(run, StreamKind.Journal);
        Assert.True(SegmentLayout.TryParseName(StreamKind.Journal, Path.GetFileName(file), out long first));
        long next = SegmentLayout.RecordOffset(index + 1);
        using (FileStream segment = File.OpenWrite(file))
        {
            segment.Position = next;
            segment.Write("half a record, then the power went"u8);
            if (truncated)
            {
                segment.SetLength(next + (SegmentLayout.RecordSize / 2));
            }
        }

        Finished damaged = EngineProcess.Run("journal", "verify", run);
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains(Path.GetFileName(file), damaged.Output, StringComparison.Ordinal);
        Finished finished = EngineProcess.Run("run", "-c", Configuration(), "-o", run);
        Assert.True(finished.ExitCode == 0, finished.Error);
        Assert.Contains($"recovered {first + index + 1} events", finished.Output, StringComparison.Ordinal);
        Assert.Matches(truncated ? @"\[[DF]\] .*offset " : $@"cut [1-9]\d*\n +\[D\] .*offset {next}", finished.Output);
        GeneratedRuns.AssertSound(run);
        AssertReplaysAndBacktests(run);
    }

    [Fact]
    public void One_flipped_bit_in_a_sealed_record_is_refused_with_its_place()
    {
        string run = At("run");
        GeneratedRuns.Direct(_configuration, run);
        string[] segments = Directory.GetFiles(run, "journal-*.seg");
        Array.Sort(segments, StringComparer.Ordinal);
        long offset = SegmentLayout.RecordOffset(5_000);
        using (FileStream file = File.Open(segments[1], FileMode.Open))
        {
            file.Position = offset + 70;
            int value = file.ReadByte();
            file.Position = offset + 70;
            file.WriteByte((byte)(value ^ 0x10));
        }

        string place = Path.GetFileName(segments[1]) + " at offset " + offset;
        Dictionary<string, byte[]> before = Content(run);
        Finished verified = EngineProcess.Run("journal", "verify", run);
        Assert.Equal(1, verified.ExitCode);
        Assert.Contains(place, verified.Output, StringComparison.Ordinal);

        // From its snapshot a start looks at what came after; without one it reads everything.
        foreach (string snapshot in Directory.GetFiles(run, "snapshot-*.snap"))
        {
            File.Delete(snapshot);
        }

        Finished started = EngineProcess.Run("run", "-c", Configuration(), "-o", run);
        Assert.Equal(4, started.ExitCode);
        Assert.Contains(place, started.Error, StringComparison.Ordinal);
        Finished replayed = EngineProcess.Run("replay", run, "--verify");
        Assert.Equal(4, replayed.ExitCode);
        Assert.Contains(place, replayed.Error, StringComparison.Ordinal);
        Finished backtested = EngineProcess.Run("backtest", "-d", run);
        Assert.Equal(4, backtested.ExitCode);

        // A market input that breaks on the way ends the run with the same code.
        Finished fed = EngineProcess.Run("run", "-c", Configuration(), "-d", run, "-o", At("fed"));
        Assert.Equal(4, fed.ExitCode);
        Assert.Contains(place, fed.Error, StringComparison.Ordinal);
        Assert.Equal(before, Content(run));
    }

    [Fact]
    public void A_second_engine_on_the_same_journal_is_refused_at_once()
    {
        string run = At("run");
        using EngineProcess process = EngineProcess.Start("run", "-c", Configuration(), "-o", run, "--speed", "5");
        process.WaitForRecord(run, 100);
        Finished second = EngineProcess.Run("run", "-c", Configuration(), "-o", run);
        Assert.Equal(4, second.ExitCode);
        Assert.Contains("already running: " + run, second.Error, StringComparison.Ordinal);
        Finished import = EngineProcess.Run("import", Configuration(), "-o", run);
        Assert.NotEqual(0, import.ExitCode);
        Assert.False(process.HasExited);
        process.Ask();
        Assert.Equal(0, process.Wait().ExitCode);
        AssertReplaysAndBacktests(run);
    }

    [Fact]
    public void Another_time_zone_and_language_give_the_same_digests()
    {
        string run = At("run");
        RunResult result = GeneratedRuns.Live(_configuration, run);
        GeneratedRuns.AssertEnoughHappened(result);
        foreach ((string zone, string language) in (ReadOnlySpan<(string, string)>)[("Asia/Kolkata", "tr_TR.UTF-8"), ("America/New_York", "de_DE.UTF-8")])
        {
            string json = At("result.json");
            string again = At("again-" + language);
            Finished finished = EngineProcess.Run(
                new Dictionary<string, string> { ["TZ"] = zone, ["LANG"] = language, ["LC_ALL"] = language },
                "backtest", "-d", run, "-o", again, "--json", json);
            Assert.True(finished.ExitCode == 0, finished.Error);
            JsonNode node = JsonNode.Parse(File.ReadAllText(json))!;
            Assert.Equal(result.DecisionDigest.ToString(), (string?)node["decisionDigest"]);
            Assert.Equal(result.StateDigest.ToString(), (string?)node["stateDigest"]);
            Assert.Equal(JournalIdentity.Of(run), JournalIdentity.Of(again));
        }
    }

    [Fact]
    public void What_a_breaker_of_an_earlier_configuration_halted_trades_again_when_a_person_says_why()
    {
        string run = At("tripped");
        static JsonNode Halting(long events)
        {
            JsonNode root = JsonNode.Parse(GeneratedRuns.Configuration(events).ToCanonicalJson())!;
            root["risk"]!["breakers"]!["losingTrades"]!["limit"] = 1;
            root["risk"]!["breakers"]!["losingTrades"]!["action"] = "halt";
            return root;
        }

        string Of(string name, JsonNode root)
        {
            File.WriteAllText(At(name), root.ToJsonString());
            return At(name);
        }

        Finished first = EngineProcess.Run("run", "-c", Of("first.json", Halting(8_000)), "-o", run);
        Assert.Equal(0, first.ExitCode);
        Assert.Contains("tripped", first.Output, StringComparison.Ordinal);

        // Another configuration takes over what stopped cleanly; its breakers know nothing of the trip.
        string second = Of("second.json", Halting(10_000));
        Finished restrained = EngineProcess.Run("run", "-c", second, "-o", run);
        Assert.Equal(0, restrained.ExitCode);
        Assert.Contains("--activate", restrained.Error, StringComparison.Ordinal);
        JsonNode free = Halting(14_000);
        free["risk"]!["breakers"]!["losingTrades"]!["limit"] = 0;
        string third = Of("third.json", free);
        Finished active = EngineProcess.Run("run", "-c", third, "-o", run, "--activate", "looked at the losing trade");
        Assert.True(active.ExitCode == 0, active.Error);
        Assert.DoesNotContain("--activate", active.Error, StringComparison.Ordinal);
        Assert.Contains("\"tradingState\": \"Active\"", File.ReadAllText(Path.Combine(run, "result.json")), StringComparison.OrdinalIgnoreCase);
        Finished needless = EngineProcess.Run("run", "-c", third, "-o", At("fresh"), "--activate", "why");
        Assert.Equal(2, needless.ExitCode);
        Assert.Contains("nothing restrains", needless.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_demo_runs_replays_and_backtests_to_the_same_records()
    {
        string demo = At("demo");
        Finished finished = EngineProcess.Run("demo", "--out", demo, "--events", "20000");
        Assert.True(finished.ExitCode == 0, finished.Error + finished.Output);
        Assert.Contains("run, replay and backtest agree, bit for bit", finished.Output, StringComparison.Ordinal);
        Assert.Equal(JournalIdentity.Of(Path.Combine(demo, "run")), JournalIdentity.Of(Path.Combine(demo, "backtest")));
        GeneratedRuns.AssertSound(Path.Combine(demo, "run"));
    }

    public void Dispose() => _folder.Dispose();

    private static Dictionary<string, byte[]> Content(string folder)
    {
        Dictionary<string, byte[]> content = [];
        foreach (string file in Directory.GetFiles(folder, "*.seg"))
        {
            content[Path.GetFileName(file)] = System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file));
        }

        return content;
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private string Configuration()
    {
        string file = At("configuration.json");
        File.WriteAllBytes(file, _configuration.ToCanonicalJson());
        return file;
    }

    private void AssertReplaysAndBacktests(string run)
    {
        Finished replayed = EngineProcess.Run("replay", run, "--verify");
        Assert.True(replayed.ExitCode == 0, replayed.Output + replayed.Error);
        Assert.EndsWith("equal\n", replayed.Output, StringComparison.Ordinal);
        string again = At("again");
        Finished backtested = EngineProcess.Run("backtest", "-d", run, "-o", again);
        Assert.True(backtested.ExitCode == 0, backtested.Error);
        Assert.Equal(JournalIdentity.Of(run), JournalIdentity.Of(again));
    }
}
