using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>
/// The dated rules of an account with shares, at their limits and one unit beyond. A piece costs 100.00, a lot is ten. The
/// days are those of the New York exchange around two changes of the rules, 9:30 to 16:00 in summer.
/// </summary>
public sealed class AccountChecksTests
{
    private const long Dollar = 100_000_000;
    private const long Hour = 3_600 * Rig.Second;

    private static readonly (int Year, int Month, int Day)[] Days =
    [
        // 27 May 2024 is a holiday; T+1 begins on the day after it.
        (2024, 5, 23), (2024, 5, 24), (2024, 5, 28), (2024, 5, 29), (2024, 5, 30), (2024, 5, 31), (2024, 6, 3),
        (2024, 9, 5), (2024, 9, 6), (2026, 5, 28), (2026, 5, 29), (2026, 6, 1), (2026, 6, 2), (2026, 6, 3), (2026, 6, 4), (2026, 6, 5),
    ];

    [Theory]
    [InlineData(2024_05_31)]
    [InlineData(2026_06_03)]
    public void Check_28_half_of_what_is_held_overnight_is_equity(int date)
    {
        RiskBench bench = Bench(AccountKind.Margin, date, 10_000 * Dollar);
        Is(200, RiskReason.None, bench.Ask(200));
        Refused(RiskReason.BuyingPower, bench.Ask(210));
        bench.Cash(-1);
        Refused(RiskReason.BuyingPower, bench.Ask(200));

        // Open orders of others take their part, and short positions weigh as long ones.
        bench.Cash(1);
        bench.Live(1, Side.Buy, 50, instrument: 2);
        Is(150, RiskReason.None, bench.Ask(150));
        Refused(RiskReason.BuyingPower, bench.Ask(160));
        Is(-150, RiskReason.None, bench.Ask(-150));
        Refused(RiskReason.BuyingPower, bench.Ask(-160));
    }

    [Fact]
    public void Check_28_below_the_least_equity_nothing_is_lent()
    {
        RiskBench bench = Bench(AccountKind.Margin, 2024_05_31, 2_000 * Dollar);
        Is(40, RiskReason.None, bench.Ask(40));
        bench.Cash(-1);
        Refused(RiskReason.BuyingPower, bench.Ask(20));
        Is(10, RiskReason.None, bench.Ask(10));
    }

    [Fact]
    public void Check_28_the_buying_power_of_the_day_is_that_of_the_morning()
    {
        // 30,000 with 200 pieces of the night: 4 x (30,000 - 5,000).
        RiskBench bench = Bench(AccountKind.Margin, 2024_05_30, 30_000 * Dollar);
        bench.Fill(200);
        bench.Go(Open(2024_05_31));
        Is(1_000, RiskReason.None, bench.Ask(1_000, instrument: 2));
        Refused(RiskReason.BuyingPower, bench.Ask(1_010, instrument: 2));

        // To close them in the morning adds nothing; without the night it would be 4 x 30,000.
        bench.Fill(-200);
        Is(1_000, RiskReason.None, bench.Ask(1_000, instrument: 2));
        Refused(RiskReason.BuyingPower, bench.Ask(1_010, instrument: 2));
        bench.Go(Open(2024_06_03));
        Is(1_200, RiskReason.None, bench.Ask(1_200, instrument: 2));
        Refused(RiskReason.BuyingPower, bench.Ask(1_210, instrument: 2));
    }

    [Fact]
    public void Check_28_what_was_opened_today_counts_and_what_was_lost_does()
    {
        RiskBench bench = Bench(AccountKind.Margin, 2024_05_31, 30_000 * Dollar);
        bench.Fill(500);
        Is(700, RiskReason.None, bench.Ask(700, instrument: 2));
        Refused(RiskReason.BuyingPower, bench.Ask(710, instrument: 2));

        // 3.00 a piece lost: four times the equity that is left, of which 500 at 97.00 are used.
        bench.Quote(1, 9_695, 9_705);
        Is(650, RiskReason.None, bench.Ask(650, instrument: 2));
        Refused(RiskReason.BuyingPower, bench.Ask(660, instrument: 2));
    }

