using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Journal.Import;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

public sealed class TardisReaderTests : IDisposable
{
    private const string Trades = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount";
    private const string Quotes = "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount";
    private const string Levels = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount";
    private const string Two =
        "exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,"
        + "asks[1].price,asks[1].amount,bids[1].price,bids[1].amount";

    private const string Here = "binance-futures,BTCUSDT,";
    private const long Start = 1_598_918_403_000_000;

    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_trade_keeps_both_times_side_and_a_number_that_is_a_number()
    {
        string path = _fixture.Gzip(
            "x.csv.gz",
            Trades,
            At(1, 5) + "5266583935,sell,8531.5,2.152",
            At(2, 5) + "ccc3c1fa-212c,buy,8531,1",
            At(3, 6) + ",unknown,8531.25,0.001");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        InstrumentDefined rules = events[0].InstrumentDefined;
        Assert.Equal(
            ("BTCUSDT", "USDT", InstrumentKind.Linear, 2, 3),
            (rules.Symbol.ToString(), rules.Currency.ToString(), rules.InstrumentKind, rules.PriceExponent,
             rules.QuantityExponent));
        Assert.Equal(
            ((Start + 5) * 1000, (Start + 1) * 1000, EventSource.Tardis, EventFlags.Whole),
            (events[1].ReceivedAt, events[1].VenueTime, events[1].Source, events[1].Flags));
        Assert.Equal(
            [
                (853150L, 2152L, 5266583935L, Side.Sell), (853100L, 1000L, 0L, Side.Buy), (853125L, 1L, 0L, Side.None),
            ],
            events.GetRange(1, 3).ConvertAll(e => (e.Trade.Price, e.Trade.Quantity, e.Trade.TradeId, e.Trade.Aggressor)));
        Assert.Equal((ImportFormat.Tardis, 4L, 3L), (summary.Files[0].Format, summary.Files[0].Lines, summary.Files[0].Applied["trade"]));
    }

    [Fact]
    public void A_quote_has_its_columns_in_the_order_of_the_source_and_a_side_may_be_empty()
    {
        string path = _fixture.Plain("x.csv", Quotes, At(1, 5) + "5494,8629.3,8629.2,806", At(2, 6) + ",,8629.2,806");
        List<Event> events = Imported.All(out _, new ImportFile(path));
        Assert.Equal(
            [(86292L, 806L, 86293L, 5494L), (86292L, 806L, 0L, 0L)],
            events.GetRange(1, 2).ConvertAll(e => (
                e.Quote.BidPrice, e.Quote.BidQuantity, e.Quote.AskPrice, e.Quote.AskQuantity)));
    }

    [Fact]
    public void Rows_of_one_local_time_are_one_message_and_a_snapshot_after_others_replaces_the_book()
    {
        string path = _fixture.Plain(
            "x.csv",
            Levels,
            At(1, 4) + "false,ask,11,1",
            At(1, 5) + "true,ask,11,1",
            At(1, 5) + "true,bid,9,2",
            At(1, 6) + "true,bid,8,3",
            At(2, 7) + "false,ask,11,0",
            At(3, 7) + "false,ask,12,4",
            At(4, 9) + "true,bid,7,5");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(
            ["5 2 Snapshot", "6 1", "7 2", "9 1 Snapshot"],
            events.Skip(1).Select(e => FormattableString.Invariant(
                $"{(e.ReceivedAt / 1000) - Start} {e.BookLevels.Count}{((e.Flags & EventFlags.Snapshot) != 0 ? " Snapshot" : "")}")));
        Assert.Equal((Start + 3) * 1000, events[3].VenueTime);
        FileSummary file = summary.Files[0];
        Assert.Equal(
            (2L, 2L, 1L),
            (file.Applied["snapshot"], file.Applied["difference"], file.Discarded["difference without a snapshot"]));
        Book book = new();
        events.Skip(1).ToList().ForEach(e => book.Apply(e));
        Assert.Equal((7L, 1, 0, true), (book.BestBidPrice, book.BidCount, book.AskCount, book.IsReady));
    }

    [Fact]
    public void A_row_of_best_levels_is_a_snapshot_and_may_have_fewer_of_them()
    {
        string path = _fixture.Plain(
            "x.csv", Two, At(1, 5) + "11,1,9,2,12,3,8,4", At(2, 6) + "11,1,9,2,,,8,4", At(3, 7) + "11,5,,,,,,");
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal([4, 3, 1], events.Skip(1).Select(e => (int)e.BookLevels.Count));
        Assert.All(events.Skip(1), e => Assert.Equal(EventFlags.Whole | EventFlags.Snapshot, e.Flags));
        Assert.Equal((3L, 8L), (summary.Instruments[0].Snapshots, summary.Instruments[0].Levels));
        Book book = new();
        events.Skip(1).ToList().ForEach(e => book.Apply(e));
        Assert.Equal((11L, 5L, false), (book.BestAskPrice, book.BestAskQuantity, book.HasBothSides));
    }

