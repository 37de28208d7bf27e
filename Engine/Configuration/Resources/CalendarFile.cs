using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using LowLatency.Core.Market.Calendars;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>A calendar file of our own (docs/decision-stages.md), which may take its rules from a market-hours database.</summary>
internal sealed class CalendarFile : ResourceKind
{
    internal static readonly ImmutableArray<string> Days =
        ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    private const string Digits = "0123456789";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly GroupOption Schema = new(
        "calendar",
        [
            new TextOption("timeZone", Letters + Digits + "_/+-", "[A-Za-z0-9_/+-]", 64, "UTC", "IANA name of the time zone."),
            new IntegerOption("firstYear", 1970, 2099, null, "year", "First year of the table."),
            new IntegerOption("lastYear", 1970, 2099, null, "year", "Last year of the table."),
            new BooleanOption("alwaysOpen", false, "True for a market that never closes."),
            new ListOption(
                "sessions",
                new GroupOption(
                    "session",
                    [
                        new TextOption("name", Letters + Digits + "-", "[A-Za-z0-9-]", 32, null, "Name."),
                        new ListOption("days", new ChoiceOption("day", Days, null, "Weekday."), 1, 7, string.Empty, "Weekdays."),
                        Time("open", null),
                        Time("close", null),
                    ],
                    "A session."),
                0,
                16,
                "name",
                "Sessions of a week."),
            new ListOption("holidays", Date("date"), 0, 2048, string.Empty, "Days without a session."),
            Exceptions("earlyCloses", "close"),
            Exceptions("lateOpens", "open"),
            new GroupOption(
                "marketHours",
                [
                    new TextOption("file", Letters + Digits + "._/-", "[A-Za-z0-9._/-]", 200, null, "The database."),
                    new TextOption("entry", Letters + Digits + "*[]-_", "[A-Za-z0-9*[]-_]", 64, null, "Its entry."),
                ],
                "Rules from a market-hours database instead.")
            {
                Optional = true,
            },
        ],
        "A calendar.");

    /// <inheritdoc/>
    public override string Noun => "a calendar file";

    /// <inheritdoc/>
    public override string? Problem(byte[] content) =>
        CalendarTable.Read(content, out string problem) is null ? problem : null;

    /// <inheritdoc/>
    public override ResourceReading Load(string path)
    {
        ConfigurationReader reader = new(Path.GetFileName(path), directory: null);
        GroupSetting? file = reader.ReadFile(Schema, File.ReadAllBytes(path));
        if (file is null || reader.Problems.Length > 0)
        {
            return ResourceReading.Refused(string.Join("; ", reader.Problems));
        }

        bool hasRules = file.List("sessions").Length > 0;
        int ways = (file.Flag("alwaysOpen") ? 1 : 0) + (hasRules ? 1 : 0) + (file.Find("marketHours") is null ? 0 : 1);
        if (ways != 1)
        {
            return ResourceReading.Refused("it must have one of alwaysOpen true, sessions, marketHours");
        }

        if (file.Flag("alwaysOpen"))
        {
            return new ResourceReading(CalendarTable.Write([]), string.Empty);
        }

        int first = (int)file.Number("firstYear");
        int last = (int)file.Number("lastYear");
        if (last < first || last - first >= CalendarRules.YearsMax)
        {
            return ResourceReading.Refused(string.Create(
                CultureInfo.InvariantCulture, $"its years {first} to {last} must be 1 to {CalendarRules.YearsMax}"));
        }

        CalendarRules? rules = hasRules
            ? Rules(file, first, last, out string problem)
            : MarketHours(path, (GroupSetting)file.Find("marketHours")!, first, last, out problem);
        List<TradingSession>? table = rules?.Table(out problem);
        return table is null
            ? ResourceReading.Refused(problem)
            : new ResourceReading(CalendarTable.Write(table), string.Empty);
    }

    private static CalendarRules? MarketHours(string path, GroupSetting source, int first, int last, out string problem)
    {
        string database = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, source.Text("file"));
        if (!File.Exists(database))
        {
            problem = $"there is no file {database}";
            return null;
        }

        return MarketHoursDatabase.Rules(File.ReadAllBytes(database), source.Text("entry"), first, last, out problem);
    }

    private static CalendarRules? Rules(GroupSetting file, int first, int last, out string problem)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(file.Text("timeZone"), out TimeZoneInfo? zone))
        {
            problem = $"timeZone: {file.Text("timeZone")}: this machine does not know it";
            return null;
        }

        CalendarRules rules = new() { Zone = zone, FirstYear = first, LastYear = last };
        foreach (Setting setting in file.List("sessions"))
        {
            GroupSetting session = (GroupSetting)setting;
            if (!TryTime(session, "open", out TimeSpan open, out problem)
                || !TryTime(session, "close", out TimeSpan close, out problem))
            {
                return null;
            }

            if (close <= open)
            {
                problem = $"{session.Path}: must close after it opens; one over midnight is two";
                return null;
            }

            foreach (Setting day in session.List("days"))
            {
                rules.Sessions.Add(new WeeklySession((DayOfWeek)Days.IndexOf(((TextSetting)day).Value), open, close));
            }
        }

        foreach (Setting holiday in file.List("holidays"))
        {
            if (!TryDate((TextSetting)holiday, out DateOnly date, out problem))
            {
                return null;
            }

            rules.Holidays.Add(date);
        }

        return TryExceptions(file, "earlyCloses", "close", rules.EarlyCloses, out problem)
            && TryExceptions(file, "lateOpens", "open", rules.LateOpens, out problem)
            ? rules
            : null;
    }

    private static bool TryExceptions(
        GroupSetting file, string list, string key, SortedDictionary<DateOnly, TimeSpan> times, out string problem)
    {
        problem = string.Empty;
        foreach (Setting setting in file.List(list))
        {
            GroupSetting exception = (GroupSetting)setting;
            if (!TryDate(exception.Get<TextSetting>("date"), out DateOnly date, out problem)
                || !TryTime(exception, key, out TimeSpan time, out problem))
            {
                return false;
            }

            times[date] = time;
        }

        return true;
    }

    private static bool TryDate(TextSetting setting, out DateOnly date, out string problem)
    {
        bool isDate = DateOnly.TryParseExact(
            setting.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
        problem = isDate ? string.Empty : $"{setting.Path}: {setting.Value}: must be a date such as 2026-12-25";
        return isDate;
    }

    private static bool TryTime(GroupSetting group, string key, out TimeSpan time, out string problem)
    {
        string text = group.Text(key);
        bool isMidnight = string.Equals(text, "24:00", StringComparison.Ordinal);
        bool isTime = TimeSpan.TryParseExact(text, "hh\\:mm", CultureInfo.InvariantCulture, out time) || isMidnight;
        time = isMidnight ? TimeSpan.FromDays(1) : time;
        problem = isTime ? string.Empty : $"{group.Path}.{key}: {text}: must be a time such as 09:30, up to 24:00";
        return isTime;
    }

    private static TextOption Time(string name, string? usual) =>
        new(name, Digits + ":", "[0-9:]", 5, usual, "Time of day on the wall.");

    private static TextOption Date(string name) => new(name, Digits + "-", "[0-9-]", 10, null, "Date.");

    private static ListOption Exceptions(string name, string time) => new(
        name, new GroupOption("day", [Date("date"), Time(time, null)], "A day."), 0, 2048, "date", "Days that differ.");
}
