using System.Linq;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Arbitration.Gates;

public sealed class SessionGateTests
{
    private const long Minute = 60 * Rig.Second;

    [Theory]
    [InlineData(-1, true)] // one nanosecond before the open
    [InlineData(0, false)]
    [InlineData(Minute - 1, false)] // the last one of the session
    [InlineData(Minute, true)]
    public void An_entry_passes_from_the_first_nanosecond_of_a_session_to_its_last(long afterOpen, bool held)
    {
        Rig rig = Confined(0, (Rig.Start + 10, Rig.Start + 10 + Minute));
        rig.Now = Rig.Start + 10 + afterOpen;
        rig.Target(1, 10);
        Assert.Equal(held, rig.Commands.Count == 0);
        Assert.Equal(held ? [SuppressionReason.SessionClosed] : [], rig.Suppressions.Select(s => s.Reason));
    }

    // Open from minute 10 to 11; an hour is extended by 2 minutes before and 3 after.
    [Theory]
    [InlineData((8 * Minute) - 1, "late", false)]
    [InlineData(8 * Minute, "late", true)]
    [InlineData(8 * Minute, "", false)]
    [InlineData(8 * Minute, "plain", false)]
    [InlineData(10 * Minute, "", true)]
    [InlineData(11 * Minute, "", false)]
    [InlineData((14 * Minute) - 1, "late", true)]
    [InlineData(14 * Minute, "late", false)]
    public void A_style_of_extended_hours_enters_before_and_after_the_session_and_no_other_does(long at, string style, bool enters)
    {
        Rig rig = Extended();
        rig.Now = Rig.Start + at;
        rig.Quote(1, 9_999, 10_001);
        rig.Target(1, 10, style: style);
        Assert.Equal(enters, rig.Commands.Count == 1);
        Assert.Equal(enters ? [] : [SuppressionReason.SessionClosed], rig.Suppressions.Select(s => s.Reason));
        Assert.Equal(
            enters && style == "late", rig.Commands.Any(command => (command.Flags & OrderFlags.ExtendedHours) != 0));
    }

    [Fact]
    public void A_wish_of_extended_hours_acts_when_they_begin_and_an_order_of_others_is_replaced()
    {
        Rig rig = Extended();
        rig.Now = Rig.Start + Minute;
        rig.Target(1, 10, limit: 9_990, style: "late");
        Assert.Empty(rig.Commands);
        rig.Now = Rig.Start + (8 * Minute);
        rig.Quote(1, 9_999, 10_001);
        OrderId order = rig.Commands.Single().Order;
        rig.Outcome(order, CommandVerb.New, Outcome.Sent);
        rig.Report(order, OrderStatus.Accepted, 10, 9_990);

        // The same wish in a style of regular hours cannot have that order: it is cancelled, not amended.
        rig.Now = Rig.Start + (10 * Minute);
        rig.Quote(1, 9_999, 10_001);
        rig.Target(1, 10, limit: 9_990, style: "plain");
        Assert.Equal(CommandVerb.Cancel, rig.Commands.Single().Verb);
    }

    [Fact]
    public void A_held_wish_tells_when_it_may_act_and_acts_then()
    {
        Rig rig = Confined(0, (Rig.Start + Minute, Rig.Start + (2 * Minute)));
        rig.Target(1, 10);
        Assert.Equal(Rig.Start + Minute, rig.Suppressions.Single().Detail);
        rig.Tick(Minute - 1);
        Assert.Empty(rig.Intents);
        rig.Tick(1);
        Assert.Equal(10, rig.Intents.Single().Target);
    }

    [Fact]
    public void An_instrument_without_a_calendar_is_never_open()
    {
        Rig rig = new Rig(new RigSettings
        {
            Instruments = 2,
            Gates = new GateSettings
            {
                Sessions = new SessionGateSettings([new(Symbol24.Of("SYM1"), new TradingCalendar([]))], 0),
            },
        }).Begin();
        rig.Target(1, 10, instrument: 2);
        Assert.Equal((SuppressionReason.SessionClosed, 0L), (rig.Suppressions.Single().Reason, rig.Suppressions.Single().Detail));
        rig.Target(1, 10, instrument: 1);
        Assert.Single(rig.Commands);
    }

