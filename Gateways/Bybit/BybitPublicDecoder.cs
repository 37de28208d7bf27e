using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// Decodes the frames of one public connection of Bybit v5 into events: order books, prints, tickers, candles, liquidations,
/// price limits, and the answers to subscriptions and pings. A connection is of one category, so a symbol is one instrument.
/// Nothing is allocated after construction; no input throws.
/// </summary>
public sealed class BybitPublicDecoder
{
    /// <summary>Bytes of a message; a longer one is refused. A snapshot of 1,000 levels a side has about 60,000.</summary>
    public const int MessageBytesMax = 1 << 19;

    /// <summary>Levels of a message: 1,000 a side.</summary>
    public const int LevelsMax = 2000;

    private static readonly FieldNames Envelope = new(
        "topic type ts data cts op success ret_msg req_id conn_id args cs", "id seq");

    private readonly InstrumentTable _instruments;
    private readonly InstrumentKind _kind;
    private readonly LevelPacker _levels = new(LevelsMax);
    private readonly BookSequence[] _books = new BookSequence[Limits.Instruments];
    private readonly BookSequence[] _tops = new BookSequence[Limits.Instruments];
    private readonly int[] _depths = new int[Limits.Instruments];
    private readonly BybitTickers _tickers = new();

    /// <summary>Creates the decoder of a connection.</summary>
    /// <param name="instruments">The session's instruments.</param>
    /// <param name="kind">The connection's category: spot or linear.</param>
    public BybitPublicDecoder(InstrumentTable instruments, InstrumentKind kind)
    {
        Ensure.That(kind is InstrumentKind.Spot or InstrumentKind.Linear, "Bybit is spoken for spot and linear instruments");
        _instruments = instruments;
        _kind = kind;
    }

    /// <summary>The events of the last message.</summary>
    public EventBatch Batch { get; } = new();

    /// <summary>What was seen.</summary>
    public WireCounters Counters { get; } = new();

    /// <summary>The last answer, when a message was one.</summary>
    public BybitAnswer Answer { get; } = new();

    /// <summary>The connection was lost: books and tickers begin again with a snapshot.</summary>
    public void Reconnect()
    {
        for (int i = 0; i < Limits.Instruments; i++)
        {
            _books[i].Forget();
            _tops[i].Forget();
            _depths[i] = 0;
        }

        _tickers.Forget();
    }

    /// <summary>Decodes a message.</summary>
    /// <param name="message">One whole text frame.</param>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC at which it was read from the socket.</param>
    /// <returns>What it turned out to be; the events are in <see cref="Batch"/>.</returns>
    public WireOutcome Decode(ReadOnlySpan<byte> message, long receivedAt)
    {
        Batch.Clear();
        _levels.Clear();
        WireOutcome outcome = message.Length > MessageBytesMax
            ? WireOutcome.Refused(WireFault.TooLong)
            : Message(message, receivedAt);
        return Counters.Add(outcome, Batch);
    }

    private WireOutcome Message(ReadOnlySpan<byte> message, long receivedAt)
    {
        // Books are parsed where they lie: the rest of the envelope is small, and its order is not fixed.
        PublicEnvelope envelope = new(message);
        JsonCursor cursor = new(message);
        BookBody book = default;
        JsonCursor bookAt = default;
        bool bookIsOpen = false;
        int dataFields = 0;
        if (!cursor.Read() || cursor.Token != JsonToken.StartObject)
        {
            return WireOutcome.Refused(WireFault.Malformed);
        }

        while (cursor.Read() && cursor.Token != JsonToken.EndObject)
        {
            int field = cursor.IsEscaped ? FieldNames.New : Envelope.Find(cursor.Bytes);
            Counters.NewNames += field < 0 ? 1 : 0;
            if (!cursor.Read())
            {
                break;
            }

            dataFields += field == PublicEnvelope.Data ? 1 : 0;
            if (field == PublicEnvelope.Data && cursor.Token == JsonToken.StartObject && envelope.MayBeBook)
            {
                if (envelope.IsBook && dataFields == 1)
                {
                    if (!ReadBook(ref cursor, envelope.Topic, ref book))
                    {
                        break;
                    }

                    continue;
                }

                // The topic comes later: looked at when the envelope is complete.
                bookAt = cursor;
                bookIsOpen = true;
            }

            if (!envelope.Take(field, ref cursor))
            {
                break;
            }
        }

        if (cursor.IsFault || cursor.Token != JsonToken.EndObject || (cursor.Read() | cursor.IsFault))
        {
            return WireOutcome.Refused(book.Fault != WireFault.None ? book.Fault : WireFault.Malformed);
        }

        if (envelope.Topic.IsEmpty)
        {
            return Answer.Read(message, Counters) ? WireOutcome.Answer : WireOutcome.Refused(WireFault.UnknownKind);
        }

        if (envelope.IsBook)
        {
            // Levels of two objects are not one book.
            if (dataFields > 1)
            {
                return WireOutcome.Refused(WireFault.Contradiction);
            }

            if (bookIsOpen && !ReadBook(ref bookAt, envelope.Topic, ref book))
            {
                return WireOutcome.Refused(book.Fault != WireFault.None ? book.Fault : WireFault.Malformed);
            }

            return Book(envelope, book, receivedAt);
        }

        return Rest(envelope, receivedAt);
    }

