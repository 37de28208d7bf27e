using System.Collections.Generic;

namespace LowLatency.Bench.Canonical;

/// <summary>
/// What we hold the figures against. The levels are ours, for a shared two-processor machine; the anchor names the public
/// figure that world-class is measured by, on its own machine and by its own method.
/// </summary>
internal static class Targets
{
    private const string Missed = "not reached";

    /// <summary>Judges what the report has figures for.</summary>
    internal static IReadOnlyList<Judgement> Judge(Report report)
    {
        List<Judgement> all = [];
        foreach (Throughput found in report.Throughput)
        {
            if (found.Recording != "off")
            {
                all.Add(More(
                    $"pipeline, journal {found.Recording}", "M events/s", found.EventsPerSecond / 1e6, 2, 10, 20,
                    "exchange-core 5 M orders/s and LMAX 6 M orders/s in memory; FASTER log about 10 M records/s of 100 B"));
            }
        }

        foreach (Speed speed in report.Speeds)
        {
            switch (speed.Name)
            {
                case "replay" or "backtest":
                    all.Add(More(speed.Name, "M events/s", speed.PerSecond / 1e6, 5, 20, 50,
                        "NautilusTrader about 3 M, LEAN about 0.2 M data points/s"));
                    break;
                case "journal append":
                    all.Add(Less(speed.Name, "ns/event", speed.Nanoseconds, 100, 25, 12,
                        "Chronicle Queue 99 % below 0.78 us for 40 B"));
                    break;
                case "journal read and verify":
                    all.Add(More(speed.Name, "M events/s", speed.PerSecond / 1e6, 20, 150, 300,
                        "Databento's decoder in Rust 25 M records/s"));
                    break;
            }
        }

        if (report.Service is { } service)
        {
            Latencies("service time", service.ToCommand, all, [2, 10, 20, 50], [0.5, 1.5, 3, 10], [0.25, 0.75, 1.5, 3],
                "exchange-core 0.5 us median, risk and matching only");
        }

        foreach (Latency latency in report.OpenLoop)
        {
            if (latency.OfferedPerSecond == 100_000)
            {
                Latencies("open loop 100 k/s", latency.ToCommand, all,
                    [2, 20, 200, 2000], [0.8, 3, 50, 500], [0.5, 2, 40, 400],
                    "exchange-core at 125 k/s 0.6 / 1.4 / 4 / 24 us on isolated tickless metal");
            }
            else if (latency.OfferedPerSecond == 1_000_000)
            {
                Latencies("open loop 1 M/s", latency.ToCommand, all,
                    [2, 100, 2000, 10_000], [0.5, 35, 150, 1000], [0.3, 20, 70, 200],
                    "exchange-core at 1 M/s 0.5 / 4 / 22 / 31 us on isolated tickless metal");
            }
        }

        return all;
    }

    private static void Latencies(
        string name, Percentiles found, List<Judgement> all, double[] acceptable, double[] strong, double[] best, string anchor)
    {
        if (found.Count == 0)
        {
            return;
        }

        string[] places = ["p50", "p99", "p99.9", "p99.99"];
        long[] values = [found.P50, found.P99, found.P999, found.P9999];
        for (int i = 0; i < places.Length; i++)
        {
            all.Add(Less($"{name} {places[i]}", "us", values[i] / 1e3, acceptable[i], strong[i], best[i], anchor));
        }
    }

    private static Judgement More(
        string name, string unit, double value, double acceptable, double strong, double best, string anchor) =>
        new(name, unit, value, acceptable, strong, best,
            value >= best ? "world-class" : value >= strong ? "strong" : value >= acceptable ? "acceptable" : Missed, anchor);

    private static Judgement Less(
        string name, string unit, double value, double acceptable, double strong, double best, string anchor) =>
        new(name, unit, value, acceptable, strong, best,
            value <= best ? "world-class" : value <= strong ? "strong" : value <= acceptable ? "acceptable" : Missed, anchor);
}
