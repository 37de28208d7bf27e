using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim.Accounting;

/// <summary>
/// Accounts with shares at the venue, by hand: 99.95 bid, 100.05 asked, quantities in thousandths of a share, lots of 0.01. The
/// days are those of New York around the change to T+1: 27 May 2024 is a holiday.
/// </summary>
public sealed class ShareBookGoldenTests
{
    private const long Dollar = 100_000_000;
    private const long Hour = 3_600_000_000_000;

    private static readonly int[] Days =
    [
        2024_05_23, 2024_05_24, 2024_05_28, 2024_05_29, 2024_05_30, 2024_05_31, 2024_06_03, 2024_06_04, 2024_06_05, 2024_06_06,
        2024_09_06,
    ];

    [Theory]
    // 49.97 x 100.05 = 4,999.4985; 49.98 x 100.05 = 5,000.499.
    [InlineData(49_970, 0, true)]
    [InlineData(49_980, 0, false)]
    // With 0.1 %: 49.92 x 100.05 x 1.001 = 4,999.490496; 49.93 x 100.05 x 1.001 = 5,000.4919965.
    [InlineData(49_920, 1_000, true)]
    [InlineData(49_930, 1_000, false)]
    public void Cash_pays_for_purchases_and_their_fees(long quantity, int feePpm, bool taken)
    {
        VenueHarness venue = Open(AccountKind.Cash, 2024_05_23, 5_000 * Dollar, feePpm);
        OrderId order = venue.Market(At(2024_05_23), Side.Buy, quantity);
        venue.Run(At(2024_05_23) + Hour);
        Assert.Equal(taken ? "Accepted" : "Rejected InsufficientFunds", venue.SaidOf(order)[0]);
    }

