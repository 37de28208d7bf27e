using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;

namespace LowLatency.Core.Arbitration.Gates;

/// <summary>What holds entries back. A gate never holds back what only reduces.</summary>
public sealed record GateSettings
{
    /// <summary>Nanoseconds after which a gate that held a wish back is asked again; positive.</summary>
    public long AskAgain { get; init; } = 1_000_000_000;

    /// <summary>Entries only while the instrument trades; null when the time of day does not matter.</summary>
    public SessionGateSettings? Sessions { get; init; }

    /// <summary>Entries only on fresh data; null when that is left to risk alone.</summary>
    public DataGateSettings? Data { get; init; }

    /// <summary>Entries only where no turn of the market is likely; null when no model is asked.</summary>
    public BarrierGateSettings? Barrier { get; init; }

    /// <summary>Sizes that grow, in the order of the strategies; null for one that has its size from the beginning.</summary>
    public GrowthRule?[] Growth { get; init; } = [];
}

/// <summary>When an instrument trades.</summary>
/// <param name="Symbol">The instrument.</param>
/// <param name="Calendar">Its calendar.</param>
public sealed record InstrumentCalendar(Symbol24 Symbol, TradingCalendar Calendar);

/// <summary>Entries only inside the sessions of the instrument's calendar.</summary>
/// <param name="Calendars">One for each instrument that may be entered; another one never may.</param>
/// <param name="FlatBeforeClose">
/// Nanoseconds before the close from which on every wish counts as flat until the next open; 0 to keep positions.
/// </param>
public sealed record SessionGateSettings(InstrumentCalendar[] Calendars, long FlatBeforeClose)
{
    /// <summary>Nanoseconds before an open from which wishes in a style of extended hours may enter.</summary>
    public long ExtendedBefore { get; init; }

    /// <summary>Nanoseconds after a close for which they may.</summary>
    public long ExtendedAfter { get; init; }
}

/// <summary>Entries only on market data that is ready and fresh.</summary>
/// <param name="StaleAfter">Nanoseconds without market data from which on it is stale; positive.</param>
public sealed record DataGateSettings(long StaleAfter);
