using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Market.Calendars;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>A stretch of a weekday by the clock on the wall.</summary>
/// <param name="Day">The weekday.</param>
/// <param name="Open">Time of day.</param>
/// <param name="Close">Time of day, up to 24 hours.</param>
internal readonly record struct WeeklySession(DayOfWeek Day, TimeSpan Open, TimeSpan Close);

/// <summary>
/// When a market trades, as people say it: weekdays, wall times, holidays, early closes. Turned into instants once, when a
/// configuration is read; nothing later depends on a time zone.
/// </summary>
internal sealed class CalendarRules
{
    internal const int YearsMax = 32;

    internal required TimeZoneInfo Zone { get; init; }

    internal required int FirstYear { get; init; }

    internal required int LastYear { get; init; }

    internal List<WeeklySession> Sessions { get; } = [];

    internal SortedSet<DateOnly> Holidays { get; } = [];

    internal SortedDictionary<DateOnly, TimeSpan> EarlyCloses { get; } = [];

    internal SortedDictionary<DateOnly, TimeSpan> LateOpens { get; } = [];

    /// <summary>The table of the years.</summary>
    /// <remarks>
    /// A wall time that a change of clocks skips is taken after it; one that comes twice is the first for an open and the
    /// second for a close. Sessions that touch (over midnight) are one, of the later day.
    /// </remarks>
    /// <returns>Null and a problem when sessions overlap or there are none.</returns>
    internal List<TradingSession>? Table(out string problem)
    {
        problem = string.Empty;
        List<TradingSession> table = [];
        Sessions.Sort((a, b) => a.Open.CompareTo(b.Open));
        for (DateOnly day = new(FirstYear, 1, 1); day.Year <= LastYear; day = day.AddDays(1))
        {
            if (Holidays.Contains(day))
            {
                continue;
            }

            foreach (WeeklySession session in Sessions)
            {
                if (session.Day != day.DayOfWeek)
                {
                    continue;
                }

                TimeSpan open = LateOpens.TryGetValue(day, out TimeSpan late) && late > session.Open ? late : session.Open;
                TimeSpan close = EarlyCloses.TryGetValue(day, out TimeSpan early) && early < session.Close ? early : session.Close;
                if (open < close && !TryAdd(table, day, open, close))
                {
                    problem = string.Create(CultureInfo.InvariantCulture, $"sessions of {day:yyyy-MM-dd} overlap");
                    return null;
                }
            }
        }

        problem = table.Count == 0 ? "no session is left in its years" : string.Empty;
        return table.Count == 0 ? null : table;
    }

    private bool TryAdd(List<TradingSession> table, DateOnly day, TimeSpan open, TimeSpan close)
    {
        long from = CalendarTable.Nanoseconds(ToUtc(day, open, first: true));
        long to = CalendarTable.Nanoseconds(ToUtc(day, close, first: false));
        int date = (day.Year * 10_000) + (day.Month * 100) + day.Day;
        if (table.Count > 0 && table[^1].Close == from)
        {
            table[^1] = table[^1] with { Date = date, Close = to };
            return true;
        }

        bool isLater = from < to && (table.Count == 0 || table[^1].Close < from);
        if (isLater)
        {
            table.Add(new TradingSession(date, from, to));
        }

        return isLater;
    }

    private DateTime ToUtc(DateOnly day, TimeSpan time, bool first)
    {
        DateTime wall = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Unspecified).Add(time);
        while (Zone.IsInvalidTime(wall))
        {
            wall = wall.AddMinutes(1);
        }

        TimeSpan offset = Zone.GetUtcOffset(wall);
        if (Zone.IsAmbiguousTime(wall))
        {
            // The larger offset is the earlier instant.
            TimeSpan[] offsets = Zone.GetAmbiguousTimeOffsets(wall);
            Array.Sort(offsets);
            offset = first ? offsets[^1] : offsets[0];
        }

        return DateTime.SpecifyKind(wall - offset, DateTimeKind.Utc);
    }
}
