using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways;

/// <summary>Cases 75 to 94 of the venue contract: orders that sleep, days and sessions, auctions, amounts of money.</summary>
public abstract class VenueTypeCases : VenueOrderCases
{
    /// <summary>Two sessions: 5,000 to 50,000 and 100,000 to 150,000; 1,000 before and 2,000 after are extended hours.</summary>
    private protected static SimulatedVenueSettings WithSessions(SimulatedVenueSettings settings) => settings with
    {
        Calendars =
        [
            new VenueCalendar(Symbol24.Of("TEST"), new TradingCalendar(
                [new TradingSession(20260102, 5_000, 50_000), new TradingSession(20260105, 100_000, 150_000)])),
        ],
        ExtendedBefore = 1_000,
        ExtendedAfter = 2_000,
        AuctionGrace = 500,
    };

    private protected VenueHarness OpenSessions() => Open(new VenueTerms { With = WithSessions });

    [Fact]
    public void VC75_a_stop_sleeps_until_a_print_reaches_its_trigger_and_takes_what_is_shown_then()
    {
        VenueHarness venue = Open();
        OrderId buys = venue.Sleeper(Start, Side.Buy, 50, OrderType.Stop, trigger: 10_010);
        OrderId sells = venue.Sleeper(Start, Side.Sell, 150, OrderType.Stop, trigger: 9_995);
        venue.Show(Start + 1_000, MarketScript.Trade(10_005, 10, Side.Buy), MarketScript.Trade(10_000, 10, Side.Sell));
        venue.Run(Start + 1_900);
        Assert.Equal(["Accepted"], venue.SaidOf(buys));
        venue.Show(Start + 2_000, MarketScript.Trade(10_010, 10, Side.Buy));
        venue.Show(Start + 3_000, MarketScript.Trade(9_990, 10, Side.Sell));
        Said(venue, buys, "Accepted", "Taker 50 @ 10005 (50)");
        Said(venue, sells, "Accepted", "Taker 100 @ 10000 (100)", "Taker 50 @ 9995 (150)");
        Assert.Equal(Start + 2_000, venue.FillsOf(buys).Single().VenueTime);
    }

