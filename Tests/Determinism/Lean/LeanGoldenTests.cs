using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowLatency.Core.Determinism;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Gateways.Sim;
using LowLatency.Tests.CommandLine;
using LowLatency.Tests.Journal.Import;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism.Lean;

/// <summary>
/// The results that LEAN publishes for five of its algorithms on its own data, to the cent: by our import and the venue with LEAN's
/// fills and fees, and by a naive computation from the text of the files. The twin on generated files never skips.
/// </summary>
public sealed class LeanGoldenTests : IDisposable
{
    // Risk reserves the band of an order and its dearest fee; LEAN's 100,000 are what the purchase is sized by.
    private const decimal Reserve = 20_000;

    private readonly TemporaryFolder _folder = new();
    private readonly Fixture _files = new();

    [Theory]
    [InlineData("BasicTemplateAlgorithm")]
    [InlineData("BasicTemplateDailyAlgorithm")]
    [InlineData("StopMarketOrderRegressionAlgorithm")]
    [InlineData("MarketOnCloseOrderRegressionAlgorithm")]
    [InlineData("DividendRegressionAlgorithm")]
    public void What_LEAN_publishes_comes_out_to_the_cent(string name)
    {
        JsonElement golden = Golden(name);
        LeanCase run = Recorded(name);
        LeanOutcome venue = LeanOnVenue.Run(run);
        AssertGolden(golden, venue);
        AssertGolden(golden, NaiveLean.Run(run));
        Assert.Equal(NaiveLean.Run(run), venue);
    }

