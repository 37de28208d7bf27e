using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Gateways.Sim;

/// <summary>The venue's rules on orders, in the order in which they are checked.</summary>
internal sealed class OrderRules
{
    private readonly VenueMarket[] _markets;
    private readonly OrderTable _orders;
    private readonly OrderMemory _memory;
    private readonly Matcher _matcher;
    private readonly MarginBook _margin;
    private readonly ShareBook? _shares;
    private readonly SimulatedVenueSettings _settings;

    internal OrderRules(
        VenueMarket[] markets,
        OrderTable orders,
        OrderMemory memory,
        Matcher matcher,
        MarginBook margin,
        ShareBook? shares,
        SimulatedVenueSettings settings)
    {
        _shares = shares;
        _markets = markets;
        _orders = orders;
        _memory = memory;
        _matcher = matcher;
        _margin = margin;
        _settings = settings;
    }

    /// <summary>Why a new order is refused; the first reason that applies. An order that is taken gets its end by the clock.</summary>
    internal ReportReason WhyNot(ref VenueOrder order, long at)
    {
        if (order.Instrument.Value == 0 || order.Instrument.Value >= _markets.Length
            || !_markets[order.Instrument.Value].IsDefined)
        {
            return ReportReason.UnknownInstrument;
        }

        if (!IsSupported(order))
        {
            return ReportReason.Unsupported;
        }

        if (_orders.Find(order.Id) >= 0 || _memory.Knows(order.Id))
        {
            return ReportReason.DuplicateOrderId;
        }

        VenueMarket market = _markets[order.Instrument.Value];
        ReportReason reason = WhyNotAmount(market, ref order);
        if (reason == ReportReason.None)
        {
            reason = WhyNotSize(market, order);
        }

        if (reason == ReportReason.None)
        {
            reason = WhyNotHours(market, ref order, at);
        }

        if (reason != ReportReason.None)
        {
            return reason;
        }

        if (_orders.IsFull)
        {
            return ReportReason.RateLimited;
        }

        reason = WhyNotPosition(order);
        if (reason == ReportReason.None && order.TimeInForce == TimeInForce.FillOrKill && market.ShowsDepth
            && !order.IsSleeping && !_matcher.CanFillWhole(order))
        {
            return ReportReason.FillOrKillUnfilled;
        }

        return reason == ReportReason.None && !Covers(order, -1, at) ? ReportReason.InsufficientFunds : reason;
    }

    /// <summary>Why an order may not become what an amendment would make of it.</summary>
    internal ReportReason WhyNotAmend(int place, in VenueOrder amended, long at)
    {
        ref readonly VenueOrder order = ref _orders[place];
        VenueMarket market = _markets[order.Instrument.Value];
        if (!order.IsLimited && (!order.IsSleeping || order.IsAuction || amended.Price != 0))
        {
            return ReportReason.Unsupported;
        }

        if (amended.Quantity <= order.Filled)
        {
            return ReportReason.AmendBelowFilled;
        }

        if (!AreTermsOfType(amended) && order.IsSleeping)
        {
            return ReportReason.Unsupported;
        }

        ReportReason reason = WhyNotSize(market, amended);
        reason = reason != ReportReason.None ? reason : WhyNotPosition(amended);
        return reason == ReportReason.None && !Covers(amended, place, at) ? ReportReason.InsufficientFunds : reason;
    }

    private bool Covers(in VenueOrder order, int place, long at) =>
        _margin.Covers(order, place, at) && (_shares is null || _shares.Covers(order, place, at));

    // An order for an amount of money gets a quantity at the price that stands now; it is settled at the first one it meets.
    private static ReportReason WhyNotAmount(VenueMarket market, ref VenueOrder order)
    {
        if ((order.Flags & OrderFlags.Notional) == 0)
        {
            return ReportReason.None;
        }

        if (market.Rules.Kind is not (InstrumentKind.Equity or InstrumentKind.Spot))
        {
            return ReportReason.Unsupported;
        }

        if (order.Quantity <= 0)
        {
            return ReportReason.TooSmall;
        }

        long price = market.PriceFor(order.Side);
        if (price <= 0)
        {
            return ReportReason.NoMarket;
        }

        order.Amount = order.Quantity;
        order.Quantity = market.QuantityFor(order.Amount, price);
        return order.Quantity == 0 ? ReportReason.TooSmall : ReportReason.None;
    }

    // When it ends, and whether there is a session for it.
    private ReportReason WhyNotHours(VenueMarket market, ref VenueOrder order, long at)
    {
        if (order.IsAuction)
        {
            bool found = order.Type == OrderType.MarketOnOpen
                ? market.Hours.TryOpening(at, out order.AuctionAt)
                : market.Hours.TryClosing(at, out order.AuctionAt);
            order.ExpiresAt = found ? order.AuctionAt + _settings.AuctionGrace + market.Slowness : VenueOrder.Never;
            return found ? ReportReason.None : ReportReason.Unsupported;
        }

        if (order.TimeInForce == TimeInForce.Day)
        {
            order.ExpiresAt = market.Hours.DayEnd(at, order.WorksExtended);
        }
        else if (order.TimeInForce == TimeInForce.GoodTillCancel && _settings.GoodTillCancelAge != 0)
        {
            order.ExpiresAt = at + _settings.GoodTillCancelAge;
        }

        return order.TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill
            && !_matcher.IsInHours(order, at) ? ReportReason.NotTrading : ReportReason.None;
    }

