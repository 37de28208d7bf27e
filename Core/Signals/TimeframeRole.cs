using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals;

/// <summary>
/// A length of bars that a strategy needs, what for, and how many of them it must have seen before it may speak.
/// </summary>
/// <param name="Name">What it is for, such as <c>fast</c> or <c>trend</c>; for people.</param>
/// <param name="Timeframe">Nanoseconds of a bar; positive.</param>
/// <param name="WarmUpBars">
/// Closed bars of an instrument that the strategy must have been told before anything it wants of that instrument counts;
/// 0 for none.
/// </param>
public sealed record TimeframeRole(string Name, long Timeframe, int WarmUpBars)
{
    /// <summary>Nanoseconds of a bar.</summary>
    public long Timeframe { get; } = Positive(Timeframe);

    /// <summary>Closed bars before the strategy may speak.</summary>
    public int WarmUpBars { get; } = NotNegative(WarmUpBars);

    /// <summary>Nanoseconds that the warm-up lasts at least, on a market that trades in every interval.</summary>
    public long WarmUp => Timeframe * WarmUpBars;

    private static long Positive(long timeframe)
    {
        Ensure.That(timeframe > 0, "the timeframe of a role must be positive");
        return timeframe;
    }

    private static int NotNegative(int bars)
    {
        Ensure.That(bars >= 0, "the warm-up of a role must not be negative");
        return bars;
    }
}
