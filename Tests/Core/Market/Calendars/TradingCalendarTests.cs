using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market.Calendars;
using Xunit;

namespace LowLatency.Tests.Core.Market.Calendars;

public sealed class TradingCalendarTests
{
    [Theory]
    [InlineData(9, 0, 1)]
    [InlineData(10, 1, 2)]
    [InlineData(19, 1, 2)]
    [InlineData(20, 2, 3)] // the next one begins where the first ends
    [InlineData(30, 0, 3)]
    [InlineData(40, 3, 0)]
    [InlineData(50, 0, 0)]
    public void A_session_is_open_from_its_first_nanosecond_to_the_one_before_its_close(long now, int current, int next)
    {
        TradingCalendar calendar = new([new(1, 10, 20), new(2, 20, 30), new(3, 40, 50)]);
        Assert.Equal(current != 0, calendar.TryAt(now, out TradingSession session));
        Assert.Equal(current, session.Date);
        Assert.Equal(next != 0, calendar.TryNext(now, out TradingSession later));
        Assert.Equal(next, later.Date);
    }

    [Fact]
    public void The_search_finds_what_a_walk_finds()
    {
        Xoshiro256 dice = new(3);
        TradingSession[] sessions = new TradingSession[300];
        long at = 0;
        for (int i = 0; i < sessions.Length; i++)
        {
            long open = at + dice.NextBelow(5);
            at = open + 1 + dice.NextBelow(5);
            sessions[i] = new TradingSession(i + 1, open, at);
        }

        TradingCalendar calendar = new(sessions);
        for (long now = -2; now < at + 2; now++)
        {
            TradingSession walked = sessions.FirstOrDefault(s => s.Open <= now && now < s.Close);
            Assert.Equal(walked.Date != 0, calendar.TryAt(now, out TradingSession found));
            Assert.Equal(walked, found);
        }
    }

    [Fact]
    public void Sessions_that_overlap_or_are_empty_stop_the_engine()
    {
        Assert.Throws<BrokenInvariantException>(() => new TradingCalendar([new(1, 10, 20), new(2, 19, 30)]));
        Assert.Throws<BrokenInvariantException>(() => new TradingCalendar([new(1, 10, 10)]));
        Assert.True(new TradingCalendar([]).NeverCloses);
    }
}
