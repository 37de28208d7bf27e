using System;
using System.Globalization;

namespace LowLatency.Core.Signals.Rules;

/// <summary>What an expression is.</summary>
public enum RuleType
{
    /// <summary>Not known: something in it is wrong.</summary>
    None,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>One of a list of words.</summary>
    Word,
}

/// <summary>The operations of the language.</summary>
public enum RuleOp
{
    /// <summary>A constant number.</summary>
    Number,

    /// <summary>A constant flag.</summary>
    Flag,

    /// <summary>A constant word.</summary>
    Word,

    /// <summary>A named value, now or so many of its bars ago.</summary>
    Name,

    /// <summary>The negative of a number.</summary>
    Negate,

    /// <summary>The size of a number.</summary>
    Abs,

    /// <summary>The lesser of two numbers.</summary>
    Min,

    /// <summary>The greater of two numbers.</summary>
    Max,

    /// <summary>A sum.</summary>
    Add,

    /// <summary>A difference.</summary>
    Subtract,

    /// <summary>A product.</summary>
    Multiply,

    /// <summary>A quotient; not ready where it is not finite.</summary>
    Divide,

    /// <summary>Less.</summary>
    Less,

    /// <summary>Less or equal.</summary>
    AtMost,

    /// <summary>Greater.</summary>
    Greater,

    /// <summary>Greater or equal.</summary>
    AtLeast,

    /// <summary>Equal.</summary>
    Equal,

    /// <summary>Not equal.</summary>
    NotEqual,

    /// <summary>Within two bounds, both included.</summary>
    Between,

    /// <summary>Now above, and not above one bar before.</summary>
    CrossesAbove,

    /// <summary>Now below, and not below one bar before.</summary>
    CrossesBelow,

    /// <summary>Not.</summary>
    Not,

    /// <summary>Both.</summary>
    And,

    /// <summary>At least one.</summary>
    Or,

    /// <summary>True on each of the last bars.</summary>
    For,

    /// <summary>True on at least one of the last bars.</summary>
    Within,
}

/// <summary>An expression as it was understood.</summary>
public sealed class RuleNode
{
    internal RuleNode(RuleOp op, RulePlace place, params ReadOnlySpan<RuleNode> parts)
    {
        Op = op;
        Place = place;
        Parts = parts.ToArray();
    }

    /// <summary>What it does.</summary>
    public RuleOp Op { get; }

    /// <summary>What it is.</summary>
    public RuleType Type { get; internal set; }

    /// <summary>The expressions that it works on.</summary>
    internal RuleNode[] Parts { get; }

    internal RulePlace Place { get; }

    /// <summary>A constant, the bars of a run, or how many bars a name looks back.</summary>
    internal double Number { get; init; }

    /// <summary>A word, or a name as it was written.</summary>
    internal string Text { get; init; } = string.Empty;

    /// <summary>The value that a name stands for, once it is known; the position of a word in its list.</summary>
    internal int Series { get; set; } = -1;

    /// <summary>The words that it can be; for <see cref="RuleType.Word"/>.</summary>
    internal string[] Words { get; set; } = [];

    /// <summary>The whole expression with an operator in front of its parts, which shows how it was grouped.</summary>
    /// <returns>Such as <c>(and (&gt; close fast) (for 3 up))</c>.</returns>
    public override string ToString() => Op switch
    {
        RuleOp.Number => Number.ToString("R", CultureInfo.InvariantCulture),
        RuleOp.Flag => Number != 0 ? "true" : "false",
        RuleOp.Word => "'" + Text + "'",
        RuleOp.Name => Number == 0 ? Text : string.Create(CultureInfo.InvariantCulture, $"{Text}[{Number}]"),
        RuleOp.For or RuleOp.Within =>
            string.Create(CultureInfo.InvariantCulture, $"({Sign(Op)} {Number} {Parts[0]})"),
        _ => $"({Sign(Op)} {string.Join(' ', (object[])Parts)})",
    };

    internal static string Sign(RuleOp op) => op switch
    {
        RuleOp.Negate => "neg",
        RuleOp.Abs => "abs",
        RuleOp.Min => "min",
        RuleOp.Max => "max",
        RuleOp.Add => "+",
        RuleOp.Subtract => "-",
        RuleOp.Multiply => "*",
        RuleOp.Divide => "/",
        RuleOp.Less => "<",
        RuleOp.AtMost => "<=",
        RuleOp.Greater => ">",
        RuleOp.AtLeast => ">=",
        RuleOp.Equal => "==",
        RuleOp.NotEqual => "!=",
        RuleOp.Between => "between",
        RuleOp.CrossesAbove => "crosses_above",
        RuleOp.CrossesBelow => "crosses_below",
        RuleOp.Not => "not",
        RuleOp.And => "and",
        RuleOp.Or => "or",
        RuleOp.For => "for",
        RuleOp.Within => "within",
        _ => string.Empty,
    };
}
