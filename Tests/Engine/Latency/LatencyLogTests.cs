using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Engine.Latency;
using LowLatency.Journal.Reports;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Latency;

public sealed class LatencyLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_log_holds_every_value_once_in_intervals_that_follow_one_another()
    {
        LatencyMeter meter = new(LatencyDetail.Hops);
        HdrHistogram?[] totals;
        string path;
        using (LatencyLog log = LatencyLog.Start(_folder.Path, 7, meter, TimeSpan.FromMilliseconds(5), "a test", Assert.Fail))
        {
            path = log.Path;
            for (int i = 0; i < 400; i++)
            {
                meter[Hop.Journal]!.Record(i);
                meter[Hop.Fold]!.Record(1_000);
                System.Threading.Thread.Yield();
                System.Threading.Thread.SpinWait(10_000);
            }

            // Recorded once and never again: its interval is closed by the end.
            meter[Hop.Gate]!.Record(42);
            meter[Hop.Send]!.Record(IntervalRecorder.Highest + 1);
            totals = log.Finish();
        }

        Assert.Equal("latency-000007.hlog", Path.GetFileName(path));
        LatencyRun run = LatencyRun.Load(path);
        Assert.Equal(["journal", "fold", "gate"], Names(run));
        Assert.Equal(400, run.Find("journal")!.TotalCount);
        Assert.Equal(totals[(int)Hop.Journal]!.Counts.ToArray(), run.Find("journal")!.Counts.ToArray());
        Assert.Equal(400, run.Find("fold")!.CountAtValue(1_000));
        Assert.Equal(1, run.Find("gate")!.CountAtValue(42));
        Assert.Contains("a test", run.Notes);
        Assert.Contains("send: 1 values above 60 s are in no histogram", run.Notes);
        Assert.True(run.Intervals > 3);

        Dictionary<string, long> ends = [];
        using StreamReader text = new(path);
        HistogramLogReader reader = new(text);
        while (reader.TryRead(out HistogramInterval? interval))
        {
            // Times of the format are whole milliseconds.
            long earliest = ends.GetValueOrDefault(interval!.Tag!) - 1_000_000;
            Assert.True(interval.Start >= earliest, $"{interval.Tag} begins before it ended");
            Assert.True(interval.Start > DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds() * 1_000_000);
            ends[interval.Tag!] = interval.Start + interval.Length;
        }
    }

    [Fact]
    public void The_log_of_an_earlier_run_is_never_written_over()
    {
        string path = Path.Combine(_folder.Path, LatencyLog.FileName(3));
        File.WriteAllText(path, "mine");
        foreach (string name in (string[])["latency-000003-2.hlog", "latency-000003-3.hlog"])
        {
            LatencyMeter meter = new(LatencyDetail.Messages);
            using LatencyLog log = LatencyLog.Start(_folder.Path, 3, meter, TimeSpan.FromSeconds(1), "a test", Assert.Fail);
            meter.Begin();
            meter.End(commanded: true);
            Assert.Equal(name, Path.GetFileName(log.Path));

            // Read while it is written: there is nothing in it yet, and it is no error of the file.
            Assert.Contains("no interval", Assert.Throws<InvalidDataException>(() => LatencyRun.Load(log.Path)).Message, StringComparison.Ordinal);
            log.Finish();
            Assert.Equal(1, Assert.Single(LatencyRun.Load(log.Path).Hops).Histogram.TotalCount);
        }

        Assert.Equal("mine", File.ReadAllText(path));
    }

    [Fact]
    public void A_full_disk_is_said_once_and_ends_only_the_log()
    {
        List<string> said = [];
        LatencyMeter meter = new(LatencyDetail.Messages);
        using (LatencyLog log = LatencyLog.Start(
            new FullDisk(), "full", meter, TimeSpan.FromMilliseconds(2), "a test", said.Add))
        {
            for (int i = 0; i < 100; i++)
            {
                meter.Begin();
                meter.End(commanded: true);
                System.Threading.Thread.SpinWait(100_000);
            }

            HdrHistogram?[] totals = log.Finish();
            Assert.Equal(100, totals[(int)Hop.MessageWithCommand]!.TotalCount);
        }

        Assert.Contains("the run goes on without it", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_is_measured_has_a_histogram()
    {
        LatencyMeter messages = new(LatencyDetail.Messages);
        Assert.Null(messages[Hop.Fold]);
        Assert.NotNull(messages[Hop.MessageWithCommand]);
        Assert.NotNull(new LatencyMeter(LatencyDetail.Hops)[Hop.Fold]);
        Assert.Null(LatencyMeter.Of(LatencyDetail.Off));
        Assert.Equal(Hops.Count, Hops.Tags.Length);
        Assert.Equal(Hops.Count, Enum.GetValues<Hop>().Length);
    }

    public void Dispose() => _folder.Dispose();

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("no space left on device");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("no space left on device");
    }

    private static List<string> Names(LatencyRun run)
    {
        List<string> names = [];
        foreach (MeasuredHop hop in run.Hops)
        {
            names.Add(hop.Tag);
        }

        return names;
    }
}