    private WireOutcome Rest(in PublicEnvelope envelope, long receivedAt)
    {
        Event header = new() { ReceivedAt = receivedAt, Source = EventSource.Bybit, Flags = EventFlags.Whole };
        ReadOnlySpan<byte> topic = envelope.Topic;
        if (!envelope.TryTime(PublicEnvelope.Ts, out header.VenueTime))
        {
            return WireOutcome.Refused(WireFault.Time);
        }

        if (topic.StartsWith("publicTrade."u8))
        {
            return BybitItems.Trades(envelope, header, _instruments, _kind, Batch, Counters);
        }

        if (topic.StartsWith("tickers."u8))
        {
            return _tickers.Read(envelope, header, _instruments, _kind, Batch, Counters);
        }

        if (topic.StartsWith("kline."u8))
        {
            return BybitItems.Candles(envelope, header, _instruments, _kind, Batch, Counters);
        }

        if (topic.StartsWith("allLiquidation."u8))
        {
            return BybitItems.Liquidations(envelope, header, _instruments, _kind, Batch, Counters);
        }

        return topic.StartsWith("priceLimit."u8)
            ? BybitItems.PriceLimit(envelope, header, _instruments, _kind, Batch, Counters)
            : WireOutcome.Refused(WireFault.UnknownKind);
    }

    private WireOutcome Book(in PublicEnvelope envelope, in BookBody book, long receivedAt)
    {
        const uint needed = BookBody.Symbol | BookBody.Bids | BookBody.Asks | BookBody.Update;
        bool snapshot = envelope.Type.SequenceEqual("snapshot"u8);
        if ((book.Seen & needed) != needed)
        {
            return WireOutcome.Refused(WireFault.Missing);
        }

        if (!snapshot && !envelope.Type.SequenceEqual("delta"u8))
        {
            return WireOutcome.Refused(WireFault.Word);
        }

        // The engine's time when there is one: that is what prints carry.
        if (!envelope.TryTime(PublicEnvelope.Ts, out long sentAt) || !envelope.TryTime(PublicEnvelope.Cts, out long matchedAt))
        {
            return WireOutcome.Refused(WireFault.Time);
        }

        if (book.Place < 0)
        {
            Counters.UnknownInstruments++;
            return WireOutcome.Nothing;
        }

        Event header = new()
        {
            ReceivedAt = receivedAt,
            VenueTime = matchedAt != 0 ? matchedAt : sentAt,
            Instrument = _instruments.IdAt(book.Place),
            Source = EventSource.Bybit,
            Flags = EventFlags.Whole,
        };
        return book.Depth == 1 ? Top(book, header, snapshot) : Levels(book, header, snapshot);
    }

    private WireOutcome Levels(in BookBody book, in Event header, bool snapshot)
    {
        // One instrument has one book: a second depth would overwrite the first.
        ref int depth = ref _depths[book.Place];
        if (depth != 0 && depth != book.Depth)
        {
            return WireOutcome.Refused(WireFault.Contradiction);
        }

        depth = book.Depth;
        ref BookSequence sequence = ref _books[book.Place];
        long last = sequence.Last;
        BookStep step = sequence.Next(book.UpdateId, snapshot);
        switch (step)
        {
            case BookStep.Discard:
                Counters.Discarded++;
                return WireOutcome.Nothing;
            case BookStep.Gap:
                Counters.Gaps++;
                return Batch.TryAdd(header, new StreamStateChanged { State = StreamState.Gap })
                    ? WireOutcome.Events
                    : WireOutcome.Refused(WireFault.TooMany);
            default:
                bool replaces = step != BookStep.Apply;
                _levels.Complete(header, book.UpdateId, replaces ? 0 : last, replaces);
                return Batch.TryAdd(_levels) ? WireOutcome.Events : WireOutcome.Refused(WireFault.TooMany);
        }
    }

    private WireOutcome Top(in BookBody book, in Event header, bool snapshot)
    {
        ReadOnlySpan<LevelChange> levels = _levels.Levels;
        Quote quote = new() { UpdateId = book.UpdateId };
        foreach (ref readonly LevelChange level in levels)
        {
            bool bid = level.Side == Side.Buy;
            if (level.Quantity == 0 || (bid ? quote.BidQuantity : quote.AskQuantity) != 0)
            {
                return WireOutcome.Refused(WireFault.Contradiction);
            }

            (bid ? ref quote.BidPrice : ref quote.AskPrice) = level.Price;
            (bid ? ref quote.BidQuantity : ref quote.AskQuantity) = level.Quantity;
        }

        // One level is always sent whole; a difference could not be told from an empty side.
        if (!snapshot && book.UpdateId != 1)
        {
            return WireOutcome.Refused(WireFault.Word);
        }

        return _tops[book.Place].Next(book.UpdateId, snapshot) == BookStep.Repeat ? WireOutcome.Nothing
            : Batch.TryAdd(header, quote) ? WireOutcome.Events
            : WireOutcome.Refused(WireFault.TooMany);
    }

