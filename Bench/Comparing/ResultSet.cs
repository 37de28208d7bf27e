using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace LowLatency.Bench.Comparing;

/// <summary>One benchmark of a set of results.</summary>
/// <param name="Name">Its full name, parameters included.</param>
/// <param name="Runs">The median time of each run, nanoseconds; at least one.</param>
/// <param name="Error">Standard error of a run's mean, nanoseconds: the largest of the runs.</param>
/// <param name="Bytes">Bytes allocated for an operation, the most of all runs; null when they were not counted.</param>
internal sealed record Measurement(string Name, IReadOnlyList<double> Runs, double Error, double? Bytes)
{
    /// <summary>The middle run.</summary>
    internal double Median
    {
        get
        {
            double[] sorted = [.. Runs];
            Array.Sort(sorted);
            int middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }
}

/// <summary>The results of the small benchmarks: one run, or several of the same.</summary>
internal static class ResultSet
{
    /// <summary>Most files of a set.</summary>
    internal const int FilesMax = 1_000;

    private const string Pattern = "*-report-brief.json";

    /// <summary>Reads a result file, or all in a folder and below it; several runs of a benchmark are put together.</summary>
    /// <exception cref="InvalidDataException">There are none, or one is not what it should be.</exception>
    internal static IReadOnlyList<Measurement> Load(string path)
    {
        string[] files = File.Exists(path) ? [path]
            : Directory.Exists(path) ? Directory.GetFiles(path, Pattern, SearchOption.AllDirectories)
            : throw new InvalidDataException(path + ": there is no such file or folder");
        if (files.Length is 0 or > FilesMax)
        {
            throw new InvalidDataException($"{path}: {files.Length} result files ({Pattern}); allowed are 1 to {FilesMax}");
        }

        Array.Sort(files, StringComparer.Ordinal);
        SortedDictionary<string, Measurement> byName = new(StringComparer.Ordinal);
        foreach (string file in files)
        {
            foreach (Measurement found in Read(file))
            {
                byName[found.Name] = byName.TryGetValue(found.Name, out Measurement? before) ? Join(before, found) : found;
            }
        }

        return [.. byName.Values];
    }

    private static Measurement Join(Measurement a, Measurement b) => new(
        a.Name,
        [.. a.Runs, .. b.Runs],
        Math.Max(a.Error, b.Error),
        a.Bytes is { } x && b.Bytes is { } y ? Math.Max(x, y) : a.Bytes ?? b.Bytes);

    private static List<Measurement> Read(string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            List<Measurement> found = [];
            foreach (JsonElement benchmark in document.RootElement.GetProperty("Benchmarks").EnumerateArray())
            {
                string name = benchmark.GetProperty("FullName").GetString()!;

                // A benchmark that failed has no figures.
                if (benchmark.TryGetProperty("Statistics", out JsonElement statistics) && statistics.ValueKind == JsonValueKind.Object)
                {
                    double? bytes = benchmark.TryGetProperty("Memory", out JsonElement memory)
                        && memory.ValueKind == JsonValueKind.Object
                        && memory.TryGetProperty("BytesAllocatedPerOperation", out JsonElement allocated)
                        && allocated.ValueKind == JsonValueKind.Number
                            ? allocated.GetDouble()
                            : null;
                    found.Add(new Measurement(
                        name, [statistics.GetProperty("Median").GetDouble()], Error(statistics), bytes));
                }
            }

            return found;
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{file}: not results of the small benchmarks: {failure.Message}");
        }
    }

    private static double Error(JsonElement statistics) =>
        statistics.TryGetProperty("StandardError", out JsonElement error) && error.ValueKind == JsonValueKind.Number
            ? error.GetDouble()
            : 0;
}
