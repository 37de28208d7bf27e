using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// A number (or several) that a stream of inputs leaves behind: updated by one input at a time at a cost that does not
/// grow with the length of history, in memory taken at construction.
/// </summary>
/// <remarks>
/// An output that is not ready cannot be read: there is no zero, no NaN and no other bar's value in its place. Whatever
/// is read is finite. Every field of state is zero before the first input, so that clearing and starting are one state.
/// </remarks>
public abstract class Indicator : IStateful
{
    /// <summary>Longest window: it bounds memory, and the worst cost of one update of a moving extremum.</summary>
    public const int PeriodMax = 4096;

    /// <summary>
    /// Largest price, price units (2^50): sums of squares over the longest window stay exact in 128 bits.
    /// </summary>
    public const long PriceMax = 1L << 50;

    private readonly int[] _warmUps;
    private readonly double[] _values;
    private ulong _ready;

    /// <summary>Creates an indicator without a value.</summary>
    /// <param name="schema">Its type's declaration.</param>
    /// <param name="warmUps">
    /// For each output the inputs after which it is ready; for one that waits for the market, the least of them.
    /// </param>
    protected Indicator(IndicatorSchema schema, params ReadOnlySpan<int> warmUps)
    {
        Ensure.That(warmUps.Length == schema.Outputs.Length, "an indicator needs a warm-up for each output");
        Schema = schema;
        _warmUps = warmUps.ToArray();
        _values = new double[warmUps.Length];
        foreach (int warmUp in warmUps)
        {
            WarmUp = Math.Max(WarmUp, warmUp);
        }
    }

    /// <summary>What the type declares: parameters and outputs.</summary>
    public IndicatorSchema Schema { get; }

    /// <summary>Inputs after which every output is ready, or can be where one waits for the market.</summary>
    public int WarmUp { get; }

    /// <summary>True when every output is ready.</summary>
    public bool IsReady => _ready == ulong.MaxValue >> (64 - _values.Length);

    /// <summary>Inputs after which an output is ready, or can be where it waits for the market.</summary>
    /// <param name="output">Its position in the schema.</param>
    /// <returns>At least 1.</returns>
    public int WarmUpOf(int output) => _warmUps[output];

    /// <summary>Tells whether an output is ready.</summary>
    /// <param name="output">Its position in the schema.</param>
    /// <returns>True when it can be read.</returns>
    public bool IsOutputReady(int output) => ((_ready >> output) & 1) != 0;

    /// <summary>Reads an output; one that is not ready stops the engine.</summary>
    /// <param name="output">Its position in the schema.</param>
    /// <returns>A finite number: prices in price units, flags as 0 or 1, words as their position.</returns>
    public double Output(int output)
    {
        Ensure.That(IsOutputReady(output), "an output was read before it was ready");
        return _values[output];
    }

    /// <summary>Back to the state before the first input.</summary>
    public virtual void Clear() => Visit(ClearingVisitor.Instance);

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _ready);
        visitor.Visit<double>(_values);
        VisitState(visitor);
    }

    /// <summary>Walks the fields of the derived type; all of them are zero before the first input.</summary>
    /// <param name="visitor">Digest, save, restore or clear.</param>
    protected abstract void VisitState(StateVisitor visitor);

    /// <summary>Gives an output its value.</summary>
    /// <param name="output">Its position in the schema.</param>
    /// <param name="value">A finite number.</param>
    protected void Set(int output, double value)
    {
        Ensure.That(double.IsFinite(value), "an indicator made a number that is not finite");
        _values[output] = value;
        _ready |= 1UL << output;
    }

    /// <summary>Gives a flag its value.</summary>
    /// <param name="output">Its position in the schema.</param>
    /// <param name="value">The flag.</param>
    protected void Set(int output, bool value) => Set(output, value ? 1.0 : 0.0);

    /// <summary>Takes an output back: it is not ready until it is set again.</summary>
    /// <param name="output">Its position in the schema.</param>
    protected void Unset(int output)
    {
        _values[output] = 0.0;
        _ready &= ~(1UL << output);
    }

    /// <summary>Checks a window's length; one out of range stops the engine, as it was checked at the edge.</summary>
    /// <param name="period">Inputs.</param>
    /// <param name="least">The least allowed.</param>
    /// <returns>The period.</returns>
    protected static int Checked(int period, int least = 1)
    {
        Ensure.That(period >= least && period <= PeriodMax, "period of an indicator out of range");
        return period;
    }
}
