using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>What risk is not told, it does not assume.</summary>
public sealed class FailClosedTests
{
    /// <summary>S4-29: each input fails in turn, with loss breakers configured; nothing adds, and the reason names the input.</summary>
    [Theory]
    [InlineData("nothing", RiskReason.None, -20)]
    [InlineData("price", RiskReason.NotReady, 0)]
    [InlineData("stream", RiskReason.NotReady, -20)]
    [InlineData("age", RiskReason.Stale, -20)]
    [InlineData("prints", RiskReason.Stale, -20)]
    [InlineData("status", RiskReason.NotTrading, 0)]
    [InlineData("definition", RiskReason.UnknownInstrument, 0)]
    [InlineData("price of another position", RiskReason.NotReady, -20)]
    [InlineData("age of another position", RiskReason.Stale, -20)]
    [InlineData("day", RiskReason.NoRule, -20)]
    [InlineData("rule", RiskReason.NoRule, -20)]
    public void An_input_that_fails_denies_what_adds_and_names_itself(string input, RiskReason reason, long reduced)
    {
        long day = 86_400 * Rig.Second;
        RiskSettings settings = RigSettings.Wide() with
        {
            Default = RigSettings.Wide().Default with
            {
                StaleAfter = 5 * Rig.Second,
                TradesStaleAfter = input == "prints" ? 5 * Rig.Second : 0,
            },
            Breakers = [new(BreakerKind.Drawdown, long.MaxValue, BreakerAction.Halt), new(BreakerKind.DailyLoss, long.MaxValue, BreakerAction.Halt)],
            Account = new AccountSettings(
                AccountKind.Margin,
                new Rulebook([new(1, 1)], [new(input == "rule" ? 2 : 1, 500_000, 250_000, 0, 0, 0, 0)], [new(1, 1, 1, 1)]),
                new TradingCalendar([new(1, 0, input == "day" ? 1_500 * Rig.Second : day)]),
                UsesUnsettled: false),
        };
        RiskBench bench = new(settings, InstrumentKind.Equity);
        bench.Apply(Make.Trade(1, bench.Now, 10_000));
        bench.Fill(20);
        bench.Fill(20, instrument: 2);
        bench.Go(bench.Now + (600 * Rig.Second));
        bench.Apply(Make.Trade(1, bench.Now, 10_000));
        switch (input)
        {
            case "price":
                bench.Define(1, InstrumentKind.Equity, lot: 0);
                bench.Define(1, InstrumentKind.Equity);
                break;
            case "stream":
                bench.Apply(Make.Stream(1, bench.Now, StreamState.Gap));
                break;
            case "age":
                bench.Now += (5 * Rig.Second) + 1;
                bench.Quote(2);
                break;
            case "prints":
                bench.Now += (5 * Rig.Second) + 1;
                bench.Quote(1);
                break;
            case "status":
                bench.Apply(Make.Status(1, bench.Now, TradingStatus.Unknown));
                break;
            case "definition":
                bench.Define(1, InstrumentKind.Equity, lot: 0);
                break;
            case "price of another position":
                bench.Define(2, InstrumentKind.Equity, lot: 0);
                bench.Define(2, InstrumentKind.Equity);
                break;
            case "age of another position":
                bench.Now += (5 * Rig.Second) + 1;
                bench.Quote(1);
                break;
        }

        Verdict verdict = bench.Ask(10);
        Assert.Equal((reason == RiskReason.None ? 10 : 0, reason), (verdict.ApprovedDelta, verdict.Reason));
        Assert.Equal(reduced, bench.Ask(-20).ApprovedDelta);
    }

    /// <summary>S3-3d: what wants to trade at once has a bound from the touch of a fresh quote, or does not leave.</summary>
    [Theory]
    [InlineData(10, 10_005, 10_055)]
    [InlineData(-10, 9_995, 9_946)]
    public void An_order_at_the_market_is_bounded_by_a_fresh_quote_or_refused(long delta, long touch, long bound)
    {
        RiskSettings settings = RigSettings.Wide();
        RiskBench bench = new(settings with { Default = settings.Default with { StaleAfter = Rig.Second } });

        // 50 basis points through the touch, in whole ticks.
        Verdict verdict = bench.Ask(delta, limit: 0);
        Assert.Equal((delta, bound), (verdict.ApprovedDelta, verdict.ApprovedPrice));
        Assert.Equal(delta > 0, verdict.ApprovedPrice > touch);
        bench.Now += Rig.Second + 1;
        Assert.Equal((0L, RiskReason.Stale), Result(bench.Ask(delta, limit: 0)));
        bench.Quote(1);
        Assert.Equal(delta, bench.Ask(delta, limit: 0).ApprovedDelta);
        bench.Apply(Make.Stream(1, bench.Now, StreamState.Down));
        Assert.Equal((0L, RiskReason.NotReady), Result(bench.Ask(delta, limit: 0)));
    }

    /// <summary>S3-7d: no interval and no tick lies between a price and the order that it calls for.</summary>
    [Fact]
    public void An_order_leaves_with_the_very_event_that_calls_for_it()
    {
        Rig rig = new Rig(new RigSettings
        {
            Risk = RigSettings.Wide() with { Exits = [new ExitRule { StopLossBps = 100 }] },
        }).Begin();
        rig.Target(1, 10, limit: 10_000);
        OrderId entry = rig.Commands[0].Order;
        rig.Report(entry, OrderStatus.Accepted);
        rig.Fill(entry, Side.Buy, 10, 10_000, 1);
        rig.Quote(1, 9_902, 9_904);
        Assert.Empty(rig.Commands);
        long touched = rig.Sequence;
        rig.Quote(1, 9_899, 9_901);
        Command exit = Assert.Single(rig.Commands);
        Assert.Equal((Side.Sell, 10L, touched), (exit.Side, exit.Quantity, exit.Order.Sequence));
    }

    private static (long Approved, RiskReason Reason) Result(in Verdict verdict) => (verdict.ApprovedDelta, verdict.Reason);
}
