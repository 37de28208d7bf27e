using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>Being asked to stop, by real signals at awkward moments; and a disk that becomes full.</summary>
public sealed class StopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EngineConfiguration _configuration = GeneratedRuns.Configuration(
        0, root => root["session"]!["journal"]!["segmentMiB"] = 1);

    [Fact]
    public void A_signal_during_the_warm_up_ends_the_run_cleanly_and_leaves_nothing_behind()
    {
        string run = At("run");
        string temporary = At("temporary");
        Directory.CreateDirectory(temporary);
        using EngineProcess process = EngineProcess.Start(
            new Dictionary<string, string> { ["TMPDIR"] = temporary }, "run", "-c", Configuration(), "-o", run);
        long start = Stopwatch.GetTimestamp();
        while (Directory.GetDirectories(temporary, "lowlatency-warm-up-*").Length == 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "it does not warm up");
            Thread.Yield();
        }

        process.Terminate();
        Finished finished = process.Wait();
        Assert.True(finished.ExitCode == 0, finished.ExitCode + finished.Error);
        Assert.Empty(Directory.GetFileSystemEntries(temporary, "lowlatency-*"));
        Assert.Empty(Directory.GetFiles(run, "*.seg"));
    }

    [Fact]
    public void Asking_again_and_again_does_not_keep_the_journal_from_being_sealed()
    {
        string run = At("run");
        using EngineProcess process = EngineProcess.Start("run", "-c", Configuration(), "-o", run);
        process.WaitForRecord(run, 20_000);
        process.Terminate();
        for (int i = 0; i < 50 && !process.HasExited; i++)
        {
            process.Ask();
            process.Terminate();
            Thread.Yield();
        }

        Finished finished = process.Wait();
        Assert.True(finished.ExitCode == 0, finished.ExitCode + finished.Error);
        GeneratedRuns.AssertSound(run);
        Assert.Equal([EndReason.Requested], BacktestIdentityTests.Ends(run));
        Assert.Single(Directory.GetFiles(run, "snapshot-*.snap"), file => new FileInfo(file).Length > 0);
        Assert.Contains("warning: the generated market has no end", finished.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_without_room_for_two_segments_refuses_the_start_and_reduces_a_run()
    {
        long free = 3 << 20;
        string run = At("run");
        IOException refused = Assert.Throws<IOException>(() => new SpaceWatch(run, 2 << 20, () => free).Dispose());
        Assert.Contains("3145728 bytes are free on the disk", refused.Message, StringComparison.Ordinal);

        List<string> alarms = [];
        using SpaceWatch space = new(run, 1 << 20, () => Volatile.Read(ref free));
        using JournalDirectory journal = JournalDirectory.Open(run, _configuration, mayResume: false);
        using Session session = new(new SessionPlan
        {
            Configuration = _configuration,
            Inputs = new MarketGenerator(_configuration.Generator!),
            Journal = journal,
            Space = space,
            Alarm = alarms.Add,
        });
        session.Poll(2_000);
        Assert.Empty(alarms);
        Volatile.Write(ref free, 1 << 20);
        SpinWait.SpinUntil(() => space.Low is not null);
        session.Poll(100);
        session.RequestStop();
        session.RunToEnd();
        Assert.Equal(TradingState.Reducing, session.Finish().FinalState);
        Assert.Contains("1048576 bytes are free", Assert.Single(alarms), StringComparison.Ordinal);
        Assert.Single(BacktestIdentityTests.Events(run), e =>
            e.Kind == EventKind.Operator && e.Operator.Verb == OperatorVerb.Reduce);
    }

    [Fact]
    public void A_disk_that_no_longer_says_how_much_room_it_has_is_an_alarm()
    {
        int asked = 0;
        using SpaceWatch space = new(
            At("run"), 1, () => asked++ == 0 ? 1 << 20 : throw new IOException("the disk is gone"));
        Assert.True(SpinWait.SpinUntil(() => space.Low is not null, TimeSpan.FromSeconds(30)));
        Assert.Contains("the disk is gone", space.Low, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Configuration()
    {
        string file = At("configuration.json");
        File.WriteAllBytes(file, _configuration.ToCanonicalJson());
        return file;
    }

    private string At(string name) => Path.Combine(_folder.Path, name);
}
