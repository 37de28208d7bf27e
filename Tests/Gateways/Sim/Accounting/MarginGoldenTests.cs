using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;
using Xunit;
using static LowLatency.Tests.Gateways.Sim.Accounting.MoneyVenue;

namespace LowLatency.Tests.Gateways.Sim.Accounting;

/// <summary>
/// Margin and liquidation by hand. The market shows 99.95 to 100.05, so its middle is 100.00; an order needs 10 % and a position
/// 5 % where nothing else is said.
/// </summary>
public sealed class MarginGoldenTests
{
    private const long Cent = 1_000_000;
    private const long Dollar = 100 * Cent;
    private const long At = Midnight + (2 * Hour);

    private static readonly MarginTier Tenth = new(2020_01_01, default, 0, 100_000, 50_000);

    [Theory]
    // 10.000 at 100.00 are 1,000.00: 100.00 is asked for.
    [InlineData(Side.Buy, 10_000, 10_000, true)]
    [InlineData(Side.Buy, 10_000, 9_999, false)]
    [InlineData(Side.Buy, 10_010, 10_000, false)]
    [InlineData(Side.Sell, 10_000, 10_000, true)]
    [InlineData(Side.Sell, 10_010, 10_000, false)]
    public void An_order_needs_its_initial_margin(Side side, long quantity, long cents, bool accepted)
    {
        VenueHarness venue = Venue(MarginMode.Cross, cents * Cent);
        OrderId order = venue.Market(At, side, quantity);
        venue.Run(At + Hour);
        Assert.Equal(
            accepted ? "Accepted" : "Rejected InsufficientFunds", venue.SaidOf(order)[0]);
    }

    [Theory]
    // Up to 500.00 a tenth, a fifth beyond: 50.00 + 100.00.
    [InlineData(15_000, true)]
    [InlineData(14_999, false)]
    public void A_tier_asks_of_its_part_alone(long cents, bool accepted)
    {
        VenueHarness venue = Venue(MarginMode.Cross, cents * Cent, Tenth, Tenth with { Above = 500 * Dollar, InitialPpm = 200_000 });
        OrderId order = venue.Market(At, Side.Buy, 10_000);
        venue.Run(At + Hour);
        Assert.Equal(accepted ? "Accepted" : "Rejected InsufficientFunds", venue.SaidOf(order)[0]);
    }

