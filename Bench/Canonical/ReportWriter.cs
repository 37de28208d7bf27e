using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LowLatency.Journal.Reports;

namespace LowLatency.Bench.Canonical;

/// <summary>Writes a report: JSON for programs, Markdown for people, histogram log, one line of the history.</summary>
internal static class ReportWriter
{
    internal const string HistoryHead =
        "date,machine,version,events_per_s_off,events_per_s_written,events_per_s_flushed,replay_events_per_s,"
        + "service_p50_ns,service_p99_ns,open_100k_p50_ns,open_100k_p99_ns,round_trip_p50_ns,stolen_share,others_cpus";

    private const string Picture = "latencies.svg";

    private static readonly JsonSerializerOptions _options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The report as JSON.</summary>
    internal static byte[] Json(Report report) => JsonSerializer.SerializeToUtf8Bytes(report, _options);

    /// <summary>The report as Markdown.</summary>
    internal static string Markdown(Report report)
    {
        MarkdownText text = new();
        text.Line($"# Canonical workload, {report.Date}");
        text.Line();
        text.Line($"LowLatency {report.Version} on {report.Machine.Cpu}, {report.Machine.Cores} processors; "
            + $"{report.Machine.Kernel}; {report.Machine.Runtime}; "
            + (report.Machine.PinnedTo < 0 ? "not pinned." : $"hot thread on processor {report.Machine.PinnedTo}."));
        text.Line($"{report.Workload} The run took {report.Seconds:F0} s; other processes used "
            + $"{Cpus(report.Disturbance.Others)} processors, the host took {Cpus(report.Disturbance.Steal)}.");
        if (report.Quick)
        {
            text.Line();
            text.Line("**A quick run: a smoke test, not a measurement.**");
        }

        foreach (string remark in report.Remarks)
        {
            text.Line();
            text.Line($"**{remark}**");
        }

        WriteNoise(text, report.Noise);
        WriteSpeeds(text, report);
        WriteWire(text, report);
        WriteLatencies(text, report);
        WriteProfile(text, report.Profile);
        WriteJudgements(text, report.Judgements);
        return text.ToString();
    }

    /// <summary>The report's line of the history, in the order of <see cref="HistoryHead"/>.</summary>
    internal static string HistoryLine(Report report)
    {
        Latency? open = Find(report.OpenLoop, latency => latency.OfferedPerSecond == 100_000);
        return string.Join(',',
            report.Date, report.Machine.Slug, report.Version,
            Rate("off"), Rate("written"), Rate("flushed"),
            Number(Find(report.Speeds, speed => speed.Name == "replay")?.PerSecond),
            Number(report.Service?.ToCommand.P50), Number(report.Service?.ToCommand.P99),
            Number(open?.ToCommand.P50), Number(open?.ToCommand.P99),
            Number(report.Noise?.RoundTrip?.P50),
            report.Noise?.StolenShare.ToString("F5", CultureInfo.InvariantCulture) ?? string.Empty,
            report.Disturbance.Others?.ToString("F3", CultureInfo.InvariantCulture) ?? string.Empty);

        string Rate(string recording) =>
            Number(Find(report.Throughput, found => found.From == "events" && found.Recording == recording)?.EventsPerSecond);
    }