    [Fact]
    public void What_rests_reserves_what_it_says_and_an_amendment_cannot_take_more()
    {
        VenueHarness venue = Open(AccountKind.Cash, 2024_05_23, 5_000 * Dollar);

        // 30 x 90.00 = 2,700; 23 x 100.00 = 2,300; a cent more is too much.
        OrderId first = venue.Limit(At(2024_05_23), Side.Buy, 30_000, 9_000);
        OrderId second = venue.Limit(At(2024_05_23) + 1, Side.Buy, 23_000, 10_000);
        OrderId third = venue.Limit(At(2024_05_23) + 2, Side.Buy, 20, 9_000);
        venue.Amend(At(2024_05_23) + Hour, first, 30_010, 9_000);
        venue.Amend(At(2024_05_23) + (2 * Hour), first, 29_000, 9_000);
        OrderId fourth = venue.Limit(At(2024_05_23) + (3 * Hour), Side.Buy, 1_000, 9_000);
        venue.Run(At(2024_05_23) + (4 * Hour));
        Assert.Equal(["Accepted", "AmendRejected InsufficientFunds", "Amended 29000 @ 9000"], venue.SaidOf(first));
        Assert.Equal(["Accepted"], venue.SaidOf(second));
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(third));
        Assert.Equal(["Accepted"], venue.SaidOf(fourth));
    }

    [Fact]
    public void A_cash_account_sells_what_it_has_once_and_nothing_short()
    {
        VenueHarness venue = Open(AccountKind.Cash, 2024_05_23, 5_000 * Dollar);
        OrderId naked = venue.Market(At(2024_05_23), Side.Sell, 1_000);
        venue.Market(At(2024_05_23) + 1, Side.Buy, 10_000);
        OrderId rests = venue.Limit(At(2024_05_23) + Hour, Side.Sell, 10_000, 11_000);
        OrderId again = venue.Limit(At(2024_05_23) + Hour + 1, Side.Sell, 10_000, 11_000);
        OrderId more = venue.Market(At(2024_05_23) + Hour + 2, Side.Sell, 20);
        venue.Run(At(2024_05_23) + (2 * Hour));
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(naked));
        Assert.Equal(["Accepted"], venue.SaidOf(rests));
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(again));
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(more));
    }

    [Theory]
    // Before 28 May 2024 two business days: Friday's sale settles on Wednesday, with the holiday between.
    [InlineData(2024_05_24, 2024_05_28, false)]
    [InlineData(2024_05_24, 2024_05_29, true)]
    [InlineData(2024_05_23, 2024_05_24, false)]
    [InlineData(2024_05_23, 2024_05_28, true)]
    // From then on one.
    [InlineData(2024_05_28, 2024_05_28, false)]
    [InlineData(2024_05_28, 2024_05_29, true)]
    [InlineData(2024_05_31, 2024_06_03, true)]
    public void What_a_sale_brings_can_be_spent_when_it_has_settled(int sold, int bought, bool taken)
    {
        VenueHarness venue = Open(AccountKind.Cash, 2024_05_23, 1_010 * Dollar);
        venue.Market(At(2024_05_23), Side.Buy, 10_000);
        venue.Market(At(sold) + Hour, Side.Sell, 10_000);

        // 9.50 of the 1,010 are left, 999.50 came: nine shares cost 900.45.
        OrderId order = venue.Market(At(bought) + (2 * Hour), Side.Buy, 9_000);
        venue.Run(At(bought) + (3 * Hour));
        Assert.Equal(taken ? "Accepted" : "Rejected InsufficientFunds", venue.SaidOf(order)[0]);
    }

    [Fact]
    public void Who_may_spend_what_has_not_settled_loses_it_after_three_sales_in_bad_faith()
    {
        VenueHarness venue = Open(AccountKind.Cash, 2024_05_28, 1_010 * Dollar, usesUnsettled: true);
        long at = At(2024_05_28);
        venue.Market(at, Side.Buy, 10_000);
        for (int i = 0; i < 3; i++)
        {
            // Bought with the money of the sale before, sold before that has settled. The first sale is of shares that were paid.
            OrderId sale = venue.Market(at += 1_000, Side.Sell, 9_900 - (i * 100));
            OrderId purchase = venue.Market(at += 1_000, Side.Buy, 9_800 - (i * 100));
            venue.Run(at += 1_000);
            Assert.Equal(("Accepted", "Accepted"), (venue.SaidOf(sale)[0], venue.SaidOf(purchase)[0]));
        }

        venue.Market(at += 1_000, Side.Sell, 9_000);
        OrderId fourth = venue.Market(at += 1_000, Side.Buy, 5_000);
        venue.Run(at + 1_000);
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(fourth));

        // The next day all of it has settled; ninety days later even what has not may be spent.
        OrderId next = venue.Market(At(2024_05_29), Side.Buy, 5_000);
        venue.Run(At(2024_05_29) + Hour);
        Assert.Equal("Accepted", venue.SaidOf(next)[0]);
        venue.Market(At(2024_09_06), Side.Sell, 5_000);
        OrderId late = venue.Market(At(2024_09_06) + 1_000, Side.Buy, 9_000);
        venue.Run(At(2024_09_06) + Hour);
        Assert.Equal("Accepted", venue.SaidOf(late)[0]);
    }

    [Theory]
    // 5,000 back 10,000 at half: 99.95 x 100.05 = 9,999.9975; 99.96 x 100.05 = 10,000.998.
    [InlineData(Side.Buy, 99_950, 5_000, true)]
    [InlineData(Side.Buy, 99_960, 5_000, false)]
    // A short sale is weighed at the middle of 100.00: 100 shares are 10,000.
    [InlineData(Side.Sell, 100_000, 5_000, true)]
    [InlineData(Side.Sell, 99_990, 4_999, false)]
    // Below 2,000 nothing is lent: 19.98 x 100.05 = 1,998.999, 19.99 x 100.05 = 1,999.9995.
    [InlineData(Side.Buy, 19_980, 1_999, true)]
    [InlineData(Side.Buy, 19_990, 1_999, false)]
    public void A_margin_account_holds_what_its_equity_backs_and_shorts_need_it_too(Side side, long quantity, long cash, bool taken)
    {
        VenueHarness venue = Open(AccountKind.Margin, 2024_05_23, cash * Dollar);
        OrderId order = venue.Market(At(2024_05_23), side, quantity);
        venue.Run(At(2024_05_23) + Hour);
        Assert.Equal(taken ? "Accepted" : "Rejected InsufficientFunds", venue.SaidOf(order)[0]);
    }

    [Fact]
    public void Whoever_only_reduces_passes_whatever_was_lost()
    {
        VenueHarness venue = Open(AccountKind.Margin, 2024_05_23, 5_000 * Dollar);
        venue.Market(At(2024_05_23), Side.Buy, 90_000);
        venue.Show(At(2024_05_23) + Hour, MarketScript.Quote(4_995, 90_000, 5_005, 90_000));
        OrderId more = venue.Market(At(2024_05_23) + Hour, Side.Buy, 20);
        OrderId less = venue.Market(At(2024_05_23) + Hour + 1, Side.Sell, 90_000);
        venue.Run(At(2024_05_23) + (2 * Hour));
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(more));
        Assert.Equal("Accepted", venue.SaidOf(less)[0]);
    }

    [Fact]
    public void Without_a_rule_of_the_day_nothing_may_add()
    {
        VenueHarness venue = Open(AccountKind.Cash, 2024_05_23, 5_000 * Dollar, rulesFrom: 2024_05_24);
        OrderId early = venue.Market(At(2024_05_23), Side.Buy, 1_000);
        OrderId later = venue.Market(At(2024_05_24), Side.Buy, 1_000);
        venue.Run(At(2024_05_24) + Hour);
        Assert.Equal(["Rejected InsufficientFunds"], venue.SaidOf(early));
        Assert.Equal("Accepted", venue.SaidOf(later)[0]);
    }

    [Fact]
    public void Derivatives_are_not_asked()
    {
        VenueHarness venue = Open(AccountKind.Cash, 2024_05_23, 0, kind: InstrumentKind.Linear);
        OrderId order = venue.Market(At(2024_05_23), Side.Sell, 1_000);
        venue.Run(At(2024_05_23) + Hour);
        Assert.Equal("Accepted", venue.SaidOf(order)[0]);
    }

    internal static AccountSettings Account(AccountKind kind, bool usesUnsettled = false, int rulesFrom = 1995_06_07) => new(
        kind,
        new Rulebook(
            [new(rulesFrom, 2), new(2024_05_28, 1)],
            [new(rulesFrom, 500_000, 250_000, 2_000 * Dollar, 3, 5, 25_000 * Dollar)],
            [new(1995_06_07, 3, 365, 90)]),
        new TradingCalendar([.. Days.Select(date => new TradingSession(date, At(date), At(date) + (6 * Hour)))]),
        usesUnsettled);

    /// <summary>Half past nine in New York.</summary>
    internal static long At(int date) =>
        (new DateTime(date / 10_000, date / 100 % 100, date % 100, 13, 30, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks * 100;

    private static VenueHarness Open(
        AccountKind account, int date, long cash, int feePpm = 0, bool usesUnsettled = false, int rulesFrom = 1995_06_07,
        InstrumentKind kind = InstrumentKind.Equity)
    {
        VenueHarness venue = MoneyVenue.Open(
            new MoneyRules(),
            kind,
            At(date) - Hour,
            settings => settings with
            {
                Account = Account(account, usesUnsettled, rulesFrom),
                TakerFeePpm = feePpm,
                MakerFeePpm = feePpm,
            });
        Event paid = new() { Source = EventSource.Operator, Flags = EventFlags.Whole };
        paid.Set(new CashMoved { Currency = Currency8.Of("USD"), Amount = cash });
        venue.Show(At(date) - Hour, paid);
        return venue;
    }
}
