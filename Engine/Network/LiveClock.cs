using System;
using System.Diagnostics;

namespace LowLatency.Engine.Network;

/// <summary>A time that never runs backwards.</summary>
internal interface IClock
{
    /// <summary>Nanoseconds since 1970 UTC.</summary>
    long Now { get; }
}

/// <summary>
/// The clock of a live run: the wall's time at its start, moved on by the monotonic clock. A step of the wall clock does not
/// move it; how far it is from the venue's is watched there.
/// </summary>
internal sealed class LiveClock : IClock
{
    private const long NanosecondsOfTick = 100;

    private readonly long _start = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * NanosecondsOfTick;
    private readonly long _stamp = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public long Now
    {
        get
        {
            long ticks = Stopwatch.GetTimestamp() - _stamp;
            return _start + (long)((Int128)ticks * 1_000_000_000 / Stopwatch.Frequency);
        }
    }
}
