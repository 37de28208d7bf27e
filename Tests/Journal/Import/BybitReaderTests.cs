using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Import;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

public sealed class BybitReaderTests : IDisposable
{
    private const long Start = 1_733_011_200_000;

    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Snapshot_and_deltas_become_chained_groups()
    {
        string path = _fixture.Zip(
            "x_ob500.data.zip",
            Message(1, "snapshot", 7, """["1.9531","6203"],["1.9530","2409"]""", """["1.9532","10"]"""),
            Message(2, "delta", 8, """["1.9531","0"]""", string.Empty, 1_733_011_200_001));
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(3, events.Count);
        InstrumentDefined rules = events[0].InstrumentDefined;
        Assert.Equal(
            ("XRPUSDT", "USDT", InstrumentKind.Linear, 4, 0, 1L),
            (rules.Symbol.ToString(), rules.Currency.ToString(), rules.InstrumentKind, rules.PriceExponent,
             rules.QuantityExponent, rules.Tick));
        Assert.Equal(EventFlags.Whole | EventFlags.Snapshot, events[1].Flags);
        Assert.Equal(
            (7L, 0L, 3),
            (events[1].BookLevels.UpdateId, events[1].BookLevels.PreviousUpdateId, events[1].BookLevels.Count));
        Assert.Equal((19531L, 6203L), (events[1].BookLevels.PriceAt(0), events[1].BookLevels.QuantityAt(0)));
        Assert.Equal(((Start + 1) * 1_000_000, (Start + 1) * 1_000_000), (events[1].ReceivedAt, events[1].VenueTime));
        Assert.Equal(
            (8L, 7L, 0L),
            (events[2].BookLevels.UpdateId, events[2].BookLevels.PreviousUpdateId, events[2].BookLevels.QuantityAt(0)));
        Assert.Equal(
            ((Start + 2) * 1_000_000, 1_733_011_200_001_000_000, EventSource.Bybit),
            (events[2].ReceivedAt, events[2].VenueTime, events[2].Source));
        Assert.Equal(
            (ImportFormat.Bybit, 1L, 1L),
            (summary.Files[0].Format, summary.Files[0].Applied["snapshot"], summary.Files[0].Applied["delta"]));
    }

    [Fact]
    public void A_missing_update_is_a_gap_until_the_next_snapshot_and_update_one_is_a_restart()
    {
        const string level = """["1.9531","1"]""";
        string path = _fixture.Plain(
            "x.data",
            Message(1, "delta", 6, level, string.Empty),
            Message(2, "snapshot", 7, level, string.Empty),
            Message(3, "delta", 9, level, string.Empty),
            Message(4, "delta", 10, level, string.Empty),
            Message(5, "snapshot", 20, level, string.Empty),
            Message(6, "delta", 21, level, string.Empty),
            Message(7, "delta", 1, level, string.Empty),
            Message(8, "delta", 2, string.Empty, string.Empty),
            """{"topic":"publicTrade.XRPUSDT","type":"snapshot","ts":1733011200008,"data":[{"p":"1"}]}""");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path, ImportFormat.Bybit));
        Assert.Equal(
            [
                "InstrumentDefined", "BookLevels 7<0 Snapshot", "StreamState", "BookLevels 20<0 Snapshot",
                "BookLevels 21<20", "BookLevels 1<0 Snapshot", "BookLevels 2<1"
            ],
            events.ConvertAll(Text));
        FileSummary file = summary.Files[0];
        Assert.Equal(
            (1L, 2L, 1L, 1L),
            (file.Gaps, file.Discarded["delta without a snapshot"], file.Discarded["delta that does not follow"],
             file.Ignored["publicTrade"]));
        Assert.Equal(0, events[^1].BookLevels.Count);
    }

    [Theory]
    [InlineData("\"topic\":", "\"no\":")]
    [InlineData("\"type\":", "\"no\":")]
    [InlineData("\"type\":\"delta\"", "\"type\":\"other\"")]
    [InlineData("\"ts\":", "\"no\":")]
    [InlineData("\"ts\":1733011200002", "\"ts\":\"1733011200002\"")]
    [InlineData("\"ts\":1733011200002", "\"ts\":1733011200000")]
    [InlineData("\"ts\":1733011200002", "\"ts\":0")]
    [InlineData("\"ts\":1733011200002", "\"ts\":99999999999999")]
    [InlineData("\"data\":", "\"no\":")]
    [InlineData("\"data\":{", "\"data\":[{")]
    [InlineData("\"s\":", "\"no\":")]
    [InlineData("\"s\":\"XRPUSDT\"", "\"s\":\"BTCUSDT\"")]
    [InlineData("\"b\":", "\"no\":")]
    [InlineData("\"a\":", "\"no\":")]
    [InlineData("\"u\":", "\"no\":")]
    [InlineData("\"u\":8", "\"u\":8.5")]
    [InlineData("\"u\":8", "\"u\":8,\"u\":8")]
    [InlineData("\"1.9531\"", "\"1.95311\"")]
    [InlineData("\"1.9531\"", "\"-1.9531\"")]
    [InlineData("\"1.9531\"", "1.9531")]
    [InlineData("\"1.9531\",\"1\"", "\"1.9531\"")]
    [InlineData("}", "")]
    public void A_malformed_line_is_refused_naming_file_line_field_value_and_what_is_allowed(
        string replace, string with)
    {
        string first = Message(1, "snapshot", 7, """["1.9531","1"]""", string.Empty);
        string good = Message(2, "delta", 8, """["1.9531","1"]""", string.Empty);
        Assert.Contains(replace, good, StringComparison.Ordinal);
        Imported.All(out _, new ImportFile(_fixture.Plain("good", first, good)));

        string path = _fixture.Plain("bad", first, good.Replace(replace, with, StringComparison.Ordinal));
        ImportException refusal = Imported.Refusal(
            new ImportFile(path, ImportFormat.Bybit, new InstrumentOptions { ProbeLines = 1 }));
        Assert.Equal((path, 2L), (refusal.File, refusal.Line));
        Assert.NotEqual(string.Empty, refusal.Field);
        Assert.NotEqual(string.Empty, refusal.Allowed);
    }

    private static string Text(Event e)
    {
        string mode = (e.Flags & EventFlags.Snapshot) != 0 ? " Snapshot" : string.Empty;
        string updates = $" {e.BookLevels.UpdateId}<{e.BookLevels.PreviousUpdateId}{mode}";
        return e.Kind + (e.Kind == EventKind.BookLevels ? updates : string.Empty);
    }

    private static string Message(long at, string type, long update, string bids, string asks, long? matched = null)
    {
        string matchTime = matched is null ? string.Empty : $",\"cts\":{matched}";
        return $"{{\"topic\":\"orderbook.500.XRPUSDT\",\"type\":\"{type}\",\"ts\":{Start + at},"
            + $"\"data\":{{\"s\":\"XRPUSDT\",\"b\":[{bids}],\"a\":[{asks}],\"u\":{update},\"seq\":5}}{matchTime}}}";
    }
}
