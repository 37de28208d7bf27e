using LowLatency.Core.Signals;

namespace LowLatency.Core.Risk;

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

/// <summary>
/// The stop that rests at the venue for the whole position of an instrument, so that protection outlives the process. It lies
/// beyond the exits that the engine holds: they are the first line, it is the second.
/// </summary>
public sealed record VenueStopRule
{
    /// <summary>How far beyond the farthest stop of those who hold the position it is touched, basis points.</summary>
    public required int BeyondBps { get; init; }

    /// <summary>How far beyond its trigger it still trades, basis points; 0 for any price.</summary>
    public required int SlippageBps { get; init; }

    /// <summary>A trigger that would move less than this stays, basis points: a trailing stop is not amended at every print.</summary>
    public required int StepBps { get; init; }

    /// <summary>Nanoseconds that a position may be without it before that is told.</summary>
    public required long AlarmAfter { get; init; }
}
