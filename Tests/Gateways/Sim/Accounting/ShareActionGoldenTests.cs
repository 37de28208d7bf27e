using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using LowLatency.Gateways.Sim.Accounting;
using LowLatency.Tests.Core.Market;
using Xunit;
using static LowLatency.Tests.Gateways.Sim.Accounting.MoneyVenue;

namespace LowLatency.Tests.Gateways.Sim.Accounting;

/// <summary>
/// Splits, dividends and delistings at the venue, by hand. A fill is at the quote of 99.95 and 100.05; quantities are thousandths
/// of shares, so 10,010 are 10.01 shares.
/// </summary>
public sealed class ShareActionGoldenTests
{
    private const long At = Midnight + (12 * Hour);

    [Theory]
    // 10.01 shares, 7 for 1: 70.07, nothing is left.
    [InlineData(Side.Buy, 10_010, 7, 1, 70_070, 0)]
    // 10.01 shares, 3 for 2: 15.015. Whole thousandths.
    [InlineData(Side.Buy, 10_010, 3, 2, 15_015, 0)]
    // 10.01 shares, 1 for 3: 3.336 and two thirds of a thousandth, worth 3 x 90.00 x 0.000666... = 0.18.
    [InlineData(Side.Buy, 10_010, 1, 3, 3_336, 18_000_000)]
    // Short: the same is paid.
    [InlineData(Side.Sell, 10_010, 1, 3, -3_336, -18_000_000)]
    // 10 shares, 1 for 7: 1.428 and 4/7 of a thousandth, worth 7 x 90.00 x 0.000571428... = 0.36.
    [InlineData(Side.Buy, 10_000, 1, 7, 1_428, 36_000_000)]
    // 0.05 shares, 7 for 3: 0.116 and 2/3 of a thousandth, 3/7 x 90.00 x 0.000666... = 0.025714285714...
    [InlineData(Side.Buy, 50, 7, 3, 116, 2_571_428)]
    [InlineData(Side.Sell, 50, 7, 3, -116, -2_571_429)]
    public void A_split_multiplies_the_position_and_pays_what_is_left_of_a_share(
        Side side, long quantity, long fresh, long old, long after, long paid)
    {
        VenueHarness venue = Open(new MoneyRules(), InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), side, quantity);
        venue.Show(At, Split(fresh, old, 90_000_000_000));
        venue.Run(At + Hour);
        CashBooked[] booked = venue.Booked();
        Assert.Equal(paid == 0 ? 0 : 1, booked.Length);
        if (paid != 0)
        {
            Assert.Equal((paid, BookingReason.CashInLieu), (booked[0].Amount, booked[0].Reason));
            Assert.Equal((90_000_000_000, side.Sign() * quantity), (booked[0].AtPrice, booked[0].Position));
        }

