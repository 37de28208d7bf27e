using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Gateways;

/// <summary>
/// The numbered contract that every venue passes, simulated or live: VC01 to VC39 in <see cref="VenueOrderCases"/>,
/// VC40 to VC58 in <see cref="VenueMatchingCases"/>, and here fees, order of reports, bookkeeping, coarser data.
/// </summary>
public abstract class VenueContract : VenueMatchingCases
{
    [Fact]
    public void VC59_a_takers_fee_is_exact_and_rounded_up_to_the_unit()
    {
        // 10,005 x 70 x 1,000 = 700,350,000; x 7 / 1,000,000 = 4,902.45.
        VenueHarness venue = Open(new VenueTerms { TakerFeePpm = 7 });
        OrderId order = venue.Market(Start, Side.Buy, 70);
        venue.Finish();
        Assert.Equal(4_903, venue.FillsOf(order).Single().Execution.Fee);
    }

    [Fact]
    public void VC60_a_makers_fee_is_exact_and_a_rebate_is_rounded_down()
    {
        // 10,000 x 70 x 1,000 = 700,000,000; x 3 / 1,000,000 = 2,100. At 9,995: 699,650,000 x -7 = -4,897.55.
        VenueHarness pays = Open(new VenueTerms { MakerFeePpm = 3 });
        OrderId paid = pays.Limit(Start, Side.Buy, 70, 10_000);
        pays.Show(Start + 1_000, MarketScript.Trade(9_995, 70, Side.Sell));
        pays.Finish();
        Assert.Equal(2_100, pays.FillsOf(paid).Single().Execution.Fee);

        VenueHarness gets = Open(new VenueTerms { MakerFeePpm = -7 });
        OrderId rebate = gets.Limit(Start, Side.Buy, 70, 9_995);
        gets.Show(Start + 1_000, MarketScript.Trade(9_990, 70, Side.Sell));
        gets.Finish();
        Assert.Equal(-4_897, gets.FillsOf(rebate).Single().Execution.Fee);
    }

    [Fact]
    public void VC61_without_fees_the_fee_is_zero()
    {
        VenueHarness venue = Open(new VenueTerms { TakerFeePpm = 0 });
        OrderId order = venue.Market(Start, Side.Buy, 70);
        venue.Finish();
        Assert.Equal(0, venue.FillsOf(order).Single().Execution.Fee);
    }

    [Fact]
    public void VC62_reports_of_one_instant_come_in_the_order_of_their_commands()
    {
        // The print fills the better priced second order first; the reports still name the first order first.
        VenueHarness venue = Open();
        OrderId first = venue.Limit(Start, Side.Sell, 30, 10_010);
        OrderId second = venue.Limit(Start, Side.Sell, 30, 10_005);
        venue.Show(Start + 1_000, MarketScript.Trade(10_015, 60, Side.Buy));
        venue.Finish();
        OrderId[] fills = [.. venue.Reports.Where(r => r.Kind == EventKind.Execution).Select(r => r.Execution.Order)];
        Assert.Equal([first, second], fills);
        OrderId[] start = [.. venue.Reports.Take(4).Select(r => VenueHarness.OrderOf(r))];
        Assert.Equal([first, second, first, second], start);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(0, 1_000_000_000)]
    [InlineData(1_000_000_000, 0)]
    public void VC63_an_answer_is_never_simultaneous_with_its_question(long entry, long response)
    {
        VenueHarness venue = Open(new VenueTerms { EntryLatency = entry, ResponseLatency = response });
        OrderId order = venue.Market(Start, Side.Buy, 50);
        Said(venue, order, "Accepted", "Taker 50 @ 10005 (50)");
        Assert.Equal([Start + 1, Start + entry + response, Start + entry + response], venue.Reports.Select(r => r.ReceivedAt));
    }

    [Fact]
    public void VC64_an_answer_does_not_wait_for_another_input()
    {
        VenueHarness venue = Open();
        venue.Limit(Start, Side.Buy, 50, 10_000);
        Assert.Equal(Start + 1, venue.Venue.NextDue);
        venue.Run(Start + 1);
        Assert.Equal(Start + 150, venue.Venue.NextDue);
        venue.Run(Start + 149);
        Assert.Single(venue.Reports);
        venue.Run(Start + 150);
        Assert.Equal(2, venue.Reports.Count);
        Assert.Equal(long.MaxValue, venue.Venue.NextDue);
    }

