using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// Items about our account, one by one: orders, executions, positions, balances. The private streams and the REST answers
/// have the same items; the category stands in the item on a stream and beside the list in an answer.
/// </summary>
internal sealed class BybitReports(InstrumentTable instruments, ushort instance, EventBatch batch, WireCounters counters)
{
    private const int E9 = 9;
    private const int E12 = 12;

    private static readonly FieldNames OrderNames = new(
        "category symbol orderId orderLinkId price qty side orderStatus cumExecQty createdTime updatedTime cancelType "
        + "rejectReason marketUnit",
        "parentOrderLinkId isLeverage blockTradeId positionIdx createType avgPrice leavesQty leavesValue cumExecValue "
        + "cumExecFee cumFeeDetail closedPnl feeCurrency timeInForce orderType stopOrderType ocoTriggerBy orderIv "
        + "slippageTolerance slippageToleranceType triggerPrice takeProfit stopLoss tpslMode tpLimitPrice slLimitPrice "
        + "tpTriggerBy slTriggerBy triggerDirection triggerBy lastPriceOnCreated reduceOnly closeOnTrigger placeType smpType "
        + "smpGroup smpOrderId rpiTakerAccess rpiMatchedQty bboSideType bboLevel basePrice");

    private static readonly FieldNames ExecutionNames = new(
        "category symbol orderId orderLinkId side execId execPrice execQty execType execFee execTime isMaker feeCurrency "
        + "leavesQty orderQty feeRate",
        "isLeverage orderPrice createType orderType stopOrderType execPnl execValue markPrice indexPrice tradeIv markIv "
        + "underlyingPrice blockTradeId closedSize extraFees seq marketUnit");

    private static readonly FieldNames PositionNames = new(
        "category symbol side size positionIdx avgPrice entryPrice markPrice liqPrice unrealisedPnl cumRealisedPnl seq "
        + "isReduceOnly updatedTime",
        "tradeMode riskId riskLimitValue leverage positionValue positionBalance positionIM positionMM positionIMByMp "
        + "positionMMByMp takeProfit stopLoss trailingStop curRealisedPnl sessionAvgPrice createdTime openTime tpslMode "
        + "bustPrice positionStatus adlRankIndicator autoAddMargin leverageSysUpdatedTime mmrSysUpdatedTime "
        + "mmrSysUpdateTime breakEvenPrice delta gamma vega theta");

    /// <summary>Walks over the items of a list.</summary>
    /// <param name="message">The message.</param>
    /// <param name="list">On the bracket that opens the list.</param>
    /// <param name="kind">What the items are.</param>
    /// <param name="category">The category where the items do not say it.</param>
    /// <param name="header">ReceivedAt, VenueTime where the items have none, Source, Flags.</param>
    /// <param name="items">Items seen.</param>
    /// <returns>What went wrong.</returns>
    internal WireFault List(
        ReadOnlySpan<byte> message,
        ref JsonCursor list,
        BybitList kind,
        ReadOnlySpan<byte> category,
        in Event header,
        out int items)
    {
        items = 0;
        if (list.Token != JsonToken.StartArray)
        {
            return WireFault.Shape;
        }

        while (list.Read() && list.Token == JsonToken.StartObject)
        {
            items++;
            WireFields item = new(message);
            FieldNames names = kind switch
            {
                BybitList.Orders => OrderNames,
                BybitList.Positions => PositionNames,
                BybitList.Wallet => BybitWallet.Names,
                _ => ExecutionNames,
            };
            if (!item.Capture(ref list, names))
            {
                return WireFault.Malformed;
            }

            counters.NewNames += item.NewNames;
            WireFault fault = kind switch
            {
                BybitList.Orders => Order(item, category, header),
                BybitList.Positions => Position(item, category, header),
                BybitList.Wallet => BybitWallet.Read(message, item, header, batch, counters),
                _ => Execution(item, category, header, kind == BybitList.FastExecutions),
            };
            if (fault != WireFault.None)
            {
                return fault;
            }
        }

        return list.Token == JsonToken.EndArray ? WireFault.None : list.IsFault ? WireFault.Malformed : WireFault.Shape;
    }

    private bool TryPlace(in WireFields item, ReadOnlySpan<byte> category, out int place)
    {
        ReadOnlySpan<byte> own = item.IsAbsent(0) ? category : item.Text(0);
        InstrumentKind kind = BybitWords.KindOf(own);
        place = -1;
        if (kind != InstrumentKind.None && instruments.TryFind(item.Text(1), kind, out place))
        {
            return true;
        }

        counters.UnknownInstruments++;
        return false;
    }

    // An order of another instance, of a person, or of the venue itself: it is reported without an id of ours.
    private OrderId Ours(ReadOnlySpan<byte> clientId)
    {
        if (OrderId.TryParse(clientId, out ushort maker, out OrderId order) && maker == instance)
        {
            return order;
        }

        counters.ForeignOrders++;
        return OrderId.None;
    }