    [Fact]
    public void A_quoting_strategy_is_flat_before_the_close_too()
    {
        Rig rig = Confined(10 * Rig.Second, (Rig.Start, Rig.Start + Minute));
        rig.Quotes(1, 9_990, 5, 10_010, 5);
        OrderId bid = rig.Live(Side.Buy, owner: 1);
        OrderId ask = rig.Live(Side.Sell, owner: 1);
        rig.Report(bid, OrderStatus.Accepted);
        rig.Report(ask, OrderStatus.Accepted);
        rig.Fill(bid, Side.Buy, 5, 9_990, 1);
        rig.Tick(50 * Rig.Second);
        Assert.Contains(rig.Commands, c => c.Verb == CommandVerb.Cancel && c.Order == ask);
        Assert.Contains(rig.Commands, c => c.Verb == CommandVerb.New && c.Side == Side.Sell && c.Quantity == 5 && c.Owner == StrategyId.House);
        rig.Fill(rig.Live(Side.Sell), Side.Sell, 5, 9_990, 2);
        Assert.Equal((0, 0), (rig.Virtual(1), (int)rig.Position()));
    }

    [Fact]
    public void A_late_fill_of_an_entry_that_the_close_took_back_belongs_to_who_asked_for_it()
    {
        Rig rig = Confined(0, (Rig.Start, Rig.Start + Minute));
        rig.Target(1, 10);
        OrderId order = rig.Live(Side.Buy);
        rig.Report(order, OrderStatus.Accepted);
        rig.Tick(Minute);
        Assert.Equal(CommandVerb.Cancel, rig.Commands.Single().Verb);
        rig.Fill(order, Side.Buy, 4, 10_000, 1);
        Assert.Equal((4, 0), (rig.Virtual(1), (int)rig.Pipeline.Portfolio.VirtualPosition(StrategyId.House, new InstrumentId(1))));

        // What is held is kept: nothing is sold because the session is over.
        rig.Report(order, OrderStatus.Cancelled);
        Assert.Empty(rig.Commands);
    }

    [Fact]
    public void The_cooldown_begins_when_a_held_entry_is_let_through()
    {
        Rig rig = Confined(0, [new(1, 0, 5 * Rig.Second), new(1, 0, 0)], (Rig.Start + Minute, Rig.Start + (2 * Minute)));
        rig.Target(1, 10);
        rig.Tick(Minute);
        Assert.Equal(10, rig.Intents.Single().Target);
        rig.Now += (5 * Rig.Second) - 1_000_000;
        rig.Target(1, 20);
        Assert.Equal(SuppressionReason.Cooldown, rig.Suppressions.Single().Reason);
        rig.Tick(1_000_000);
        Assert.Equal(20, rig.Intents.Single().Target);
    }

    private static Rig Confined(long flatBeforeClose, params (long Open, long Close)[] sessions) =>
        Confined(flatBeforeClose, [new(1, 0, 0), new(2, 0, 0)], sessions);

    private static Rig Confined(
        long flatBeforeClose, LowLatency.Core.Arbitration.StrategyRule[] rules, params (long Open, long Close)[] sessions) =>
        new Rig(new RigSettings
        {
            Rules = rules,
            Gates = new GateSettings
            {
                Sessions = new SessionGateSettings(
                    [
                        new(Symbol24.Of("SYM1"), new TradingCalendar(
                            [.. sessions.Select((s, i) => new TradingSession(i + 1, s.Open, s.Close))])),
                    ],
                    flatBeforeClose),
            },
        }).Begin();

    private static Rig Extended() => new Rig(new RigSettings
    {
        Gates = new GateSettings
        {
            Sessions = new SessionGateSettings(
                [new(Symbol24.Of("SYM1"), new TradingCalendar([new(1, Rig.Start + (10 * Minute), Rig.Start + (11 * Minute))]))], 0)
            {
                ExtendedBefore = 2 * Minute,
                ExtendedAfter = 3 * Minute,
            },
        },
        Execution = new ExecutionStyles(
            [new ExecutionStyle("late", StyleKind.Limit) { ExtendedHours = true }, new ExecutionStyle("plain", StyleKind.Limit)],
            string.Empty,
            [],
            []),
    }).Begin();
}
