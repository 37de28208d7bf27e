using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>
/// Stops that a gap jumps over, and a stop and a target that one bar touches both, by hand. Minutes; the position is bought at the
/// open of 100.00 of the second one, and its exits wait from the third on.
/// </summary>
public sealed class GapGoldenTests
{
    private const long Minute = 60_000_000_000;
    private const long Start = 10 * Minute;

    [Theory]
    // Opens at 90.00, below the stop of 95.00: 90.00 is what there was. Inside a bar the stop is met where it lies.
    [InlineData(Side.Buy, 9_500, 9_000, 9_010, 8_900, 8_950, "Taker 1000 @ 9000 (1000)")]
    [InlineData(Side.Buy, 9_500, 10_000, 10_010, 9_000, 9_100, "Taker 1000 @ 9500 (1000)")]
    [InlineData(Side.Buy, 9_500, 9_500, 9_600, 9_400, 9_450, "Taker 1000 @ 9500 (1000)")]
    // A short position: the stop above.
    [InlineData(Side.Sell, 10_500, 11_000, 11_100, 10_990, 11_000, "Taker 1000 @ 11000 (1000)")]
    [InlineData(Side.Sell, 10_500, 10_000, 10_700, 9_990, 10_600, "Taker 1000 @ 10500 (1000)")]
    // A unit before it nothing happens.
    [InlineData(Side.Buy, 9_500, 10_000, 10_010, 9_505, 9_600, "Accepted")]
    public void A_stop_is_filled_at_its_price_or_at_the_open_that_jumped_over_it(
        Side held, long trigger, long open, long high, long low, long close, string last)
    {
        VenueHarness venue = Held(held, BarPath.Adaptive);
        OrderId stop = venue.Sleeper(Start + (2 * Minute), held.Opposite(), 1_000, OrderType.Stop, trigger);
        Show(venue, 2, open, high, low, close);
        venue.Run(Start + (4 * Minute));
        Assert.Equal(last, venue.SaidOf(stop)[^1]);
    }

    [Theory]
    // Opens at 90.00, beyond the limit of 94.00 as well: it rests there, and is filled when the market comes back through it.
    [InlineData(9_405, "Maker 1000 @ 9400 (1000)")]
    [InlineData(9_400, "Accepted")]
    public void A_stop_limit_that_a_gap_jumps_over_waits_at_its_limit(long high, string last)
    {
        VenueHarness venue = Held(Side.Buy, BarPath.Adaptive);
        OrderId stop = venue.Sleeper(Start + (2 * Minute), Side.Sell, 1_000, OrderType.StopLimit, 9_500, 9_400);
        Show(venue, 2, 9_000, 9_005, 8_990, 9_000);
        Show(venue, 3, 9_000, high, 8_990, 9_000);
        venue.Run(Start + (5 * Minute));
        Assert.Equal(last, venue.SaidOf(stop)[^1]);
    }

    [Theory]
    // 106.00 is 6 from the open, 90.00 is 10: the target comes first. 94.00 is 6, 110.00 is 10: the stop does.
    [InlineData(BarPath.Adaptive, 10_600, 9_000, true)]
    [InlineData(BarPath.Adaptive, 11_000, 9_400, false)]
    // As far either way: the high first.
    [InlineData(BarPath.Adaptive, 10_600, 9_400, true)]
    [InlineData(BarPath.OpenHighLowClose, 11_000, 9_400, true)]
    [InlineData(BarPath.OpenLowHighClose, 10_600, 9_000, false)]
    public void Of_a_stop_and_a_target_that_one_bar_touches_both_the_first_on_its_path_is_filled_and_the_other_ends(
        BarPath path, long high, long low, bool wins)
    {
        VenueHarness venue = Held(Side.Buy, path);
        OrderId target = venue.Limit(Start + (2 * Minute), Side.Sell, 1_000, 10_500, flags: OrderFlags.ReduceOnly);
        OrderId stop = venue.Sleeper(
            Start + (2 * Minute), Side.Sell, 1_000, OrderType.Stop, 9_500, flags: OrderFlags.ReduceOnly);
        Show(venue, 2, 10_000, high, low, 10_000);
        venue.Run(Start + (4 * Minute));
        Assert.Equal(wins ? "Maker 1000 @ 10500 (1000)" : "Cancelled ReduceOnlyWouldAdd", venue.SaidOf(target)[^1]);
        Assert.Equal(wins ? "Cancelled ReduceOnlyWouldAdd" : "Taker 1000 @ 9500 (1000)", venue.SaidOf(stop)[^1]);
    }

