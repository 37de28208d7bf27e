using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Models;

/// <summary>What a feature measures. Every one is a ratio in parts per million.</summary>
public enum FeatureKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Close of the newest bar over the close n bars before it, minus 1.</summary>
    Return = 1,

    /// <summary>Root of the mean squared return of the n newest bars.</summary>
    Volatility = 2,

    /// <summary>How far the highest of the n newest bars is above the price: highest / price - 1.</summary>
    High = 3,

    /// <summary>How far the price is above the lowest of the n newest bars: 1 - lowest / price.</summary>
    Low = 4,

    /// <summary>(bid size - ask size) / (bid size + ask size) at the touch.</summary>
    Imbalance = 5,

    /// <summary>(ask - bid) / mid.</summary>
    Spread = 6,
}

/// <summary>One input of a model.</summary>
public sealed record Feature
{
    /// <summary>Most bars that a feature looks back.</summary>
    public const int BarsMax = 500;

    /// <summary>Creates a feature.</summary>
    /// <param name="kind">What it measures.</param>
    /// <param name="bars">Bars that it looks back, 1 to <see cref="BarsMax"/>; 0 for what needs none.</param>
    /// <param name="minimum">Least value that the model was made for, parts per million.</param>
    /// <param name="maximum">Greatest value; above the least.</param>
    public Feature(FeatureKind kind, int bars, long minimum, long maximum)
    {
        Ensure.That(kind != FeatureKind.None, "a feature must measure something");
        Ensure.That(NeedsBars(kind) ? bars is >= 1 and <= BarsMax : bars == 0, "bars of a feature out of range");
        Ensure.That(minimum < maximum, "the range of a feature is empty");
        Kind = kind;
        Bars = bars;
        Minimum = minimum;
        Maximum = maximum;
    }

    /// <summary>What it measures.</summary>
    public FeatureKind Kind { get; }

    /// <summary>Bars that it looks back; 0 for what needs none.</summary>
    public int Bars { get; }

    /// <summary>Least value that the model was made for, parts per million.</summary>
    public long Minimum { get; }

    /// <summary>Greatest value that the model was made for, parts per million.</summary>
    public long Maximum { get; }

    /// <summary>True when a feature looks at bars.</summary>
    /// <param name="kind">What it measures.</param>
    /// <returns>False for what the touch alone tells.</returns>
    public static bool NeedsBars(FeatureKind kind) =>
        kind is FeatureKind.Return or FeatureKind.Volatility or FeatureKind.High or FeatureKind.Low;
}

/// <summary>Whether a reading can be used.</summary>
public enum ReadingState : byte
{
    /// <summary>Never valid: a reading that nobody took is not a zero.</summary>
    None = 0,

    /// <summary>The value counts.</summary>
    Ready = 1,

    /// <summary>The market does not tell it yet.</summary>
    NotReady = 2,

    /// <summary>What it comes from is too old.</summary>
    Stale = 3,

    /// <summary>Outside the range that the model was made for.</summary>
    OutOfRange = 4,
}

/// <summary>One measured input: a value counts only when it is ready.</summary>
/// <param name="State">Whether the value counts.</param>
/// <param name="Value">Parts per million; 0 unless ready or out of range.</param>
public readonly record struct Reading(ReadingState State, double Value);