    /// <summary>The same from the command line: import, backtest, and the equity of the result.</summary>
    [Theory]
    [InlineData("BasicTemplateDailyAlgorithm")]
    [InlineData("DividendRegressionAlgorithm")]
    public void A_backtest_of_an_import_comes_to_what_LEAN_publishes(string name)
    {
        JsonElement golden = Golden(name);
        Assert.Equal(golden.GetProperty("end_equity").GetString(), Cents(Backtest(Recorded(name))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void On_generated_files_venue_and_naive_computation_agree_to_the_last_digit(ulong seed)
    {
        foreach (LeanCase run in Generated(seed))
        {
            Assert.Equal(NaiveLean.Run(run), LeanOnVenue.Run(run));
        }
    }

    [Fact]
    public void A_backtest_of_generated_files_comes_to_what_the_naive_computation_says()
    {
        foreach (LeanCase run in Generated(5).Where(run => run.Trade == LeanTrade.TargetOnDays))
        {
            Assert.Equal(Cents(NaiveLean.Run(run).Equity), Cents(Backtest(run)));
        }
    }

    /// <summary>Each rule matters: without it the equity is another one, or the purchase is not whole.</summary>
    [Fact]
    public void Without_a_rule_the_comparison_fails()
    {
        LeanCase[] cases = [.. Generated(1)];
        LeanCase quotes = cases.Single(run => run.Trade == LeanTrade.TargetOnQuotes);
        LeanCase adjusted = cases.Single(run => run is { Trade: LeanTrade.TargetOnDays, IsAdjusted: true });
        LeanCase raw = cases.Single(run => run is { Trade: LeanTrade.TargetOnDays, IsAdjusted: false });

        // The ask shows fewer shares than are bought.
        Assert.NotEqual(NaiveLean.Run(quotes).Shares, LeanOnVenue.Run(quotes, s => s with { Fills = FillRule.AsShown }).Shares);
        Assert.NotEqual(NaiveLean.Run(adjusted), LeanOnVenue.Run(adjusted, s => s with { Money = new() }));
        Assert.NotEqual(NaiveLean.Run(adjusted with { IsAdjusted = false }), LeanOnVenue.Run(adjusted));
        Assert.NotEqual(NaiveLean.Run(raw with { IsAdjusted = true }), LeanOnVenue.Run(raw));
        Assert.NotEqual(NaiveLean.Run(adjusted with { To = Before(adjusted.To) }), LeanOnVenue.Run(adjusted));
    }

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    private static string Before(string date) => DateTime.ParseExact(date, "yyyyMMdd", CultureInfo.InvariantCulture)
        .AddDays(-1).ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static string Cents(decimal money) => Math.Round(money, 2, MidpointRounding.AwayFromZero)
        .ToString("0.00", CultureInfo.InvariantCulture);

    private static void AssertGolden(JsonElement golden, LeanOutcome outcome)
    {
        Assert.Equal(golden.GetProperty("end_equity").GetString(), Cents(outcome.Equity));
        Assert.Equal(golden.GetProperty("fees").GetString(), Cents(outcome.Fees));
        if (golden.TryGetProperty("qty", out JsonElement quantity))
        {
            Assert.Equal(quantity.GetInt64(), outcome.Shares);
            Assert.Equal(decimal.Parse(golden.GetProperty("fill").GetString()!, CultureInfo.InvariantCulture), outcome.Fill);
        }
    }

    private static JsonElement Golden(string name)
    {
        string path = Repository.RecordedData("data/goldens/lean_verified_give.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.GetProperty("cases").EnumerateArray()
            .Single(item => item.GetProperty("name").GetString() == name).Clone();
    }

    private static LeanCase Recorded(string name)
    {
        string root = Repository.RecordedData("data/lean/Data/equity/usa");
        return name switch
        {
            "BasicTemplateAlgorithm" => new LeanCase(LeanTrade.TargetOnQuotes, root, "spy", "20131007", "20131011")
            {
                Days = ["20131007", "20131008", "20131009", "20131010", "20131011"],
            },
            "BasicTemplateDailyAlgorithm" => new LeanCase(LeanTrade.TargetOnDays, root, "spy", "20131008", "20131017"),
            "StopMarketOrderRegressionAlgorithm" => new LeanCase(LeanTrade.StopAtNoon, root, "spy", "20210301", "20210303"),
            "MarketOnCloseOrderRegressionAlgorithm" => new LeanCase(LeanTrade.OnClose, root, "spy", "20210301", "20210303"),
            _ => new LeanCase(LeanTrade.TargetOnDays, root, "spy", "19980101", "20060101", 0.5m, IsAdjusted: false),
        };
    }

    private decimal Backtest(LeanCase run)
    {
        (string options, string[] files) = LeanOnVenue.Inputs(run);
        string data = Path.Combine(_folder.Path, "data" + Directory.GetDirectories(_folder.Path).Length);
        Finished finished = EngineProcess.Run(["import", .. files, "--instrument", options, "--out", data]);
        Assert.True(finished.ExitCode == 0, finished.Error);
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "spy.json")))!;
        root["cash"]!["USD"] = (LeanCase.Cash + Reserve).ToString(CultureInfo.InvariantCulture);
        root["tickIntervalMs"] = 60_000;

        // (0.9975 x equity x target - 0.005 x shares) / price, solved for the shares; a day of bars has one series.
        string size = string.Create(CultureInfo.InvariantCulture, $"{0.9975m * LeanCase.Cash * run.Target} / (close + 0.005)");
        root["strategies"] = JsonNode.Parse(
            $$"""
            [ { "name": "keeper", "type": "rules", "instruments": ["{{run.Symbol.ToUpperInvariant()}}"], "parameters": { "program": {
                "timeframeMs": 86400000,
                "long": { "enter": "close > 0", "exit": "close < 0", "size": "{{size}}" } } } } ]
            """);
        root["risk"]!["maxOrderQuantity"] = "100000";
        root["risk"]!["maxOrderNotional"] = "1000000";
        root["risk"]!["maxPosition"] = "100000";
        root["risk"]!["maxGrossNotional"] = "1000000";
        root["risk"]!["priceCollarBps"] = 1_000;
        root["risk"]!["staleAfterMs"] = 604_800_000;
        root["orders"] = JsonNode.Parse("""{ "marketableBandBps": 500 }""");
        root["venue"] = JsonNode.Parse(
            """
            { "entryLatencyUs": 1, "responseLatencyUs": 1, "makerFeePpm": 0, "takerFeePpm": 0,
              "matching": { "fills": "lean" }, "money": { "rules": "rules/lean-shares.json" } }
            """);
        ConfigurationReading reading = EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(root.ToJsonString()),
            "test",
            BuiltInStrategies.Catalogue,
            Path.Combine(Repository.Root, "examples"));
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        RunResult result = BacktestCommand.Simulate(configuration, data, null, out _);
        return (Assert.Single(result.Currencies).EquityUnits!.Value / 100_000_000m) - Reserve;
    }

