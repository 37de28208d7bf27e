using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>Public messages whose data is a list of small items: prints, candles, liquidations; and the price limit.</summary>
internal static class BybitItems
{
    /// <summary>Prints of one message.</summary>
    internal const int TradesMax = 1024;

    private const int MillisecondsOfMinute = 60_000;
    private const long Millisecond = 1_000_000;

    private static readonly FieldNames TradeNames = new(
        "T s S v p i BT", "L RPI seq mP iP mIv iv", "T s S v p L i BT RPI seq");
    private static readonly FieldNames CandleNames = new(
        "start end open high low close volume turnover confirm", "interval timestamp");

    private static readonly FieldNames LiquidationNames = new("T s S v p", "", "T s S v p");
    private static readonly FieldNames LimitNames = new("symbol buyLmt sellLmt", "ts");

    /// <summary>publicTrade: every print is an event of its own, a strategy sees each.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cursor">On the first token of the data; afterwards on its end, unless it is refused.</param>
    /// <param name="header">The header of the events.</param>
    /// <param name="instruments">The session's instruments.</param>
    /// <param name="kind">The connection's category.</param>
    /// <param name="batch">Gets the events.</param>
    /// <param name="counters">What was seen.</param>
    /// <returns>What it turned out to be.</returns>
    internal static WireOutcome Trades(
        ReadOnlySpan<byte> message,
        ref JsonCursor cursor,
        Event header,
        InstrumentTable instruments,
        InstrumentKind kind,
        EventBatch batch,
        WireCounters counters)
    {
        if (cursor.Token != JsonToken.StartArray)
        {
            return WireOutcome.Refused(WireFault.Shape);
        }

        int count = 0;
        while (cursor.Read() && cursor.Token == JsonToken.StartObject)
        {
            WireFields item = new(message);
            if (!item.Capture(ref cursor, TradeNames))
            {
                return WireOutcome.Refused(WireFault.Malformed);
            }

            counters.NewNames += item.NewNames;
            if (++count > TradesMax)
            {
                return WireOutcome.Refused(WireFault.TooMany);
            }

            if (!instruments.TryFind(item.Text(1), kind, out int place))
            {
                counters.UnknownInstruments++;
                continue;
            }

            ref readonly InstrumentDefined rules = ref instruments.RulesAt(place);
            if (!item.TryMilliseconds(0, out header.VenueTime))
            {
                return WireOutcome.Refused(WireFault.Time);
            }

            Trade trade = default;
            if (!item.TryUnits(4, rules.PriceExponent, out trade.Price) || trade.Price <= 0
                || !item.TryUnits(3, rules.QuantityExponent, out trade.Quantity) || trade.Quantity <= 0)
            {
                return WireOutcome.Refused(WireFault.Number);
            }

            if (!item.TrySide(2, out trade.Aggressor))
            {
                return WireOutcome.Refused(WireFault.Word);
            }

            // Spot numbers its prints; derivatives give a UUID, which the event has no room for.
            ReadOnlySpan<byte> number = item.Text(5);
            trade.TradeId = number.Length <= 19 && DecimalText.TryParse(number, 0, out long id) && id > 0 ? id : 0;

            // A block trade was agreed on elsewhere: nobody could have had its price.
            trade.Marks = item[6].Kind == WireKind.True ? TradeMarks.Suspicious : TradeMarks.None;
            header.Instrument = instruments.IdAt(place);
            if (!batch.TryAdd(header, trade))
            {
                return WireOutcome.Refused(WireFault.TooMany);
            }
        }

        return End(cursor, batch);
    }

    /// <summary>kline: only a candle that is finished becomes a bar, at its end.</summary>
    internal static WireOutcome Candles(
        in PublicEnvelope envelope,
        Event header,
        InstrumentTable instruments,
        InstrumentKind kind,
        EventBatch batch,
        WireCounters counters)
    {
        ReadOnlySpan<byte> rest = envelope.Topic["kline."u8.Length..];
        int dot = rest.IndexOf((byte)'.');
        if (dot <= 0 || !TryTimeframe(rest[..dot], out long timeframe))
        {
            return WireOutcome.Refused(WireFault.Word);
        }

        if (!envelope.TryData(out JsonCursor cursor) || cursor.Token != JsonToken.StartArray)
        {
            return WireOutcome.Refused(WireFault.Shape);
        }

        bool known = instruments.TryFind(rest[(dot + 1)..], kind, out int place);
        while (cursor.Read() && cursor.Token == JsonToken.StartObject)
        {
            WireFields item = new(envelope.Message);
            if (!item.Capture(ref cursor, CandleNames))
            {
                return WireOutcome.Refused(WireFault.Malformed);
            }

            counters.NewNames += item.NewNames;
            counters.UnknownInstruments += known ? 0 : 1;
            if (!known || item[8].Kind != WireKind.True)
            {
                continue;
            }

            ref readonly InstrumentDefined rules = ref instruments.RulesAt(place);
            Bar bar = new() { Timeframe = timeframe };
            if (!item.TryMilliseconds(0, out bar.StartTime) || !item.TryMilliseconds(1, out long last) || bar.StartTime == 0)
            {
                return WireOutcome.Refused(WireFault.Time);
            }

            // A month has no fixed length: such a candle is left alone.
            if (timeframe == 0)
            {
                continue;
            }

            // The venue gives the last millisecond of a candle.
            if ((last != 0 && last - bar.StartTime + Millisecond != timeframe) || bar.StartTime > long.MaxValue - timeframe)
            {
                return WireOutcome.Refused(WireFault.Contradiction);
            }

            if (!TryPrices(item, rules, ref bar))
            {
                return WireOutcome.Refused(WireFault.Number);
            }

            header.Instrument = instruments.IdAt(place);
            header.VenueTime = bar.StartTime + timeframe;
            if (!batch.TryAdd(header, bar))
            {
                return WireOutcome.Refused(WireFault.TooMany);
            }
        }

        return End(cursor, batch);
    }

