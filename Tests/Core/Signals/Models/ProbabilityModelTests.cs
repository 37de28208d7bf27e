using System;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Signals.Models;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Models;

public sealed class ProbabilityModelTests
{
    /// <summary>A tree as people draw it: a question with two branches, or a leaf.</summary>
    private abstract record Branch
    {
        internal sealed record Ask(int Feature, double Threshold, Branch Low, Branch High) : Branch;

        internal sealed record Leaf(double Value) : Branch;

        internal double Walk(double[] features) => this switch
        {
            Leaf leaf => leaf.Value,
            Ask ask => (features[ask.Feature] > ask.Threshold ? ask.High : ask.Low).Walk(features),
            _ => throw new InvalidOperationException(),
        };
    }

    [Theory]
    [InlineData(0.0, 500_000)]
    [InlineData(1.0, 731_059)] // 1 / (1 + 1/e) = 0.7310585786
    [InlineData(-1.0, 268_941)]
    [InlineData(-20.0, 0)]
    [InlineData(20.0, 1_000_000)]
    [InlineData(1e300, 1_000_000)]
    [InlineData(-1e300, 0)]
    public void The_logistic_function_is_as_in_the_tables(double score, long ppm) =>
        Assert.Equal(ppm, new LogisticModel(score, [0.0]).ProbabilityPpm([1.0]));

    [Fact]
    public void A_logistic_model_adds_intercept_and_weighted_features()
    {
        // -1 + 0.5 x 4 - 2 x 0.25 = 0.5: 1 / (1 + e^-0.5) = 0.6224593312
        LogisticModel model = new(-1.0, [0.5, -2.0]);
        Assert.Equal(622_459, model.ProbabilityPpm([4.0, 0.25]));
        Assert.Equal(622_459, Reference(-1.0 + (0.5 * 4.0) - (2.0 * 0.25)));
    }

    [Fact]
    public void Trees_answer_as_the_drawn_ones_do()
    {
        Xoshiro256 dice = new(17);
        for (int round = 0; round < 300; round++)
        {
            Branch[] drawn = [.. Enumerable.Range(0, 1 + (int)dice.NextBelow(8)).Select(_ => Draw(ref dice, depth: 0))];
            BoostedTrees trees = new(4, -0.25, [.. drawn.Select(Flatten)]);
            for (int i = 0; i < 30; i++)
            {
                double[] features = [Pick(ref dice), Pick(ref dice), Pick(ref dice), Pick(ref dice)];
                Assert.Equal(Reference(drawn.Aggregate(-0.25, (sum, tree) => sum + tree.Walk(features))), trees.ProbabilityPpm(features));
            }
        }
    }

    [Fact]
    public void A_tree_whose_border_belongs_to_the_other_side_is_caught()
    {
        // At the threshold a value goes left; a walk that sends it right answers otherwise.
        BoostedTrees tree = new(1, 0.0, [[new(0, 3.0, 1, 2), new(-1, 2.0, 0, 0), new(-1, -2.0, 0, 0)]]);
        Assert.Equal(Reference(2.0), tree.ProbabilityPpm([3.0]));
        Assert.Equal(Reference(-2.0), tree.ProbabilityPpm([3.0000001]));
        Assert.NotEqual(Reference(-2.0), tree.ProbabilityPpm([3.0]));
    }

    [Theory]
    [InlineData("no node")]
    [InlineData("feature 4", 4, 1, 2)]
    [InlineData("later nodes", 0, 0, 1)]
    [InlineData("later nodes", 0, 1, 3)]
    [InlineData("later nodes", 0, 1, 1)]
    public void A_broken_tree_is_told(string problem, params int[] root)
    {
        TreeNode[] tree = root.Length == 0
            ? []
            : [new(root[0], 1.0, root[1], root[2]), new(-1, 1.0, 0, 0), new(-1, 1.0, 0, 0)];
        Assert.Contains(problem, BoostedTrees.Problem(tree, 4));
        Assert.Throws<BrokenInvariantException>(() => new BoostedTrees(4, 0.0, [tree]));
    }

    [Fact]
    public void A_tree_that_is_too_deep_not_finite_or_has_a_lost_node_is_told()
    {
        TreeNode[] deep = new TreeNode[19];
        for (int i = 0; i < 9; i++)
        {
            deep[2 * i] = new TreeNode(0, i, (2 * i) + 1, (2 * i) + 2);
            deep[(2 * i) + 1] = new TreeNode(-1, 0.0, 0, 0);
        }

        deep[18] = new TreeNode(-1, 0.0, 0, 0);
        Assert.Contains("deeper than 8", BoostedTrees.Problem(deep, 1));
        Assert.Contains("not finite", BoostedTrees.Problem([new(-1, double.PositiveInfinity, 0, 0)], 1));
        Assert.Contains("nothing leads to", BoostedTrees.Problem([new(-1, 1.0, 0, 0), new(-1, 1.0, 0, 0)], 1));
        Assert.Null(BoostedTrees.Problem([new(-1, 1.0, 0, 0)], 1));
    }

    [Fact]
    public void Asking_a_model_allocates_nothing()
    {
        Xoshiro256 dice = new(17);
        BoostedTrees trees = new(4, -0.25, [Flatten(Draw(ref dice, 0)), Flatten(Draw(ref dice, 0))]);
        double[] features = [1.0, 2.0, 3.0, 4.0];
        long sum = trees.ProbabilityPpm(features);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            sum += trees.ProbabilityPpm(features);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sum > 0);
    }

    /// <summary>The same by the runtime's own exponential.</summary>
    private static long Reference(double score) => (long)Math.Floor((1_000_000.0 / (1.0 + Math.Exp(-score))) + 0.5);

    private static double Pick(ref Xoshiro256 dice) => dice.NextBelow(9) - 4;

    private static Branch Draw(ref Xoshiro256 dice, int depth) =>
        depth == 4 || dice.NextBelow(4) == 0
            ? new Branch.Leaf((dice.NextBelow(2_001) - 1_000) / 1_000.0)
            : new Branch.Ask((int)dice.NextBelow(4), Pick(ref dice), Draw(ref dice, depth + 1), Draw(ref dice, depth + 1));

    private static TreeNode[] Flatten(Branch root)
    {
        System.Collections.Generic.List<Branch> nodes = [root];
        System.Collections.Generic.List<TreeNode> flat = [];
        for (int i = 0; i < nodes.Count; i++)
        {
            if (nodes[i] is Branch.Ask ask)
            {
                flat.Add(new TreeNode(ask.Feature, ask.Threshold, nodes.Count, nodes.Count + 1));
                nodes.Add(ask.Low);
                nodes.Add(ask.High);
            }
            else
            {
                flat.Add(new TreeNode(TreeNode.Leaf, ((Branch.Leaf)nodes[i]).Value, 0, 0));
            }
        }

        return [.. flat];
    }
}
