using System;
using System.Collections.Generic;

namespace LowLatency.Core.Signals.Rules;

/// <summary>One step of an evaluation; works on a stack.</summary>
/// <param name="Op">What it does.</param>
/// <param name="Slot">Series of a name, or slot of what remembers.</param>
/// <param name="Count">Bars of a look back or run.</param>
/// <param name="Number">A constant.</param>
internal readonly record struct RuleStep(RuleOp Op, int Slot, int Count, double Number);

/// <summary>Steps from start (inclusive) to end (exclusive).</summary>
internal readonly record struct RuleSpan(int Start, int End)
{
    internal bool Exists => End > Start;
}

/// <summary>Turns expressions into steps, parts before what works on them.</summary>
internal sealed class RuleCode
{
    private readonly List<RuleStep> _steps = [];
    private int _depth;

    internal int StackMax { get; private set; }

    internal int Crosses { get; private set; }

    internal int Runs { get; private set; }

    internal RuleStep[] Steps => [.. _steps];

    internal RuleSpan Add(RuleNode node)
    {
        int start = _steps.Count;
        Emit(node);
        _depth = 0;
        return new RuleSpan(start, _steps.Count);
    }

    private void Emit(RuleNode node)
    {
        foreach (RuleNode part in node.Parts)
        {
            Emit(part);
        }

        _depth += 1 - node.Parts.Length;
        StackMax = Math.Max(StackMax, _depth);
        _steps.Add(node.Op switch
        {
            RuleOp.Number or RuleOp.Flag => new RuleStep(RuleOp.Number, 0, 0, node.Number),
            RuleOp.Word => new RuleStep(RuleOp.Number, 0, 0, node.Series),
            RuleOp.Name => new RuleStep(RuleOp.Name, node.Series, (int)node.Number, 0.0),
            RuleOp.CrossesAbove or RuleOp.CrossesBelow => new RuleStep(node.Op, Crosses++, 0, 0.0),
            RuleOp.For or RuleOp.Within => new RuleStep(node.Op, Runs++, (int)node.Number, 0.0),
            _ => new RuleStep(node.Op, 0, 0, 0.0),
        });
    }
}
