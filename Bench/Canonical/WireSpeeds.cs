using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace LowLatency.Bench.Canonical;

/// <summary>
/// Messages to events and commands to bytes, validation included, each beside the framework's serializer filling classes from
/// the same bytes, in turns: rounds of a few hundred, the median of each.
/// </summary>
internal static class WireSpeeds
{
    internal const string Trade = "Bybit trade to events";
    internal const string Delta = "Bybit book delta of 12 levels to events";
    internal const string Order = "order to a request of Bybit's order connection";

    private const int Repeats = 200;

    /// <summary>Measures.</summary>
    /// <param name="duration">Wall time, warm-up included.</param>
    internal static List<Speed> Measure(TimeSpan duration)
    {
        WireWork messages = new();
        List<(string Name, Action Work, string Remark)> all =
        [
            (Trade, () => messages.BybitTrade(), "one print; the decoder that live runs use"),
            ("the same by System.Text.Json into classes", () => messages.BybitTradeBySerializer(), "generated code, text to decimal; no events"),
            (Delta, () => messages.BybitDeltaOfTwelve(), "the decoder that live runs use"),
            ("12 levels by System.Text.Json into classes", () => messages.BybitDeltaOfTwelveBySerializer(), "generated code, text to decimal; no events"),
            ("Bybit book delta of 68 levels to events", () => messages.BybitDelta(), "as many as they have on average with 200 levels a side"),
            ("Bybit execution to events", () => messages.BybitExecution(), "private stream"),
            ("Alpaca order update to events", () => messages.AlpacaUpdate(), "trade_updates, with a fill"),
            ("Alpaca quote and trade to events", () => messages.AlpacaData(), "one message of both"),
            (Order, () => messages.BybitOrder(), "the bytes that would leave"),
            ("order to a signed REST request of Bybit", () => messages.BybitSignedOrder(), "HMAC-SHA-256 by the platform included"),
        ];
        double[] nanoseconds = new double[all.Count];
        long[] allocated = new long[all.Count];
        HotThread.Run(() => Rounds(all, duration, nanoseconds, allocated));
        List<Speed> speeds = [];
        for (int i = 0; i < all.Count; i++)
        {
            speeds.Add(new Speed(
                all[i].Name, Math.Round(1e9 / nanoseconds[i]), Math.Round(nanoseconds[i], 1), Repeats, $"{all[i].Remark}; {allocated[i]} B allocated"));
        }

        return speeds;
    }

    private static void Rounds(
        List<(string Name, Action Work, string Remark)> all, TimeSpan duration, double[] nanoseconds, long[] allocated)
    {
        List<double>[] rounds = new List<double>[all.Count];
        for (int i = 0; i < rounds.Length; i++)
        {
            rounds[i] = new List<double>(1 << 16);
        }

        // The first third is warm-up: tiers of the compiler, caches.
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            bool counts = Stopwatch.GetElapsedTime(start) > duration / 3;
            for (int i = 0; i < all.Count; i++)
            {
                Action work = all[i].Work;
                long bytes = GC.GetAllocatedBytesForCurrentThread();
                long from = Stopwatch.GetTimestamp();
                for (int n = 0; n < Repeats; n++)
                {
                    work();
                }

                double took = Stopwatch.GetElapsedTime(from).TotalNanoseconds / Repeats;
                allocated[i] = (GC.GetAllocatedBytesForCurrentThread() - bytes) / Repeats;
                if (counts && rounds[i].Count < rounds[i].Capacity)
                {
                    rounds[i].Add(took);
                }
            }
        }

        for (int i = 0; i < rounds.Length; i++)
        {
            rounds[i].Sort();
            nanoseconds[i] = rounds[i].Count == 0 ? double.NaN : rounds[i][rounds[i].Count / 2];
        }
    }
}