    [Theory]
    [InlineData(2026_06_03, 200)]
    [InlineData(2026_06_04, 400)]
    public void Check_28_from_the_fourth_of_June_2026_the_margin_of_the_moment_decides(int date, long most)
    {
        RiskBench bench = Bench(AccountKind.Margin, date, 10_000 * Dollar);
        Is(most, RiskReason.None, bench.Ask(most));
        Refused(RiskReason.BuyingPower, bench.Ask(most + 10));
    }

    [Fact]
    public void Check_29_the_fourth_round_trip_in_five_business_days_is_refused_at_its_entry()
    {
        RiskBench bench = Bench(AccountKind.Margin, 2026_05_28, 24_000 * Dollar);
        RoundTrip(bench);
        bench.Go(Open(2026_05_29));
        RoundTrip(bench);
        RoundTrip(bench, instrument: 2);
        Refused(RiskReason.DayTrades, bench.Ask(10));
        bench.Go(Open(2026_06_03));

        // Five business days: 28 and 29 May, 1, 2 and 3 June.
        Verdict verdict = bench.Ask(10);
        Refused(RiskReason.DayTrades, verdict);
        Assert.Equal((4L, 3L), (verdict.Observed, verdict.Limit));

        // On the sixth the first of them is forgotten; on this one the rule itself is gone, too.
        bench.Go(Open(2026_06_04));
        Is(10, RiskReason.None, bench.Ask(10));
    }

    [Fact]
    public void Check_29_the_window_moves_by_business_days()
    {
        RiskBench bench = Bench(AccountKind.Margin, 2024_05_24, 24_000 * Dollar);
        RoundTrip(bench);
        RoundTrip(bench);
        RoundTrip(bench);

        // 24, 28, 29, 30 and 31 May: the weekend and the holiday do not count.
        bench.Go(Open(2024_05_31) + Hour);
        Refused(RiskReason.DayTrades, bench.Ask(10));
        bench.Go(Open(2024_06_03) - 1);
        Refused(RiskReason.DayTrades, bench.Ask(10));
        bench.Go(Open(2024_06_03));
        Is(10, RiskReason.None, bench.Ask(10));
    }

    [Fact]
    public void Check_29_what_is_open_since_today_counts_as_made_and_its_exit_passes()
    {
        RiskBench bench = Bench(AccountKind.Margin, 2026_05_28, 24_000 * Dollar);
        RoundTrip(bench);
        RoundTrip(bench);
        bench.Fill(20);

        // The third is open: another instrument would be the fourth, and so would more of the same, should a close come first.
        Refused(RiskReason.DayTrades, bench.Ask(10, instrument: 2));
        Refused(RiskReason.DayTrades, bench.Ask(10));
        Is(-20, RiskReason.None, bench.Ask(-20));
        Is(-20, RiskReason.None, bench.Ask(-20));

        // Held overnight it is none any more.
        bench.Go(Open(2026_05_29));
        Is(10, RiskReason.None, bench.Ask(10, instrument: 2));

        // An order that could open counts as made, one that only closes does not, and one in its own place does not twice.
        bench.Live(1, Side.Sell, 20);
        Is(10, RiskReason.None, bench.Ask(10, instrument: 2));
        bench.Live(0, Side.Buy, 20, instrument: 2);
        Is(10, RiskReason.None, bench.Ask(10, instrument: 2));
        bench.Live(1, Side.Buy, 10);
        Refused(RiskReason.DayTrades, bench.Ask(10, instrument: 2));
    }

    [Fact]
    public void Check_29_fills_of_one_opening_are_one_day_trade_and_what_was_held_overnight_is_none()
    {
        RiskBench bench = Bench(AccountKind.Margin, 2026_05_28, 24_000 * Dollar);
        bench.Fill(30);
        bench.Go(Open(2026_05_29));
        bench.Fill(-30);
        Assert.Equal(0, bench.Stage.Account!.DayTradesIn(5));
        bench.Fill(10);
        bench.Fill(10);
        bench.Fill(-10);
        bench.Fill(-10);
        Assert.Equal(1, bench.Stage.Account.DayTradesIn(5));

        // Through zero: closes one and opens the next.
        bench.Fill(10);
        bench.Fill(-20);
        bench.Fill(10);
        Assert.Equal(3, bench.Stage.Account.DayTradesIn(5));
    }

