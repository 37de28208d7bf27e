namespace LowLatency.Core.Signals.Structures;

/// <summary>Which way a swing turned.</summary>
public enum SwingKind
{
    /// <summary>No swing.</summary>
    None = 0,

    /// <summary>A high.</summary>
    High = 1,

    /// <summary>A low.</summary>
    Low = 2,
}

/// <summary>
/// A confirmed swing. It never changes: what a later bar knows better is another swing.
/// </summary>
/// <param name="Version">Swings confirmed so far by its detector, this one included.</param>
/// <param name="Price">The extremum, price units.</param>
/// <param name="Time">Start of the bar with the extremum, nanoseconds since 1970 UTC.</param>
/// <param name="ConfirmedAt">
/// End of the bar that confirmed it: before this moment nobody could know of it. Nanoseconds since 1970 UTC.
/// </param>
/// <param name="Kind">High or low.</param>
public readonly record struct SwingPoint(long Version, long Price, long Time, long ConfirmedAt, SwingKind Kind)
{
    /// <summary>True when this is a swing.</summary>
    public bool Exists => Kind != SwingKind.None;
}
