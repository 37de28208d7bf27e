using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.Histogram;

namespace LowLatency.Bench.Canonical;

/// <summary>Runs the parts one after the other and writes down what they found.</summary>
internal sealed class CanonicalRun(CanonicalOptions options)
{
    private const int RoundEvents = 1 << 17;

    /// <summary>Processors that others may use before a run says nothing about the engine.</summary>
    private const double OthersMax = 0.1;

    private readonly List<NamedHistogram> _histograms = [];
    private readonly List<Throughput> _throughput = [];
    private readonly List<Sustained> _sustained = [];
    private readonly List<Speed> _speeds = [];
    private readonly List<Latency> _openLoop = [];
    private readonly List<string> _remarks = [];
    private readonly List<CostLine> _profile = [];
    private NoiseFloor? _noise;
    private readonly List<Speed> _wire = [];
    private RingTrips? _ring;
    private long? _privateBytes;
    private Latency? _service;
    private string _folder = string.Empty;
    private int _run;

    private TimeSpan WarmUp => TimeSpan.FromSeconds(options.Quick ? 0.8 : 4);

    /// <summary>Runs, prints and saves.</summary>
    /// <param name="results">Folder of all results.</param>
    /// <returns>The folder of this run.</returns>
    internal string Run(string results)
    {
        DateTimeOffset started = DateTimeOffset.UtcNow;
        long start = Stopwatch.GetTimestamp();
        long zero = default(WallClock).Now;
        DisturbanceWatch watch = new();
        LoopedMarket market = LoopedMarket.Make(Rig.Configuration().Generator!, RoundEvents);
        WireMarket wire = new(market);
        _folder = Directory.CreateTempSubdirectory("lowlatency-bench-").FullName;
        try
        {
            Parts(market, wire);
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }

        Disturbance disturbance = watch.Stop();
        if (disturbance.Others > OthersMax)
        {
            _remarks.Insert(0, $"Other processes used {disturbance.Others:F2} processors: this is not a measurement.");
        }

        Report report = new()
        {
            Version = typeof(Event).Assembly.GetName().Version?.ToString(3) ?? "unknown",
            Date = started.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            Quick = options.Quick,
            Machine = Machine.Read(),
            Workload = $"Workload: {Rig.Configuration().Strategies.Length} strategies on "
                + $"{Rig.Configuration().Generator!.Instruments.Length} generated order books, "
                + $"{market.EventsPerRound} events in {market.MessagesPerRound} messages again and again.",
            Noise = _noise,
            Throughput = _throughput,
            Sustained = _sustained,
            Speeds = _speeds,
            Wire = _wire,
            Ring = _ring,
            PrivateBytes = _privateBytes,
            Service = _service,
            OpenLoop = _openLoop,
            Remarks = _remarks,
            Profile = _profile,
            Disturbance = disturbance,
            Seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 1),
        };
        report = report with { Judgements = Targets.Judge(report) };
        Console.WriteLine(ReportWriter.Markdown(report));
        string target = options.Output ?? Path.Combine(
            results,
            "results",
            started.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "-" + report.Machine.Slug
                + (options.Quick ? "-quick" : string.Empty) + (options.Only is null ? string.Empty : "-" + options.Only));
        ReportWriter.Save(
            report,
            _histograms.ConvertAll(named => named with { Start = named.Start - zero, End = named.End - zero }),
            target,
            started.ToUnixTimeMilliseconds() * 1_000_000);
        if (options is { Only: null, Output: null, Quick: false })
        {
            ReportWriter.AppendHistory(report, Path.Combine(results, "history.csv"));
        }

