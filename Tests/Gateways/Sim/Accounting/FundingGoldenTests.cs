using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;
using Xunit;
using static LowLatency.Tests.Gateways.Sim.Accounting.MoneyVenue;

namespace LowLatency.Tests.Gateways.Sim.Accounting;

/// <summary>Funding by hand. Eight o'clock on the fourth of October 2024 is the instant of most cases.</summary>
public sealed class FundingGoldenTests
{
    private const long Eight = Midnight + (8 * Hour);

    // 100.00 and 0.01 %.
    private const long Mark = 100_000_000_000;
    private const long Rate = 100_000_000;

    private static readonly MoneyRules None = new();

    [Theory]
    // 10 x 100.00 x 0.0001 = 0.1: longs pay a positive rate, shorts a negative one.
    [InlineData(Side.Buy, 10_000, Mark, Rate, -10_000_000)]
    [InlineData(Side.Sell, 10_000, Mark, Rate, 10_000_000)]
    [InlineData(Side.Buy, 10_000, Mark, -Rate, 10_000_000)]
    [InlineData(Side.Sell, 10_000, Mark, -Rate, -10_000_000)]
    [InlineData(Side.Buy, 10_000, Mark, 0, 0)]
    // 0.1 x 100.123456789 x 0.000123456789 = 0.0012360920471...: paid 123,610, received 123,609.
    [InlineData(Side.Buy, 100, 100_123_456_789, 123_456_789, -123_610)]
    [InlineData(Side.Sell, 100, 100_123_456_789, 123_456_789, 123_609)]
    public void A_linear_position_pays_its_value_at_the_mark_times_the_rate(
        Side side, long quantity, long mark, long rate, long amount)
    {
        VenueHarness venue = Open(None);
        venue.Show(Midnight + (2 * Hour), Told(mark, rate, Eight));
        venue.Market(Midnight + (3 * Hour), side, quantity);
        venue.Run(Midnight + Day);
        CashBooked booked = Assert.Single(venue.Booked());
        Assert.Equal(amount, booked.Amount);
        Assert.Equal((mark, side.Sign() * quantity, rate), (booked.AtPrice, booked.Position, booked.Rate));
        Assert.Equal(BookingReason.Funding, booked.Reason);
    }

    [Theory]
    // 90 / 50,000 = 0.0018 coin x 0.0001 = 18 units of 10^-8.
    [InlineData(Side.Buy, 50_000_000_000_000, -18)]
    [InlineData(Side.Sell, 50_000_000_000_000, 18)]
    // 90 / 70,000 x 0.0001 = 12.857... units.
    [InlineData(Side.Buy, 70_000_000_000_000, -13)]
    [InlineData(Side.Sell, 70_000_000_000_000, 12)]
    public void An_inverse_position_pays_in_coin(Side side, long mark, long amount)
    {
        VenueHarness venue = Open(None, InstrumentKind.Inverse);
        venue.Show(Midnight + (2 * Hour), Told(mark, Rate, Eight));
        venue.Limit(Midnight + (3 * Hour), side, 90_000, side == Side.Buy ? 10_005 : 9_995);
        venue.Run(Midnight + Day);
        Assert.Equal(amount, Assert.Single(venue.Booked()).Amount);
    }

    [Fact]
    public void It_is_booked_at_its_instant_and_told_after_the_response_latency_with_an_id_of_its_own()
    {
        VenueHarness venue = Open(None);
        venue.Show(Midnight + (2 * Hour), Told(Mark, Rate, Eight));
        venue.Market(Midnight + (3 * Hour), Side.Buy, 1_000);
        venue.Run(Midnight + Day);
        Event report = venue.Reports.Single(r => r.Kind == EventKind.CashBooked);
        Assert.Equal((Eight, Eight + 50), (report.VenueTime, report.ReceivedAt));

        // "SIM", reason 1, instrument 1; the instant.
        Assert.Equal(new VenueId(0x53494D_0001_0001, (ulong)Eight), report.CashBooked.BookingId);
    }

    [Fact]
    public void Who_holds_nothing_is_told_nothing()
    {
        VenueHarness venue = Open(None);
        venue.Show(Midnight + (2 * Hour), Told(Mark, Rate, Eight));
        OrderId order = venue.Market(Eight + Hour, Side.Buy, 1_000);
        venue.Run(Midnight + Day);
        Assert.Empty(venue.Booked());
        Assert.Equal(["Accepted", "Taker 1000 @ 10005 (1000)"], venue.SaidOf(order));
    }

    [Fact]
    public void An_order_that_arrives_at_the_instant_comes_after_the_payment()
    {
        VenueHarness opens = Open(None);
        opens.Show(Midnight + (2 * Hour), Told(Mark, Rate, Eight));
        opens.Market(Eight - 100, Side.Buy, 1_000);
        opens.Run(Midnight + Day);
        Assert.Empty(opens.Booked());

        VenueHarness closes = Open(None);
        closes.Show(Midnight + (2 * Hour), Told(Mark, Rate, Eight));
        closes.Market(Midnight + (3 * Hour), Side.Buy, 1_000);
        closes.Market(Eight - 100, Side.Sell, 1_000);
        closes.Run(Midnight + Day);
        Assert.Single(closes.Booked());
    }

