using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Numerics;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Import;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

public sealed class LeanQuoteTests : IDisposable
{
    private const long Second = 1_000_000_000;

    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    // 2013-10-07 is summer time: 04:00 in New York is 08:00 UTC.
    [Theory]
    [InlineData("minute", 60)]
    [InlineData("second", 1)]
    public void A_quote_bar_becomes_the_quote_at_its_end_and_is_published_then(string resolution, long seconds)
    {
        string path = _fixture.Zip(
            $"equity/usa/{resolution}/spy/20131007_quote.zip",
            "14400000,1672700,1672800,1671500,1672500,300,1680000,1680000,1672600,1672701,20000",
            "14460000,,,,,,1672700,1674900,1672400,1672400,100",
            "14520000,1672100,1672100,1672000,1672100,0,,,,,");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        long start = Utc("2013-10-07T08:00:00Z");
        Assert.Equal(
            (start + (seconds * Second), start + (seconds * Second)), (events[1].ReceivedAt, events[1].VenueTime));
        Assert.Equal((1672500L, 300L, 1672701L, 20000L), Sides(events[1]));
        Assert.Equal((0L, 0L, 1672400L, 100L), Sides(events[2]));
        Assert.Equal((1672100L, 0L, 0L, 0L), Sides(events[3]));
        Assert.Equal((3L, 3L), (summary.Files[0].Applied["quote"], summary.Instruments[0].Quotes));
        Assert.All(events, e => Assert.Equal((EventSource.Lean, EventFlags.Whole), (e.Source, e.Flags)));
    }

    [Fact]
    public void A_quote_tick_changes_one_side_and_the_other_stays_as_it_was()
    {
        string path = _fixture.Zip(
            "equity/usa/tick/ibm/20131007_quote.zip",
            "14400054,0,0,1836300,100,Q,1,0",
            "14400241,1800100,300,0,0,P,1,0",
            "14400242,9999999,1,0,0,P,1,1",
            "14400243,0,0,0,0,P,2000,0",
            "14400277,0,0,1836200,200,N,1,0",
            "14400277,1800200,400,1836100,500,N,1,0");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(
            [
                (0L, 0L, 1836300L, 100L), (1800100L, 300L, 1836300L, 100L), (1800100L, 300L, 1836200L, 200L),
                (1800200L, 400L, 1836100L, 500L),
            ],
            events.GetRange(1, 4).ConvertAll(Sides));
        Assert.Equal(Utc("2013-10-07T08:00:00Z") + 54_000_000, events[1].ReceivedAt);
        FileSummary file = summary.Files[0];
        Assert.Equal(
            (4L, 1L, 1L),
            (file.Applied["quote"], file.Discarded["suspicious quote"], file.Discarded["quote without a side"]));
    }

    // The archive has sums of floating point numbers as sizes; the number that was meant has eight decimals.
    [Fact]
    public void A_crypto_size_with_the_noise_of_floating_point_is_the_nearest_unit_and_is_counted()
    {
        string path = _fixture.Zip(
            "crypto/coinbase/minute/ethusd/20170904_quote.zip",
            "0,353.05,353.05,353.05,353.05,124.41876474999998,353.06,353.06,353.06,353.06,40.68378539",
            "60000,353.05,353.05,353.05,353.05,39.291066990000004,353.06,353.06,353.06,353.06,2",
            "120000,353.05,353.05,353.05,353.05,1.5,353.06,353.06,353.06,353.06,2");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(
            (2, 8), (events[0].InstrumentDefined.PriceExponent, events[0].InstrumentDefined.QuantityExponent));
        Assert.Equal((35305L, 12441876475L, 35306L, 4068378539L), Sides(events[1]));
        Assert.Equal((35305L, 3929106699L, 35306L, 200000000L), Sides(events[2]));
        Assert.Equal(
            (2L, 1L),
            (summary.Files[0].Applied["quote, size rounded to the unit"], summary.Files[0].Applied["quote"]));
    }