        return target;
    }

    private void Parts(LoopedMarket market, WireMarket wire)
    {
        if (options.Runs("noise"))
        {
            Say("the machine's noise");
            long from = default(WallClock).Now;
            _noise = NoiseFloor.Measure(Long(0.5, 3), out HdrHistogram hiccup);
            _histograms.Add(new NamedHistogram("hiccup", hiccup, from, default(WallClock).Now));
        }

        if (options.Runs("wire"))
        {
            Say("messages to events");
            _wire.AddRange(WireSpeeds.Measure(Long(0.6, 6)));
        }

        if (options.Runs("ring"))
        {
            Say("ring round trips");
            _ring = RingTrips.Measure(Long(0.05, 0.4));
        }

        if (options.Runs("throughput"))
        {
            foreach (Recording recording in Enum.GetValues<Recording>())
            {
                Say("throughput, journal " + recording.ToString().ToLowerInvariant());
                _throughput.Add(ThroughputRun.Measure(
                    market.Again(), recording, Folder(recording == Recording.Written ? "written" : null), WarmUp, Long(0.7, 4)));
            }

            Say("throughput, from bytes to bytes");
            _throughput.Add(ThroughputRun.Measure(wire.Again(), Recording.Written, Folder(), WarmUp, Long(0.7, 4)));
        }

        if (options.Runs("journal"))
        {
            Say("journal, replay, backtest");
            string recorded = Path.Combine(_folder, "written");
            if (!Directory.Exists(recorded))
            {
                ThroughputRun.Measure(market.Again(), Recording.Written, recorded, Long(0.3, 1), Long(0.5, 2));
            }

            _speeds.AddRange(JournalSpeeds.Measure(recorded, Folder(), options.Quick ? 400_000 : 4_000_000));
            Directory.Delete(recorded, recursive: true);
        }

        if (options.Runs("memory"))
        {
            Say("memory of the shipped program");
            string folder = Folder();
            _privateBytes = MemoryRun.Measure(folder, Long(2, 6));
            Directory.Delete(folder, recursive: true);
        }

        if (options.Runs("service"))
        {
            Say("service time");
            _service = LatencyRun.Service(wire.Again(), Folder(), WarmUp, Long(0.8, 5), _histograms);
        }

        if (options.Runs("open"))
        {
            OpenLoop(wire, 100_000);
            OpenLoop(wire, 500_000);
            OpenLoop(wire, 1_000_000);
            OpenLoop(wire, 2_000_000);
        }

        if (options.Runs("sustained"))
        {
            Sustain(market, Recording.Written);
            Sustain(market, Recording.Flushed);
        }

        if (options.Runs("profile"))
        {
            Say("profile");
            _profile.AddRange(StageProfile.Measure(market.Again(), Folder(), options.Quick ? 200_000 : 1_000_000));
        }
    }

    private void OpenLoop(WireMarket market, long rate)
    {
        // Offered more than it can take, an open loop only measures how long it was offered.
        if (rate >= 1_000_000 && _openLoop is [.., { KeptUp: false } slower])
        {
            _remarks.Add($"{rate / 1_000_000} M messages/s were not offered: {slower.OfferedPerSecond / 1000} k were too many already.");
            return;
        }

        Say($"open loop, {rate / 1000} k messages/s");
        Latency found = LatencyRun.OpenLoop(market.Again(), Folder(), rate, WarmUp, Long(0.5, 4), _histograms);
        _openLoop.Add(found);
        if (!found.KeptUp)
        {
            _remarks.Add($"At {rate / 1000} k messages/s the engine did not keep up: "
                + $"{found.FinalLagNanoseconds / 1e6:F1} ms behind at the end.");
        }
    }

    private void Sustain(LoopedMarket market, Recording recording)
    {
        string folder = Folder();
        long room = new DriveInfo(_folder).AvailableFreeSpace;
        if (room < SustainedRun.JournalMax * 5 / 4)
        {
            _remarks.Add($"Sustained, journal {recording.ToString().ToLowerInvariant()}: left out, the disk has only {room / 1_000_000_000} GB free.");
            return;
        }

        Say("sustained, journal " + recording.ToString().ToLowerInvariant());
        _sustained.Add(SustainedRun.Measure(market.Again(), recording, folder, WarmUp, Long(1.2, 60)));
        Directory.Delete(folder, recursive: true);
    }

    private TimeSpan Long(double quick, double full) => TimeSpan.FromSeconds(options.Quick ? quick : full);

    private string Folder(string? name = null) => Path.Combine(_folder, name ?? "run" + _run++);

    private static void Say(string what) => Console.Error.WriteLine("... " + what);
}
