using System;
using System.Diagnostics;
using System.Threading;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>
/// The hot thread's sign of life, by a clock that no step moves. What it has handed over leaves only while it gives one: an
/// order of a thread that hangs, sleeps or is gone is held back at the last moment, cancels pass.
/// </summary>
internal sealed class LiveLease(KillLatch kill) : ISendPermit
{
    /// <summary>Time after the last sign of life at which it has lapsed.</summary>
    internal static readonly TimeSpan Length = TimeSpan.FromSeconds(1);

    private long _beatAt = long.MinValue;

    /// <inheritdoc/>
    public bool MaySend => kill.MaySend && !IsLapsed;

    /// <summary>True when the hot thread has given no sign of life for too long, or none yet.</summary>
    internal bool IsLapsed => Since > Length;

    /// <summary>Time since the last sign of life.</summary>
    internal TimeSpan Since => Volatile.Read(ref _beatAt) is var at && at == long.MinValue ? TimeSpan.MaxValue : Stopwatch.GetElapsedTime(at);

    /// <summary>The hot thread lives.</summary>
    internal void Beat() => Volatile.Write(ref _beatAt, Stopwatch.GetTimestamp());
}