    [Theory]
    // The target is nearer to the open, and still the stop comes first: 95.00 is not 105.00. Below, a short position.
    [InlineData(Side.Buy, 10_600, 9_000, 10_500, 9_500, "Taker 1000 @ 9500 (1000)")]
    [InlineData(Side.Buy, 10_600, 9_400, 10_500, 9_500, "Taker 1000 @ 9500 (1000)")]
    [InlineData(Side.Sell, 11_000, 9_400, 9_500, 10_500, "Taker 1000 @ 10500 (1000)")]
    [InlineData(Side.Sell, 10_600, 9_400, 9_500, 10_500, "Taker 1000 @ 10500 (1000)")]
    public void Of_a_stop_and_a_target_in_one_bar_the_stop_comes_first_and_the_fill_says_that_it_may_be_otherwise(
        Side held, long high, long low, long limit, long trigger, string stopped)
    {
        Assert.Equal(BarPath.StopFirst, new SimulatedVenueSettings().BarPath);
        VenueHarness venue = Held(held, BarPath.StopFirst);
        (OrderId target, OrderId stop) = Bracket(venue, held, limit, trigger);
        Show(venue, 2, 10_000, high, low, 10_000);
        venue.Run(Start + (4 * Minute));
        Assert.Equal(stopped, venue.SaidOf(stop)[^1]);
        Assert.Equal("Cancelled ReduceOnlyWouldAdd", venue.SaidOf(target)[^1]);
        Assert.Equal(ExecutionMarks.Ambiguous, Assert.Single(venue.FillsOf(stop)).Execution.Marks);
    }

    [Theory]
    // Only the target within, only the stop within, and an open beyond the stop: the order of things is in the data.
    [InlineData(10_000, 10_600, 9_505, 10_000)]
    [InlineData(10_000, 10_495, 9_000, 10_000)]
    [InlineData(9_300, 10_600, 9_200, 10_000)]
    public void A_fill_that_the_data_leaves_no_doubt_of_is_not_ambiguous(long open, long high, long low, long close)
    {
        VenueHarness venue = Held(Side.Buy, BarPath.StopFirst);
        (OrderId target, OrderId stop) = Bracket(venue, Side.Buy, 10_500, 9_500);
        Show(venue, 2, open, high, low, close);
        venue.Run(Start + (4 * Minute));
        Event fill = Assert.Single((Event[])[.. venue.FillsOf(target), .. venue.FillsOf(stop)]);
        Assert.Equal(ExecutionMarks.None, fill.Execution.Marks);
    }

    [Fact]
    public void Finer_data_decides_what_a_bar_leaves_open()
    {
        // Prints beside the bars: the target was first, whatever the bar that comes after them could mean.
        VenueHarness venue = Held(Side.Buy, BarPath.StopFirst);
        (OrderId target, OrderId stop) = Bracket(venue, Side.Buy, 10_500, 9_500);
        long start = Start + (2 * Minute);
        venue.Show(start + 500, MarketScript.Trade(10_000, 5_000, Side.Buy));
        venue.Show(start + 1_000, MarketScript.Trade(10_505, 5_000, Side.Buy));
        venue.Show(start + 2_000, MarketScript.Trade(9_400, 5_000, Side.Sell));
        venue.Show(start + 3_000, MarketScript.Trade(9_400, 5_000, Side.Sell));
        Show(venue, 2, 10_000, 10_505, 9_400, 9_400);
        venue.Run(Start + (4 * Minute));
        Assert.Equal("Maker 1000 @ 10500 (1000)", venue.SaidOf(target)[^1]);
        Assert.Equal(ExecutionMarks.None, Assert.Single(venue.FillsOf(target)).Execution.Marks);
        Assert.Equal("Cancelled ReduceOnlyWouldAdd", venue.SaidOf(stop)[^1]);
    }

    [Fact]
    public void A_bar_that_opens_beyond_the_stop_never_comes_to_the_target_first()
    {
        VenueHarness venue = Held(Side.Buy, BarPath.OpenHighLowClose);
        OrderId target = venue.Limit(Start + (2 * Minute), Side.Sell, 1_000, 10_500, flags: OrderFlags.ReduceOnly);
        OrderId stop = venue.Sleeper(
            Start + (2 * Minute), Side.Sell, 1_000, OrderType.Stop, 9_500, flags: OrderFlags.ReduceOnly);
        Show(venue, 2, 9_300, 10_600, 9_200, 10_000);
        venue.Run(Start + (4 * Minute));
        Assert.Equal("Taker 1000 @ 9300 (1000)", venue.SaidOf(stop)[^1]);
        Assert.Equal("Cancelled ReduceOnlyWouldAdd", venue.SaidOf(target)[^1]);
    }

    private static (OrderId Target, OrderId Stop) Bracket(VenueHarness venue, Side held, long limit, long trigger)
    {
        long at = Start + (2 * Minute);
        OrderId target = venue.Limit(at, held.Opposite(), 1_000, limit, flags: OrderFlags.ReduceOnly);
        return (target, venue.Sleeper(at, held.Opposite(), 1_000, OrderType.Stop, trigger, flags: OrderFlags.ReduceOnly));
    }

    private static VenueHarness Held(Side side, BarPath path)
    {
        VenueHarness venue = new(new SimulatedVenue(new SimulatedVenueSettings
        {
            EntryLatency = 100,
            ResponseLatency = 50,
            Instruments = 2,
            BarPath = path,
        }));
        venue.Show(Start, MarketScript.Define());
        Show(venue, 0, 10_000, 10_000, 10_000, 10_000);
        venue.Market(Start + Minute, side, 1_000);
        Show(venue, 1, 10_000, 10_010, 9_990, 10_000);
        venue.Run(Start + (2 * Minute));
        return venue;
    }

    private static void Show(VenueHarness venue, int minute, long open, long high, long low, long close)
    {
        long start = Start + (minute * Minute);
        venue.Show(start + Minute, MarketScript.Bar(start, Minute, open, high, low, close, 100_000));
    }
}
