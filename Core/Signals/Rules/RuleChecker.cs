using System;

namespace LowLatency.Core.Signals.Rules;

/// <summary>Gives every part of an expression its type, and refuses what does not fit together.</summary>
internal static class RuleChecker
{
    /// <summary>The type of an expression; none when something in it is wrong, with the problem added.</summary>
    internal static RuleType Check(RuleNode node, RuleScope scope, RuleProblems problems)
    {
        node.Type = TypeOf(node, scope, problems);
        return node.Type;
    }

    internal static string Called(RuleType type) => type switch
    {
        RuleType.Number => "a number",
        RuleType.Flag => "a condition",
        _ => "a word",
    };

    private static RuleType TypeOf(RuleNode node, RuleScope scope, RuleProblems problems)
    {
        switch (node.Op)
        {
            case RuleOp.Number:
                return RuleType.Number;
            case RuleOp.Flag:
                return RuleType.Flag;
            case RuleOp.Word:
                problems.Add(node.Place, $"a word such as '{node.Text}' is only compared, by == or !=, with a value that has words");
                return RuleType.None;
            case RuleOp.Name:
                return scope.Resolve(node, problems) ? node.Type : RuleType.None;
            case RuleOp.Equal or RuleOp.NotEqual:
                return Equality(node, scope, problems);
            case RuleOp.Not or RuleOp.And or RuleOp.Or or RuleOp.For or RuleOp.Within:
                return All(node, RuleType.Flag, scope, problems) ? RuleType.Flag : RuleType.None;
            case RuleOp.Between:
                return All(node, RuleType.Number, scope, problems) && InOrder(node, problems)
                    ? RuleType.Flag
                    : RuleType.None;
            case RuleOp.CrossesAbove or RuleOp.CrossesBelow:
                return All(node, RuleType.Number, scope, problems) && Moves(node, problems)
                    ? RuleType.Flag
                    : RuleType.None;
            case RuleOp.Less or RuleOp.AtMost or RuleOp.Greater or RuleOp.AtLeast:
                return All(node, RuleType.Number, scope, problems) ? RuleType.Flag : RuleType.None;
            default:
                return All(node, RuleType.Number, scope, problems) && Divides(node, problems)
                    ? RuleType.Number
                    : RuleType.None;
        }
    }

    private static bool All(RuleNode node, RuleType wanted, RuleScope scope, RuleProblems problems)
    {
        bool fits = true;
        foreach (RuleNode part in node.Parts)
        {
            RuleType type = Check(part, scope, problems);
            if (type != RuleType.None && type != wanted)
            {
                problems.Add(
                    part.Place, $"\"{RuleNode.Sign(node.Op)}\" takes {Called(wanted)}, and this is {Called(type)}");
            }

            fits &= type == wanted;
        }

        return fits;
    }

    private static RuleType Equality(RuleNode node, RuleScope scope, RuleProblems problems)
    {
        (RuleNode left, RuleNode right) = (node.Parts[0], node.Parts[1]);
        if (left.Op == RuleOp.Word && right.Op != RuleOp.Word)
        {
            (left, right) = (right, left);
        }

        RuleType type = Check(left, scope, problems);
        if (type == RuleType.None)
        {
            return RuleType.None;
        }

        if (right.Op == RuleOp.Word)
        {
            if (type != RuleType.Word)
            {
                problems.Add(right.Place, $"the word '{right.Text}' is compared with {Called(type)}");
                return RuleType.None;
            }

            right.Series = Array.IndexOf(left.Words, right.Text);
            right.Type = RuleType.Word;
            if (right.Series < 0)
            {
                problems.Add(
                    right.Place, $"it is never '{right.Text}'{RuleProblems.Meant(right.Text, left.Words)}");
                return RuleType.None;
            }

            return RuleType.Flag;
        }

        RuleType other = Check(right, scope, problems);
        if (other == RuleType.None)
        {
            return RuleType.None;
        }

        if (other != type)
        {
            problems.Add(right.Place,
                $"\"{RuleNode.Sign(node.Op)}\" compares {Called(type)} with {Called(other)}");
            return RuleType.None;
        }

        if (type == RuleType.Word && !left.Words.AsSpan().SequenceEqual(right.Words))
        {
            problems.Add(right.Place, "the two have different words: "
                + string.Join(", ", left.Words) + " and " + string.Join(", ", right.Words));
            return RuleType.None;
        }

        return RuleType.Flag;
    }

    private static bool InOrder(RuleNode node, RuleProblems problems)
    {
        (RuleNode low, RuleNode high) = (node.Parts[1], node.Parts[2]);
        if (low.Op != RuleOp.Number || high.Op != RuleOp.Number || low.Number <= high.Number)
        {
            return true;
        }

        problems.Add(low.Place, $"the lower bound {low} is above the upper bound {high}: never true");
        return false;
    }

    private static bool Moves(RuleNode node, RuleProblems problems)
    {
        if (node.Parts[0].Op != RuleOp.Number || node.Parts[1].Op != RuleOp.Number)
        {
            return true;
        }

        problems.Add(node.Place, "two constants never cross");
        return false;
    }

    private static bool Divides(RuleNode node, RuleProblems problems)
    {
        if (node.Op != RuleOp.Divide || node.Parts[1].Op != RuleOp.Number || node.Parts[1].Number != 0.0)
        {
            return true;
        }

        problems.Add(node.Parts[1].Place, "a division by zero is never ready");
        return false;
    }
}