    [Fact]
    public void Orders_that_rest_count_at_their_worst_and_those_that_reduce_do_not()
    {
        VenueHarness venue = Venue(MarginMode.Cross, 100 * Dollar);
        OrderId rests = venue.Limit(At, Side.Buy, 6_000, 9_900);
        OrderId other = venue.Limit(At + 1_000, Side.Sell, 10_000, 10_100);
        OrderId more = venue.Limit(At + 2_000, Side.Buy, 4_010, 9_900);
        OrderId fits = venue.Limit(At + 3_000, Side.Buy, 4_000, 9_900);
        OrderId amended = venue.Limit(At + 4_000, Side.Sell, 1_000, 10_100);
        venue.Amend(At + 5_000, rests, 6_010, 9_900);
        venue.Amend(At + 6_000, rests, 5_000, 9_900);
        venue.Run(At + Hour);

        // Ten at most on either side, not on both: a position is one of them.
        Assert.Equal(["Accepted", "AmendRejected InsufficientFunds", "Amended 5000 @ 9900"], venue.SaidOf(rests));
        Assert.Equal(["Accepted"], venue.SaidOf(other));
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(more));
        Assert.Equal(["Accepted"], venue.SaidOf(fits));
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(amended));
    }

    [Theory]
    // Long 10 from 100.05: 100 + 10 P - 1,000.50 against P / 2. At 94.79 that is 47.40 against 47.395, at 94.78 47.30
    // against 47.39. Bankrupt where 10 P = 900.50.
    [InlineData(MarginMode.Cross, Side.Buy, 100, 94_790_000_000, 94_780_000_000, 9_005)]
    // Short 10 from 99.95: 100 + 999.50 - 10 P against P / 2. At 104.71 52.40 against 52.355, at 104.72 52.30 against 52.36.
    // Bankrupt where 10 P = 1,099.50.
    [InlineData(MarginMode.Cross, Side.Sell, 100, 104_710_000_000, 104_720_000_000, 10_995)]
    // Alone, long: backed by a tenth of 1,000.50. At 94.79 47.45 against 47.395, at 94.78 47.35 against 47.39. Bankrupt where
    // 10 P = 900.45: at 90.045, which is 90.05 in whole price units.
    [InlineData(MarginMode.Isolated, Side.Buy, 5_000, 94_790_000_000, 94_780_000_000, 9_005)]
    // Alone, short: backed by 99.95. 99.95 + 999.50 - 10 P: at 104.70 52.45 against 52.35, at 104.71 52.35 against 52.355.
    // Bankrupt where 10 P = 1,099.45: at 109.945, which is 109.94.
    [InlineData(MarginMode.Isolated, Side.Sell, 5_000, 104_700_000_000, 104_710_000_000, 10_994)]
    public void A_position_is_taken_over_at_its_bankruptcy_price_when_its_margin_is_gone(
        MarginMode mode, Side side, long dollars, long lives, long dies, long bankrupt)
    {
        VenueHarness venue = Venue(mode, dollars * Dollar);
        OrderId order = venue.Market(At, side, 10_000);
        OrderId rests = venue.Limit(At + 1_000, side.Opposite(), 1_000, side == Side.Buy ? 12_000 : 8_000);
        venue.Show(At + Hour, Told(lives, 0, 0));
        venue.Run(At + Hour + 1_000);
        Assert.Equal(["Accepted"], venue.SaidOf(rests));
        venue.Show(At + (2 * Hour), Told(dies, 0, 0));
        venue.Show(At + (3 * Hour), Told(dies / 2, 0, 0));
        venue.Run(At + (4 * Hour));

        Assert.Equal(["Accepted", "Cancelled Liquidation"], venue.SaidOf(rests));
        Event taken = Assert.Single(venue.Reports, r => r.Kind == EventKind.Execution && r.Execution.Order != order);
        Assert.Equal((side.Opposite(), bankrupt, 10_000, 0), (
            taken.Execution.Side, taken.Execution.Price, taken.Execution.Quantity, taken.Execution.Fee));
        Assert.Equal((OrderId.None, new VenueId(0x53494D, 2)), (taken.Execution.Order, taken.Execution.ExecutionId));
        Assert.Equal((At + (2 * Hour), At + (2 * Hour) + 50), (taken.VenueTime, taken.ReceivedAt));
    }

    [Fact]
    public void Tiers_count_for_the_maintenance_margin_too()
    {
        // 150 + 10 P - 1,000.50 against 25 + (10 P - 500) / 10: at 91.73 66.80 against 66.73, at 91.72 66.70 against 66.72.
        VenueHarness venue = Venue(
            MarginMode.Cross, 150 * Dollar, Tenth, Tenth with { Above = 500 * Dollar, InitialPpm = 200_000, MaintenancePpm = 100_000 });
        venue.Market(At, Side.Buy, 10_000);
        venue.Show(At + Hour, Told(91_730_000_000, 0, 0));
        venue.Run(At + (2 * Hour) - 1);
        Assert.Single(venue.Reports, r => r.Kind == EventKind.Execution);
        venue.Show(At + (2 * Hour), Told(91_720_000_000, 0, 0));
        venue.Run(At + (3 * Hour));

        // 10 P = 1,000.50 - 150.
        Assert.Equal(8_505, venue.Reports.Last(r => r.Kind == EventKind.Execution).Execution.Price);
    }

    [Fact]
    public void An_inverse_position_loses_its_coin()
    {
        // 90 at 100.05 cost 0.89955022 coin, 0.09 back them. At 95.50 they are 0.94240838 and 0.04714184 is left of 0.04712042;
        // at 95.49 they are 0.94250707 and 0.04704315 is left of 0.04712536. Bankrupt at 90 / 0.98955022 = 90.9504...: 90.96.
        VenueHarness venue = Venue(MarginMode.Cross, 9_000_000, InstrumentKind.Inverse, Tenth);
        venue.Show(At - 1, Told(100_000_000_000, 0, 0));
        venue.Limit(At, Side.Buy, 90_000, 10_005);
        venue.Show(At + Hour, Told(95_500_000_000, 0, 0));
        venue.Run(At + (2 * Hour) - 1);
        Assert.Single(venue.Reports, r => r.Kind == EventKind.Execution);
        venue.Show(At + (2 * Hour), Told(95_490_000_000, 0, 0));
        venue.Run(At + (3 * Hour));
        Execution taken = venue.Reports.Last(r => r.Kind == EventKind.Execution).Execution;
        Assert.Equal((Side.Sell, 9_096, 90_000), (taken.Side, taken.Price, taken.Quantity));
    }

    [Fact]
    public void A_funding_payment_can_be_the_last_straw()
    {
        // At 94.79 47.40 are left of 47.395; 10 x 94.79 x 0.0001 = 0.09479 is paid. Bankrupt where 10 P = 1,000.50 - 99.90521.
        VenueHarness venue = Venue(MarginMode.Cross, 100 * Dollar);
        venue.Market(At, Side.Buy, 10_000);
        venue.Show(At + Hour, Told(94_790_000_000, 100_000_000, At + (2 * Hour)));
        venue.Run(At + (3 * Hour));
        Event[] last = [.. venue.Reports.TakeLast(2)];
        Assert.Equal([EventKind.CashBooked, EventKind.Execution], last.Select(e => e.Kind));
        Assert.Equal((-9_479_000, 9_006), (last[0].CashBooked.Amount, last[1].Execution.Price));
        Assert.Equal([At + (2 * Hour), At + (2 * Hour)], last.Select(e => e.VenueTime));
    }

    [Fact]
    public void Two_positions_in_cross_share_what_is_left_by_their_size()
    {
        VenueHarness venue = Venue(MarginMode.Cross, 101 * Dollar);
        InstrumentId second = new(2);
        Event defined = MarketScript.Define(2);
        Event quote = MarketScript.Quote(9_995, 90_000, 10_005, 90_000);
        quote.Instrument = second;
        venue.Show(At - 1, defined, quote);
        venue.Market(At, Side.Buy, 5_000);
        Command other = venue.NewOrder(Side.Buy, 5_000, 0, OrderType.Market, TimeInForce.ImmediateOrCancel);
        other.Instrument = second;
        venue.Send(At + 1_000, other);
        venue.Show(At + Hour, Told(89_360_000_000, 0, 0));
        venue.Run(At + (2 * Hour));

        // 101 + 446.80 + 500 - 1,000.50 = 47.30 against 47.34. The first loses 47.30 x 446.80 / 946.80 = 22.321...:
        // (446.80 - 22.321...) / 5 = 84.895...; the second (500 - 24.978...) / 5 = 95.004...
        Assert.Equal(
            [((ushort)1, 8_490L), ((ushort)2, 9_501L)],
            venue.Reports.Where(r => r.Kind == EventKind.Execution).Skip(2).Select(r => (r.Instrument.Value, r.Execution.Price)));
    }

    [Fact]
    public void Who_closes_needs_no_margin()
    {
        VenueHarness venue = Venue(MarginMode.Cross, 100 * Dollar);
        venue.Market(At, Side.Buy, 10_000);
        venue.Show(At + Hour, Told(95_000_000_000, 0, 0));
        OrderId more = venue.Market(At + Hour + 1, Side.Buy, 20);
        OrderId turns = venue.Market(At + Hour + 2, Side.Sell, 20_010);
        OrderId closes = venue.Market(At + Hour + 3, Side.Sell, 10_000);
        venue.Run(At + (2 * Hour));
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(more));
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(turns));
        Assert.Equal(["Accepted", "Taker 10000 @ 9995 (10000)"], venue.SaidOf(closes));
    }

    [Fact]
    public void Where_nothing_is_asked_nobody_is_liquidated()
    {
        VenueHarness venue = Venue(MarginMode.None, 1);
        venue.Market(At, Side.Buy, 10_000);
        venue.Show(At + Hour, Told(1_000_000_000, 0, 0));
        venue.Run(At + (2 * Hour));
        Assert.Single(venue.Reports, r => r.Kind == EventKind.Execution);
    }

    [Fact]
    public void A_day_without_a_tier_refuses()
    {
        VenueHarness venue = Venue(MarginMode.Cross, 1_000 * Dollar, Tenth with { From = 2024_10_05 });
        OrderId early = venue.Market(At, Side.Buy, 1_000);
        OrderId late = venue.Market(At + Day, Side.Buy, 1_000);
        venue.Run(At + (2 * Day));
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(early));
        Assert.Equal("Accepted", venue.SaidOf(late)[0]);
    }

    [Theory]
    [InlineData(0, 100_000, 0, "maintenance margin above 0")]
    [InlineData(0, 49_999, 50_000, "at most the initial margin")]
    [InlineData(0, 1_000_001, 50_000, "at most 100 %")]
    [InlineData(1, 100_000, 50_000, "must begin above 0")]
    public void An_impossible_tier_is_refused(long above, int initial, int maintenance, string said)
    {
        MarginTier wrong = new(2020_01_01, default, above, initial, maintenance);
        Assert.Contains(said, MoneyRules.Problem(wrong, []), System.StringComparison.Ordinal);
        Assert.Throws<BrokenInvariantException>(() => Venue(MarginMode.Cross, 1, wrong));
        Assert.Throws<BrokenInvariantException>(() => Open(new MoneyRules(), with: s => s with { Margin = MarginMode.Cross }));
    }

    private static VenueHarness Venue(MarginMode mode, long cash, params MarginTier[] tiers) =>
        Venue(mode, cash, InstrumentKind.Linear, tiers);

    private static VenueHarness Venue(MarginMode mode, long cash, InstrumentKind kind, params MarginTier[] tiers)
    {
        VenueHarness venue = Open(
            new MoneyRules { Margin = tiers.Length == 0 ? [Tenth] : tiers }, kind, with: s => s with { Margin = mode });
        Event paid = new() { Source = EventSource.Engine, Flags = EventFlags.Whole };
        paid.Set(new CashMoved { Currency = Currency8.Of("USD"), Amount = cash });
        venue.Show(Midnight + Hour, paid);
        return venue;
    }
}
