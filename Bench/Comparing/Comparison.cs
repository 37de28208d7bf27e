using System;
using System.Collections.Generic;

namespace LowLatency.Bench.Comparing;

/// <summary>What is said of a benchmark.</summary>
internal enum Move
{
    /// <summary>Nothing that noise could not have done.</summary>
    Same,

    /// <summary>Beyond noise.</summary>
    Faster,

    /// <summary>Beyond noise.</summary>
    Slower,
}

/// <summary>A benchmark in two sets.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Before">Nanoseconds.</param>
/// <param name="After">Nanoseconds.</param>
/// <param name="Ratio">After over before, with what the machine moved by taken off.</param>
/// <param name="Noise">Ratios from 1 / (1 + noise) to 1 + noise may be chance.</param>
/// <param name="Move">The word on it.</param>
/// <param name="BytesBefore">Allocated for an operation; null when not counted.</param>
/// <param name="BytesAfter">Allocated for an operation; null when not counted.</param>
internal sealed record Row(
    string Name, double Before, double After, double Ratio, double Noise, Move Move, double? BytesBefore, double? BytesAfter)
{
    /// <summary>True when it allocates more: a count, of which no noise makes one byte.</summary>
    internal bool AllocatesMore => BytesAfter > BytesBefore;
}

/// <summary>
/// Two sets of results, and what moved beyond noise. Noise is what the runs of a set differ by among themselves, their
/// standard errors, and never less than a floor: a shared machine moves single figures by some per cent between runs, which
/// a single run cannot know of.
/// </summary>
/// <param name="Rows">Benchmarks of both sets.</param>
/// <param name="Machine">What the reference moved by; 1 when it is in neither set.</param>
/// <param name="HasReference">False when the sets have no reference, and the machine's own move is in every ratio.</param>
/// <param name="OnlyBefore">Names that only the first set has.</param>
/// <param name="OnlyAfter">Names that only the second set has.</param>
internal sealed record Comparison(
    IReadOnlyList<Row> Rows,
    double Machine,
    bool HasReference,
    IReadOnlyList<string> OnlyBefore,
    IReadOnlyList<string> OnlyAfter)
{
    /// <summary>Smallest noise there is.</summary>
    internal const double Floor = 0.10;

    /// <summary>Standard errors that chance may account for.</summary>
    internal const double Sigmas = 4;

    /// <summary>Name of the reference, which is measured in every set.</summary>
    internal const string Reference = "LowLatency.Bench.ReferenceBenchmarks.Loop";

    /// <summary>Below a tenth of a nanosecond a benchmark measures the absence of work.</summary>
    internal const double Nothing = 0.1;

    /// <summary>True when something is slower or allocates more.</summary>
    internal bool HasLoss
    {
        get
        {
            foreach (Row row in Rows)
            {
                if (row.Move == Move.Slower || row.AllocatesMore)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Compares.</summary>
    internal static Comparison Of(IReadOnlyList<Measurement> before, IReadOnlyList<Measurement> after)
    {
        Dictionary<string, Measurement> second = new(StringComparer.Ordinal);
        foreach (Measurement measurement in after)
        {
            second.Add(measurement.Name, measurement);
        }

        bool hasReference = false;
        double machine = 1;
        foreach (Measurement measurement in before)
        {
            if (measurement.Name == Reference && second.TryGetValue(Reference, out Measurement? other))
            {
                hasReference = true;
                machine = other.Median / measurement.Median;
            }
        }

        List<Row> rows = [];
        List<string> onlyBefore = [];
        foreach (Measurement measurement in before)
        {
            if (!second.Remove(measurement.Name, out Measurement? other))
            {
                onlyBefore.Add(measurement.Name);
            }
            else if (measurement.Name != Reference)
            {
                rows.Add(Compare(measurement, other, machine));
            }
        }

        return new Comparison(rows, machine, hasReference, onlyBefore, [.. second.Keys]);
    }

    private static Row Compare(Measurement before, Measurement after, double machine)
    {
        double a = Math.Max(before.Median, Nothing);
        double b = Math.Max(after.Median, Nothing);
        double ratio = b / a / machine;

        // The machine's own move is only known roughly: what was taken off for it may be that far off.
        double drift = Math.Abs(Math.Log(machine)) / 2;
        double own = Math.Sqrt(Square(before, a) + Square(after, b));
        double noise = Math.Max(Floor, Sigmas * own) + drift;
        Move move = ratio > 1 + noise ? Move.Slower : ratio < 1 / (1 + noise) ? Move.Faster : Move.Same;
        return new Row(before.Name, before.Median, after.Median, ratio, noise, move, before.Bytes, after.Bytes);
    }

    /// <summary>Square of the relative error of a median: of the runs among themselves, or within the only one.</summary>
    private static double Square(Measurement measurement, double median)
    {
        double error = measurement.Error / median;
        if (measurement.Runs.Count > 1)
        {
            double sum = 0;
            foreach (double run in measurement.Runs)
            {
                sum += Math.Pow((run - median) / median, 2);
            }

            error = Math.Max(error, Math.Sqrt(sum / (measurement.Runs.Count - 1) / measurement.Runs.Count));
        }

        return error * error;
    }
}
