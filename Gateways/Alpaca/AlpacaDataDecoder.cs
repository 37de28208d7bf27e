using System;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>
/// Decodes Alpaca's market data streams, stocks and crypto, JSON and MessagePack: prints, quotes, minute bars, statuses, price
/// bands, corrections, and the answers. A message is an array that mixes kinds and symbols, so each item is an event of its
/// own. Nothing is allocated after construction; no input throws.
/// </summary>
public sealed class AlpacaDataDecoder
{
    /// <summary>Bytes of a message; a longer one is refused.</summary>
    public const int MessageBytesMax = 1 << 20;

    private const long Minute = 60_000_000_000;

    private const int Kind = 0;
    private const int Symbol = 1;
    private const int Time = 2;

    // One list for all kinds: a letter means one thing in each of them that is read.
    private static readonly FieldNames Names = new(
        "T S t p s bp bs ap as i x c o h l v n d u sc",
        "z tks bx ax vw sm rc rm code msg oi op os oc ci cp cs cc a b r trades quotes bars updatedBars dailyBars statuses "
        + "lulds imbalances corrections cancelErrors orderbooks news");

    private static readonly FieldNames CorrectionNames = new("T S t oi op os ci cp cs", "x oc cc z");
    private static readonly FieldNames AnswerNames = new("T code msg", "trades quotes bars updatedBars dailyBars statuses "
        + "lulds imbalances corrections cancelErrors orderbooks news");

    private readonly InstrumentTable _instruments;

    /// <summary>Creates the decoder of a connection.</summary>
    /// <param name="instruments">The session's instruments.</param>
    public AlpacaDataDecoder(InstrumentTable instruments) => _instruments = instruments;

    /// <summary>The events of the last message.</summary>
    public EventBatch Batch { get; } = new();

    /// <summary>What was seen.</summary>
    public WireCounters Counters { get; } = new();

    /// <summary>The last answer, when a message was one.</summary>
    public AlpacaAnswer Answer { get; private set; }

    /// <summary>The error number of the last answer; 0 for none.</summary>
    public int Code { get; private set; }

    /// <summary>Decodes a message.</summary>
    /// <param name="message">One whole frame, text or binary.</param>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC at which it was read from the socket.</param>
    /// <returns>What it turned out to be; the events are in <see cref="Batch"/>.</returns>
    public WireOutcome Decode(ReadOnlySpan<byte> message, long receivedAt)
    {
        Batch.Clear();
        Answer = AlpacaAnswer.None;
        Code = 0;
        Event header = new() { ReceivedAt = receivedAt, Source = EventSource.Alpaca, Flags = EventFlags.Whole };
        WireFault fault = message.Length > MessageBytesMax ? WireFault.TooLong
            : AlpacaFormat.IsMessagePack(message) ? Packed(message, header)
            : Text(message, header);
        WireOutcome outcome = fault != WireFault.None ? WireOutcome.Refused(fault)
            : Answer != AlpacaAnswer.None ? WireOutcome.Answer
            : Batch.Count == 0 ? WireOutcome.Nothing
            : WireOutcome.Events;
        return Counters.Add(outcome, Batch);
    }

    private WireFault Text(ReadOnlySpan<byte> message, in Event header)
    {
        JsonCursor cursor = new(message);
        if (!cursor.Read() || cursor.Token != JsonToken.StartArray)
        {
            return cursor.IsFault ? WireFault.Malformed : WireFault.Shape;
        }

        while (cursor.Read() && cursor.Token == JsonToken.StartObject)
        {
            WireFields item = new(message);
            JsonCursor again = cursor;
            if (!item.Capture(ref cursor, Names))
            {
                return WireFault.Malformed;
            }

            WireFields other = new(message);
            FieldNames? names = OtherNames(item);
            if (names is not null && !other.Capture(ref again, names))
            {
                return WireFault.Malformed;
            }

            WireFault fault = Item(message, isMessagePack: false, item, other, header);
            if (fault != WireFault.None)
            {
                return fault;
            }
        }

        return cursor.Token != JsonToken.EndArray ? cursor.IsFault ? WireFault.Malformed : WireFault.Shape
            : cursor.Read() || cursor.IsFault ? WireFault.Malformed
            : WireFault.None;
    }

