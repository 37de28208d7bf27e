using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Import;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

public sealed class ImportFormatTests : IDisposable
{
    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_format_is_told_from_the_first_line_and_the_path()
    {
        Assert.Equal(
            ImportFormat.Binance, ImportFormats.Detect(_fixture.Gzip("a", "1723161255030314667 {\"stream\":1}")));
        Assert.Equal(ImportFormat.Bybit, ImportFormats.Detect(_fixture.Zip("b", "{\"topic\":\"orderbook.500.X\"}")));
        Assert.Equal(ImportFormat.Csv, ImportFormats.Detect(_fixture.Plain("c", "lowlatency-csv,1")));
        Assert.Equal(
            ImportFormat.Lean, ImportFormats.Detect(_fixture.Zip("equity/usa/tick/spy/20131007_trade.zip", "1,2,3")));
    }

    [Theory]
    [InlineData("timestamp,price,amount")]
    [InlineData("1723161255030314667,1,2")]
    [InlineData("{\"topic\":\"publicTrade.X\"}")]
    [InlineData("1,2,3")]
    public void Anything_else_is_refused_and_the_formats_are_named(string line)
    {
        ImportException refusal = Assert.Throws<ImportException>(
            () => ImportFormats.Detect(_fixture.Plain("x.csv", line)));
        Assert.Equal((1L, line), (refusal.Line, refusal.Value));
        Assert.Contains(ImportFormats.Names, refusal.Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_name_is_a_format()
    {
        foreach (string name in ImportFormats.Names.Split(", "))
        {
            Assert.True(ImportFormats.TryParse(name, out ImportFormat format));
            Assert.Equal(name, format.ToString(), ignoreCase: true);
        }

        Assert.False(ImportFormats.TryParse("detect", out _));
        Assert.False(ImportFormats.TryParse("Binance", out _));
    }

    [Fact]
    public void Instrument_options_are_read_from_text()
    {
        InstrumentOptions options = InstrumentOptions.Parse(
            "symbol=BTCUSDT,kind=linear,price-exponent=2,quantity-exponent=3,tick=0.10,lot=0.001,min-quantity=0.002,"
            + "max-quantity=120,min-notional=100,currency=USDT,probe-lines=10");
        Assert.Equal(
            new InstrumentOptions
            {
                Symbol = "BTCUSDT",
                Kind = InstrumentKind.Linear,
                PriceExponent = 2,
                QuantityExponent = 3,
                Tick = "0.10",
                Lot = "0.001",
                MinQuantity = "0.002",
                MaxQuantity = "120",
                MinNotional = "100",
                Currency = "USDT",
                ProbeLines = 10,
            },
            options);
    }

    [Theory]
    [InlineData("tik=1")]
    [InlineData("tick")]
    [InlineData("tick=")]
    [InlineData("tick=1,tick=2")]
    [InlineData("kind=future")]
    [InlineData("price-exponent=10")]
    [InlineData("price-exponent=x")]
    [InlineData("probe-lines=0")]
    public void Unknown_repeated_or_impossible_options_are_refused(string text) =>
        Assert.Throws<FormatException>(() => InstrumentOptions.Parse(text));

    [Theory]
    [InlineData("tick=0.001", "tick")]
    [InlineData("tick=0", "tick")]
    [InlineData("tick=-1", "tick")]
    [InlineData("lot=0.0001", "lot")]
    [InlineData("lot=0.005,min-quantity=0.001", "min-quantity")]
    [InlineData("max-quantity=0", "max-quantity")]
    [InlineData("min-notional=-1", "min-notional")]
    [InlineData("currency=LONGERTHAN8", "currency")]
    [InlineData("symbol=ETHUSDT", "s")]
    [InlineData("kind=equity", "kind")]
    [InlineData("price-exponent=1", "b")]
    public void Options_that_do_not_fit_the_data_are_refused(string text, string field)
    {
        string path = _fixture.Plain("q", BinanceLines.Quote(1, 5, "1.25", "1.000", "1.50", "1.000"));
        Imported.All(out _, new ImportFile(path));
        Assert.Equal(
            field, Imported.Refusal(new ImportFile(path, ImportFormat.Binance, InstrumentOptions.Parse(text))).Field);
    }

    [Fact]
    public void Options_define_the_instrument()
    {
        string path = _fixture.Plain("q", BinanceLines.Quote(1, 5, "1.25", "1.000", "1.50", "1.000"));
        InstrumentOptions options = InstrumentOptions.Parse(
            "price-exponent=4,tick=0.05,lot=0.01,min-quantity=0.02,min-notional=5");
        Imported.All(out ImportSummary summary, new ImportFile(path, ImportFormat.Detect, options));
        InstrumentDefined rules = summary.Instruments[0].Definition;
        Assert.Equal(
            (4, 500L, 10L, 20L, 500_000_000L),
            (rules.PriceExponent, rules.Tick, rules.Lot, rules.MinQuantity, rules.MinNotional));
    }
}
