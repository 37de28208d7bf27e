using System;
using System.IO;
using LowLatency.Bench.Canonical;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Bench.Durable;

/// <summary>How long it takes until a record is behind an fdatasync, beside the bare system calls on the same disk.</summary>
internal static class CommitTimes
{
    private const long Highest = 10_000_000_000;
    private const int Capacity = 1 << 19;

    /// <summary>
    /// One record at a time, no thread in between: pwrite and fdatasync on a plain file and the journal's own way, in turns,
    /// so that both meet the same disk.
    /// </summary>
    internal static (Percentiles Bare, Percentiles Journal) Service(string folder, int commits)
    {
        HdrHistogram bare = new(Highest, 3);
        HdrHistogram ours = new(Highest, 3);
        using IStorageFile file = Rigs.Plain(Path.Combine(folder, "bare"), (long)Capacity * Event.Size);
        JournalWriter writer = Rigs.Journal(
            Path.Combine(folder, "commit"), Rigs.Options(Durability.Flushed, Capacity));
        while (writer.Pump() > 0)
        {
        }

        HotThread.Run(() =>
        {
            WallClock clock = default;
            Event e = Rigs.Record();
            byte[] record = new byte[Event.Size];
            for (int i = -100; i < commits; i++)
            {
                long start = clock.Now;
                Rigs.Check(file.WriteFully((long)(i + 100) * Event.Size, record));
                Rigs.Check(file.Sync());
                long middle = clock.Now;
                Rigs.Append(writer, ref e, 1);
                while (writer.DurableSequence < e.Sequence)
                {
                    _ = writer.Pump();
                }

                long end = clock.Now;
                if (i >= 0)
                {
                    bare.RecordValue(middle - start);
                    ours.RecordValue(end - middle);
                }
            }
        });
        Rigs.Check(writer.Close());
        return (Percentiles.Of(bare), Percentiles.Of(ours));
    }

    /// <summary>From the intended moment of an event to the moment when it is seen to be durable, at a fixed rate.</summary>
    internal static Percentiles EventToDurable(string folder, long perSecond, TimeSpan duration)
    {
        HdrHistogram latencies = new(Highest, 3);
        JournalWriter writer = Rigs.Journal(folder, Rigs.Options(Durability.Flushed, Capacity));
        while (writer.Pump() > 0)
        {
        }

        using (LowLatency.Journal.SyncThread sync = new(writer))
        {
            HotThread.Run(() => Pace(writer, perSecond, duration, latencies));
        }

        Rigs.Check(writer.Close());
        Directory.Delete(folder, recursive: true);
        return Percentiles.Of(latencies);
    }

    private static void Pace(JournalWriter writer, long perSecond, TimeSpan duration, HdrHistogram latencies)
    {
        const long Second = 1_000_000_000;
        WallClock clock = default;
        Event e = Rigs.Record();
        long total = (long)(perSecond * duration.TotalSeconds);
        long warm = total / 10;
        long start = clock.Now + 1_000_000;
        long sent = 0;
        long seen = 0;
        while (seen < total)
        {
            long now = clock.Now;
            while (sent < total && start + (sent * Second / perSecond) <= now)
            {
                e.Sequence = writer.NextSequence;
                writer.Append(in e);
                sent++;
            }

            // Sequences of a new journal begin at 0, like the numbers here.
            long durable = writer.DurableSequence + 1;
            now = durable > seen ? clock.Now : now;
            for (; seen < durable; seen++)
            {
                if (seen >= warm)
                {
                    latencies.RecordValue(now - (start + (seen * Second / perSecond)));
                }
            }
        }
    }
}
