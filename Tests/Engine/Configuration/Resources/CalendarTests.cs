using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Market.Calendars;
using LowLatency.Engine.Configuration.Resources;
using LowLatency.Journal.Import;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration.Resources;

public sealed class CalendarTests
{
    private const string Database = "data/lean/Data/market-hours/market-hours-database.json";
    private const long Millisecond = 1_000_000;

    [Fact]
    public void The_example_knows_a_winter_day_a_summer_day_a_holiday_and_an_early_close()
    {
        TradingCalendar calendar = Example();
        Assert.Equal("14:30 21:00", On(calendar, 2026_01_02)); // EST: UTC - 5
        Assert.Equal("13:30 20:00", On(calendar, 2026_07_02)); // EDT: UTC - 4
        Assert.Equal("closed", On(calendar, 2026_07_03)); // Independence Day observed
        Assert.Equal("14:30 18:00", On(calendar, 2026_11_27)); // the day after Thanksgiving, 13:00
        Assert.Equal("closed", On(calendar, 2026_11_28)); // a Saturday
        Assert.Equal("14:30 21:00", On(calendar, 2026_03_06)); // the Friday before the clocks change
        Assert.Equal("13:30 20:00", On(calendar, 2026_03_09)); // the Monday after
    }

    [Fact]
    public void Every_session_of_the_example_is_at_the_wall_times_of_New_York_by_the_dated_rules() =>
        Assert.Empty(Wrong(Example(), HolidaysOf(Shipped()), EarlyClosesOf(Shipped()), 2024, 2028));

    [Fact]
    public void A_calendar_that_forgets_a_holiday_an_early_close_or_the_clocks_is_caught()
    {
        string file = Shipped();
        SortedSet<DateOnly> holidays = HolidaysOf(file);
        SortedSet<DateOnly> closes = EarlyClosesOf(file);
        Assert.Single(Wrong(Table(file.Replace("\"2026-07-03\", ", string.Empty, StringComparison.Ordinal)), holidays, closes, 2024, 2028));
        Assert.Single(Wrong(
            Table(file.Replace("{ \"date\": \"2026-11-27\", \"close\": \"13:00\" },", string.Empty, StringComparison.Ordinal)), holidays, closes, 2024, 2028));
        Assert.True(Wrong(
            Table(file.Replace("America/New_York", "America/Bogota", StringComparison.Ordinal)), holidays, closes, 2024, 2028).Count > 500);
    }

    [Fact]
    public void Every_holiday_and_early_close_of_the_recorded_database_is_kept()
    {
        string path = Repository.RecordedData(Database);
        using JsonDocument database = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement entry = database.RootElement.GetProperty("entries").GetProperty("Equity-usa-[*]");
        SortedSet<DateOnly> holidays = [.. entry.GetProperty("holidays").EnumerateArray().Select(h => American(h.GetString()!))];
        SortedSet<DateOnly> closes = [.. entry.GetProperty("earlyCloses").EnumerateObject().Select(c => American(c.Name))];
        Assert.Equal((293, 65), (holidays.Count, closes.Count));

        TradingCalendar calendar = Table(
            $$"""{ "firstYear": 1998, "lastYear": 2010, "marketHours": { "file": "{{Path.GetFileName(path)}}", "entry": "Equity-usa-[*]" } }""",
            Path.GetDirectoryName(path)!);
        Assert.Empty(Wrong(calendar, holidays, closes, 1998, 2010));
        TradingCalendar later = Table(
            $$"""{ "firstYear": 2011, "lastYear": 2028, "marketHours": { "file": "{{Path.GetFileName(path)}}", "entry": "Equity-usa-[*]" } }""",
            Path.GetDirectoryName(path)!);
        Assert.Empty(Wrong(later, holidays, closes, 2011, 2028));
        holidays.Add(new DateOnly(2014, 7, 7));
        Assert.Single(Wrong(later, holidays, closes, 2011, 2028));
    }

