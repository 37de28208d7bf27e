using System.Collections.Generic;
using FsCheck.Fluent;
using LowLatency.Core.Market.Calendars;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Market.Calendars;

/// <summary>The first day in which a calendar and the venue's differ.</summary>
public sealed class CalendarComparisonTests
{
    private const long Hour = 3_600_000_000_000;

    [Fact]
    public void Equal_days_are_no_difference_and_breaks_and_days_beyond_the_range_neither()
    {
        TradingSession[] theirs = [Day(2), Day(3)];
        Assert.Null(First([Day(1), Day(2), Day(3), Day(4)], 2, 3, theirs));

        // A break at noon: the day opens and closes as there.
        TradingSession[] broken = [Day(2) with { Close = Day(2).Open + Hour }, Day(2) with { Open = Day(2).Open + (2 * Hour) }, Day(3)];
        Assert.Null(First(broken, 2, 3, theirs));
        Assert.Null(First([Day(1)], 2, 3, []));
    }

    [Fact]
    public void A_holiday_a_half_day_and_another_hour_are_named_by_their_first_day()
    {
        TradingSession[] ours = [Day(1), Day(2), Day(3)];
        Assert.Equal(2, First(ours, 1, 3, [Day(1), Day(3)]));
        Assert.Equal(2, First([Day(1), Day(3)], 1, 3, ours));
        Assert.Equal(3, First(ours, 1, 3, [Day(1), Day(2), Day(3) with { Close = Day(3).Close - 1 }]));
        Assert.Equal(1, First(ours, 1, 3, [Day(1) with { Open = Day(1).Open + 1 }, Day(2), Day(3)]));
        Assert.Equal(3, First([Day(1), Day(2)], 1, 3, ours));

        Assert.True(CalendarComparison.TryFind(new TradingCalendar(ours), 1, 3, [Day(1), Day(3)], out CalendarDifference missing));
        Assert.Equal(new CalendarDifference(2, (Day(2).Open, Day(2).Close), default), missing);
    }

    [Fact]
    public void One_that_never_closes_differs_from_every_calendar()
    {
        Assert.Equal(1, First([], 1, 3, [Day(1), Day(2), Day(3)]));
        Assert.Equal(1, First([], 1, 3, []));
    }

    [Fact]
    public void The_first_difference_is_that_of_a_table_laid_beside_the_other()
    {
        PropertyCheck.Holds(
            PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 1, 20),
            dice =>
            {
                // Each number is a day: whether it is traded here and there, and whether an instant is moved.
                List<TradingSession> ours = [];
                List<TradingSession> theirs = [];
                int? expected = null;
                for (int d = 1; d <= dice.Length; d++)
                {
                    int kind = dice[d - 1] % 16;
                    TradingSession here = Day(d);
                    TradingSession there = kind == 1 ? here with { Open = here.Open - 1 } : kind == 2 ? here with { Close = here.Close + 1 } : here;
                    if (kind is not (3 or 4))
                    {
                        ours.Add(here);
                    }

                    if (kind is not (3 or 5))
                    {
                        theirs.Add(there);
                    }

                    expected ??= kind is 1 or 2 or 4 or 5 ? d : null;
                }

                return ours.Count == 0 || First([.. ours], 1, dice.Length, [.. theirs]) == expected;
            },
            runs: 2_000);
    }

    private static int? First(TradingSession[] ours, int from, int until, TradingSession[] theirs) =>
        CalendarComparison.TryFind(new TradingCalendar(ours), from, until, theirs, out CalendarDifference difference)
            ? difference.Date
            : null;

    internal static TradingSession Day(int date) =>
        new(date, (date * 24 * Hour) + (9 * Hour), (date * 24 * Hour) + (16 * Hour));
}
