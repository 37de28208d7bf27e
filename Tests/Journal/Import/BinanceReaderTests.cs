using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Journal.Import;
using Xunit;
using static LowLatency.Tests.Journal.Import.BinanceLines;

namespace LowLatency.Tests.Journal.Import;

public sealed class BinanceReaderTests : IDisposable
{
    private readonly Fixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Each_message_becomes_its_event_with_exact_values()
    {
        string path = _fixture.Gzip(
            "a.gz",
            Trade(1, "61800.30", "0.006", maker: false),
            Snapshot(2, 100, """["61800.20","2.909"],["61800.10","0.696"]""", """["61800.30","1.000"]"""),
            Depth(3, 90, 101, 89, """["61800.20","0.000"]""", string.Empty),
            Quote(4, 101, "61800.10", "0.696", "61800.30", "1.000"),
            Trade(4, "61800.10", "1.5", maker: true));

        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));

        Assert.Equal(6, events.Count);
        InstrumentDefined rules = events[0].InstrumentDefined;
        Assert.Equal(
            ("BTCUSDT", "USDT", InstrumentKind.Linear),
            (rules.Symbol.ToString(), rules.Currency.ToString(), rules.InstrumentKind));
        Assert.Equal(
            (2, 3, 10L, 1L, 1L),
            (rules.PriceExponent, rules.QuantityExponent, rules.Tick, rules.Lot, rules.MinQuantity));
        Assert.Equal(
            (1_000_000_000_000L, 0L, 1, 1),
            (rules.MaxQuantity, rules.MinNotional, rules.Multiplier, rules.DefinitionVersion));
        Assert.Equal(Start + 1, events[0].ReceivedAt);

        Assert.Equal(
            (6180030L, 6L, 5266583935L, Side.Buy),
            (events[1].Trade.Price, events[1].Trade.Quantity, events[1].Trade.TradeId, events[1].Trade.Aggressor));
        Assert.Equal(
            (Start + 1, 1_723_161_256_322_000_000L, EventSource.Binance),
            (events[1].ReceivedAt, events[1].VenueTime, events[1].Source));

        Assert.Equal(EventFlags.Whole | EventFlags.Snapshot, events[2].Flags);
        Assert.Equal(
            (100L, 0L, 3),
            (events[2].BookLevels.UpdateId, events[2].BookLevels.PreviousUpdateId, events[2].BookLevels.Count));
        Assert.Equal(
            (Side.Sell, 6180030L, 1000L),
            (events[2].BookLevels.SideAt(2), events[2].BookLevels.PriceAt(2), events[2].BookLevels.QuantityAt(2)));

        Assert.Equal(EventFlags.Whole, events[3].Flags);
        Assert.Equal(
            (101L, 100L, 1),
            (events[3].BookLevels.UpdateId, events[3].BookLevels.PreviousUpdateId, events[3].BookLevels.Count));
        Assert.Equal(
            (6180010L, 696L, 6180030L, 1000L, 101L),
            (events[4].Quote.BidPrice, events[4].Quote.BidQuantity, events[4].Quote.AskPrice,
             events[4].Quote.AskQuantity, events[4].Quote.UpdateId));
        Assert.Equal((Side.Sell, 1500L), (events[5].Trade.Aggressor, events[5].Trade.Quantity));

        FileSummary file = summary.Files[0];
        Assert.Equal((5L, 5L, Start + 1, Start + 4), (file.Lines, file.Events, file.FirstTime, file.LastTime));
        Assert.Equal(
            (2L, 1L, 1L, 1L),
            (file.Applied["trade"], file.Applied["bookTicker"], file.Applied["depth"], file.Applied["snapshot"]));
        InstrumentSummary instrument = summary.Instruments[0];
        Assert.Equal(
            (2L, 1L, 1L, 1L, 4L, 0L),
            (instrument.Trades, instrument.Quotes, instrument.Snapshots, instrument.Differences, instrument.Levels,
             instrument.Gaps));
    }

    // Futures: discard u < id, first U <= id <= u, then pu = u.
    // Spot: discard u <= id, first U <= id + 1 <= u, then U = u + 1.
    [Theory]
    [InlineData(true, "90-99/89 98-105/97 106-110/105", "A:105,110 old:1 gaps:0 waiting:0")]
    [InlineData(true, "90-100/89 101-105/100", "A:100,105 old:0 gaps:0 waiting:0")]
    [InlineData(true, "101-105/100", "A: old:0 gaps:1 waiting:1")]
    [InlineData(true, "98-105/97 106-110/104 111-112/110", "A:105 old:0 gaps:1 waiting:2")]
    [InlineData(true, "98-105/97 300-310/105", "A:105,310 old:0 gaps:0 waiting:0")]
    [InlineData(false, "90-100/0 101-105/0 106-110/0", "A:105,110 old:1 gaps:0 waiting:0")]
    [InlineData(false, "95-105/0 106-106/0", "A:105,106 old:0 gaps:0 waiting:0")]
    [InlineData(false, "102-105/0", "A: old:0 gaps:1 waiting:1")]
    [InlineData(false, "101-105/0 107-110/0", "A:105 old:0 gaps:1 waiting:1")]
    [InlineData(false, "101-105/0 105-110/0", "A:105 old:0 gaps:1 waiting:1")]
    public void Differences_follow_the_snapshot_by_the_rule_of_the_venue(
        bool futures, string differences, string expected)
    {
        // Whether a difference came before or after the snapshot must not matter.
        foreach (bool before in new[] { false, true })
        {
            List<string> lines = [];
            long at = 1;
            string snapshot = Snapshot(before ? 50 : 1, 100, """["10.00","1.000"]""", """["11.00","1.000"]""");
            if (!before)
            {
                lines.Add(snapshot);
            }

            foreach (string difference in differences.Split(' '))
            {
                string[] parts = difference.Split('-', '/');
                long previous = long.Parse(parts[2], CultureInfo.InvariantCulture);
                lines.Add(
                    Depth(
                        ++at,
                        long.Parse(parts[0], CultureInfo.InvariantCulture),
                        long.Parse(parts[1], CultureInfo.InvariantCulture),
                        futures ? previous : null,
                        """["9.00","1.000"]""",
                        string.Empty));
            }

            if (before)
            {
                lines.Add(snapshot);
            }

            InstrumentOptions options = new() { Kind = futures ? InstrumentKind.Linear : InstrumentKind.Spot };
            string path = _fixture.Plain("rule.txt", [.. lines]);
            List<Event> events = Imported.All(
                out ImportSummary summary, new ImportFile(path, ImportFormat.Binance, options));
            List<long> applied = [];
            long chain = 0;
            foreach (Event e in Imported.OfKind(events, EventKind.BookLevels))
            {
                if ((e.Flags & EventFlags.Snapshot) == 0)
                {
                    Assert.Equal(chain, e.BookLevels.PreviousUpdateId);
                    applied.Add(e.BookLevels.UpdateId);
                }

                chain = e.BookLevels.UpdateId;
                Assert.Equal(before ? Start + 50 : e.ReceivedAt, e.ReceivedAt);
            }

            FileSummary file = summary.Files[0];
            long old = file.Discarded.GetValueOrDefault("depth older than the snapshot");
            long waiting = file.Discarded.GetValueOrDefault("depth without a snapshot");
            Assert.Equal(expected, $"A:{string.Join(',', applied)} old:{old} gaps:{file.Gaps} waiting:{waiting}");
            Assert.Equal(file.Gaps, Imported.OfKind(events, EventKind.StreamState).Count);
        }
    }

    [Fact]
    public void After_a_gap_the_book_waits_for_a_snapshot_and_goes_on_with_what_follows_it()
    {
        string level = """["9.00","1.000"]""";
        string path = _fixture.Plain(
            "gap.txt",
            Snapshot(1, 100, """["10.00","1.000"]""", """["11.00","1.000"]"""),
            Depth(2, 100, 101, 99, level, string.Empty),
            Depth(3, 105, 106, 104, level, string.Empty),
            Depth(4, 107, 108, 106, level, string.Empty),
            Quote(5, 108, "10.00", "1.000", "11.00", "1.000"),
            Snapshot(6, 107, """["10.00","2.000"]""", """["11.00","1.000"]"""),
            Depth(7, 109, 110, 108, level, string.Empty));
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(
            [
                "InstrumentDefined:0", "BookLevels:100", "BookLevels:101", "StreamState:0", "Quote:108",
                "BookLevels:107", "BookLevels:108", "BookLevels:110"
            ],
            events.ConvertAll(e => $"{e.Kind}:{UpdateOf(e)}"));
        Assert.Equal(StreamState.Gap, events[3].StreamState.State);
        Assert.Equal(Start + 3, events[3].ReceivedAt);
        Assert.Equal((1L, 1L), (summary.Files[0].Gaps, summary.Files[0].Discarded["depth older than the snapshot"]));

        Book book = new();
        foreach (Event e in Imported.OfKind(events, EventKind.BookLevels))
        {
            book.Apply(e);
        }

        Assert.True(book.IsReady);
        Assert.Equal(2000, book.BestBidQuantity);
    }

    // The control of the tests that find no gap: a line that is missing anywhere but at the end must be one.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lost_line_anywhere_is_a_gap(bool futures)
    {
        const int count = 12;
        for (int lost = 0; lost < count; lost++)
        {
            List<string> lines = [Snapshot(1, 100, Level("10.00", "1.000"), Level("11.00", "1.000"))];
            for (int i = 0; i < count; i++)
            {
                long first = 101 + (10 * i);
                if (i != lost)
                {
                    lines.Add(Depth(
                        2 + i, i == 0 ? 100 : first, first + 9, futures ? first - 1 : null, string.Empty, string.Empty));
                }
            }

            Imported.All(out ImportSummary summary, new ImportFile(_fixture.Plain("lost.txt", [.. lines])));
            Assert.Equal(lost == count - 1 ? 0 : 1, summary.Files[0].Gaps);
        }
    }

    [Fact]
    public void A_snapshot_that_is_not_newer_than_the_book_would_go_back_in_time()
    {
        string path = _fixture.Plain(
            "old.txt",
            Snapshot(1, 100, """["10.00","1.000"]""", """["11.00","1.000"]"""),
            Depth(2, 100, 105, 99, string.Empty, string.Empty),
            Snapshot(3, 103, """["10.00","1.000"]""", """["11.00","1.000"]"""),
            Depth(4, 106, 107, 105, string.Empty, string.Empty));
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(3, Imported.OfKind(events, EventKind.BookLevels).Count);
        Assert.Equal(1, summary.Files[0].Discarded["snapshot not newer than the book"]);
        Assert.Equal(0, events[2].BookLevels.Count);
        Assert.Equal(EventFlags.Whole, events[2].Flags);
    }

    [Fact]
    public void Other_messages_are_counted_by_name_and_prints_beside_the_book_are_marked()
    {
        string path = _fixture.Plain(
            "other.txt",
            Depth(1, 1, 2, 0, """["9.00","1.000"]""", string.Empty),
            Start + 1 + " {\"result\":null,\"id\":1}",
            Start + 1 + " {\"stream\":\"btcusdt@markPrice@1s\",\"data\":{\"e\":\"markPriceUpdate\",\"p\":\"9.00\"}}",
            Start + 1 + " {\"stream\":\"btcusdt@kline_1m\",\"data\":{\"k\":{\"e\":1}}}",
            Trade(2, "9.00", "1.000", maker: false).Replace("MARKET", "INSURANCE_FUND", StringComparison.Ordinal),
            Trade(2, "0", "0", maker: false).Replace("MARKET", "NA", StringComparison.Ordinal));
        List<Event> events = Imported.All(out ImportSummary summary, new ImportFile(path));
        Assert.Equal(2, events.Count);
        Assert.Equal(TradeMarks.Suspicious, events[1].Trade.Marks);
        FileSummary file = summary.Files[0];
        Assert.Equal(["kline_1m", "markPriceUpdate", "response"], file.Ignored.Keys);
        Assert.Equal(1, file.Discarded["trade without price or quantity"]);
        Assert.Equal(1, file.Discarded["depth without a snapshot"]);
        Assert.Equal(1, file.Applied["trade beside the book"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_generated_capture_rebuilds_the_book_of_its_generator(ulong seed)
    {
        Xoshiro256 dice = new(seed);
        SortedDictionary<long, long>[] truth = [[], []];
        List<string> lines = [];
        long update = 1000, previous = 0;
        int trades = 0, compared = 0;
        List<(long Update, long Bid, long BidQuantity)> tops = [];
        for (int i = 0; i < 3000; i++)
        {
            int changes = (int)dice.NextBelow(20);
            StringBuilder[] text = [new(), new()];
            HashSet<long>[] seen = [[], []];
            for (int change = 0; change < changes; change++)
            {
                int side = (int)dice.NextBelow(2);
                long price = side == 0 ? 10_000 - dice.NextBelow(300) : 10_001 + dice.NextBelow(300);
                long quantity = dice.NextBelow(3) == 0 ? 0 : 1 + dice.NextBelow(9_000);
                if (!seen[side].Add(price))
                {
                    continue;
                }

                text[side].Append(text[side].Length > 0 ? "," : string.Empty)
                    .Append(Level(DecimalText.ToText(price, 2), DecimalText.ToText(quantity, 3)));
                truth[side].Remove(price);
                if (quantity > 0)
                {
                    truth[side].Add(price, quantity);
                }
            }

            long first = update + 1;
            update += 1 + dice.NextBelow(50);
            lines.Add(Depth(i, first, update, previous, text[0].ToString(), text[1].ToString()));
            previous = update;
            if (i == 20)
            {
                lines.Add(Snapshot(i, update, Levels(truth[0]), Levels(truth[1])));
            }

            if (truth[0].Count > 0 && i > 20)
            {
                (long bid, long quantity) = Best(truth[0]);
                tops.Add((update, bid, quantity));
            }

            if (dice.NextBelow(3) == 0)
            {
                trades++;
                lines.Add(Trade(i, "100.00", "0.001", maker: dice.NextBelow(2) == 0));
            }
        }

        List<Event> events = Imported.All(
            out ImportSummary summary, new ImportFile(_fixture.Gzip("made.gz", [.. lines])));
        Book book = new();
        foreach (Event e in events)
        {
            if (e.Kind == EventKind.BookLevels)
            {
                book.Apply(e);
                int top = e.EndsGroup ? tops.FindIndex(t => t.Update == book.LastUpdateId) : -1;
                if (top >= 0)
                {
                    compared++;
                    Assert.Equal((tops[top].Bid, tops[top].BidQuantity), (book.BestBidPrice, book.BestBidQuantity));
                }
            }
        }

        Assert.Equal(tops.Count, compared);
        Assert.Equal(trades, summary.Instruments[0].Trades);
        Assert.Equal((truth[0].Count, truth[1].Count), (book.BidCount, book.AskCount));
        int depth = 0;
        foreach ((long price, long quantity) in truth[1])
        {
            Assert.Equal(
                (price, quantity), (book.LevelAt(Side.Sell, depth).Price, book.LevelAt(Side.Sell, depth++).Quantity));
        }

        // Of the 21 differences before the snapshot only the last is not older than it.
        Assert.Equal(20, summary.Files[0].Discarded["depth older than the snapshot"]);
        Assert.Equal(0, summary.Files[0].Gaps);
    }

    private static long UpdateOf(Event e) =>
        e.Kind == EventKind.BookLevels ? e.BookLevels.UpdateId : e.Kind == EventKind.Quote ? e.Quote.UpdateId : 0;

    private static string Levels(SortedDictionary<long, long> levels)
    {
        StringBuilder text = new();
        foreach ((long price, long quantity) in levels)
        {
            text.Append(text.Length > 0 ? "," : string.Empty)
                .Append(Level(DecimalText.ToText(price, 2), DecimalText.ToText(quantity, 3)));
        }

        return text.ToString();
    }

    private static (long Price, long Quantity) Best(SortedDictionary<long, long> bids)
    {
        (long Price, long Quantity) best = default;
        foreach ((long price, long quantity) in bids)
        {
            best = (price, quantity);
        }

        return best;
    }
}
