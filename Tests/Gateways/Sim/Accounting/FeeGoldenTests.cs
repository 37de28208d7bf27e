using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;
using Xunit;
using static LowLatency.Tests.Gateways.Sim.Accounting.MoneyVenue;

namespace LowLatency.Tests.Gateways.Sim.Accounting;

/// <summary>Fees by hand: the arithmetic stands beside each number.</summary>
public sealed class FeeGoldenTests
{
    private const int Date = 2024_10_04;
    private const long Dollar = 100_000_000;

    private static readonly FeeRule Plain = new(2020_01_01, default, 0, 200, 550, 0, 0, 0, 0);

    [Fact]
    public void Maker_and_taker_pay_their_parts_of_the_notional()
    {
        VenueHarness venue = Open(new MoneyRules { Fees = [Plain] });
        long at = Midnight + (2 * Hour);
        OrderId taker = venue.Market(at, Side.Buy, 1_000);
        OrderId maker = venue.Limit(at + 1_000, Side.Buy, 1_000, 10_000);
        venue.Show(at + 2_000, MarketScript.Trade(9_990, 5_000, Side.Sell));
        venue.Run(at + Hour);

        // 100.05 x 1.000 x 0.00055 = 0.0550275; 100.00 x 1.000 x 0.0002 = 0.02.
        Assert.Equal([5_502_750L], venue.FeesOf(taker));
        Assert.Equal([2_000_000L], venue.FeesOf(maker));
    }

    [Fact]
    public void A_rule_holds_from_its_date_in_UTC_and_the_settings_before()
    {
        FeeRule later = Plain with { From = Date + 1, TakerPpm = 1_000 };
        VenueHarness venue = Open(
            new MoneyRules { Fees = [Plain with { From = Date }, later] }, at: Midnight - Hour, with: s => s with { TakerFeePpm = 7 });
        OrderId before = venue.Market(Midnight - 101, Side.Buy, 1_000);
        OrderId first = venue.Market(Midnight - 100, Side.Buy, 1_000);
        OrderId last = venue.Market(Midnight + Day - 101, Side.Buy, 1_000);
        OrderId next = venue.Market(Midnight + Day - 100, Side.Buy, 1_000);
        venue.Run(Midnight + (2 * Day));

        // 100.05 at 7, 550, 550 and 1,000 ppm: 0.00070035, 0.0550275, 0.0550275, 0.10005.
        Assert.Equal([70_035L], venue.FeesOf(before));
        Assert.Equal([5_502_750L], venue.FeesOf(first));
        Assert.Equal([5_502_750L], venue.FeesOf(last));
        Assert.Equal([10_005_000L], venue.FeesOf(next));
    }

    [Fact]
    public void A_tier_counts_the_thirty_whole_days_before_today()
    {
        FeeRule busy = Plain with { Volume = 200 * Dollar, TakerPpm = 300 };
        VenueHarness venue = Open(new MoneyRules { Fees = [Plain, busy] });
        long at = Midnight + (2 * Hour);
        OrderId one = venue.Market(at, Side.Buy, 2_000);
        OrderId two = venue.Market(at + Hour, Side.Buy, 1_000);
        OrderId tomorrow = venue.Market(at + Day, Side.Sell, 1_000);
        OrderId thirty = venue.Market(at + (30 * Day), Side.Sell, 1_000);
        OrderId late = venue.Market(at + (61 * Day), Side.Sell, 1_000);
        venue.Run(at + (62 * Day));

        // Today: 200.10 x 0.00055 = 0.110055, then 100.05 x 0.00055 although 200.10 were traded today.
        Assert.Equal([11_005_500L], venue.FeesOf(one));
        Assert.Equal([5_502_750L], venue.FeesOf(two));

        // 300.15 before: 99.95 x 0.0003 = 0.029985. After thirty days the first is the oldest that counts.
        Assert.Equal([2_998_500L], venue.FeesOf(tomorrow));
        Assert.Equal([2_998_500L], venue.FeesOf(thirty));

        // 31 days after the last sale: 99.95 x 0.00055 = 0.0549725.
        Assert.Equal([5_497_250L], venue.FeesOf(late));
    }

