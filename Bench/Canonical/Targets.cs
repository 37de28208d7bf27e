using System.Collections.Generic;

namespace LowLatency.Bench.Canonical;

/// <summary>
/// What we hold the figures against: what must be reached on a shared two-processor machine, and what we aim at. Figures of the
/// journal and of restarts are judged in their own reports.
/// </summary>
internal static class Targets
{
    /// <summary>Neither must nor aim.</summary>
    internal const string Missed = "no";

    /// <summary>Judges what the report has figures for.</summary>
    internal static IReadOnlyList<Judgement> Judge(Report report)
    {
        List<Judgement> all = [];
        Backtest(report, all);
        foreach (Throughput found in report.Throughput)
        {
            if (found is { From: "bytes", Recording: "written" })
            {
                all.Add(More("live path from JSON bytes, journal on", "M messages/s", found.MessagesPerSecond / 1e6, 2, 5,
                    "exchange-core 5 M orders/s and LMAX 6 M orders/s, in memory"));
                all.Add(Less("bytes allocated by its hot thread", "B", found.AllocatedBytes, 0, 0, string.Empty));
                all.Add(Less("collections meanwhile", "count", found.Collections, 0, 0, string.Empty));
            }
        }

        if (report.Service is { } service)
        {
            const string anchor = "exchange-core 0.5 us median, risk and matching only";
            all.Add(Less("closed loop, bytes to order bytes, p50", "us", service.ToCommand.P50 / 1e3, 0.5, 0.25, anchor));
            all.Add(Less("closed loop, bytes to order bytes, p99", "us", service.ToCommand.P99 / 1e3, 1.5, 0.75, anchor));
            all.Add(Less("closed loop, bytes to order bytes, p99.9", "us", service.ToCommand.P999 / 1e3, 3, 1.5, anchor));
        }

        foreach (Latency latency in report.OpenLoop)
        {
            if (latency.OfferedPerSecond == 100_000)
            {
                const string anchor = "exchange-core at 125 k/s 0.6 / 1.4 us on isolated tickless metal";
                all.Add(Less("open loop 100 k/s, bytes to order bytes, p50", "us", latency.ToCommand.P50 / 1e3, 0.8, 0.5, anchor));
                all.Add(Less("open loop 100 k/s, bytes to order bytes, p99", "us", latency.ToCommand.P99 / 1e3, 3, 2, anchor));
            }
        }

        Parsing(report, all);
        if (report.Ring is { } trips)
        {
            all.Add(Less("ring round trip over two bare flags", "x", trips.Ratio, 1.5, 1.2, "the flags of the same run"));
        }

        if (report.PrivateBytes is { } bytes)
        {
            all.Add(Less("private memory in steady state", "MB", bytes / 1e6, 150, 80, string.Empty));
        }

        return all;
    }

    private static void Backtest(Report report, List<Judgement> all)
    {
        foreach (Speed speed in report.Speeds)
        {
            if (speed.Name == "backtest")
            {
                all.Add(More("backtest through all stages, one core", "M events/s", speed.PerSecond / 1e6, 10, 25,
                    "NautilusTrader about 3 M, LEAN about 0.2 M data points/s"));
            }
            else if (speed.Name == "journal read and verify")
            {
                all.Add(More(speed.Name, "M records/s", speed.PerSecond / 1e6, 100, 200,
                    "Databento's decoder in Rust 25 M records/s"));
            }
        }
    }

    private static void Parsing(Report report, List<Judgement> all)
    {
        foreach (Speed speed in report.Wire)
        {
            if (speed.Name == WireSpeeds.Trade)
            {
                all.Add(Less(speed.Name, "ns", speed.Nanoseconds, 100, 50, "System.Text.Json into classes, same run"));
            }
            else if (speed.Name == WireSpeeds.Delta)
            {
                all.Add(Less(speed.Name, "ns", speed.Nanoseconds, 300, 150, "System.Text.Json into classes, same run"));
            }
        }
    }

    private static Judgement More(string name, string unit, double value, double must, double aim, string beside) =>
        new(name, unit, value, must, aim, value >= aim ? "aim" : value >= must ? "yes" : Missed, beside);

    private static Judgement Less(string name, string unit, double value, double must, double aim, string beside) =>
        new(name, unit, value, must, aim, value <= aim ? "aim" : value <= must ? "yes" : Missed, beside);
}
