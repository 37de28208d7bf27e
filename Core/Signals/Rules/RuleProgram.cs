using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Rules;

/// <summary>What a rule program says of one side.</summary>
public enum RulePart
{
    /// <summary>Condition to take the position.</summary>
    Enter = 0,

    /// <summary>Condition to leave it.</summary>
    Exit = 1,

    /// <summary>Quantity.</summary>
    Size = 2,

    /// <summary>Limit price of the entry.</summary>
    Limit = 3,

    /// <summary>Price at which to leave with a loss, fixed at the entry.</summary>
    Stop = 4,

    /// <summary>Price at which to leave with a profit, fixed at the entry.</summary>
    Take = 5,
}

/// <summary>A program, or everything that is wrong with its text.</summary>
/// <param name="Program">The program; null when there are problems.</param>
/// <param name="Problems">All problems.</param>
public sealed record RuleReading(RuleProgram? Program, RuleProblem[] Problems);

/// <summary>
/// A rule program that was understood: what it declares and the steps that evaluate it. It never changes; what it
/// remembers of an instrument is a <see cref="RuleMachine"/>.
/// </summary>
public sealed class RuleProgram
{
    /// <summary>Parts of each side.</summary>
    internal const int Parts = 6;

    private readonly long[] _timeframes;
    private readonly int[] _warmUps;
    private readonly (string Name, RuleNode Node)[] _expressions;

    internal RuleProgram(
        RuleScope scope,
        RuleCode code,
        RuleSpan[] lets,
        RuleSpan[] parts,
        int[] warmUps,
        List<(string, RuleNode)> expressions)
    {
        _timeframes = new long[scope.Timeframes.Count];
        for (int i = 0; i < _timeframes.Length; i++)
        {
            _timeframes[i] = scope.Timeframes[i].Nanoseconds;
        }

        Indicators = [.. scope.Indicators];
        Series = [.. scope.Series];
        Steps = code.Steps;
        StackMax = code.StackMax;
        Crosses = code.Crosses;
        Runs = code.Runs;
        Lets = lets;
        Sides = parts;
        LetSeries = new int[lets.Length];
        for (int i = 0; i < lets.Length; i++)
        {
            int let = i;
            LetSeries[i] = scope.Series.FindIndex(series => series.Kind == SeriesKind.Let && series.Index == let);
        }

        _warmUps = warmUps;
        _expressions = [.. expressions];
    }

    /// <summary>Bar lengths, nanoseconds; the first is that of the rules.</summary>
    public ReadOnlySpan<long> Timeframes => _timeframes;

    /// <summary>
    /// For each timeframe the bars after which everything that is used has warmed up, and can be ready where it does not
    /// wait for the market.
    /// </summary>
    public ReadOnlySpan<int> WarmUps => _warmUps;

    /// <summary>Missing bars of the rules' timeframe after which everything starts anew; 0 for never.</summary>
    public int ClearAfterGapBars { get; internal init; }

    /// <summary>True when something is known of the order book or the quote by every change of it.</summary>
    public bool WatchesBook { get; internal init; }

    internal DeclaredIndicator[] Indicators { get; }

    internal RuleSeries[] Series { get; }

    internal RuleStep[] Steps { get; }

    internal int StackMax { get; }

    internal int Crosses { get; }

    internal int Runs { get; }

    internal RuleSpan[] Lets { get; }

    /// <summary>The series of each named expression; all have one, as what nothing uses is refused.</summary>
    internal int[] LetSeries { get; }

    /// <summary>The parts of the long side, then those of the short one.</summary>
    internal RuleSpan[] Sides { get; }

    /// <summary>Reads a program.</summary>
    /// <param name="json">The text; see docs/rules.md.</param>
    /// <param name="line">Line of the file at which the text begins, from 1.</param>
    /// <param name="column">Column at which it begins, from 1.</param>
    /// <returns>The program, or everything that is wrong with it.</returns>
    public static RuleReading Read(string json, int line = 1, int column = 1) =>
        RuleCompiler.Read(json, new RulePlace(line, column));

    /// <summary>Shows how an expression was understood.</summary>
    /// <param name="name">A name under let, or a part such as <c>long.enter</c>.</param>
    /// <returns>The expression with operators in front; an unknown name stops the engine.</returns>
    public RuleNode Expression(string name)
    {
        foreach ((string known, RuleNode node) in _expressions)
        {
            if (string.Equals(known, name, StringComparison.Ordinal))
            {
                return node;
            }
        }

        Ensure.Break("a rule program has no expression of that name");
        return null;
    }

    /// <summary>Tells whether a side has a part.</summary>
    /// <param name="side">1 for long, -1 for short.</param>
    /// <param name="part">The part.</param>
    /// <returns>True when the program says it.</returns>
    internal bool Has(int side, RulePart part) => SpanOf(side, part).Exists;

    internal RuleSpan SpanOf(int side, RulePart part) => Sides[(side > 0 ? 0 : Parts) + (int)part];
}
