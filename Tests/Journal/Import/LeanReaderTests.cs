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

public sealed class LeanReaderTests : IDisposable
{
    private const long Minute = 60_000_000_000;

    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    // The clocks change on Sunday 2013-11-03: 09:30 is 13:30 UTC before and 14:30 UTC after.
    [Theory]
    [InlineData("20131101", "2013-11-01T13:30:00Z")]
    [InlineData("20131104", "2013-11-04T14:30:00Z")]
    public void A_bar_is_published_at_its_end_in_UTC_on_both_sides_of_a_change_of_clocks(string date, string startUtc)
    {
        string path = _fixture.Zip(
            $"equity/usa/minute/spy/{date}_trade.zip",
            "34200000,1674100,1674150,1672500,1672701,3197",
            "34260000,1672701,1672701,1672701,1672701,0");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(3, events.Count);
        InstrumentDefined rules = events[0].InstrumentDefined;
        Assert.Equal(
            ("SPY", "USD", InstrumentKind.Equity, 4, 0, 100L, 1L),
            (rules.Symbol.ToString(), rules.Currency.ToString(), rules.InstrumentKind, rules.PriceExponent,
             rules.QuantityExponent, rules.Tick, rules.Lot));
        long start = Nanoseconds(startUtc);
        Assert.Equal(
            (start + Minute, start + Minute, start, Minute),
            (events[1].ReceivedAt, events[1].VenueTime, events[1].Bar.StartTime, events[1].Bar.Timeframe));
        Assert.Equal(
            (1674100L, 1674150L, 1672500L, 1672701L, 3197L),
            (events[1].Bar.Open, events[1].Bar.High, events[1].Bar.Low, events[1].Bar.Close, events[1].Bar.Volume));
        Assert.Equal(start + (2 * Minute), events[2].ReceivedAt);
        Assert.Equal(
            (EventSource.Lean, EventFlags.Whole, 0L), (events[2].Source, events[2].Flags, events[2].Bar.Volume));
        Assert.Equal((2L, 2L), (summary.Files[0].Applied["bar"], summary.Instruments[0].Bars));
    }

    [Fact]
    public void A_tick_keeps_exchange_condition_and_suspicion()
    {
        string path = _fixture.Zip(
            "equity/usa/tick/spy/20131007_trade.zip",
            "14400464,1674101,100,P,20002000,0",
            "14400464,1674100,1,,0,1");
        List<Event> events = Imported.All(out _, new ImportFile(path));
        Assert.Equal(Nanoseconds("2013-10-07T08:00:00Z") + 464_000_000, events[1].ReceivedAt);
        Assert.Equal(
            (1674101L, 100L, 0x20002000u, (byte)'P', TradeMarks.None, Side.None),
            (events[1].Trade.Price, events[1].Trade.Quantity, events[1].Trade.SaleCondition, events[1].Trade.Exchange,
             events[1].Trade.Marks, events[1].Trade.Aggressor));
        Assert.Equal(((byte)0, TradeMarks.Suspicious), (events[2].Trade.Exchange, events[2].Trade.Marks));
    }

    [Fact]
    public void Crypto_bars_have_decimal_prices_and_UTC_days()
    {
        string path = _fixture.Zip(
            "crypto/coinbase/minute/ethusd/20170904_trade.zip",
            "0,353.06,353.1,353.06,353.1,25.93554812",
            "60000,353.1,353.1,353.09,353.1,7.4806436");
        List<Event> events = Imported.All(out _, new ImportFile(path));
        InstrumentDefined rules = events[0].InstrumentDefined;
        Assert.Equal(
            ("ETHUSD", "USD", InstrumentKind.Spot, 2, 8),
            (rules.Symbol.ToString(), rules.Currency.ToString(), rules.InstrumentKind, rules.PriceExponent,
             rules.QuantityExponent));
        Assert.Equal(Nanoseconds("2017-09-04T00:01:00Z"), events[1].ReceivedAt);
        Assert.Equal((35306L, 35310L, 2593554812L), (events[1].Bar.Open, events[1].Bar.High, events[1].Bar.Volume));
        Assert.Equal(748064360L, events[2].Bar.Volume);
    }

