using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Export;
using LowLatency.Journal.Import;
using LowLatency.Journal.Inspection;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

public sealed class CsvReaderTests : IDisposable
{
    private const string Header = "lowlatency-csv,1";
    private const string Rule = "instrument,ABC,spot,USD,2,3,0.05,0.010,0.020,1000,5,1";

    private const string Share = "instrument,SHR,equity,USD,4,0,0.0100,1,1,1000,0.00000000,1";
    private const string Perpetual = "instrument,PRP,linear,USDT,2,3,0.10,0.001,0.001,1000.000,5.00000000,1";

    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Every_row_becomes_its_event_and_consecutive_levels_one_message()
    {
        string path = _fixture.Gzip(
            "x.csv.gz",
            Header,
            Rule,
            "instrument,XYZ,linear,USDT,0,0,1,1,1,9,0,10",
            "level,1723161255000000001,,ABC,snapshot,7,,bid,10.00,1.5",
            "level,1723161255000000001,,ABC,snapshot,7,,ask,10.05,2",
            "level,2024-08-08T23:54:15.000000001Z,,ABC,diff,8,7,ask,10.05,0",
            "trade,2024-08-08T23:54:15.00000001Z,2024-08-08T23:54:15Z,ABC,10.02,0.001,sell,99",
            "trade,1723161255000000010,,XYZ,-5,3,,",
            "quote,1723161255000000011,,ABC,10,1,10.05,0,8",
            "gap,1723161255000000012,,ABC",
            "bar,1723161315000000000,,ABC,2024-08-08T23:54:15Z,60,10,10.5,9.99,10,3,2");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(
            [
                "InstrumentDefined:1", "InstrumentDefined:2", "BookLevels:1", "BookLevels:1", "Trade:1", "Trade:2",
                "Quote:1", "StreamState:1", "Bar:1"
            ],
            events.ConvertAll(e => $"{e.Kind}:{e.Instrument.Value}"));
        InstrumentDefined rules = events[0].InstrumentDefined;
        Assert.Equal(
            (5L, 10L, 20L, 1_000_000L, 500_000_000L, 1, InstrumentKind.Spot),
            (rules.Tick, rules.Lot, rules.MinQuantity, rules.MaxQuantity, rules.MinNotional, rules.Multiplier,
             rules.InstrumentKind));
        Assert.Equal(10, events[1].InstrumentDefined.Multiplier);
        Assert.Equal(
            (EventFlags.Whole | EventFlags.Snapshot, 2, 7L),
            (events[2].Flags, events[2].BookLevels.Count, events[2].BookLevels.UpdateId));
        Assert.Equal(
            (Side.Sell, 1005L, 2000L),
            (events[2].BookLevels.SideAt(1), events[2].BookLevels.PriceAt(1), events[2].BookLevels.QuantityAt(1)));
        Assert.Equal(
            (EventFlags.Whole, 1, 7L),
            (events[3].Flags, events[3].BookLevels.Count, events[3].BookLevels.PreviousUpdateId));
        Assert.Equal(1_723_161_255_000_000_001, events[3].ReceivedAt);
        Assert.Equal(
            (1_723_161_255_000_000_010, 1_723_161_255_000_000_000), (events[4].ReceivedAt, events[4].VenueTime));
        Assert.Equal(
            (1002L, 1L, Side.Sell, 99L),
            (events[4].Trade.Price, events[4].Trade.Quantity, events[4].Trade.Aggressor, events[4].Trade.TradeId));
        Assert.Equal(
            (-5L, 3L, Side.None), (events[5].Trade.Price, events[5].Trade.Quantity, events[5].Trade.Aggressor));
        Assert.Equal(
            (1000L, 1000L, 1005L, 0L, 8L),
            (events[6].Quote.BidPrice, events[6].Quote.BidQuantity, events[6].Quote.AskPrice,
             events[6].Quote.AskQuantity, events[6].Quote.UpdateId));
        Assert.Equal(StreamState.Gap, events[7].StreamState.State);
        Assert.Equal(
            (1_723_161_255_000_000_000, 60_000_000_000, 1000L, 1050L, 999L, 1000L, 3000L, 2L),
            (events[8].Bar.StartTime, events[8].Bar.Timeframe, events[8].Bar.Open, events[8].Bar.High,
             events[8].Bar.Low, events[8].Bar.Close, events[8].Bar.Volume, events[8].Bar.TradeCount));
        FileSummary file = summary.Files[0];
        Assert.Equal((ImportFormat.Csv, 11L, 7L, 1L), (file.Format, file.Lines, file.Events, file.Gaps));
        Assert.Equal((2L, 1L, 1L), (file.Applied["trade"], file.Applied["snapshot"], file.Applied["diff"]));
    }

