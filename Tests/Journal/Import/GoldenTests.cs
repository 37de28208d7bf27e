using System;
using System.IO;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Journal.Import;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Import;

/// <summary>
/// Recorded captures rebuild the books that an independent replay of the same files found, to the last unit. The
/// generated twins are in BinanceReaderTests and BybitReaderTests.
/// </summary>
public sealed class GoldenTests
{
    [Theory]
    [InlineData("btcusdt", 10)]
    [InlineData("ethusdt", 1)]
    public void A_recorded_futures_capture_gives_the_golden_book(string symbol, long tick)
    {
        string path = Repository.RecordedData($"data/hftbacktest/examples/usdm/{symbol}_20240808.gz");
        JsonElement golden = Golden("binance_usdm", symbol);
        using ImportSource source = ImportSource.Open([new ImportFile(path)]);
        Book book = new();
        InstrumentDefined rules = default;
        long depth = 0, compared = 0, mismatched = 0, crossed = 0, trades = 0, quotes = 0;
        Int128 quantity = 0, notional = 0;
        bool isChained = false;
        Quote quote = default;
        Event next = default;
        while (source.Read(ref next) == ReadResult.Event)
        {
            switch (next.Kind)
            {
                case EventKind.InstrumentDefined:
                    rules = next.InstrumentDefined;
                    break;
                case EventKind.BookLevels:
                    book.Apply(next);
                    if (next.EndsGroup)
                    {
                        Assert.True(book.IsReady);
                        isChained = (next.Flags & EventFlags.Snapshot) == 0;
                        depth += isChained ? 1 : 0;
                        Compare(quote, book, isChained, ref compared, ref mismatched);
                        crossed += book.BestBidPrice >= book.BestAskPrice ? 1 : 0;
                    }

                    break;
                case EventKind.Trade:
                    trades++;
                    quantity += next.Trade.Quantity;
                    notional += (Int128)next.Trade.Price * next.Trade.Quantity;
                    break;
                case EventKind.Quote:
                    quotes++;
                    quote = next.Quote;
                    Compare(quote, book, isChained, ref compared, ref mismatched);
                    break;
                default:
                    Assert.Fail($"unexpected {next.Kind}");
                    break;
            }
        }

        Assert.Equal((2, 3, tick), (rules.PriceExponent, rules.QuantityExponent, rules.Tick));
        Assert.Equal(golden.GetProperty("depth_applied").GetInt64(), depth);
        Assert.Equal(golden.GetProperty("trades").GetInt64(), trades);
        Assert.Equal(golden.GetProperty("bookTicker").GetInt64(), quotes);
        Assert.Equal(golden.GetProperty("bt_compared").GetInt64(), compared);
        Assert.Equal(golden.GetProperty("bt_mismatch").GetInt64(), mismatched);
        Assert.Equal(golden.GetProperty("crossed").GetInt64(), crossed);
        Assert.Equal(golden.GetProperty("trade_qty_sum").GetString(), DecimalText.ToText((long)quantity, 3));
        Assert.Equal(golden.GetProperty("trade_notional_sum").GetString(), DecimalText.ToText((long)notional, 5));
        AssertTop(golden, book, rules);
        Assert.Equal(golden.GetProperty("last_u").GetInt64(), book.LastUpdateId);
        Assert.Equal(golden.GetProperty("levels")[0].GetInt32(), book.BidCount);
        Assert.Equal(golden.GetProperty("levels")[1].GetInt32(), book.AskCount);

        FileSummary file = source.Summary.Files[0];
        Assert.Equal(ImportFormat.Binance, file.Format);
        Assert.Equal(golden.GetProperty("lines").GetInt64(), file.Lines);
        Assert.Equal(0, file.Gaps);
        Assert.Empty(file.Ignored);
        Assert.Equal(1, file.Applied["snapshot"]);
        long discarded = file.Discarded["depth older than the snapshot"];
        Assert.Equal(file.Lines, depth + trades + quotes + 1 + discarded);
    }

    [Theory]
    [InlineData("btcusdt")]
    [InlineData("ethusdt")]
    public void A_recorded_spot_capture_has_one_chained_book_and_accounts_for_every_line(string symbol)
    {
        string path = Repository.RecordedData($"data/hftbacktest/examples/spot/{symbol}_20240808.gz");
        using ImportSource source = ImportSource.Open([new ImportFile(path)]);
        Book book = new();
        long compared = 0, mismatched = 0;
        Quote quote = default;
        Event next = default;
        while (source.Read(ref next) == ReadResult.Event)
        {
            Assert.NotEqual(EventKind.StreamState, next.Kind);
            if (next.Kind == EventKind.BookLevels)
            {
                book.Apply(next);
                Assert.Equal(next.EndsGroup, book.IsReady);
                Compare(quote, book, next.EndsGroup, ref compared, ref mismatched);
            }
            else if (next.Kind == EventKind.Quote)
            {
                quote = next.Quote;
                Compare(quote, book, isComparable: true, ref compared, ref mismatched);
            }
        }

        Assert.True(compared > 50, $"only {compared} comparisons");
        Assert.Equal(0, mismatched);
        FileSummary file = source.Summary.Files[0];
        long accounted = 0;
        foreach (long count in file.Applied.Values)
        {
            accounted += count;
        }

        foreach (long count in file.Discarded.Values)
        {
            accounted += count;
        }

        Assert.Equal(file.Lines, accounted);
        Assert.Equal(InstrumentKind.Spot, source.Summary.Instruments[0].Definition.InstrumentKind);
    }

