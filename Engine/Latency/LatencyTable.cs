using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using LowLatency.Core.Formats.Histogram;

namespace LowLatency.Engine.Latency;

/// <summary>Percentiles as text, and on the terminal.</summary>
internal static class LatencyTable
{
    /// <summary>What stands for a number that would say nothing.</summary>
    internal const string Unknown = "-";

    /// <summary>The percentiles of all tables.</summary>
    internal static ReadOnlySpan<double> Percentiles => [50, 90, 99, 99.9, 99.99];

    /// <summary>Heads of the columns of <see cref="Row"/>.</summary>
    internal static string[] Head(string first) =>
        [first, "count", "mean", .. Array.ConvertAll(Percentiles.ToArray(), PercentileName), "max"];

    /// <summary>Heads of the columns of <see cref="Ratios"/>.</summary>
    internal static string[] RatioHead(string first) =>
        [first, "mean", .. Array.ConvertAll(Percentiles.ToArray(), PercentileName), "max"];

    /// <summary>Prints what a run has measured; hops without a value are left out.</summary>
    /// <param name="histograms">By hop.</param>
    internal static void Print(ReadOnlySpan<HdrHistogram?> histograms)
    {
        List<MeasuredHop> hops = [];
        for (int i = 0; i < histograms.Length; i++)
        {
            if (histograms[i] is { } histogram && histogram.TotalCount + histogram.RefusedCount != 0)
            {
                hops.Add(new MeasuredHop(Hops.Tag((Hop)i), histogram));
            }
        }

        Print("hop", hops);
    }

    /// <summary>Prints hops.</summary>
    internal static void Print(string first, IReadOnlyList<MeasuredHop> hops)
    {
        List<string[]> rows = [Head(first)];
        foreach (MeasuredHop hop in hops)
        {
            rows.Add(Row(hop));
        }

        Write(rows);
        foreach (MeasuredHop hop in hops)
        {
            if (hop.Histogram.RefusedCount != 0)
            {
                Console.WriteLine($"{hop.Tag}: {Count(hop.Histogram.RefusedCount)} values out of range are not among them");
            }
        }
    }

    /// <summary>Prints a run against another.</summary>
    internal static void PrintRatios(LatencyRun run, LatencyRun against)
    {
        Write([RatioHead("times"), .. Ratios(run, against)]);
    }

    /// <summary>A hop's name, count, mean, percentiles and maximum.</summary>
    internal static string[] Row(MeasuredHop hop)
    {
        HdrHistogram histogram = hop.Histogram;
        if (histogram.TotalCount == 0)
        {
            return [hop.Tag, "0", Unknown, .. Array.ConvertAll(Percentiles.ToArray(), _ => Unknown), Unknown];
        }

        return
        [
            hop.Tag,
            Count(histogram.TotalCount),
            Time(histogram.Mean),
            .. Array.ConvertAll(Percentiles.ToArray(), p => Time(histogram.ValueAtPercentile(p))),
            Time(histogram.Maximum),
        ];
    }

    /// <summary>
    /// Of each hop in both runs, how many times the other's figures its own are. A percentile that too few values lie
    /// beyond in either run is left open: it would compare two accidents. The maximum is one, and is shown for what it is.
    /// </summary>
    internal static List<string[]> Ratios(LatencyRun run, LatencyRun against)
    {
        List<string[]> rows = [];
        foreach (MeasuredHop hop in run.Hops)
        {
            if (against.Find(hop.Tag) is not { TotalCount: > 0 } other || hop.Histogram.TotalCount == 0)
            {
                continue;
            }

            rows.Add(
            [
                hop.Tag,
                Ratio(hop.Histogram.Mean, other.Mean),
                .. Array.ConvertAll(
                    Percentiles.ToArray(),
                    p => LatencyRun.IsKnown(hop.Histogram, p) && LatencyRun.IsKnown(other, p)
                        ? Ratio(hop.Histogram.ValueAtPercentile(p), other.ValueAtPercentile(p))
                        : Unknown),
                Ratio(hop.Histogram.Maximum, other.Maximum),
            ]);
        }

        return rows;
    }

    /// <summary>The names that only one of two runs has.</summary>
    internal static List<string> OnlyIn(LatencyRun run, LatencyRun other)
    {
        List<string> names = [];
        foreach (MeasuredHop hop in run.Hops)
        {
            if (other.Find(hop.Tag) is null)
            {
                names.Add(hop.Tag);
            }
        }

        return names;
    }

    /// <summary>A time with three digits and its unit.</summary>
    internal static string Time(double nanoseconds)
    {
        (double value, string unit) = nanoseconds switch
        {
            < 999.5 => (nanoseconds, "ns"),
            < 999_500 => (nanoseconds / 1e3, "us"),
            < 999_500_000 => (nanoseconds / 1e6, "ms"),
            _ => (nanoseconds / 1e9, "s"),
        };
        string digits = unit == "ns" || value >= 99.95 ? "F0" : value >= 9.995 ? "F1" : "F2";
        return value.ToString(digits, CultureInfo.InvariantCulture) + " " + unit;
    }

    /// <summary>A percentile's name.</summary>
    internal static string PercentileName(double percentile) =>
        "p" + percentile.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>Columns as wide as they need, whatever the terminal: a wrapped number is no number.</summary>
    private static void Write(List<string[]> rows)
    {
        int[] widths = new int[rows[0].Length];
        foreach (string[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        foreach (string[] row in rows)
        {
            StringBuilder line = new("  ");
            for (int i = 0; i < row.Length; i++)
            {
                line.Append(i == 0 ? row[i].PadRight(widths[i]) : row[i].PadLeft(widths[i] + 2));
            }

            Console.WriteLine(line.ToString());
        }
    }

    private static string Ratio(double value, double other) =>
        other == 0 ? Unknown : (value / other).ToString("F2", CultureInfo.InvariantCulture);

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
