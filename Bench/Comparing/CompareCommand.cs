using System;
using System.Globalization;
using System.IO;

namespace LowLatency.Bench.Comparing;

/// <summary>Says what moved between two sets of results. Ends with 1 when something got slower or allocates more.</summary>
internal static class CompareCommand
{
    internal const string Usage = "       Bench compare BEFORE AFTER      result files or folders of bdn; 1: something got worse\n";

    internal const int Worse = 1;
    internal const int Refused = 2;

    /// <summary>Runs.</summary>
    /// <param name="arguments">Two paths.</param>
    /// <param name="output">Where the findings go.</param>
    /// <param name="error">Where refusals go.</param>
    internal static int Run(ReadOnlySpan<string> arguments, TextWriter output, TextWriter error)
    {
        if (arguments is not [var before, var after])
        {
            error.Write("usage:\n" + Usage);
            return Refused;
        }

        try
        {
            Comparison comparison = Comparison.Of(ResultSet.Load(before), ResultSet.Load(after));
            Print(comparison, output);
            return comparison.HasLoss ? Worse : 0;
        }
        catch (InvalidDataException failure)
        {
            error.WriteLine("error: " + failure.Message);
            return Refused;
        }
    }

    private static void Print(Comparison comparison, TextWriter output)
    {
        output.WriteLine(comparison.HasReference
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the reference loop moved by x{comparison.Machine:F2}: that is the machine, and is taken off every ratio")
            : "no reference loop in both sets: what the machine moved by is in every ratio");
        int same = 0;
        foreach (Move move in (ReadOnlySpan<Move>)[Move.Slower, Move.Faster])
        {
            foreach (Row row in comparison.Rows)
            {
                if (row.Move == move)
                {
                    output.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{move.ToString().ToUpperInvariant(),-7} x{row.Ratio:F2} (noise {row.Noise:P0})  {row.Before:F1} -> {row.After:F1} ns  {row.Name}"));
                }
            }
        }

        foreach (Row row in comparison.Rows)
        {
            same += row.Move == Move.Same ? 1 : 0;
            if (row.BytesBefore != row.BytesAfter && row is { BytesBefore: { } bytes, BytesAfter: { } now })
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{(now > bytes ? "MORE" : "LESS"),-7} {bytes:F0} -> {now:F0} bytes  {row.Name}"));
            }
        }

        foreach (string name in comparison.OnlyBefore)
        {
            output.WriteLine("GONE    " + name);
        }

        foreach (string name in comparison.OnlyAfter)
        {
            output.WriteLine("NEW     " + name);
        }

        output.WriteLine($"{same} of {comparison.Rows.Count} did not move beyond noise");
    }
}