    [Fact]
    public void The_day_that_is_thirty_one_days_old_counts_no_longer()
    {
        FeeRule busy = Plain with { Volume = 100 * Dollar, TakerPpm = 300 };
        VenueHarness venue = Open(new MoneyRules { Fees = [Plain, busy] });
        long at = Midnight + (2 * Hour);
        venue.Market(at, Side.Buy, 1_000);
        OrderId thirtyOne = venue.Market(at + (31 * Day), Side.Buy, 1_000);
        venue.Run(at + (32 * Day));
        Assert.Equal([5_502_750L], venue.FeesOf(thirtyOne));
    }

    [Fact]
    public void An_order_pays_the_minimum_once_and_the_units_beyond_it()
    {
        // 0.05 a share, at least 1.00, at most 1 %.
        FeeRule shares = new(2020_01_01, default, 0, 0, 0, 5_000_000, 5_000_000, Dollar, 10_000);
        VenueHarness venue = Open(new MoneyRules { Fees = [shares] }, InstrumentKind.Equity);
        long at = Midnight + (2 * Hour);
        OrderId order = venue.Limit(at, Side.Buy, 30_000, 9_990);
        for (int i = 1; i <= 3; i++)
        {
            venue.Show(at + (i * Hour), MarketScript.Trade(9_985, 10_000, Side.Sell));
        }

        venue.Run(at + (4 * Hour));

        // 10 shares are 0.50, so 1.00; 20 are 1.00, nothing more; 30 are 1.50, another 0.50.
        Assert.Equal([Dollar, 0L, Dollar / 2], venue.FeesOf(order));
    }

    [Fact]
    public void The_maximum_is_stronger_than_the_minimum()
    {
        FeeRule shares = new(2020_01_01, default, 0, 0, 0, 500_000, 500_000, Dollar, 10_000);
        VenueHarness venue = Open(new MoneyRules { Fees = [shares] }, InstrumentKind.Equity);
        OrderId order = venue.Market(Midnight + (2 * Hour), Side.Buy, 100);
        venue.Run(Midnight + (3 * Hour));

        // 0.1 share at 100.05: 1 % of 10.005 is 0.10005, less than the minimum of 1.00.
        Assert.Equal([10_005_000L], venue.FeesOf(order));
    }

    [Fact]
    public void A_rebate_for_units_is_paid_out_and_never_rounded_up_in_size()
    {
        // 0.00200001 a share is received for resting: of 0.33 share 0.0006600033, rounded to 0.00066.
        FeeRule rebate = new(2020_01_01, default, 0, 0, 0, -200_001, 300_000, 0, 10_000);
        VenueHarness venue = Open(new MoneyRules { Fees = [rebate] }, InstrumentKind.Equity);
        OrderId order = venue.Limit(Midnight + (2 * Hour), Side.Buy, 330, 9_990);
        venue.Show(Midnight + (3 * Hour), MarketScript.Trade(9_985, 10_000, Side.Sell));
        venue.Run(Midnight + (4 * Hour));

        // 200,001 x 330 / 1,000 = 66,000.33.
        Assert.Equal([-66_000L], venue.FeesOf(order));
    }

    [Fact]
    public void Rules_of_its_own_replace_those_of_everything()
    {
        FeeRule own = new(2020_01_01, Symbol24.Of("TEST"), 0, 0, 100, 0, 0, 0, 0);
        VenueHarness venue = Open(new MoneyRules { Fees = [Plain, own, Plain with { Symbol = Symbol24.Of("OTHER"), TakerPpm = 9 }] });
        OrderId order = venue.Market(Midnight + (2 * Hour), Side.Buy, 1_000);
        venue.Run(Midnight + (3 * Hour));
        Assert.Equal([1_000_500L], venue.FeesOf(order));
    }