    public static TheoryData<string, string> Malformed() => new()
    {
        { "minute", "34200001" },
        { "minute", "x,2,3,1,2,5" },
        { "minute", "34200000,2,3,1,2,5" },
        { "minute", "34100000,2,3,1,2,5" },
        { "minute", "86400000,2,3,1,2,5" },
        { "minute", "-1,2,3,1,2,5" },
        { "minute", "34260000,2,3,1,2" },
        { "minute", "34260000,2,3,1,2,5,6" },
        { "minute", "34260000,,3,1,2,5" },
        { "minute", "34260000,2.5,3,1,2,5" },
        { "minute", "34260000,0,3,0,2,5" },
        { "minute", "34260000,2,1,1,2,5" },
        { "minute", "34260000,2,3,3,2,5" },
        { "minute", "34260000,2,3,1,4,5" },
        { "minute", "34260000,2,3,1,2,-5" },
        { "minute", "34260000,2,3,1,2,99999999999999999999" },
        { "minute", "34260000, 2,3,1,2,5" },
        { "tick", "34260000,2,0,P,0,0" },
        { "tick", "34260000,2,1,PP,0,0" },
        { "tick", "34260000,2,1,p,0,0" },
        { "tick", "34260000,2,1,P,g,0" },
        { "tick", "34260000,2,1,P,123456789,0" },
        { "tick", "34260000,2,1,P,0,2" },
        { "tick", "34260000,2,1,P,0," },
        { "tick", "34260000,2,1,P,0" },
        { "tick", "34260000,2,1,P,0,0,0" },
        { "tick", "34100000,2,1,P,0,0" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_line_is_refused_naming_file_line_field_value_and_what_is_allowed(
        string resolution, string line)
    {
        string first = resolution == "minute" ? "34200000,2,3,1,2,5" : "34200000,2,1,P,0,0";
        string path = _fixture.Zip($"equity/usa/{resolution}/spy/20131007_trade.zip", first, line);
        ImportException refusal = Imported.Refusal(new ImportFile(path));
        Assert.Equal((path, 2L), (refusal.File, refusal.Line));
        Assert.NotEqual(string.Empty, refusal.Field);
        Assert.NotEqual(string.Empty, refusal.Allowed);
    }

    [Theory]
    [InlineData("equity/usa/minute/spy/20131007_openinterest.zip")]
    [InlineData("crypto/bybit/tick/btcusdt/20131007_trade.zip")]
    [InlineData("equity/usa/hour/spy/20131007_trade.zip")]
    [InlineData("equity/usa/minute/spy/20131307_trade.zip")]
    [InlineData("option/usa/minute/spy/20131007_trade.zip")]
    [InlineData("spy.zip")]
    public void A_path_that_says_something_else_is_refused(string relative) => Assert.Equal(
        "file",
        Imported.Refusal(new ImportFile(_fixture.Zip(relative, "34200000,2,3,1,2,5"), ImportFormat.Lean)).Field);

    [Fact]
    public void A_time_that_the_change_of_clocks_skips_is_refused() => Assert.Equal(
        "time",
        Imported.Refusal(
            new ImportFile(_fixture.Zip("equity/usa/minute/spy/20240310_trade.zip", "9000000,2,3,1,2,5"))).Field);

    [Fact]
    public void A_recorded_day_of_ticks_is_complete() =>
        AssertLikeNaive(["equity/usa/tick/spy/20131007_trade.zip"], isTick: true);

    [Fact]
    public void A_recorded_week_of_minutes_is_complete() => AssertLikeNaive(
        [
            "equity/usa/minute/spy/20131007_trade.zip",
            "equity/usa/minute/spy/20131008_trade.zip",
            "equity/usa/minute/spy/20131009_trade.zip",
            "equity/usa/minute/spy/20131010_trade.zip",
            "equity/usa/minute/spy/20131011_trade.zip",
        ],
        isTick: false);

    [Theory]
    [InlineData("crypto/bybit/minute/btcusdt/20221213_trade.zip")]
    [InlineData("crypto/coinbase/minute/ethusd/20170904_trade.zip")]
    [InlineData("crypto/coinbase/second/btcusd/20161009_trade.zip")]
    public void Recorded_crypto_bars_are_complete(string relative)
    {
        string path = Repository.RecordedData("data/lean/Data/" + relative);
        List<Event> bars = Imported.OfKind(
            Imported.All(out ImportSummary summary, new ImportFile(path)), EventKind.Bar);
        InstrumentDefined rules = summary.Instruments[0].Definition;
        decimal volume = 0, closes = 0;
        int rows = 0;
        foreach (string[] row in NaiveRows(path))
        {
            closes += decimal.Parse(row[4], CultureInfo.InvariantCulture);
            volume += decimal.Parse(row[5], CultureInfo.InvariantCulture);
            rows++;
        }

        BigInteger volumeUnits = 0, closeUnits = 0;
        foreach (Event e in bars)
        {
            volumeUnits += e.Bar.Volume;
            closeUnits += e.Bar.Close;
        }

        Assert.Equal(rows, bars.Count);
        Assert.Equal(closes, (decimal)closeUnits / Instrument.PowerOf10(rules.PriceExponent));
        Assert.Equal(volume, (decimal)volumeUnits / Instrument.PowerOf10(rules.QuantityExponent));
    }

    /// <summary>October 2013 is summer time: UTC is four hours ahead, whatever any rule says.</summary>
    private static void AssertLikeNaive(string[] relatives, bool isTick)
    {
        List<ImportFile> files = [];
        List<(long Time, long Price, long Volume)> expected = [];
        foreach (string relative in relatives)
        {
            string path = Repository.RecordedData("data/lean/Data/" + relative);
            files.Add(new ImportFile(path));
            DateTime midnight = DateTime.ParseExact(
                Path.GetFileName(path)[..8], "yyyyMMdd", CultureInfo.InvariantCulture);
            long offset = (midnight - DateTime.UnixEpoch).Ticks * 100;
            foreach (string[] row in NaiveRows(path))
            {
                long time = offset + ((Whole(row[0]) + 14_400_000) * 1_000_000);
                expected.Add(isTick
                    ? (time, Whole(row[1]), Whole(row[2]))
                    : (time + Minute, Whole(row[4]), Whole(row[5])));
            }
        }

        // The files are given in reverse: the times decide.
        files.Reverse();
        List<Event> events = Imported.All(out ImportSummary summary, [.. files]);
        Assert.Single(summary.Instruments);
        Assert.Equal(expected.Count + 1, events.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Event e = events[i + 1];
            Assert.Equal(
                expected[i],
                isTick ? (e.ReceivedAt, e.Trade.Price, e.Trade.Quantity) : (e.ReceivedAt, e.Bar.Close, e.Bar.Volume));
        }

        Assert.Equal(expected[0].Time, summary.Instruments[0].FirstTime);
        Assert.Equal(expected[^1].Time, summary.Instruments[0].LastTime);
    }

    private static IEnumerable<string[]> NaiveRows(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        using StreamReader reader = new(archive.Entries[0].Open());
        while (reader.ReadLine() is { } line)
        {
            yield return line.Split(',');
        }
    }

    private static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static long Nanoseconds(string utc) =>
        (DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks * 100;
}