    [Fact]
    public void VC76_a_stop_limit_takes_up_to_its_limit_and_rests_with_the_remainder()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Sleeper(Start, Side.Buy, 150, OrderType.StopLimit, trigger: 10_010, price: 10_005);
        venue.Show(Start + 1_000, MarketScript.Trade(10_010, 10, Side.Buy));
        venue.Show(Start + 2_000, MarketScript.Trade(10_000, 30, Side.Sell));
        Said(venue, order, "Accepted", "Taker 100 @ 10005 (100)", "Maker 30 @ 10005 (130)");
    }

    [Fact]
    public void VC77_a_touched_order_wakes_on_the_better_side()
    {
        VenueHarness venue = Open();
        OrderId market = venue.Sleeper(Start, Side.Buy, 50, OrderType.MarketIfTouched, trigger: 9_995);
        OrderId limit = venue.Sleeper(Start, Side.Sell, 50, OrderType.LimitIfTouched, trigger: 10_015, price: 10_010);
        venue.Show(Start + 1_000, MarketScript.Trade(10_000, 10, Side.None), MarketScript.Trade(10_010, 10, Side.None));
        venue.Show(Start + 2_000, MarketScript.Trade(9_995, 10, Side.None));
        venue.Show(Start + 3_000, MarketScript.Trade(10_015, 10, Side.None));
        venue.Show(Start + 4_000, MarketScript.Trade(10_015, 30, Side.None));
        Said(venue, market, "Accepted", "Taker 50 @ 10005 (50)");
        Said(venue, limit, "Accepted", "Maker 30 @ 10010 (30)");
    }

    [Fact]
    public void VC78_a_trailing_stop_follows_the_best_price_and_never_goes_back()
    {
        VenueHarness venue = Open();
        venue.Show(2_000, MarketScript.Trade(10_000, 10, Side.None));
        OrderId sells = venue.Sleeper(Start, Side.Sell, 50, OrderType.TrailingStop, trailing: 10);
        OrderId buys = venue.Sleeper(Start, Side.Buy, 50, OrderType.TrailingStop, trailing: 30, trigger: 10_040);
        foreach (long price in (long[])[10_005, 10_020, 10_015])
        {
            venue.Show(venue.Now + 1_000, MarketScript.Trade(price, 10, Side.None));
        }

        venue.Run(venue.Now + 500);
        Assert.Equal(["Accepted"], venue.SaidOf(sells));
        venue.Show(venue.Now + 500, MarketScript.Trade(10_010, 10, Side.None));
        long woke = venue.Now;
        venue.Show(woke + 1_000, MarketScript.Trade(9_990, 10, Side.None));
        venue.Show(woke + 2_000, MarketScript.Trade(10_015, 10, Side.None));
        venue.Show(woke + 3_000, MarketScript.Trade(10_020, 10, Side.None));
        Said(venue, sells, "Accepted", "Taker 50 @ 10000 (50)");
        Said(venue, buys, "Accepted", "Taker 50 @ 10005 (50)");
        Assert.Equal(venue.FillsOf(sells)[0].VenueTime + 3_000, venue.FillsOf(buys)[0].VenueTime);
    }

    [Fact]
    public void VC79_an_order_whose_trigger_is_passed_already_wakes_when_it_arrives()
    {
        VenueHarness venue = Open();
        venue.Show(2_000, MarketScript.Trade(10_010, 10, Side.None));
        OrderId order = venue.Sleeper(Start, Side.Buy, 50, OrderType.Stop, trigger: 10_005);
        Said(venue, order, "Accepted", "Taker 50 @ 10005 (50)");
        Assert.Equal(Start + 100, venue.FillsOf(order).Single().VenueTime);
    }

    [Fact]
    public void VC80_a_sleeping_order_can_be_amended_and_cancelled()
    {
        VenueHarness venue = Open();
        OrderId moved = venue.Sleeper(Start, Side.Buy, 50, OrderType.Stop, trigger: 10_010);
        OrderId gone = venue.Sleeper(Start, Side.Buy, 50, OrderType.Stop, trigger: 10_010);
        venue.Amend(Start + 1_000, moved, 70, 0, trigger: 10_020);
        venue.Amend(Start + 1_000, gone, 70, 10_005);
        venue.Cancel(Start + 1_500, gone);
        venue.Show(Start + 2_000, MarketScript.Trade(10_015, 10, Side.Buy));
        venue.Run(Start + 2_500);
        Assert.Equal(["Accepted", "Amended 70 @ 0"], venue.SaidOf(moved));
        venue.Show(Start + 3_000, MarketScript.Trade(10_020, 10, Side.Buy));
        Said(venue, moved, "Accepted", "Amended 70 @ 0", "Taker 70 @ 10005 (70)");
        Said(venue, gone, "Accepted", "AmendRejected Unsupported", "Cancelled Requested");
    }

    [Fact]
    public void VC81_prices_that_a_type_has_not_or_lacks_are_rejected()
    {
        Command stop = new VenueHarness(Create(new VenueTerms()))
            .NewOrder(Side.Buy, 50, 0, OrderType.Stop, TimeInForce.GoodTillCancel);
        stop.TriggerPrice = 10_010;
        (Command Command, ReportReason Reason)[] bad =
        [
            (stop with { TriggerPrice = 0 }, ReportReason.Unsupported),
            (stop with { Price = 10_010 }, ReportReason.Unsupported),
            (stop with { TrailingOffset = 5 }, ReportReason.Unsupported),
            (stop with { TimeInForce = TimeInForce.ImmediateOrCancel }, ReportReason.Unsupported),
            (stop with { Flags = OrderFlags.PostOnly }, ReportReason.Unsupported),
            (stop with { Type = OrderType.TrailingStop }, ReportReason.Unsupported),
            (stop with { Type = OrderType.Limit, Price = 10_000 }, ReportReason.Unsupported),
            (stop with { Type = OrderType.StopLimit }, ReportReason.PriceOffTick),
            (stop with { TriggerPrice = 10_011 }, ReportReason.PriceOffTick),
            (stop with { TriggerPrice = -5 }, ReportReason.PriceOffTick),
            (stop with { Type = OrderType.TrailingStop, TriggerPrice = 0, TrailingOffset = 3 }, ReportReason.PriceOffTick),
            (stop with { Type = OrderType.MarketOnOpen, TriggerPrice = 0 }, ReportReason.Unsupported),
            (stop with { Type = OrderType.MarketOnClose, TriggerPrice = 0 }, ReportReason.Unsupported),
        ];
        foreach ((Command command, ReportReason reason) in bad)
        {
            VenueHarness venue = Open();
            venue.Send(Start, command);
            Said(venue, command.Order, "Rejected " + reason);
        }
    }

    [Fact]
    public void VC82_while_nothing_is_printed_the_opposite_best_price_wakes()
    {
        VenueHarness venue = Open();
        OrderId buys = venue.Sleeper(Start, Side.Buy, 50, OrderType.Stop, trigger: 10_010);
        OrderId sells = venue.Sleeper(Start, Side.Sell, 50, OrderType.Stop, trigger: 10_000 - 15);
        venue.Show(Start + 1_000, MarketScript.Level(Side.Sell, 10_005, 0));
        Said(venue, buys, "Accepted", "Taker 50 @ 10010 (50)");
        Said(venue, sells, "Accepted");
    }

    [Fact]
    public void VC83_where_the_touch_wakes_a_print_does_not()
    {
        VenueHarness venue = Open(new VenueTerms { With = s => s with { Trigger = TriggerPriceSource.Touch } });
        OrderId order = venue.Sleeper(Start, Side.Buy, 50, OrderType.Stop, trigger: 10_010);
        venue.Show(Start + 1_000, MarketScript.Trade(10_015, 10, Side.Buy));
        venue.Run(Start + 1_500);
        Assert.Equal(["Accepted"], venue.SaidOf(order));
        venue.Show(Start + 2_000, MarketScript.Level(Side.Sell, 10_005, 0));
        Said(venue, order, "Accepted", "Taker 50 @ 10010 (50)");
    }

    [Fact]
    public void VC84_nothing_wakes_while_the_instrument_is_halted()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Sleeper(Start, Side.Buy, 50, OrderType.Stop, trigger: 10_010);
        venue.Show(Start + 1_000, MarketScript.Status(TradingStatus.Halted));
        venue.Show(Start + 2_000, MarketScript.Trade(10_015, 10, Side.Buy));
        venue.Show(Start + 3_000, MarketScript.Status(TradingStatus.Open));
        venue.Run(Start + 3_500);
        Assert.Equal(["Accepted"], venue.SaidOf(order));
        venue.Show(Start + 4_000, MarketScript.Trade(10_010, 10, Side.Buy));
        Said(venue, order, "Accepted", "Taker 50 @ 10005 (50)");
    }

    [Fact]
    public void VC85_a_day_order_ends_with_its_session_and_is_told_without_any_input()
    {
        VenueHarness venue = OpenSessions();
        OrderId rests = venue.Limit(Start, Side.Buy, 50, 9_995, TimeInForce.Day);
        OrderId sleeps = venue.Sleeper(Start, Side.Buy, 50, OrderType.Stop, trigger: 10_010, time: TimeInForce.Day);
        OrderId stays = venue.Limit(Start, Side.Buy, 50, 9_990);
        venue.Run(49_999);
        Assert.Equal(50_050, venue.Venue.NextDue);
        Said(venue, rests, "Accepted", "Expired");
        Said(venue, sleeps, "Accepted", "Expired");
        Said(venue, stays, "Accepted");
        Event end = venue.Reports.First(r => r.Kind == EventKind.OrderReport && r.OrderReport.Status == OrderStatus.Expired);
        Assert.Equal((50_000, 50_050), (end.VenueTime, end.ReceivedAt));
    }

    [Fact]
    public void VC86_without_sessions_a_day_ends_at_midnight()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 9_995, TimeInForce.Day);
        venue.Run(1_000_000);
        Assert.Equal(86_400_000_000_050, venue.Venue.NextDue);
        Said(venue, order, "Accepted", "Expired");
    }

    [Fact]
    public void VC87_a_cancel_at_the_instant_of_the_end_comes_too_late_and_one_before_it_does_not()
    {
        VenueHarness venue = OpenSessions();
        OrderId late = venue.Limit(Start, Side.Buy, 50, 9_995, TimeInForce.Day);
        OrderId gone = venue.Limit(Start, Side.Buy, 50, 9_995, TimeInForce.Day);
        venue.Cancel(49_899, gone);
        venue.Cancel(49_900, late);
        Said(venue, late, "Accepted", "Expired", "CancelRejected UnknownOrder");
        Said(venue, gone, "Accepted", "Cancelled Requested");
    }

    [Fact]
    public void VC121_a_venue_that_ends_old_orders_ends_them_at_their_age_and_not_before()
    {
        VenueHarness venue = Open(new VenueTerms { With = settings => settings with { GoodTillCancelAge = 30_000 } });
        OrderId old = venue.Limit(Start, Side.Buy, 50, 9_995);
        OrderId sleeps = venue.Sleeper(Start, Side.Buy, 50, OrderType.Stop, trigger: 10_100);
        OrderId late = venue.Limit(Start, Side.Sell, 50, 10_100);
        OrderId gone = venue.Limit(Start, Side.Sell, 50, 10_100);
        OrderId young = venue.Limit(Start + 20_000, Side.Buy, 50, 9_990);
        venue.Cancel(Start + 29_999, gone);
        venue.Cancel(Start + 30_000, late);
        venue.Run(Start + 40_000);
        Assert.Equal(["Accepted"], venue.SaidOf(young));
        Said(venue, old, "Accepted", "Expired");
        Said(venue, sleeps, "Accepted", "Expired");
        Said(venue, late, "Accepted", "Expired", "CancelRejected UnknownOrder");
        Said(venue, gone, "Accepted", "Cancelled Requested");
    }

    [Fact]
    public void VC88_out_of_the_session_orders_wait_for_the_next_one_and_immediate_ones_are_rejected()
    {
        VenueHarness venue = OpenSessions();
        OrderId rests = venue.Limit(Start, Side.Buy, 50, 10_000);
        OrderId waits = venue.Market(60_000, Side.Buy, 50, TimeInForce.Day);
        OrderId refused = venue.Limit(60_000, Side.Buy, 50, 10_005, TimeInForce.ImmediateOrCancel);
        venue.Show(61_000, MarketScript.Trade(9_000, 500, Side.Sell));
        venue.Show(62_000, MarketScript.StandardBook());
        venue.Run(63_000);
        Assert.Equal(["Accepted"], venue.SaidOf(rests));
        Assert.Equal(["Accepted"], venue.SaidOf(waits));
        venue.Show(100_000, MarketScript.StandardBook());
        venue.Show(101_000, MarketScript.Trade(9_995, 30, Side.Sell));
        Said(venue, waits, "Accepted", "Taker 50 @ 10005 (50)");
        Said(venue, rests, "Accepted", "Maker 30 @ 10000 (30)");
        Said(venue, refused, "Rejected NotTrading");
    }

    [Fact]
    public void VC89_extended_hours_work_before_and_after_the_session_and_no_further()
    {
        VenueHarness venue = OpenSessions();
        OrderId after = venue.Limit(51_000, Side.Buy, 50, 10_005, TimeInForce.Day, OrderFlags.ExtendedHours);
        OrderId rests = venue.Limit(51_500, Side.Buy, 50, 10_000, TimeInForce.Day, OrderFlags.ExtendedHours);
        OrderId early = venue.Limit(98_000, Side.Sell, 50, 10_000, TimeInForce.Day, OrderFlags.ExtendedHours);
        venue.Show(98_500, MarketScript.StandardBook());
        venue.Run(98_900);
        Assert.Equal(["Accepted"], venue.SaidOf(early));
        venue.Show(99_000, MarketScript.StandardBook());
        Said(venue, after, "Accepted", "Taker 50 @ 10005 (50)");
        Said(venue, rests, "Accepted", "Expired");
        Said(venue, early, "Accepted", "Taker 50 @ 10000 (50)");
        Event end = venue.Reports.Single(r => r.Kind == EventKind.OrderReport && r.OrderReport.Status == OrderStatus.Expired);
        Assert.Equal(52_000, end.VenueTime);
    }

    [Fact]
    public void VC90_an_opening_order_trades_at_the_first_print_of_the_session_up_to_its_quantity()
    {
        VenueHarness venue = OpenSessions();
        venue.Show(2_000, MarketScript.Trade(10_000, 10, Side.None));
        OrderId whole = venue.Sleeper(Start, Side.Buy, 50, OrderType.MarketOnOpen);
        OrderId part = venue.Sleeper(Start, Side.Buy, 50, OrderType.MarketOnOpen);
        OrderId late = venue.Sleeper(99_950, Side.Buy, 50, OrderType.MarketOnOpen);
        venue.Show(99_000 + 999, MarketScript.Trade(9_000, 500, Side.None));
        venue.Show(100_010, MarketScript.Trade(10_100, 70, Side.None));
        Said(venue, whole, "Accepted", "Taker 50 @ 10100 (50)");
        Said(venue, part, "Accepted", "Taker 20 @ 10100 (20)", "Cancelled NoLiquidity (20)");
        Said(venue, late, "Rejected Unsupported");
    }

    [Fact]
    public void VC91_a_closing_order_trades_at_the_first_print_from_the_close_on_or_takes_the_book_when_none_comes()
    {
        VenueHarness prints = OpenSessions();
        prints.Show(2_000, MarketScript.Trade(10_000, 10, Side.None));
        OrderId closes = prints.Sleeper(Start, Side.Sell, 50, OrderType.MarketOnClose);
        prints.Show(49_999, MarketScript.Trade(9_000, 500, Side.None));
        prints.Show(50_100, MarketScript.Trade(9_900, 500, Side.None));
        Said(prints, closes, "Accepted", "Taker 50 @ 9900 (50)");

        VenueHarness silent = OpenSessions();
        silent.Show(2_000, MarketScript.Trade(10_000, 10, Side.None));
        OrderId takes = silent.Sleeper(Start, Side.Sell, 150, OrderType.MarketOnClose);
        Said(silent, takes, "Accepted", "Taker 100 @ 10000 (100)", "Taker 50 @ 9995 (150)");
        Assert.Equal(50_500, silent.FillsOf(takes)[0].VenueTime);
    }

    [Fact]
    public void VC92_an_order_for_an_amount_of_money_gets_the_lots_that_the_amount_buys()
    {
        // 10,005 x 1,000 money each unit: 1,234,567,890 buys 123.39 units, 120 by the lot of 10.
        VenueHarness venue = new(Create(new VenueTerms()));
        venue.Show(1_000, MarketScript.Define(kind: InstrumentKind.Equity));
        venue.Show(1_000, MarketScript.StandardBook());
        OrderId order = venue.Market(Start, Side.Buy, 1_234_567_890, flags: OrderFlags.Notional);
        OrderId small = venue.Market(Start + 1, Side.Buy, 10_000, flags: OrderFlags.Notional);
        OrderId nothing = venue.Market(Start + 1, Side.Buy, 0, flags: OrderFlags.Notional);
        Said(venue, order, "Accepted", "Taker 100 @ 10005 (100)", "Taker 20 @ 10010 (120)");
        Said(venue, small, "Rejected TooSmall");
        Said(venue, nothing, "Rejected TooSmall");
        VenueHarness linear = Open();
        OrderId refused = linear.Market(Start, Side.Buy, 1_234_567_890, flags: OrderFlags.Notional);
        Said(linear, refused, "Rejected Unsupported");
    }

    [Fact]
    public void VC93_an_amount_of_money_that_waits_for_the_next_bar_is_settled_at_its_open()
    {
        // At 10,000 the amount buys 120; at the open of 10,400 it buys 118.7 units, 110 by the lot.
        VenueHarness venue = new(Create(new VenueTerms()));
        venue.Show(10_000, MarketScript.Define(kind: InstrumentKind.Equity),
            MarketScript.Bar(0, 10_000, 10_000, 10_100, 9_900, 10_000, 500));
        OrderId order = venue.Market(10_000, Side.Buy, 1_234_567_890, TimeInForce.Day, OrderFlags.Notional);
        venue.Show(20_000, MarketScript.Bar(10_000, 10_000, 10_400, 10_500, 9_950, 10_000, 500));
        Said(venue, order, "Accepted", "Amended 110 @ 0", "Taker 110 @ 10400 (110)");
    }

    [Fact]
    public void VC94_a_reduce_only_stop_ends_where_the_position_is_flat()
    {
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 100);
        OrderId stop = venue.Sleeper(
            Start + 1_000, Side.Sell, 100, OrderType.Stop, trigger: 9_995, flags: OrderFlags.ReduceOnly);
        venue.Market(Start + 2_000, Side.Sell, 60);
        venue.Show(Start + 3_000, MarketScript.Trade(9_990, 10, Side.Sell));
        Said(venue, stop, "Accepted", "Taker 40 @ 10000 (40)", "Cancelled ReduceOnlyWouldAdd (40)");
    }
}
