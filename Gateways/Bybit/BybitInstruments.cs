using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// Finds the session's instruments in pages of instruments-info. The price unit is the finest of tick and price scale, the
/// quantity unit that of the quantity step, so that everything the venue prints of an instrument is a whole number.
/// </summary>
public sealed class BybitInstruments
{
    private static readonly FieldNames Names = new(
        "symbol contractType status quoteCoin settleCoin priceScale priceFilter lotSizeFilter",
        "baseCoin launchTime deliveryTime deliveryFeeRate leverageFilter unifiedMarginTrade fundingInterval copyTrading "
        + "upperFundingRate lowerFundingRate isPreListing preListingInfo riskParameters marginTrading stTag innovation "
        + "displayName symbolId optionsType symbolType forbidUplWithdrawal");

    private static readonly FieldNames PriceNames = new("tickSize", "minPrice maxPrice");
    private static readonly FieldNames LotNames = new(
        "qtyStep basePrecision minOrderQty maxOrderQty maxLimitOrderQty minNotionalValue minOrderAmt",
        "maxMktOrderQty postOnlyMaxOrderQty maxOrderAmt quotePrecision maxMarketOrderQty postOnlyMaxLimitOrderSize");

    private readonly EventBatch _batch;
    private readonly WireCounters _counters;
    private readonly Wish[] _wishes = new Wish[Limits.Instruments];
    private int _count;

    internal BybitInstruments(EventBatch batch, WireCounters counters)
    {
        _batch = batch;
        _counters = counters;
    }

    /// <summary>Looks for an instrument from now on.</summary>
    /// <param name="id">The number that it has, or is to have.</param>
    /// <param name="symbol">The venue's name.</param>
    /// <param name="kind">Spot or linear.</param>
    /// <param name="version">Definitions that it had before; 0 for none.</param>
    public void Want(InstrumentId id, string symbol, InstrumentKind kind, ushort version)
    {
        Ensure.That(_count < _wishes.Length, "more instruments than the limit");
        _wishes[_count++] = new Wish { Id = id, Symbol = Symbol24.Of(symbol), Kind = kind, Version = version };
    }

    internal WireFault List(
        ReadOnlySpan<byte> body, ref JsonCursor list, ReadOnlySpan<byte> category, Event header, out int items)
    {
        items = 0;
        InstrumentKind kind = BybitWords.KindOf(category);
        while (list.Read() && list.Token == JsonToken.StartObject)
        {
            items++;
            WireFields item = new(body);
            if (!item.Capture(ref list, Names))
            {
                return WireFault.Malformed;
            }

            _counters.NewNames += item.NewNames;
            int wish = Find(item.Text(0), kind);
            if (wish < 0)
            {
                continue;
            }

            InstrumentDefined definition = new()
            {
                Symbol = _wishes[wish].Symbol,
                InstrumentKind = kind,
                Multiplier = 1,
                DefinitionVersion = (ushort)(_wishes[wish].Version + 1),
            };
            WireFault fault = Define(body, item, ref definition);
            if (fault != WireFault.None)
            {
                return fault;
            }

            TradingStatus status = StatusOf(item.Text(2));
            _counters.NewWords += status == TradingStatus.Unknown ? 1 : 0;
            header.Instrument = _wishes[wish].Id;
            if (!_batch.TryAdd(header, definition)
                || !_batch.TryAdd(header, new TradingStatusChanged { Status = status }))
            {
                return WireFault.TooMany;
            }
        }

        return list.Token == JsonToken.EndArray ? WireFault.None : list.IsFault ? WireFault.Malformed : WireFault.Shape;
    }

    private static WireFault Define(ReadOnlySpan<byte> body, in WireFields item, ref InstrumentDefined definition)
    {
        // Inverse contracts and futures with a multiplier of their own are of another category or contract type.
        bool spot = definition.InstrumentKind == InstrumentKind.Spot;
        if (!spot && !item.Says(1, "LinearPerpetual"u8) && !item.Says(1, "LinearFutures"u8))
        {
            return WireFault.Word;
        }

        ReadOnlySpan<byte> currency = item.Text(spot ? 3 : 4);
        Span<byte> padded = definition.Currency;
        if (currency.IsEmpty || currency.Length > padded.Length || currency.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return WireFault.Word;
        }

        currency.CopyTo(padded);
        WireFields price = new(body);
        WireFields lot = new(body);
        if (!item.Open(6, PriceNames, ref price) || !item.Open(7, LotNames, ref lot))
        {
            return WireFault.Missing;
        }

        int step = lot.IsAbsent(0) ? 1 : 0;
        if (!item.TryUnitsOrNothing(5, 0, out long scale) || scale is < 0 or > Instrument.ExponentMax)
        {
            return WireFault.Number;
        }

        int priceExponent = Math.Max((int)scale, DecimalText.Decimals(price.Text(0)));
        int quantityExponent = DecimalText.Decimals(lot.Text(step));
        if (priceExponent > Instrument.ExponentMax || quantityExponent > Instrument.ExponentMax)
        {
            return WireFault.Number;
        }

        definition.PriceExponent = (byte)priceExponent;
        definition.QuantityExponent = (byte)quantityExponent;
        if (!price.TryUnits(0, priceExponent, out definition.Tick) || definition.Tick <= 0
            || !lot.TryUnits(step, quantityExponent, out definition.Lot) || definition.Lot <= 0
            || !lot.TryUnitsOrNothing(2, quantityExponent, out definition.MinQuantity)
            || !lot.TryCutUnits(lot.IsAbsent(4) ? 3 : 4, quantityExponent, out definition.MaxQuantity)
            || !lot.TryUnitsOrNothing(lot.IsAbsent(5) ? 6 : 5, Money.Exponent, out definition.MinNotional))
        {
            return WireFault.Number;
        }

        definition.MinQuantity = Math.Max(definition.Lot, definition.MinQuantity);
        return definition.MaxQuantity < definition.MinQuantity || definition.MinNotional < 0
            ? WireFault.Contradiction
            : WireFault.None;
    }

    private static TradingStatus StatusOf(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("Trading"u8) ? TradingStatus.Open
        : word.SequenceEqual("PreLaunch"u8) || word.SequenceEqual("Closed"u8) ? TradingStatus.Closed
        : word.SequenceEqual("Delivering"u8) ? TradingStatus.Halted
        : TradingStatus.Unknown;

    private int Find(ReadOnlySpan<byte> symbol, InstrumentKind kind)
    {
        for (int i = 0; i < _count; i++)
        {
            ReadOnlySpan<byte> wanted = _wishes[i].Symbol;
            if (_wishes[i].Kind == kind && symbol.SequenceEqual(wanted.TrimEnd((byte)0)))
            {
                return i;
            }
        }

        return -1;
    }

    private struct Wish
    {
        internal InstrumentId Id;
        internal Symbol24 Symbol;
        internal InstrumentKind Kind;
        internal ushort Version;
    }
}
