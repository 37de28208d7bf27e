using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>
/// Orders beyond the displayed size, by hand. The book shows 600 on each side: 100 at 100.05, 200 at 100.10, 300 at 100.15; and
/// bids 5 lower each, down to 99.90. One per cent for as much again. The tick is 0.05.
/// </summary>
public sealed class ImpactGoldenTests
{
    private const long At = 1_000_000;

    [Theory]
    // 600 beyond are as much again: 100.15 x 1.01 = 101.1515, to the tick 101.20. The root of 1 is 1.
    [InlineData(MarketImpact.Linear, Side.Buy, 1_200, "Taker 600 @ 10120 (1200)")]
    [InlineData(MarketImpact.SquareRoot, Side.Buy, 1_200, "Taker 600 @ 10120 (1200)")]
    // 150 beyond are a quarter: 0.25 % make 100.400375, its root a half: 0.5 % make 100.65075.
    [InlineData(MarketImpact.Linear, Side.Buy, 750, "Taker 150 @ 10045 (750)")]
    [InlineData(MarketImpact.SquareRoot, Side.Buy, 750, "Taker 150 @ 10070 (750)")]
    // The other side: 99.90 x 0.99 = 98.901.
    [InlineData(MarketImpact.Linear, Side.Sell, 1_200, "Taker 600 @ 9890 (1200)")]
    [InlineData(MarketImpact.None, Side.Buy, 1_200, "Cancelled NoLiquidity (600)")]
    public void What_is_more_than_shown_moves_the_price(MarketImpact impact, Side side, long quantity, string last)
    {
        VenueHarness venue = Open(impact);
        OrderId order = venue.Market(At, side, quantity);
        venue.Run(At + 1_000);
        Assert.Equal(last, venue.SaidOf(order)[^1]);

        // What is shown comes first, at its prices.
        Assert.Equal(5, venue.SaidOf(order).Length);
        Assert.Equal(side == Side.Buy ? "Taker 100 @ 10005 (100)" : "Taker 100 @ 10000 (100)", venue.SaidOf(order)[1]);
    }

    [Fact]
    public void What_was_taken_beyond_stays_taken_until_the_book_says_otherwise()
    {
        VenueHarness venue = Open(MarketImpact.Linear);
        venue.Market(At, Side.Buy, 1_200);
        OrderId second = venue.Market(At + 1_000, Side.Buy, 150);
        venue.Show(At + 2_000, MarketScript.StandardBook());
        OrderId third = venue.Market(At + 2_000, Side.Buy, 150);
        venue.Run(At + 3_000);

        // 750 of 600: 1.25 % of 100.15 are 101.401875. After an update what was taken of the levels stays taken, so that 150 are
        // beyond again: 100.400375.
        Assert.Equal(["Accepted", "Taker 150 @ 10145 (150)"], venue.SaidOf(second));
        Assert.Equal(["Accepted", "Taker 150 @ 10045 (150)"], venue.SaidOf(third));
    }

    [Fact]
    public void A_limit_is_never_passed()
    {
        VenueHarness venue = Open(MarketImpact.Linear);
        OrderId order = venue.Limit(At, Side.Buy, 1_200, 10_045, TimeInForce.ImmediateOrCancel);
        venue.Run(At + 1_000);

        // 0.30 of 100.15 are 2,995 millionths: 179.7 of 600, in lots 170, at 100.433... and the tick.
        Assert.Equal(["Taker 170 @ 10045 (770)", "Cancelled NoLiquidity (770)"], venue.SaidOf(order)[4..]);

        VenueHarness resting = Open(MarketImpact.Linear);
        OrderId rests = resting.Limit(At, Side.Buy, 1_200, 10_010);
        resting.Run(At + 1_000);
        Assert.Equal(["Accepted", "Taker 100 @ 10005 (100)", "Taker 200 @ 10010 (300)"], resting.SaidOf(rests));
    }

    [Theory]
    [InlineData(10_120, "Taker 600 @ 10120 (1200)")]
    [InlineData(10_115, "Rejected FillOrKillUnfilled")]
    public void Fill_or_kill_knows_of_it(long limit, string last)
    {
        VenueHarness venue = Open(MarketImpact.Linear);
        OrderId order = venue.Limit(At, Side.Buy, 1_200, limit, TimeInForce.FillOrKill);
        venue.Run(At + 1_000);
        Assert.Equal(last, venue.SaidOf(order)[^1]);
    }

    [Fact]
    public void What_rests_and_is_met_has_no_impact()
    {
        VenueHarness venue = Open(MarketImpact.Linear);
        OrderId order = venue.Limit(At, Side.Buy, 1_200, 10_000);
        venue.Show(At + 1_000, MarketScript.Snapshot([(9_980, 100)], [(9_990, 100)]));
        venue.Run(At + 2_000);
        Assert.Equal(["Accepted", "Maker 100 @ 10000 (100)"], venue.SaidOf(order));
    }

    private static VenueHarness Open(MarketImpact impact)
    {
        VenueHarness venue = new(new SimulatedVenue(new SimulatedVenueSettings
        {
            EntryLatency = 100,
            ResponseLatency = 50,
            Instruments = 2,
            Impact = impact,
            ImpactPpm = 10_000,
        }));
        venue.Show(At - 1_000, MarketScript.Define());
        venue.Show(At - 500, MarketScript.StandardBook());
        return venue;
    }
}