    [Fact]
    public void Corporate_actions_and_derivatives_are_rows_that_are_written_as_they_are_read()
    {
        string[] lines =
        [
            Header,
            Share,
            Perpetual,
            "split,1723161255000000001,,SHR,7,1,645.570000000",
            "dividend,1723161255000000002,1723161255000000001,SHR,0.205000000,100.000000000,21",
            "dividend,1723161255000000003,,SHR,0.100000000,,",
            "renamed,1723161255000000004,,SHR,NEW",
            "delisted,1723161255000000005,,SHR",
            "derivative,1723161255000000006,,PRP,61800.123456789,61799.000000000,-0.000100000000,1723190400000000000,28800,5.001",
            "derivative,1723161255000000007,,PRP,,,0.000000000000,,,0.000",
        ];
        List<Event> events = Imported.All(out _, new ImportFile(_fixture.Plain("x.csv", lines)));
        CorporateAction[] actions = [.. events.FindAll(e => e.Kind == EventKind.CorporateAction).ConvertAll(e => e.CorporateAction)];
        Assert.All(actions, action => Assert.Equal(CorporateActionEffect.InForce, action.Effect));
        Assert.Equal((7L, 1L, 645_570_000_000L), (actions[0].NewShares, actions[0].OldShares, actions[0].ReferencePrice));
        Assert.Equal((205_000_000L, 21), (actions[1].CashPerShare, actions[1].PayAfterDays));
        Assert.Equal("NEW", actions[3].NewSymbol.ToString());
        DerivativePrices told = events[^2].DerivativePrices;
        Assert.Equal(
            (61_800_123_456_789, -100_000_000, 1_723_190_400_000_000_000, 28_800_000_000_000, 5_001),
            (told.MarkPrice, told.FundingRate, told.NextFunding, told.FundingInterval, told.OpenInterest));

        using StringWriter text = new();
        InstrumentNames names = new();
        events.ForEach(e => names.Observe(e));
        DataRows rows = new(text, names, events.FindAll(e => e.Kind == EventKind.InstrumentDefined)
            .ConvertAll(e => (e.Instrument, e.InstrumentDefined)));
        events.ForEach(e => rows.Write(e));
        Assert.Equal(string.Join('\n', lines) + "\n", text.ToString());
        Assert.Empty(rows.LeftOut);
    }

