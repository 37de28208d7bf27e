using System;
using System.Diagnostics;

namespace LowLatency.Engine.Latency;

/// <summary>What is measured of a run.</summary>
internal enum LatencyDetail
{
    /// <summary>Nothing: the clock is never read.</summary>
    Off,

    /// <summary>Whole messages: the clock is read twice for each.</summary>
    Messages,

    /// <summary>Messages and every hop: the clock is read about eleven times for each event.</summary>
    Hops,
}

/// <summary>
/// The histograms of a run, one for each hop, each with one thread that fills it. Kept outside events and digests: what
/// they hold says nothing about decisions.
/// </summary>
internal sealed class LatencyMeter
{
    private readonly IntervalRecorder?[] _recorders = new IntervalRecorder?[Hops.Count];
    private readonly IntervalRecorder _withCommand;
    private readonly IntervalRecorder _withoutCommand;
    private long _start;

    /// <summary>Creates empty histograms.</summary>
    /// <param name="detail">Not <see cref="LatencyDetail.Off"/>: a run that measures nothing has no meter.</param>
    internal LatencyMeter(LatencyDetail detail)
    {
        MeasuresHops = detail == LatencyDetail.Hops;
        for (int i = MeasuresHops ? 0 : (int)Hop.MessageWithCommand; i < Hops.Count; i++)
        {
            _recorders[i] = new IntervalRecorder();
        }

        _withCommand = _recorders[(int)Hop.MessageWithCommand]!;
        _withoutCommand = _recorders[(int)Hop.MessageWithoutCommand]!;
    }

    /// <summary>False when only whole messages are measured.</summary>
    internal bool MeasuresHops { get; }

    /// <summary>The histogram of a hop; null when it is not measured.</summary>
    internal IntervalRecorder? this[Hop hop] => _recorders[(int)hop];

    /// <summary>Makes a meter, or none.</summary>
    internal static LatencyMeter? Of(LatencyDetail detail) => detail == LatencyDetail.Off ? null : new LatencyMeter(detail);

    /// <summary>Hot thread: a message begins.</summary>
    internal void Begin() => _start = Stopwatch.GetTimestamp();

    /// <summary>Hot thread: everything that follows from the message is done.</summary>
    /// <param name="commanded">True when it led to a command.</param>
    internal void End(bool commanded) =>
        (commanded ? _withCommand : _withoutCommand).Record(Nanoseconds(Stopwatch.GetTimestamp() - _start));

    /// <summary>Ticks of the stopwatch as nanoseconds; a <see cref="TimeSpan"/> would round them to a hundred.</summary>
    internal static long Nanoseconds(long ticks) => Stopwatch.Frequency == 1_000_000_000
        ? ticks
        : (long)((Int128)ticks * 1_000_000_000 / Stopwatch.Frequency);
}