    // orderbook.{depth}.{symbol}, its data object, levels into the packer.
    private bool ReadBook(ref JsonCursor cursor, ReadOnlySpan<byte> topic, ref BookBody book)
    {
        ReadOnlySpan<byte> rest = topic["orderbook."u8.Length..];
        int dot = rest.IndexOf((byte)'.');
        if (dot <= 0 || !DecimalText.TryParse(rest[..dot], 0, out long depth) || depth is < 1 or > 1000)
        {
            return book.Fail(WireFault.Word);
        }

        ReadOnlySpan<byte> symbol = rest[(dot + 1)..];
        book.Depth = (int)depth;
        book.Place = _instruments.TryFind(symbol, _kind, out int place) ? place : -1;
        while (cursor.Read())
        {
            if (cursor.Token == JsonToken.EndObject)
            {
                return true;
            }

            uint field = BookBody.FieldOf(cursor.IsEscaped ? default : cursor.Bytes);
            if (!cursor.Read())
            {
                return false;
            }

            if ((book.Seen & field) != 0 && field != BookBody.Symbol)
            {
                return book.Fail(WireFault.Contradiction);
            }

            book.Seen |= field;
            switch (field)
            {
                case BookBody.Bids or BookBody.Asks:
                    if (!ReadLevels(ref cursor, field == BookBody.Bids ? Side.Buy : Side.Sell, ref book))
                    {
                        return false;
                    }

                    break;
                case BookBody.Update:
                    if (cursor.Token != JsonToken.Number
                        || !DecimalText.TryParse(cursor.Bytes, 0, out book.UpdateId) || book.UpdateId < 1)
                    {
                        return book.Fail(WireFault.Number);
                    }

                    break;
                case BookBody.Symbol:
                    if (cursor.Token != JsonToken.Text || !cursor.Bytes.SequenceEqual(symbol))
                    {
                        return book.Fail(WireFault.Contradiction);
                    }

                    break;
                default:
                    Counters.NewNames += field == 0 ? 1 : 0;
                    if (!cursor.Skip())
                    {
                        return false;
                    }

                    break;
            }
        }

        return false;
    }

    private bool ReadLevels(ref JsonCursor cursor, Side side, ref BookBody book)
    {
        if (book.Place < 0)
        {
            return cursor.Skip();
        }

        if (cursor.Token != JsonToken.StartArray)
        {
            return book.Fail(WireFault.Shape);
        }

        ref readonly InstrumentDefined rules = ref _instruments.RulesAt(book.Place);
        while (cursor.Read() && cursor.Token == JsonToken.StartArray)
        {
            if (!Amount(ref cursor, rules.PriceExponent, out long price)
                || !Amount(ref cursor, rules.QuantityExponent, out long quantity)
                || price <= 0 || quantity < 0)
            {
                return !cursor.IsFault && book.Fail(WireFault.Number);
            }

            if (!cursor.Read() || cursor.Token != JsonToken.EndArray)
            {
                return !cursor.IsFault && book.Fail(WireFault.Shape);
            }

            if (!_levels.TryAdd(side, price, quantity))
            {
                return book.Fail(WireFault.TooMany);
            }
        }

        return cursor.Token == JsonToken.EndArray || (!cursor.IsFault && book.Fail(WireFault.Shape));
    }

    private static bool Amount(ref JsonCursor cursor, int exponent, out long units)
    {
        units = 0;
        return cursor.Read() && cursor.Token == JsonToken.Text && cursor.Length <= WireNumber.LengthMax
            && DecimalText.TryParse(cursor.Bytes, exponent, out units);
    }

    /// <summary>What the data of an order-book message says beside its levels.</summary>
    private struct BookBody
    {
        internal const uint Symbol = 1;
        internal const uint Bids = 2;
        internal const uint Asks = 4;
        internal const uint Update = 8;
        private const uint CrossSequence = 16;

        internal uint Seen;
        internal int Depth;
        internal int Place;
        internal long UpdateId;
        internal WireFault Fault;

        internal static uint FieldOf(ReadOnlySpan<byte> name) =>
            name.Length == 1
                ? name[0] switch
                {
                    (byte)'s' => Symbol,
                    (byte)'b' => Bids,
                    (byte)'a' => Asks,
                    (byte)'u' => Update,
                    _ => 0,
                }
                : name.SequenceEqual("seq"u8) ? CrossSequence : 0;

        internal bool Fail(WireFault fault)
        {
            Fault = fault;
            return false;
        }
    }
}
