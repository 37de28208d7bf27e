using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Import;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

public sealed class LeanFundingTests : IDisposable
{
    private const long Hour = 3_600_000_000_000;
    private const string Rates = "cryptofuture/bybit/margin_interest/btcusdt.csv";

    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_rate_is_published_when_it_is_paid_with_the_time_since_the_one_before()
    {
        string path = _fixture.Plain(
            Rates, "20221213 00:00:00,-0.0002016", "20221213 08:00:00,0.000000000001", "20221213 12:00:00,1");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        long start = Utc("2022-12-13T00:00:00Z");
        Assert.Equal(
            [
                (start, -201_600_000L, start, 0L), (start + (8 * Hour), 1L, start + (8 * Hour), 8 * Hour),
                (start + (12 * Hour), 1_000_000_000_000L, start + (12 * Hour), 4 * Hour),
            ],
            events.GetRange(1, 3).ConvertAll(e => (
                e.ReceivedAt, e.DerivativePrices.FundingRate, e.DerivativePrices.NextFunding,
                e.DerivativePrices.FundingInterval)));
        Assert.Equal(
            ("BTCUSDT", 3L, 3L),
            (summary.Instruments[0].Definition.Symbol.ToString(), summary.Instruments[0].FundingRates,
             summary.Files[0].Applied["funding rate"]));
    }

    // Bars every hour of a day; rates at 0, 8 and 16 hours. The bar of an hour is published at its end.
    [Theory]
    [InlineData("0 8 16", true)]
    [InlineData("8 16", true)]
    [InlineData("0 8 16 24", true)]
    [InlineData("0 4 8 12 16 20", true)]
    [InlineData("0 16", false)]
    [InlineData("0 8", false)]
    [InlineData("0", false)]
    [InlineData("16", false)]
    [InlineData("0 4 8 16 20", false)]
    public void Rates_that_are_missing_within_the_market_data_are_refused_unless_gaps_are_allowed(string hours, bool isWhole)
    {
        string bars = Bars();
        string rates = _fixture.Plain(Rates, [.. hours.Split(' ').Select(hour => Row(int.Parse(hour, CultureInfo.InvariantCulture)))]);
        ImportFile[] files = [new(bars), new(rates)];
        if (isWhole)
        {
            Imported.All(out _, files);
        }
        else
        {
            ImportException refusal = Imported.Refusal(files);
            Assert.Equal((rates, "time"), (refusal.File, refusal.Field));
            Assert.Contains("a funding rate at 2022-12-1", refusal.Allowed, StringComparison.Ordinal);
        }

        Imported.All(out ImportSummary allowed, new ImportFile(bars), new ImportFile(rates, AllowGaps: true));
        Assert.Equal(1440L / 60, allowed.Instruments[0].Bars);
    }

