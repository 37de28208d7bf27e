using System;
using System.Collections.Generic;
using LowLatency.Core.Formats.Histogram;

namespace LowLatency.Bench.Canonical;

/// <summary>The usual places of a distribution, nanoseconds.</summary>
internal sealed record Percentiles(
    long Count, double Mean, long P50, long P90, long P99, long P999, long P9999, long Maximum)
{
    internal static Percentiles Of(HdrHistogram histogram) => new(
        histogram.TotalCount,
        Math.Round(histogram.Mean, 1),
        histogram.ValueAtPercentile(50),
        histogram.ValueAtPercentile(90),
        histogram.ValueAtPercentile(99),
        histogram.ValueAtPercentile(99.9),
        histogram.ValueAtPercentile(99.99),
        histogram.Maximum);
}

/// <summary>
/// The market through the whole pipeline, flat out. From events: they are what is fed; from bytes: the venue's messages are, and
/// commands become the venue's requests.
/// </summary>
internal sealed record Throughput(
    string From,
    string Recording,
    double EventsPerSecond,
    double MessagesPerSecond,
    double CommandsPerSecond,
    double NanosecondsPerEvent,
    long Events,
    long AllocatedBytes,
    int Collections,
    Disturbance Disturbance);

/// <summary>The whole pipeline flat out for long enough that a disk, a cache or a collector cannot hide.</summary>
/// <param name="Recording">How the journal records.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Events">Events of that time.</param>
/// <param name="EventsPerSecond">On average.</param>
/// <param name="SlowestSecond">Events of the slowest whole second.</param>
/// <param name="JournalBytes">Bytes of the journal that it left.</param>
/// <param name="AllocatedBytes">By the hot thread.</param>
/// <param name="Collections">Of the process.</param>
/// <param name="Disturbance">By others.</param>
internal sealed record Sustained(
    string Recording,
    double Seconds,
    long Events,
    double EventsPerSecond,
    long SlowestSecond,
    long JournalBytes,
    long AllocatedBytes,
    int Collections,
    Disturbance Disturbance);

/// <summary>A speed and what it is of.</summary>
internal sealed record Speed(string Name, double PerSecond, double Nanoseconds, long Count, string Remark);

/// <summary>Latencies of messages, with and without a command.</summary>
internal sealed record Latency(
    string Name,
    long OfferedPerSecond,
    double AchievedPerSecond,
    long FinalLagNanoseconds,
    bool KeptUp,
    Percentiles ToCommand,
    Percentiles WithoutCommand,
    Disturbance Disturbance);

/// <summary>A figure against its targets.</summary>
internal sealed record Judgement(
    string Name, string Unit, double Value, double Must, double Aim, string Reached, string Beside);

/// <summary>One line of a profile.</summary>
internal sealed record CostLine(string Part, double Nanoseconds, string Per);

/// <summary>A histogram of the run, for the log.</summary>
internal sealed record NamedHistogram(string Tag, HdrHistogram Histogram, long Start, long End);

/// <summary>Everything that a run of the canonical workload found. Parts that did not run are null or empty.</summary>
internal sealed record Report
{
    public required string Version { get; init; }

    public required string Date { get; init; }

    public required bool Quick { get; init; }

    public required Machine Machine { get; init; }

    public required string Workload { get; init; }

    public NoiseFloor? Noise { get; init; }

    public IReadOnlyList<Throughput> Throughput { get; init; } = [];

    public IReadOnlyList<Sustained> Sustained { get; init; } = [];

    public IReadOnlyList<Speed> Speeds { get; init; } = [];

    /// <summary>Messages to events and commands to bytes.</summary>
    public IReadOnlyList<Speed> Wire { get; init; } = [];

    public RingTrips? Ring { get; init; }

    /// <summary>Memory of its own of a run of the shipped program.</summary>
    public long? PrivateBytes { get; init; }

    public Latency? Service { get; init; }

    public IReadOnlyList<Latency> OpenLoop { get; init; } = [];

    public IReadOnlyList<string> Remarks { get; init; } = [];

    public IReadOnlyList<CostLine> Profile { get; init; } = [];

    public IReadOnlyList<Judgement> Judgements { get; init; } = [];

    public required Disturbance Disturbance { get; init; }

    public required double Seconds { get; init; }
}
