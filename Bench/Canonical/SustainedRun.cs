using System;
using System.Diagnostics;
using System.IO;

namespace LowLatency.Bench.Canonical;

/// <summary>Flat out for a minute, every second of it counted.</summary>
internal static class SustainedRun
{
    /// <summary>Bytes that the journal may take: a run that reaches them ends early, and its seconds say so.</summary>
    internal const long JournalMax = 8_000_000_000;

    private const int Portion = 256;
    private const int SecondsMax = 3_600;

    internal static Sustained Measure(LoopedMarket market, Recording recording, string folder, TimeSpan warmUp, TimeSpan duration)
    {
        using Rig rig = new(market, recording, folder);
        rig.Begin();
        Rig.WarmUp(() => rig.Driver.Poll(Portion), warmUp);
        Sustained? result = null;
        HotThread.Run(() => result = Measure(rig, recording, folder, duration));
        rig.End();
        return result!;
    }

    /// <summary>Bytes of a folder's files.</summary>
    internal static long Bytes(string folder)
    {
        long sum = 0;
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            try
            {
                sum += new FileInfo(file).Length;
            }
            catch (FileNotFoundException)
            {
                // Retired between the listing and the look.
            }
        }

        return sum;
    }

    private static Sustained Measure(Rig rig, Recording recording, string folder, TimeSpan duration)
    {
        long[] counts = new long[SecondsMax + 1];
        int seconds = 0;
        DisturbanceWatch watch = new();
        int collections = GC.CollectionCount(0);
        long before = rig.Counts.Total;
        long allocated = 0;
        long start = Stopwatch.GetTimestamp();
        long second = start;
        counts[0] = before;
        while (Stopwatch.GetElapsedTime(start) < duration && seconds < SecondsMax)
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            while (Stopwatch.GetElapsedTime(second).TotalSeconds < 1 && Stopwatch.GetElapsedTime(start) < duration)
            {
                rig.Driver.Poll(Portion);
            }

            allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
            second += Stopwatch.Frequency;
            counts[++seconds] = rig.Counts.Total;
            if (Bytes(folder) > JournalMax)
            {
                break;
            }
        }

        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long events = rig.Counts.Total - before;
        return new Sustained(
            recording.ToString().ToLowerInvariant(),
            Math.Round(elapsed, 1),
            events,
            Math.Round(events / elapsed),
            Slowest(counts.AsSpan(0, seconds + 1), elapsed),
            Bytes(folder),
            allocated,
            GC.CollectionCount(0) - collections,
            watch.Stop());
    }

    /// <summary>The smallest step of a growing count; the last step only when its second was whole.</summary>
    internal static long Slowest(ReadOnlySpan<long> counts, double elapsed)
    {
        int whole = Math.Min(counts.Length - 1, (int)elapsed);
        long slowest = long.MaxValue;
        for (int i = 1; i <= whole; i++)
        {
            slowest = Math.Min(slowest, counts[i] - counts[i - 1]);
        }

        return slowest == long.MaxValue ? 0 : slowest;
    }
}
