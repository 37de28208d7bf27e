using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using LowLatency.Bench.Canonical;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Journal.Format;

namespace LowLatency.Bench.Durable;

/// <summary>The journal's figures against their targets, each with its baseline in the same run, and the peers beside it.</summary>
internal sealed class DurableRun
{
    internal const string Usage = "usage: Bench -- journal [--quick] [--without-peers] [--out DIR] [--folder DIR]";

    /// <summary>Processors that others may use before a run says nothing.</summary>
    private const double OthersMax = 0.1;

    private static readonly JsonSerializerOptions Json =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly List<Figure> _figures = [];
    private readonly List<string> _remarks = [];
    private bool _quick;
    private bool _peers = true;
    private string? _output;
    private string? _folder;

    private DurableRun()
    {
    }

    /// <summary>Runs, prints and saves.</summary>
    /// <param name="arguments">What follows the word journal.</param>
    /// <param name="perf">The folder perf.</param>
    /// <returns>The exit code.</returns>
    internal static int Run(ReadOnlySpan<string> arguments, string perf)
    {
        DurableRun run = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            bool hasNext = i + 1 < arguments.Length;
            switch (arguments[i])
            {
                case "--quick":
                    run._quick = true;
                    break;
                case "--without-peers":
                    run._peers = false;
                    break;
                case "--out" when hasNext:
                    run._output = arguments[++i];
                    break;
                case "--folder" when hasNext:
                    run._folder = arguments[++i];
                    break;
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }
        }