    [Fact]
    public void A_fill_that_begins_the_day_is_one_of_that_day()
    {
        RiskBench bench = Bench(AccountKind.Margin, 2026_05_28, 24_000 * Dollar);
        bench.Fill(30);
        bench.Now = Open(2026_05_29);
        bench.Fill(20);
        Assert.Equal(30, bench.Stage.Account!.Overnight(new InstrumentId(1)));
        bench.Fill(-20);
        Assert.Equal(1, bench.Stage.Account.DayTradesIn(5));
    }

    [Fact]
    public void Check_29_an_account_of_25_000_as_the_day_began_is_free()
    {
        RiskBench bench = Bench(AccountKind.Margin, 2026_05_28, 25_000 * Dollar);
        for (int i = 0; i < 5; i++)
        {
            RoundTrip(bench);
        }

        Is(10, RiskReason.None, bench.Ask(10));

        // What was lost since counts from the next day on.
        bench.Cash(-1);
        Is(10, RiskReason.None, bench.Ask(10));
        bench.Go(Open(2026_05_29));
        Refused(RiskReason.DayTrades, bench.Ask(10));
    }

    // Sold on a day, paid for with it on another: T+2 to 24 May 2024, T+1 from 28 May; both settle on the 29th.
    [Theory]
    [InlineData(2024_05_23, 2024_05_24, false)]
    [InlineData(2024_05_23, 2024_05_28, true)]
    [InlineData(2024_05_24, 2024_05_28, false)]
    [InlineData(2024_05_24, 2024_05_29, true)]
    [InlineData(2024_05_28, 2024_05_28, false)]
    [InlineData(2024_05_28, 2024_05_29, true)]
    [InlineData(2024_05_31, 2024_06_03, true)]
    public void Check_30_a_sale_is_money_when_it_has_settled(int sold, int bought, bool settled)
    {
        RiskBench bench = Bench(AccountKind.Cash, 2024_05_23, 10_000 * Dollar);
        bench.Fill(100);
        bench.Go(Open(sold));
        bench.Fill(-100);
        bench.Go(Open(bought) + Hour);
        Is(settled ? 100 : 0, settled ? RiskReason.None : RiskReason.Unsettled, bench.Ask(100));
    }

    [Fact]
    public void Check_30_purchases_fees_and_open_ones_fit_into_settled_cash()
    {
        RiskBench bench = Bench(AccountKind.Cash, 2024_05_31, 20_000 * Dollar, feePpm: 1_000);
        bench.Fill(100);
        bench.Fill(-100);

        // 10,000 settled: 90 pieces and a tenth of a per cent.
        Is(90, RiskReason.None, bench.Ask(90));
        Verdict verdict = bench.Ask(100);
        Refused(RiskReason.Unsettled, verdict);
        Assert.Equal(((10_010 * Dollar) + 1, 10_000 * Dollar), (verdict.Observed, verdict.Limit));
        bench.Cash((10 * Dollar) + 1);
        Is(100, RiskReason.None, bench.Ask(100));
        bench.Cash(-1);
        Refused(RiskReason.Unsettled, bench.Ask(100));
        bench.Live(1, Side.Buy, 10, instrument: 2);
        Is(80, RiskReason.None, bench.Ask(80));
        Refused(RiskReason.Unsettled, bench.Ask(90));
    }

    [Fact]
    public void Check_30_three_violations_of_good_faith_take_unsettled_money_away_for_ninety_days()
    {
        RiskBench bench = Bench(AccountKind.Cash, 2024_05_28, 10_000 * Dollar, usesUnsettled: true);
        bench.Fill(100);
        for (int i = 0; i < 3; i++)
        {
            bench.Fill(-100);
            Assert.Equal(i, bench.Stage.Account!.Violations);
            Is(100, RiskReason.None, bench.Ask(100));
            bench.Fill(100);
        }

        bench.Fill(-100);
        Assert.Equal(3, bench.Stage.Account!.Violations);
        Refused(RiskReason.Unsettled, bench.Ask(100));

        // Sold on a day of the ban, it is spent when it has settled and not before.
        bench.Go(Open(2024_05_29));
        Is(100, RiskReason.None, bench.Ask(100));
        bench.Fill(100);
        bench.Fill(-100);
        Refused(RiskReason.Unsettled, bench.Ask(100));

        // 90 calendar days after the third the account is as before.
        bench.Go(Open(2024_09_05));
        bench.Fill(100);
        bench.Fill(-100);
        Is(100, RiskReason.None, bench.Ask(100));
    }

