using System;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// A Tardis file of one exchange and symbol. The local timestamp is the received time, the timestamp the venue's, both in
/// microseconds. Level rows of one local timestamp are one message; the first snapshot rows after other rows replace the
/// book, snapshot rows that follow snapshot rows continue it.
/// </summary>
internal sealed class TardisReader : ImportReader
{
    private readonly TardisHeader _header;
    private readonly byte[] _exchange;
    private readonly byte[] _symbol;
    private readonly InstrumentId _instrument;
    private readonly int _priceExponent;
    private readonly int _quantityExponent;
    private LevelPacker _open = new(LevelsMax);
    private LevelPacker _complete = new(LevelsMax);
    private Event _message;
    private bool _hasMessage;
    private bool _messageReplaces;
    private bool _lastWasSnapshot;
    private bool _hasBook;

    internal TardisReader(
        LineReader lines,
        FileSummary summary,
        TardisHeader header,
        InstrumentFinding finding,
        InstrumentId instrument,
        in InstrumentDefined definition)
        : base(lines, summary)
    {
        _header = header;
        _exchange = Encoding.ASCII.GetBytes(finding.Market);
        _symbol = Encoding.ASCII.GetBytes(finding.Symbol);
        _instrument = instrument;
        _priceExponent = definition.PriceExponent;
        _quantityExponent = definition.QuantityExponent;
    }

    /// <summary>Looks at the first lines: what the rows are, exchange, symbol, decimals.</summary>
    internal static InstrumentFinding Find(string path, InstrumentOptions options, out TardisHeader header)
    {
        using LineReader lines = new(path);
        DecimalsProbe probe = new();
        string exchange = string.Empty;
        string symbol = string.Empty;
        long notBefore = 0;
        header = default;
        try
        {
            if (lines.TryRead(out ReadOnlySpan<byte> first))
            {
                header = TardisHeader.Parse(first);
            }

            while (lines.Line <= options.ProbeLines && lines.TryRead(out ReadOnlySpan<byte> line))
            {
                CommaFields fields = new(line);
                ReadOnlySpan<byte> exchangeText = fields.Next("exchange");
                ReadOnlySpan<byte> symbolText = fields.Next("symbol");
                fields.Next("timestamp");
                long time = Time("local_timestamp", fields.Next("local_timestamp"));
                if (notBefore == 0)
                {
                    exchange = Code("exchange", exchangeText);
                    symbol = Code("symbol", symbolText);
                    notBefore = time;
                }

                Measure(ref fields, header, probe);
            }
        }
        catch (FieldException e)
        {
            throw e.At(path, lines.Line);
        }

        if (notBefore == 0)
        {
            throw new ImportException(path, lines.Line, "row", "<missing>", "at least one row after the column names");
        }

        if (options.Symbol is not null && options.Symbol != symbol)
        {
            throw new ImportException(path, 2, "symbol", symbol, options.Symbol);
        }

        return new InstrumentFinding(
            EventSource.Tardis, symbol, KindOf(path, exchange, options.Kind), probe.Price, probe.Quantity, notBefore)
        {
            Market = exchange,
        };
    }

    private protected override void OnLine(ReadOnlySpan<byte> line)
    {
        if (Lines.Line == 1)
        {
            return;
        }

        CommaFields fields = new(line);
        Require("exchange", fields.Next("exchange"), _exchange);
        Require("symbol", fields.Next("symbol"), _symbol);
        long venueTime = Time("timestamp", fields.Next("timestamp"));
        long receivedAt = Time("local_timestamp", fields.Next("local_timestamp"));
        Event header = Header(receivedAt, venueTime, _instrument, EventSource.Tardis);
        switch (_header.Rows)
        {
            case TardisRows.Trades:
                OnTrade(ref fields, header);
                break;
            case TardisRows.Quotes:
                OnQuote(ref fields, header);
                break;
            case TardisRows.Levels:
                OnLevel(ref fields, header);
                break;
            case TardisRows.Snapshots:
                OnSnapshot(ref fields, header);
                break;
        }
    }

    private protected override bool TryTakeGroup(ref Event next) => _complete.TryTake(ref next);

    private protected override void OnEnd() => CompleteMessage();