    /// <summary>Writes report.json, report.md, latencies.svg and latencies.hlog.</summary>
    internal static void Save(Report report, IReadOnlyList<NamedHistogram> histograms, string folder, long startTime)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "report.json"), Json(report));
        File.WriteAllText(Path.Combine(folder, "report.md"), Markdown(report));
        if (histograms.Count == 0)
        {
            return;
        }

        File.WriteAllText(Path.Combine(folder, Picture), LatencySvg.Draw(Curves(histograms)));
        using StreamWriter file = new(Path.Combine(folder, "latencies.hlog"), false, new UTF8Encoding(false));
        HistogramLogWriter log = new(file);
        log.WriteVersion();
        log.WriteStartTime(startTime);
        log.WriteBaseTime(startTime);
        log.WriteLegend();
        foreach (NamedHistogram named in histograms)
        {
            log.WriteInterval(named.Histogram, named.Start, named.End, named.Tag);
        }
    }

    /// <summary>What is drawn: messages with a command, and the noise that they cannot be below.</summary>
    private static List<NamedHistogram> Curves(IReadOnlyList<NamedHistogram> histograms)
    {
        List<NamedHistogram> curves = [];
        foreach (NamedHistogram named in histograms)
        {
            if (!named.Tag.EndsWith("-without-command", StringComparison.Ordinal))
            {
                curves.Add(named);
            }
        }

        return curves;
    }

    /// <summary>Appends the report's line to a history file.</summary>
    internal static void AppendHistory(Report report, string path)
    {
        if (!File.Exists(path))
        {
            File.WriteAllText(path, HistoryHead + "\n");
        }

        File.AppendAllText(path, HistoryLine(report) + "\n");
    }

    private static void WriteNoise(MarkdownText text, NoiseFloor? noise)
    {
        if (noise is null)
        {
            return;
        }

        text.Head("The machine's own noise", "what", "p50", "p99", "p99.9", "p99.99", "max");
        if (noise.RoundTrip is { } trip)
        {
            text.Row("round trip between two processors", trip, withP90: false);
        }

        text.Row("lateness of an idle thread (arrivals every 1 us)", noise.Hiccup, withP90: false);
        text.Line();
        text.Line($"One look at the clock takes {noise.ClockNanoseconds:F0} ns. A thread that only looks at the clock loses "
            + $"{noise.StolenShare * 100:F2} % of its time in {noise.GapsPerSecond:F0} gaps/s above 1 us: "
            + "no open-loop percentile can be below the second row.");
    }

    private static void WriteSpeeds(MarkdownText text, Report report)
    {
        if (report.Throughput.Count != 0)
        {
            text.Head("Throughput: the market through the whole pipeline, one thread",
                "from", "journal", "events/s", "messages/s", "commands/s", "ns/event", "bytes allocated", "collections", "others' CPUs");
            foreach (Throughput found in report.Throughput)
            {
                text.Cells(found.From, found.Recording, Big(found.EventsPerSecond), Big(found.MessagesPerSecond),
                    Big(found.CommandsPerSecond), $"{found.NanosecondsPerEvent:F0}", $"{found.AllocatedBytes}",
                    $"{found.Collections}", Cpus(found.Disturbance.Others));
            }
        }

        if (report.Sustained.Count != 0)
        {
            text.Head("Sustained: the same, second by second",
                "journal", "seconds", "events/s", "slowest second", "GB of journal", "bytes allocated", "collections", "others' CPUs");
            foreach (Sustained found in report.Sustained)
            {
                text.Cells(found.Recording, $"{found.Seconds:F0}", Big(found.EventsPerSecond), Big(found.SlowestSecond),
                    $"{found.JournalBytes / 1e9:F1}", $"{found.AllocatedBytes}", $"{found.Collections}", Cpus(found.Disturbance.Others));
            }
        }

        if (report.Speeds.Count != 0)
        {
            text.Head("Journal, replay, backtest", "what", "events/s", "ns/event", "events", "remark");
            foreach (Speed speed in report.Speeds)
            {
                text.Cells(speed.Name, Big(speed.PerSecond), $"{speed.Nanoseconds:F1}", $"{speed.Count}", speed.Remark);
            }
        }
    }

    private static void WriteWire(MarkdownText text, Report report)
    {
        if (report.Wire.Count != 0)
        {
            text.Head("Bytes to events, commands to bytes", "what", "ns", "remark");
            foreach (Speed speed in report.Wire)
            {
                text.Cells(speed.Name, $"{speed.Nanoseconds:F0}", speed.Remark);
            }
        }

        if (report.Ring is { } trips)
        {
            text.Line();
            text.Line($"A round trip between two processors through two rings takes {trips.Ring:F0} ns, by two bare flags "
                + $"{trips.Flags:F0} ns, in turns: {trips.Ratio:F2} x.");
        }

        if (report.PrivateBytes is { } bytes)
        {
            text.Line();
            text.Line($"A run of the shipped program on this workload holds {bytes / 1e6:F0} MB of memory of its own.");
        }
    }

    private static void WriteLatencies(MarkdownText text, Report report)
    {
        if (report.Service is { } service)
        {
            text.Head("Service time, closed loop: a message's bytes at hand to the bytes of its first order",
                "message", "count", "p50", "p90", "p99", "p99.9", "p99.99", "max");
            text.Row($"with a command | {service.ToCommand.Count}", service.ToCommand, withP90: true);
            text.Row($"without | {service.WithoutCommand.Count}", service.WithoutCommand, withP90: true);
        }

        if (report.Service is not null || report.OpenLoop.Count != 0)
        {
            text.Line();
            text.Line($"![Percentiles of latency, each step to the right ten times rarer]({Picture})");
        }

        if (report.OpenLoop.Count == 0)
        {
            return;
        }

        text.Head("Latency, open loop: intended arrival of a message's bytes to the bytes of its first order",
            "offered", "achieved", "kept up", "message", "p50", "p90", "p99", "p99.9", "p99.99", "max");
        foreach (Latency latency in report.OpenLoop)
        {
            string head = $"{Big(latency.OfferedPerSecond)}/s | {Big(latency.AchievedPerSecond)}/s | "
                + (latency.KeptUp ? "yes" : "**no**");
            text.Row(head + " | with a command", latency.ToCommand, withP90: true);
            text.Row(head + " | without", latency.WithoutCommand, withP90: true);
        }
    }

    private static void WriteProfile(MarkdownText text, IReadOnlyList<CostLine> profile)
    {
        if (profile.Count != 0)
        {
            text.Head("Where the time goes", "part", "ns", "per");
            foreach (CostLine line in profile)
            {
                text.Cells(line.Part, $"{line.Nanoseconds:F1}", line.Per);
            }
        }
    }

    private static void WriteJudgements(MarkdownText text, IReadOnlyList<Judgement> judgements)
    {
        if (judgements.Count != 0)
        {
            text.Head("Against the targets",
                "figure", "unit", "found", "must", "aim", "reached", "beside");
            foreach (Judgement j in judgements)
            {
                text.Cells(j.Name, j.Unit, $"{j.Value:G4}", $"{j.Must:G4}", $"{j.Aim:G4}",
                    j.Reached == Targets.Missed ? "**no**" : j.Reached, j.Beside);
            }
        }
    }

    private static T? Find<T>(IReadOnlyList<T> all, Predicate<T> wanted)
        where T : class
    {
        foreach (T one in all)
        {
            if (wanted(one))
            {
                return one;
            }
        }

        return null;
    }

    private static string Number(double? value) => value?.ToString("F0", CultureInfo.InvariantCulture) ?? string.Empty;

    private static string Cpus(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "unknown";

    private static string Big(double value) => value >= 1e6 ? $"{value / 1e6:F2} M" : $"{value / 1e3:F1} k";
}

