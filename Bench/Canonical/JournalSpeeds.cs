using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Bench.Canonical;

/// <summary>What the journal costs alone, and what can be done with a recorded run.</summary>
internal static class JournalSpeeds
{
    /// <summary>Reads, replays and simulates a recorded run, each once to warm up and once to measure.</summary>
    /// <param name="recorded">A journal directory of a whole run.</param>
    /// <param name="folder">An empty one for the append.</param>
    /// <param name="records">Records to append.</param>
    internal static List<Speed> Measure(string recorded, string folder, int records)
    {
        List<Speed> all = [];
        Append(folder, records, all);
        all.Add(ReadAndVerify(recorded));
        ReplayReport? replayed = null;
        long events = 0;
        TimeSpan elapsed = Twice(() => replayed = Replay.Run(recorded, null, verify: false));
        events = replayed!.Events;
        all.Add(Of("replay", events, elapsed, "pipeline and digest, not compared"));

        elapsed = Twice(() => replayed = Replay.Run(recorded, null, verify: true));
        if (replayed.Difference is { } difference)
        {
            throw new InvalidDataException("the canonical run does not replay: " + difference);
        }

        all.Add(Of(
            "replay, compared with the audit log", events, elapsed,
            $"{replayed.Decisions} decisions and {replayed.Checkpoints} checkpoints equal"));
        elapsed = Twice(() => BacktestCommand.Simulate(null, recorded, null, out _));
        all.Add(Of("backtest", events, elapsed, "the recorded run again: simulated venue, no journal kept; " + Contents(recorded)));
        return all;
    }

    /// <summary>
    /// Appends into room that is prepared, and then on and on: the difference is what the sync thread cannot prepare,
    /// hash and write back as fast as the hot thread fills it.
    /// </summary>
    private static void Append(string folder, int records, List<Speed> all)
    {
        JournalOptions options = new()
        {
            Instance = 1,
            Epoch = 1,
            Durability = Durability.Written,
        };
        if (JournalWriter.Create(new PosixStorage(), folder, options, out JournalWriter? made) is { } error)
        {
            throw new IOException("the journal could not be made: " + error);
        }

        using JournalWriter writer = made!;
        using Journal.SyncThread sync = new(writer);
        Event e = default;
        e.Set(new Trade { Price = 65_000, Quantity = 12, TradeId = 7 });
        AppendMany(writer, ref e, options.SegmentCapacity / 2);
        int prepared = options.SegmentCapacity / 2;
        TimeSpan inRoom = default;
        TimeSpan sustained = default;
        HotThread.Run(() =>
        {
            long start = Stopwatch.GetTimestamp();
            AppendMany(writer, ref e, prepared);
            inRoom = Stopwatch.GetElapsedTime(start);
            start = Stopwatch.GetTimestamp();
            AppendMany(writer, ref e, records);
            sustained = Stopwatch.GetElapsedTime(start);
        });
        all.Add(Of("journal append", prepared, inRoom, "durability written, into a prepared segment"));
        all.Add(Of(
            "journal append, sustained",
            records,
            sustained,
            "durability written; every segment zeroed, hashed and synced by the sync thread"));
    }

    private static void AppendMany(JournalWriter writer, ref Event e, int records)
    {
        for (int i = 0; i < records; i++)
        {
            e.Sequence = writer.NextSequence;
            writer.Append(in e);
        }
    }

    private static Speed ReadAndVerify(string recorded)
    {
        long events = 0;
        TimeSpan elapsed = Twice(() => events = CountRecords(recorded));
        return Of("journal read and verify", events, elapsed, "warm cache; CRC, chain and sequence of each record");
    }

    private static long CountRecords(string recorded)
    {
        using JournalReader reader = new(new PosixStorage(), recorded);
        Event e = default;
        long events = 0;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            events++;
        }

        return events;
    }

    /// <summary>What is in a run: rates of events say little without it.</summary>
    private static string Contents(string recorded)
    {
        using JournalReader reader = new(new PosixStorage(), recorded);
        Event e = default;
        long messages = 0;
        long levels = 0;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            messages += e.EndsGroup && e.Source == EventSource.Generator ? 1 : 0;
            levels += e.Kind == EventKind.BookLevels ? e.BookLevels.Count : 0;
        }

        return $"{messages} messages of the market, {levels} levels";
    }

    private static TimeSpan Twice(Action work)
    {
        work();
        TimeSpan elapsed = default;
        HotThread.Run(() =>
        {
            long start = Stopwatch.GetTimestamp();
            work();
            elapsed = Stopwatch.GetElapsedTime(start);
        });
        return elapsed;
    }

    private static Speed Of(string name, long count, TimeSpan elapsed, string remark) => new(
        name, Math.Round(count / elapsed.TotalSeconds), Math.Round(elapsed.TotalNanoseconds / count, 2), count, remark);
}
