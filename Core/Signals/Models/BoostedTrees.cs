using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Models;

/// <summary>One node of a decision tree.</summary>
/// <param name="Feature">The feature that it asks about; -1 for a leaf.</param>
/// <param name="Value">The threshold of a question, the log-odds that a leaf adds.</param>
/// <param name="Left">Where a value at or below the threshold goes: index in the tree, above the node's own.</param>
/// <param name="Right">Where a value above it goes.</param>
public readonly record struct TreeNode(int Feature, double Value, int Left, int Right)
{
    /// <summary>What stands for the feature of a leaf.</summary>
    public const int Leaf = -1;

    /// <summary>True when the walk ends here.</summary>
    public bool IsLeaf => Feature == Leaf;
}

/// <summary>Gradient-boosted trees: log-odds = base + the leaf of every tree, in the order of the trees.</summary>
public sealed class BoostedTrees : ProbabilityModel
{
    /// <summary>Trees of one model.</summary>
    public const int TreesMax = 256;

    /// <summary>Nodes of one model.</summary>
    public const int NodesMax = 8192;

    /// <summary>Questions on the way to a leaf.</summary>
    public const int DepthMax = 8;

    private readonly double _base;
    private readonly TreeNode[][] _trees;

    /// <summary>Creates the model.</summary>
    /// <param name="inputs">Features that it takes.</param>
    /// <param name="baseScore">Log-odds before the first tree.</param>
    /// <param name="trees">Each begins with its root; <see cref="Problem"/> tells what is wrong with one.</param>
    public BoostedTrees(int inputs, double baseScore, TreeNode[][] trees)
        : base(inputs)
    {
        Ensure.That(double.IsFinite(baseScore), "a base score must be finite");
        Ensure.That(trees.Length is >= 1 and <= TreesMax, "more trees than the limit");
        int nodes = 0;
        foreach (TreeNode[] tree in trees)
        {
            Ensure.That(Problem(tree, inputs) is null, "a tree of a model is broken");
            nodes += tree.Length;
        }

        Ensure.That(nodes <= NodesMax, "more nodes than the limit");
        _base = baseScore;
        _trees = trees;
    }

    /// <summary>What is wrong with a tree.</summary>
    /// <param name="tree">Its nodes.</param>
    /// <param name="inputs">Features that exist.</param>
    /// <returns>A sentence without its subject; null when it is sound.</returns>
    public static string? Problem(TreeNode[] tree, int inputs)
    {
        if (tree.Length == 0)
        {
            return "has no node";
        }

        // Children come after their parent, so no walk can turn in a circle, and depths are known on the way.
        int[] depth = new int[tree.Length];
        bool[] reached = new bool[tree.Length];
        reached[0] = true;
        for (int i = 0; i < tree.Length; i++)
        {
            TreeNode node = tree[i];
            if (!double.IsFinite(node.Value))
            {
                return $"has a value at node {i} that is not finite";
            }

            if (!reached[i])
            {
                return $"has a node {i} that nothing leads to";
            }

            if (node.IsLeaf)
            {
                continue;
            }

            if (node.Feature < 0 || node.Feature >= inputs)
            {
                return $"asks at node {i} about feature {node.Feature}; there are {inputs}";
            }

            if (node.Left <= i || node.Right <= i || node.Left >= tree.Length || node.Right >= tree.Length
                || node.Left == node.Right || reached[node.Left] || reached[node.Right])
            {
                return $"has children at node {i} that are not two later nodes of their own";
            }

            if (depth[i] == DepthMax)
            {
                return $"is deeper than {DepthMax} at node {i}";
            }

            depth[node.Left] = depth[node.Right] = depth[i] + 1;
            reached[node.Left] = reached[node.Right] = true;
        }

        return null;
    }

    /// <inheritdoc/>
    protected override double Score(ReadOnlySpan<double> features)
    {
        double score = _base;
        foreach (TreeNode[] tree in _trees)
        {
            int at = 0;
            while (!tree[at].IsLeaf)
            {
                at = features[tree[at].Feature] <= tree[at].Value ? tree[at].Left : tree[at].Right;
            }

            score += tree[at].Value;
        }

        return score;
    }
}
