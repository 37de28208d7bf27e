using System;
using System.Diagnostics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Risk;

namespace LowLatency.Bench.Canonical;

/// <summary>Flat out on one thread: how many events pass through everything in a second.</summary>
internal static class ThroughputRun
{
    /// <summary>A journal larger than this would measure the disk's write-back instead of the engine.</summary>
    private const long EventsMax = 6_000_000;

    private const int Portion = 256;

    /// <param name="market">The market; of a <see cref="WireMarket"/> commands become bytes, too.</param>
    /// <param name="recording">The journal.</param>
    /// <param name="folder">An empty folder for it.</param>
    /// <param name="warmUp">Wall time, at most.</param>
    /// <param name="duration">Wall time.</param>
    internal static Throughput Measure(IMarket market, Recording recording, string folder, TimeSpan warmUp, TimeSpan duration)
    {
        using Rig rig = new(
            market, recording, folder, venue => market is WireMarket wire ? new EncodingVenue(venue, wire.Instruments) : venue);
        Throughput? result = null;
        rig.Begin();
        Rig.WarmUp(() => rig.Driver.Poll(Portion), warmUp);
        HotThread.Run(() => result = Measure(rig, market, recording, duration));
        rig.End();
        Ensure.That(rig.Pipeline.Risk.State == TradingState.Active && result!.CommandsPerSecond > 0,
            "the canonical workload must trade all the time");
        return result!;
    }

    private static Throughput Measure(Rig rig, IMarket market, Recording recording, TimeSpan duration)
    {
        long most = recording == Recording.Off ? long.MaxValue : EventsMax;
        DisturbanceWatch watch = new();
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        int collections = GC.CollectionCount(0);
        long events = rig.Counts.Total;
        long messages = market.Messages;
        long commands = rig.Commands;
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end && rig.Counts.Total < most)
        {
            rig.Driver.Poll(Portion);
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        collections = GC.CollectionCount(0) - collections;
        events = rig.Counts.Total - events;
        return new Throughput(
            market is WireMarket ? "bytes" : "events",
            recording.ToString().ToLowerInvariant(),
            Math.Round(events / seconds),
            Math.Round((market.Messages - messages) / seconds),
            Math.Round((rig.Commands - commands) / seconds),
            Math.Round(seconds * 1e9 / events, 1),
            events,
            bytes,
            collections,
            watch.Stop());
    }
}