    private WireFault Packed(ReadOnlySpan<byte> message, in Event header)
    {
        MessagePackReader reader = new(message);
        if (!reader.TryReadArrayHeader(out int items))
        {
            return WireFault.Shape;
        }

        for (; items > 0; items--)
        {
            WireFields item = new(message, isMessagePack: true);
            MessagePackReader again = reader;
            if (!item.Capture(ref reader, Names))
            {
                return WireFault.Malformed;
            }

            WireFields other = new(message, isMessagePack: true);
            FieldNames? names = OtherNames(item);
            if (names is not null && !other.Capture(ref again, names))
            {
                return WireFault.Malformed;
            }

            WireFault fault = Item(message, isMessagePack: true, item, other, header);
            if (fault != WireFault.None)
            {
                return fault;
            }
        }

        return reader.AtEnd ? WireFault.None : WireFault.Malformed;
    }

    // Rare items have names of their own and are read a second time.
    private static FieldNames? OtherNames(in WireFields item)
    {
        ReadOnlySpan<byte> kind = item.Text(Kind);
        return kind.SequenceEqual("c"u8) ? CorrectionNames : kind.Length > 1 ? AnswerNames : null;
    }

    private WireFault Item(
        ReadOnlySpan<byte> message, bool isMessagePack, in WireFields item, in WireFields other, Event header)
    {
        ReadOnlySpan<byte> kind = item.Text(Kind);
        if (kind.Length != 1)
        {
            Counters.NewNames += other.NewNames;
            return Control(kind, other);
        }

        Counters.NewNames += item.NewNames;
        switch (kind[0])
        {
            case (byte)'t' or (byte)'q' or (byte)'b' or (byte)'s' or (byte)'l' or (byte)'c' or (byte)'x':
                break;
            case (byte)'u' or (byte)'d' or (byte)'i' or (byte)'o' or (byte)'n':
                // Bars that change after their end, bars of an unfinished day, imbalances, other books and news: not used.
                return WireFault.None;
            default:
                return WireFault.UnknownKind;
        }

        if (!AlpacaWords.TryFind(_instruments, item.Text(Symbol), out int place))
        {
            Counters.UnknownInstruments++;
            return WireFault.None;
        }

        if (item.IsAbsent(Time) || !item.TryTime(Time, out header.VenueTime))
        {
            return WireFault.Time;
        }

        header.Instrument = _instruments.IdAt(place);
        ref readonly InstrumentDefined rules = ref _instruments.RulesAt(place);
        return kind[0] switch
        {
            (byte)'t' => Print(message, isMessagePack, item, rules, header),
            (byte)'q' => Best(item, rules, header),
            (byte)'b' => MinuteBar(item, rules, header),
            (byte)'s' => Status(item, header),
            (byte)'l' => Band(item, rules, header),
            (byte)'c' => Correction(other, rules, header),
            _ => Cancelled(item, rules, header),
        };
    }

    private WireFault Control(ReadOnlySpan<byte> kind, in WireFields answer)
    {
        if (kind.SequenceEqual("subscription"u8))
        {
            Answer = AlpacaAnswer.Subscribed;
            return WireFault.None;
        }

        if (kind.SequenceEqual("success"u8))
        {
            Answer = answer.Says(2, "connected"u8) ? AlpacaAnswer.Connected
                : answer.Says(2, "authenticated"u8) ? AlpacaAnswer.Authorized
                : AlpacaAnswer.None;
            return Answer == AlpacaAnswer.None ? WireFault.Word : WireFault.None;
        }

        if (!kind.SequenceEqual("error"u8))
        {
            return WireFault.UnknownKind;
        }

        Answer = AlpacaAnswer.Error;
        if (!answer.TryWhole(1, out long code) || code is < 0 or > int.MaxValue)
        {
            return WireFault.Number;
        }

        Code = (int)code;
        return WireFault.None;
    }

    private WireFault Print(
        ReadOnlySpan<byte> message, bool isMessagePack, in WireFields item, in InstrumentDefined rules, in Event header)
    {
        Trade trade = default;
        if (!item.TryUnits(3, rules.PriceExponent, out trade.Price) || trade.Price <= 0
            || !item.TryUnits(4, rules.QuantityExponent, out trade.Quantity) || trade.Quantity <= 0
            || !item.TryUnitsOrNothing(9, 0, out trade.TradeId))
        {
            return WireFault.Number;
        }

        ReadOnlySpan<byte> exchange = item.Text(10);
        trade.Exchange = exchange.Length == 1 ? exchange[0] : (byte)0;
        AlpacaFormat.TextList conditions = new(message, isMessagePack, item[11]);
        while (conditions.Next(out ReadOnlySpan<byte> condition))
        {
            trade.SaleCondition |= AlpacaWords.ConditionOf(condition);
        }

        return Batch.TryAdd(header, trade) ? WireFault.None : WireFault.TooMany;
    }

