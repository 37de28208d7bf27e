using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Numerics;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>
/// A correlation matrix: <c>instruments</c>, and <c>ppm</c> with a row of whole millionths for each. Resolved it is a line of
/// the symbols and one for each row. It must be symmetric and positive semidefinite, which is checked exactly.
/// </summary>
internal sealed class CorrelationFile : ResourceKind
{
    private const int One = 1_000_000;

    /// <inheritdoc/>
    public override string Noun => "a correlation matrix file";

    /// <inheritdoc/>
    public override string? Problem(byte[] content) => TryRead(content, out _, out _, out string problem) ? null : problem;

    /// <inheritdoc/>
    public override ResourceReading Load(string path)
    {
        try
        {
            using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = file.RootElement;
            if (root.ValueKind != JsonValueKind.Object || root.GetPropertyCount() != 2
                || !root.TryGetProperty("instruments", out JsonElement names) || names.ValueKind != JsonValueKind.Array
                || !root.TryGetProperty("ppm", out JsonElement rows) || rows.ValueKind != JsonValueKind.Array)
            {
                return ResourceReading.Refused("it must have the lists instruments and ppm, and nothing else");
            }

            StringBuilder text = new();
            foreach (JsonElement name in names.EnumerateArray())
            {
                text.Append(text.Length == 0 ? string.Empty : " ")
                    .Append(name.ValueKind == JsonValueKind.String ? name.GetString() : "?");
            }

            text.Append('\n');
            foreach (JsonElement row in rows.EnumerateArray())
            {
                string between = string.Empty;
                foreach (JsonElement value in row.ValueKind == JsonValueKind.Array ? row.EnumerateArray() : default)
                {
                    text.Append(between).Append(value.GetRawText());
                    between = " ";
                }

                text.Append('\n');
            }

            return new ResourceReading(Encoding.UTF8.GetBytes(text.ToString()), string.Empty);
        }
        catch (JsonException broken)
        {
            return ResourceReading.Refused("not JSON: " + broken.Message);
        }
    }

    /// <summary>Reads the resolved form.</summary>
    internal static bool TryRead(
        ReadOnlySpan<byte> content, out Symbol24[] symbols, out int[] ppm, out string problem)
    {
        symbols = [];
        ppm = [];
        string[] lines = Encoding.UTF8.GetString(content).Split('\n');
        string[] names = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int count = names.Length;
        if (count is < 2 or > Limits.Instruments || lines.Length != count + 2)
        {
            problem = string.Create(
                CultureInfo.InvariantCulture,
                $"{count} instruments and {Math.Max(0, lines.Length - 2)} rows: it must have 2 to {Limits.Instruments} instruments and a row for each");
            return false;
        }

        symbols = new Symbol24[count];
        ppm = new int[count * count];
        for (int i = 0; i < count; i++)
        {
            if (!IsSymbol(names[i]) || Array.IndexOf(names, names[i]) != i)
            {
                problem = $"instruments: {names[i]}: must be a symbol of [A-Z0-9._/-], at most 24, that is named once";
                return false;
            }

            symbols[i] = Symbol24.Of(names[i]);
            string[] row = lines[i + 1].Split(' ');
            for (int j = 0; j < count; j++)
            {
                if (row.Length != count
                    || !int.TryParse(row[j], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
                    || value is < -One or > One)
                {
                    problem = $"row {names[i]}: {lines[i + 1]}: must be {count} whole numbers from {-One} to {One}";
                    return false;
                }

                ppm[(i * count) + j] = value;
            }
        }

        problem = Shape(names, ppm) ?? string.Empty;
        return problem.Length == 0;
    }

    private static bool IsSymbol(string name)
    {
        bool right = name.Length is >= 1 and <= 24;
        foreach (char c in name)
        {
            right &= c is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '.' or '_' or '/' or '-';
        }

        return right;
    }

    private static string? Shape(string[] names, int[] ppm)
    {
        int count = names.Length;
        for (int i = 0; i < count; i++)
        {
            if (ppm[(i * count) + i] != One)
            {
                return $"{names[i]} with itself: {ppm[(i * count) + i]}: must be {One}";
            }

            for (int j = 0; j < i; j++)
            {
                if (ppm[(i * count) + j] != ppm[(j * count) + i])
                {
                    return $"not symmetric: {names[i]} with {names[j]} is {ppm[(i * count) + j]}, {names[j]} with {names[i]} is {ppm[(j * count) + i]}";
                }
            }
        }

        return Contradiction(names, ppm);
    }

    /// <summary>
    /// Eliminates with whole numbers, the largest diagonal first: a negative diagonal, or a zero one with something beside it,
    /// is a portfolio of negative variance.
    /// </summary>
    private static string? Contradiction(string[] names, int[] ppm)
    {
        int count = names.Length;
        BigInteger[,] a = new BigInteger[count, count];
        for (int i = 0; i < ppm.Length; i++)
        {
            a[i / count, i % count] = ppm[i];
        }

        List<int> left = [];
        for (int i = 0; i < count; i++)
        {
            left.Add(i);
        }

        BigInteger before = 1;
        while (left.Count > 0)
        {
            int pivot = left[0];
            foreach (int i in left)
            {
                pivot = a[i, i] > a[pivot, pivot] ? i : pivot;
            }

            foreach (int i in left)
            {
                bool negative = a[i, i] < 0;
                foreach (int j in left)
                {
                    negative |= a[pivot, pivot].IsZero && !a[i, j].IsZero;
                }

                if (negative)
                {
                    return $"not positive semidefinite: {names[i]} contradicts the others; no prices can move so together "
                        + "(a matrix that was only rounded becomes valid when all correlations are made a little smaller)";
                }
            }

            left.Remove(pivot);
            if (a[pivot, pivot].IsZero)
            {
                return null;
            }

            foreach (int i in left)
            {
                foreach (int j in left)
                {
                    a[i, j] = ((a[i, j] * a[pivot, pivot]) - (a[i, pivot] * a[pivot, j])) / before;
                }
            }

            before = a[pivot, pivot];
        }

        return null;
    }
}
