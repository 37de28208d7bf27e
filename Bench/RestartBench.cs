using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.Json;
using LowLatency.Bench.Canonical;
using LowLatency.Core.Events;
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
        using (JournalReader reader = RecordedRun.Open(run))
        {
            events = Read(reader, out TimeSpan read);
            TimeSpan snapshot = Restart(configuration, run, out long tail);
            foreach (string file in Directory.GetFiles(run, "snapshot-*.snap"))
            {
                File.Delete(file);
            }

            TimeSpan whole = Restart(configuration, run, out long all);
            return new Figures(
                events, tail, all, made * ((double)events / (events - tail)), read, whole, snapshot);
        }
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

    private static long Read(JournalReader reader, out TimeSpan took)
    {
        Event e = default;
        long start = Stopwatch.GetTimestamp();
        long events = 0;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            events++;
        }

        took = Stopwatch.GetElapsedTime(start);
        return events;
    }

    private static TimeSpan Restart(EngineConfiguration configuration, string run, out long replayed)
    {
        long start = Stopwatch.GetTimestamp();
        using JournalDirectory journal = JournalDirectory.Open(run, configuration, mayResume: true);
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new MarketGenerator(configuration.Generator! with { MaxEvents = 0, MaxDuration = 0 }),
            Journal = journal,
            Topology = configuration.Session.Topology with { Mode = TopologyMode.Inline },
        });
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        replayed = session.Recovered!.Facts.Next - session.Recovered.From;
        return took;
    }

    private static void Report(Figures figures, string perf)
    {
        string folder = Path.Combine(
            perf,
            "results",
            string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}-{Machine.Read().Slug}"));
        Directory.CreateDirectory(folder);
        double bar = Math.Max(figures.Read.TotalSeconds, figures.Made.TotalSeconds);
        string text = string.Create(CultureInfo.InvariantCulture, $"""
            # Restart

            | what | events | seconds |
            |---|---:|---:|
            | the run itself, journal and simulated venue included (extrapolated from the part before the tail) | {figures.Events:N0} | {figures.Made.TotalSeconds:F2} |
            | verified read of its journal, one thread, warm | {figures.Events:N0} | {figures.Read.TotalSeconds:F2} |
            | restart without a snapshot: examine, replay, compare with the audit log | {figures.All:N0} | {figures.Whole.TotalSeconds:F2} |
            | restart from a snapshot | {figures.Tail:N0} | {figures.Snapshot.TotalSeconds:F2} |

            Restart without a snapshot over the slower of run and read: {figures.Whole.TotalSeconds / bar:F2}. Durability of the
            journal and everything else is that of the demo's configuration; the page cache is warm.

            """);
        File.WriteAllText(Path.Combine(folder, "restart.md"), text);
        using FileStream json = File.Create(Path.Combine(folder, "restart.json"));
        using Utf8JsonWriter writer = new(json, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteNumber("events", figures.Events);
        writer.WriteNumber("tailEvents", figures.Tail);
        writer.WriteNumber("runSeconds", figures.Made.TotalSeconds);
        writer.WriteNumber("readSeconds", figures.Read.TotalSeconds);
        writer.WriteNumber("restartSeconds", figures.Whole.TotalSeconds);
        writer.WriteNumber("restartFromSnapshotSeconds", figures.Snapshot.TotalSeconds);
        writer.WriteEndObject();
        Console.WriteLine(text);
    }

    private sealed record Figures(
        long Events, long Tail, long All, TimeSpan Made, TimeSpan Read, TimeSpan Whole, TimeSpan Snapshot);
}
