using System;

namespace LowLatency.Gateways.Alpaca;

/// <summary>
/// Wall times of New York as instants, by the rule that holds since 2007: summer time from the second Sunday of March to the first
/// Sunday of November, changed at two in the morning. Sessions are far from that hour.
/// </summary>
internal static class NewYork
{
    private const long Minute = 60_000_000_000;
    private const int MinutesOfDay = 1_440;
    private const int WinterMinutes = 5 * 60;

    /// <summary>The instant of a minute of a day.</summary>
    /// <param name="day">Days since 1970-01-01, from 2007 on.</param>
    /// <param name="minute">Minute after midnight there.</param>
    /// <returns>Nanoseconds since 1970 UTC.</returns>
    internal static long At(int day, int minute) =>
        (((long)day * MinutesOfDay) + minute + WinterMinutes - (IsSummer(day) ? 60 : 0)) * Minute;

    /// <summary>The date there at an instant.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>Days since 1970-01-01.</returns>
    internal static int DayOf(long now) => (int)(((now / Minute) - WinterMinutes) / MinutesOfDay);

    /// <summary>The date of a day.</summary>
    /// <param name="day">Days since 1970-01-01.</param>
    /// <returns>Year x 10,000 + month x 100 + day.</returns>
    internal static int Date(int day)
    {
        DateOnly date = Of(day);
        return (date.Year * 10_000) + (date.Month * 100) + date.Day;
    }

    private static DateOnly Of(int day) => DateOnly.FromDayNumber(new DateOnly(1970, 1, 1).DayNumber + day);

    private static bool IsSummer(int day)
    {
        DateOnly date = Of(day);
        return date >= Sunday(date.Year, 3, 2) && date < Sunday(date.Year, 11, 1);
    }

    private static DateOnly Sunday(int year, int month, int number)
    {
        DateOnly first = new(year, month, 1);
        return first.AddDays(((7 - (int)first.DayOfWeek) % 7) + (7 * (number - 1)));
    }
}
