using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Engine.Configuration;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>
/// S3-1c, S3-14h: cash over four years of the shipped calendar and rulebook, over holidays and the change from two days to
/// one, against dates that are walked one by one.
/// </summary>
public sealed class SettlementDaysTests
{
    private const long Worth = RiskBench.CentPiece;

    [Fact]
    public void Settled_cash_is_that_of_a_walk_through_the_dates_after_each_of_a_thousand_trades() =>
        Assert.Null(FirstDifference(DaysOf, out int sales) ?? (sales < 500 ? $"only {sales} sales" : null));

    [Theory]
    [InlineData("one day from the start")]
    [InlineData("two days to the end")]
    [InlineData("holidays count")]
    public void A_walk_that_knows_less_is_found_out(string mistake) => Assert.NotNull(FirstDifference(
        (date, holidays) => mistake switch
        {
            "one day from the start" => Walk(date, 1, holidays),
            "two days to the end" => Walk(date, 2, holidays),
            _ => Walk(date, date < new DateOnly(2024, 5, 28) ? 2 : 1, []),
        },
        out _));

    private static DateOnly DaysOf(DateOnly sold, SortedSet<DateOnly> holidays) =>
        Walk(sold, sold < new DateOnly(2024, 5, 28) ? 2 : 1, holidays);

    private static DateOnly Walk(DateOnly date, int days, SortedSet<DateOnly> holidays)
    {
        while (days > 0)
        {
            date = date.AddDays(1);
            days -= date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday || holidays.Contains(date) ? 0 : 1;
        }

        return date;
    }

    private static string? FirstDifference(Func<DateOnly, SortedSet<DateOnly>, DateOnly> settles, out int sales)
    {
        EngineConfiguration shipped = Examples.Valid(Examples.Accounted);
        TradingCalendar calendar = shipped.Calendars[0].Calendar;
        using JsonDocument file = JsonDocument.Parse(Examples.Shipped("calendars/us-equities.json"));
        SortedSet<DateOnly> holidays = [.. file.RootElement.GetProperty("holidays").EnumerateArray().Select(h => Date(h.GetString()!))];
        RiskBench bench = new(
            RigSettings.Wide() with { Account = new(AccountKind.Cash, shipped.Risk.Account!.Rules, calendar, UsesUnsettled: true) },
            InstrumentKind.Equity,
            calendar.Sessions[0].Open);
        List<(DateOnly Settles, long Amount)> proceeds = [];
        Xoshiro256 dice = new(7);
        sales = 0;
        bench.Fill(200);
        foreach (TradingSession session in calendar.Sessions[..^1])
        {
            DateOnly today = Date($"{session.Date / 10_000:0000}-{session.Date / 100 % 100:00}-{session.Date % 100:00}");
            bench.Go(session.Open + dice.NextBelow(session.Close - session.Open));
            bool sells = dice.NextBelow(2) == 0 && bench.Portfolio.VenuePosition(new InstrumentId(1)) > 20;
            long change = sells ? -10 : 10;
            bench.Fill(change, fee: 3);
            if (sells)
            {
                sales++;
                proceeds.Add((settles(today, holidays), (10 * 10_000 * Worth) - 3));
            }

            long unsettled = proceeds.Where(p => p.Settles > today).Sum(p => p.Amount);
            long settled = bench.Portfolio.Cash(0) - unsettled;
            if (bench.Stage.Account!.Settled(0) != settled)
            {
                return $"{today:o}: {bench.Stage.Account.Settled(0)} settled, {settled} by the dates";
            }
        }

        return null;
    }

    private static DateOnly Date(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