    [Fact]
    public void VC65_executions_add_up_have_their_own_ids_and_nothing_follows_the_end()
    {
        VenueHarness venue = Busy(Open());
        HashSet<VenueId> ids = [];
        Dictionary<OrderId, long> filled = [];
        Dictionary<OrderId, long> wanted = [];
        HashSet<OrderId> ended = [];
        foreach (Event report in venue.Reports)
        {
            OrderId order = VenueHarness.OrderOf(report);
            if (report.Kind == EventKind.Execution)
            {
                Assert.True(ids.Add(report.Execution.ExecutionId), "an execution id came twice");
                Assert.DoesNotContain(order, ended);
                filled[order] = filled.GetValueOrDefault(order) + report.Execution.Quantity;
                Assert.Equal(filled[order], report.Execution.CumulativeQuantity);
                Assert.True(filled[order] <= wanted[order]);
                if (filled[order] == wanted[order])
                {
                    ended.Add(order);
                }
            }
            else if (report.Kind == EventKind.OrderReport)
            {
                OrderReport word = report.OrderReport;
                Assert.Equal(filled.GetValueOrDefault(order), word.CumulativeQuantity);
                if (word.Status is not (OrderStatus.CancelRejected or OrderStatus.AmendRejected))
                {
                    Assert.DoesNotContain(order, ended);
                }

                wanted[order] = word.Quantity;
                if (word.Status is OrderStatus.Rejected or OrderStatus.Cancelled or OrderStatus.Expired)
                {
                    ended.Add(order);
                }
            }
        }

        Assert.True(ids.Count >= 8 && ended.Count >= 4, "the case is too tame");
    }

    [Fact]
    public void VC66_an_order_keeps_one_venue_id_and_no_two_orders_share_one()
    {
        VenueHarness venue = Busy(Open());
        Dictionary<OrderId, VenueId> ids = [];
        foreach (Event report in venue.Reports.Where(r => r.Kind == EventKind.OrderReport))
        {
            OrderReport word = report.OrderReport;
            if (word.Status == OrderStatus.Accepted)
            {
                Assert.NotEqual(VenueId.None, word.VenueOrder);
                Assert.DoesNotContain(word.VenueOrder, ids.Values);
                ids.Add(word.Order, word.VenueOrder);
            }
            else if (ids.TryGetValue(word.Order, out VenueId id))
            {
                Assert.Equal(id, word.VenueOrder);
            }
        }

        Assert.True(ids.Count >= 6, "the case is too tame");
    }

    [Fact]
    public void VC67_the_same_inputs_and_commands_give_the_same_reports_byte_for_byte()
    {
        Event[] first = [.. Busy(Open()).Reports];
        Event[] second = [.. Busy(Open()).Reports];
        Assert.True(first.Length > 30, "the case is too tame");
        Assert.True(MemoryMarshal.AsBytes<Event>(first).SequenceEqual(MemoryMarshal.AsBytes<Event>(second)));
    }