    private static InstrumentKind KindOf(string path, string exchange, InstrumentKind wanted)
    {
        // Only where all that an exchange of this name lists is of one kind.
        InstrumentKind natural = exchange switch
        {
            "binance" or "binance-us" or "bitstamp" or "bybit-spot" or "coinbase" or "gemini" or "huobi" or "kraken"
                or "okex" or "upbit" => InstrumentKind.Spot,
            "binance-futures" => InstrumentKind.Linear,
            "binance-delivery" => InstrumentKind.Inverse,
            _ => InstrumentKind.None,
        };
        if (natural == InstrumentKind.None && wanted is InstrumentKind.None or InstrumentKind.Equity)
        {
            throw new ImportException(
                path,
                2,
                "exchange",
                exchange,
                "an exchange of one kind of instrument, or the option kind=linear, kind=inverse or kind=spot");
        }

        if (natural != InstrumentKind.None && wanted != InstrumentKind.None && wanted != natural)
        {
            throw new ImportException(path, 2, "kind", wanted.ToString(), $"{natural}: what {exchange} lists");
        }

        return wanted == InstrumentKind.None ? natural : wanted;
    }

    private static void Measure(ref CommaFields fields, TardisHeader header, DecimalsProbe probe)
    {
        switch (header.Rows)
        {
            case TardisRows.Trades:
            case TardisRows.Levels:
                fields.Next("id");
                fields.Next("side");
                probe.Measure(fields.Next("price"), isPrice: true);
                probe.Measure(fields.Next("amount"), isPrice: false);
                break;
            case TardisRows.Quotes:
                probe.Measure(fields.Next("ask_amount"), isPrice: false);
                probe.Measure(fields.Next("ask_price"), isPrice: true);
                probe.Measure(fields.Next("bid_price"), isPrice: true);
                probe.Measure(fields.Next("bid_amount"), isPrice: false);
                break;
            case TardisRows.Snapshots:
                for (int i = 0; i < 2 * header.Depth; i++)
                {
                    probe.Measure(fields.Next("price"), isPrice: true);
                    probe.Measure(fields.Next("amount"), isPrice: false);
                }

                break;
        }
    }

    private void OnTrade(ref CommaFields fields, in Event header)
    {
        // Many venues have no numbers but texts here; those cannot be kept.
        ReadOnlySpan<byte> id = fields.Next("id");
        ReadOnlySpan<byte> sideText = fields.Next("side");
        Side side = sideText.SequenceEqual("buy"u8) ? Side.Buy
            : sideText.SequenceEqual("sell"u8) ? Side.Sell
            : sideText.SequenceEqual("unknown"u8) ? Side.None
            : throw new FieldException("side", sideText, "buy, sell, unknown");
        Trade trade = new()
        {
            Price = Fields.Price("price", fields.Next("price"), _priceExponent),
            Quantity = Fields.PositiveAmount("amount", fields.Next("amount"), _quantityExponent),
            TradeId = id.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
                && DecimalText.TryParse(id, 0, out long number) ? number : 0,
            Aggressor = side,
        };
        fields.End();
        Summary.Apply("trade");
        Put(header, trade);
    }

    private void OnQuote(ref CommaFields fields, in Event header)
    {
        ReadOnlySpan<byte> askAmount = fields.Next("ask_amount");
        ReadOnlySpan<byte> askPrice = fields.Next("ask_price");
        ReadOnlySpan<byte> bidPrice = fields.Next("bid_price");
        ReadOnlySpan<byte> bidAmount = fields.Next("bid_amount");
        fields.End();
        Quote quote = default;
        TryLevel("ask", askPrice, askAmount, out quote.AskPrice, out quote.AskQuantity);
        TryLevel("bid", bidPrice, bidAmount, out quote.BidPrice, out quote.BidQuantity);
        Summary.Apply("quote");
        Put(header, quote);
    }