    [Fact]
    public void The_fee_of_an_inverse_contract_is_coin()
    {
        VenueHarness venue = Open(new MoneyRules { Fees = [Plain] }, InstrumentKind.Inverse);
        OrderId order = venue.Limit(
            Midnight + (2 * Hour), Side.Buy, 90_000, 10_005, TimeInForce.ImmediateOrCancel);
        venue.Run(Midnight + (3 * Hour));

        // 90 / 100.05 = 0.89955022 coin; x 0.00055 = 49,475.26 units of 10^-8, rounded up.
        Assert.Equal([49_476L], venue.FeesOf(order));
    }

    public static TheoryData<string, string> Impossible() => new()
    {
        { "rates of at most 100 %", nameof(FeeRule.TakerPpm) },
        { "must not pay out more", nameof(FeeRule.MakerPpm) },
        { "must have a maximumPpm", nameof(FeeRule.TakerPerUnit) },
        { "both a rebate and a minimum", nameof(FeeRule.Minimum) },
        { "must have volume 0", nameof(FeeRule.Volume) },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void An_impossible_fee_is_refused(string said, string what)
    {
        FeeRule wrong = what switch
        {
            nameof(FeeRule.TakerPpm) => Plain with { TakerPpm = 1_000_001 },
            nameof(FeeRule.MakerPpm) => Plain with { MakerPpm = -551 },
            nameof(FeeRule.TakerPerUnit) => Plain with { TakerPerUnit = 1 },
            nameof(FeeRule.Minimum) => Plain with { MakerPpm = -1, Minimum = 1, MaximumPpm = 1 },
            _ => Plain with { Volume = 1 },
        };
        Assert.Contains(said, MoneyRules.Problem(wrong, []), StringComparison.Ordinal);
        Assert.Throws<BrokenInvariantException>(() => Open(new MoneyRules { Fees = [wrong] }));
        Assert.Null(MoneyRules.Problem(Plain, []));
    }

    [Theory]
    [InlineData(2020_01_01, 0, "more volume than the rule before it")]
    [InlineData(2019_01_01, 0, "must not be earlier")]
    [InlineData(2021_01_01, 5, "must have volume 0")]
    [InlineData(2021_01_01, 0, null)]
    [InlineData(2020_01_01, 5, null)]
    public void Rules_stand_in_the_order_of_dates_and_volumes(int from, long volume, string? said) =>
        Assert.Equal(said is null, MoneyRules.Problem(Plain with { From = from, Volume = volume }, [Plain]) is not { } problem
            || !problem.Contains(said!, StringComparison.Ordinal));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_fills_cost_what_a_naive_count_says_and_one_that_counts_today_is_caught(bool countsToday)
    {
        FeeRule[] tiers = [Plain, Plain with { Volume = 500 * Dollar, TakerPpm = 411 }, Plain with { Volume = 2_000 * Dollar, TakerPpm = 300 }];
        VenueHarness venue = Open(new MoneyRules { Fees = tiers });
        Xoshiro256 dice = new(7);
        List<(long Day, long Value)> fills = [];
        int wrong = 0;
        long at = Midnight + (2 * Hour);
        for (int i = 0; i < 400; i++)
        {
            at += (long)(dice.Next() % (ulong)Day);
            venue.Show(at, MarketScript.Quote(9_995, 1, 10_005, 1));
            venue.Show(at + 1, MarketScript.Quote(9_995, 90_000, 10_005, 90_000));
            OrderId order = venue.Market(at + 2, i % 2 == 0 ? Side.Buy : Side.Sell, 1_000 + (10 * (long)(dice.Next() % 300)));
            venue.Run(at + 1_000);
            Execution fill = Assert.Single(venue.FillsOf(order)).Execution;
            long day = (at + 102) / Day;
            long value = fill.Price * fill.Quantity * 1_000;
            long before = fills.Where(f => f.Day >= day - 30 && (countsToday ? f.Day <= day : f.Day < day)).Sum(f => f.Value);
            decimal rate = before >= 2_000 * Dollar ? 300 : before >= 500 * Dollar ? 411 : 550;
            wrong += (long)Math.Ceiling(value * rate / 1_000_000m) == fill.Fee ? 0 : 1;
            fills.Add((day, value));
        }

        Assert.Equal(countsToday, wrong > 0);
    }
}