    private WireFault Order(in WireFields item, ReadOnlySpan<byte> category, Event header)
    {
        if (!TryPlace(item, category, out int place))
        {
            return WireFault.None;
        }

        ref readonly InstrumentDefined rules = ref instruments.RulesAt(place);
        OrderReport report = new()
        {
            Status = BybitWords.StatusOf(item.Text(7)),
            Order = Ours(item.Text(3)),
            Side = item.TrySide(6, out Side side) ? side : Side.None,
        };
        if (report.Status == OrderStatus.None)
        {
            return WireFault.Word;
        }

        if (!item.TryId(2, out report.VenueOrder))
        {
            return WireFault.Id;
        }

        // The quantity of an order for an amount of money is that amount.
        bool isAmount = item.Says(13, "quoteCoin"u8);
        if (!item.TryUnitsOrNothing(4, rules.PriceExponent, out report.Price) || report.Price < 0
            || !item.TryUnitsOrNothing(8, rules.QuantityExponent, out report.CumulativeQuantity)
            || report.CumulativeQuantity < 0
            || (!isAmount && (!item.TryUnits(5, rules.QuantityExponent, out report.Quantity) || report.Quantity < 0)))
        {
            return WireFault.Number;
        }

        if (!item.TryMilliseconds(9, out long created) || !item.TryMilliseconds(10, out long updated))
        {
            return WireFault.Time;
        }

        report.Reason = BybitWords.ReasonOf(item.Text(12), item.Text(11));
        counters.NewWords += report.Reason == ReportReason.Unlisted ? 1 : 0;
        header.Instrument = instruments.IdAt(place);
        header.VenueTime = updated != 0 ? updated : created != 0 ? created : header.VenueTime;

        // A cancel that lost against the last fill: the order comes as filled, once more, with the cancel's refusal.
        if (item.Says(7, "Filled"u8) && report.Reason == ReportReason.UnknownOrder)
        {
            report.Status = OrderStatus.CancelRejected;
        }
        else if (report.Status == OrderStatus.Accepted)
        {
            report.Reason = ReportReason.None;
        }

        if (!batch.TryAdd(header, report))
        {
            return WireFault.TooMany;
        }

        // The venue has no word for "amended": a message that comes after the first tells price and quantity as they are now,
        // and whether that is the amendment in flight is known where the amendment was made.
        if (report.Status != OrderStatus.Accepted || updated <= created || isAmount || item.Says(7, "Filled"u8))
        {
            return WireFault.None;
        }

        report.Status = OrderStatus.Amended;
        return batch.TryAdd(header, report) ? WireFault.None : WireFault.TooMany;
    }

    private WireFault Execution(in WireFields item, ReadOnlySpan<byte> category, Event header, bool isFast)
    {
        if (!TryPlace(item, category, out int place))
        {
            return WireFault.None;
        }

        ref readonly InstrumentDefined rules = ref instruments.RulesAt(place);
        BybitRow row = BybitWords.RowOf(item.Text(8));
        if (row == BybitRow.Unknown || (item.IsAbsent(8) && !isFast))
        {
            return WireFault.Word;
        }

        if (!item.TryId(5, out VenueId id))
        {
            return WireFault.Id;
        }

        if (!item.TryMilliseconds(10, out long at))
        {
            return WireFault.Time;
        }

        header.Instrument = instruments.IdAt(place);
        header.VenueTime = at != 0 ? at : header.VenueTime;
        if (row == BybitRow.Funding)
        {
            return Funding(item, rules, id, header);
        }

        Execution fill = new() { ExecutionId = id, Order = row == BybitRow.Fill ? Ours(item.Text(3)) : OrderId.None };
        if (!item.TrySide(4, out fill.Side) || fill.Side == Side.None)
        {
            return WireFault.Word;
        }

        if (!item.TryUnits(6, rules.PriceExponent, out fill.Price) || fill.Price <= 0
            || !item.TryUnits(7, rules.QuantityExponent, out fill.Quantity) || fill.Quantity <= 0)
        {
            return WireFault.Number;
        }

        // The fast stream has no fee: it proves that a fill exists, and the full row that follows is the one that counts.
        if (isFast)
        {
            return WireFault.None;
        }

        fill.Liquidity = item[11].Kind switch
        {
            WireKind.True => Liquidity.Maker,
            WireKind.False => Liquidity.Taker,
            _ => Liquidity.Unknown,
        };
        if (!TryFee(item, rules, fill, out fill.Fee)
            || !item.TryUnitsOrNothing(13, rules.QuantityExponent, out long leaves)
            || !item.TryUnitsOrNothing(14, rules.QuantityExponent, out long whole) || leaves < 0 || whole < 0)
        {
            return WireFault.Number;
        }

        // A rest of 0 on an order that a cancel ended is no count of fills, so more than the fill itself must be gone.
        bool counted = row == BybitRow.Fill && !item.IsAbsent(13) && !item.IsAbsent(14) && whole - leaves >= fill.Quantity;
        fill.CumulativeQuantity = counted ? whole - leaves : 0;
        return batch.TryAdd(header, fill) ? WireFault.None : WireFault.TooMany;
    }