    private void OnLevel(ref CommaFields fields, in Event header)
    {
        ReadOnlySpan<byte> snapshotText = fields.Next("is_snapshot");
        bool isSnapshot = snapshotText.SequenceEqual("true"u8);
        if (!isSnapshot && !snapshotText.SequenceEqual("false"u8))
        {
            throw new FieldException("is_snapshot", snapshotText, "true or false");
        }

        ReadOnlySpan<byte> sideText = fields.Next("side");
        bool isAsk = sideText.SequenceEqual("ask"u8);
        if (!isAsk && !sideText.SequenceEqual("bid"u8))
        {
            throw new FieldException("side", sideText, "bid or ask");
        }

        long price = Fields.Price("price", fields.Next("price"), _priceExponent);
        long quantity = Fields.Amount("amount", fields.Next("amount"), _quantityExponent);
        fields.End();
        bool begins = isSnapshot && !_lastWasSnapshot;
        if (!_hasMessage || begins || isSnapshot != _lastWasSnapshot || _message.ReceivedAt != header.ReceivedAt)
        {
            CompleteMessage();
            (_message, _hasMessage, _messageReplaces) = (header, true, begins);
            _open.Clear();
        }

        _lastWasSnapshot = isSnapshot;
        _message.VenueTime = header.VenueTime;
        Add(isAsk ? Side.Sell : Side.Buy, price, quantity);
    }

    private void CompleteMessage()
    {
        if (!_hasMessage)
        {
            return;
        }

        _hasMessage = false;
        _hasBook |= _messageReplaces;
        if (!_hasBook)
        {
            Summary.Discard("difference without a snapshot");
            return;
        }

        Summary.Apply(_messageReplaces ? "snapshot" : "difference");
        _open.Complete(_message, 0, 0, _messageReplaces);
        (_open, _complete) = (_complete, _open);
    }

    private void OnSnapshot(ref CommaFields fields, in Event header)
    {
        _open.Clear();
        Best asks = new(Side.Sell);
        Best bids = new(Side.Buy);
        for (int i = 0; i < _header.Depth; i++)
        {
            AddLevel(ref asks, fields.Next("asks.price"), fields.Next("asks.amount"));
            AddLevel(ref bids, fields.Next("bids.price"), fields.Next("bids.amount"));
        }

        fields.End();
        Summary.Apply("snapshot");
        _open.Complete(header, 0, 0, snapshot: true);
        (_open, _complete) = (_complete, _open);
    }

    private void AddLevel(ref Best side, ReadOnlySpan<byte> priceText, ReadOnlySpan<byte> amountText)
    {
        string field = side.Side == Side.Sell ? "asks" : "bids";
        if (!TryLevel(field, priceText, amountText, out long price, out long quantity))
        {
            side.Ended = true;
            return;
        }

        if (side.Ended || !side.TryNext(price))
        {
            throw new FieldException(
                field, priceText, side.Ended ? "nothing after an empty level" : "a price behind that of the level before");
        }

        Add(side.Side, price, quantity);
    }

    private void Add(Side side, long price, long quantity)
    {
        if (!_open.TryAdd(side, price, quantity))
        {
            throw new FieldException("row", "another level", $"at most {LevelsMax} levels in a message");
        }
    }

    /// <summary>A price and an amount above zero, or neither.</summary>
    private bool TryLevel(
        string field, ReadOnlySpan<byte> priceText, ReadOnlySpan<byte> amountText, out long price, out long quantity)
    {
        (price, quantity) = (0, 0);
        if (priceText.Length == 0 && amountText.Length == 0)
        {
            return false;
        }

        price = Fields.Price(field, priceText, _priceExponent);
        quantity = Fields.PositiveAmount(field, amountText, _quantityExponent);
        return true;
    }

    private static long Time(string field, ReadOnlySpan<byte> text) => Fields.FromMicroseconds(field, text);

    private static string Code(string field, ReadOnlySpan<byte> text) =>
        text.Length is >= 1 and <= 24 && text.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0
            ? Encoding.ASCII.GetString(text)
            : throw new FieldException(field, text, "1 to 24 printable ASCII characters");

    private static void Require(string field, ReadOnlySpan<byte> text, byte[] wanted)
    {
        if (!text.SequenceEqual(wanted))
        {
            throw new FieldException(
                field, text, $"{Encoding.ASCII.GetString(wanted)}: a file is of one exchange and one symbol");
        }
    }

    /// <summary>Levels of one side, from the best on.</summary>
    private struct Best(Side side)
    {
        private long _last;
        private bool _any;

        internal readonly Side Side => side;

        internal bool Ended { get; set; }

        internal bool TryNext(long price)
        {
            bool isBehind = !_any || (side == Side.Sell ? price > _last : price < _last);
            (_last, _any) = (price, true);
            return isBehind;
        }
    }
}