        Assert.Equal(after, Held(venue));
    }

    [Fact]
    public void Where_no_close_is_told_the_rest_is_paid_at_the_last_price()
    {
        VenueHarness venue = Open(new MoneyRules(), InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), Side.Buy, 10_010);
        venue.Show(Midnight + (3 * Hour), MarketScript.Trade(10_200, 10, Side.Buy));
        venue.Show(At, Split(1, 3, 0));
        venue.Run(At + Hour);

        // 3 x 102.00 x 0.000666... = 0.204.
        Assert.Equal(20_400_000, Assert.Single(venue.Booked()).Amount);
    }

    [Fact]
    public void Orders_of_old_shares_end_and_those_on_their_way_are_refused()
    {
        VenueHarness venue = Open(new MoneyRules(), InstrumentKind.Equity);
        OrderId resting = venue.Limit(Midnight + (2 * Hour), Side.Buy, 1_000, 9_000);
        OrderId asleep = venue.Sleeper(Midnight + (2 * Hour), Side.Sell, 1_000, OrderType.Stop, trigger: 8_000);
        OrderId waiting = venue.Sleeper(
            Midnight + (2 * Hour), Side.Sell, 1_000, OrderType.TrailingStop, trailing: 500);
        OrderId late = venue.Limit(At - 50, Side.Buy, 1_000, 9_000);
        venue.Show(At, Split(2, 1, 90_000_000_000));
        venue.Run(At + Hour);
        foreach (OrderId ended in new[] { resting, asleep, waiting })
        {
            Assert.Equal(["Accepted", "Cancelled CorporateAction"], venue.SaidOf(ended));
        }

        Assert.Equal(["Rejected CorporateAction"], venue.SaidOf(late));

        // What is sent after it is of new shares: the book of old ones is gone, and a cancel finds nothing.
        OrderId early = venue.Limit(At + (2 * Hour), Side.Buy, 1_000, 4_500);
        venue.Cancel(At + (2 * Hour), resting);
        venue.Show(At + (3 * Hour), MarketScript.Quote(4_990, 90_000, 5_010, 90_000));
        OrderId order = venue.Limit(At + (3 * Hour), Side.Buy, 1_000, 5_010);
        venue.Run(At + (4 * Hour));
        Assert.Equal(["Rejected NoMarket"], venue.SaidOf(early));
        Assert.Equal("CancelRejected UnknownOrder", venue.SaidOf(resting)[^1]);
        Assert.Equal(["Accepted", "Taker 1000 @ 5010 (1000)"], venue.SaidOf(order));
    }

    [Theory]
    // 10.01 shares at 0.205: 2.05205. Shorts pay.
    [InlineData(Side.Buy, 10_010, 205_000_000, 205_205_000)]
    [InlineData(Side.Sell, 10_010, 205_000_000, -205_205_000)]
    // 0.05 shares at 0.000000333: 0.00000001665: one unit received, two paid.
    [InlineData(Side.Buy, 50, 333, 1)]
    [InlineData(Side.Sell, 50, 333, -2)]
    public void A_dividend_is_paid_on_what_is_held_when_the_day_begins(Side side, long quantity, long each, long paid)
    {
        VenueHarness venue = Open(new MoneyRules(), InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), side, quantity);
        venue.Show(At, Dividend(each));
        venue.Market(At + Hour, side, quantity);
        venue.Run(At + (2 * Hour));
        CashBooked booked = Assert.Single(venue.Booked());
        Assert.Equal((paid, each, BookingReason.Dividend), (booked.Amount, booked.AtPrice, booked.Reason));
        Assert.Equal(At, venue.Reports.Single(r => r.Kind == EventKind.CashBooked).VenueTime);
    }

    [Theory]
    // 0.75 on 10 shares, owed on the ex-date, paid 20 days later: by the data, by the rule of the share, by that of all.
    [InlineData(20, -1, -1, 20)]
    [InlineData(20, 5, -1, 20)]
    [InlineData(0, 20, -1, 20)]
    [InlineData(0, -1, 20, 20)]
    [InlineData(0, 20, 3, 20)]
    [InlineData(0, 0, 3, 0)]
    [InlineData(0, -1, -1, 0)]
    public void A_dividend_is_owed_to_who_holds_on_its_ex_date_and_paid_when_it_is_paid(int told, int own, int all, int days)
    {
        DividendRule[] rules =
        [
            .. all < 0 ? (DividendRule[])[] : [new DividendRule(2024_01_01, default, all)],
            .. own < 0 ? (DividendRule[])[] : [new DividendRule(2024_01_01, Symbol24.Of("TEST"), own)],
        ];
        VenueHarness venue = Open(new MoneyRules { Dividends = rules }, InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), Side.Buy, 10_000);
        venue.Show(At, Action(new CorporateAction
        {
            Action = CorporateActionKind.Dividend,
            CashPerShare = 750_000_000,
            PayAfterDays = (ushort)told,
        }));

        // What was sold and bought again afterwards is not entitled to less or more.
        venue.Market(At + Hour, Side.Sell, 10_000);
        venue.Market(At + (2 * Hour), Side.Buy, 3_000);
        venue.Run(At + (days * Day) - 1);
        Assert.Empty(days == 0 ? [] : venue.Booked());
        venue.Run(At + (days * Day) + Hour);
        CashBooked booked = Assert.Single(venue.Booked());
        Assert.Equal((750_000_000, 750_000_000, 10_000), (booked.Amount, booked.AtPrice, booked.Position));
        Assert.Equal(At + (days * Day), venue.Reports.Single(r => r.Kind == EventKind.CashBooked).VenueTime);
    }

    [Fact]
    public void Dividends_are_paid_in_the_order_of_their_days_and_shorts_pay_them()
    {
        VenueHarness venue = Open(new MoneyRules(), InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), Side.Sell, 10_000);
        foreach ((long each, ushort days) in ((long, ushort)[])[(3_000_000_000, 9), (1_000_000_000, 2), (2_000_000_000, 9), (4_000_000_000, 0)])
        {
            venue.Show(At, Action(new CorporateAction { Action = CorporateActionKind.Dividend, CashPerShare = each, PayAfterDays = days }));
        }

        // The split does not change what is owed.
        venue.Show(At + Day, Split(2, 1, 0));
        venue.Run(At + (10 * Day));
        Assert.Equal([-4_000_000_000, -1_000_000_000, -3_000_000_000, -2_000_000_000], venue.Booked().Select(b => b.Amount));
        Assert.Equal(4, venue.Booked().Select(b => b.BookingId).Distinct().Count());
    }

    [Fact]
    public void A_venue_that_is_restored_between_ex_date_and_payment_pays_the_same()
    {
        VenueHarness venue = Open(new MoneyRules(), InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), Side.Buy, 10_000);
        venue.Show(At, Action(new CorporateAction { Action = CorporateActionKind.Dividend, CashPerShare = 750_000_000, PayAfterDays = 3 }));
        venue.Run(At + Day);
        SimulatedVenue restored = new(new SimulatedVenueSettings { EntryLatency = 100, ResponseLatency = 50, Instruments = 2 });
        RestoringVisitor.Restore(restored, SavingVisitor.Save((SimulatedVenue)venue.Venue));
        Assert.Equal(venue.Venue.NextDue, restored.NextDue);
        Assert.Equal(At + (3 * Day) + 50, restored.NextDue);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(367)]
    public void An_impossible_pay_date_is_refused(int days) => Assert.Equal(
        "must have payAfterDays of 0 to 366", MoneyRules.Problem(new DividendRule(2024_01_01, default, days), []));

    [Fact]
    public void A_dividend_of_the_instant_of_a_split_is_of_old_shares_and_each_booking_has_its_id()
    {
        VenueHarness venue = Open(new MoneyRules(), InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), Side.Buy, 10_000);
        venue.Show(At, Dividend(1_000_000_000), Dividend(500_000_000), Split(1, 3, 90_000_000_000));
        venue.Run(At + Hour);
        CashBooked[] booked = venue.Booked();

        // 10 x 1.00, 10 x 0.50, and a third of a thousandth at 3 x 90.00.
        Assert.Equal([1_000_000_000, 500_000_000, 9_000_000], booked.Select(b => b.Amount));
        Assert.Equal(3, booked.Select(b => b.BookingId).Distinct().Count());
    }

    [Theory]
    // At the last print of 77.77; the position of 10.01 shares is sold.
    [InlineData(Side.Buy, -1, 7_777)]
    [InlineData(Side.Sell, -1, 7_777)]
    // At the declared 1.005: a cent less for who sells, a cent more for who has to buy.
    [InlineData(Side.Buy, 1_005_000_000, 100)]
    [InlineData(Side.Sell, 1_005_000_000, 101)]
    [InlineData(Side.Buy, 0, 0)]
    public void A_delisting_closes_the_position(Side side, long declared, long price)
    {
        MoneyRules rules = declared < 0 ? new MoneyRules() : new MoneyRules
        {
            Delistings = [new DelistingRule(2020_01_01, default, 5_000_000_000), new DelistingRule(2024_10_04, default, declared)],
        };
        VenueHarness venue = Open(rules, InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), side, 10_010);
        OrderId resting = venue.Limit(Midnight + (2 * Hour), Side.Sell, 1_000, 12_000);
        venue.Show(Midnight + (3 * Hour), MarketScript.Trade(7_777, 10, Side.None));
        venue.Show(At, Action(new CorporateAction { Action = CorporateActionKind.Delisted }));
        venue.Show(At + Hour, MarketScript.Status(TradingStatus.Open), MarketScript.Quote(9_995, 90_000, 10_005, 90_000));
        OrderId after = venue.Market(At + Hour, Side.Buy, 1_000);
        venue.Run(At + (2 * Hour));
        Execution close = Assert.Single(
            venue.Reports, r => r.Kind == EventKind.Execution && r.Execution.Order.IsNone).Execution;
        Assert.Equal((price, 10_010L, side.Opposite(), 0L), (close.Price, close.Quantity, close.Side, close.Fee));
        Assert.Equal(0, Held(venue));
        Assert.Equal("Cancelled CorporateAction", venue.SaidOf(resting)[^1]);
        Assert.Equal(["Rejected NotTrading"], venue.SaidOf(after));
    }

    [Fact]
    public void What_is_only_told_and_a_new_name_move_nothing()
    {
        VenueHarness venue = Open(new MoneyRules(), InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), Side.Buy, 10_000);
        OrderId resting = venue.Limit(Midnight + (2 * Hour), Side.Buy, 1_000, 9_000);
        Event told = Split(2, 1, 90_000_000_000);
        told.CorporateAction.Effect = CorporateActionEffect.Told;
        venue.Show(
            At, told, Action(new CorporateAction { Action = CorporateActionKind.Renamed, NewSymbol = Symbol24.Of("NEW") }));
        venue.Run(At + Hour);
        Assert.Equal(["Accepted"], venue.SaidOf(resting));
        Assert.Empty(venue.Booked());
        Assert.Equal(10_000, Held(venue));
    }

    // What the venue counts as held: so much it pays as a dividend of 1.00.
    private static long Held(VenueHarness venue)
    {
        int before = venue.Booked().Length;
        venue.Show(venue.Now + Hour, Dividend(1_000_000_000));
        venue.Run(venue.Now + Hour);
        return venue.Booked().Skip(before).Sum(booked => booked.Amount) / 100_000;
    }

    private static Event Split(long fresh, long old, long close) => Action(new CorporateAction
    {
        Action = CorporateActionKind.Split,
        NewShares = fresh,
        OldShares = old,
        ReferencePrice = close,
    });

    private static Event Dividend(long each) =>
        Action(new CorporateAction { Action = CorporateActionKind.Dividend, CashPerShare = each });

    private static Event Action(CorporateAction action)
    {
        Event e = new() { Instrument = MarketScript.Instrument, Source = EventSource.Lean, Flags = EventFlags.Whole };
        action.Effect = CorporateActionEffect.InForce;
        e.Set(action);
        return e;
    }
}