    [Fact]
    public void The_example_in_the_documentation_can_be_imported()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "data.md"));
        int start = text.IndexOf("```\nlowlatency-csv", StringComparison.Ordinal) + 4;
        string example = text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
        List<Event> events = Imported.All(
            out ImportSummary summary, new ImportFile(_fixture.Bytes("example.csv", Encoding.UTF8.GetBytes(example))));
        Assert.Equal(6, events.Count);
        Assert.Equal(
            (1L, 1L, 4L),
            (summary.Instruments[0].Snapshots, summary.Instruments[0].Differences, summary.Instruments[0].Levels));
    }

    public static TheoryData<string> Malformed() => new()
    {
        "nothing,1723161255000000005,,ABC",
        "trade",
        "trade,1723161255000000005,,ABC,10,1,buy",
        "trade,1723161255000000005,,ABC,10,1,buy,1,1",
        "trade,,,ABC,10,1,buy,1",
        "trade,1723161255,,ABC,10,1,buy,1",
        "trade,1723161255000000000,,ABC,10,1,buy,1",
        "trade,2024-08-08T23:54:15.0000000051Z,,ABC,10,1,buy,1",
        "trade,2024-08-08T23:54:16,,ABC,10,1,buy,1",
        "trade,2024-08-08T23:54:16+00:00,,ABC,10,1,buy,1",
        "trade,2024-08-08 23:54:16Z,,ABC,10,1,buy,1",
        "trade,2024-02-30T23:54:16Z,,ABC,10,1,buy,1",
        "trade,2024-08-08T24:00:00Z,,ABC,10,1,buy,1",
        "trade,2024-08-08T23:54:16.Z,,ABC,10,1,buy,1",
        "trade,1723161255000000005,x,ABC,10,1,buy,1",
        "trade,1723161255000000005,,XYZ,10,1,buy,1",
        "trade,1723161255000000005,,ABC,,1,buy,1",
        "trade,1723161255000000005,,ABC,10.001,1,buy,1",
        "trade,1723161255000000005,,ABC,1e1,1,buy,1",
        "trade,1723161255000000005,,ABC,10,0,buy,1",
        "trade,1723161255000000005,,ABC,10,-1,buy,1",
        "trade,1723161255000000005,,ABC,10,1,BUY,1",
        "trade,1723161255000000005,,ABC,10,1,buy,-1",
        "trade,1723161255000000005,,ABC,10,1,\"buy\",1",
        "quote,1723161255000000005,,ABC,10,1,11",
        "quote,1723161255000000005,,ABC,10,-1,11,1,",
        "quote,1723161255000000005,,ABC,10,1,11,1,x",
        "level,1723161255000000005,,ABC,full,1,0,bid,10,1",
        "level,1723161255000000005,,ABC,diff,1,0,buy,10,1",
        "level,1723161255000000005,,ABC,diff,x,0,bid,10,1",
        "level,1723161255000000005,,ABC,diff,1,0,bid,10",
        "level,1723161255000000005,,ABC,diff,1,0,bid,10,-1",
        "split,1723161255000000005,,ABC,7,1,",
        "split,1723161255000000005,,SHR,0,1,",
        "split,1723161255000000005,,SHR,7,1",
        "dividend,1723161255000000005,,SHR,0,,",
        "dividend,1723161255000000005,,SHR,-0.1,,",
        "dividend,1723161255000000005,,SHR,0.1,,65536",
        "renamed,1723161255000000005,,SHR,",
        "delisted,1723161255000000005,,SHR,1",
        "delisted,1723161255000000005,,ABC",
        "derivative,1723161255000000005,,ABC,1,,,,,",
        "derivative,1723161255000000005,,PRP,1,,1.1,,,",
        "derivative,1723161255000000005,,PRP,1,,0.1,x,,",
        "derivative,1723161255000000005,,PRP,1,,0.1,,2678401,",
        "gap,1723161255000000005,,ABC,1",
        "bar,1723161315000000000,,ABC,1723161255000000001,60,10,11,9,10,1,1",
        "bar,1723161315000000000,,ABC,1723161255000000000,0,10,11,9,10,1,1",
        "bar,1723161315000000000,,ABC,1723161255000000000,60,10,9,9,10,1,1",
        "bar,1723161315000000000,,ABC,1723161255000000000,60,10,11,10.5,10,1,1",
        "bar,1723161315000000000,,ABC,1723161255000000000,60,10,11,9,10,-1,1",
        "instrument,DEF,spot,USD,2,3,0.05,0.010,0.020,1000,5,1",
        "",
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_row_is_refused_naming_file_line_field_value_and_what_is_allowed(string row)
    {
        string path = _fixture.Plain("bad.csv", Header, Rule, Share, Perpetual, "trade,1723161255000000004,,ABC,10,1,buy,1", row);
        ImportException refusal = Imported.Refusal(new ImportFile(path));
        Assert.Equal((path, 6L), (refusal.File, refusal.Line));
        Assert.NotEqual(string.Empty, refusal.Allowed);
    }

    [Theory]
    [InlineData("instrument,ABC,spot,USD,2,3,0.05,0.010,0.020,1000,5")]
    [InlineData("instrument,,spot,USD,2,3,0.05,0.010,0.020,1000,5,1")]
    [InlineData("instrument,ABCDEFGHIJKLMNOPQRSTUVWXY,spot,USD,2,3,0.05,0.010,0.020,1000,5,1")]
    [InlineData("instrument,ABC,option,USD,2,3,0.05,0.010,0.020,1000,5,1")]
    [InlineData("instrument,ABC,spot,,2,3,0.05,0.010,0.020,1000,5,1")]
    [InlineData("instrument,ABC,spot,USD,10,3,0.05,0.010,0.020,1000,5,1")]
    [InlineData("instrument,ABC,spot,USD,2,-1,0.05,0.010,0.020,1000,5,1")]
    [InlineData("instrument,ABC,spot,USD,2,3,0.005,0.010,0.020,1000,5,1")]
    [InlineData("instrument,ABC,spot,USD,2,3,0,0.010,0.020,1000,5,1")]
    [InlineData("instrument,ABC,spot,USD,2,3,0.05,0.010,0.009,1000,5,1")]
    [InlineData("instrument,ABC,spot,USD,2,3,0.05,0.010,0.020,0.019,5,1")]
    [InlineData("instrument,ABC,spot,USD,2,3,0.05,0.010,0.020,1000,-5,1")]
    [InlineData("instrument,ABC,spot,USD,2,3,0.05,0.010,0.020,1000,5,0")]
    public void A_malformed_instrument_is_refused(string row)
    {
        ImportException refusal = Imported.Refusal(new ImportFile(_fixture.Plain("bad.csv", Header, row)));
        Assert.Equal(2, refusal.Line);
        Assert.NotEqual(string.Empty, refusal.Field);
    }

    [Fact]
    public void Header_instruments_and_a_whole_last_line_are_required()
    {
        Assert.Equal("header", FieldOf("lowlatency-csv,2", Rule));
        Assert.Equal("header", FieldOf("\ufefflowlatency-csv,1", Rule));
        Assert.Equal("row", FieldOf(Header, "trade,1723161255000000004,,ABC,10,1,buy,1"));
        Assert.Equal("symbol", FieldOf(Header, Rule, Rule));
        byte[] cut = Encoding.ASCII.GetBytes(Header + "\n" + Rule + "\ntrade,1723161255000000004,,ABC,10,1,buy,12");
        ImportException refusal = Imported.Refusal(new ImportFile(_fixture.Bytes("d", cut)));
        Assert.Equal((3L, "end of line"), (refusal.Line, refusal.Field));
    }

    [Fact]
    public void Two_files_must_agree_on_an_instrument()
    {
        string one = _fixture.Plain("1.csv", Header, Rule, "trade,1723161255000000004,,ABC,10,1,buy,1");
        string two = _fixture.Plain("2.csv", Header, Rule, "trade,1723161255000000003,,ABC,11,1,buy,1");
        string other = _fixture.Plain("3.csv", Header, Rule.Replace("0.05", "0.01", StringComparison.Ordinal));
        List<Event> events = Imported.All(out _, new ImportFile(one), new ImportFile(two));
        Assert.Equal([1100L, 1000L], Imported.OfKind(events, EventKind.Trade).ConvertAll(e => e.Trade.Price));
        Assert.Equal("instrument", Imported.Refusal(new ImportFile(one), new ImportFile(other)).Field);
    }

    private string FieldOf(params string[] lines) =>
        Imported.Refusal(new ImportFile(_fixture.Plain("x.csv", lines), ImportFormat.Csv)).Field;
}
