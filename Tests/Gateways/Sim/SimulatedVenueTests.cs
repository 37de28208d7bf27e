using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>What is particular to the simulated venue: its bounds, its ids, its memory, its demands on the driver.</summary>
public sealed class SimulatedVenueTests
{
    private const long Start = 10_000;

    [Theory]
    [InlineData(0, 0, 8, 2, 0, 0)]
    [InlineData(-1, 10, 8, 2, 0, 0)]
    [InlineData(10, -1, 8, 2, 0, 0)]
    [InlineData(SimulatedVenueSettings.LatencyMax + 1, 1, 8, 2, 0, 0)]
    [InlineData(1, 1, 0, 2, 0, 0)]
    [InlineData(1, 1, Limits.LiveOrders + 1, 2, 0, 0)]
    [InlineData(1, 1, 8, 0, 0, 0)]
    [InlineData(1, 1, 8, Limits.Instruments + 1, 0, 0)]
    [InlineData(1, 1, 8, 2, 1_000_001, 0)]
    [InlineData(1, 1, 8, 2, 0, -1_000_001)]
    public void Settings_out_of_range_are_refused(
        long entry, long response, int orders, int instruments, int maker, int taker)
    {
        SimulatedVenueSettings settings = new()
        {
            EntryLatency = entry,
            ResponseLatency = response,
            MaxOpenOrders = orders,
            Instruments = instruments,
            MakerFeePpm = maker,
            TakerFeePpm = taker,
        };
        Assert.Throws<BrokenInvariantException>(() => new SimulatedVenue(settings));
    }