/// <summary>Markdown as it is written. Numbers are culture-free because the whole program is.</summary>
internal sealed class MarkdownText
{
    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    internal void Line(string text = "") => _text.Append(text).Append('\n');

    internal void Head(string title, params string[] columns)
    {
        _text.Append("\n## ").Append(title).Append("\n\n| ").AppendJoin(" | ", columns).Append(" |\n|");
        foreach (string _ in columns)
        {
            _text.Append("---|");
        }

        _text.Append('\n');
    }

    internal void Cells(params string[] cells) => _text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    internal void Row(string head, Percentiles p, bool withP90)
    {
        string[] cells = withP90
            ? [head, Time(p.P50), Time(p.P90), Time(p.P99), Time(p.P999), Time(p.P9999), Time(p.Maximum)]
            : [head, Time(p.P50), Time(p.P99), Time(p.P999), Time(p.P9999), Time(p.Maximum)];
        Cells(cells);
    }

    private static string Time(long nanoseconds) => nanoseconds switch
    {
        < 1_000 => $"{nanoseconds} ns",
        < 1_000_000 => (nanoseconds / 1e3).ToString("F2", CultureInfo.InvariantCulture) + " us",
        _ => (nanoseconds / 1e6).ToString("F2", CultureInfo.InvariantCulture) + " ms",
    };
}
