using System;
using System.Diagnostics;
using System.IO;
using LowLatency.Bench.Canonical;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Bench.Durable;

/// <summary>Writing on and on over files whose blocks are there: what the disk and the threads beside the hot one allow.</summary>
internal static class Sustained
{
    /// <summary>64 MiB, as the engine's default.</summary>
    private const int Capacity = 1 << 19;

    private const int SegmentBytes = Capacity * Event.Size;

    /// <summary>Segments that are kept: with spares and recycled ones about a gigabyte on the disk.</summary>
    private const int Kept = 4;

    /// <summary>Bytes in a second of a plain writer: megabytes from memory, one sync for each segment.</summary>
    internal static double Plain(string folder, int segments)
    {
        const int Files = 16;
        IStorageFile[] files = new IStorageFile[Files];
        for (int i = 0; i < Files; i++)
        {
            files[i] = Rigs.Plain(Path.Combine(folder, "plain" + i), SegmentBytes);
        }

        byte[] chunk = GC.AllocateArray<byte>(1 << 20, pinned: true);
        Random.Shared.NextBytes(chunk);
        double rate = 0;
        HotThread.Run(() =>
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < segments; i++)
            {
                for (int at = 0; at < SegmentBytes; at += chunk.Length)
                {
                    Rigs.Check(files[i % Files].WriteFully(at, chunk));
                }

                Rigs.Check(files[i % Files].Sync());
            }

            rate = (double)segments * SegmentBytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
        foreach (IStorageFile file in files)
        {
            file.Dispose();
            File.Delete(file.Path);
        }

        return rate;
    }

    /// <summary>Bytes in a second of the journal, all of its work included, and what the appending thread allocated.</summary>
    internal static (double Rate, long Allocated) Journal(string folder, Durability durability, int segments)
    {
        JournalOptions options = Rigs.Options(durability, Capacity);
        JournalWriter writer = Rigs.Journal(folder, options);
        double rate = 0;
        long allocated = 0;
        using (LowLatency.Journal.SyncThread sync = new(writer))
        {
            HotThread.Run(() =>
            {
                Event e = Rigs.Record();

                // Until every file has been used once and comes back from the pool.
                Write(writer, ref e, Kept + options.Spares + options.RecycledMax);
                long before = GC.GetAllocatedBytesForCurrentThread();
                long start = Stopwatch.GetTimestamp();
                Write(writer, ref e, segments);
                rate = (double)segments * SegmentBytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            });
        }

        Rigs.Check(writer.Close());
        Directory.Delete(folder, recursive: true);
        return (rate, allocated);
    }

    /// <summary>Records in a second that a verification without SHA-256 reads from memory: the best of three.</summary>
    internal static double Verified(string folder, int segments, int threads)
    {
        JournalWriter writer = Rigs.Journal(folder, Rigs.Options(Durability.Written, Capacity));
        Event e = Rigs.Record();
        using (LowLatency.Journal.SyncThread sync = new(writer))
        {
            Rigs.Append(writer, ref e, segments * Capacity);
        }

        Rigs.Check(writer.Close());
        double best = 0;
        for (int round = 0; round < 3; round++)
        {
            long start = Stopwatch.GetTimestamp();
            VerificationResult result = JournalVerifier.Verify(
                new PosixStorage(), folder, threads: threads, hashes: false);
            best = Math.Max(best, result.Records / Stopwatch.GetElapsedTime(start).TotalSeconds);
            Ensure.That(result.IsSound && result.Records == (long)segments * Capacity, "the journal just written is not sound");
        }

        Directory.Delete(folder, recursive: true);
        return best;
    }

    private static void Write(JournalWriter writer, ref Event e, int segments)
    {
        for (int i = 0; i < segments; i++)
        {
            Rigs.Append(writer, ref e, Capacity);
            writer.RetireBefore(writer.NextSequence - ((long)Kept * Capacity));
        }
    }
}