    [Fact]
    public void Ids_count_from_one_under_the_tag_of_the_venue()
    {
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 150);
        venue.Market(Start + 1_000, Side.Sell, 50);
        venue.Finish();
        Assert.Equal([1UL, 2UL], Words(venue, OrderStatus.Accepted).Select(w => w.VenueOrder.Low));
        Event[] fills = [.. venue.Reports.Where(r => r.Kind == EventKind.Execution)];
        Assert.Equal([1UL, 2UL, 3UL], fills.Select(f => f.Execution.ExecutionId.Low));
        Assert.All(fills, f => Assert.Equal(0x53494DUL, f.Execution.ExecutionId.High));
        Assert.All(venue.Reports, r => Assert.Equal(EventSource.SimulatedVenue, r.Source));
    }

    [Fact]
    public void A_verb_that_is_none_never_leaves()
    {
        VenueHarness venue = Open();
        Command command = venue.NewOrder(Side.Buy, 50, 9_995, OrderType.Limit, TimeInForce.GoodTillCancel);
        command.Verb = CommandVerb.None;
        venue.Send(Start, command);
        venue.Finish();
        Assert.Equal(["NotSent None Unsupported"], venue.Of(command.Order));
    }

    [Fact]
    public void Commands_beyond_the_bound_in_flight_are_not_sent()
    {
        VenueHarness venue = Open(entry: 1_000_000);
        for (int i = 0; i < Limits.LiveOrders; i++)
        {
            venue.Cancel(Start + i, OrderId.Of(1, 99, 0));
        }

        OrderId order = venue.Market(Start + 2_000, Side.Buy, 50);
        venue.Run(Start + 3_000);
        Assert.Equal(["NotSent New RateLimited"], venue.Of(order));
        venue.Finish();
        Assert.Equal(2 * Limits.LiveOrders + 1, venue.Reports.Count);
    }

    [Fact]
    public void A_driver_that_never_polls_is_stopped_before_a_report_is_lost()
    {
        SimulatedVenue venue = SimulatedVenueContractTests.Venue(new VenueTerms());
        Command command = new() { Order = OrderId.Of(1, 1, 0), Verb = CommandVerb.Cancel };
        Assert.Throws<BrokenInvariantException>(() =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                venue.Submit(command, i, Start + i);
            }
        });
    }

    [Fact]
    public void An_input_that_comes_after_its_instant_was_decided_stops_the_engine()
    {
        // The order arrived at +100 and its answer was taken; an input at +100 would have come before it.
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 50);
        venue.Run(Start + 150);
        Event late = MarketScript.Quote(1, 1, 2, 1);
        late.ReceivedAt = Start + 100;
        Assert.Throws<BrokenInvariantException>(() => venue.Venue.OnEvent(late));
    }

    [Fact]
    public void Commands_that_run_backwards_stop_the_engine()
    {
        SimulatedVenue venue = SimulatedVenueContractTests.Venue(new VenueTerms());
        Command command = new() { Order = OrderId.Of(1, 1, 0), Verb = CommandVerb.Cancel };
        venue.Submit(command, 1, Start);
        Assert.Throws<BrokenInvariantException>(() => venue.Submit(command, 2, Start - 1));
    }

    [Fact]
    public void New_units_end_the_orders_and_the_market_of_before()
    {
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 50);
        OrderId order = venue.Limit(Start + 1_000, Side.Buy, 50, 9_995);
        venue.Show(Start + 2_000, MarketScript.Define());
        venue.Show(Start + 3_000, MarketScript.Define(priceExponent: 3));
        OrderId next = venue.Market(Start + 4_000, Side.Sell, 50);
        venue.Show(Start + 5_000, MarketScript.StandardBook());
        OrderId reduces = venue.Market(Start + 6_000, Side.Sell, 50, flags: OrderFlags.ReduceOnly);
        venue.Finish();
        Assert.Equal(["Accepted", "Cancelled NoMarket"], venue.SaidOf(order));
        Assert.Equal(["Rejected NoMarket"], venue.SaidOf(next));
        Assert.Equal(["Rejected ReduceOnlyWouldAdd"], venue.SaidOf(reduces));
    }

    [Fact]
    public void An_order_takes_from_as_many_levels_as_the_venue_can_remember_and_no_more()
    {
        VenueHarness venue = Open();
        List<Event> levels = [];
        for (int i = 0; i < 200; i++)
        {
            levels.Add(MarketScript.Level(Side.Sell, 10_020 + (5 * i), 10));
        }

        venue.Show(2_000, [.. levels]);
        OrderId whole = venue.Market(Start, Side.Buy, 2_000, TimeInForce.FillOrKill);
        OrderId part = venue.Market(Start + 1_000, Side.Buy, 5_000);
        venue.Finish();
        Assert.Equal(["Rejected FillOrKillUnfilled"], venue.SaidOf(whole));
        Assert.Equal(128, venue.FillsOf(part).Length);
        Assert.Equal($"Cancelled NoLiquidity ({600 + (125 * 10)})", venue.SaidOf(part)[^1]);
    }

    [Fact]
    public void A_print_that_could_serve_both_our_sides_has_one_quantity_and_serves_the_bid_first()
    {
        VenueHarness venue = Open();
        venue.Show(2_000, MarketScript.Level(Side.Sell, 10_005, 0));
        OrderId sells = venue.Limit(Start, Side.Sell, 50, 10_005);
        OrderId buys = venue.Limit(Start, Side.Buy, 50, 10_005);
        venue.Show(Start + 1_000, MarketScript.Trade(10_005, 60, Side.None));
        venue.Finish();
        Assert.Equal(["Accepted", "Maker 50 @ 10005 (50)"], venue.SaidOf(buys));
        Assert.Equal(["Accepted", "Maker 10 @ 10005 (10)"], venue.SaidOf(sells));
    }

    [Fact]
    public void An_order_is_found_only_under_its_own_instrument()
    {
        VenueHarness venue = Open();
        venue.Show(2_000, MarketScript.Define(id: 2));
        OrderId order = venue.Limit(Start, Side.Buy, 50, 9_995);
        venue.Send(Start + 1_000, new Command { Order = order, Instrument = new InstrumentId(2), Verb = CommandVerb.Cancel });
        venue.Finish();
        Assert.Equal(["Accepted", "CancelRejected UnknownOrder"], venue.SaidOf(order));
    }

    [Fact]
    public void An_amendment_in_the_middle_of_a_bar_waits_for_the_next_bar()
    {
        VenueHarness venue = new(SimulatedVenueContractTests.Venue(new VenueTerms()));
        venue.Show(10_000, MarketScript.Define(), MarketScript.Bar(0, 10_000, 10_000, 10_100, 9_900, 10_000, 500));
        OrderId order = venue.Limit(10_000, Side.Buy, 50, 9_000);
        venue.Amend(15_000, order, 50, 10_050);
        venue.Show(20_000, MarketScript.Bar(10_000, 10_000, 10_020, 10_100, 9_950, 10_000, 500));
        venue.Show(30_000, MarketScript.Bar(20_000, 10_000, 10_030, 10_100, 9_940, 10_000, 500));
        venue.Finish();
        Assert.Equal(["Accepted", "Amended 50 @ 10050", "Taker 50 @ 10030 (50)"], venue.SaidOf(order));
    }

    [Fact]
    public void A_bar_that_is_longer_than_the_session_counts_and_one_beside_it_does_not()
    {
        VenueHarness venue = new(SimulatedVenueContractTests.Venue(new VenueTerms
        {
            With = s => s with
            {
                Calendars = [new VenueCalendar(Symbol24.Of("TEST"), new TradingCalendar([new TradingSession(20260102, 13_000, 17_000)]))],
            },
        }));
        venue.Show(10_000, MarketScript.Define(), MarketScript.Bar(0, 10_000, 10_000, 10_100, 9_900, 10_000, 500));
        OrderId order = venue.Limit(10_000, Side.Buy, 70, 9_950);
        venue.Show(20_000, MarketScript.Bar(10_000, 10_000, 10_020, 10_100, 9_940, 10_000, 30));
        venue.Show(30_000, MarketScript.Bar(20_000, 10_000, 10_020, 10_100, 9_940, 10_000, 500));
        venue.Finish();
        Assert.Equal(["Accepted", "Maker 30 @ 9950 (30)"], venue.SaidOf(order));
    }

    [Fact]
    public void A_lost_stream_takes_the_quote_away_until_the_next_one()
    {
        VenueHarness venue = new(SimulatedVenueContractTests.Venue(new VenueTerms()));
        venue.Show(1_000, MarketScript.Define(), MarketScript.Quote(10_000, 100, 10_005, 80));
        venue.Show(2_000, MarketScript.Stream(StreamState.Down));
        OrderId refused = venue.Market(Start, Side.Buy, 50);
        venue.Show(Start + 1_000, MarketScript.Quote(10_000, 100, 10_005, 80));
        OrderId filled = venue.Market(Start + 2_000, Side.Buy, 50);
        venue.Finish();
        Assert.Equal(["Rejected NoMarket"], venue.SaidOf(refused));
        Assert.Equal(["Accepted", "Taker 50 @ 10005 (50)"], venue.SaidOf(filled));
    }

    // 10,005 x 70 x 1,000 = 700,350,000.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 701)]
    [InlineData(-1, -700)]
    [InlineData(20, 14_007)]
    [InlineData(-20, -14_007)]
    [InlineData(1_000_000, 700_350_000)]
    [InlineData(-1_000_000, -700_350_000)]
    public void A_fee_is_rounded_up_towards_plus_infinity(int ppm, long fee)
    {
        VenueHarness venue = new(SimulatedVenueContractTests.Venue(new VenueTerms { TakerFeePpm = ppm }));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.StandardBook());
        OrderId order = venue.Market(Start, Side.Buy, 70);
        venue.Finish();
        Assert.Equal(fee, venue.FillsOf(order).Single().Execution.Fee);
    }

    [Fact]
    public void A_busy_venue_allocates_nothing()
    {
        SimulatedVenue venue = SimulatedVenueContractTests.Venue(new VenueTerms());
        VenueHarness open = new(venue);
        open.Show(1_000, MarketScript.Define());
        open.Show(1_000, MarketScript.StandardBook());
        Event[] book = MarketScript.StandardBook();
        Event trade = MarketScript.Trade(9_995, 500, Side.Sell);
        Event report = default;
        Command command = open.NewOrder(Side.Buy, 150, 10_005, OrderType.Limit, TimeInForce.GoodTillCancel);
        long executions = 0;

        void Round(long number)
        {
            long at = Start + (number * 10_000);
            command.Order = OrderId.Of(1, 1_000 + number, 0);
            venue.Submit(command, number, at);
            for (int i = 0; i < book.Length; i++)
            {
                book[i].ReceivedAt = at + 1_000;
                venue.OnEvent(book[i]);
            }

            trade.ReceivedAt = at + 2_000;
            venue.OnEvent(trade);
            while (venue.Poll(at + 9_000, ref report))
            {
                executions += report.Kind == EventKind.Execution ? 1 : 0;
            }
        }

        for (int i = 0; i < 200; i++)
        {
            Round(i);
        }

        executions = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 200; i < 1_200; i++)
        {
            Round(i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(executions >= 1_000);
    }

    private static VenueHarness Open(long entry = 100)
    {
        VenueHarness venue = new(SimulatedVenueContractTests.Venue(new VenueTerms { EntryLatency = entry }));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.StandardBook());
        return venue;
    }

    private static IEnumerable<OrderReport> Words(VenueHarness venue, OrderStatus status) => venue.Reports
        .Where(r => r.Kind == EventKind.OrderReport && r.OrderReport.Status == status).Select(r => r.OrderReport);
}
