using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Journal.Import;

/// <summary>
/// New York wall time to UTC by the dated rules of the Uniform Time Act, so that an import does not depend on the time
/// zone data of the machine. Clocks change at 02:00 wall time.
/// </summary>
/// <remarks>
/// <code>
///   from 1967   last Sunday of April       last Sunday of October
///   1974, 1975  6 January, 23 February     last Sunday of October
///   from 1976   last Sunday of April       last Sunday of October
///   from 1987   first Sunday of April      last Sunday of October
///   from 2007   second Sunday of March     first Sunday of November
/// </code>
/// </remarks>
public static class NewYorkTime
{
    /// <summary>The first year whose rule is known here.</summary>
    public const int YearMin = 1967;

    /// <summary>The last year; later ones may have another law.</summary>
    public const int YearMax = 2099;

    private const long MillisecondsPerDay = 86_400_000;
    private const long ChangeAt = 2 * 3_600_000;
    private const long Hour = 3_600_000;

    /// <summary>The UTC instant of a wall time.</summary>
    /// <param name="date">A date in the range of years.</param>
    /// <param name="millisecond">Milliseconds since midnight by the clock on the wall, below 24 hours.</param>
    /// <param name="utcMilliseconds">Milliseconds since 1970 UTC.</param>
    /// <returns>False when that time is skipped or comes twice on the day of a change.</returns>
    public static bool TryToUtc(DateOnly date, long millisecond, out long utcMilliseconds)
    {
        Ensure.That(date.Year is >= YearMin and <= YearMax, "year without a known rule");
        Ensure.That(millisecond is >= 0 and < MillisecondsPerDay, "a time of day is below 24 hours");
        DateOnly start = SummerStart(date.Year);
        DateOnly end = SummerEnd(date.Year);
        bool isSkipped = date == start && millisecond is >= ChangeAt and < ChangeAt + Hour;
        bool isTwice = date == end && millisecond is >= ChangeAt - Hour and < ChangeAt;
        bool isSummer = (date > start || (date == start && millisecond >= ChangeAt))
            && (date < end || (date == end && millisecond < ChangeAt));
        long days = date.DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        utcMilliseconds = (days * MillisecondsPerDay) + millisecond + ((isSummer ? 4 : 5) * Hour);
        return !isSkipped && !isTwice;
    }

    private static DateOnly SummerStart(int year) => year switch
    {
        >= 2007 => Sunday(year, 3, 8),
        >= 1987 => Sunday(year, 4, 1),
        1974 => new DateOnly(1974, 1, 6),
        1975 => new DateOnly(1975, 2, 23),
        _ => Sunday(year, 4, 24),
    };

    private static DateOnly SummerEnd(int year) => year >= 2007 ? Sunday(year, 11, 1) : Sunday(year, 10, 25);

    /// <summary>The first Sunday on or after a day of a month.</summary>
    private static DateOnly Sunday(int year, int month, int day)
    {
        DateOnly from = new(year, month, day);
        return from.AddDays((7 - (int)from.DayOfWeek) % 7);
    }
}
