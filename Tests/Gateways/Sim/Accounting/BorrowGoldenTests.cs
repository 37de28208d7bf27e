using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;
using Xunit;
using static LowLatency.Tests.Gateways.Sim.Accounting.MoneyVenue;

namespace LowLatency.Tests.Gateways.Sim.Accounting;

/// <summary>The fee for borrowed shares, by hand: value at the last print x rate / 360 for each midnight UTC.</summary>
public sealed class BorrowGoldenTests
{
    [Theory]
    // 10 shares at 100.00 and 3.6 % a year: 1,000 / 10,000 a day.
    [InlineData(10_000, 36_000, 10_000, -10_000_000)]
    // 0.02 shares at 100.01 and 2.5 %: 2.0002 x 0.000069444445 (rounded up) = 0.0001389027...: rounded up.
    [InlineData(20, 25_000, 10_001, -13_891)]
    [InlineData(10_000, 0, 10_000, 0)]
    public void Who_is_short_pays_each_midnight(long quantity, int annual, long last, long amount)
    {
        VenueHarness venue = Open(Rules(annual), InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), Side.Sell, quantity);
        venue.Show(Midnight + (3 * Hour), MarketScript.Trade(last, 10, Side.None));
        venue.Run(Midnight + (2 * Day) + Hour);
        CashBooked[] booked = venue.Booked();
        Assert.Equal([amount, amount], booked.Select(b => b.Amount));
        Assert.All(booked, b => Assert.Equal((BookingReason.Borrow, -quantity), (b.Reason, b.Position)));
        Assert.Equal(
            [Midnight + Day, Midnight + (2 * Day)],
            venue.Reports.Where(r => r.Kind == EventKind.CashBooked).Select(r => r.VenueTime));
    }

    [Fact]
    public void Who_holds_shares_or_nothing_pays_nothing_and_no_instant_is_named()
    {
        VenueHarness venue = Open(Rules(36_000), InstrumentKind.Equity);
        venue.Run(Midnight + Day + Hour);
        venue.Market(Midnight + Day + (2 * Hour), Side.Buy, 10_000);
        venue.Run(Midnight + (3 * Day));
        Assert.Empty(venue.Booked());
        Assert.Equal(long.MaxValue, venue.Venue.NextDue);
    }

    [Fact]
    public void A_day_is_paid_by_the_rule_of_that_day()
    {
        // 2024-10-04 at 3.6 %, from the fifth on 7.2 %: the midnight that ends the fourth is still the old rule's.
        VenueHarness venue = Open(
            new MoneyRules
            {
                Borrow = [new BorrowRule(2024_10_04, default, 36_000), new BorrowRule(2024_10_05, default, 72_000)],
            },
            InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), Side.Sell, 10_000);
        venue.Show(Midnight + (3 * Hour), MarketScript.Trade(10_000, 10, Side.None));
        venue.Run(Midnight + (2 * Day) + Hour);
        Assert.Equal([-10_000_000, -20_000_000], venue.Booked().Select(b => b.Amount));
    }

    [Fact]
    public void Derivatives_and_rules_of_others_are_not_touched()
    {
        VenueHarness linear = Open(Rules(36_000));
        linear.Market(Midnight + (2 * Hour), Side.Sell, 10_000);
        linear.Run(Midnight + (2 * Day));
        Assert.Empty(linear.Booked());
        VenueHarness other = Open(
            new MoneyRules { Borrow = [new BorrowRule(2020_01_01, Symbol24.Of("OTHER"), 36_000)] }, InstrumentKind.Equity);
        other.Market(Midnight + (2 * Hour), Side.Sell, 10_000);
        other.Run(Midnight + (2 * Day));
        Assert.Empty(other.Booked());
    }

    private static MoneyRules Rules(int annual) => new() { Borrow = [new BorrowRule(2020_01_01, default, annual)] };
}
