using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways;

/// <summary>What a venue under contract is like.</summary>
internal sealed record VenueTerms
{
    public long EntryLatency { get; init; } = 100;

    public long ResponseLatency { get; init; } = 50;

    public int MakerFeePpm { get; init; } = -75;

    public int TakerFeePpm { get; init; } = 550;

    public int MaxOpenOrders { get; init; } = 8;

    /// <summary>What else the venue is like; null for nothing.</summary>
    public Func<SimulatedVenueSettings, SimulatedVenueSettings>? With { get; init; }
}

/// <summary>
/// Cases 01 to 39 of the venue contract: answers, order types, rejects, cancels, amendments. Every case begins at the
/// standard book: bids 100 @ 10000, 200 @ 9995, 300 @ 9990; asks 100 @ 10005, 200 @ 10010, 300 @ 10015.
/// </summary>
public abstract class VenueOrderCases
{
    private protected const long Start = 10_000;

    private protected abstract IVenue Create(VenueTerms terms);

    private protected VenueHarness Open(VenueTerms? terms = null)
    {
        VenueHarness venue = new(Create(terms ?? new VenueTerms()));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.StandardBook());
        return venue;
    }

    private protected static void Said(VenueHarness venue, OrderId order, params string[] expected)
    {
        venue.Finish();
        Assert.Equal(expected, venue.SaidOf(order));
    }

    private protected static void RejectedFor(ReportReason reason, Func<VenueHarness, OrderId> act, VenueHarness? on = null, IVenue? venue = null)
    {
        VenueHarness harness = on ?? new VenueHarness(venue!);
        OrderId order = act(harness);
        harness.Finish();
        Assert.Equal(["Sent New", "Rejected " + reason], harness.Of(order));
    }

    [Fact]
    public void VC01_every_command_is_answered_Sent_once_before_anything_else_is_said_of_it()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 9_995);
        venue.Amend(Start + 1_000, order, 40, 9_990);
        venue.Cancel(Start + 2_000, order);
        venue.Finish();
        Assert.Equal(
            ["Sent New", "Accepted", "Sent Amend", "Amended 40 @ 9990", "Sent Cancel", "Cancelled Requested"],
            venue.Of(order));
    }

    [Fact]
    public void VC02_the_outcome_names_the_event_that_caused_the_command()
    {
        VenueHarness venue = Open();
        Command command = venue.NewOrder(Side.Buy, 50, 9_995, OrderType.Limit, TimeInForce.GoodTillCancel);
        venue.Advance(Start);
        venue.Venue.Submit(command, 4_711, Start);
        venue.Finish();
        Assert.Equal(4_711, venue.Reports[0].CommandOutcome.CommandSequence);
        Assert.Equal(CommandVerb.New, venue.Reports[0].CommandOutcome.Verb);
    }

    [Fact]
    public void VC03_an_order_is_accepted_before_it_fills_and_its_latency_is_exact()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Market(Start, Side.Buy, 100);
        Said(venue, order, "Accepted", "Taker 100 @ 10005 (100)");
        Assert.Equal(Start + 1, venue.Reports[0].ReceivedAt);
        Assert.Equal(Start + 150, venue.Reports[1].ReceivedAt);
        Assert.Equal(Start + 150, venue.Reports[2].ReceivedAt);
        Assert.Equal(Start + 100, venue.Reports[2].VenueTime);
    }

    [Fact]
    public void VC04_a_market_order_walks_the_book_one_execution_for_each_level()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Market(Start, Side.Sell, 350);
        Said(venue, order, "Accepted", "Taker 100 @ 10000 (100)", "Taker 200 @ 9995 (300)", "Taker 50 @ 9990 (350)");
    }

    [Fact]
    public void VC05_what_a_market_order_cannot_fill_is_cancelled_whatever_its_time_in_force()
    {
        foreach (TimeInForce time in (TimeInForce[])[TimeInForce.ImmediateOrCancel, TimeInForce.GoodTillCancel])
        {
            VenueHarness venue = Open();
            OrderId order = venue.Market(Start, Side.Buy, 700, time);
            Said(venue, order, "Accepted", "Taker 100 @ 10005 (100)", "Taker 200 @ 10010 (300)",
                "Taker 300 @ 10015 (600)", "Cancelled NoLiquidity (600)");
        }
    }

    [Fact]
    public void VC06_a_limit_order_takes_up_to_its_price_and_rests_with_what_is_left()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 150, 10_005);
        venue.Show(Start + 1_000, MarketScript.Trade(10_005, 30, Side.Sell));
        Said(venue, order, "Accepted", "Taker 100 @ 10005 (100)", "Maker 30 @ 10005 (130)");
    }

    [Fact]
    public void VC07_immediate_or_cancel_fills_what_there_is_and_cancels_the_rest()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 150, 10_005, TimeInForce.ImmediateOrCancel);
        Said(venue, order, "Accepted", "Taker 100 @ 10005 (100)", "Cancelled NoLiquidity (100)");
    }

    [Fact]
    public void VC08_immediate_or_cancel_without_liquidity_is_accepted_and_cancelled()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 150, 10_000, TimeInForce.ImmediateOrCancel);
        Said(venue, order, "Accepted", "Cancelled NoLiquidity");
    }

    [Fact]
    public void VC09_fill_or_kill_fills_when_there_is_exactly_enough()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 300, 10_010, TimeInForce.FillOrKill);
        Said(venue, order, "Accepted", "Taker 100 @ 10005 (100)", "Taker 200 @ 10010 (300)");
    }

    [Fact]
    public void VC10_fill_or_kill_is_rejected_whole_when_one_lot_is_missing() =>
        RejectedFor(ReportReason.FillOrKillUnfilled,
            venue => venue.Limit(Start, Side.Buy, 310, 10_010, TimeInForce.FillOrKill), Open());

    [Fact]
    public void VC11_a_market_fill_or_kill_counts_the_whole_side()
    {
        VenueHarness venue = Open();
        OrderId tooMuch = venue.Market(Start, Side.Buy, 610, TimeInForce.FillOrKill);
        OrderId exact = venue.Market(Start + 1_000, Side.Buy, 600, TimeInForce.FillOrKill);
        Said(venue, tooMuch, "Rejected FillOrKillUnfilled");
        Assert.Equal(600, venue.FillsOf(exact)[^1].Execution.CumulativeQuantity);
    }

    [Fact]
    public void VC12_post_only_is_rejected_when_it_would_take_at_the_touch() =>
        RejectedFor(ReportReason.PostOnlyWouldTake,
            venue => venue.Limit(Start, Side.Buy, 50, 10_005, flags: OrderFlags.PostOnly), Open());

    [Fact]
    public void VC13_post_only_inside_the_spread_rests_and_fills_as_maker()
    {
        VenueHarness venue = Open();
        venue.Show(2_000, MarketScript.Level(Side.Sell, 10_005, 0));
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_005, flags: OrderFlags.PostOnly);
        venue.Show(Start + 1_000, MarketScript.Trade(10_005, 80, Side.Sell));
        Said(venue, order, "Accepted", "Maker 50 @ 10005 (50)");
    }

    [Fact]
    public void VC14_reduce_only_without_a_position_is_rejected() =>
        RejectedFor(ReportReason.ReduceOnlyWouldAdd,
            venue => venue.Market(Start, Side.Sell, 50, flags: OrderFlags.ReduceOnly), Open());

    [Fact]
    public void VC15_reduce_only_may_close_the_position_and_not_one_lot_more()
    {
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 60);
        OrderId adds = venue.Market(Start + 1_000, Side.Buy, 20, flags: OrderFlags.ReduceOnly);
        OrderId turns = venue.Market(Start + 2_000, Side.Sell, 70, flags: OrderFlags.ReduceOnly);
        OrderId closes = venue.Market(Start + 3_000, Side.Sell, 60, flags: OrderFlags.ReduceOnly);
        Said(venue, adds, "Rejected ReduceOnlyWouldAdd");
        Said(venue, turns, "Rejected ReduceOnlyWouldAdd");
        Said(venue, closes, "Accepted", "Taker 60 @ 10000 (60)");
    }

    [Fact]
    public void VC16_a_resting_reduce_only_order_stops_where_the_position_is_flat()
    {
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 100);
        OrderId resting = venue.Limit(Start + 1_000, Side.Sell, 100, 10_010, flags: OrderFlags.ReduceOnly);
        venue.Market(Start + 2_000, Side.Sell, 70);
        venue.Show(Start + 3_000, MarketScript.Trade(10_015, 90, Side.Buy));
        Said(venue, resting, "Accepted", "Maker 30 @ 10010 (30)", "Cancelled ReduceOnlyWouldAdd (30)");
    }

    [Fact]
    public void VC17_an_unknown_instrument_is_rejected()
    {
        foreach (ushort instrument in (ushort[])[0, 2, 64, 65, ushort.MaxValue])
        {
            VenueHarness venue = Open();
            Command command = venue.NewOrder(Side.Buy, 50, 9_995, OrderType.Limit, TimeInForce.GoodTillCancel);
            command.Instrument = new InstrumentId(instrument);
            venue.Send(Start, command);
            Said(venue, command.Order, "Rejected UnknownInstrument");
        }
    }

    [Theory]
    [InlineData(9_996)]
    [InlineData(0)]
    [InlineData(-9_995)]
    public void VC18_a_price_off_the_tick_is_rejected(long price) =>
        RejectedFor(ReportReason.PriceOffTick, venue => venue.Limit(Start, Side.Buy, 50, price), Open());

    [Theory]
    [InlineData(55)]
    [InlineData(0)]
    [InlineData(-50)]
    public void VC19_a_quantity_off_the_lot_is_rejected(long quantity) =>
        RejectedFor(ReportReason.QuantityOffLot, venue => venue.Limit(Start, Side.Buy, quantity, 9_995), Open());

    [Fact]
    public void VC20_an_order_below_the_smallest_quantity_is_rejected() =>
        RejectedFor(ReportReason.TooSmall, venue => venue.Limit(Start, Side.Buy, 10, 9_995), Open());

    [Theory]
    [InlineData(100_010, 9_995)]
    [InlineData(100_000, 9_000_000_000_000_000_000)]
    public void VC21_an_order_above_the_largest_quantity_or_beyond_any_money_is_rejected(long quantity, long price) =>
        RejectedFor(ReportReason.TooLarge, venue => venue.Limit(Start, Side.Buy, quantity, price), Open());

    [Fact]
    public void VC22_an_order_below_the_smallest_notional_is_rejected_and_one_exactly_at_it_is_not()
    {
        // 2,500 x 20 x 1,000 = 50,000,000 is the smallest notional; a tick below it is too small.
        VenueHarness venue = Open();
        OrderId below = venue.Limit(Start, Side.Buy, 20, 2_495);
        OrderId exact = venue.Limit(Start, Side.Buy, 20, 2_500);
        Said(venue, below, "Rejected TooSmall");
        Said(venue, exact, "Accepted");
    }

    [Fact]
    public void VC23_an_order_id_is_used_once_whether_the_order_lives_ended_or_was_rejected()
    {
        VenueHarness venue = Open();
        Command lives = venue.NewOrder(Side.Buy, 50, 9_995, OrderType.Limit, TimeInForce.GoodTillCancel);
        Command ended = venue.NewOrder(Side.Buy, 50, 0, OrderType.Market, TimeInForce.ImmediateOrCancel);
        Command refused = venue.NewOrder(Side.Buy, 55, 9_995, OrderType.Limit, TimeInForce.GoodTillCancel);
        foreach (Command command in (Command[])[lives, ended, refused])
        {
            venue.Send(Start, command);
        }

        venue.Run(Start + 1_000);
        int before = venue.Reports.Count;
        refused.Quantity = 50;
        foreach (Command command in (Command[])[lives, ended, refused])
        {
            venue.Send(Start + 2_000, command);
        }

        venue.Finish();
        Assert.Equal(before + 6, venue.Reports.Count);
        for (int i = before + 3; i < before + 6; i++)
        {
            Assert.Equal("Rejected DuplicateOrderId", VenueHarness.Text(venue.Reports[i]));
        }
    }

    [Fact]
    public void VC24_without_a_market_an_order_is_rejected()
    {
        VenueHarness venue = new(Create(new VenueTerms()));
        venue.Show(1_000, MarketScript.Define());
        RejectedFor(ReportReason.NoMarket, v => v.Limit(Start, Side.Buy, 50, 9_995), venue);
    }

    [Fact]
    public void VC25_after_a_gap_there_is_no_market_until_a_snapshot()
    {
        foreach (int instrument in (int[])[0, 1])
        {
            VenueHarness venue = Open();
            venue.Show(2_000, MarketScript.Stream(StreamState.Gap, instrument));
            OrderId refused = venue.Market(Start, Side.Buy, 50);
            venue.Show(Start + 1_000, MarketScript.StandardBook());
            OrderId filled = venue.Market(Start + 2_000, Side.Buy, 50);
            Said(venue, refused, "Rejected NoMarket");
            Said(venue, filled, "Accepted", "Taker 50 @ 10005 (50)");
        }
    }

    [Theory]
    [InlineData(TradingStatus.Halted)]
    [InlineData(TradingStatus.Closed)]
    public void VC26_while_the_instrument_does_not_trade_new_orders_are_rejected(TradingStatus status)
    {
        VenueHarness venue = Open();
        venue.Show(2_000, MarketScript.Status(status));
        RejectedFor(ReportReason.NotTrading, v => v.Market(Start, Side.Buy, 50), venue);
        venue.Show(Start + 2_000, MarketScript.Status(TradingStatus.Open));
        OrderId order = venue.Market(Start + 3_000, Side.Buy, 50);
        Said(venue, order, "Accepted", "Taker 50 @ 10005 (50)");
    }

    [Fact]
    public void VC27_combinations_without_meaning_are_rejected()
    {
        Command limit = new VenueHarness(Create(new VenueTerms()))
            .NewOrder(Side.Buy, 50, 9_995, OrderType.Limit, TimeInForce.GoodTillCancel);
        Command[] bad =
        [
            limit with { Side = Side.None },
            limit with { Type = OrderType.None },
            limit with { TimeInForce = TimeInForce.None },
            limit with { Flags = (OrderFlags)32 },
            limit with { Flags = OrderFlags.Notional },
            limit with { Flags = OrderFlags.PostOnly, TimeInForce = TimeInForce.ImmediateOrCancel },
            limit with { Flags = OrderFlags.PostOnly, TimeInForce = TimeInForce.FillOrKill },
            limit with { Type = OrderType.Market },
            limit with { Type = OrderType.Market, Price = 0, Flags = OrderFlags.PostOnly },
        ];
        foreach (Command command in bad)
        {
            VenueHarness venue = Open();
            venue.Send(Start, command);
            Said(venue, command.Order, "Rejected Unsupported");
        }
    }

    [Fact]
    public void VC28_one_open_order_more_than_allowed_is_rejected_and_a_cancel_makes_room()
    {
        VenueHarness venue = Open();
        OrderId first = venue.Limit(Start, Side.Buy, 50, 9_990);
        for (int i = 1; i < 8; i++)
        {
            venue.Limit(Start, Side.Buy, 50, 9_990);
        }

        OrderId tooMany = venue.Limit(Start, Side.Buy, 50, 9_990);
        venue.Cancel(Start, first);
        OrderId fits = venue.Limit(Start, Side.Buy, 50, 9_990);
        Said(venue, tooMany, "Rejected RateLimited");
        Said(venue, fits, "Accepted");
    }

    [Fact]
    public void VC29_a_cancel_of_an_order_that_never_was_is_rejected()
    {
        VenueHarness venue = Open();
        OrderId unknown = OrderId.Of(1, 99, 0);
        venue.Cancel(Start, unknown);
        Said(venue, unknown, "CancelRejected UnknownOrder");
    }

    [Fact]
    public void VC30_a_cancel_keeps_what_was_filled_and_ends_the_rest()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 150, 10_005);
        venue.Cancel(Start + 1_000, order);
        venue.Cancel(Start + 2_000, order);
        Said(venue, order, "Accepted", "Taker 100 @ 10005 (100)", "Cancelled Requested (100)",
            "CancelRejected UnknownOrder (100)");
    }

    [Fact]
    public void VC31_a_cancel_that_arrives_after_the_fill_loses_the_race()
    {
        // Sent at +1,000, it arrives at +1,100; the print at +1,099 is the last thing before it.
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 9_995);
        venue.Cancel(Start + 1_000, order);
        venue.Show(Start + 1_099, MarketScript.Trade(9_990, 500, Side.Sell));
        Said(venue, order, "Accepted", "Maker 50 @ 9995 (50)", "CancelRejected UnknownOrder (50)");
    }

    [Fact]
    public void VC32_a_cancel_that_arrives_before_the_print_wins_the_race()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 9_995);
        venue.Cancel(Start + 1_000, order);
        venue.Show(Start + 1_101, MarketScript.Trade(9_990, 500, Side.Sell));
        Said(venue, order, "Accepted", "Cancelled Requested");
    }

    [Fact]
    public void VC33_what_happens_at_the_instant_of_an_arrival_happens_before_it()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 9_995);
        venue.Cancel(Start + 1_000, order);
        venue.Show(Start + 1_100, MarketScript.Trade(9_990, 500, Side.Sell));
        Said(venue, order, "Accepted", "Maker 50 @ 9995 (50)", "CancelRejected UnknownOrder (50)");
    }

    [Fact]
    public void VC34_less_quantity_at_the_same_price_keeps_the_place_in_the_queue()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Trade(10_000, 100, Side.Sell));
        venue.Amend(Start + 2_000, order, 40, 10_000);
        venue.Show(Start + 3_000, MarketScript.Trade(10_000, 60, Side.Sell));
        Said(venue, order, "Accepted", "Amended 40 @ 10000", "Maker 40 @ 10000 (40)");
    }

    [Fact]
    public void VC35_more_quantity_loses_the_place_in_the_queue()
    {
        // The book still shows 100 there: after the amendment all of them are ahead again.
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Trade(10_000, 100, Side.Sell));
        venue.Amend(Start + 2_000, order, 60, 10_000);
        venue.Show(Start + 3_000, MarketScript.Trade(10_000, 110, Side.Sell));
        Said(venue, order, "Accepted", "Amended 60 @ 10000", "Maker 10 @ 10000 (10)");
    }

    [Fact]
    public void VC36_another_price_and_back_loses_the_place_in_the_queue()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Trade(10_000, 100, Side.Sell));
        venue.Amend(Start + 2_000, order, 50, 9_995);
        venue.Amend(Start + 3_000, order, 50, 10_000);
        venue.Show(Start + 4_000, MarketScript.Trade(10_000, 120, Side.Sell));
        Said(venue, order, "Accepted", "Amended 50 @ 9995", "Amended 50 @ 10000", "Maker 20 @ 10000 (20)");
    }

    [Fact]
    public void VC37_an_amendment_that_crosses_takes_after_it_is_confirmed()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 120, 9_995);
        venue.Amend(Start + 1_000, order, 120, 10_005);
        Said(venue, order, "Accepted", "Amended 120 @ 10005", "Taker 100 @ 10005 (100)");
    }

    [Theory]
    [InlineData(90)]
    [InlineData(100)]
    public void VC38_an_amendment_to_what_is_filled_already_or_less_is_rejected(long quantity)
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 150, 10_005);
        venue.Amend(Start + 1_000, order, quantity, 10_005);
        venue.Show(Start + 2_000, MarketScript.Trade(10_005, 50, Side.Sell));
        Said(venue, order, "Accepted", "Taker 100 @ 10005 (100)", "AmendRejected AmendBelowFilled (100)",
            "Maker 50 @ 10005 (150)");
    }

    [Fact]
    public void VC39_a_refused_amendment_leaves_the_order_as_it_was()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 9_995, flags: OrderFlags.PostOnly);
        venue.Amend(Start + 1_000, order, 50, 9_996);
        venue.Amend(Start + 2_000, order, 55, 9_995);
        venue.Amend(Start + 3_000, order, 10, 9_995);
        venue.Amend(Start + 4_000, order, 200_000, 9_995);
        venue.Amend(Start + 5_000, order, 50, 10_005);
        venue.Show(Start + 6_000, MarketScript.Trade(9_990, 50, Side.Sell));
        venue.Amend(Start + 7_000, order, 60, 9_995);
        Said(venue, order, "Accepted", "AmendRejected PriceOffTick", "AmendRejected QuantityOffLot",
            "AmendRejected TooSmall", "AmendRejected TooLarge", "AmendRejected PostOnlyWouldTake",
            "Maker 50 @ 9995 (50)", "AmendRejected UnknownOrder (50)");
    }
}