    private static ReportReason WhyNotSize(VenueMarket market, in VenueOrder order)
    {
        ref readonly Instrument rules = ref market.Rules;
        if ((order.IsLimited && (order.Price <= 0 || order.Price % rules.Tick != 0))
            || order.TriggerPrice < 0 || order.TriggerPrice % rules.Tick != 0
            || order.TrailingOffset < 0 || order.TrailingOffset % rules.Tick != 0)
        {
            return ReportReason.PriceOffTick;
        }

        if (order.Quantity <= 0 || order.Quantity % rules.Lot != 0)
        {
            return ReportReason.QuantityOffLot;
        }

        if (order.Quantity < rules.MinQuantity)
        {
            return ReportReason.TooSmall;
        }

        if (order.Quantity > rules.MaxQuantity)
        {
            return ReportReason.TooLarge;
        }

        if (!market.IsTrading)
        {
            return ReportReason.NotTrading;
        }

        if (!market.IsReady && !order.IsSleeping)
        {
            return ReportReason.NoMarket;
        }

        // What has no limit is valued at what it would trade at first; where there is nothing there is no value to check.
        long price = order.IsLimited ? order.Price
            : order.TriggerPrice != 0 ? order.TriggerPrice
            : market.PriceFor(order.Side);
        Int128 value = Value(rules, price, order.Quantity);
        return value > long.MaxValue ? ReportReason.TooLarge
            : price != 0 && value < rules.MinNotional ? ReportReason.TooSmall
            : ReportReason.None;
    }

    private ReportReason WhyNotPosition(in VenueOrder order) =>
        order.Remaining > _matcher.Reducible(order) ? ReportReason.ReduceOnlyWouldAdd
        : order.IsPostOnly && _matcher.WouldTake(order.Instrument, order.Side, order.Price)
            ? ReportReason.PostOnlyWouldTake
        : ReportReason.None;

    private static bool IsSupported(in VenueOrder order)
    {
        const OrderFlags known =
            OrderFlags.PostOnly | OrderFlags.ReduceOnly | OrderFlags.ExtendedHours | OrderFlags.Notional | OrderFlags.Protective;
        bool isDurable = order.TimeInForce is TimeInForce.GoodTillCancel or TimeInForce.Day;
        bool isPlain = (order.Flags & (OrderFlags.PostOnly | OrderFlags.ExtendedHours | OrderFlags.Notional)) == 0;
        bool fields = !order.Id.IsNone && order.Side is Side.Buy or Side.Sell && (order.Flags & ~known) == 0
            && (isDurable || order.TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill)
            && AreTermsOfType(order);
        return order.Type switch
        {
            OrderType.Market => fields && (order.Flags & (OrderFlags.PostOnly | OrderFlags.ExtendedHours)) == 0,
            OrderType.Limit => fields && (isDurable || !order.IsPostOnly) && (order.Flags & OrderFlags.Notional) == 0,
            OrderType.Stop or OrderType.StopLimit or OrderType.MarketIfTouched or OrderType.LimitIfTouched
                or OrderType.TrailingStop => fields && isDurable && isPlain,
            OrderType.MarketOnOpen or OrderType.MarketOnClose => fields && isDurable && isPlain,
            OrderType.None => false,
        };
    }

    // The prices that a type needs, and no others.
    private static bool AreTermsOfType(in VenueOrder order) =>
        (order.IsLimited || order.Price == 0)
        && (order.Type == OrderType.TrailingStop || (order.TrailingOffset == 0
            && (order.IsSleeping && !order.IsAuction) == (order.TriggerPrice != 0)))
        && (order.Type != OrderType.TrailingStop || order.TrailingOffset != 0);

    // As Instrument.Notional, without its bound: a price of nonsense is refused, it does not stop the engine.
    private static Int128 Value(in Instrument rules, long price, long quantity)
    {
        if (rules.Kind == InstrumentKind.Inverse)
        {
            return price == 0 ? 0 : rules.Notional(price, quantity);
        }

        Int128 exact = (Int128)price * quantity;
        if (exact > long.MaxValue)
        {
            return Int128.MaxValue;
        }

        exact *= rules.Multiplier;
        int shift = Money.Exponent - rules.PriceExponent - rules.QuantityExponent;
        return shift >= 0
            ? exact * Instrument.PowerOf10(shift)
            : exact / Instrument.PowerOf10(-shift);
    }
}
