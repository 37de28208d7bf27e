using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>The venue that fills as LEAN does, by hand: whole at the best price, limits and openings at the open of a bar.</summary>
public sealed class LeanFillGoldenTests
{
    private const long Minute = 60_000_000_000;
    private const long Start = 10 * Minute;

    [Theory]
    [InlineData(FillRule.Lean, "Taker 5000 @ 10005 (5000)")]
    [InlineData(FillRule.AsShown, "Cancelled NoLiquidity (600)")]
    public void A_market_order_is_filled_whole_at_the_best_price_of_a_book(FillRule fills, string last)
    {
        VenueHarness venue = Open(fills);
        venue.Show(Start, MarketScript.StandardBook());
        OrderId order = venue.Market(Start + 1_000, Side.Buy, 5_000);
        venue.Run(Start + 2_000);
        Assert.Equal(last, venue.SaidOf(order)[^1]);
    }

    [Theory]
    [InlineData(TimeInForce.FillOrKill, 10_005, "Taker 5000 @ 10005 (5000)")]
    [InlineData(TimeInForce.FillOrKill, 10_000, "Rejected FillOrKillUnfilled")]
    [InlineData(TimeInForce.ImmediateOrCancel, 10_010, "Taker 5000 @ 10005 (5000)")]
    [InlineData(TimeInForce.GoodTillCancel, 10_000, "Accepted")]
    public void So_is_a_limit_that_the_best_price_is_within(TimeInForce time, long limit, string last)
    {
        VenueHarness venue = Open(FillRule.Lean);
        venue.Show(Start, MarketScript.Quote(9_995, 100, 10_005, 100));
        OrderId order = venue.Limit(Start + 1_000, Side.Buy, 5_000, limit, time);
        venue.Run(Start + 2_000);
        Assert.Equal(last, venue.SaidOf(order)[^1]);
    }

    [Fact]
    public void What_one_order_took_another_one_gets_too()
    {
        VenueHarness venue = Open(FillRule.Lean);
        venue.Show(Start, MarketScript.Quote(9_995, 100, 10_005, 100));
        OrderId one = venue.Market(Start + 1_000, Side.Buy, 100);
        OrderId two = venue.Market(Start + 1_000, Side.Buy, 100);
        venue.Run(Start + 2_000);
        Assert.Equal("Taker 100 @ 10005 (100)", venue.SaidOf(one)[^1]);
        Assert.Equal("Taker 100 @ 10005 (100)", venue.SaidOf(two)[^1]);
    }

    [Theory]
    // A print at the price is not enough; one through it fills the whole order, however small it is.
    [InlineData(9_995, "Accepted")]
    [InlineData(9_990, "Maker 5000 @ 9995 (5000)")]
    public void A_resting_limit_is_filled_whole_when_a_print_goes_through_it(long print, string last)
    {
        VenueHarness venue = Open(FillRule.Lean);
        venue.Show(Start, MarketScript.Quote(9_995, 100, 10_005, 100));
        OrderId order = venue.Limit(Start + 1_000, Side.Buy, 5_000, 9_995);
        venue.Show(Start + 2_000, MarketScript.Trade(print, 10, Side.Sell));
        venue.Run(Start + 3_000);
        Assert.Equal(last, venue.SaidOf(order)[^1]);
    }

    [Theory]
    // Bars of a volume of 20. A buy limit of 99.00: opened beyond at 98.00, passed, touched.
    [InlineData(FillRule.Lean, 9_800, 9_850, 9_700, "Maker 5000 @ 9800 (5000)")]
    [InlineData(FillRule.AsShown, 9_800, 9_850, 9_700, "Maker 20 @ 9900 (20)")]
    [InlineData(FillRule.Lean, 10_000, 10_000, 9_895, "Maker 5000 @ 9900 (5000)")]
    [InlineData(FillRule.Lean, 10_000, 10_000, 9_900, "Accepted")]
    public void A_limit_is_filled_at_the_open_that_is_beyond_it(FillRule fills, long open, long high, long low, string last)
    {
        VenueHarness venue = Open(fills);
        Show(venue, 0, 10_000, 10_000, 10_000);
        OrderId order = venue.Limit(Start + Minute, Side.Buy, 5_000, 9_900);
        Show(venue, 1, 10_000, 10_000, 10_000);
        Show(venue, 2, open, high, low);
        venue.Run(Start + (5 * Minute));
        Assert.Equal(last, venue.SaidOf(order)[^1]);
    }

    [Theory]
    // A stop to buy at 101.00: it lies within the bar, or the bar opens beyond it.
    [InlineData(10_000, 10_200, "Taker 5000 @ 10100 (5000)")]
    [InlineData(10_150, 10_200, "Taker 5000 @ 10150 (5000)")]
    public void A_stop_is_filled_at_the_worse_of_its_price_and_the_open(long open, long high, string last)
    {
        VenueHarness venue = Open(FillRule.Lean);
        Show(venue, 0, 10_000, 10_000, 10_000);
        OrderId order = venue.Sleeper(Start + Minute, Side.Buy, 5_000, OrderType.Stop, 10_100);
        Show(venue, 1, open, high, open);
        venue.Run(Start + (5 * Minute));
        Assert.Equal(last, venue.SaidOf(order)[^1]);
    }

    [Theory]
    // The session opens in the middle of the second bar; the order comes before that bar, or within it.
    [InlineData(FillRule.Lean, 0, "Taker 5000 @ 10010 (5000)")]
    [InlineData(FillRule.Lean, 1_000, "Accepted")]
    [InlineData(FillRule.AsShown, 0, "Accepted")]
    public void An_opening_order_takes_the_open_of_the_bar_that_holds_the_opening(FillRule fills, long late, string last)
    {
        TradingSession session = new(20_260_302, Start + Minute + (Minute / 2), Start + (10 * Minute));
        VenueHarness venue = Open(fills, s => s with
        {
            Calendars = [new VenueCalendar(Symbol24.Of("TEST"), new TradingCalendar([session]))],
        });
        Show(venue, 0, 10_000, 10_000, 10_000);
        OrderId order = venue.Sleeper(Start + Minute + late, Side.Buy, 5_000, OrderType.MarketOnOpen);
        Show(venue, 1, 10_010, 10_020, 10_000);
        venue.Run(Start + (2 * Minute) + 1_000);
        Assert.Equal(last, venue.SaidOf(order)[^1]);
    }

    [Fact]
    public void A_market_order_on_bars_takes_the_next_open_and_never_the_close_that_it_was_decided_on()
    {
        VenueHarness venue = Open(FillRule.Lean);
        Show(venue, 0, 10_000, 10_000, 10_000);
        OrderId order = venue.Market(Start + Minute, Side.Buy, 5_000);
        Show(venue, 1, 10_070, 10_100, 10_000);
        venue.Run(Start + (3 * Minute));
        Assert.Equal("Taker 5000 @ 10070 (5000)", venue.SaidOf(order)[^1]);
    }

    private static VenueHarness Open(
        FillRule fills, System.Func<SimulatedVenueSettings, SimulatedVenueSettings>? with = null)
    {
        SimulatedVenueSettings settings = new() { EntryLatency = 0, ResponseLatency = 1, Instruments = 1, Fills = fills };
        VenueHarness venue = new(new SimulatedVenue(with is null ? settings : with(settings)));
        venue.Show(Minute, MarketScript.Define());
        return venue;
    }

    private static void Show(VenueHarness venue, int minute, long open, long high, long low)
    {
        long start = Start + (minute * Minute);
        venue.Show(start + Minute, MarketScript.Bar(start, Minute, open, high, low, open, 20));
    }
}
