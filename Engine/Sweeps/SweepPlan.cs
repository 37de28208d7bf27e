using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats;
using LowLatency.Engine.Results;

namespace LowLatency.Engine.Sweeps;

/// <summary>A parameter that is varied.</summary>
/// <param name="Path">Its place in the configuration, as in strategies[0].parameters.fastBars.</param>
/// <param name="Values">The values, as JSON texts.</param>
internal sealed record SweepAxis(string Path, IReadOnlyList<string> Values);

/// <summary>Training and testing in turn along the market.</summary>
/// <param name="Train">Nanoseconds of a stretch on which the best point is chosen.</param>
/// <param name="Test">Nanoseconds of the stretch after it on which that point is tried.</param>
internal sealed record WalkForward(long Train, long Test);

/// <summary>What a sweep file says.</summary>
internal sealed record SweepPlan
{
    /// <summary>Most points.</summary>
    internal const int PointsMax = 100_000;

    /// <summary>Most parameters.</summary>
    internal const int AxesMax = 8;

    private static readonly string[] _known =
        ["configuration", "data", "search", "points", "seed", "objective", "currency", "parameters", "walkForward", "noFunding"];

    /// <summary>The configuration file.</summary>
    internal required string Configuration { get; init; }

    /// <summary>The data set or recorded run; null for the generated market.</summary>
    internal required string? Data { get; init; }

    /// <summary>The figure to be as high as possible.</summary>
    internal required string Objective { get; init; }

    /// <summary>Of which currency; null for the first of a result.</summary>
    internal required string? Currency { get; init; }

    internal required IReadOnlyList<SweepAxis> Axes { get; init; }

    /// <summary>For each point the index of its value on each axis.</summary>
    internal required IReadOnlyList<int[]> Points { get; init; }

    internal required WalkForward? WalkForward { get; init; }

    /// <summary>Whether a result counts in which a perpetual was held without anybody telling its funding.</summary>
    internal required bool AllowsNoFunding { get; init; }

    /// <summary>The file as it is, for the identity of the sweep.</summary>
    internal required byte[] Text { get; init; }

    /// <summary>Reads a sweep file; paths in it are relative to it.</summary>
    /// <exception cref="InvalidDataException">It is no sweep.</exception>
    internal static SweepPlan Read(string path)
    {
        byte[] text = File.ReadAllBytes(path);
        JsonObject root;
        try
        {
            root = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw new InvalidDataException($"{path}: a sweep is a JSON object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: not JSON: {e.Message}", e);
        }

        return new Reader(path, root).Plan(text);
    }

    private sealed class Reader(string path, JsonObject root)
    {
        internal SweepPlan Plan(byte[] text)
        {
            foreach (KeyValuePair<string, JsonNode?> member in root)
            {
                if (Array.IndexOf(_known, member.Key) < 0)
                {
                    throw Wrong(
                        member.Key,
                        "is not known" + (NearMiss.Of(member.Key, _known) is { } near ? $"; did you mean {near}?" : string.Empty));
                }
            }

            string objective = Text("objective") ?? "profit_money";
            if (!Exists(objective))
            {
                throw Wrong("objective", $"\"{objective}\" is no figure of a currency (docs/results.md)");
            }

            List<SweepAxis> axes = Axes();
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return new SweepPlan
            {
                Configuration = Path.Combine(folder, Text("configuration") ?? throw Wrong("configuration", "is missing")),
                Data = Text("data") is { } data ? Path.Combine(folder, data) : null,
                Objective = objective,
                Currency = Text("currency"),
                Axes = axes,
                Points = Points(axes),
                WalkForward = Walk(),
                AllowsNoFunding = root["noFunding"] switch
                {
                    null => false,
                    JsonValue value when value.TryGetValue(out bool allowed) => allowed,
                    _ => throw Wrong("noFunding", "must be true or false"),
                },
                Text = text,
            };
        }

        private static bool Exists(string objective)
        {
            foreach (FigureKind kind in FigureCatalogue.OfCurrency)
            {
                if (kind.Name == objective)
                {
                    return true;
                }
            }

            return false;
        }

        private List<SweepAxis> Axes()
        {
            if (root["parameters"] is not JsonArray { Count: >= 1 and <= AxesMax } parameters)
            {
                throw Wrong("parameters", $"must be a list of 1 to {AxesMax} parameters");
            }

            List<SweepAxis> axes = [];
            foreach (JsonNode? parameter in parameters)
            {
                string at = string.Create(CultureInfo.InvariantCulture, $"parameters[{axes.Count}]");
                if (parameter is not JsonObject one || one["path"] is not JsonValue name || !name.TryGetValue(out string? key))
                {
                    throw Wrong(at, "must be an object with a path");
                }

                List<string> values = one["values"] is JsonArray { Count: >= 1 } list ? [] : Range(at, one);
                if (values.Count == 0)
                {
                    foreach (JsonNode? value in one["values"]!.AsArray())
                    {
                        values.Add(value?.ToJsonString() ?? throw Wrong(at, "a value is null"));
                    }
                }

                if (new HashSet<string>(values, StringComparer.Ordinal).Count != values.Count || values.Count > PointsMax)
                {
                    throw Wrong(at, $"has a value twice, or more than {PointsMax} of them");
                }

                if (axes.Exists(axis => axis.Path == key))
                {
                    throw Wrong(at, $"{key} is varied already");
                }

                axes.Add(new SweepAxis(key, values));
            }

            return axes;
        }

