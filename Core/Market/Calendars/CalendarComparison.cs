using System;

namespace LowLatency.Core.Market.Calendars;

/// <summary>The first day in which two calendars differ.</summary>
/// <param name="Date">The day: year x 10,000 + month x 100 + day.</param>
/// <param name="Ours">When it opens and closes here; 0 for a day on which it does not trade.</param>
/// <param name="Theirs">When it opens and closes there.</param>
public readonly record struct CalendarDifference(int Date, (long Open, long Close) Ours, (long Open, long Close) Theirs);

/// <summary>Compares a calendar with what a venue says of its own.</summary>
public static class CalendarComparison
{
    /// <summary>Looks for the first day that differs: traded on one side only, or between other instants.</summary>
    /// <param name="ours">The calendar. Breaks within a day are no difference; one that never closes trades on every day.</param>
    /// <param name="from">First day that is compared, year x 10,000 + month x 100 + day.</param>
    /// <param name="until">Last day.</param>
    /// <param name="theirs">The venue's days between them, oldest first, one session each.</param>
    /// <param name="difference">The first difference when the result is true.</param>
    /// <returns>False when all days are equal.</returns>
    public static bool TryFind(
        TradingCalendar ours, int from, int until, ReadOnlySpan<TradingSession> theirs, out CalendarDifference difference)
    {
        ReadOnlySpan<TradingSession> sessions = ours.Sessions;
        int here = 0;
        int there = 0;
        while (here < sessions.Length && sessions[here].Date < from)
        {
            here++;
        }

        while (true)
        {
            int ourDate = here < sessions.Length && sessions[here].Date <= until ? sessions[here].Date : int.MaxValue;
            int theirDate = there < theirs.Length ? theirs[there].Date : int.MaxValue;
            int date = Math.Min(ourDate, theirDate);
            if (date == int.MaxValue)
            {
                // One that never closes has no sessions: it differs from any that has a day off.
                difference = ours.NeverCloses ? new CalendarDifference(from, (long.MinValue, long.MaxValue), default) : default;
                return ours.NeverCloses;
            }

            (long Open, long Close) own = default;
            if (ourDate == date)
            {
                own = (sessions[here].Open, sessions[here].Close);
                for (here++; here < sessions.Length && sessions[here].Date == date; here++)
                {
                    own.Close = sessions[here].Close;
                }
            }

            (long Open, long Close) other = theirDate == date ? (theirs[there].Open, theirs[there].Close) : default;
            there += theirDate == date ? 1 : 0;
            if (own != other)
            {
                difference = new CalendarDifference(date, own, other);
                return true;
            }
        }
    }
}
