using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using LowLatency.Gateways.Sim.Accounting;
using Xunit;
using static LowLatency.Tests.Gateways.Sim.Accounting.MoneyVenue;
using static LowLatency.Tests.Gateways.Sim.Accounting.ShareBookGoldenTests;

namespace LowLatency.Tests.Gateways.Sim.Accounting;

/// <summary>
/// Margin accounts that fall below the maintenance margin of 25 %, by hand. 90 shares bought at 100.05 for 9,004.50 with 5,000 dollars:
/// cash is -4,004.50, and equity is a quarter of 90 x p where 90 p - 4,004.50 = 22.5 p, at p = 59.325...
/// </summary>
public sealed class MarginCallGoldenTests
{
    private const long Dollar = 100_000_000;
    private const int Date = 2024_05_23;

    [Theory]
    // Middle of 59.40: 90 x 59.40 - 4,004.50 = 1,341.50, a quarter is 1,336.50. Of 59.30: 1,332.50 is below 1,334.25.
    [InlineData(5_935, 5_945, false)]
    [InlineData(5_925, 5_935, true)]
    [InlineData(1_000, 1_010, true)]
    public void Below_the_maintenance_margin_all_is_sold_at_the_bid(long bid, long ask, bool called)
    {
        VenueHarness venue = Bought(Side.Buy, MarginCallRule.SellOut, out OrderId resting);
        venue.Show(At(Date) + Hour, MarketScript.Quote(bid, 90_000, ask, 90_000));
        venue.Run(At(Date) + (2 * Hour));
        Event[] sold = [.. venue.Reports.Where(e => e.Kind == EventKind.Execution && e.Execution.Order.IsNone)];
        Assert.Equal(called ? 1 : 0, sold.Length);
        Assert.Equal(called ? "Cancelled Liquidation" : "Accepted", venue.SaidOf(resting)[^1]);
        if (called)
        {
            Execution sale = sold[0].Execution;
            Assert.Equal((Side.Sell, bid, 90_000, 0), (sale.Side, sale.Price, sale.Quantity, sale.Fee));
            Assert.Equal(At(Date) + Hour, sold[0].VenueTime);
        }
    }

    [Theory]
    // Sold short at 99.95: cash is 5,000 + 8,995.50, equity 13,995.50 - 90 p, and a quarter of 90 p is reached at p = 124.404...
    [InlineData(12_435, 12_445, false)]
    [InlineData(12_436, 12_446, true)]
    public void Who_is_short_buys_back_at_the_ask(long bid, long ask, bool called)
    {
        VenueHarness venue = Bought(Side.Sell, MarginCallRule.SellOut, out _);
        venue.Show(At(Date) + Hour, MarketScript.Quote(bid, 90_000, ask, 90_000));
        venue.Run(At(Date) + (2 * Hour));
        Event[] bought = [.. venue.Reports.Where(e => e.Kind == EventKind.Execution && e.Execution.Order.IsNone)];
        Assert.Equal(called ? [(Side.Buy, ask, 90_000)] : [], bought.Select(e => (e.Execution.Side, e.Execution.Price, e.Execution.Quantity)));
    }

    [Fact]
    public void Where_it_is_not_declared_nobody_is_sold_out()
    {
        VenueHarness venue = Bought(Side.Buy, MarginCallRule.None, out OrderId resting);
        venue.Show(At(Date) + Hour, MarketScript.Quote(1_000, 90_000, 1_010, 90_000));
        venue.Run(At(Date) + (2 * Hour));
        Assert.Equal("Accepted", venue.SaidOf(resting)[^1]);
        Assert.DoesNotContain(venue.Reports, e => e.Kind == EventKind.Execution && e.Execution.Order.IsNone);
    }

    [Fact]
    public void A_halt_and_a_book_without_bids_wait_for_a_price()
    {
        VenueHarness venue = Bought(Side.Buy, MarginCallRule.SellOut, out _);
        venue.Show(At(Date) + Hour, MarketScript.Status(TradingStatus.Halted), MarketScript.Quote(1_000, 90_000, 1_010, 90_000));
        venue.Show(At(Date) + Hour + 1, MarketScript.Quote(0, 0, 1_010, 90_000), MarketScript.Status(TradingStatus.Open));
        venue.Show(At(Date) + Hour + 2, MarketScript.Quote(990, 90_000, 1_010, 90_000));
        venue.Run(At(Date) + (2 * Hour));
        Event sale = Assert.Single(venue.Reports, e => e.Kind == EventKind.Execution && e.Execution.Order.IsNone);
        Assert.Equal((990, At(Date) + Hour + 2), (sale.Execution.Price, sale.VenueTime));
    }

    private static VenueHarness Bought(Side side, MarginCallRule rule, out OrderId resting)
    {
        VenueHarness venue = Open(
            new MoneyRules(),
            InstrumentKind.Equity,
            At(Date) - Hour,
            settings => settings with { Account = Account(AccountKind.Margin), MarginCall = rule });
        Event paid = new() { Source = EventSource.Operator, Flags = EventFlags.Whole };
        paid.Set(new CashMoved { Currency = Currency8.Of("USD"), Amount = 5_000 * Dollar });
        venue.Show(At(Date) - Hour, paid);
        OrderId order = venue.Market(At(Date), side, 90_000);
        venue.Run(At(Date) + 1_000);
        Assert.Contains("Taker 90000", venue.SaidOf(order)[^1], System.StringComparison.Ordinal);
        resting = venue.Limit(At(Date) + 2_000, side.Opposite(), 20, side == Side.Buy ? 90_000 : 5);
        venue.Run(At(Date) + 3_000);
        return venue;
    }
}
