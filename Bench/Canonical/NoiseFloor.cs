using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using LowLatency.Core.Formats.Histogram;

namespace LowLatency.Bench.Canonical;

/// <summary>What the machine itself costs, before any work: no engine can be better than this.</summary>
/// <param name="ClockNanoseconds">One reading of the clock; each latency holds about one.</param>
/// <param name="RoundTrip">Two-flag round trip between two processors, nanoseconds; null with a single one.</param>
/// <param name="StolenShare">Share of the time in gaps above 1 us of a thread that does nothing but look at the clock.</param>
/// <param name="GapsPerSecond">Such gaps in a second.</param>
/// <param name="Hiccup">
/// What an idle engine would be late by, nanoseconds: arrivals every microsecond against those gaps. The floor of every
/// open-loop percentile.
/// </param>
internal sealed record NoiseFloor(
    double ClockNanoseconds, Percentiles? RoundTrip, double StolenShare, double GapsPerSecond, Percentiles Hiccup)
{
    private const long Highest = 10_000_000_000;
    private const long GapFloor = 1_000;

    /// <summary>Measures.</summary>
    /// <param name="duration">Wall time of each part.</param>
    /// <param name="hiccup">The gaps, for the histogram log.</param>
    internal static NoiseFloor Measure(TimeSpan duration, out HdrHistogram hiccup)
    {
        HdrHistogram gaps = new(Highest, 3);
        double clock = 0;
        double stolen = 0;
        double perSecond = 0;
        HotThread.Run(() =>
        {
            clock = WallClock.Cost();
            (stolen, perSecond) = Spin(duration, gaps);
        });
        hiccup = gaps;
        return new NoiseFloor(
            Math.Round(clock, 1),
            PingPong(duration),
            Math.Round(stolen, 5),
            Math.Round(perSecond, 1),
            Percentiles.Of(gaps));
    }

    private static (double Stolen, double PerSecond) Spin(TimeSpan duration, HdrHistogram gaps)
    {
        WallClock clock = default;
        long start = clock.Now;
        long end = start + (long)duration.TotalNanoseconds;
        long last = start;
        long lost = 0;
        long count = 0;
        long quiet = 0;
        while (last < end)
        {
            long now = clock.Now;
            long gap = now - last;
            last = now;
            if (gap <= GapFloor)
            {
                quiet += gap;
                continue;
            }

            lost += gap;
            count++;
            gaps.RecordValueWithExpectedInterval(gap, GapFloor);
        }

        // Arrivals that found the thread ready waited no longer than one look at the clock.
        gaps.RecordValue(0, quiet / GapFloor);
        double seconds = (last - start) / 1e9;
        return ((double)lost / (last - start), count / seconds);
    }

    /// <summary>Round trips by two flags between two processors, nanoseconds; null with a single one.</summary>
    /// <param name="duration">Wall time.</param>
    internal static Percentiles? PingPong(TimeSpan duration)
    {
        int[] cpus = Affinity.Allowed();
        if (Environment.ProcessorCount < 2)
        {
            return null;
        }

        HdrHistogram trips = new(Highest, 3);
        Holder holder = new();
        Thread answer = new(() =>
        {
            Affinity.TryPin(cpus.Length > 1 ? cpus[1] : -1);
            long seen = 0;
            while (seen >= 0)
            {
                long asked = Volatile.Read(ref holder.Flags.Ping);
                if (asked != seen)
                {
                    seen = asked;
                    Volatile.Write(ref holder.Flags.Pong, asked);
                }
            }
        })
        { IsBackground = true, Name = "echo" };
        answer.Start();
        HotThread.Run(() => Trips(ref holder.Flags, duration, trips));
        answer.Join();
        return Percentiles.Of(trips);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Trips(ref Flags flags, TimeSpan duration, HdrHistogram trips)
    {
        const int Settling = 20_000;
        WallClock clock = default;
        long end = clock.Now + (long)duration.TotalNanoseconds;
        long last = clock.Now;
        for (long i = 1; last < end; i++)
        {
            Volatile.Write(ref flags.Ping, i);
            while (Volatile.Read(ref flags.Pong) != i)
            {
            }

            long now = clock.Now;
            if (i > Settling)
            {
                trips.RecordValue(now - last);
            }

            last = now;
        }

        Volatile.Write(ref flags.Ping, -1);
    }

    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Flags
    {
        [FieldOffset(128)]
        public long Ping;

        [FieldOffset(384)]
        public long Pong;
    }

    private sealed class Holder
    {
        public Flags Flags;
    }
}
