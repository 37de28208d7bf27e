using System;
using LowLatency.Core.Market.Calendars;

namespace LowLatency.Gateways.Sim;

/// <summary>When the orders of an instrument work, and when its days end.</summary>
internal sealed class VenueHours(TradingCalendar calendar, long extendedBefore, long extendedAfter)
{
    private const long Day = 86_400_000_000_000;

    /// <summary>True when an order works at an instant. An instrument without sessions never closes.</summary>
    internal bool IsOpen(long instant, bool extended) => IsOpen(instant, instant + 1, extended);

    /// <summary>True when an order works at some instant of a stretch of time.</summary>
    /// <param name="from">Its first instant.</param>
    /// <param name="to">The instant after its last one.</param>
    /// <param name="extended">The order works in extended hours too.</param>
    internal bool IsOpen(long from, long to, bool extended)
    {
        if (calendar.NeverCloses)
        {
            return true;
        }

        long before = extended ? extendedBefore : 0;
        return TryBegun(to - 1, before, out TradingSession last) && from < last.Close + (extended ? extendedAfter : 0);
    }

    /// <summary>
    /// The instant at which a day order ends that comes at another one; that one itself when no session is known. The days
    /// of an instrument that never closes end at midnight UTC.
    /// </summary>
    internal long DayEnd(long instant, bool extended)
    {
        if (calendar.NeverCloses)
        {
            return ((instant / Day) + 1) * Day;
        }

        long after = extended ? extendedAfter : 0;
        bool isOpen = TryBegun(instant, extended ? extendedBefore : 0, out TradingSession session)
            && instant < session.Close + after;
        return isOpen || calendar.TryNext(instant, out session) ? session.Close + after : instant;
    }

    /// <summary>The next opening after an instant.</summary>
    internal bool TryOpening(long instant, out long opening)
    {
        bool found = calendar.TryNext(instant, out TradingSession session);
        opening = session.Open;
        return found;
    }

    /// <summary>The next close after an instant.</summary>
    internal bool TryClosing(long instant, out long closing)
    {
        bool found = calendar.TryAt(instant, out TradingSession session) || calendar.TryNext(instant, out session);
        closing = session.Close;
        return found;
    }

    // The last session that has begun. Of all that have, it ends last.
    private bool TryBegun(long instant, long before, out TradingSession session)
    {
        ReadOnlySpan<TradingSession> sessions = calendar.Sessions;
        int low = 0;
        int high = sessions.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sessions[middle].Open - before <= instant)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        session = low > 0 ? sessions[low - 1] : default;
        return low > 0;
    }
}
