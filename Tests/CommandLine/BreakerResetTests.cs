using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>A breaker that tripped holds over a restart until a person says why it may measure anew.</summary>
public sealed class BreakerResetTests : IDisposable
{
    private const string Reason = "the orders were those of the rehearsal";

    private readonly TemporaryFolder _folder = new();
    private readonly EngineConfiguration _configuration = GeneratedRuns.Configuration(160_000, root =>
    {
        root["session"]!["journal"]!["segmentMiB"] = 1;
        root["risk"]!["breakers"] = new JsonObject
        {
            ["orders"] = new JsonObject { ["limit"] = 5, ["windowMs"] = 60_000, ["action"] = "reduce" },
        };
    });

    [Fact]
    public void A_tripped_breaker_is_reset_by_a_run_that_says_why_and_the_journal_has_it()
    {
        string run = At("run");
        using (EngineProcess process = EngineProcess.Start("run", "-c", File(), "-o", run, "--speed", "25"))
        {
            process.WaitForRecord(run, 6_000);
            process.Ask();
            Finished first = process.Wait();
            Assert.True(first.ExitCode == 0, first.Error);
            Assert.Contains("RISK: tripped: Orders", first.Output, StringComparison.Ordinal);
        }

        Assert.Equal(["Orders"], Tripped(run));
        string held = At("held");
        string blank = At("blank");
        Copy(run, held);
        Copy(run, blank);
        Finished unsaid = EngineProcess.Run("run", "-c", File(), "-o", held);
        Assert.True(unsaid.ExitCode == 0, unsaid.Error);
        Finished said = EngineProcess.Run("run", "-c", File(), "-o", run, "--reset-breakers", Reason);
        Assert.True(said.ExitCode == 0, said.Error);

        // Held by the breaker, the rest of the run only reduces; reset, it trades until it trips again.
        Assert.True(Orders(run) > Orders(held), $"{Orders(run)} orders after the reset, {Orders(held)} without it");
        Finished verbs = EngineProcess.Run("journal", "inspect", run, "--kind", "operator");
        Assert.Contains("verb=ResetBreakers", verbs.Output, StringComparison.Ordinal);
        Assert.Contains(
            Directory.GetFiles(run, "journal-*.seg"),
            segment => System.IO.File.ReadAllBytes(segment).AsSpan().IndexOf("those of the rehearsal"u8) >= 0);
        Assert.EndsWith("equal\n", EngineProcess.Run("replay", run, "--verify").Output, StringComparison.Ordinal);

        Finished refused = EngineProcess.Run("run", "-c", File(), "-o", blank, "--reset-breakers", "  ");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--reset-breakers: the reason is blank", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void There_must_be_something_to_reset()
    {
        Finished refused = EngineProcess.Run("run", "-c", File(), "-o", At("fresh"), "--reset-breakers", Reason);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--reset-breakers: no breaker is tripped", refused.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Tripped(string run) =>
        [.. Result(run)["risk"]!["trippedBreakers"]!.AsArray().Select(name => (string)name!)];

    private static long Orders(string run) => (long)Result(run)["commands"]![nameof(CommandVerb.New)]!;

    private static JsonNode Result(string run) =>
        JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(run, "result.json")))!;

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            System.IO.File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private string File()
    {
        string path = At("configuration.json");
        System.IO.File.WriteAllBytes(path, _configuration.ToCanonicalJson());
        return path;
    }
}
