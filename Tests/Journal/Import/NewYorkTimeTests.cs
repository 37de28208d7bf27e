using System;
using LowLatency.Journal.Import;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

public sealed class NewYorkTimeTests
{
    private const long Hour = 3_600_000;

    [Theory]
    [InlineData(2013, 10, 7, 9.5, "2013-10-07T13:30:00Z")]
    [InlineData(2013, 11, 1, 9.5, "2013-11-01T13:30:00Z")]
    [InlineData(2013, 11, 4, 9.5, "2013-11-04T14:30:00Z")]
    [InlineData(2007, 3, 9, 16, "2007-03-09T21:00:00Z")]
    [InlineData(2007, 3, 12, 16, "2007-03-12T20:00:00Z")]
    [InlineData(2006, 3, 31, 16, "2006-03-31T21:00:00Z")]
    [InlineData(2006, 4, 3, 16, "2006-04-03T20:00:00Z")]
    [InlineData(1987, 4, 6, 16, "1987-04-06T20:00:00Z")]
    [InlineData(1986, 4, 7, 16, "1986-04-07T21:00:00Z")]
    [InlineData(1974, 1, 7, 16, "1974-01-07T20:00:00Z")]
    [InlineData(2024, 3, 10, 1.5, "2024-03-10T06:30:00Z")]
    [InlineData(2024, 3, 10, 3, "2024-03-10T07:00:00Z")]
    [InlineData(2024, 11, 3, 0.5, "2024-11-03T04:30:00Z")]
    [InlineData(2024, 11, 3, 2, "2024-11-03T07:00:00Z")]
    public void Known_wall_times(int year, int month, int day, double hours, string utc)
    {
        Assert.True(NewYorkTime.TryToUtc(new DateOnly(year, month, day), (long)(hours * Hour), out long milliseconds));
        Assert.Equal(utc, DateTime.UnixEpoch.AddMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
    }

    [Theory]
    [InlineData(2024, 3, 10, 2.5)]
    [InlineData(2024, 11, 3, 1.5)]
    [InlineData(1990, 4, 1, 2.0)]
    [InlineData(1990, 10, 28, 1.0)]
    public void A_skipped_or_repeated_time_is_refused(int year, int month, int day, double hours) =>
        Assert.False(NewYorkTime.TryToUtc(new DateOnly(year, month, day), (long)(hours * Hour), out _));

    [Fact]
    public void Every_hour_agrees_with_the_time_zone_data_of_the_machine()
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById("America/New_York", out TimeZoneInfo? zone))
        {
            Assert.Skip("this machine has no time zone data");
        }

        int refused = 0;
        for (DateOnly date = new(NewYorkTime.YearMin, 1, 1); date.Year <= 2037; date = date.AddDays(1))
        {
            for (int hour = 0; hour < 24; hour++)
            {
                DateTime wall = date.ToDateTime(new TimeOnly(hour, 0), DateTimeKind.Unspecified);
                bool unique = !zone.IsInvalidTime(wall) && !zone.IsAmbiguousTime(wall);
                Assert.Equal(unique, NewYorkTime.TryToUtc(date, hour * Hour, out long milliseconds));
                refused += unique ? 0 : 1;
                if (unique)
                {
                    Assert.Equal(
                        TimeZoneInfo.ConvertTimeToUtc(wall, zone), DateTime.UnixEpoch.AddMilliseconds(milliseconds));
                }
            }
        }

        // Two changes of the clock a year, each refusing one hour.
        Assert.Equal(2 * (2037 - NewYorkTime.YearMin + 1), refused);
    }
}
