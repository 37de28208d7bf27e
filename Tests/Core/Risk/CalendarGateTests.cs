using System.Linq;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market.Calendars;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>Nothing adds before the venue has told its calendar in this run, and while that is another one.</summary>
public sealed class CalendarGateTests
{
    private static readonly TradingSession[] Days =
        [CalendarComparisonTests.Day(1), CalendarComparisonTests.Day(2), CalendarComparisonTests.Day(3)];

    [Fact]
    public void Check_44_nothing_adds_before_the_venue_has_told_its_calendar_and_what_reduces_passes()
    {
        Rig rig = Begun();
        rig.Target(1, 10);
        Assert.Equal((RiskReason.CalendarUnread, 0L), (rig.Verdicts[0].Reason, rig.Verdicts[0].ApprovedDelta));

        // All but the last day is no answer, and another venue's word none about this one.
        Tell(rig, Days, until: 2);
        rig.Tick(Rig.Second);
        Assert.Equal(RiskReason.CalendarUnread, rig.Verdicts[0].Reason);
        Tell(rig, Days);
        Assert.Equal(10, rig.Commands.Single().Quantity);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_000, 1);

        // What was told in the run before does not count in this one; what reduces passes.
        rig.Publish(new EpochStarted { Epoch = 2, Instance = 1, Venue = VenueKind.Simulated });
        rig.Quote(1, 9_999, 10_001);
        rig.Target(1, 12);
        Assert.Equal(RiskReason.CalendarUnread, rig.Verdicts[0].Reason);
        rig.Target(1, 4);
        Assert.Equal((-6L, RiskReason.None), (rig.Verdicts[0].ApprovedDelta, rig.Verdicts[0].Reason));
    }

    [Fact]
    public void Check_45_a_day_that_differs_by_a_nanosecond_keeps_entries_out_until_it_is_told_right()
    {
        Rig rig = Begun();
        Tell(rig, [Days[0], Days[1] with { Close = Days[1].Close - 1 }, Days[2]]);
        rig.Target(1, 10);
        Assert.Equal((RiskReason.CalendarDiffers, 2L), (rig.Verdicts[0].Reason, rig.Verdicts[0].Observed));
        Assert.Empty(rig.Commands);
        Tell(rig, Days);
        Assert.Equal(10, rig.Commands.Single().Quantity);

        // A holiday that is not in the table, and no trading day at all.
        Tell(rig, [Days[0], Days[2]]);
        rig.Target(1, 20);
        Assert.Equal((RiskReason.CalendarDiffers, 2L), (rig.Verdicts[0].Reason, rig.Verdicts[0].Observed));
        Tell(rig, []);
        rig.Target(1, 21);
        Assert.Equal((RiskReason.CalendarDiffers, 1L), (rig.Verdicts[0].Reason, rig.Verdicts[0].Observed));
    }

    [Fact]
    public void Check_45_an_instrument_without_a_calendar_is_not_asked_about_and_one_defined_later_is()
    {
        Rig rig = Begun(instruments: 2);
        Tell(rig, [Days[0]]);
        rig.Target(1, 10, instrument: 2);
        Assert.Equal(RiskReason.None, rig.Verdicts[0].Reason);

        // The same symbol in another place has the same calendar, and the answer that was told counts for it.
        rig.Define(1);
        rig.Target(1, 10);
        Assert.Equal(RiskReason.CalendarDiffers, rig.Verdicts[0].Reason);
    }

    [Fact]
    public void Check_45_more_days_than_are_compared_differ()
    {
        Rig rig = Begun(sessions: [.. Enumerable.Range(1, 70).Select(CalendarComparisonTests.Day)]);
        Tell(rig, [.. Enumerable.Range(1, 64).Select(CalendarComparisonTests.Day)], last: 64);
        rig.Target(1, 1);
        Assert.Equal(RiskReason.None, rig.Verdicts[0].Reason);
        Tell(rig, [.. Enumerable.Range(1, 65).Select(CalendarComparisonTests.Day)], last: 65);
        rig.Target(1, 2);
        Assert.Equal(RiskReason.CalendarDiffers, rig.Verdicts[0].Reason);
    }

    private static Rig Begun(int instruments = 1, TradingSession[]? sessions = null) => new Rig(new RigSettings
    {
        Instruments = instruments,
        Risk = RigSettings.Wide() with
        {
            Calendars = new CalendarCheck(
                EventSource.Generator, [new InstrumentCalendar(Symbol24.Of("SYM1"), new TradingCalendar(sessions ?? Days))]),
        },
    }).Begin();

    private static void Tell(Rig rig, TradingSession[] days, int until = int.MaxValue, int last = 3)
    {
        int count = days.Length == 0 ? 1 : days.Length;
        for (int i = 0; i < count && i < until; i++)
        {
            TradingSession day = days.Length == 0 ? default : days[i];
            rig.Publish(new CalendarDay
            {
                From = 1,
                Until = last,
                Place = (ushort)i,
                Days = (ushort)count,
                Date = day.Date,
                Open = day.Open,
                Close = day.Close,
            });
        }
    }
}