    [Fact]
    public void An_order_that_is_filled_by_the_market_of_the_instant_comes_before_the_payment()
    {
        VenueHarness venue = Open(None);
        venue.Show(Midnight + (2 * Hour), Told(Mark, Rate, Eight));
        venue.Limit(Midnight + (3 * Hour), Side.Buy, 1_000, 9_990);
        venue.Show(Eight, MarketScript.Trade(9_985, 5_000, Side.Sell));
        venue.Run(Midnight + Day);
        Assert.Equal(1_000, Assert.Single(venue.Booked()).Position);
    }

    [Fact]
    public void The_last_word_before_the_instant_counts()
    {
        VenueHarness venue = Open(None);
        venue.Show(Midnight + (2 * Hour), Told(Mark, Rate, Eight));
        venue.Market(Midnight + (3 * Hour), Side.Buy, 10_000);
        venue.Show(Eight - 1, Told(2 * Mark, 3 * Rate, Eight));
        venue.Run(Midnight + Day);

        // 10 x 200.00 x 0.0003 = 0.6.
        Assert.Equal(-60_000_000, Assert.Single(venue.Booked()).Amount);
    }

    [Fact]
    public void Word_of_the_next_payment_at_the_instant_of_one_does_not_take_it_away()
    {
        VenueHarness venue = Open(None);
        venue.Show(Midnight + (2 * Hour), Told(Mark, Rate, Eight));
        venue.Market(Midnight + (3 * Hour), Side.Buy, 10_000);
        venue.Show(Eight, Told(Mark, 5 * Rate, Eight + (8 * Hour)));
        venue.Run(Midnight + Day);

        // 0.1 at eight, 0.5 at sixteen.
        Assert.Equal([-10_000_000L, -50_000_000L], venue.Booked().Select(b => b.Amount));
    }

    [Fact]
    public void Without_another_word_nothing_more_is_paid()
    {
        VenueHarness venue = Open(None);
        venue.Show(Midnight + (2 * Hour), Told(Mark, Rate, Eight));
        venue.Market(Midnight + (3 * Hour), Side.Buy, 10_000);
        venue.Run(Midnight + (9 * Day));
        Assert.Single(venue.Booked());
    }

    [Fact]
    public void A_declared_schedule_pays_from_midnight_in_its_steps_at_the_last_price()
    {
        MoneyRules rules = new()
        {
            Funding =
            [
                new FundingRule(2020_01_01, default, 480, Rate),
                new FundingRule(2024_10_05, default, 240, -Rate),
            ],
        };
        VenueHarness venue = Open(rules);
        venue.Show(Midnight + (2 * Hour), MarketScript.Trade(10_000, 10, Side.Buy));
        venue.Market(Midnight + (3 * Hour), Side.Buy, 10_000);
        venue.Run(Midnight + Day + (5 * Hour));

        // At 8 and 16 o'clock 10 x 100.00 x 0.0001 = 0.1 is paid, from the next midnight on it is received every 4 hours.
        Assert.Equal([-10_000_000L, -10_000_000L, 10_000_000L, 10_000_000L], venue.Booked().Select(b => b.Amount));
        Assert.Equal(
            [Eight, Eight + (8 * Hour), Midnight + Day, Midnight + Day + (4 * Hour)],
            venue.Reports.Where(r => r.Kind == EventKind.CashBooked).Select(r => r.VenueTime));
    }

    [Fact]
    public void What_the_data_tells_replaces_the_schedule()
    {
        MoneyRules rules = new() { Funding = [new FundingRule(2020_01_01, default, 60, Rate)] };
        VenueHarness venue = Open(rules);
        venue.Show(Midnight + Hour + 1, Told(Mark, 2 * Rate, Eight));
        venue.Market(Midnight + Hour + 2, Side.Buy, 10_000);
        venue.Run(Midnight + Day);
        Assert.Equal(-20_000_000, Assert.Single(venue.Booked()).Amount);
    }

    [Fact]
    public void What_is_settled_in_cash_pays_none()
    {
        MoneyRules rules = new() { Funding = [new FundingRule(2020_01_01, default, 60, Rate)] };
        VenueHarness venue = Open(rules, InstrumentKind.Spot);
        venue.Market(Midnight + (3 * Hour), Side.Buy, 10_000);
        venue.Run(Midnight + Day);
        Assert.Empty(venue.Booked());
    }

    [Theory]
    [InlineData(7, 0, "divide a day")]
    [InlineData(0, 0, "divide a day")]
    [InlineData(480, 1_000_000_000_001, "at most 100 %")]
    public void An_impossible_schedule_is_refused(int minutes, long rate, string said)
    {
        FundingRule wrong = new(2020_01_01, default, minutes, rate);
        Assert.Contains(said, MoneyRules.Problem(wrong, []), System.StringComparison.Ordinal);
        Assert.Throws<BrokenInvariantException>(() => Open(new MoneyRules { Funding = [wrong] }));
    }
}