    [Fact]
    public void Rates_before_and_after_the_market_data_may_have_any_gap_and_are_not_taken()
    {
        string rates = _fixture.Plain(
            Rates,
            [
                "20201229 00:00:00,0.1", "20201231 16:00:00,0.1", Row(0), Row(8), Row(16), "20240101 00:00:00,0.1",
                "20250101 00:00:00,0.1",
            ]);
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(rates), new ImportFile(Bars()));
        Assert.Equal(2, Imported.OfKind(events, EventKind.DerivativePrices).Count);
        Assert.Equal(
            (2L, 3L, 2L),
            (summary.Files[0].Applied["funding rate"], summary.Files[0].Discarded["before the market data"],
             summary.Files[0].Discarded["after the market data"]));
    }

    [Theory]
    [InlineData("20221213 00:00:00,0.1")]
    [InlineData("20221212 00:00:00,0.1")]
    [InlineData("20221213 24:00:00,0.1")]
    [InlineData("20221213 08:60:00,0.1")]
    [InlineData("20221213 08:00,0.1")]
    [InlineData("2022121 308:00:00,0.1")]
    [InlineData("20221313 08:00:00,0.1")]
    [InlineData("20221213 08:00:00")]
    [InlineData("20221213 08:00:00,")]
    [InlineData("20221213 08:00:00,x")]
    [InlineData("20221213 08:00:00,1.1")]
    [InlineData("20221213 08:00:00,0.0000000000001")]
    [InlineData("20221213 08:00:00,0.1,1")]
    public void A_malformed_row_is_refused_naming_file_line_field_value_and_what_is_allowed(string line)
    {
        string path = _fixture.Plain(Rates, Row(0), line);
        ImportException refusal = Imported.Refusal(new ImportFile(path));
        Assert.Equal((path, 2L), (refusal.File, refusal.Line));
        Assert.NotEqual(string.Empty, refusal.Field);
        Assert.NotEqual(string.Empty, refusal.Allowed);
    }

    // The recorded minutes of Bybit end at noon, those of Binance at midnight.
    [Theory]
    [InlineData("bybit", "btcusdt", 3, 1)]
    [InlineData("bybit", "btcusd", 3, 1)]
    [InlineData("binance", "btcusd", 12, 2)]
    public void Recorded_rates_are_those_of_the_file_and_accompany_the_recorded_minutes(
        string venue, string symbol, int rows, int within)
    {
        string folder = $"data/lean/Data/cryptofuture/{venue}/";
        string rates = Repository.RecordedData(folder + $"margin_interest/{symbol}.csv");
        InstrumentOptions linear = InstrumentOptions.Parse("kind=linear");
        List<Event> alone = Imported.OfKind(
            Imported.All(out _, new ImportFile(rates, ImportFormat.Detect, linear)), EventKind.DerivativePrices);
        string[][] naive = [.. File.ReadAllLines(rates).Select(line => line.Split(','))];
        Assert.Equal(rows, naive.Length);
        Assert.Equal(
            naive.Select(row => (
                Utc(DateTime.ParseExact(row[0], "yyyyMMdd HH:mm:ss", CultureInfo.InvariantCulture).ToString("s") + "Z"),
                (long)(decimal.Parse(row[1], CultureInfo.InvariantCulture) * 1_000_000_000_000m))),
            alone.Select(e => (e.ReceivedAt, e.DerivativePrices.FundingRate)));

        string minutes = Repository.RecordedData(folder + $"minute/{symbol}/20221213_trade.zip");
        Imported.All(
            out ImportSummary summary,
            new ImportFile(minutes, ImportFormat.Detect, linear),
            new ImportFile(rates, ImportFormat.Detect, linear));
        Assert.Equal(within, Assert.Single(summary.Instruments).FundingRates);
    }

    [Fact]
    public void A_contract_that_is_settled_in_the_coin_is_inverse_and_counts_coins()
    {
        Assert.Equal((InstrumentKind.Inverse, "BTC", 1), Of("bybit", "btcusd"));
        Assert.Equal((InstrumentKind.Inverse, "BTC", 100), Of("binance", "btcusd"));
        Assert.Equal((InstrumentKind.Inverse, "ETH", 10), Of("binance", "ethusd"));
        Assert.Equal((InstrumentKind.Linear, "USD", 1), Of("dydx", "btcusd"));
        Assert.Equal((InstrumentKind.Linear, "USDT", 1), Of("bybit", "btcusdt"));
        Assert.Equal((InstrumentKind.Linear, "USD", 1), Of("bybit", "btcusd", "kind=linear"));
        ImportException refusal = Imported.Refusal(
            new ImportFile(Bars("dydx", "btcusd"), ImportFormat.Detect, InstrumentOptions.Parse("kind=inverse")));
        Assert.Equal("kind", refusal.Field);

        (InstrumentKind, string, int) Of(string market, string symbol, string options = "")
        {
            ImportFile file = options.Length == 0
                ? new ImportFile(Bars(market, symbol))
                : new ImportFile(Bars(market, symbol), ImportFormat.Detect, InstrumentOptions.Parse(options));
            Imported.All(out ImportSummary summary, file);
            InstrumentDefined defined = Assert.Single(summary.Instruments).Definition;
            return (defined.InstrumentKind, defined.Currency.ToString(), defined.Multiplier);
        }

        string Bars(string market, string symbol) =>
            _fixture.Zip($"cryptofuture/{market}/minute/{symbol}/20221213_trade.zip", "0,2,3,1,2,5");
    }

    // The recorded file of this perpetual has the first of three rates of the day.
    [Fact]
    public void A_recorded_file_that_lacks_rates_is_refused()
    {
        const string folder = "data/lean/Data/cryptofuture/binance/";
        ImportException refusal = Imported.Refusal(
            new ImportFile(Repository.RecordedData(folder + "minute/adausdt/20221213_trade.zip")),
            new ImportFile(Repository.RecordedData(folder + "margin_interest/adausdt.csv")));
        Assert.Contains("2022-12-13T08:00:00Z", refusal.Allowed, StringComparison.Ordinal);
    }

    private string Bars() => _fixture.Zip(
        "cryptofuture/bybit/minute/btcusdt/20221213_trade.zip",
        [.. Enumerable.Range(0, 24).Select(hour => FormattableString.Invariant($"{(hour * 3_600_000) + 60_000},2,3,1,2,5"))]);

    private static string Row(int hour) =>
        new DateTime(2022, 12, 13).AddHours(hour).ToString("yyyyMMdd HH:mm:ss", CultureInfo.InvariantCulture) + ",0.0001";

    private static long Utc(string text) =>
        (DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - DateTimeOffset.UnixEpoch).Ticks * 100;
}
