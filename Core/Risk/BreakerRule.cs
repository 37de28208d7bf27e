using LowLatency.Core.Market.Calendars;

namespace LowLatency.Core.Risk;

/// <summary>What a breaker measures. The numbers are those that a refusal shows.</summary>
public enum BreakerKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Equity lost since the trading day began, in any currency, money units.</summary>
    DailyLoss = 1,

    /// <summary>Equity lost since its highest, in any currency, money units.</summary>
    Drawdown = 2,

    /// <summary>Trades in a row that ended with a loss.</summary>
    LosingTrades = 3,

    /// <summary>Requests that the venue refused, in a window.</summary>
    Rejects = 4,

    /// <summary>Orders and amendments sent, in a window.</summary>
    Orders = 5,

    /// <summary>Requests that did not leave or may not have, in a window.</summary>
    VenueErrors = 6,
}

/// <summary>What a tripped breaker does until an operator resets it. A larger number is more drastic.</summary>
public enum BreakerAction : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>REDUCING.</summary>
    Reduce = 1,

    /// <summary>REDUCING, and every strategy is taken out of every position.</summary>
    Flatten = 2,

    /// <summary>HALTED.</summary>
    Halt = 3,
}

/// <summary>One breaker: it trips when what it measures reaches the limit.</summary>
/// <param name="Kind">What it measures.</param>
/// <param name="Limit">Where it trips; positive. Of a window at most <see cref="Breakers.WindowMax"/>.</param>
/// <param name="Action">What it does.</param>
/// <param name="Window">Nanoseconds of its window; 0 for one that has none.</param>
public sealed record BreakerRule(BreakerKind Kind, long Limit, BreakerAction Action, long Window = 0);

/// <summary>When a trading day begins.</summary>
public sealed class TradingDay
{
    private const long Day = 86_400_000_000_000;

    private readonly TradingCalendar? _calendar;

    /// <summary>Days of 24 hours.</summary>
    /// <param name="startsAt">Nanoseconds after midnight UTC, less than a day.</param>
    public TradingDay(long startsAt) => StartsAt = startsAt;

    /// <summary>Days that are the sessions of a calendar: one lasts until the next opens.</summary>
    /// <param name="calendar">The calendar; one that never closes has no days.</param>
    public TradingDay(TradingCalendar calendar) => _calendar = calendar;

    /// <summary>Nanoseconds after midnight UTC.</summary>
    public long StartsAt { get; }

    /// <summary>The day of an instant: it only has to differ from the others.</summary>
    /// <param name="now">ReceivedAt, not before the one of the last call.</param>
    /// <param name="last">The day of the last call.</param>
    /// <returns>A number of days, or a session's date.</returns>
    public long Of(long now, long last)
    {
        if (_calendar is null)
        {
            return (now - StartsAt + Day) / Day;
        }

        return _calendar.TryAt(now, out TradingSession session) ? session.Date : last;
    }
}
