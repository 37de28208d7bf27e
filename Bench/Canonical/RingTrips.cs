using System;
using System.Collections.Generic;
using System.Threading;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Core.Ring;

namespace LowLatency.Bench.Canonical;

/// <summary>
/// There and back through two rings between two processors, against two bare flags on the same processors, in turns: the
/// host moves processors about, and only figures of the same moments compare.
/// </summary>
/// <param name="Ring">Through the rings, nanoseconds: median of the medians of all turns.</param>
/// <param name="Flags">By the flags, nanoseconds.</param>
/// <param name="Ratio">Median of the ratios of all turns.</param>
internal sealed record RingTrips(double Ring, double Flags, double Ratio)
{
    private const int Turns = 7;
    private const long Highest = 10_000_000_000;
    private const int Capacity = 1024;

    /// <summary>Measures.</summary>
    /// <param name="duration">Wall time of one turn of either.</param>
    /// <returns>Null on a single processor.</returns>
    internal static RingTrips? Measure(TimeSpan duration)
    {
        if (Environment.ProcessorCount < 2)
        {
            return null;
        }

        List<double> rings = [];
        List<double> flags = [];
        List<double> ratios = [];
        for (int i = 0; i < Turns; i++)
        {
            double bare = NoiseFloor.PingPong(duration)!.P50;
            double ring = Trips(duration);
            rings.Add(ring);
            flags.Add(bare);
            ratios.Add(ring / bare);
        }

        return new RingTrips(Median(rings), Median(flags), Math.Round(Median(ratios), 2));
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static double Trips(TimeSpan duration)
    {
        using RingBuffer<long> there = new(Capacity);
        using RingBuffer<long> back = new(Capacity);
        Consumer<long, Echo> echo = new(there, there.NewBarrier(), "echo", new Echo(back));
        Consumer<long, Last> answer = new(back, back.NewBarrier(), "answer", default);
        there.AddGatingSequences(echo.Sequence);
        back.AddGatingSequences(answer.Sequence);
        int[] cpus = Affinity.Allowed();
        bool ends = false;
        Thread other = new(() =>
        {
            Affinity.TryPin(cpus.Length > 1 ? cpus[1] : -1);
            while (!Volatile.Read(ref ends))
            {
                echo.Poll(Capacity);
            }
        })
        { IsBackground = true, Name = "echo" };
        other.Start();
        HdrHistogram trips = new(Highest, 3);
        HotThread.Run(() => Trips(there, answer, duration, trips));
        Volatile.Write(ref ends, true);
        other.Join();
        return trips.ValueAtPercentile(50);
    }

    private static void Trips(RingBuffer<long> there, Consumer<long, Last> answer, TimeSpan duration, HdrHistogram trips)
    {
        const int settling = 20_000;
        WallClock clock = default;
        long end = clock.Now + (long)duration.TotalNanoseconds;
        long last = clock.Now;
        for (long i = 1; last < end; i++)
        {
            long sequence = there.Next();
            there[sequence] = i;
            there.Publish(sequence);
            while (answer.Handler.Value != i)
            {
                answer.Poll(Capacity);
            }

            long now = clock.Now;
            if (i > settling)
            {
                trips.RecordValue(now - last);
            }

            last = now;
        }
    }

    private struct Echo(RingBuffer<long> back) : IEventHandler<long>
    {
        public readonly void OnEvent(ref long data, long sequence, bool endOfBatch)
        {
            long next = back.Next();
            back[next] = data;
            back.Publish(next);
        }
    }

    private struct Last : IEventHandler<long>
    {
        internal long Value;

        public void OnEvent(ref long data, long sequence, bool endOfBatch) => Value = data;
    }
}