    public static TheoryData<string, string> Malformed() => new()
    {
        { "minute", "34260000,2,3,1,2,5" },
        { "minute", "34260000,2,3,1,2,5,2,3,1,2,5,6" },
        { "minute", "34200000,2,3,1,2,5,2,3,1,2,5" },
        { "minute", "34260000,2,3,1,2,5,,3,1,2,5" },
        { "minute", "34260000,2,3,1,2,,2,3,1,2,5" },
        { "minute", "34260000,2,1,1,2,5,2,3,1,2,5" },
        { "minute", "34260000,2,3,1,2,5,2,3,3,2,5" },
        { "minute", "34260000,2,3,1,2,-5,2,3,1,2,5" },
        { "minute", "34260000,2,3,1,2,5.5,2,3,1,2,5" },
        { "minute", "34260000,0,3,0,2,5,2,3,1,2,5" },
        { "minute", "34100000,2,3,1,2,5,2,3,1,2,5" },
        { "tick", "34260000,2,0,0,0,P,1,0" },
        { "tick", "34260000,0,5,0,0,P,1,0" },
        { "tick", "34260000,0,0,-2,5,P,1,0" },
        { "tick", "34260000,2,5,0,0,PP,1,0" },
        { "tick", "34260000,2,5,0,0,P,xyz,0" },
        { "tick", "34260000,2,5,0,0,P,1,2" },
        { "tick", "34260000,2,5,0,0,P,1" },
        { "tick", "34260000,2,5,0,0,P,1,0,0" },
        { "tick", "34100000,2,5,0,0,P,1,0" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_quote_is_refused_naming_file_line_field_value_and_what_is_allowed(
        string resolution, string line)
    {
        string first = resolution == "minute" ? "34200000,2,3,1,2,5,2,3,1,2,5" : "34200000,2,1,0,0,P,1,0";
        string path = _fixture.Zip($"equity/usa/{resolution}/spy/20131007_quote.zip", first, line);
        ImportException refusal = Imported.Refusal(new ImportFile(path));
        Assert.Equal((path, 2L), (refusal.File, refusal.Line));
        Assert.NotEqual(string.Empty, refusal.Field);
        Assert.NotEqual(string.Empty, refusal.Allowed);
    }

    [Fact]
    public void A_second_file_of_the_same_day_is_refused_and_so_is_another_market()
    {
        string one = _fixture.Zip("equity/usa/minute/spy/20131007_quote.zip", "34200000,2,3,1,2,5,2,3,1,2,5");
        string copy = _fixture.Zip("copy/equity/usa/minute/spy/20131007_quote.zip", "34260000,2,3,1,2,5,2,3,1,2,5");
        ImportException twice = Imported.Refusal(new ImportFile(one), new ImportFile(copy));
        Assert.Equal((copy, "file"), (twice.File, twice.Field));
        Assert.Contains(one, twice.Allowed, StringComparison.Ordinal);

        string bybit = _fixture.Zip("crypto/bybit/minute/btcusdt/20131007_trade.zip", "0,2,3,1,2,5");
        string binance = _fixture.Zip("crypto/binance/minute/btcusdt/20131008_trade.zip", "0,2,3,1,2,5");
        ImportException other = Imported.Refusal(new ImportFile(bybit), new ImportFile(binance));
        Assert.Equal((binance, "market", "binance"), (other.File, other.Field, other.Value));
    }

    [Theory]
    [InlineData("equity/usa/minute/spy/20131007_quote.zip", 60)]
    [InlineData("equity/usa/second/ibm/20131008_quote.zip", 1)]
    [InlineData("crypto/bybit/minute/btcusdt/20221213_quote.zip", 60)]
    [InlineData("crypto/coinbase/minute/btceur/20180406_quote.zip", 60)]
    [InlineData("cryptofuture/bybit/minute/btcusdt/20221213_quote.zip", 60)]
    public void Recorded_quote_bars_are_complete(string relative, long seconds)
    {
        string path = Repository.RecordedData("data/lean/Data/" + relative);
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        InstrumentDefined rules = summary.Instruments[0].Definition;
        bool isEquity = rules.InstrumentKind == InstrumentKind.Equity;
        decimal unit = isEquity ? 1 : Instrument.PowerOf10(rules.PriceExponent);
        decimal sizeUnit = Instrument.PowerOf10(rules.QuantityExponent);
        DateTime midnight = DateTime.ParseExact(Path.GetFileName(path)[..8], "yyyyMMdd", CultureInfo.InvariantCulture);
        long offset = ((midnight - DateTime.UnixEpoch).Ticks * 100) + (isEquity ? 4 * 3600 * Second : 0);
        int row = 0;
        foreach (string[] fields in Rows(path))
        {
            Event e = events[++row];
            Assert.Equal(offset + (Whole(fields[0]) * 1_000_000) + (seconds * Second), e.ReceivedAt);
            Assert.Equal((Number(fields[4]) * unit, Number(fields[9]) * unit), (e.Quote.BidPrice, e.Quote.AskPrice));
            Assert.Equal(decimal.Round(Number(fields[5]) * sizeUnit, MidpointRounding.AwayFromZero), e.Quote.BidQuantity);
            Assert.Equal(decimal.Round(Number(fields[10]) * sizeUnit, MidpointRounding.AwayFromZero), e.Quote.AskQuantity);
        }

        Assert.Equal(row + 1, events.Count);
    }

    // The archive's ticks are of the best quote of all exchanges, so that the quote at the end of each second is the
    // quote bar of that second: two files that were made independently. Bars leave suspicious ticks out, as we do.
    [Fact]
    public void Recorded_quote_ticks_end_each_second_where_the_quote_bars_of_seconds_end()
    {
        string ticks = Repository.RecordedData("data/lean/Data/equity/usa/tick/ibm/20131007_quote.zip");
        string bars = Repository.RecordedData("data/lean/Data/equity/usa/second/ibm/20131007_quote.zip");
        Dictionary<long, (long, long, long, long)> ends = [];
        foreach (Event e in Imported.OfKind(Imported.All(out _, new ImportFile(ticks)), EventKind.Quote))
        {
            ends[((e.ReceivedAt / Second) + 1) * Second] = Sides(e);
        }

        int compared = 0, different = 0;
        foreach (Event e in Imported.OfKind(Imported.All(out _, new ImportFile(bars)), EventKind.Quote))
        {
            compared++;
            different += ends.TryGetValue(e.ReceivedAt, out (long, long, long, long) end) && end == Sides(e) ? 0 : 1;
        }

        Assert.Equal((11_676, 1), (compared, different));
    }

    [Theory]
    [InlineData("equity/usa/second/spy/20131007_trade.zip")]
    [InlineData("equity/usa/second/ibm/20131011_trade.zip")]
    public void Recorded_second_bars_of_an_equity_are_complete(string relative)
    {
        string path = Repository.RecordedData("data/lean/Data/" + relative);
        List<Event> bars = Imported.OfKind(Imported.All(out _, new ImportFile(path)), EventKind.Bar);
        BigInteger expected = 0, actual = 0;
        int rows = 0;
        foreach (string[] f in Rows(path))
        {
            rows++;
            expected += Whole(f[0]) + (Whole(f[1]) * 3) + (Whole(f[2]) * 5) + (Whole(f[3]) * 7) + (Whole(f[4]) * 11)
                + (Whole(f[5]) * 13);
        }

        long midnight = (bars[0].Bar.StartTime / (86_400 * Second) * (86_400 * Second)) + (4 * 3600 * Second);
        foreach (Event e in bars)
        {
            Assert.Equal((Second, e.Bar.StartTime + Second), (e.Bar.Timeframe, e.ReceivedAt));
            actual += ((e.Bar.StartTime - midnight) / 1_000_000) + (e.Bar.Open * 3) + (e.Bar.High * 5) + (e.Bar.Low * 7)
                + (e.Bar.Close * 11) + (e.Bar.Volume * 13);
        }

        Assert.Equal((rows, expected), (bars.Count, actual));
    }

    private static (long Bid, long BidSize, long Ask, long AskSize) Sides(Event e) =>
        (e.Quote.BidPrice, e.Quote.BidQuantity, e.Quote.AskPrice, e.Quote.AskQuantity);

    private static IEnumerable<string[]> Rows(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        using StreamReader reader = new(archive.Entries[0].Open());
        while (reader.ReadLine() is { } line)
        {
            yield return line.Split(',');
        }
    }

    private static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static long Utc(string text) =>
        (DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks * 100;
}
