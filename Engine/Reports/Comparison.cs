using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Json;

namespace LowLatency.Engine.Reports;

/// <summary>A difference between two results.</summary>
/// <param name="Path">Where.</param>
/// <param name="Left">What the first says; null when it has nothing there.</param>
/// <param name="Right">What the second says; null when it has nothing there.</param>
internal sealed record Difference(string Path, string? Left, string? Right);

/// <summary>What two runs have different: first where they come from, then what they came to.</summary>
internal sealed record Comparison
{
    internal required IReadOnlyList<Difference> Build { get; init; }

    internal required IReadOnlyList<Difference> Configuration { get; init; }

    internal required IReadOnlyList<Difference> Data { get; init; }

    internal required IReadOnlyList<Difference> Results { get; init; }

    /// <summary>True when one ran on a generated market and the other did not: their numbers must not be compared silently.</summary>
    internal required bool MixesSynthetic { get; init; }

    internal bool IsEqual => Build.Count + Configuration.Count + Data.Count + Results.Count == 0;

    private static readonly string[] _build = ["engineVersion", "buildHash", "strategies", "files"];
    private static readonly string[] _configuration = ["configuration", "configurationHash", "seed"];
    private static readonly string[] _data =
        ["dataKind", "dataHash", "dataSource", "feeds", "fidelity", "firstReceivedAt", "lastReceivedAt"];

    /// <summary>Hashes that must be there for a comparison to mean anything.</summary>
    private static readonly string[] _hashes = ["buildHash", "configurationHash"];

    /// <summary>Compares two artifacts.</summary>
    /// <exception cref="InvalidDataException">A hash is missing or malformed: nothing can be said to be equal.</exception>
    internal static Comparison Of(Artifact left, Artifact right)
    {
        JsonElement a = ManifestOf(left);
        JsonElement b = ManifestOf(right);
        List<Difference> build = Members(a, b, _build);
        List<Difference> configuration = Members(a, b, _configuration);
        Walk(string.Empty, left.Configuration, right.Configuration, configuration);
        List<Difference> results = [];
        Walk(string.Empty, left.Result, right.Result, results);
        results.RemoveAll(d => d.Path.StartsWith("manifest.", StringComparison.Ordinal));
        return new Comparison
        {
            Build = build,
            Configuration = configuration,
            Data = Members(a, b, _data),
            Results = results,
            MixesSynthetic = TextOf(a, "dataKind") != TextOf(b, "dataKind"),
        };
    }

    private static JsonElement ManifestOf(Artifact artifact)
    {
        if (artifact.Result.ValueKind != JsonValueKind.Object
            || !artifact.Result.TryGetProperty("manifest", out JsonElement manifest)
            || manifest.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{artifact.Directory}/{ReportFiles.Result}: there is no manifest in it");
        }

        foreach (string name in _hashes)
        {
            Need(artifact, name, TextOf(manifest, name), Artifact.IsHash);
        }

        // A generated market has no bytes to hash: its seed and its configuration are its identity.
        Need(artifact, "dataHash", TextOf(manifest, "dataHash"), text => text == "seed" || Artifact.IsHash(text));
        Need(artifact, "dataKind", TextOf(manifest, "dataKind"), text => text is "synthetic" or "historical");
        foreach (string digest in (string[])["decisionDigest", "stateDigest"])
        {
            Need(artifact, digest, TextOf(artifact.Result, digest), text => Core.Formats.Digest.TryParse(text, out _));
        }

        return manifest;
    }

    private static void Need(Artifact artifact, string name, string? text, Func<string, bool> isSound)
    {
        if (text is null || !isSound(text))
        {
            throw new InvalidDataException(
                $"{artifact.Directory}/{ReportFiles.Result}: {name} is {(text is null ? "missing" : "\"" + text + "\"")}: "
                + "without it nothing can be said to be equal");
        }
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static List<Difference> Members(JsonElement left, JsonElement right, string[] names)
    {
        List<Difference> differences = [];
        foreach (string name in names)
        {
            Walk(name, MemberOf(left, name), MemberOf(right, name), differences);
        }

        return differences;
    }

    private static JsonElement MemberOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement member) ? member : default;

    private static void Walk(string path, JsonElement left, JsonElement right, List<Difference> differences)
    {
        if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
        {
            SortedSet<string> names = new(StringComparer.Ordinal);
            foreach (JsonProperty member in left.EnumerateObject())
            {
                names.Add(member.Name);
            }

            foreach (JsonProperty member in right.EnumerateObject())
            {
                names.Add(member.Name);
            }

            foreach (string name in names)
            {
                Walk(path.Length == 0 ? name : path + "." + name, MemberOf(left, name), MemberOf(right, name), differences);
            }
        }
        else if (left.ValueKind == JsonValueKind.Array && right.ValueKind == JsonValueKind.Array)
        {
            int most = Math.Max(left.GetArrayLength(), right.GetArrayLength());
            for (int i = 0; i < most; i++)
            {
                Walk(
                    string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"),
                    i < left.GetArrayLength() ? left[i] : default,
                    i < right.GetArrayLength() ? right[i] : default,
                    differences);
            }
        }
        else
        {
            string? a = left.ValueKind == JsonValueKind.Undefined ? null : left.GetRawText();
            string? b = right.ValueKind == JsonValueKind.Undefined ? null : right.GetRawText();
            if (a != b)
            {
                differences.Add(new Difference(path, a, b));
            }
        }
    }
}