    [Fact]
    public void VC68_quotes_and_prints_serve_when_there_is_no_book()
    {
        VenueHarness venue = new(Create(new VenueTerms()));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.Quote(10_000, 100, 10_005, 80));
        OrderId takes = venue.Market(Start, Side.Buy, 100);
        OrderId joins = venue.Limit(Start, Side.Buy, 50, 10_000);
        OrderId deeper = venue.Limit(Start, Side.Buy, 50, 9_995);
        venue.Show(Start + 1_000, MarketScript.Trade(10_000, 110, Side.Sell));
        venue.Show(Start + 2_000, MarketScript.Quote(9_995, 60, 10_005, 80));
        OrderId twice = venue.Limit(Start + 2_500, Side.Buy, 50, 10_005, TimeInForce.ImmediateOrCancel);
        venue.Show(Start + 3_000, MarketScript.Trade(9_995, 110, Side.Sell));
        Said(venue, takes, "Accepted", "Taker 80 @ 10005 (80)", "Cancelled NoLiquidity (80)");
        Said(venue, joins, "Accepted", "Maker 10 @ 10000 (10)", "Maker 40 @ 10000 (50)");
        Said(venue, deeper, "Accepted", "Maker 10 @ 9995 (10)");
        Said(venue, twice, "Accepted", "Cancelled NoLiquidity");
    }

    [Fact]
    public void VC69_a_queue_that_the_data_does_not_show_is_passed_only_by_a_print_through_the_price()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 9_985);
        venue.Show(Start + 1_000, MarketScript.Trade(9_985, 1_000, Side.Sell));
        venue.Show(Start + 2_000, MarketScript.Trade(9_980, 20, Side.Sell));
        Said(venue, order, "Accepted", "Maker 20 @ 9985 (20)");
    }

    [Fact]
    public void VC70_prints_alone_fill_waiting_orders_at_the_next_print_and_resting_ones_when_passed()
    {
        VenueHarness venue = new(Create(new VenueTerms()));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.Trade(10_000, 100, Side.None));
        OrderId market = venue.Market(Start, Side.Buy, 60);
        OrderId rests = venue.Limit(Start, Side.Buy, 50, 9_995);
        venue.Show(Start + 50, MarketScript.Trade(9_000, 1_000, Side.None));
        venue.Show(Start + 200, MarketScript.Trade(10_005, 40, Side.None));
        venue.Show(Start + 300, MarketScript.Trade(9_995, 40, Side.None));
        venue.Show(Start + 400, MarketScript.Trade(9_990, 40, Side.None));
        Said(venue, market, "Accepted", "Taker 40 @ 10005 (40)", "Cancelled NoLiquidity (40)");
        Said(venue, rests, "Accepted", "Maker 40 @ 9995 (40)");
    }

    [Fact]
    public void VC71_bars_alone_fill_at_the_next_open_and_never_inside_a_bar_that_began_before()
    {
        VenueHarness venue = new(Create(new VenueTerms()));
        venue.Show(10_000, MarketScript.Define(), MarketScript.Bar(0, 10_000, 10_000, 10_100, 9_900, 10_000, 500));
        OrderId atClose = venue.Market(10_000, Side.Buy, 60);
        OrderId limit = venue.Limit(10_000, Side.Buy, 70, 9_950);
        OrderId inside = venue.Market(15_000, Side.Sell, 60);
        venue.Show(20_000, MarketScript.Bar(10_000, 10_000, 10_020, 10_100, 9_950, 10_000, 500));
        venue.Show(30_000, MarketScript.Bar(20_000, 10_000, 10_030, 10_100, 9_940, 10_000, 100));
        Said(venue, atClose, "Accepted", "Taker 60 @ 10020 (60)");
        Said(venue, inside, "Accepted", "Taker 60 @ 10030 (60)");
        Said(venue, limit, "Accepted", "Maker 40 @ 9950 (40)");
    }

    [Fact]
    public void VC72_of_bars_of_several_lengths_the_shortest_counts()
    {
        VenueHarness venue = new(Create(new VenueTerms()));
        venue.Show(10_000, MarketScript.Define(), MarketScript.Bar(0, 10_000, 10_000, 10_100, 9_900, 10_000, 500));
        OrderId order = venue.Market(10_000, Side.Buy, 60);
        venue.Show(20_000, MarketScript.Bar(10_000, 50_000, 1, 1, 1, 1, 500),
            MarketScript.Bar(10_000, 10_000, 10_020, 10_100, 9_950, 10_000, 500));
        Said(venue, order, "Accepted", "Taker 60 @ 10020 (60)");
    }

    [Fact]
    public void VC73_orders_that_wait_for_a_print_obey_post_only_and_fill_or_kill_and_can_be_cancelled()
    {
        VenueHarness venue = new(Create(new VenueTerms()));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.Trade(10_000, 100, Side.None));
        OrderId posts = venue.Limit(Start, Side.Buy, 50, 10_000, flags: OrderFlags.PostOnly);
        OrderId whole = venue.Limit(Start, Side.Buy, 50, 10_000, TimeInForce.FillOrKill);
        OrderId gone = venue.Market(Start, Side.Buy, 50);
        venue.Cancel(Start, gone);
        venue.Show(Start + 1_000, MarketScript.Trade(9_995, 40, Side.None));
        Said(venue, posts, "Accepted", "Cancelled PostOnlyWouldTake");
        Said(venue, whole, "Accepted", "Cancelled FillOrKillUnfilled");
        Said(venue, gone, "Accepted", "Cancelled Requested");
    }

    [Fact]
    public void VC74_orders_that_wait_meet_the_first_quote_when_quotes_begin()
    {
        VenueHarness venue = new(Create(new VenueTerms()));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.Trade(10_000, 100, Side.None));
        OrderId market = venue.Market(Start, Side.Buy, 50);
        OrderId limit = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Quote(10_000, 40, 10_005, 30));
        venue.Show(Start + 2_000, MarketScript.Trade(10_000, 60, Side.Sell));
        Said(venue, market, "Accepted", "Taker 30 @ 10005 (30)", "Cancelled NoLiquidity (30)");
        Said(venue, limit, "Accepted", "Maker 20 @ 10000 (20)");
    }

    // A script with every kind of answer in it.
    private static VenueHarness Busy(VenueHarness venue)
    {
        OrderId first = venue.Limit(Start, Side.Buy, 150, 10_005);
        OrderId second = venue.Limit(Start + 10, Side.Sell, 120, 10_010);
        venue.Market(Start + 20, Side.Sell, 350);
        venue.Limit(Start + 30, Side.Buy, 55, 9_995);
        OrderId third = venue.Limit(Start + 40, Side.Buy, 90, 9_990);
        venue.Show(Start + 200, MarketScript.Trade(10_005, 30, Side.Sell), MarketScript.Trade(10_015, 50, Side.Buy));
        venue.Amend(Start + 210, second, 110, 10_010);
        venue.Amend(Start + 220, third, 90, 10_005);
        venue.Amend(Start + 230, third, 91, 10_005);
        venue.Show(Start + 400, MarketScript.StandardBook());
        venue.Cancel(Start + 410, first);
        venue.Cancel(Start + 411, first);
        venue.Market(Start + 420, Side.Buy, 700);
        venue.Limit(Start + 430, Side.Buy, 100, 10_020, TimeInForce.FillOrKill);
        venue.Show(Start + 600, MarketScript.Trade(9_985, 500, Side.Sell));
        venue.Market(Start + 610, Side.Sell, 50, flags: OrderFlags.ReduceOnly);
        venue.Finish();
        return venue;
    }
}
