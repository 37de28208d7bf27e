using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Core.Values;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Explaining;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Tests.Journal.Import;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// Backtests over splits, dividends and a delisting: raw prices in, equity that knows what happened out. One strategy buys on
/// the first bar and keeps what it has.
/// </summary>
public sealed class CorporateActionRunTests : IDisposable
{
    private readonly Fixture _data = new();
    private readonly TemporaryFolder _folder = new();

    /// <summary>
    /// Bought 101 at 100.00; a dividend of 0.50 and a split of 3 for 2 in the night; then 70.00.
    /// </summary>
    [Fact]
    public void A_run_over_a_dividend_and_a_split_comes_to_what_arithmetic_says()
    {
        string[] files =
        [
            Day("20140605", 1_000_000, 40),
            Day("20140606", 1_000_000, 41),
            Day("20140609", 700_000, 40),

            // From the second day on half a cent of each dollar, 0.50, was paid, and 3 new for 2 old.
            _data.Plain("equity/usa/factor_files/x.csv", "20140606,0.995,0.6666667,100", "20501231,1,1,0"),
        ];
        string run = Run(files, "X", 101, out RunResult result, out List<Event> events);

        // 101 x 0.50 = 50.50. 151 and a half: half a share at 2/3 of 100.00 is 33.333...
        Assert.Equal(
            [(BookingReason.Dividend, 5_050_000_000), (BookingReason.CashInLieu, 3_333_333_333)],
            events.Where(e => e.Kind == EventKind.CashBooked).Select(e => (e.CashBooked.Reason, e.CashBooked.Amount)));
        Execution[] fills = [.. events.Where(e => e.Kind == EventKind.Execution).Select(e => e.Execution)];
        Assert.Equal(
            [(Side.Buy, 1_000_000L, 101L)], fills.Where(f => !f.Order.IsNone).Select(f => (f.Side, f.Price, f.Quantity)));

        // 100,000 - 101 x 100 + 50.50 + 33.33333333, and 151 x 70.00.
        const long cash = 10_000_000_000_000 - 1_010_000_000_000 + 5_050_000_000 + 3_333_333_333;
        CurrencyResult usd = Assert.Single(result.Currencies);
        Assert.Equal((cash, cash + (151 * 7_000_000_000)), (usd.CashUnits, usd.EquityUnits));
        Assert.Equal("151", Assert.Single(result.Instruments).Position);
        Assert.Equal(usd.EquityUnits - usd.StartUnits, Assert.Single(result.Strategies, s => s.Name == "keeper").ProfitUnits);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        BacktestIdentityTests.AssertIdentity(run, result, Path.Combine(_folder.Path, "again"));

        // What it wants is told in the shares of the moment that is asked about: 101 before the split, 151 after it.
        long split = events.Single(e => e.Kind == EventKind.CorporateAction && e.CorporateAction.Splits).Sequence;
        WhyNotAnswer before = WhyNot.Of(run, "keeper", "X", null, split - 1);
        WhyNotAnswer after = WhyNot.Of(run, "keeper", "X", null, events[^2].Sequence);
        Assert.StartsWith("target 101, ", before.Wish, StringComparison.Ordinal);
        Assert.StartsWith("target 151, ", after.Wish, StringComparison.Ordinal);
        Assert.Equal([Silence.Satisfied], after.Findings.Select(finding => finding.Kind));
        Assert.Equal("its position is 151, which is what it wants", after.Findings[0].Text);
    }

    /// <summary>
    /// 101 bought on Thursday; 0.50 a share is owed from Friday on and paid two days later, on Sunday, before Monday's bars.
    /// </summary>
    [Fact]
    public void A_dividend_reaches_the_cash_at_its_pay_date()
    {
        string[] files =
        [
            Day("20140605", 1_000_000, 40),
            Day("20140606", 1_000_000, 41),
            Day("20140609", 1_000_000, 42),
            _data.Plain("equity/usa/factor_files/x.csv", "20140605,0.995,1,100", "20501231,1,1,0"),
        ];
        File.WriteAllText(
            Path.Combine(_folder.Path, "money.json"), """{ "dividends": [ { "from": "2014-01-01", "symbol": "X", "payAfterDays": 2 } ] }""");
        string run = Run(files, "X", 101, out RunResult result, out List<Event> events, root => root["venue"] = JsonNode.Parse(
            """{ "makerFeePpm": 0, "takerFeePpm": 0, "money": { "rules": "money.json" } }"""));
        Event action = events.Single(e => e.Kind == EventKind.CorporateAction);
        Event paid = events.Single(e => e.Kind == EventKind.CashBooked);
        Assert.Equal((5_050_000_000, 101), (paid.CashBooked.Amount, paid.CashBooked.Position));
        Assert.Equal(action.ReceivedAt + (2 * 86_400_000_000_000), paid.VenueTime);
        CurrencyResult usd = Assert.Single(result.Currencies);
        Assert.Equal(5_050_000_000, usd.EquityUnits - usd.StartUnits);
        Assert.Equal(5_050_000_000, Assert.Single(result.Strategies, s => s.Name == "keeper").ProfitUnits);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        BacktestIdentityTests.AssertIdentity(run, result, Path.Combine(_folder.Path, "again"));
    }

