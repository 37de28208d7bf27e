using System.Diagnostics;
using LowLatency.Core.Formats.Histogram;

namespace LowLatency.Engine.Running;

/// <summary>
/// Wall time from the publication of a message's first event to the moment when everything that follows from it is
/// journaled, decided and handed to the venue. Kept outside events and digests: it says nothing about decisions.
/// </summary>
internal sealed class LatencyRecorder
{
    private const long Highest = 60_000_000_000;
    private const int Digits = 3;

    private long _start;

    /// <summary>Messages that led to at least one command, nanoseconds.</summary>
    internal HdrHistogram ToCommand { get; } = new(Highest, Digits);

    /// <summary>Messages that led to none, nanoseconds.</summary>
    internal HdrHistogram WithoutCommand { get; } = new(Highest, Digits);

    internal void Begin() => _start = Stopwatch.GetTimestamp();

    internal void End(bool commanded)
    {
        long nanoseconds = (long)Stopwatch.GetElapsedTime(_start).TotalNanoseconds;
        (commanded ? ToCommand : WithoutCommand).RecordValue(System.Math.Clamp(nanoseconds, 0, Highest));
    }
}
