using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// Tickers of derivatives: a snapshot, then differences in which a field that is missing has not changed. An event says always
/// the whole, and comes only when something in it has changed; last price and best prices come by other topics.
/// </summary>
internal sealed class BybitTickers
{
    private const int PriceExponent = 9;
    private const int RateExponent = 12;
    private const long Hour = 3_600_000_000_000;

    private const int Symbol = 0;
    private const int Mark = 1;
    private const int Index = 2;
    private const int Rate = 3;
    private const int Next = 4;
    private const int IntervalHours = 5;
    private const int Open = 6;

    private static readonly FieldNames Names = new(
        "symbol markPrice indexPrice fundingRate nextFundingTime fundingIntervalHour openInterest",
        "tickDirection price24hPcnt lastPrice prevPrice24h highPrice24h lowPrice24h prevPrice1h openInterestValue turnover24h "
        + "volume24h bid1Price bid1Size ask1Price ask1Size fundingCap deliveryTime basisRate deliveryFeeRate "
        + "predictedDeliveryPrice preOpenPrice preQty curPreListingPhase usdIndexPrice basis basisRateYear");

    private readonly DerivativePrices[] _last = new DerivativePrices[Limits.Instruments];
    private readonly bool[] _known = new bool[Limits.Instruments];

    /// <summary>The connection was lost: differences mean nothing until a snapshot.</summary>
    internal void Forget() => Array.Clear(_known);

    internal WireOutcome Read(
        in PublicEnvelope envelope,
        Event header,
        InstrumentTable instruments,
        InstrumentKind kind,
        EventBatch batch,
        WireCounters counters)
    {
        WireFields item = new(envelope.Message);
        if (!envelope.TryData(out JsonCursor cursor) || !item.Capture(ref cursor, Names))
        {
            return WireOutcome.Refused(WireFault.Shape);
        }

        counters.NewNames += item.NewNames;
        bool snapshot = envelope.Type.SequenceEqual("snapshot"u8);
        if (!snapshot && !envelope.Type.SequenceEqual("delta"u8))
        {
            return WireOutcome.Refused(WireFault.Word);
        }

        if (!instruments.TryFind(item.Text(Symbol), kind, out int place))
        {
            counters.UnknownInstruments++;
            return WireOutcome.Nothing;
        }

        if (kind == InstrumentKind.Spot)
        {
            return WireOutcome.Nothing;
        }

        if (!snapshot && !_known[place])
        {
            counters.Discarded++;
            return WireOutcome.Nothing;
        }

        DerivativePrices now = snapshot ? default : _last[place];
        if (!TryMerge(item, instruments.RulesAt(place), ref now))
        {
            return WireOutcome.Refused(WireFault.Number);
        }

        if (!snapshot && now.MarkPrice == _last[place].MarkPrice && now.IndexPrice == _last[place].IndexPrice
            && now.FundingRate == _last[place].FundingRate && now.NextFunding == _last[place].NextFunding
            && now.FundingInterval == _last[place].FundingInterval && now.OpenInterest == _last[place].OpenInterest)
        {
            return WireOutcome.Nothing;
        }

        header.Instrument = instruments.IdAt(place);
        if (!batch.TryAdd(header, now))
        {
            return WireOutcome.Refused(WireFault.TooMany);
        }

        _last[place] = now;
        _known[place] = true;
        return WireOutcome.Events;
    }

    private static bool TryMerge(in WireFields item, in InstrumentDefined rules, ref DerivativePrices now)
    {
        if (!Set(item, Mark, PriceExponent, ref now.MarkPrice) || !Set(item, Index, PriceExponent, ref now.IndexPrice)
            || !Set(item, Rate, RateExponent, ref now.FundingRate)
            || !Set(item, Open, rules.QuantityExponent, ref now.OpenInterest)
            || now.MarkPrice < 0 || now.IndexPrice < 0 || now.OpenInterest < 0)
        {
            return false;
        }

        if (item[Next].Kind != WireKind.Missing && !item.TryMilliseconds(Next, out now.NextFunding))
        {
            return false;
        }

        if (!item.IsAbsent(IntervalHours))
        {
            if (!item.TryWhole(IntervalHours, out long hours) || hours is < 1 or > 24)
            {
                return false;
            }

            now.FundingInterval = hours * Hour;
        }

        return true;
    }

    // Missing is unchanged; empty is nothing.
    private static bool Set(in WireFields item, int field, int exponent, ref long units) =>
        item[field].Kind == WireKind.Missing || item.TryCutUnits(field, exponent, out units);
}
