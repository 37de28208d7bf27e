using LowLatency.Core.Events;

namespace LowLatency.Core.Signals;

/// <summary>A way to work an order, with its numbers. What a kind does not use is ignored.</summary>
/// <param name="Name">What wishes and configurations call it.</param>
/// <param name="Kind">What it does.</param>
public sealed record ExecutionStyle(string Name, StyleKind Kind)
{
    /// <summary>Iceberg: what is seen at one time, quantity x 10^9.</summary>
    public long DisplayE9 { get; init; }

    /// <summary>Peg: ticks behind the touch, not negative.</summary>
    public int DistanceTicks { get; init; }

    /// <summary>Peg: most changes of price in a window, 1 to <see cref="RepegsMax"/>.</summary>
    public int Repegs { get; init; } = 1;

    /// <summary>Peg: nanoseconds of that window.</summary>
    public long RepegWindow { get; init; }

    /// <summary>Peg: most changes of price in all; the next one goes to the market instead. 0 for any.</summary>
    public int RepegsInAll { get; init; }

    /// <summary>Peg: most ticks beyond the touch at which it began; 0 for any.</summary>
    public int AwayTicks { get; init; }

    /// <summary>Twap: equal parts, at least 1.</summary>
    public int Slices { get; init; } = 1;

    /// <summary>Twap: nanoseconds from the first slice to the end of the schedule.</summary>
    public long Duration { get; init; }

    /// <summary>
    /// Twap: how much later than its time a slice may come, parts per million of the time between two; below 1,000,000. The
    /// first and the last come in time.
    /// </summary>
    public int JitterPpm { get; init; }

    /// <summary>
    /// Twap: usual volume of equal parts of the UTC day, each positive: a slice is as large as the part in which its time lies;
    /// empty for equal slices.
    /// </summary>
    public int[] Curve { get; init; } = [];

    /// <summary>
    /// Participation: share of the printed volume, parts per million, 1 to 1,000,000. Twap: largest share of it; 0 for any.
    /// </summary>
    public int SharePpm { get; init; }

    /// <summary>Participation: largest order, quantity x 10^9; 0 for any.</summary>
    public long ClipE9 { get; init; }

    /// <summary>
    /// Nanoseconds after which what is left goes to the market, at the reference volatility; 0 for never. Not for a twap,
    /// which has an end of its own.
    /// </summary>
    public long Timeout { get; init; }

    /// <summary>Shortest timeout, however volatile the market, nanoseconds.</summary>
    public long TimeoutMin { get; init; }

    /// <summary>Longest timeout, however calm the market, nanoseconds.</summary>
    public long TimeoutMax { get; init; }

    /// <summary>
    /// Mean move of a second at which the timeout is as declared, parts per million: twice the move halves it. 0 for a
    /// timeout that does not depend on the market.
    /// </summary>
    public int VolatilityPpm { get; init; }

    /// <summary>Its orders work before and after the regular session too, and its wishes may be entered then.</summary>
    public bool ExtendedHours { get; init; }

    /// <summary>
    /// Nanoseconds that the place in the queue may promise: a resting order before which more stands than was printed in that
    /// time, at the pace since its parent began, goes to the market. 0 for any place.
    /// </summary>
    public long QueueWait { get; init; }

    /// <summary>Most slices of a twap that follows a curve.</summary>
    public const int CurvedSlicesMax = 1_000;

    /// <summary>Most changes of price that a window of a peg can count.</summary>
    public const int RepegsMax = 16;
}