    private WireFault Funding(in WireFields item, in InstrumentDefined rules, VenueId id, in Event header)
    {
        CashBooked booked = new() { BookingId = id, Reason = BookingReason.Funding };
        if (!item.TryCutUnits(9, Money.Exponent, out long paid) || item.IsAbsent(9)
            || !item.TryCutUnits(6, E9, out booked.AtPrice) || !item.TryUnitsOrNothing(7, rules.QuantityExponent, out long size)
            || !item.TryCutUnits(15, E12, out booked.Rate) || paid == long.MinValue || size < 0)
        {
            return WireFault.Number;
        }

        if (!item.TrySide(4, out Side side))
        {
            return WireFault.Word;
        }

        booked.Amount = -paid;
        booked.Position = side == Side.Sell ? -size : size;
        return batch.TryAdd(header, booked) ? WireFault.None : WireFault.TooMany;
    }

    // A fee in the instrument's currency as it stands; one in the coin that was bought, at the price of its fill and rounded
    // against us.
    private bool TryFee(in WireFields item, in InstrumentDefined rules, in Execution fill, out long fee)
    {
        fee = 0;
        if (item.IsAbsent(9))
        {
            return true;
        }

        ReadOnlySpan<byte> coin = item.Text(12);
        bool isQuote = coin.IsEmpty
            ? rules.InstrumentKind != InstrumentKind.Spot || PaysInQuote(item, fill)
            : coin.SequenceEqual(InstrumentTable.CurrencyOf(rules));
        if (isQuote)
        {
            return item.TryCutUnits(9, Money.Exponent, out fee);
        }

        if (!IsBase(coin, rules) || !item.TryCutUnits(9, E12, out long part))
        {
            return false;
        }

        counters.ConvertedFees++;
        Int128 exact = (Int128)part * fill.Price;
        Int128 scale = Instrument.PowerOf10(E12 + rules.PriceExponent - Money.Exponent);
        Int128 rounded = exact >= 0 ? (exact + scale - 1) / scale : exact / scale;
        fee = rounded <= long.MaxValue && rounded > long.MinValue ? (long)rounded : 0;
        return fee == rounded;
    }

    // Where the coin is not told: a purchase pays in what was bought, a sale in what was got; rebates the other way round.
    private static bool PaysInQuote(in WireFields item, in Execution fill)
    {
        bool rebate = item.Text(9).StartsWith("-"u8);
        return rebate ? fill.Side == Side.Buy : fill.Side == Side.Sell;
    }

    private static bool IsBase(ReadOnlySpan<byte> coin, in InstrumentDefined rules)
    {
        ReadOnlySpan<byte> symbol = InstrumentTable.NameOf(rules);
        ReadOnlySpan<byte> currency = InstrumentTable.CurrencyOf(rules);
        return rules.InstrumentKind == InstrumentKind.Spot
            && symbol.EndsWith(currency)
            && (coin.IsEmpty || coin.SequenceEqual(symbol[..^currency.Length]));
    }

    private WireFault Position(in WireFields item, ReadOnlySpan<byte> category, Event header)
    {
        if (!TryPlace(item, category, out int place))
        {
            return WireFault.None;
        }

        ref readonly InstrumentDefined rules = ref instruments.RulesAt(place);
        if (!item.TrySide(2, out Side side))
        {
            return WireFault.Word;
        }

        PositionReport report = default;
        if (!item.TryUnits(3, rules.QuantityExponent, out long size) || size < 0 || (size != 0 && side == Side.None)
            || !item.TryCutUnits(item.IsAbsent(5) ? 6 : 5, E9, out report.AveragePrice)
            || !item.TryCutUnits(7, E9, out report.MarkPrice) || !item.TryCutUnits(8, E9, out report.LiquidationPrice)
            || !item.TryCutUnits(9, Money.Exponent, out report.UnrealisedProfit)
            || !item.TryCutUnits(10, Money.Exponent, out report.RealisedProfit)
            || !item.TryUnitsOrNothing(4, 0, out long leg) || leg is < 0 or > 2
            || !item.TryUnitsOrNothing(11, 0, out long update))
        {
            return WireFault.Number;
        }

        if (!item.TryMilliseconds(13, out long at))
        {
            return WireFault.Time;
        }

        report.Quantity = side.Sign() * size;
        report.Leg = (byte)leg;
        report.UpdateId = Math.Max(0, update);
        report.ReduceOnly = (byte)(item[12].Kind == WireKind.True ? 1 : 0);
        header.Instrument = instruments.IdAt(place);
        header.VenueTime = at != 0 ? at : header.VenueTime;
        return batch.TryAdd(header, report) ? WireFault.None : WireFault.TooMany;
    }
}

/// <summary>What the items of a list are.</summary>
internal enum BybitList : byte
{
    /// <summary>Orders.</summary>
    Orders,

    /// <summary>Executions, all rows.</summary>
    Executions,

    /// <summary>Fills of the fast stream.</summary>
    FastExecutions,

    /// <summary>Positions.</summary>
    Positions,

    /// <summary>Wallets.</summary>
    Wallet,
}
