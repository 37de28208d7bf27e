using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Market.Calendars;

/// <summary>One stretch of time in which an instrument trades.</summary>
/// <param name="Date">The trading day that it belongs to: year x 10,000 + month x 100 + day.</param>
/// <param name="Open">First nanosecond since 1970 UTC.</param>
/// <param name="Close">The nanosecond after the last one.</param>
public readonly record struct TradingSession(int Date, long Open, long Close);

/// <summary>
/// When an instrument trades: a table of instants, made at the edge from wall times and holidays, so that nothing here
/// knows a time zone. Outside the table it is closed, unless it never closes at all.
/// </summary>
public sealed class TradingCalendar
{
    /// <summary>Sessions of one calendar.</summary>
    public const int SessionsMax = 32 * 366;

    private readonly TradingSession[] _sessions;

    // The place of the first session of each trading day.
    private readonly int[] _days;

    /// <summary>Creates a calendar.</summary>
    /// <param name="sessions">In the order of time, none empty, none overlapping; empty for one that never closes.</param>
    public TradingCalendar(TradingSession[] sessions)
    {
        Ensure.That(sessions.Length <= SessionsMax, "a calendar has more sessions than the limit");
        for (int i = 0; i < sessions.Length; i++)
        {
            Ensure.That(sessions[i].Open < sessions[i].Close, "a trading session is empty");
            Ensure.That(i == 0 || sessions[i - 1].Close <= sessions[i].Open, "trading sessions overlap or are out of order");
        }

        _sessions = sessions;
        int days = 0;
        int[] firsts = new int[sessions.Length];
        for (int i = 0; i < sessions.Length; i++)
        {
            if (i == 0 || sessions[i].Date != sessions[i - 1].Date)
            {
                firsts[days++] = i;
            }
        }

        _days = firsts[..days];
    }

    /// <summary>True when trading never stops.</summary>
    public bool NeverCloses => _sessions.Length == 0;

    /// <summary>The sessions, in the order of time.</summary>
    public ReadOnlySpan<TradingSession> Sessions => _sessions;

    /// <summary>The session at an instant.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="session">The session when the result is true.</param>
    /// <returns>False when it is closed, or never closes.</returns>
    public bool TryAt(long now, out TradingSession session)
    {
        int next = FirstAfter(now);
        bool isOpen = next > 0 && now < _sessions[next - 1].Close;
        session = isOpen ? _sessions[next - 1] : default;
        return isOpen;
    }

    /// <summary>The first session that opens after an instant.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="session">The session when the result is true.</param>
    /// <returns>False when the table knows none.</returns>
    public bool TryNext(long now, out TradingSession session)
    {
        int next = FirstAfter(now);
        session = next < _sessions.Length ? _sessions[next] : default;
        return next < _sessions.Length;
    }

    /// <summary>The last session that has opened at an instant.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="session">The session when the result is true; it may be over.</param>
    /// <returns>False when none has.</returns>
    public bool TryLast(long now, out TradingSession session)
    {
        int next = FirstAfter(now);
        session = next > 0 ? _sessions[next - 1] : default;
        return next > 0;
    }

    /// <summary>The trading day of an instant: it lasts from its first open until the next day's.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="number">Counts the days of the table from 0.</param>
    /// <param name="date">The date, as of its sessions.</param>
    /// <returns>False before the table's first open and from its last close on: such a day is not known.</returns>
    public bool TryDay(long now, out int number, out int date)
    {
        number = date = 0;
        if (_sessions.Length == 0 || now < _sessions[0].Open || now >= _sessions[^1].Close)
        {
            return false;
        }

        int session = FirstAfter(now) - 1;
        int low = 0;
        int high = _days.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_days[middle] <= session)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        number = low;
        date = _sessions[session].Date;
        return true;
    }

    /// <summary>Index of the first session that opens after <paramref name="now"/>.</summary>
    private int FirstAfter(long now)
    {
        int low = 0;
        int high = _sessions.Length;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (_sessions[middle].Open <= now)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