        /// <summary>Whole numbers from, to, step.</summary>
        private List<string> Range(string at, JsonObject one)
        {
            long from = Whole(one, at, "from");
            long to = Whole(one, at, "to");
            long step = Whole(one, at, "step");
            if (step < 1 || to < from || (to - from) / step >= PointsMax)
            {
                throw Wrong(at, $"from {from} to {to} by {step}: needs from <= to, a positive step and at most {PointsMax} values");
            }

            List<string> values = [];
            for (long value = from; value <= to; value += step)
            {
                values.Add(value.ToString(CultureInfo.InvariantCulture));
            }

            return values;
        }

        private List<int[]> Points(List<SweepAxis> axes)
        {
            Int128 all = 1;
            foreach (SweepAxis axis in axes)
            {
                all *= axis.Values.Count;
            }

            string search = Text("search") ?? "grid";
            if (search == "grid")
            {
                foreach (string unused in (string[])["points", "seed"])
                {
                    if (root[unused] is not null)
                    {
                        throw Wrong(unused, "must be left out of a grid: it has all points, and nothing would use it");
                    }
                }

                return all <= PointsMax
                    ? Grid(axes, (int)all)
                    : throw Wrong("search", $"a grid of {all} points; allowed are {PointsMax}; use random");
            }

            if (search != "random")
            {
                throw Wrong("search", $"\"{search}\": allowed are grid and random");
            }

            long count = Whole(root, string.Empty, "points");
            long seed = root["seed"] is null ? 1 : Whole(root, string.Empty, "seed");
            if (count is < 1 or > PointsMax || count > all || seed < 0)
            {
                throw Wrong(
                    "points", $"{count} with seed {seed}: allowed are 1 to {Int128.Min(all, PointsMax)} and seeds from 0");
            }

            return Random(axes, (int)count, new Xoshiro256((ulong)seed));
        }

        private static List<int[]> Grid(List<SweepAxis> axes, int count)
        {
            List<int[]> points = [];
            int[] at = new int[axes.Count];
            for (int i = 0; i < count; i++)
            {
                points.Add([.. at]);
                for (int axis = axes.Count - 1; axis >= 0 && ++at[axis] == axes[axis].Values.Count; axis--)
                {
                    at[axis] = 0;
                }
            }

            return points;
        }

        /// <summary>Different points, in the order in which the dice gave them.</summary>
        private static List<int[]> Random(List<SweepAxis> axes, int count, Xoshiro256 dice)
        {
            List<int[]> points = [];
            HashSet<string> taken = new(StringComparer.Ordinal);
            while (points.Count < count)
            {
                int[] at = new int[axes.Count];
                for (int axis = 0; axis < at.Length; axis++)
                {
                    at[axis] = (int)dice.NextBelow(axes[axis].Values.Count);
                }

                if (taken.Add(string.Join(',', at)))
                {
                    points.Add(at);
                }
            }

            return points;
        }

        private WalkForward? Walk()
        {
            if (root["walkForward"] is not { } node)
            {
                return null;
            }

            if (node is not JsonObject walk || walk.Count != 2)
            {
                throw Wrong("walkForward", "must have trainSeconds and testSeconds");
            }

            const long Second = 1_000_000_000;
            const long Most = 100L * 366 * 86_400;
            long train = Whole(walk, "walkForward", "trainSeconds");
            long test = Whole(walk, "walkForward", "testSeconds");
            return train is >= 1 and <= Most && test is >= 1 and <= Most
                ? new WalkForward(train * Second, test * Second)
                : throw Wrong("walkForward", $"{train} and {test} seconds: allowed are 1 to {Most}");
        }

        private string? Text(string name) =>
            root[name] switch
            {
                null => null,
                JsonValue value when value.TryGetValue(out string? text) => text,
                _ => throw Wrong(name, "must be a text"),
            };

        private long Whole(JsonObject node, string at, string name) =>
            node[name] is JsonValue value && value.TryGetValue(out long number)
                ? number
                : throw Wrong(at.Length == 0 ? name : at + "." + name, "must be a whole number");

        private InvalidDataException Wrong(string name, string why) => new($"{path}: {name}: {why}");
    }
}
