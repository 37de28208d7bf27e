using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Journal.Import;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

/// <summary>LEAN files of hours and days, adjusted prices, dividends to the cent.</summary>
public sealed class LeanSeriesTests : IDisposable
{
    private const long Hour = 3_600_000_000_000;
    private readonly Fixture _files = new();

    [Fact]
    public void A_daily_bar_begins_at_midnight_in_New_York_and_is_told_a_day_later()
    {
        // Winter and summer: five and four hours behind.
        string path = _files.Zip(
            "equity/usa/daily/spy.zip", "20130308 00:00,1000000,1010000,990000,1005000,7", "20130311 00:00,1000000,1010000,990000,1005000,8");
        List<Event> bars = Imported.OfKind(Imported.All(out _, new ImportFile(path)), EventKind.Bar);
        Assert.Equal([Utc(2013, 3, 8, 5), Utc(2013, 3, 11, 4)], bars.Select(e => e.Bar.StartTime));
        Assert.All(bars, e => Assert.Equal((24 * Hour, e.Bar.StartTime + (24 * Hour)), (e.Bar.Timeframe, e.ReceivedAt)));
        Assert.Equal([7, 8], bars.Select(e => e.Bar.Volume));
    }

    [Fact]
    public void An_hour_of_a_pair_is_in_UTC_and_has_its_kind_in_its_name()
    {
        string path = _files.Zip("crypto/coinbase/hour/btcusd_trade.zip", "20180101 13:00,13.5,14,13,13.25,2.5");
        Event bar = Imported.OfKind(Imported.All(out _, new ImportFile(path)), EventKind.Bar).Single();
        Assert.Equal((Utc(2018, 1, 1, 13), Hour, 1_350L), (bar.Bar.StartTime, bar.Bar.Timeframe, bar.Bar.Open));
    }

    [Fact]
    public void Dates_outside_of_the_wanted_ones_are_counted_and_left_out()
    {
        string path = _files.Zip("equity/usa/daily/spy.zip", Rows("20130306", "20130307", "20130308", "20130311"));
        List<Event> events = Imported.All(
            out ImportSummary summary, new ImportFile(path, ImportFormat.Lean, InstrumentOptions.Parse("from=20130307,to=20130308")));
        Assert.Equal([Utc(2013, 3, 7, 5), Utc(2013, 3, 8, 5)], Imported.OfKind(events, EventKind.Bar).Select(e => e.Bar.StartTime));
        Assert.Equal(2, summary.Files[0].Discarded["outside of the dates"]);
    }

    [Fact]
    public void An_adjusted_price_is_the_traded_one_times_the_factors_of_its_date()
    {
        // The first row whose date is not before the price's: 100.00 x 0.5 x 0.25, then 100.00 x 0.9999999 x 0.25, then 100.00.
        _files.Plain("equity/usa/factor_files/spy.csv", "20130306,0.5,0.25,1", "20130308,0.9999999,0.25,1", "20501231,1,1,0");
        string path = _files.Zip("equity/usa/daily/spy.zip", Rows("20130306", "20130307", "20130308", "20130311"));
        List<Event> events = Imported.All(
            out _, new ImportFile(path, ImportFormat.Lean, InstrumentOptions.Parse("prices=adjusted")));
        Assert.Equal((byte)9, events[0].InstrumentDefined.PriceExponent);
        Assert.Equal(1, events[0].InstrumentDefined.Tick);
        Assert.Equal(
            [12_500_000_000, 24_999_997_500, 24_999_997_500, 100_000_000_000],
            Imported.OfKind(events, EventKind.Bar).Select(e => e.Bar.Open));
    }

    [Theory]
    [InlineData("99.995", "declared", 500_000_000)]
    [InlineData("99.995", "cents", 500_000_000)]
    // 0.205 of 100.00: to the even cent of 0.20 and 0.21.
    [InlineData("0.9979500", "declared", 205_000_000)]
    [InlineData("0.9979500", "cents", 200_000_000)]
    [InlineData("0.9978500", "cents", 220_000_000)]
    public void A_dividend_is_as_declared_or_to_the_cent(string factor, string dividends, long expected)
    {
        factor = factor == "99.995" ? "0.995" : factor;
        string days = _files.Zip("equity/usa/daily/x.zip", Rows("20130306", "20130308"));
        string factors = _files.Plain("equity/usa/factor_files/x.csv", $"20130306,{factor},1,100", "20501231,1,1,0");
        InstrumentOptions options = InstrumentOptions.Parse("dividends=" + dividends);
        Event paid = Imported.OfKind(
            Imported.All(out _, new ImportFile(days, ImportFormat.Lean, options), new ImportFile(factors, ImportFormat.Lean, options)),
            EventKind.CorporateAction).Single();
        Assert.Equal(expected, paid.CorporateAction.CashPerShare);
    }