    /// <summary>A share of forty days: minutes with quotes of the first two, hours of five, days of all, dividends and a split.</summary>
    private List<LeanCase> Generated(ulong seed)
    {
        Xoshiro256 dice = new(seed);
        string[] dates = [.. Enumerable.Range(0, 60)
            .Select(day => new DateTime(2015, 3, 2, 0, 0, 0, DateTimeKind.Utc).AddDays(day))
            .Where(date => date.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
            .Select(date => date.ToString("yyyyMMdd", CultureInfo.InvariantCulture))];
        long price = 3_000_000 + (100 * dice.NextBelow(20_000));
        List<string> days = [];
        List<string> hours = [];
        for (int i = 0; i < dates.Length; i++)
        {
            days.Add(Row($"{dates[i]} 00:00", ref price, ref dice));
            for (int hour = 9; i < 5 && hour < 16; hour++)
            {
                hours.Add(Row(string.Create(CultureInfo.InvariantCulture, $"{dates[i]} {hour:00}:00"), ref price, ref dice));
            }

            if (i < 2)
            {
                Minutes(dates[i], ref price, ref dice);
            }
        }

        _files.Zip("equity/usa/daily/xyz.zip", [.. days]);
        _files.Zip("equity/usa/hour/xyz.zip", [.. hours]);

        // Dividends of a few cents up to a dollar; factors have seven decimals.
        List<string> factors = [];
        decimal factor = 1;
        for (int i = dates.Length - 4; i > 6; i -= 5)
        {
            decimal close = decimal.Parse(days[i].Split(',')[4], CultureInfo.InvariantCulture) / 10_000;
            factor = Math.Round(factor * (1 - ((5 + dice.NextBelow(95)) / (100m * close))), 7);
            factors.Insert(0, string.Create(CultureInfo.InvariantCulture, $"{dates[i]},{factor},1,{Math.Round(close, 2)}"));
        }

        _files.Plain("equity/usa/factor_files/xyz.csv", [.. factors, "20501231,1,1,0"]);
        string root = Path.GetDirectoryName(Path.GetDirectoryName(_files.Path("equity/usa/daily/xyz.zip")))!;
        return
        [
            new LeanCase(LeanTrade.TargetOnQuotes, root, "xyz", dates[0], dates[1]) { Days = dates[..2] },
            new LeanCase(LeanTrade.TargetOnDays, root, "xyz", dates[1], dates[^2]),
            new LeanCase(LeanTrade.StopAtNoon, root, "xyz", dates[0], dates[3]),
            new LeanCase(LeanTrade.OnClose, root, "xyz", dates[0], dates[2]),
            new LeanCase(LeanTrade.TargetOnDays, root, "xyz", dates[0], dates[^1], 0.5m, IsAdjusted: false),
        ];
    }

    private void Minutes(string date, ref long price, ref Xoshiro256 dice)
    {
        List<string> bars = [];
        List<string> quotes = [];
        for (int minute = 569; minute < 965; minute++)
        {
            string bar = Row(string.Create(CultureInfo.InvariantCulture, $"{minute * 60_000}"), ref price, ref dice);
            bars.Add(bar);
            string[] fields = bar.Split(',');
            string prices = string.Join(',', fields[1..5]);
            long[] ask = [.. fields[1..5].Select(text => long.Parse(text, CultureInfo.InvariantCulture) + 100)];
            quotes.Add($"{fields[0]},{prices},50,{string.Join(',', ask)},30");
        }

        _files.Zip($"equity/usa/minute/xyz/{date}_trade.zip", [.. bars]);
        _files.Zip($"equity/usa/minute/xyz/{date}_quote.zip", [.. quotes]);
    }

    private static string Row(string time, ref long price, ref Xoshiro256 dice)
    {
        long open = price + (100 * (dice.NextBelow(81) - 40));
        long high = open + (100 * dice.NextBelow(100));
        long low = open - (100 * dice.NextBelow(100));
        price = low + (100 * dice.NextBelow(((high - low) / 100) + 1));
        return string.Create(CultureInfo.InvariantCulture, $"{time},{open},{high},{low},{price},{100_000 + dice.NextBelow(100_000)}");
    }
}
