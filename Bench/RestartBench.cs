using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.Json;
using LowLatency.Bench.Canonical;
using LowLatency.Core.Events;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal;

namespace LowLatency.Bench;

/// <summary>
/// How long a run takes to go on in a journal that is there: by replay of all of it, and from a snapshot with a tail. The
/// same run is timed while it is made and while its journal is only read: no restart can be faster than the slower of both.
/// </summary>
internal static class RestartBench
{
    internal const string Usage = "restart [--events N]    N is at least 2000000; without it 10000000";

    private const long Tail = 1_000_000;

    /// <summary>Runs it.</summary>
    /// <param name="arguments">What follows "restart".</param>
    /// <param name="perf">The folder of the results.</param>
    /// <returns>The process's exit code.</returns>
    internal static int Run(ReadOnlySpan<string> arguments, string perf)
    {
        long events = 10_000_000;
        bool isKnown = arguments.Length == 0
            || (arguments is ["--events", { } number]
                && long.TryParse(number, CultureInfo.InvariantCulture, out events)
                && events >= 2 * Tail);
        if (!isKnown)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        string folder = Directory.CreateTempSubdirectory("lowlatency-restart-").FullName;
        try
        {
            Report(Measure(Path.Combine(folder, "run"), events), perf);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Figures Measure(string run, long events)
    {
        EngineConfiguration configuration = DemoConfiguration.Load();
        WarmUp.Run(configuration, TimeSpan.FromSeconds(5));
        TimeSpan made = Make(configuration, run, events - Tail, finish: true);
        _ = Make(configuration, run, Tail, finish: false);
        DisturbanceWatch watch = new();
        List<Line> lines =
        [
            new("verified read of the journal, one thread", Pair(run, () => Read(run))),
            new("restart from a snapshot", Pair(run, () => Restart(configuration, run))),
        ];
        foreach (string file in Directory.GetFiles(run, "snapshot-*.snap"))
        {
            File.Delete(file);
        }

        long start = Stopwatch.GetTimestamp();
        _ = BacktestCommand.Simulate(null, run, null, out _);
        TimeSpan backtest = Stopwatch.GetElapsedTime(start);
        lines.Add(new("restart without a snapshot: examine, replay, compare with the audit log", Pair(run, () => Restart(configuration, run))));
        return new Figures(made * ((double)events / (events - Tail)), backtest, events, lines, watch.Stop());
    }

    /// <summary>The same work cold, if the system forgets files when asked, then warm.</summary>
    private static (Timed? Cold, Timed Warm) Pair(string run, Func<long> work)
    {
        Timed? cold = PageCache.TryForget(run) ? Time(work) : null;
        return (cold, Time(work));
    }

    private static Timed Time(Func<long> work)
    {
        long from = PageCache.BytesFromStorage();
        long start = Stopwatch.GetTimestamp();
        long events = work();
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        return new Timed(took, events, PageCache.BytesFromStorage() - from);
    }

    /// <summary>Runs until so many events are journaled; without a finish it ends as a killed one does, with no snapshot.</summary>
    private static TimeSpan Make(EngineConfiguration configuration, string run, long events, bool finish)
    {
        using JournalDirectory journal = JournalDirectory.Open(run, configuration, mayResume: true);
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new MarketGenerator(configuration.Generator! with { MaxEvents = 0, MaxDuration = 0 }),
            Journal = journal,
            Topology = configuration.Session.Topology with { Mode = TopologyMode.Inline },
        });
        long from = session.Counts.Total;
        long start = Stopwatch.GetTimestamp();
        while (session.Counts.Total - from < events)
        {
            session.Poll(1 << 12);
        }

        TimeSpan took = Stopwatch.GetElapsedTime(start);
        if (finish)
        {
            session.RequestStop();
            session.RunToEnd();
            session.Finish();
        }

        return took;
    }

    private static long Read(string run)
    {
        using JournalReader reader = RecordedRun.Open(run);
        Event e = default;
        long events = 0;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            events++;
        }

