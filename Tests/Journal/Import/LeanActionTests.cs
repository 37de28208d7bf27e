using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Journal.Import;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

public sealed class LeanActionTests : IDisposable
{
    private const string Factors = "equity/usa/factor_files/";
    private const string Maps = "equity/usa/map_files/";

    // What the companies declared, by the date before the ex-date.
    private static readonly string[] AppleDeclared =
    [
        "2000-06-20 2:1", "2005-02-25 2:1", "2012-08-08 2.65", "2012-11-06 2.65", "2013-02-06 2.65", "2013-05-08 3.05",
        "2013-08-07 3.05", "2013-11-05 3.05", "2014-02-05 3.05", "2014-05-07 3.29", "2014-06-06 7:1", "2014-08-06 0.47",
        "2014-11-05 0.47", "2015-02-04 0.47", "2015-05-06 0.52", "2015-08-05 0.52", "2015-11-04 0.52", "2016-02-03 0.52",
        "2016-05-04 0.57", "2016-08-03 0.57", "2016-11-02 0.57", "2017-02-08 0.57", "2017-05-10 0.63", "2017-08-09 0.63",
        "2017-11-09 0.63", "2018-02-08 0.63", "2018-05-10 0.73", "2018-08-09 0.73", "2018-11-07 0.73", "2019-02-07 0.73",
        "2019-05-09 0.77", "2019-08-08 0.77", "2019-11-06 0.77", "2020-02-06 0.77", "2020-05-07 0.82", "2020-08-06 0.82",
        "2020-08-28 4:1", "2020-11-05 0.205", "2021-02-04 0.205",
    ];

    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("0.142857", "1", 7, 1)]
    [InlineData("0.00892857", "0.01785710", 2, 1)]
    [InlineData("0.03571430", "0.25", 7, 1)]
    [InlineData("0.25", "1", 4, 1)]
    [InlineData("0.8", "1", 5, 4)]
    [InlineData("0.333333", "1", 3, 1)]
    [InlineData("13.333300", "20", 3, 2)]
    [InlineData("20", "1", 1, 20)]
    [InlineData("3.0003", "1", 1, 3)]
    [InlineData("34.965", "1", 200, 6993)]
    public void A_split_is_the_ratio_that_was_declared_not_the_rounded_factor(
        string before, string after, long newShares, long oldShares)
    {
        string path = _fixture.Plain(Factors + "x.csv", $"20140606,1,{before},645.57", $"20501231,1,{after},0");
        Event e = Assert.Single(Imported.OfKind(Imported.All(out _, new ImportFile(path)), EventKind.CorporateAction));
        Assert.Equal(
            (CorporateActionKind.Split, newShares, oldShares, 0L, 645_570_000_000L),
            (e.CorporateAction.Action, e.CorporateAction.NewShares, e.CorporateAction.OldShares,
             e.CorporateAction.CashPerShare, e.CorporateAction.ReferencePrice));
    }

    // Every old number from one up is tried with the new number nearest to it: the first that rounds to the factor is it.
    [Theory]
    [InlineData("0.997307")]
    [InlineData("0.962215")]
    [InlineData("0.951475")]
    [InlineData("1.043210")]
    public void A_ratio_of_larger_numbers_is_the_smallest_that_rounds_to_the_factor(string factor)
    {
        string path = _fixture.Plain(Factors + "x.csv", $"20140606,1,{factor},645.57", "20501231,1,1,0");
        Event e = Assert.Single(Imported.OfKind(Imported.All(out _, new ImportFile(path)), EventKind.CorporateAction));
        decimal wanted = decimal.Parse(factor, CultureInfo.InvariantCulture);
        long newShares = 0, oldShares = 0;
        for (long old = 1; newShares == 0; old++)
        {
            decimal near = decimal.Round(old / wanted);
            if (near > 0 && Math.Abs((old / near) - wanted) <= 0.0000005m)
            {
                (newShares, oldShares) = ((long)near, old);
            }
        }

        Assert.Equal((newShares, oldShares), (e.CorporateAction.NewShares, e.CorporateAction.OldShares));
    }

    [Theory]
    [InlineData("0.8613657", "0.8650639", "619.86", 2_650_000_000)]
    [InlineData("0.9967882", "0.9985079", "119.03", 205_000_000)]
    [InlineData("0.5", "1", "10", 5_000_000_000)]
    public void A_dividend_is_the_amount_that_was_declared(string before, string after, string close, long cash)
    {
        string path = _fixture.Plain(Factors + "x.csv", $"20121106,{before},1,{close}", $"20501231,{after},1,0");
        Event e = Assert.Single(Imported.OfKind(Imported.All(out _, new ImportFile(path)), EventKind.CorporateAction));
        Assert.Equal(
            (CorporateActionKind.Dividend, cash, 0L, 0L),
            (e.CorporateAction.Action, e.CorporateAction.CashPerShare, e.CorporateAction.NewShares,
             e.CorporateAction.OldShares));
    }

    // The clocks are at -5 hours in winter and -4 in summer.
    [Theory]
    [InlineData("20121106", "2012-11-07T05:00:00Z")]
    [InlineData("20140606", "2014-06-07T04:00:00Z")]
    public void An_action_is_in_force_from_the_midnight_after_the_last_date_of_its_row_the_dividend_first(
        string date, string utc)
    {
        string path = _fixture.Plain(Factors + "x.csv", $"{date},0.9,0.5,100", "20501231,1,1,0");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(
            [CorporateActionKind.Dividend, CorporateActionKind.Split],
            [events[1].CorporateAction.Action, events[2].CorporateAction.Action]);
        Assert.Equal((3, Utc(utc), Utc(utc)), (events.Count, events[1].ReceivedAt, events[2].ReceivedAt));
        Assert.Equal((EventFlags.Whole, EventSource.Lean, Utc(utc)), (events[1].Flags, events[1].Source, events[1].VenueTime));
        Assert.Equal((1L, 1L), (summary.Files[0].Applied["dividend"], summary.Files[0].Applied["split"]));
        Assert.Equal((2L, "X"), (summary.Instruments[0].CorporateActions, summary.Instruments[0].Definition.Symbol.ToString()));
    }

    [Fact]
    public void A_map_file_tells_renamings_and_the_delisting()
    {
        string path = _fixture.Plain(Maps + "twx.csv", "19980102,aol,N", "20031015,aol,N", "20180615,twx");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(
            (Utc("2003-10-16T04:00:00Z"), CorporateActionKind.Renamed, "TWX"),
            (events[1].ReceivedAt, events[1].CorporateAction.Action, events[1].CorporateAction.NewSymbol.ToString()));
        Assert.Equal(
            (Utc("2018-06-16T04:00:00Z"), CorporateActionKind.Delisted),
            (events[2].ReceivedAt, events[2].CorporateAction.Action));
        Assert.Equal((1L, 1L), (summary.Files[0].Applied["renaming"], summary.Files[0].Applied["delisting"]));

        string open = _fixture.Plain(Maps + "spy.csv", "19980102,spy,P", "20501231,spy,P");
        Assert.Empty(Imported.All(out _, new ImportFile(open)));
    }

    [Fact]
    public void Only_what_lies_within_the_market_data_is_taken_and_the_rest_is_counted()
    {
        string one = _fixture.Zip("equity/usa/minute/x/20131007_trade.zip", "34200000,2,3,1,2,5");
        string two = _fixture.Zip("equity/usa/minute/x/20131008_trade.zip", "34200000,2,3,1,2,5");
        string factors = _fixture.Plain(
            Factors + "x.csv",
            "20131003,0.8,0.5,10",
            "20131007,0.9,0.5,10",
            "20131008,0.9,1,10",
            "20501231,1,1,0");
        List<Event> events = Imported.All(
            out ImportSummary summary, new ImportFile(two), new ImportFile(factors), new ImportFile(one));
        Assert.Equal(
            ["InstrumentDefined", "Bar", "CorporateAction", "Bar"], events.ConvertAll(e => e.Kind.ToString()));
        Assert.Single(summary.Instruments);
        FileSummary file = summary.Files[1];
        Assert.Equal(
            (1L, 1L, 1L, 1L, 4L),
            (file.Events, file.Applied["split"], file.Discarded["before the market data"],
             file.Discarded["after the market data"], file.Lines));
        Assert.Equal((file.FirstTime, file.LastTime), (events[2].ReceivedAt, events[2].ReceivedAt));
    }

    [Fact]
    public void A_share_that_was_renamed_is_one_instrument_where_its_map_file_says_so()
    {
        string before = _fixture.Zip("equity/usa/minute/nwsa/20130628_trade.zip", "34200000,2,3,1,2,5");
        string after = _fixture.Zip("equity/usa/minute/foxa/20130701_trade.zip", "34200000,2,3,1,2,5");
        string map = _fixture.Plain(
            Maps + "tfcfa.csv", "20041112,nwsa,Q", "20130628,nwsa,Q", "20190318,foxa,Q", "20190320,tfcfa,Q");
        InstrumentOptions options = new() { Symbol = "TFCFA" };
        ImportFile[] files = [.. new[] { before, after, map }.Select(path => new ImportFile(path, ImportFormat.Detect, options))];
        List<Event> events = Imported.All(out ImportSummary summary, files);
        Assert.Equal("TFCFA", Assert.Single(summary.Instruments).Definition.Symbol.ToString());
        Assert.Equal(
            ["InstrumentDefined", "Bar", "CorporateAction", "Bar"], events.ConvertAll(e => e.Kind.ToString()));
        Assert.Equal("FOXA", events[2].CorporateAction.NewSymbol.ToString());

        // On the first of July nobody traded it as NWSA: that file is of another share.
        string wrong = _fixture.Zip("equity/usa/minute/nwsa/20130701_trade.zip", "34200000,2,3,1,2,5");
        ImportException refusal = Imported.Refusal(new ImportFile(wrong, ImportFormat.Detect, options));
        Assert.Equal((wrong, "symbol", "NWSA", "TFCFA"), (refusal.File, refusal.Field, refusal.Value, refusal.Allowed));
        Assert.Equal(
            "symbol",
            Imported.Refusal(new ImportFile(map, ImportFormat.Detect, new InstrumentOptions { Symbol = "SPY" })).Field);
    }

    [Theory]
    [InlineData("factor_files", "20140606,1,1,1", "20140606,1,1,1")]
    [InlineData("factor_files", "20140606,1,1,1", "20140605,1,1,1")]
    [InlineData("factor_files", "20140606,1,1,1", "20141306,1,1,1")]
    [InlineData("factor_files", "20140606,1,1,1", "2014060,1,1,1")]
    [InlineData("factor_files", "20140606,1,1,1", "20140607,1,1")]
    [InlineData("factor_files", "20140606,1,1,1", "20140607,1,1,1,1")]
    [InlineData("factor_files", "20140606,1,1,1", "20140607,0.9,1,1")]
    [InlineData("factor_files", "20140606,0.9,1,0", "20140607,1,1,1")]
    [InlineData("factor_files", "20140606,1,1,1", "20140607,1,0,1")]
    [InlineData("factor_files", "20140606,1,1,1", "20140607,1,-1,1")]
    [InlineData("factor_files", "20140606,1,1,1", "20140607,1,1.0000000001,1")]
    [InlineData("factor_files", "20140606,1,1,1", "20140607,1,10000000,1")]
    [InlineData("factor_files", "20140606,1,1,1", "20140607,1,1,x")]
    [InlineData("map_files", "20140606,x,N", "20140606,y,N")]
    [InlineData("map_files", "20140606,x,N", "20140605,y,N")]
    [InlineData("map_files", "20140606,x,N", "20140607")]
    [InlineData("map_files", "20140606,x,N", "20140607,,N")]
    [InlineData("map_files", "20140606,x,N", "20140607,y z,N")]
    [InlineData("map_files", "20140606,x,N", "20140607,abcdefghijklmnopqrstuvwxyz,N")]
    [InlineData("map_files", "20140606,x,N", "20140607,y,NN")]
    [InlineData("map_files", "20140606,x,N", "20140607,y,N,N")]
    [InlineData("map_files", "20140606,x,N", "19690607,y,N")]
    public void A_malformed_row_is_refused_naming_file_line_field_value_and_what_is_allowed(
        string folder, string first, string second)
    {
        string path = _fixture.Plain($"equity/usa/{folder}/x.csv", first, second);
        ImportException refusal = Imported.Refusal(new ImportFile(path));
        Assert.Equal((path, 2L), (refusal.File, refusal.Line));
        Assert.NotEqual(string.Empty, refusal.Field);
        Assert.NotEqual(string.Empty, refusal.Allowed);
    }

    [Fact]
    public void A_second_factor_file_of_a_share_is_refused()
    {
        string one = _fixture.Plain(Factors + "x.csv", "20140606,1,0.5,1", "20501231,1,1,0");
        string two = _fixture.Plain("copy/" + Factors + "x.csv", "20140606,1,0.5,1", "20501231,1,1,0");
        Assert.Equal((two, "file"), Named(Imported.Refusal(new ImportFile(one), new ImportFile(two))));
    }

    [Fact]
    public void Recorded_factors_of_Apple_give_the_splits_and_dividends_that_it_declared()
    {
        string path = Repository.RecordedData("data/lean/Data/" + Factors + "aapl.csv");
        Assert.Equal(AppleDeclared, Declared(Imported.All(out _, new ImportFile(path))));
    }

    [Theory]
    [InlineData("eem", "2005-06-08 3:1", "2008-07-23 3:1")]
    [InlineData("aig", "1998-07-31 3:2", "1999-07-30 5:4", "2000-07-28 3:2", "2009-06-30 1:20")]
    [InlineData("twx", "1998-03-16 2:1", "1998-11-17 2:1", "1999-02-22 2:1", "1999-11-22 2:1", "2009-03-27 1:3")]
    [InlineData("uso", "2020-04-28 1:8")]
    [InlineData("googl", "2014-04-02 2:1")]
    [InlineData("qqq", "2000-03-17 2:1")]
    public void Recorded_factors_give_the_splits_that_were_declared(string ticker, params string[] declared)
    {
        string path = Repository.RecordedData($"data/lean/Data/{Factors}{ticker}.csv");
        Assert.Equal(
            declared,
            Declared(Imported.All(out _, new ImportFile(path))).FindAll(line => line.Contains(':', StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("twx", "2003-10-15 TWX", "2018-06-15 delisted")]
    [InlineData("tfcfa", "2013-06-28 FOXA", "2019-03-18 TFCFA", "2019-03-20 delisted")]
    [InlineData("goog", "2014-04-02 GOOG")]
    [InlineData("qqq", "2004-11-30 QQQQ", "2011-03-22 QQQ")]
    [InlineData("wm", "1998-07-16 WMI", "2009-08-04 WM")]
    [InlineData("aapl")]
    public void Recorded_maps_give_the_renamings_and_delistings(string ticker, params string[] known)
    {
        string path = Repository.RecordedData($"data/lean/Data/{Maps}{ticker}.csv");
        Assert.Equal(known, Declared(Imported.All(out _, new ImportFile(path))));
    }

    // Seven new shares for one: the price falls to a seventh, and the event lies between the two prices. (The first minute
    // of the archive after it still opens at the old price.)
    [Fact]
    public void The_recorded_split_of_Apple_lies_between_the_prices_that_it_explains()
    {
        const string folder = "data/lean/Data/equity/usa/minute/aapl/";
        List<Event> events = Imported.All(
            out ImportSummary summary,
            new ImportFile(Repository.RecordedData(folder + "20140606_trade.zip")),
            new ImportFile(Repository.RecordedData(folder + "20140609_trade.zip")),
            new ImportFile(Repository.RecordedData("data/lean/Data/" + Factors + "aapl.csv")),
            new ImportFile(Repository.RecordedData("data/lean/Data/" + Maps + "aapl.csv")));
        int at = events.FindIndex(e => e.Kind == EventKind.CorporateAction);
        Assert.Equal(1, summary.Instruments[0].CorporateActions);
        CorporateAction split = events[at].CorporateAction;
        Assert.Equal((7L, 1L), (split.NewShares, split.OldShares));
        decimal before = events[at - 1].Bar.Close;
        decimal after = events[at + 1].Bar.Close;
        Assert.InRange(before / after / split.NewShares, 0.95m, 1.05m);
    }

    [Fact]
    public void Recorded_minutes_of_a_share_that_was_renamed_are_one_instrument()
    {
        InstrumentOptions options = new() { Symbol = "TFCFA" };
        string[] paths =
        [
            "minute/foxa/20130701_trade.zip", "minute/foxa/20130702_trade.zip", "minute/nwsa/20130627_trade.zip",
            "minute/nwsa/20130628_trade.zip", "factor_files/tfcfa.csv", "map_files/tfcfa.csv",
        ];
        List<Event> events = Imported.All(
            out ImportSummary summary,
            [.. paths.Select(path => new ImportFile(
                Repository.RecordedData("data/lean/Data/equity/usa/" + path), ImportFormat.Detect, options))]);
        Assert.Single(summary.Instruments);
        Assert.Equal(["2013-06-28 3.82", "2013-06-28 FOXA"], Declared(events));
        Assert.All(events, e => Assert.Equal(1, e.Instrument.Value));
    }

    [Fact]
    public void Every_recorded_factor_and_map_file_can_be_read()
    {
        string folder = System.IO.Path.GetDirectoryName(
            System.IO.Path.GetDirectoryName(Repository.RecordedData("data/lean/Data/" + Factors + "spy.csv"))!)!;
        int read = 0;
        foreach (string kind in (string[])["factor_files", "map_files"])
        {
            foreach (string path in System.IO.Directory.GetFiles(System.IO.Path.Combine(folder, kind), "*.csv"))
            {
                Imported.All(out _, new ImportFile(path));
                read++;
            }
        }

        Assert.True(read > 40, $"{read} files");
    }

    private static List<string> Declared(List<Event> events) =>
        Imported.OfKind(events, EventKind.CorporateAction).ConvertAll(e =>
        {
            // New York is behind by less than a day: an hour before the event is the evening of the last date.
            string date = DateTime.UnixEpoch.AddTicks(e.ReceivedAt / 100).AddHours(-6)
                .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            CorporateAction action = e.CorporateAction;
            return date + " " + action.Action switch
            {
                CorporateActionKind.Split => $"{action.NewShares}:{action.OldShares}",
                CorporateActionKind.Dividend =>
                    (action.CashPerShare / 1_000_000_000m).ToString("0.00#######", CultureInfo.InvariantCulture),
                CorporateActionKind.Renamed => action.NewSymbol.ToString(),
                _ => "delisted",
            };
        });

    private static (string, string) Named(ImportException refusal) => (refusal.File, refusal.Field);

    private static long Utc(string text) =>
        (DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks * 100;
}
