using System;
using LowLatency.Gateways.Alpaca;
using Xunit;

namespace LowLatency.Tests.Gateways.Alpaca;

/// <summary>The rule of New York's clocks beside the system's time zones.</summary>
public sealed class NewYorkTests
{
    [Fact]
    public void Opens_closes_and_dates_of_thirty_years_are_those_of_the_systems_time_zone()
    {
        TimeZoneInfo zone = TimeZoneInfo.FindSystemTimeZoneById("America/New_York");
        DateOnly first = new(2007, 3, 1);
        int epoch = new DateOnly(1970, 1, 1).DayNumber;
        for (DateOnly day = first; day < first.AddYears(30); day = day.AddDays(1))
        {
            foreach (int minute in (ReadOnlySpan<int>)[4 * 60, (9 * 60) + 30, 13 * 60, 16 * 60, 20 * 60])
            {
                DateTime wall = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Unspecified).AddMinutes(minute);
                long expected = (TimeZoneInfo.ConvertTimeToUtc(wall, zone) - DateTime.UnixEpoch).Ticks * 100;
                Assert.Equal(expected, NewYork.At(day.DayNumber - epoch, minute));
            }

            long noon = NewYork.At(day.DayNumber - epoch, 720);
            Assert.Equal(day.DayNumber - epoch, NewYork.DayOf(noon));
            Assert.Equal((day.Year * 10_000) + (day.Month * 100) + day.Day, NewYork.Date(day.DayNumber - epoch));
        }
    }
}
