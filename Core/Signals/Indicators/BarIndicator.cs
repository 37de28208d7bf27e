using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>An indicator of closed bars.</summary>
public abstract class BarIndicator : Indicator
{
    /// <summary>Largest volume of a bar, quantity units (2^60).</summary>
    public const long VolumeMax = 1L << 60;

    private long _refused;

    /// <summary>Creates an indicator without a value.</summary>
    /// <param name="schema">Its type's declaration.</param>
    /// <param name="warmUps">For each output the bars after which it is, or can be, ready.</param>
    protected BarIndicator(IndicatorSchema schema, params ReadOnlySpan<int> warmUps)
        : base(schema, warmUps)
    {
    }

    /// <summary>Bars that could not be right; each cleared the indicator.</summary>
    public long Refused => _refused;

    /// <summary>
    /// Takes the next closed bar. One that cannot be right (a price below 1 or beyond <see cref="Indicator.PriceMax"/>,
    /// a low above the high, a volume out of range) clears the indicator: what a hole in its window would make of it is
    /// not a value.
    /// </summary>
    /// <param name="bar">A closed bar, later than the one before.</param>
    public void Update(in Bar bar)
    {
        if (bar.Low >= 1
            && bar.Low <= Math.Min(bar.Open, bar.Close)
            && bar.High >= Math.Max(bar.Open, bar.Close)
            && bar.High <= PriceMax
            && bar.Volume is >= 0 and <= VolumeMax)
        {
            Add(bar);
            return;
        }

        Clear();
        _refused++;
    }

    /// <summary>Back to the state before the first bar; the count of refused bars stays.</summary>
    public override void Clear()
    {
        long refused = _refused;
        base.Clear();
        _refused = refused;
    }

    /// <summary>Takes a bar that can be right.</summary>
    /// <param name="bar">The bar.</param>
    protected abstract void Add(in Bar bar);

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor) => visitor.Visit(ref _refused);
}