    /// <summary>allLiquidation.</summary>
    internal static WireOutcome Liquidations(
        in PublicEnvelope envelope,
        Event header,
        InstrumentTable instruments,
        InstrumentKind kind,
        EventBatch batch,
        WireCounters counters)
    {
        if (!envelope.TryData(out JsonCursor cursor) || cursor.Token != JsonToken.StartArray)
        {
            return WireOutcome.Refused(WireFault.Shape);
        }

        while (cursor.Read() && cursor.Token == JsonToken.StartObject)
        {
            WireFields item = new(envelope.Message);
            if (!item.Capture(ref cursor, LiquidationNames))
            {
                return WireOutcome.Refused(WireFault.Malformed);
            }

            counters.NewNames += item.NewNames;
            if (!instruments.TryFind(item.Text(1), kind, out int place))
            {
                counters.UnknownInstruments++;
                continue;
            }

            ref readonly InstrumentDefined rules = ref instruments.RulesAt(place);
            Liquidation liquidation = default;
            if (!item.TryMilliseconds(0, out header.VenueTime))
            {
                return WireOutcome.Refused(WireFault.Time);
            }

            if (!item.TryUnits(4, rules.PriceExponent, out liquidation.Price) || liquidation.Price <= 0
                || !item.TryUnits(3, rules.QuantityExponent, out liquidation.Quantity) || liquidation.Quantity <= 0)
            {
                return WireOutcome.Refused(WireFault.Number);
            }

            // The side is that of the position, not of the order that closes it.
            if (!item.TrySide(2, out liquidation.Position) || liquidation.Position == Side.None)
            {
                return WireOutcome.Refused(WireFault.Word);
            }

            header.Instrument = instruments.IdAt(place);
            if (!batch.TryAdd(header, liquidation))
            {
                return WireOutcome.Refused(WireFault.TooMany);
            }
        }

        return End(cursor, batch);
    }

    /// <summary>priceLimit.</summary>
    internal static WireOutcome PriceLimit(
        in PublicEnvelope envelope,
        Event header,
        InstrumentTable instruments,
        InstrumentKind kind,
        EventBatch batch,
        WireCounters counters)
    {
        WireFields item = new(envelope.Message);
        if (!envelope.TryData(out JsonCursor cursor) || !item.Capture(ref cursor, LimitNames))
        {
            return WireOutcome.Refused(WireFault.Shape);
        }

        counters.NewNames += item.NewNames;
        if (!instruments.TryFind(item.Text(0), kind, out int place))
        {
            counters.UnknownInstruments++;
            return WireOutcome.Nothing;
        }

        ref readonly InstrumentDefined rules = ref instruments.RulesAt(place);
        PriceBand band = default;
        if (!item.TryUnits(1, rules.PriceExponent, out band.Highest) || !item.TryUnits(2, rules.PriceExponent, out band.Lowest))
        {
            return WireOutcome.Refused(WireFault.Number);
        }

        if (band.Lowest <= 0 || band.Highest < band.Lowest)
        {
            return WireOutcome.Refused(WireFault.Contradiction);
        }

        header.Instrument = instruments.IdAt(place);
        return batch.TryAdd(header, band) ? WireOutcome.Events : WireOutcome.Refused(WireFault.TooMany);
    }

    /// <summary>The timeframe of a candle's topic.</summary>
    /// <param name="interval">Minutes, or D, W, M.</param>
    /// <param name="nanoseconds">Its length; 0 for a month.</param>
    /// <returns>False when it is none of the venue's.</returns>
    private static bool TryTimeframe(ReadOnlySpan<byte> interval, out long nanoseconds)
    {
        nanoseconds = 0;
        if (interval.SequenceEqual("M"u8))
        {
            return true;
        }

        long minutes = 0;
        bool known = interval.SequenceEqual("D"u8) || interval.SequenceEqual("W"u8)
            || (interval.Length <= 3 && DecimalText.TryParse(interval, 0, out minutes)
                && minutes is 1 or 3 or 5 or 15 or 30 or 60 or 120 or 240 or 360 or 720);
        minutes = interval.SequenceEqual("D"u8) ? 1_440 : interval.SequenceEqual("W"u8) ? 10_080 : minutes;
        nanoseconds = known ? minutes * MillisecondsOfMinute * Millisecond : 0;
        return known;
    }

    private static bool TryPrices(in WireFields item, in InstrumentDefined rules, ref Bar bar)
    {
        if (!item.TryUnits(2, rules.PriceExponent, out bar.Open) || !item.TryUnits(3, rules.PriceExponent, out bar.High)
            || !item.TryUnits(4, rules.PriceExponent, out bar.Low) || !item.TryUnits(5, rules.PriceExponent, out bar.Close)
            || !item.TryUnits(6, rules.QuantityExponent, out bar.Volume))
        {
            return false;
        }

        // What the sum of many products cannot say exactly in raw units is not said.
        if (!item.TryUnits(7, rules.PriceExponent + rules.QuantityExponent, out bar.Turnover) || bar.Turnover < 0)
        {
            bar.Turnover = 0;
        }

        return bar.Low > 0 && bar.Low <= Math.Min(bar.Open, bar.Close) && bar.High >= Math.Max(bar.Open, bar.Close)
            && bar.Volume >= 0;
    }

    private static WireOutcome End(in JsonCursor cursor, EventBatch batch) =>
        cursor.Token != JsonToken.EndArray ? WireOutcome.Refused(WireFault.Shape)
        : batch.Count == 0 ? WireOutcome.Nothing
        : WireOutcome.Events;
}