    [Fact]
    public void Check_30_a_sale_is_one_violation_however_many_fills_it_takes()
    {
        RiskBench bench = Bench(AccountKind.Cash, 2024_05_28, 10_000 * Dollar, usesUnsettled: true);
        bench.Fill(100);
        bench.Fill(-100);
        bench.Fill(100);
        Assert.Equal(0, bench.Stage.Account!.Violations);
        for (int i = 0; i < 3; i++)
        {
            bench.Fill(-20, order: OrderId.Of(1, 10, 0));
            Assert.Equal(1, bench.Stage.Account!.Violations);
        }

        bench.Fill(-40, order: OrderId.Of(1, 11, 0));
        Assert.Equal(2, bench.Stage.Account!.Violations);
    }

    [Fact]
    public void Check_30_what_was_bought_with_settled_money_or_held_until_it_settled_violates_nothing()
    {
        RiskBench bench = Bench(AccountKind.Cash, 2024_05_28, 10_000 * Dollar, usesUnsettled: true);
        bench.Fill(50);
        bench.Fill(-50);
        bench.Fill(50, instrument: 2);
        bench.Fill(-50, instrument: 2);
        Assert.Equal(0, bench.Stage.Account!.Violations);
        bench.Fill(100);
        bench.Go(Open(2024_05_29));
        bench.Fill(-100);
        Assert.Equal(0, bench.Stage.Account.Violations);
    }

    [Theory]
    [InlineData(AccountKind.Cash)]
    [InlineData(AccountKind.Margin)]
    public void Check_27_without_a_day_or_a_rule_only_reducing_passes(AccountKind kind)
    {
        RiskBench bench = Bench(kind, 2024_05_23, 30_000 * Dollar);
        bench.Fill(20);
        Is(10, RiskReason.None, bench.Ask(10));

        // The last close of the calendar, and its nanosecond before.
        bench.Go(Open(2026_06_05) + (6 * Hour) + (Hour / 2) - 1);
        Is(10, RiskReason.None, bench.Ask(10));
        bench.Go(Open(2026_06_05) + (6 * Hour) + (Hour / 2));
        Refused(RiskReason.NoRule, bench.Ask(10));
        Is(-20, RiskReason.None, bench.Ask(-20));

        RiskBench before = Bench(kind, 2024_05_23, 30_000 * Dollar, rulesFrom: 2024_05_24);
        Refused(RiskReason.NoRule, before.Ask(10));
        before.Go(Open(2024_05_24));
        Is(10, RiskReason.None, before.Ask(10));
        RiskBench early = Bench(kind, 2024_05_23, 30_000 * Dollar, early: 1);
        Refused(RiskReason.NoRule, early.Ask(10));
    }

    [Theory]
    [InlineData(AccountKind.Cash, RiskReason.Funds)]
    [InlineData(AccountKind.Margin, RiskReason.None)]
    public void A_cash_account_never_sells_short_and_only_shares_are_ruled(AccountKind kind, RiskReason reason)
    {
        RiskBench bench = Bench(kind, 2024_05_31, 30_000 * Dollar);
        Is(reason == RiskReason.None ? -10 : 0, reason, bench.Ask(-10));
        RiskBench other = new(
            RigSettings.Wide() with { Account = Account(kind), MaxLeverageE9 = 1_000_000_000_000 }, InstrumentKind.Linear, Open(2024_05_31));
        other.Cash(-1_000_000_000_000_000 + (3_000 * Dollar));
        Is(1_000, RiskReason.None, other.Ask(1_000));
    }