    public static TheoryData<string, string> Malformed() => new()
    {
        { Trades, "x,sell,1,1,1" }, { Trades, "x,sell,1" }, { Trades, "x,SELL,1,1" }, { Trades, "x,sell,,1" },
        { Trades, "x,sell,1,0" }, { Trades, "x,sell,1,-1" }, { Trades, "x,sell,1e5,1" }, { Trades, "x,sell,1.23456,1" },
        { Trades, "x,sell,1,99999999999999999999" },
        { Quotes, "1,2,1" }, { Quotes, "1,2,1,1,1" }, { Quotes, ",2,1,1" }, { Quotes, "1,,1,1" }, { Quotes, "1,2,1,0" },
        { Levels, "yes,ask,1,1" }, { Levels, "true,sell,1,1" }, { Levels, "true,ask,,1" }, { Levels, "true,ask,1,-1" },
        { Levels, "true,ask,1" }, { Levels, "true,ask,1,1,1" },
        { Two, "11,1,9,2,11,3,8,4" }, { Two, "11,1,9,2,10,3,8,4" }, { Two, "11,1,9,2,12,3,9,4" },
        { Two, "11,1,,,12,3,8,4" }, { Two, "11,1,9,2,12,,8,4" }, { Two, "11,1,9,2,12,3,8" }, { Two, "11,1,9,2,12,3,8,4,1" },
        { Two, "11,0,9,2,12,3,8,4" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_row_is_refused_naming_file_line_field_value_and_what_is_allowed(string header, string row) =>
        AssertRefused(header, At(2, 6) + row);

    [Theory]
    [InlineData("binance,BTCUSDT,1598918403000002,1598918403000006,")]
    [InlineData("binance-futures,ETHUSDT,1598918403000002,1598918403000006,")]
    [InlineData("binance-futures,BTCUSDT,1598918403000002,1598918403000004,")]
    [InlineData("binance-futures,BTCUSDT,1598918403002,1598918403000006,")]
    [InlineData("binance-futures,BTCUSDT,1598918403000002,1598918403000006000,")]
    [InlineData("binance-futures,BTCUSDT,,1598918403000006,")]
    [InlineData("binance-futures,BTCUSDT,1598918403000002,1598918403000006.5,")]
    [InlineData("binance-futures,BTCUSDT,-1598918403000002,1598918403000006,")]
    public void A_row_of_something_else_out_of_order_or_with_an_impossible_time_is_refused(string start) =>
        AssertRefused(Trades, start + "x,sell,1,1");

    [Theory]
    [InlineData("exchange,symbol,timestamp,local_timestamp,price,amount")]
    [InlineData("exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount")]
    [InlineData(Two + ",asks[3].price,asks[3].amount,bids[3].price,bids[3].amount")]
    [InlineData(Two + ",")]
    [InlineData("exchange,symbol,timestamp,local_timestamp,type,strike_price")]
    public void Other_columns_are_refused(string header)
    {
        string path = _fixture.Plain("x.csv", header, At(1, 5) + "1,1,1,1");
        ImportException refusal = Imported.Refusal(new ImportFile(path));
        Assert.Equal((path, 1L, "header"), (refusal.File, refusal.Line, refusal.Field));
    }

    [Fact]
    public void What_the_exchange_does_not_tell_has_to_be_said_and_what_it_tells_cannot_be_otherwise()
    {
        string deribit = _fixture.Plain("d.csv", Trades, "deribit,BTC-PERPETUAL,1598918403000002,1598918403000006,1,buy,1,1");
        Assert.Equal("exchange", Imported.Refusal(new ImportFile(deribit)).Field);
        InstrumentOptions options = InstrumentOptions.Parse("kind=linear,currency=USD");
        Imported.All(out _, new ImportFile(deribit, ImportFormat.Detect, options));

        string futures = _fixture.Plain("f.csv", Trades, At(1, 5) + "1,buy,1,1");
        Assert.Equal("kind", Refusal(futures, "kind=spot").Field);
        Assert.Equal("symbol", Refusal(futures, "symbol=ETHUSDT").Field);
        Assert.Equal("row", Imported.Refusal(new ImportFile(_fixture.Plain("e.csv", Trades))).Field);
        string spot = _fixture.Plain("s.csv", Trades, "binance,BTCUSDT,1598918403000002,1598918403000006,1,buy,1,1");
        Assert.Equal(2, Both(futures, spot).Instruments.Count);
        string us = _fixture.Plain("u.csv", Trades, "binance-us,BTCUSDT,1598918403000002,1598918403000006,1,buy,1,1");
        Assert.Equal((us, "market"), Named(Imported.Refusal(new ImportFile(spot), new ImportFile(us))));

        ImportException Refusal(string path, string text) =>
            Imported.Refusal(new ImportFile(path, ImportFormat.Detect, InstrumentOptions.Parse(text)));
    }

    [Fact]
    public void Files_of_one_kind_of_rows_follow_each_other_and_those_of_different_kinds_run_together()
    {
        string monday = _fixture.Plain("m.csv", Trades, At(1, 5) + "1,buy,1,1", At(7, 8) + "2,buy,1,1");
        string tuesday = _fixture.Plain("t.csv", Trades, At(8, 9) + "3,buy,1,1");
        string quotes = _fixture.Plain("q.csv", Quotes, At(1, 6) + "1,2,1,1", At(9, 10) + "1,2,1,1");
        string within = _fixture.Plain("w.csv", Trades, At(1, 6) + "1,buy,1,1");
        string copy = _fixture.Plain("c.csv", Trades, At(1, 5) + "1,buy,1,1", At(7, 8) + "2,buy,1,1");
        string touching = _fixture.Plain("o.csv", Trades, At(7, 8) + "2,buy,1,1");
        Imported.All(out ImportSummary summary, new ImportFile(tuesday), new ImportFile(monday), new ImportFile(quotes));
        Assert.Equal((3L, 2L), (summary.Instruments[0].Trades, summary.Instruments[0].Quotes));
        foreach (string other in (string[])[within, copy, touching])
        {
            ImportException refusal = Imported.Refusal(new ImportFile(monday), new ImportFile(other), new ImportFile(quotes));
            Assert.Equal("received-at", refusal.Field);
            Assert.Contains("overlaps", refusal.Allowed, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("00:00:01", true, 0)]
    [InlineData("23:59:59", true, 0)]
    [InlineData("00:00:01", false, 1)]
    [InlineData("48:00:01", true, 1)]
    public void The_book_of_the_next_day_follows_without_a_gap_when_it_begins_with_a_snapshot(
        string time, bool isSnapshot, int gaps)
    {
        string[] parts = time.Split(':');
        long next = 1_598_918_400_000_000 + (((((Number24(parts[0]) * 60) + Number24(parts[1])) * 60) + Number24(parts[2])) * 1_000_000);
        string monday = _fixture.Plain("m.csv", Levels, At(-4_000_000, -4_000_000) + "true,ask,11,1");
        string tuesday = _fixture.Plain(
            "t.csv",
            Levels,
            FormattableString.Invariant($"{Here}{next},{next},{(isSnapshot ? "true" : "false")},ask,12,1"),
            FormattableString.Invariant($"{Here}{next + 9},{next + 9},true,ask,13,1"));
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(tuesday), new ImportFile(monday));
        Assert.Equal(gaps, summary.Instruments[0].Gaps);
        Assert.Equal(gaps, Imported.OfKind(events, EventKind.StreamState).Count);

        static long Number24(string text) => long.Parse(text, CultureInfo.InvariantCulture);
    }

    // A naive book keeps levels in sorted dictionaries; it is compared after every message. Its planted mistakes show that
    // the comparison would see ours.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Generated_level_rows_give_the_book_of_a_naive_reader(ulong seed)
    {
        List<string> lines = Generated(seed, 4_000);
        string path = _fixture.Gzip("x.csv.gz", [.. lines]);
        List<string> expected = NaiveBook(lines, Mistake.None);
        Assert.Equal(expected, OurBook(path));
        Assert.NotEqual(expected, NaiveBook(lines, Mistake.SnapshotNeverReplaces));
        Assert.NotEqual(expected, NaiveBook(lines, Mistake.SnapshotAlwaysReplaces));
        Assert.NotEqual(expected, NaiveBook(lines, Mistake.ZeroIsKept));
    }

    [Fact]
    public void Memory_does_not_grow_with_the_rows()
    {
        using ImportSource source = ImportSource.Open([new ImportFile(_fixture.Gzip("x.csv.gz", [.. Generated(7, 60_000)]))]);
        Event next = default;
        for (int i = 0; i < 2_000; i++)
        {
            Assert.Equal(ReadResult.Event, source.Read(ref next));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            source.Read(ref next);
        }

        // Nothing per row; the decompressor may take a buffer now and then.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Fact]
    public void Recorded_trades_and_quotes_are_those_of_a_naive_reader()
    {
        string trades = Recorded("bitmex_trades_XBTUSD.csv");
        List<Event> events = Imported.OfKind(All(trades, "kind=linear"), EventKind.Trade);
        string[][] rows = Rows(trades);
        Assert.Equal(10, rows.Length);
        Assert.Equal(
            rows.Select(r => (Number(r[2]) * 1000, Number(r[3]) * 1000, r[5] == "sell", Number(r[6]) * 10, Number(r[7]))),
            events.Select(e => (
                (decimal)e.VenueTime, (decimal)e.ReceivedAt, e.Trade.Aggressor == Side.Sell, (decimal)e.Trade.Price,
                (decimal)e.Trade.Quantity)));

        string quotes = Recorded("huobi-dm-swap_quotes_BTC-USD.csv");
        events = Imported.OfKind(All(quotes, "kind=linear"), EventKind.Quote);
        rows = Rows(quotes);
        Assert.Equal(10, rows.Length);
        Assert.Equal(
            rows.Select(r => (Number(r[3]) * 1000, Number(r[4]), Number(r[5]) * 10, Number(r[6]) * 10, Number(r[7]))),
            events.Select(e => (
                (decimal)e.ReceivedAt, (decimal)e.Quote.AskQuantity, (decimal)e.Quote.AskPrice, (decimal)e.Quote.BidPrice,
                (decimal)e.Quote.BidQuantity)));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(25)]
    public void Recorded_snapshots_are_those_of_a_naive_reader(int depth)
    {
        string path = Recorded($"binance-futures_book_snapshot_{depth}_BTCUSDT.csv");
        List<Event> events = All(path, string.Empty);
        InstrumentDefined rules = events[0].InstrumentDefined;
        (decimal price, decimal size) = (Instrument.PowerOf10(rules.PriceExponent), Instrument.PowerOf10(rules.QuantityExponent));
        Book book = new();
        int row = 0;
        string[][] rows = Rows(path);
        foreach (Event e in events.Skip(1))
        {
            book.Apply(e);
            if (!e.EndsGroup)
            {
                continue;
            }

            string[] r = rows[row++];
            Assert.Equal((depth, depth), (book.AskCount, book.BidCount));
            for (int i = 0; i < depth; i++)
            {
                BookLevel ask = book.LevelAt(Side.Sell, i);
                BookLevel bid = book.LevelAt(Side.Buy, i);
                int at = 4 + (4 * i);
                Assert.Equal((Number(r[at]) * price, Number(r[at + 1]) * size), (ask.Price, ask.Quantity));
                Assert.Equal((Number(r[at + 2]) * price, Number(r[at + 3]) * size), (bid.Price, bid.Quantity));
            }
        }

        Assert.Equal((10, 10), (rows.Length, row));
    }

    [Fact]
    public void Recorded_levels_give_the_book_of_a_naive_reader()
    {
        string path = Recorded("deribit_incremental_book_L2_BTC-PERPETUAL.csv");
        Assert.Equal(15, Rows(path).Length);
        Assert.Equal(
            NaiveBook([.. File.ReadAllLines(path)], Mistake.None, 10, 1), OurBook(path, "kind=linear,currency=USD"));
    }

    private enum Mistake
    {
        None,
        SnapshotNeverReplaces,
        SnapshotAlwaysReplaces,
        ZeroIsKept,
    }

    private static List<string> Generated(ulong seed, int count)
    {
        Xoshiro256 random = new(seed);
        List<string> lines = [Levels];
        long local = 5;
        bool isSnapshot = true;
        for (int i = 0; i < count; i++)
        {
            local += (int)random.NextBelow(3) == 0 ? 1 + (int)random.NextBelow(1000) : 0;
            if ((int)random.NextBelow(isSnapshot ? 20 : 200) == 0)
            {
                isSnapshot = !isSnapshot;
            }

            bool isAsk = (int)random.NextBelow(2) == 0;
            int price = isAsk ? 10_001 + (int)random.NextBelow(40) : 10_000 - (int)random.NextBelow(40);
            int size = !isSnapshot && (int)random.NextBelow(3) == 0 ? 0 : 1 + (int)random.NextBelow(5_000);
            lines.Add(FormattableString.Invariant(
                $"{At(local, local)}{(isSnapshot ? "true" : "false")},{(isAsk ? "ask" : "bid")},{price / 100m:0.00},{size / 1000m:0.000}"));
        }

        return lines;
    }

    private static List<string> NaiveBook(List<string> lines, Mistake mistake, int priceUnit = 100, int sizeUnit = 1000)
    {
        SortedDictionary<decimal, decimal> bids = [];
        SortedDictionary<decimal, decimal> asks = [];
        List<string> states = [];
        string[]? last = null;
        bool hasBook = false;
        foreach (string[] row in lines.Skip(1).Select(line => line.Split(',')))
        {
            bool begins = row[4] == "true" && last?[4] != "true";
            if (last is not null && (last[3] != row[3] || last[4] != row[4]))
            {
                State();
            }

            bool replaces = mistake switch
            {
                Mistake.SnapshotNeverReplaces => !hasBook && begins,
                Mistake.SnapshotAlwaysReplaces => row[4] == "true" && (last is null || last[3] != row[3] || begins),
                _ => begins,
            };
            if (replaces)
            {
                bids.Clear();
                asks.Clear();
            }

            hasBook |= begins;
            SortedDictionary<decimal, decimal> side = row[5] == "ask" ? asks : bids;
            side[Number(row[6]) * priceUnit] = Number(row[7]) * sizeUnit;
            if (Number(row[7]) == 0 && mistake != Mistake.ZeroIsKept)
            {
                side.Remove(Number(row[6]) * priceUnit);
            }

            last = row;
        }

        State();
        return states;

        void State()
        {
            if (hasBook)
            {
                states.Add(Text(Number(last![3]) * 1000, bids.Reverse().Select(l => (l.Key, l.Value)), asks.Select(l => (l.Key, l.Value))));
            }
        }
    }

    private static List<string> OurBook(string path, string options = "")
    {
        Book book = new();
        List<string> states = [];
        foreach (Event e in Imported.OfKind(All(path, options), EventKind.BookLevels))
        {
            book.Apply(e);
            if (e.EndsGroup)
            {
                states.Add(Text(e.ReceivedAt, LevelsOf(Side.Buy), LevelsOf(Side.Sell)));
            }
        }

        return states;

        IEnumerable<(decimal, decimal)> LevelsOf(Side side)
        {
            int count = side == Side.Buy ? book.BidCount : book.AskCount;
            for (int i = 0; i < count; i++)
            {
                BookLevel level = book.LevelAt(side, i);
                yield return (level.Price, level.Quantity);
            }
        }
    }

    private static string Text(
        decimal time, IEnumerable<(decimal Price, decimal Size)> bids, IEnumerable<(decimal Price, decimal Size)> asks) =>
        FormattableString.Invariant($"{time:0} ")
        + string.Join(' ', bids.Select(l => FormattableString.Invariant($"{l.Price:0}x{l.Size:0}"))) + " | "
        + string.Join(' ', asks.Select(l => FormattableString.Invariant($"{l.Price:0}x{l.Size:0}")));

    private void AssertRefused(string header, string line)
    {
        string good = At(1, 5) + (header == Trades ? "x,sell,1,1" : header == Quotes ? "1,2,1,1"
            : header == Levels ? "true,ask,1,1" : "11,1,9,2,12,3,8,4");
        Imported.All(out _, new ImportFile(_fixture.Plain("good.csv", header, good)));
        string path = _fixture.Plain("bad.csv", header, good, line);
        ImportException refusal = Imported.Refusal(
            new ImportFile(path, ImportFormat.Detect, new InstrumentOptions { ProbeLines = 1 }));
        Assert.Equal((path, 3L), (refusal.File, refusal.Line));
        Assert.NotEqual(string.Empty, refusal.Field);
        Assert.NotEqual(string.Empty, refusal.Allowed);
    }

    private static ImportSummary Both(string one, string two)
    {
        Imported.All(out ImportSummary summary, new ImportFile(one), new ImportFile(two));
        return summary;
    }

    private static List<Event> All(string path, string options) =>
        Imported.All(out _, new ImportFile(path, ImportFormat.Detect, InstrumentOptions.Parse(options)));

    private static string Recorded(string name) =>
        Repository.RecordedData("data/nautilus/tests/test_data/tardis/" + name);

    private static string[][] Rows(string path) => [.. File.ReadAllLines(path).Skip(1).Select(line => line.Split(','))];

    private static (string, string) Named(ImportException refusal) => (refusal.File, refusal.Field);

    private static string At(long venue, long local) =>
        FormattableString.Invariant($"{Here}{Start + venue},{Start + local},");

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
