namespace LowLatency.Core.Risk;

/// <summary>Which price a protective exit looks at.</summary>
public enum ExitPrice : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The middle of bid and ask; without both the last print or bar.</summary>
    Mid = 1,

    /// <summary>
    /// The last print, while it is young enough for risk; before the first one the last bar. Of one that is too old the middle,
    /// and without that nothing.
    /// </summary>
    Last = 2,

    /// <summary>Where the position could be closed: the bid for a long one, the ask for a short one; else as Mid.</summary>
    Touch = 3,
}

/// <summary>
/// The protective exits of one strategy, for each of its positions. A bound of 0 is off. All of them stand in for one
/// order: the first that is touched takes the strategy out, and with that the others are void.
/// </summary>
public sealed record ExitRule
{
    /// <summary>Largest loss of what is open against what it cost, basis points.</summary>
    public int StopLossBps { get; init; }

    /// <summary>Profit of what is open against what it cost, basis points.</summary>
    public int TakeProfitBps { get; init; }

    /// <summary>Largest way back from the best price since the position was opened, basis points of that price.</summary>
    public int TrailingBps { get; init; }

    /// <summary>Longest time from the fill that opened the position, nanoseconds.</summary>
    public long MaxHolding { get; init; }

    /// <summary>Largest loss of a trade since it was opened, fees included, money units.</summary>
    public long MaxLoss { get; init; }

    /// <summary>True when it bounds what a position may lose.</summary>
    public bool HasStop => StopLossBps != 0 || TrailingBps != 0 || MaxLoss != 0;

    /// <summary>The price looked at.</summary>
    public ExitPrice Price { get; init; } = ExitPrice.Mid;

    /// <summary>Nanoseconds after an exit before which the strategy is not let back in.</summary>
    public long Reentry { get; init; }
}