    [Theory]
    [InlineData("20130308", "time")]
    [InlineData("20130308T00:00", "time")]
    [InlineData("20130308 24:00", "time")]
    [InlineData("20130308 00:60", "time")]
    [InlineData("20131308 00:00", "time")]
    [InlineData("20130310 02:00", "time")]
    public void A_time_that_is_none_is_refused(string time, string field)
    {
        string path = _files.Zip("equity/usa/daily/spy.zip", time + ",2,3,1,2,5");
        Assert.Equal(field, Imported.Refusal(new ImportFile(path, ImportFormat.Lean)).Field);
    }

    [Fact]
    public void Days_that_run_backwards_or_come_twice_are_refused()
    {
        string twice = _files.Zip("equity/usa/daily/spy.zip", Rows("20130308", "20130308"));
        Assert.Equal("time", Imported.Refusal(new ImportFile(twice)).Field);
        string back = _files.Zip("equity/usa/daily/iwm.zip", Rows("20130308", "20130307"));
        Assert.Equal("received-at", Imported.Refusal(new ImportFile(back)).Field);
    }

    [Fact]
    public void Options_that_do_not_fit_a_file_are_refused()
    {
        string days = _files.Zip("equity/usa/daily/spy.zip", Rows("20130308"));
        string minutes = _files.Zip("equity/usa/minute/spy/20130308_trade.zip", "34200000,2,3,1,2,5");
        string pair = _files.Zip("crypto/coinbase/daily/btcusd_trade.zip", "20180101 00:00,13.5,14,13,13.25,2.5");
        string other = _files.Plain("x.csv", "lowlatency-csv,1");
        Assert.Equal("prices", Refusal(days, "prices=adjusted").Field);
        Assert.Equal("from, to", Refusal(minutes, "from=20130308").Field);
        Assert.Equal("prices", Refusal(pair, "prices=adjusted").Field);
        Assert.Equal("instrument", Refusal(other, "prices=adjusted").Field);
        string factors = _files.Plain("equity/usa/factor_files/spy.csv", "20130307,1,1,1");

        // The factors end before the price; and beside adjusted prices their dividends would count twice.
        Assert.Equal("open", Refusal(days, "prices=adjusted").Field);
        InstrumentOptions adjusted = InstrumentOptions.Parse("prices=adjusted");
        Assert.Equal("prices", Imported.Refusal(
            new ImportFile(days, ImportFormat.Lean, adjusted), new ImportFile(factors, ImportFormat.Lean, adjusted)).Field);
    }

    [Theory]
    [InlineData("from=2013")]
    [InlineData("to=20130230")]
    [InlineData("from=20130308,to=20130307")]
    [InlineData("prices=split")]
    [InlineData("dividends=cent")]
    public void Options_that_mean_nothing_are_refused(string text) =>
        Assert.Throws<FormatException>(() => InstrumentOptions.Parse(text));

    /// <summary>As many bars as the file has lines, each a whole number of days or hours long; what is skipped is none.</summary>
    [Theory]
    [InlineData("equity/usa/daily")]
    [InlineData("equity/usa/hour")]
    [InlineData("crypto/coinbase/daily")]
    [InlineData("crypto/bitfinex/hour")]
    [InlineData("cryptofuture/binance/hour")]
    public void Recorded_series_are_complete(string folder)
    {
        string[] files = Directory.GetFiles(Repository.RecordedData("data/lean/Data/" + folder), "*.zip");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            using ZipArchive archive = ZipFile.OpenRead(file);
            using StreamReader reader = new(archive.Entries.Single().Open());
            int lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
            List<Event> events = Imported.All(out _, new ImportFile(file, ImportFormat.Lean));
            Assert.Equal(lines, events.Count(e => e.Kind is EventKind.Bar or EventKind.Quote));
        }
    }

    public void Dispose() => _files.Dispose();

    private static ImportException Refusal(string path, string options) =>
        Imported.Refusal(new ImportFile(path, ImportFormat.Detect, InstrumentOptions.Parse(options)));

    private static string[] Rows(params string[] dates) => [.. dates.Select(date => date + " 00:00,1000000,1010000,990000,1005000,7")];

    private static long Utc(int year, int month, int day, int hour) =>
        (new DateTime(year, month, day, hour, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks * 100;
}