    [Fact]
    public void The_example_agrees_with_the_recorded_database_session_by_session()
    {
        string path = Repository.RecordedData(Database);
        TradingCalendar recorded = Table(
            $$"""{ "firstYear": 2024, "lastYear": 2028, "marketHours": { "file": "{{Path.GetFileName(path)}}", "entry": "Equity-usa-[*]" } }""",
            Path.GetDirectoryName(path)!);
        Assert.Equal(recorded.Sessions.ToArray(), Example().Sessions.ToArray());
    }

    [Fact]
    public void Sessions_over_midnight_are_one_and_a_market_that_never_closes_has_none()
    {
        TradingCalendar night = Table(
            """
            { "timeZone": "America/Chicago", "firstYear": 2026, "lastYear": 2026, "sessions": [
              { "name": "evening", "days": ["sunday"], "open": "17:00", "close": "24:00" },
              { "name": "day", "days": ["monday"], "open": "00:00", "close": "16:00" } ] }
            """);
        TradingSession first = night.Sessions.ToArray().First(s => s.Date > 2026_01_01);
        Assert.Equal((2026_01_05, "2026-01-04T23:00", "2026-01-05T22:00"), (first.Date, Utc(first.Open), Utc(first.Close)));
        Assert.True(Table("""{ "firstYear": 2020, "lastYear": 2030, "alwaysOpen": true }""").NeverCloses);
    }

    [Fact]
    public void A_day_of_25_hours_is_open_for_25_hours()
    {
        TradingCalendar calendar = Table(
            """
            { "timeZone": "America/New_York", "firstYear": 2026, "lastYear": 2026, "sessions": [
              { "name": "sundays", "days": ["sunday"], "open": "00:00", "close": "24:00" } ] }
            """);
        long Hours(int date) => calendar.Sessions.ToArray().Where(s => s.Date == date).Sum(s => (s.Close - s.Open) / 3_600_000 / Millisecond);
        Assert.Equal((23, 25, 24), (Hours(2026_03_08), Hours(2026_11_01), Hours(2026_11_08)));
    }

    [Theory]
    [InlineData("""{ "firstYear": 2026, "lastYear": 2026 }""", "one of alwaysOpen true, sessions, marketHours")]
    [InlineData("""{ "firstYear": 2026, "lastYear": 2025, "sessions": [{ "name": "a", "days": ["monday"], "open": "09:00", "close": "10:00" }] }""", "must be 1 to 32")]
    [InlineData("""{ "timeZone": "Mars/Olympus", "firstYear": 2026, "lastYear": 2026, "sessions": [{ "name": "a", "days": ["monday"], "open": "09:00", "close": "10:00" }] }""", "Mars/Olympus: this machine does not know it")]
    [InlineData("""{ "firstYear": 2026, "lastYear": 2026, "sessions": [{ "name": "a", "days": ["monday"], "open": "10:00", "close": "09:00" }] }""", "must close after it opens")]
    [InlineData("""{ "firstYear": 2026, "lastYear": 2026, "sessions": [{ "name": "a", "days": ["monday"], "open": "9:0", "close": "10:00" }] }""", "sessions[0].open: 9:0: must be a time")]
    [InlineData("""{ "firstYear": 2026, "lastYear": 2026, "holidays": ["2026-02-30"], "sessions": [{ "name": "a", "days": ["monday"], "open": "09:00", "close": "10:00" }] }""", "holidays[0]: 2026-02-30: must be a date")]
    [InlineData("""{ "firstYear": 2026, "lastYear": 2026, "sessions": [{ "name": "a", "days": ["monday"], "open": "09:00", "close": "11:00" }, { "name": "b", "days": ["monday"], "open": "10:00", "close": "12:00" }] }""", "sessions of 2026-01-05 overlap")]
    [InlineData("""{ "firstYear": 2026, "lastYear": 2026, "holiday": [], "alwaysOpen": true }""", "did you mean \"holidays\"?")]
    [InlineData("""{ "firstYear": 2026, "lastYear": 2026, "marketHours": { "file": "none.json", "entry": "x" } }""", "there is no file")]
    public void A_calendar_that_cannot_be_right_is_refused(string file, string problem) =>
        Assert.Contains(problem, Load(file, null).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("2026-01-02 2026-01-02T14:30:00Z\n")]
    [InlineData("2026-01-02 2026-01-02T21:00:00Z 2026-01-02T14:30:00Z\n")]
    [InlineData("2026-01-02 2026-01-02T14:30:00Z 2026-01-02T21:00:00Z")]
    [InlineData("")]
    [InlineData("always")]
    public void A_table_that_is_none_is_told(string table) =>
        Assert.NotNull(new CalendarFile().Problem(Encoding.ASCII.GetBytes(table)));