    private WireFault Best(in WireFields item, in InstrumentDefined rules, in Event header)
    {
        Quote quote = default;
        if (!item.TryUnitsOrNothing(5, rules.PriceExponent, out quote.BidPrice)
            || !item.TryUnitsOrNothing(6, rules.QuantityExponent, out quote.BidQuantity)
            || !item.TryUnitsOrNothing(7, rules.PriceExponent, out quote.AskPrice)
            || !item.TryUnitsOrNothing(8, rules.QuantityExponent, out quote.AskQuantity)
            || quote.BidPrice < 0 || quote.BidQuantity < 0 || quote.AskPrice < 0 || quote.AskQuantity < 0)
        {
            return WireFault.Number;
        }

        // A side without a price, or without a size, is empty.
        if (quote.BidPrice == 0 || quote.BidQuantity == 0)
        {
            (quote.BidPrice, quote.BidQuantity) = (0, 0);
        }

        if (quote.AskPrice == 0 || quote.AskQuantity == 0)
        {
            (quote.AskPrice, quote.AskQuantity) = (0, 0);
        }

        return Batch.TryAdd(header, quote) ? WireFault.None : WireFault.TooMany;
    }

    private WireFault MinuteBar(in WireFields item, in InstrumentDefined rules, Event header)
    {
        Bar bar = new() { StartTime = header.VenueTime, Timeframe = Minute };
        if (!item.TryUnits(12, rules.PriceExponent, out bar.Open) || !item.TryUnits(13, rules.PriceExponent, out bar.High)
            || !item.TryUnits(14, rules.PriceExponent, out bar.Low) || !item.TryUnits(11, rules.PriceExponent, out bar.Close)
            || !item.TryUnits(15, rules.QuantityExponent, out bar.Volume)
            || !item.TryUnitsOrNothing(16, 0, out bar.TradeCount) || bar.Volume < 0 || bar.TradeCount < 0
            || bar.Low <= 0 || bar.Low > Math.Min(bar.Open, bar.Close) || bar.High < Math.Max(bar.Open, bar.Close))
        {
            return WireFault.Number;
        }

        if (bar.StartTime > long.MaxValue - Minute)
        {
            return WireFault.Time;
        }

        header.VenueTime = bar.StartTime + Minute;
        return Batch.TryAdd(header, bar) ? WireFault.None : WireFault.TooMany;
    }

    private WireFault Status(in WireFields item, in Event header)
    {
        // What is not listed is Unknown, which risk treats as halted.
        TradingStatus status = AlpacaWords.StatusOf(item.Text(19));
        Counters.NewWords += status == TradingStatus.Unknown ? 1 : 0;
        return Batch.TryAdd(header, new TradingStatusChanged { Status = status }) ? WireFault.None : WireFault.TooMany;
    }

    private WireFault Band(in WireFields item, in InstrumentDefined rules, in Event header)
    {
        PriceBand band = default;
        return !item.TryUnits(18, rules.PriceExponent, out band.Highest)
            || !item.TryUnits(17, rules.PriceExponent, out band.Lowest) ? WireFault.Number
            : band.Lowest <= 0 || band.Highest < band.Lowest ? WireFault.Contradiction
            : Batch.TryAdd(header, band) ? WireFault.None
            : WireFault.TooMany;
    }

    private WireFault Correction(in WireFields item, in InstrumentDefined rules, in Event header)
    {
        TradeCorrected corrected = default;
        return !item.TryUnits(3, 0, out corrected.TradeId)
            || !item.TryUnits(4, rules.PriceExponent, out corrected.WrongPrice)
            || !item.TryUnits(5, rules.QuantityExponent, out corrected.WrongQuantity)
            || !item.TryUnits(7, rules.PriceExponent, out corrected.Price)
            || !item.TryUnits(8, rules.QuantityExponent, out corrected.Quantity)
            || corrected.Price <= 0 || corrected.Quantity <= 0 ? WireFault.Number
            : Batch.TryAdd(header, corrected) ? WireFault.None
            : WireFault.TooMany;
    }

    private WireFault Cancelled(in WireFields item, in InstrumentDefined rules, in Event header)
    {
        TradeCorrected struck = default;
        return !item.TryUnits(9, 0, out struck.TradeId)
            || !item.TryUnits(3, rules.PriceExponent, out struck.WrongPrice)
            || !item.TryUnits(4, rules.QuantityExponent, out struck.WrongQuantity) ? WireFault.Number
            : Batch.TryAdd(header, struck) ? WireFault.None
            : WireFault.TooMany;
    }
}
