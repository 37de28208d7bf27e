using System;
using System.Globalization;
using System.Text.Json;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>
/// Reads one entry of a market-hours database in the form of LEAN: stretches of each weekday with a state (only
/// <c>market</c> counts), holidays as month/day/year, early closes and late opens by such a date.
/// </summary>
internal static class MarketHoursDatabase
{
    private const string Date = "M/d/yyyy";

    /// <summary>The rules of an entry.</summary>
    /// <param name="json">The database.</param>
    /// <param name="entry">Such as <c>Equity-usa-[*]</c>.</param>
    /// <param name="firstYear">First year of the table.</param>
    /// <param name="lastYear">Last year of the table.</param>
    /// <param name="problem">What is wrong when the result is null.</param>
    internal static CalendarRules? Rules(byte[] json, string entry, int firstYear, int lastYear, out string problem)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (!document.RootElement.TryGetProperty("entries", out JsonElement entries)
                || !entries.TryGetProperty(entry, out JsonElement found))
            {
                problem = $"the database has no entry {entry}";
                return null;
            }

            string zoneName = found.GetProperty("exchangeTimeZone").GetString()!;
            if (!TimeZoneInfo.TryFindSystemTimeZoneById(zoneName, out TimeZoneInfo? zone))
            {
                problem = $"{entry}: exchangeTimeZone: {zoneName}: this machine does not know it";
                return null;
            }

            CalendarRules rules = new() { Zone = zone, FirstYear = firstYear, LastYear = lastYear };
            Read(found, rules);
            problem = string.Empty;
            return rules;
        }
        catch (Exception strange) when (strange
            is JsonException or FormatException or InvalidOperationException or System.Collections.Generic.KeyNotFoundException)
        {
            problem = $"{entry}: not a market-hours database as it is known: {strange.Message}";
            return null;
        }
    }

    private static void Read(JsonElement entry, CalendarRules rules)
    {
        for (int day = 0; day < CalendarFile.Days.Length; day++)
        {
            foreach (JsonElement stretch in entry.GetProperty(CalendarFile.Days[day]).EnumerateArray())
            {
                if (string.Equals(stretch.GetProperty("state").GetString(), "market", StringComparison.Ordinal))
                {
                    rules.Sessions.Add(new WeeklySession(
                        (DayOfWeek)day, Time(stretch.GetProperty("start")), Time(stretch.GetProperty("end"))));
                }
            }
        }

        foreach (JsonElement holiday in entry.GetProperty("holidays").EnumerateArray())
        {
            rules.Holidays.Add(DateOnly.ParseExact(holiday.GetString()!, Date, CultureInfo.InvariantCulture));
        }

        Exceptions(entry, "earlyCloses", rules.EarlyCloses);
        Exceptions(entry, "lateOpens", rules.LateOpens);
    }

    private static void Exceptions(
        JsonElement entry, string name, System.Collections.Generic.SortedDictionary<DateOnly, TimeSpan> times)
    {
        if (!entry.TryGetProperty(name, out JsonElement exceptions))
        {
            return;
        }

        foreach (JsonProperty exception in exceptions.EnumerateObject())
        {
            times[DateOnly.ParseExact(exception.Name, Date, CultureInfo.InvariantCulture)] = Time(exception.Value);
        }
    }

    private static TimeSpan Time(JsonElement element)
    {
        string text = element.GetString()!;
        return text is "24:00:00" or "1.00:00:00"
            ? TimeSpan.FromDays(1)
            : TimeSpan.ParseExact(text, "hh\\:mm\\:ss", CultureInfo.InvariantCulture);
    }
}