    [Fact]
    public void The_precedence_of_the_checks_is_their_number()
    {
        // A cut by the loss comes before a missing rule, and that before buying power.
        RiskSettings settings = RigSettings.Wide() with { Account = Account(AccountKind.Margin), AllowShort = true };
        RiskSettings lossy = settings with { Default = settings.Default with { MaxTradeLoss = 1 } };
        RiskBench bench = new(lossy, InstrumentKind.Equity, Open(2024_05_23) - 1);
        Assert.Equal(RiskReason.TradeLoss, bench.Ask(10).Reason);
        RiskBench ruled = new(settings, InstrumentKind.Equity, Open(2024_05_23) - 1);
        ruled.Cash(-1_000_000_000_000_000);
        Assert.Equal(RiskReason.NoRule, ruled.Ask(10).Reason);
        RiskBench traded = Bench(AccountKind.Margin, 2026_05_28, 1_000 * Dollar);
        RoundTrip(traded);
        RoundTrip(traded);
        RoundTrip(traded);
        Assert.Equal(RiskReason.BuyingPower, traded.Ask(20).Reason);
        Assert.Equal(RiskReason.DayTrades, traded.Ask(10).Reason);
    }

    [Fact]
    public void A_restored_book_goes_on_as_the_one_that_was_saved()
    {
        RiskBench bench = Bench(AccountKind.Margin, 2026_05_28, 24_000 * Dollar);
        RoundTrip(bench);
        RoundTrip(bench);
        bench.Fill(20);
        StateWriter writer = new();
        bench.Stage.Account!.Visit(writer);
        AccountBook restored = new(Account(AccountKind.Margin), bench.Market, bench.Portfolio);
        restored.Visit(new StateReader(writer.Written.ToArray()));
        Assert.Equal(bench.Stage.Account.DayTradesIn(5), restored.DayTradesIn(5));
        Assert.Equal(bench.Stage.Account.PendingDayTrades, restored.PendingDayTrades);
        Assert.Equal(20, restored.OpenedToday(new InstrumentId(1), 20));
        StateWriter again = new();
        restored.Visit(again);
        Assert.Equal(writer.Written.ToArray(), again.Written.ToArray());
    }

    private static void RoundTrip(RiskBench bench, int instrument = 1)
    {
        bench.Fill(10, instrument: instrument);
        bench.Fill(-10, instrument: instrument);
    }

    private static RiskBench Bench(
        AccountKind kind, int date, long cash, int feePpm = 0, bool usesUnsettled = false, int rulesFrom = 1995_06_07, long early = 0)
    {
        RiskSettings settings = RigSettings.Wide() with
        {
            Account = Account(kind, usesUnsettled, rulesFrom),
            FeePpm = feePpm,
            Default = RigSettings.Wide().Default with { PriceCollarBps = 500 },
        };
        RiskBench bench = new(settings, InstrumentKind.Equity, Open(date) - early);
        bench.Cash(-1_000_000_000_000_000 + cash);
        bench.Go(bench.Now);
        return bench;
    }

    private static AccountSettings Account(AccountKind kind, bool usesUnsettled = false, int rulesFrom = 1995_06_07) => new(
        kind,
        new Rulebook(
            [new(rulesFrom, 2), new(2024_05_28, 1)],
            [new(rulesFrom, 500_000, 250_000, 2_000 * Dollar, 3, 5, 25_000 * Dollar), new(2026_06_04, 500_000, 250_000, 2_000 * Dollar, 0, 0, 0)],
            [new(1995_06_07, 3, 365, 90)]),
        new TradingCalendar([.. Days.Select(day => Session(day))]),
        usesUnsettled);

    private static TradingSession Session((int Year, int Month, int Day) day)
    {
        int date = (day.Year * 10_000) + (day.Month * 100) + day.Day;
        return new TradingSession(date, Open(date), Open(date) + (6 * Hour) + (Hour / 2));
    }

    private static long Open(int date) =>
        (new DateTime(date / 10_000, date / 100 % 100, date % 100, 13, 30, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks * 100;

    private static void Refused(RiskReason reason, in Verdict verdict) => Is(0, reason, verdict);

    private static void Is(long approved, RiskReason reason, in Verdict verdict) =>
        Assert.Equal((approved, reason), (verdict.ApprovedDelta, verdict.Reason));
}
