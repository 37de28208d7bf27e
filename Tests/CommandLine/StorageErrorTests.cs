using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>Failing system calls under the real engine: strace answers in the kernel's place. Skipped where it may not.</summary>
public sealed partial class StorageErrorTests : IDisposable
{
    private const int Storage = 4;
    private readonly TemporaryFolder _folder = new();
    private readonly EngineConfiguration _configuration = GeneratedRuns.Configuration(
        40_000,
        root =>
        {
            root["session"]!["journal"]!["segmentMiB"] = 1;
            root["session"]!["journal"]!["durability"] = "flushed";
        });

    [Theory]
    [InlineData("EIO")]
    [InlineData("ENOSPC")]
    public void A_failing_fdatasync_halts_the_engine_and_lets_no_further_command_go(string errno)
    {
        // Counted for each thread: the opening thread makes fewer than this, so it is a batch of the sync thread.
        string run = Path.Combine(_folder.Path, "run");
        Finished finished = Traced(run, "-e", $"inject=fdatasync:error={errno}:when=60", out string[] trace);
        Assert.True(finished.ExitCode == Storage, finished.Output + finished.Error);
        Assert.Contains("fdatasync", finished.Error, StringComparison.Ordinal);
        Assert.Contains(errno, finished.Error, StringComparison.Ordinal);
        Assert.Contains(".seg", finished.Error, StringComparison.Ordinal);

        int failed = Array.FindIndex(trace, line => line.Contains("(INJECTED)", StringComparison.Ordinal));
        Assert.True(failed >= 0, "nothing was injected");
        string file = Synced().Match(trace[failed]).Groups["file"].Value;
        HashSet<string> later = [];
        for (int i = failed + 1; i < trace.Length; i++)
        {
            Match again = Synced().Match(trace[i]);
            Assert.False(again.Success && again.Groups["file"].Value == file, "the failed sync was repeated: " + trace[i]);
            if (Sent().Match(trace[i]) is { Success: true } sent)
            {
                later.Add(sent.Groups["event"].Value);
            }
        }

        // The gate of one event may have been open already when the sync failed.
        Assert.True(later.Count <= 1, "commands left after the failed sync: " + string.Join(' ', later));
        long last = -1;
        foreach (string line in finished.Output.Split('\n'))
        {
            if (line.StartsWith("command ", StringComparison.Ordinal))
            {
                last = long.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture);
            }
        }

        Assert.True(last > 0, "no command left before the failure: it came too early to mean anything");
        RecoveryReport journal = JournalRecovery.Examine(new PosixStorage(), run, StreamKind.Journal);
        Assert.False(journal.IsRefused, journal.Refusal?.ToString());
        Assert.True(journal.Next > last, $"event {last} is lost, the journal ends before {journal.Next}");
        AssertGoesOn(run);
    }

    [Fact]
    public void A_disk_without_room_for_the_next_segment_reduces_first_and_halts_when_the_last_one_is_full()
    {
        string run = Path.Combine(_folder.Path, "run");
        Finished finished = Traced(run, "-e", "inject=fallocate:error=ENOSPC:when=3+", out string[] trace);
        Assert.Contains(trace, line => line.Contains("(INJECTED)", StringComparison.Ordinal));
        Assert.True(finished.ExitCode == Storage, finished.Output + finished.Error);
        Assert.Contains("fallocate", finished.Error, StringComparison.Ordinal);
        Assert.Contains("ENOSPC", finished.Error, StringComparison.Ordinal);
        AssertGoesOn(run);
        bool reduced = false;
        foreach (Event e in BacktestIdentityTests.Events(run))
        {
            reduced |= e.Kind == EventKind.Operator && e.Operator.Verb == OperatorVerb.Reduce;
        }

        Assert.True(reduced, "the engine did not reduce while it still could");
    }

    public void Dispose() => _folder.Dispose();

    private void AssertGoesOn(string run)
    {
        Finished next = EngineProcess.Run("run", "-c", Configuration(), "-o", run, "--warm-up", "0");
        Assert.True(next.ExitCode == 0, next.Error);
        Assert.Contains("recovered ", next.Output, StringComparison.Ordinal);
        GeneratedRuns.AssertSound(run);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
    }

    private Finished Traced(string run, string option, string injection, out string[] trace)
    {
        string log = Path.Combine(_folder.Path, "trace");
        SkipWithoutTracing();
        Finished finished = EngineProcess.RunUnder(
            ["strace", "-f", "-y", "-s", "200", "-o", log, "-e", "trace=fdatasync,fallocate,write", option, injection],
            "run", "-c", Configuration(), "-o", run, "--warm-up", "0", "--print-commands");
        trace = File.ReadAllLines(log);
        return finished;
    }

    private string Configuration()
    {
        string file = Path.Combine(_folder.Path, "configuration.json");
        File.WriteAllBytes(file, _configuration.ToCanonicalJson());
        return file;
    }

    internal static void SkipWithoutTracing()
    {
        try
        {
            using Process probe = Process.Start(
                new ProcessStartInfo("strace", ["-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"])
                {
                    RedirectStandardError = true,
                })!;
            string said = probe.StandardError.ReadToEnd();
            probe.WaitForExit();
            if (probe.ExitCode != 0)
            {
                Assert.Skip("strace may not trace here: " + said.Trim());
            }
        }
        catch (Win32Exception absent)
        {
            Assert.Skip("strace is not here: " + absent.Message);
        }
    }

    [GeneratedRegex(@"fdatasync\(\d+<(?<file>[^>]*)>")]
    private static partial Regex Synced();

    [GeneratedRegex("""write\(1<[^>]*>, "command \S+ (?<event>\d+) """)]
    private static partial Regex Sent();
}