    [Fact]
    public void The_recorded_bybit_archive_gives_the_golden_book()
    {
        string path = Repository.RecordedData("data/nautilus/tests/test_data/bybit/xrpusdt-ob500.data.zip");
        JsonElement golden = Golden("bybit_ob500", null);
        using ImportSource source = ImportSource.Open([new ImportFile(path)]);
        Book book = new();
        InstrumentDefined rules = default;
        long messages = 0, firstUpdate = 0, lastReceived = 0;
        Event next = default;
        while (source.Read(ref next) == ReadResult.Event)
        {
            if (next.Kind == EventKind.InstrumentDefined)
            {
                rules = next.InstrumentDefined;
                continue;
            }

            Assert.Equal(EventKind.BookLevels, next.Kind);
            book.Apply(next);
            lastReceived = next.ReceivedAt;
            if (next.EndsGroup)
            {
                Assert.True(book.IsReady);
                messages++;
                if (firstUpdate == 0)
                {
                    firstUpdate = book.LastUpdateId;
                    Assert.Equal(golden.GetProperty("snapshot_levels")[0].GetInt32(), book.BidCount);
                    Assert.Equal(golden.GetProperty("snapshot_levels")[1].GetInt32(), book.AskCount);
                }
            }
        }

        Assert.Equal(golden.GetProperty("messages").GetInt64(), messages);
        Assert.Equal(golden.GetProperty("u_first").GetInt64(), firstUpdate);
        Assert.Equal(golden.GetProperty("u_last").GetInt64(), book.LastUpdateId);
        Assert.Equal(golden.GetProperty("u_gaps").GetInt64(), source.Summary.Files[0].Gaps);
        Assert.Equal(golden.GetProperty("last_ts").GetInt64() * 1_000_000, lastReceived);
        AssertTop(golden, book, rules);
    }

    [Fact]
    public void Captures_of_two_instruments_merge_by_received_time_and_keep_their_books()
    {
        string folder = Repository.RecordedData("data/hftbacktest/examples/usdm");
        using ImportSource source = ImportSource.Open(
        [
            new ImportFile(Path.Combine(folder, "btcusdt_20240808.gz")),
            new ImportFile(Path.Combine(folder, "ethusdt_20240808.gz")),
        ]);
        Book[] books = [new(), new()];
        long last = 0;
        InstrumentId groupOf = default;
        Event next = default;
        while (source.Read(ref next) == ReadResult.Event)
        {
            Assert.True(next.ReceivedAt >= last);
            last = next.ReceivedAt;
            Assert.True(groupOf == default || groupOf == next.Instrument, "a group was torn apart");
            groupOf = next.EndsGroup ? default : next.Instrument;
            if (next.Kind == EventKind.BookLevels)
            {
                books[next.Instrument.Value - 1].Apply(next);
            }
        }

        Assert.Equal(Golden("binance_usdm", "btcusdt").GetProperty("last_u").GetInt64(), books[0].LastUpdateId);
        Assert.Equal(Golden("binance_usdm", "ethusdt").GetProperty("last_u").GetInt64(), books[1].LastUpdateId);
    }

    /// <summary>The last best bid and ask and the book must agree whenever they belong to the same update.</summary>
    private static void Compare(in Quote quote, Book book, bool isComparable, ref long compared, ref long mismatched)
    {
        if (isComparable && quote.UpdateId == book.LastUpdateId)
        {
            compared++;
            mismatched += quote.BidPrice == book.BestBidPrice
                && quote.BidQuantity == book.BestBidQuantity
                && quote.AskPrice == book.BestAskPrice
                && quote.AskQuantity == book.BestAskQuantity ? 0 : 1;
        }
    }

    private static void AssertTop(JsonElement golden, Book book, in InstrumentDefined rules)
    {
        string Price(long units, int exponent) => DecimalText.ToText(units, exponent);
        Assert.Equal(golden.GetProperty("final_bid")[0].GetString(), Price(book.BestBidPrice, rules.PriceExponent));
        Assert.Equal(
            golden.GetProperty("final_bid")[1].GetString(), Price(book.BestBidQuantity, rules.QuantityExponent));
        Assert.Equal(golden.GetProperty("final_ask")[0].GetString(), Price(book.BestAskPrice, rules.PriceExponent));
        Assert.Equal(
            golden.GetProperty("final_ask")[1].GetString(), Price(book.BestAskQuantity, rules.QuantityExponent));
    }

    private static JsonElement Golden(string section, string? symbol)
    {
        using JsonDocument document = JsonDocument.Parse(
            File.ReadAllText(Repository.RecordedData("data/goldens/books_give.json")));
        JsonElement found = document.RootElement.GetProperty(section);
        if (symbol is null)
        {
            return found.Clone();
        }

        foreach (JsonElement candidate in found.EnumerateArray())
        {
            if (candidate.GetProperty("file").GetString()!.Contains(symbol, StringComparison.Ordinal))
            {
                return candidate.Clone();
            }
        }

        throw new InvalidDataException($"no golden for {symbol}");
    }
}
