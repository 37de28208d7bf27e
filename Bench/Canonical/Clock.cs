using System;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LowLatency.Bench.Canonical;

/// <summary>A monotonic clock. Generic structs, so that a test's clock costs the real one nothing.</summary>
internal interface IClock
{
    /// <summary>Nanoseconds since an arbitrary moment.</summary>
    long Now { get; }
}

/// <summary>The clock of the machine.</summary>
internal readonly struct WallClock : IClock
{
    private static readonly long _frequency = Stopwatch.Frequency;

    public long Now => _frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp()
        : (long)((Int128)Stopwatch.GetTimestamp() * 1_000_000_000 / _frequency);

    /// <summary>Nanoseconds of one reading: the best of many rounds, because whatever interrupts one only adds.</summary>
    internal static double Cost()
    {
        const int Rounds = 500;
        const int Readings = 1_000;
        WallClock clock = default;
        double best = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long start = clock.Now;
            for (int i = 0; i < Readings; i++)
            {
                _ = clock.Now;
            }

            best = Math.Min(best, (double)(clock.Now - start) / Readings);
        }

        return best;
    }
}

/// <summary>
/// Processor time of the calling thread: what the work costs, whoever else wants the processor. Blind to waiting; coarse
/// and slow to read, so for long stretches only.
/// </summary>
internal static partial class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    /// <summary>Nanoseconds; wall time where the system has no such clock.</summary>
    internal static long Now => OperatingSystem.IsLinux() && GetTime(ThreadProcessorTime, out Time time) == 0
        ? (time.Seconds * 1_000_000_000) + time.Nanoseconds
        : default(WallClock).Now;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
