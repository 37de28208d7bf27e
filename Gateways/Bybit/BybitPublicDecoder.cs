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
        "topic type ts data cts op success ret_msg req_id conn_id args cs", "id seq", "topic type ts data cts");

    private static readonly FieldNames BookNames = new("s b a u", "seq", "s b a u seq");

    private readonly InstrumentTable _instruments;
    private readonly InstrumentKind _kind;
    private readonly LevelPacker _levels = new(LevelsMax);
    private readonly BookSequence[] _books = new BookSequence[Limits.Instruments];
    private readonly BookSequence[] _tops = new BookSequence[Limits.Instruments];
    private readonly int[] _depths = new int[Limits.Instruments];
    private readonly BybitTickers _tickers = new();
    private readonly long[] _numbers = new long[2 * 64];

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
        // Books and prints are parsed where they lie: the rest of the envelope is small, and its order is not fixed.
        PublicEnvelope envelope = new(message);
        JsonCursor cursor = new(message);
        BookBody book = default;
        JsonCursor bookAt = default;
        bool bookIsOpen = false;
        Prints prints = default;
        int dataFields = 0;
        int topics = 0;
        if (!cursor.Read() || cursor.Token != JsonToken.StartObject)
        {
            return WireOutcome.Refused(WireFault.Malformed);
        }

        int next = 0;
        while (Envelope.Next(ref cursor, ref next, out int field))
        {
            Counters.NewNames += field < 0 ? 1 : 0;
            dataFields += field == PublicEnvelope.Data ? 1 : 0;
            topics += field == PublicEnvelope.TopicField ? 1 : 0;
            if (field == PublicEnvelope.Data && dataFields == 1 && envelope.IsPrints)
            {
                envelope.DataAt(cursor.Start);
                if (TryPrints(ref cursor, message, receivedAt, ref prints))
                {
                    continue;
                }
            }

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

        if (prints.Are && dataFields == 1 && topics == 1)
        {
            return envelope.TryTime(PublicEnvelope.Ts, out _) ? prints.Outcome : WireOutcome.Refused(WireFault.Time);
        }

        Forget(prints);
        return Rest(envelope, receivedAt);
    }

    // Prints where they lie. What is refused is walked over instead, since damage behind it is the greater fault.
    private bool TryPrints(ref JsonCursor cursor, ReadOnlySpan<byte> message, long receivedAt, ref Prints prints)
    {
        JsonCursor at = cursor;
        Event header = new() { ReceivedAt = receivedAt, Source = EventSource.Bybit, Flags = EventFlags.Whole };
        prints.NewNames = -Counters.NewNames;
        prints.Unknown = -Counters.UnknownInstruments;
        prints.Outcome = BybitItems.Trades(message, ref at, header, _instruments, _kind, Batch, Counters);
        prints.NewNames += Counters.NewNames;
        prints.Unknown += Counters.UnknownInstruments;
        prints.Are = prints.Outcome.Result != WireResult.Refused;
        if (!prints.Are)
        {
            Forget(prints);
            prints = default;
            return false;
        }

        cursor = at;
        return true;
    }

    private void Forget(in Prints prints)
    {
        Batch.Clear();
        Counters.NewNames -= prints.NewNames;
        Counters.UnknownInstruments -= prints.Unknown;
    }

    private WireOutcome Rest(in PublicEnvelope envelope, long receivedAt)
    {
        Event header = new() { ReceivedAt = receivedAt, Source = EventSource.Bybit, Flags = EventFlags.Whole };
        ReadOnlySpan<byte> topic = envelope.Topic;
        if (!envelope.TryTime(PublicEnvelope.Ts, out header.VenueTime))
        {
            return WireOutcome.Refused(WireFault.Time);
        }

        if (envelope.IsPrints)
        {
            return envelope.TryData(out JsonCursor data)
                ? BybitItems.Trades(envelope.Message, ref data, header, _instruments, _kind, Batch, Counters)
                : WireOutcome.Refused(WireFault.Shape);
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
        int depth = dot <= 0 ? 0 : DepthOf(rest[..dot]);
        if (depth is < 1 or > 1000)
        {
            return book.Fail(WireFault.Word);
        }

        ReadOnlySpan<byte> symbol = rest[(dot + 1)..];
        book.Depth = depth;
        book.Place = _instruments.TryFind(symbol, _kind, out int place) ? place : -1;
        int next = 0;
        while (BookNames.Next(ref cursor, ref next, out int name))
        {
            uint field = name < 0 ? 0 : 1u << name;
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
                    if (cursor.Token != JsonToken.Number || !cursor.TryDecimal(0, out book.UpdateId) || book.UpdateId < 1)
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

        return !cursor.IsFault && cursor.Token == JsonToken.EndObject;
    }

    private static int DepthOf(ReadOnlySpan<byte> text)
    {
        const int digitsMax = 9;
        int depth = 0;
        foreach (byte digit in text.Length <= digitsMax ? text : default)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return 0;
            }

            depth = (depth * 10) + digit - (byte)'0';
        }

        return depth;
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
        while (true)
        {
            int count = cursor.ReadPairs(rules.PriceExponent, rules.QuantityExponent, _numbers);
            for (int i = 0; i < count; i += 2)
            {
                if (_numbers[i] <= 0 || _numbers[i + 1] < 0)
                {
                    return book.Fail(WireFault.Number);
                }

                if (!_levels.TryAdd(side, _numbers[i], _numbers[i + 1]))
                {
                    return book.Fail(WireFault.TooMany);
                }
            }

            if (!cursor.Read() || cursor.Token != JsonToken.StartArray)
            {
                break;
            }

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
            && cursor.TryDecimal(exponent, out units);
    }

    /// <summary>What became of prints that were parsed where they lie.</summary>
    private struct Prints
    {
        internal bool Are;
        internal WireOutcome Outcome;
        internal long NewNames;
        internal long Unknown;
    }

    /// <summary>What the data of an order-book message says beside its levels.</summary>
    private struct BookBody
    {
        // A bit for each name, in the order of the list of names.
        internal const uint Symbol = 1;
        internal const uint Bids = 2;
        internal const uint Asks = 4;
        internal const uint Update = 8;

        internal uint Seen;
        internal int Depth;
        internal int Place;
        internal long UpdateId;
        internal WireFault Fault;

        internal bool Fail(WireFault fault)
        {
            Fault = fault;
            return false;
        }
    }
}