    private static string Shipped() =>
        File.ReadAllText(Path.Combine(Repository.Root, "examples", "calendars", "us-equities.json"));

    private static TradingCalendar Example() => Table(Shipped());

    private static ResourceReading Load(string file, string? beside)
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "calendar.json");
        File.WriteAllText(path, file);
        if (beside is not null)
        {
            foreach (string other in Directory.GetFiles(beside))
            {
                File.CreateSymbolicLink(Path.Combine(folder.Path, Path.GetFileName(other)), other);
            }
        }

        return new CalendarFile().Load(path);
    }

    private static TradingCalendar Table(string file, string? beside = null)
    {
        ResourceReading reading = Load(file, beside);
        Assert.True(reading.Content is not null, reading.Problem);
        return CalendarTable.Read(reading.Content, out _)!;
    }

    private static SortedSet<DateOnly> HolidaysOf(string file) => Dates(file, "holidays", e => e.GetString()!);

    private static SortedSet<DateOnly> EarlyClosesOf(string file) =>
        Dates(file, "earlyCloses", e => e.GetProperty("date").GetString()!);

    private static SortedSet<DateOnly> Dates(string file, string list, Func<JsonElement, string> date)
    {
        using JsonDocument document = JsonDocument.Parse(file);
        return [.. document.RootElement.GetProperty(list).EnumerateArray().Select(e => DateOnly.Parse(date(e), CultureInfo.InvariantCulture))];
    }

    private static DateOnly American(string text) => DateOnly.ParseExact(text, "M/d/yyyy", CultureInfo.InvariantCulture);

    /// <summary>The days on which a calendar is not what weekdays, holidays, early closes and New York's own rules say.</summary>
    private static List<DateOnly> Wrong(
        TradingCalendar calendar, SortedSet<DateOnly> holidays, SortedSet<DateOnly> closes, int first, int last)
    {
        Dictionary<int, (long, long)> found = calendar.Sessions.ToArray().ToDictionary(s => s.Date, s => (s.Open, s.Close));
        List<DateOnly> wrong = [];
        for (DateOnly day = new(first, 1, 1); day.Year <= last; day = day.AddDays(1))
        {
            int date = (day.Year * 10_000) + (day.Month * 100) + day.Day;
            bool trades = day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !holidays.Contains(day);
            (long, long)? expected = trades
                ? (At(day, 9.5), At(day, closes.Contains(day) ? 13 : 16))
                : null;
            (long, long)? session = found.TryGetValue(date, out (long, long) times) ? times : null;
            if (expected != session)
            {
                wrong.Add(day);
            }
        }

        return wrong;
    }

    private static long At(DateOnly day, double hour)
    {
        Assert.True(NewYorkTime.TryToUtc(day, (long)(hour * 3_600_000), out long utc));
        return utc * Millisecond;
    }

    private static string On(TradingCalendar calendar, int date)
    {
        TradingSession session = calendar.Sessions.ToArray().FirstOrDefault(s => s.Date == date);
        return session.Date == 0 ? "closed" : $"{Utc(session.Open)[11..]} {Utc(session.Close)[11..]}";
    }

    private static string Utc(long nanoseconds) =>
        DateTime.UnixEpoch.AddTicks(nanoseconds / 100).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
}