    [Fact]
    public void A_delisting_ends_the_position_at_the_last_price_and_the_run_knows_why()
    {
        string[] files =
        [
            Day("20140605", 1_000_000, 40),
            _data.Plain("equity/usa/map_files/x.csv", "20100101,x,Q", "20140605,x,Q"),
            Day("20140609", 700_000, 4, "y"),
        ];
        string run = Run(files, "X", 101, out RunResult result, out List<Event> events);
        Event close = Assert.Single(events, e => e.Kind == EventKind.Execution && e.Execution.Order.IsNone);
        Assert.Equal((Side.Sell, 1_000_000L, 101L), (close.Execution.Side, close.Execution.Price, close.Execution.Quantity));
        Assert.Equal(10_000_000_000_000, Assert.Single(result.Currencies).CashUnits);
        Assert.Equal(LowLatency.Core.Risk.TradingState.Active, result.FinalState);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
    }

    /// <summary>What LEAN recorded of its seven for one split: 645.57 on Friday, about 92 on Monday, and nothing was won by it.</summary>
    [Fact]
    public void Equity_is_continuous_over_the_recorded_split_of_AAPL()
    {
        string folder = Repository.RecordedData("data/lean/Data/equity/usa/minute/aapl");
        string factors = Repository.RecordedData("data/lean/Data/equity/usa/factor_files/aapl.csv");
        string[] files = [.. Directory.GetFiles(folder, "*_trade.zip").Order(StringComparer.Ordinal), factors];
        string run = Run(files, "AAPL", 100, out RunResult result, out List<Event> events);
        Event split = Assert.Single(
            events, e => e.Kind == EventKind.CorporateAction && e.CorporateAction.Action == CorporateActionKind.Split);
        Assert.Equal((7L, 1L), (split.CorporateAction.NewShares, split.CorporateAction.OldShares));
        Event[] fills = [.. events.Where(e => e.Kind == EventKind.Execution)];
        Assert.All(fills, fill => Assert.True(fill.Sequence < split.Sequence, "something was traded for the split"));
        Assert.Equal(100, fills.Sum(fill => fill.Execution.Quantity));
        Bar friday = events.Last(e => e.Kind == EventKind.Bar && e.Sequence < split.Sequence).Bar;
        Bar monday = events.First(e => e.Kind == EventKind.Bar && e.Sequence > split.Sequence).Bar;
        Bar last = events.Last(e => e.Kind == EventKind.Bar).Bar;

        // Not adjusted: Monday's price is about a seventh of Friday's.
        Assert.InRange(monday.Close * 7.0 / friday.Close, 0.97, 1.03);
        Assert.Equal("700", Assert.Single(result.Instruments).Position);

        // 100 were bought, 700 are worth the last price: a unit of 0.0001 is 10^4 money units.
        long profit = ((700 * last.Close) - fills.Sum(fill => fill.Execution.Price * fill.Execution.Quantity)) * 10_000;
        CurrencyResult usd = Assert.Single(result.Currencies);
        Assert.Equal(profit, usd.EquityUnits - usd.StartUnits);

        // No day may lose what seven for one would seem to take: six sevenths of 64,557.
        Assert.InRange(profit, -3_000 * 100_000_000L, 3_000 * 100_000_000L);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        BacktestIdentityTests.AssertIdentity(run, result, Path.Combine(_folder.Path, "again"));
    }

    public void Dispose()
    {
        _data.Dispose();
        _folder.Dispose();
    }

    // Minutes of one price from half past nine on.
    private string Day(string date, long price, int minutes, string symbol = "x") => _data.Zip(
        $"equity/usa/minute/{symbol}/{date}_trade.zip",
        [.. Enumerable.Range(0, minutes).Select(minute => string.Create(
            CultureInfo.InvariantCulture,
            $"{34_200_000 + (minute * 60_000)},{price},{price},{price},{price},100000"))]);

    private string Run(
        string[] files, string symbol, long size, out RunResult result, out List<Event> events, Action<JsonNode>? change = null)
    {
        string data = Path.Combine(_folder.Path, "data");
        string run = Path.Combine(_folder.Path, "run");
        RecordedDataTests.Import(data, files);
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "spy.json")))!;
        root["cash"]!["USD"] = "100000";
        root["strategies"] = JsonNode.Parse(
            $$"""
            [ { "name": "keeper", "type": "rules", "instruments": ["{{symbol}}"], "parameters": { "program": {
                "timeframeMs": 60000,
                "long": { "enter": "close > 0", "exit": "close < 0", "size": "{{size}}" } } } } ]
            """);
        root["risk"]!["maxOrderQuantity"] = "10000";
        root["risk"]!["maxOrderNotional"] = "1000000";
        root["risk"]!["maxPosition"] = "10000";
        root["risk"]!["maxGrossNotional"] = "1000000";
        root["session"] = JsonNode.Parse("""{ "journal": { "durability": "written" } }""");
        change?.Invoke(root);
        ConfigurationReading reading = EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(root.ToJsonString()), "test", BuiltInStrategies.Catalogue, _folder.Path);
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        result = BacktestCommand.Simulate(configuration, data, run, out _);
        events = [.. BacktestIdentityTests.Events(run)];
        return run;
    }
}
