using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Gateways;

/// <summary>Cases 40 to 58 of the venue contract: liquidity is used once, queues are respected, halts hold.</summary>
public abstract class VenueMatchingCases : VenueConditionCases
{
    [Fact]
    public void VC40_two_orders_never_get_the_same_liquidity()
    {
        VenueHarness venue = Open();
        OrderId first = venue.Market(Start, Side.Buy, 80);
        OrderId second = venue.Market(Start, Side.Buy, 80);
        OrderId third = venue.Limit(Start + 1_000, Side.Buy, 80, 10_005, TimeInForce.ImmediateOrCancel);
        Said(venue, first, "Accepted", "Taker 80 @ 10005 (80)");
        Said(venue, second, "Accepted", "Taker 20 @ 10005 (20)", "Taker 60 @ 10010 (80)");
        Said(venue, third, "Accepted", "Cancelled NoLiquidity");
    }

    [Fact]
    public void VC41_a_level_that_is_shown_again_unchanged_is_not_new_liquidity()
    {
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 100);
        venue.Show(Start + 1_000, MarketScript.Level(Side.Sell, 10_005, 100));
        venue.Show(Start + 1_500, MarketScript.StandardBook());
        OrderId order = venue.Limit(Start + 2_000, Side.Buy, 80, 10_005, TimeInForce.ImmediateOrCancel);
        Said(venue, order, "Accepted", "Cancelled NoLiquidity");
    }

    [Fact]
    public void VC42_of_a_level_that_grew_only_the_growth_is_new()
    {
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 100);
        venue.Show(Start + 1_000, MarketScript.Level(Side.Sell, 10_005, 130));
        OrderId order = venue.Limit(Start + 2_000, Side.Buy, 80, 10_005, TimeInForce.ImmediateOrCancel);
        Said(venue, order, "Accepted", "Taker 30 @ 10005 (30)", "Cancelled NoLiquidity (30)");
    }

    [Fact]
    public void VC43_of_a_level_that_shrank_nothing_is_new_until_it_grows()
    {
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 60);
        venue.Show(Start + 1_000, MarketScript.Level(Side.Sell, 10_005, 40));
        OrderId none = venue.Limit(Start + 2_000, Side.Buy, 40, 10_005, TimeInForce.ImmediateOrCancel);
        venue.Show(Start + 3_000, MarketScript.Level(Side.Sell, 10_005, 70));
        OrderId some = venue.Limit(Start + 4_000, Side.Buy, 40, 10_005, TimeInForce.ImmediateOrCancel);
        Said(venue, none, "Accepted", "Cancelled NoLiquidity");
        Said(venue, some, "Accepted", "Taker 30 @ 10005 (30)", "Cancelled NoLiquidity (30)");
    }

    [Fact]
    public void VC44_a_level_that_was_gone_comes_back_as_new_liquidity()
    {
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 100);
        venue.Show(Start + 1_000, MarketScript.Level(Side.Sell, 10_005, 0));
        venue.Show(Start + 1_500, MarketScript.Level(Side.Sell, 10_005, 90));
        OrderId order = venue.Market(Start + 2_000, Side.Buy, 80);
        Said(venue, order, "Accepted", "Taker 80 @ 10005 (80)");
    }

    [Fact]
    public void VC45_fill_or_kill_and_post_only_see_what_was_taken_already()
    {
        VenueHarness venue = Open();
        venue.Market(Start, Side.Buy, 100);
        OrderId whole = venue.Limit(Start + 1_000, Side.Buy, 210, 10_010, TimeInForce.FillOrKill);
        OrderId posts = venue.Limit(Start + 2_000, Side.Buy, 50, 10_005, flags: OrderFlags.PostOnly);
        Said(venue, whole, "Rejected FillOrKillUnfilled");
        Said(venue, posts, "Accepted");
    }

    [Fact]
    public void VC46_prints_at_our_price_first_serve_the_queue_ahead()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Trade(10_000, 70, Side.Sell));
        venue.Show(Start + 2_000, MarketScript.Trade(10_000, 50, Side.Sell));
        venue.Show(Start + 3_000, MarketScript.Trade(10_000, 50, Side.None));
        Said(venue, order, "Accepted", "Maker 20 @ 10000 (20)", "Maker 30 @ 10000 (50)");
    }

    [Fact]
    public void VC47_a_shrinking_level_moves_us_up_only_when_it_is_shorter_than_our_queue()
    {
        // 100 ahead; 60 join behind; 50 leave somewhere: still 100 ahead. Then 30 are left: 30 ahead.
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Level(Side.Buy, 10_000, 160));
        venue.Show(Start + 1_100, MarketScript.Level(Side.Buy, 10_000, 110));
        venue.Show(Start + 1_200, MarketScript.Trade(10_000, 40, Side.Sell));
        venue.Show(Start + 1_300, MarketScript.Trade(10_000, 20, Side.Sell));
        venue.Show(Start + 1_400, MarketScript.Level(Side.Buy, 10_000, 30));
        venue.Show(Start + 1_500, MarketScript.Trade(10_000, 40, Side.Sell));
        Said(venue, order, "Accepted", "Maker 10 @ 10000 (10)");
    }

    [Fact]
    public void VC48_a_print_through_our_price_fills_us_up_to_its_quantity_at_our_price()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Trade(9_995, 20, Side.Sell));
        venue.Show(Start + 2_000, MarketScript.Trade(9_995, 90, Side.Buy));
        Said(venue, order, "Accepted", "Maker 20 @ 10000 (20)", "Maker 30 @ 10000 (50)");
    }

    [Fact]
    public void VC49_one_print_is_shared_by_price_then_time()
    {
        VenueHarness venue = Open();
        OrderId later = venue.Limit(Start, Side.Sell, 30, 10_010);
        OrderId better = venue.Limit(Start + 1_000, Side.Sell, 30, 10_005);
        OrderId same = venue.Limit(Start + 2_000, Side.Sell, 30, 10_005);
        venue.Show(Start + 3_000, MarketScript.Trade(10_010, 50, Side.Buy));
        Said(venue, better, "Accepted", "Maker 30 @ 10005 (30)");
        Said(venue, same, "Accepted", "Maker 20 @ 10005 (20)");
        Said(venue, later, "Accepted");
    }

    [Fact]
    public void VC50_orders_of_ours_at_one_price_share_the_queue_ahead()
    {
        // First: 100 ahead. Then 50 join, so 150 ahead of the second. 160 trade: 100 + 30 of ours + 30 of the 50 between.
        VenueHarness venue = Open();
        OrderId first = venue.Limit(Start, Side.Buy, 30, 10_000);
        venue.Show(Start + 1_000, MarketScript.Level(Side.Buy, 10_000, 150));
        OrderId second = venue.Limit(Start + 2_000, Side.Buy, 30, 10_000);
        venue.Show(Start + 3_000, MarketScript.Trade(10_000, 160, Side.Sell));
        venue.Show(Start + 4_000, MarketScript.Trade(10_000, 30, Side.Sell));
        Said(venue, first, "Accepted", "Maker 30 @ 10000 (30)");
        Said(venue, second, "Accepted", "Maker 10 @ 10000 (10)");
    }

    [Fact]
    public void VC51_a_print_by_an_aggressor_of_our_side_at_our_price_is_not_ours()
    {
        VenueHarness venue = Open();
        venue.Show(2_000, MarketScript.Level(Side.Sell, 10_005, 0));
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_005);
        venue.Show(Start + 1_000, MarketScript.Trade(10_005, 50, Side.Buy));
        Said(venue, order, "Accepted");
    }

    [Fact]
    public void VC52_a_suspicious_print_fills_nothing()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Trade(9_000, 50, Side.Sell, TradeMarks.Suspicious));
        Said(venue, order, "Accepted");
    }

    [Fact]
    public void VC53_a_market_that_comes_to_our_price_fills_us_up_to_what_it_shows_and_once()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 90, 10_000);
        Event[] down = MarketScript.Snapshot([(9_990, 300)], [(9_995, 20), (10_000, 30), (10_005, 100)]);
        venue.Show(Start + 1_000, down);
        venue.Show(Start + 2_000, down);
        venue.Show(Start + 3_000, MarketScript.Level(Side.Sell, 10_000, 45));
        Said(venue, order, "Accepted", "Maker 20 @ 10000 (20)", "Maker 30 @ 10000 (50)", "Maker 15 @ 10000 (65)");
    }

    [Fact]
    public void VC54_our_own_orders_are_not_in_the_market()
    {
        VenueHarness venue = Open();
        OrderId sells = venue.Limit(Start, Side.Sell, 50, 10_005);
        OrderId buys = venue.Limit(Start + 1_000, Side.Buy, 150, 10_005);
        Said(venue, sells, "Accepted");
        Said(venue, buys, "Accepted", "Taker 100 @ 10005 (100)");
    }

    [Fact]
    public void VC55_nothing_fills_while_the_instrument_is_halted_and_the_book_is_met_again_after()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Status(TradingStatus.Halted));
        venue.Show(Start + 2_000, MarketScript.Trade(9_990, 500, Side.Sell));
        venue.Show(Start + 3_000, MarketScript.Snapshot([(9_985, 10)], [(9_995, 30)]));
        venue.Run(Start + 4_000);
        Assert.Equal(["Accepted"], venue.SaidOf(order));
        venue.Show(Start + 5_000, MarketScript.Status(TradingStatus.Open));
        Said(venue, order, "Accepted", "Maker 30 @ 10000 (30)");
        Assert.Equal(Start + 5_000, venue.FillsOf(order).Single().VenueTime);
    }

    [Fact]
    public void VC56_a_halt_does_not_hinder_a_cancel()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Status(TradingStatus.Halted));
        venue.Amend(Start + 2_000, order, 60, 10_000);
        venue.Cancel(Start + 3_000, order);
        Said(venue, order, "Accepted", "AmendRejected NotTrading", "Cancelled Requested");
    }

    [Fact]
    public void VC57_nothing_is_matched_inside_a_group()
    {
        VenueHarness venue = Open();
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000,
            MarketScript.Level(Side.Sell, 9_980, 500, EventFlags.First),
            MarketScript.Level(Side.Sell, 9_980, 0, EventFlags.Last));
        Said(venue, order, "Accepted");
    }

    [Fact]
    public void VC58_an_order_meets_the_market_of_its_arrival_not_of_its_sending()
    {
        // Arrives at +100: the change at +100 is seen, the one at +101 is not.
        VenueHarness venue = Open();
        OrderId order = venue.Market(Start, Side.Buy, 50);
        venue.Show(Start + 100, MarketScript.Snapshot([(10_000, 100)], [(10_020, 70)]));
        venue.Show(Start + 101, MarketScript.Snapshot([(10_000, 100)], [(10_030, 70)]));
        Said(venue, order, "Accepted", "Taker 50 @ 10020 (50)");
    }
}
