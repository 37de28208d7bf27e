using System;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using LowLatency.Core.Signals.Models;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>
/// Reads a model file: data only, in strict JSON. Every key is known or refused, every number finite.
/// </summary>
internal static class ModelFile
{
    /// <summary>Reads a model.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="target">What the manifest says it predicts.</param>
    /// <param name="features">The features that the manifest lists, in order.</param>
    /// <param name="problem">What is wrong when the result is null.</param>
    internal static ProbabilityModel? Read(
        ReadOnlySpan<byte> utf8, string target, ImmutableArray<string> features, out string problem)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8.ToArray());
            JsonElement root = document.RootElement;
            string type = root.GetProperty("type").GetString() ?? string.Empty;
            string? wrong = type switch
            {
                "logistic" => Unknown(root, "type", "target", "features", "intercept", "weights"),
                "boosted-trees" => Unknown(root, "type", "target", "features", "base", "trees"),
                _ => $"type: {type}: must be logistic or boosted-trees",
            };
            problem = wrong ?? Schema(root, target, features) ?? string.Empty;
            return problem.Length > 0 ? null
                : string.Equals(type, "logistic", StringComparison.Ordinal)
                    ? Logistic(root, features.Length, out problem)
                    : Trees(root, features.Length, out problem);
        }
        catch (Exception strange) when (strange
            is JsonException or FormatException or InvalidOperationException or System.Collections.Generic.KeyNotFoundException)
        {
            problem = "not a model file as it is known: " + strange.Message;
            return null;
        }
    }

    private static string? Unknown(JsonElement element, params ReadOnlySpan<string> known)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                return $"{property.Name}: unknown key; known here: {string.Join(", ", known.ToArray())}";
            }
        }

        return element.GetPropertyCount() == known.Length ? null : "keys are missing or stand twice";
    }

    /// <summary>The file has to say itself what it predicts from what: a swapped order would go unnoticed otherwise.</summary>
    private static string? Schema(JsonElement root, string target, ImmutableArray<string> features)
    {
        if (!string.Equals(root.GetProperty("target").GetString(), target, StringComparison.Ordinal))
        {
            return $"target: {root.GetProperty("target").GetString()}: the manifest says {target}";
        }

        JsonElement own = root.GetProperty("features");
        for (int i = 0; i < Math.Max(own.GetArrayLength(), features.Length); i++)
        {
            string mine = i < own.GetArrayLength() ? own[i].GetString() ?? string.Empty : "nothing";
            string told = i < features.Length ? features[i] : "nothing";
            if (!string.Equals(mine, told, StringComparison.Ordinal))
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"features[{i}]: {mine}: the manifest says {told}");
            }
        }

        return null;
    }

    private static LogisticModel? Logistic(JsonElement root, int inputs, out string problem)
    {
        JsonElement list = root.GetProperty("weights");
        double[] weights = new double[list.GetArrayLength()];
        bool finite = TryNumber(root.GetProperty("intercept"), out double intercept);
        for (int i = 0; i < weights.Length; i++)
        {
            finite &= TryNumber(list[i], out weights[i]);
        }

        problem = !finite ? "a number is too large"
            : weights.Length != inputs
                ? string.Create(CultureInfo.InvariantCulture, $"weights: {weights.Length} for {inputs} features")
                : string.Empty;
        return problem.Length > 0 ? null : new LogisticModel(intercept, weights);
    }

    private static BoostedTrees? Trees(JsonElement root, int inputs, out string problem)
    {
        JsonElement list = root.GetProperty("trees");
        problem = string.Empty;
        int count = list.GetArrayLength();
        if (count is < 1 or > BoostedTrees.TreesMax || !TryNumber(root.GetProperty("base"), out double baseScore))
        {
            problem = string.Create(
                CultureInfo.InvariantCulture,
                $"trees: {count}: 1 to {BoostedTrees.TreesMax} are allowed, with a finite base");
            return null;
        }

        TreeNode[][] trees = new TreeNode[count][];
        int total = 0;
        for (int t = 0; t < count; t++)
        {
            trees[t] = new TreeNode[list[t].GetArrayLength()];
            total += trees[t].Length;
            for (int n = 0; n < trees[t].Length && problem.Length == 0; n++)
            {
                trees[t][n] = Node(list[t][n], out problem);
            }

            string? wrong = problem.Length > 0 ? problem : BoostedTrees.Problem(trees[t], inputs);
            if (wrong is not null)
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"trees[{t}] {wrong}");
                return null;
            }
        }

        if (total > BoostedTrees.NodesMax)
        {
            problem = string.Create(
                CultureInfo.InvariantCulture, $"trees: {total} nodes; at most {BoostedTrees.NodesMax} are allowed");
            return null;
        }

        return new BoostedTrees(inputs, baseScore, trees);
    }

    private static TreeNode Node(JsonElement element, out string problem)
    {
        bool isLeaf = element.TryGetProperty("leaf", out JsonElement leaf);
        problem = (isLeaf ? Unknown(element, "leaf") : Unknown(element, "feature", "threshold", "left", "right")) ?? string.Empty;
        if (problem.Length > 0)
        {
            return default;
        }

        bool finite = TryNumber(isLeaf ? leaf : element.GetProperty("threshold"), out double value);
        problem = finite ? string.Empty : "has a number that is too large";
        return isLeaf
            ? new TreeNode(TreeNode.Leaf, value, 0, 0)
            : new TreeNode(
                element.GetProperty("feature").GetInt32() is var feature and >= 0 ? feature : int.MaxValue,
                value,
                element.GetProperty("left").GetInt32(),
                element.GetProperty("right").GetInt32());
    }

    private static bool TryNumber(JsonElement element, out double value) =>
        element.TryGetDouble(out value) && double.IsFinite(value);
}