        run.Go(perf);
        return 0;
    }

    private void Go(string perf)
    {
        DateTimeOffset started = DateTimeOffset.UtcNow;
        DisturbanceWatch watch = new();
        string folder = _folder is null
            ? Directory.CreateTempSubdirectory("lowlatency-bench-").FullName
            : Directory.CreateDirectory(Path.Combine(_folder, "lowlatency-bench")).FullName;
        string fileSystem = new DriveInfo(folder).DriveFormat;
        NoiseFloor noise;
        List<Peer> peers = [];
        try
        {
            noise = NoiseFloor.Measure(TimeSpan.FromSeconds(_quick ? 0.3 : 2), out HdrHistogram _);
            Figures(folder);
            if (_peers)
            {
                peers = new Peers(folder, TimeSpan.FromSeconds(_quick ? 0.3 : 3)).Measure([1, 100, 1000]);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Disturbance disturbance = watch.Stop();
        if (disturbance.Others > OthersMax)
        {
            _remarks.Insert(0, $"Other processes used {disturbance.Others:F2} processors (fio and db_bench of this run among "
                + "them): take the figures with care.");
        }

        Machine machine = Machine.Read();
        DurableReport report = new()
        {
            Version = typeof(Event).Assembly.GetName().Version?.ToString(3) ?? "unknown",
            Date = started.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC",
            Quick = _quick,
            Machine = machine,
            FileSystem = fileSystem,
            Noise = noise,
            Figures = _figures,
            Peers = peers,
            Remarks = _remarks,
            Disturbance = disturbance,
        };
        string target = _output ?? Path.Combine(
            perf, "results", started.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "-" + machine.Slug);
        string text = Markdown(report);
        Console.WriteLine(text);
        if (_quick && _output is null)
        {
            return;
        }

        Directory.CreateDirectory(target);
        File.WriteAllText(Path.Combine(target, "journal.md"), text);
        File.WriteAllText(Path.Combine(target, "journal.json"), JsonSerializer.Serialize(report, Json) + "\n");
        Console.Error.WriteLine("results in " + target);
    }

    private void Figures(string folder)
    {
        (double plain, double written, double flushed, long allocated) = AppendCost.Measure(folder);
        Over("append, written", "ns", written, plain, 15, 8, "128 bytes with CRC into a prepared segment; a plain store of them");
        Over("append, flushed", "ns", flushed, plain, 15, 8, "into the staging ring; a plain store of them");
        int segments = _quick ? 8 : 64;
        double before = Sustained.Plain(folder, segments);
        (double sustained, long inWritten) = Sustained.Journal(
            Path.Combine(folder, "sustained"), Durability.Written, segments);
        double between = Sustained.Plain(folder, segments);
        (double synced, long inFlushed) = Sustained.Journal(
            Path.Combine(folder, "sustained"), Durability.Flushed, segments);
        double after = Sustained.Plain(folder, segments);
        Share("sustained, written", sustained, (before + between) / 2);
        Share("sustained, flushed", synced, (between + after) / 2);
        _remarks.Add($"Plain writer before, between, after: {before / 1e6:F0}, {between / 1e6:F0}, {after / 1e6:F0} MB/s.");
        long bytes = allocated + inWritten + inFlushed;
        _figures.Add(new Figure(
            "allocated by the appending thread", "B", bytes, 0, bytes.ToString(CultureInfo.InvariantCulture), "0", "0",
            bytes == 0 ? "aim" : "no", "in all rounds above"));

        Verified(folder, 1);
        Verified(folder, Environment.ProcessorCount);
        (Percentiles bare, Percentiles service) = CommitTimes.Service(folder, _quick ? 500 : 5_000);
        Times("commit service time p50", service.P50, bare.P50, 1.15, 1.05, "one record, pumped by hand; pwrite and fdatasync of 128 bytes");
        TimeSpan paced = TimeSpan.FromSeconds(_quick ? 0.5 : 5);
        Percentiles slow = CommitTimes.EventToDurable(Path.Combine(folder, "slow"), 1_000, paced);
        Times("event to durable p50 at 1 k/s", slow.P50, bare.P50, 1.3, 1.2, "with the sync thread; the same bare calls");
        Percentiles fast = CommitTimes.EventToDurable(Path.Combine(folder, "fast"), 1_000_000, paced);
        Times("event to durable p50 at 1 M/s", fast.P50, bare.P50, 2.2, 1.8, "group commit; the same bare calls");
        Times("event to durable p99 at 1 M/s", fast.P99, bare.P99, 3, 2.5, "group commit; p99 of the bare calls");
    }

    private void Verified(string folder, int threads)
    {
        double rate = Sustained.Verified(Path.Combine(folder, "verified"), _quick ? 4 : 16, threads) / 1e6;
        _figures.Add(new Figure(
            Text($"verified read, {threads} threads"), "M records/s", Math.Round(rate, 1), 0, Text($"{rate:F1} M"), "100 M", "200 M",
            rate >= 200 ? "aim" : rate >= 100 ? "yes" : "no", "from memory; CRC, chain and number of each record, headers and footers"));
    }

    private void Over(string name, string unit, double value, double baseline, double must, double aim, string remark)
    {
        double over = value - baseline;
        _figures.Add(new Figure(
            name, unit, Math.Round(value, 1), Math.Round(baseline, 1), Text($"+ {over:F1} {unit}"), Text($"+ {must} {unit}"),
            Text($"+ {aim} {unit}"), over <= aim ? "aim" : over <= must ? "yes" : "no", remark));
    }

    private void Share(string name, double rate, double baseline)
    {
        double share = rate / baseline;
        _figures.Add(new Figure(
            name, "MB/s", Math.Round(rate / 1e6), Math.Round(baseline / 1e6), Text($"{share * 100:F0} %"), "80 %", "95 %",
            share >= 0.95 ? "aim" : share >= 0.8 ? "yes" : "no",
            Text($"{rate / Event.Size / 1e6:F2} M records/s over recycled segments; a plain writer, one fdatasync for each 64 MiB")));
    }

    private void Times(string name, long value, long baseline, double must, double aim, string remark)
    {
        double ratio = (double)value / baseline;
        _figures.Add(new Figure(
            name, "us", Math.Round(value / 1e3, 1), Math.Round(baseline / 1e3, 1), Text($"{ratio:F2} x"), Text($"{must} x"),
            Text($"{aim} x"), ratio <= aim ? "aim" : ratio <= must ? "yes" : "no", remark));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Markdown(DurableReport report)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# The journal's figures\n\n{report.Date}, version {report.Version}, ");
        text.Append(CultureInfo.InvariantCulture, $"{report.Machine.Cpu}, {report.Machine.Cores} cores, {report.Machine.Kernel}, ");
        text.Append(CultureInfo.InvariantCulture, $"{report.Machine.Runtime}, {report.FileSystem}.\n");
        text.Append(report.Quick ? "\nA quick run: the figures mean nothing.\n" : string.Empty);
        foreach (string remark in report.Remarks)
        {
            text.Append('\n').Append(remark).Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"\nNoise: {report.Noise.StolenShare * 100:F2} % of the time taken in gaps above 1 us, ");
        text.Append(CultureInfo.InvariantCulture, $"idle lateness p99 {report.Noise.Hiccup.P99 / 1e3:F1} us; ");
        text.Append(CultureInfo.InvariantCulture, $"others used {report.Disturbance.Others} processors, steal {report.Disturbance.Steal}.\n");
        text.Append("\n| figure | journal | baseline | compared | must | aim | reached | what |\n|---|---|---|---|---|---|---|---|\n");
        foreach (Figure f in report.Figures)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {f.Name} | {f.Value} {f.Unit} | {f.Baseline} {f.Unit} | {f.Compared} | ");
            text.Append(CultureInfo.InvariantCulture, $"{f.Must} | {f.Aim} | {f.Reached} | {f.Remark} |\n");
        }

        if (report.Peers.Count > 0)
        {
            text.Append("\n## Beside others\n\nRecords of 128 bytes, durable in batches, one writer, the same disk, one after another.\n");
            text.Append("\n| batch | way | records/s | us for a batch | survives, and notices |\n|---|---|---|---|---|\n");
        }

        foreach (Peer p in report.Peers)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {p.Batch} | {p.Name} | {p.RecordsPerSecond:N0} | {p.MicrosecondsPerCommit:F1} | {p.Promise} |\n");
        }

        return text.ToString();
    }
}