        return events;
    }

    /// <summary>Events replayed.</summary>
    private static long Restart(EngineConfiguration configuration, string run)
    {
        using JournalDirectory journal = JournalDirectory.Open(run, configuration, mayResume: true);
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new MarketGenerator(configuration.Generator! with { MaxEvents = 0, MaxDuration = 0 }),
            Journal = journal,
            Topology = configuration.Session.Topology with { Mode = TopologyMode.Inline },
        });
        return session.Recovered!.Facts.Next - session.Recovered.From;
    }

    private static void Report(Figures figures, string perf)
    {
        string folder = Path.Combine(
            perf,
            "results",
            string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}-{Machine.Read().Slug}"));
        Directory.CreateDirectory(folder);
        MarkdownText text = new();
        text.Line("# Restart");
        text.Line();
        text.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"A run of {figures.Events:N0} events, journal and simulated venue included, took {figures.Made.TotalSeconds:F2} s (extrapolated from the part before the tail of {Tail:N0}). "
            + $"Meanwhile other processes used {figures.Disturbance.Others ?? 0:F2} processors, the host took {figures.Disturbance.Steal ?? 0:F2}."));
        text.Head("Time to go on", "what", "events", "cold s", "from storage GB", "warm s");
        foreach (Line line in figures.Lines)
        {
            text.Cells(
                line.What,
                line.Times.Warm.Events.ToString("N0", CultureInfo.InvariantCulture),
                line.Times.Cold?.Took.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture) ?? "not here",
                line.Times.Cold is { } cold ? (cold.FromStorage / 1e9).ToString("F2", CultureInfo.InvariantCulture) : "-",
                line.Times.Warm.Took.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture));
        }

        (Timed? Cold, Timed Warm) read = figures.Lines[0].Times;
        (Timed? Cold, Timed Warm) whole = figures.Lines[^1].Times;
        (Timed? Cold, Timed Warm) snapshot = figures.Lines[1].Times;
        TimeSpan floor = Max((read.Cold ?? read.Warm).Took, figures.Backtest);
        text.Line();
        text.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"A backtest of the same inputs took {figures.Backtest.TotalSeconds:F2} s. Durability of the journal and everything else is that of the demo's configuration."));
        text.Head("Against the targets", "figure", "unit", "found", "must", "aim", "reached");
        Judge("restart without a snapshot, over the slower of the (cold) read and a backtest", "x", (whole.Cold ?? whole.Warm).Took / floor, 1.3, 1.1);
        Judge("restart from a snapshot with 1 M events behind it", "s", snapshot.Warm.Took.TotalSeconds, 1, 0.3);

        File.WriteAllText(Path.Combine(folder, "restart.md"), text.ToString());
        using FileStream json = File.Create(Path.Combine(folder, "restart.json"));
        using Utf8JsonWriter writer = new(json, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteNumber("events", figures.Events);
        writer.WriteNumber("runSeconds", figures.Made.TotalSeconds);
        writer.WriteNumber("backtestSeconds", figures.Backtest.TotalSeconds);
        string[] names = ["read", "restartFromSnapshot", "restart"];
        for (int i = 0; i < names.Length; i++)
        {
            writer.WriteStartObject(names[i]);
            writer.WriteNumber("events", figures.Lines[i].Times.Warm.Events);
            writer.WriteNumber("warmSeconds", figures.Lines[i].Times.Warm.Took.TotalSeconds);
            if (figures.Lines[i].Times.Cold is { } cold)
            {
                writer.WriteNumber("coldSeconds", cold.Took.TotalSeconds);
                writer.WriteNumber("coldBytesFromStorage", cold.FromStorage);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        Console.WriteLine(text);

        void Judge(string name, string unit, double found, double must, double aim) => text.Cells(
            name,
            unit,
            found.ToString("F2", CultureInfo.InvariantCulture),
            must.ToString(CultureInfo.InvariantCulture),
            aim.ToString(CultureInfo.InvariantCulture),
            found <= aim ? "aim" : found <= must ? "yes" : "**no**");
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <param name="Took">Wall time.</param>
    /// <param name="Events">Events of the work.</param>
    /// <param name="FromStorage">Bytes that were not in memory.</param>
    private sealed record Timed(TimeSpan Took, long Events, long FromStorage);

    private sealed record Line(string What, (Timed? Cold, Timed Warm) Times);

    private sealed record Figures(TimeSpan Made, TimeSpan Backtest, long Events, IReadOnlyList<Line> Lines, Disturbance Disturbance);
}
