using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Gateways.Sim;

/// <summary>What the matching engine does with a command that arrives: checks in a fixed order, then the order book.</summary>
internal sealed class OrderEntry
{
    /// <summary>VenueCode of a rejection because too many orders are open.</summary>
    internal const int TooManyOpenOrders = 1;

    /// <summary>VenueCode of a refusal because too many commands came in a window.</summary>
    internal const int TooManyCommands = 2;

    private readonly VenueMarket[] _markets;
    private readonly OrderTable _orders;
    private readonly OrderMemory _memory;
    private readonly Reporter _reporter;
    private readonly Matcher _matcher;
    private readonly DepthMatcher _depth;
    private readonly MarginBook _margin;
    private readonly RateWindow _rate;
    private readonly SimulatedVenueSettings _settings;

    internal OrderEntry(
        VenueMarket[] markets,
        OrderTable orders,
        OrderMemory memory,
        Reporter reporter,
        Matcher matcher,
        DepthMatcher depth,
        MarginBook margin,
        SimulatedVenueSettings settings)
    {
        _markets = markets;
        _orders = orders;
        _memory = memory;
        _reporter = reporter;
        _matcher = matcher;
        _depth = depth;
        _margin = margin;
        _settings = settings;
        _rate = new RateWindow(settings.RateLimit, settings.RateWindow);
    }

    /// <summary>Handles a command at the instant at which it arrives. It is answered by at least one report.</summary>
    internal void Arrive(in Arrival arrival)
    {
        if (arrival.IsRefused)
        {
            Refuse(arrival, ReportReason.NotConnected, 0);
            return;
        }

        if (!_rate.TryTake(arrival.ArrivesAt))
        {
            Refuse(arrival, ReportReason.RateLimited, TooManyCommands);
            return;
        }

        switch (arrival.Command.Verb)
        {
            case CommandVerb.New:
                New(arrival);
                break;
            case CommandVerb.Amend:
                Amend(arrival);
                break;
            case CommandVerb.Cancel:
                Cancel(arrival);
                break;
            case CommandVerb.None:
                Ensure.Break("a command without a verb was answered at the gateway");
                break;
        }
    }

    internal void Visit(StateVisitor visitor) => _rate.Visit(visitor);

    // Without a look at what it says: the venue is down, has lost it, or has had enough.
    private void Refuse(in Arrival arrival, ReportReason reason, int venueCode)
    {
        ref readonly Command command = ref arrival.Command;
        if (command.Verb == CommandVerb.New)
        {
            Reject(arrival, reason, venueCode);
            return;
        }

        OrderStatus status = command.Verb == CommandVerb.Amend ? OrderStatus.AmendRejected : OrderStatus.CancelRejected;
        int index = Find(command);
        if (index < 0)
        {
            RefuseUnknown(arrival, status);
        }
        else
        {
            _reporter.Order(_orders[index], arrival.ArrivesAt, status, reason, arrival.Number, venueCode);
        }
    }

    private void New(in Arrival arrival)
    {
        ref readonly Command command = ref arrival.Command;
        long at = arrival.ArrivesAt;
        VenueOrder order = new()
        {
            Id = command.Order,
            Price = command.Price,
            Quantity = command.Quantity,
            SubmittedAt = arrival.SubmittedAt,
            Command = arrival.Number,
            Instrument = command.Instrument,
            Side = command.Side,
            Type = command.Type,
            TimeInForce = command.TimeInForce,
            Flags = command.Flags,
            TriggerPrice = command.TriggerPrice,
            TrailingOffset = command.TrailingOffset,
            ExpiresAt = VenueOrder.Never,
        };
        ReportReason reason = WhyNot(ref order, at);
        if (reason != ReportReason.None)
        {
            Reject(arrival, reason, reason == ReportReason.RateLimited ? TooManyOpenOrders : 0);
            return;
        }

        order.VenueNumber = _reporter.NextVenueNumber();
        int index = _orders.Add(order);
        _reporter.Order(order, at, OrderStatus.Accepted, ReportReason.None, arrival.Number);
        Enter(index, at);
    }

    private void Amend(in Arrival arrival)
    {
        ref readonly Command command = ref arrival.Command;
        int index = Find(command);
        if (index < 0)
        {
            RefuseUnknown(arrival, OrderStatus.AmendRejected);
            return;
        }

        ref VenueOrder order = ref _orders[index];
        ReportReason reason = WhyNotAmend(index, command, arrival.ArrivesAt);
        if (reason != ReportReason.None)
        {
            _reporter.Order(order, arrival.ArrivesAt, OrderStatus.AmendRejected, reason, arrival.Number);
            return;
        }

        bool keepsPlace = _settings.Amend == AmendRule.LessKeepsPlace
            && command.Price == order.Price && command.Quantity <= order.Quantity
            && OrKept(command.TriggerPrice, order.TriggerPrice) == order.TriggerPrice
            && OrKept(command.TrailingOffset, order.TrailingOffset) == order.TrailingOffset;
        Change(ref order, command);
        order.Command = arrival.Number;
        _reporter.Order(order, arrival.ArrivesAt, OrderStatus.Amended, ReportReason.None, arrival.Number);
        if (!keepsPlace)
        {
            _orders.Unlink(index);
            order.SubmittedAt = arrival.SubmittedAt;
            Enter(index, arrival.ArrivesAt);
        }
    }

    private void Cancel(in Arrival arrival)
    {
        int index = Find(arrival.Command);
        if (index < 0)
        {
            RefuseUnknown(arrival, OrderStatus.CancelRejected);
            return;
        }

        ref VenueOrder order = ref _orders[index];
        order.Command = arrival.Number;
        _matcher.End(index, arrival.ArrivesAt, ReportReason.Requested);
    }

    // Takes what there is and rests; where only prints or bars are known, or out of hours, it waits for its chance.
    private void Enter(int index, long at)
    {
        ref VenueOrder order = ref _orders[index];
        VenueMarket market = _markets[order.Instrument.Value];
        if (order.IsSleeping)
        {
            _orders.Link(index);
            _depth.OnSleep(index, at);
        }
        else if (market.ShowsDepth && _matcher.IsInHours(order, at))
        {
            _matcher.Take(index, at, Liquidity.Taker);
            if (_orders.IsLive(index))
            {
                _matcher.RestOrEnd(index, at);
            }
        }
        else if (order.Type != OrderType.Limit || _matcher.PreventSelfTrade(index, order.Price, at))
        {
            order.IsWaiting = true;
            _orders.Link(index);
        }
    }

    // A field that an amendment leaves at zero stays as it was.
    private static long OrKept(long asked, long kept) => asked == 0 ? kept : asked;

    private static void Change(ref VenueOrder order, in Command command)
    {
        order.Quantity = command.Quantity;
        order.Price = command.Price;
        order.TriggerPrice = OrKept(command.TriggerPrice, order.TriggerPrice);
        order.TrailingOffset = OrKept(command.TrailingOffset, order.TrailingOffset);
    }

    // The first reason in this order is the one reported.
    private ReportReason WhyNot(ref VenueOrder order, long at)
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

        return reason == ReportReason.None && !_margin.Covers(order, -1, at) ? ReportReason.InsufficientFunds : reason;
    }

    private ReportReason WhyNotAmend(int index, in Command command, long at)
    {
        ref readonly VenueOrder order = ref _orders[index];
        VenueMarket market = _markets[order.Instrument.Value];
        if (!order.IsLimited && (!order.IsSleeping || order.IsAuction || command.Price != 0))
        {
            return ReportReason.Unsupported;
        }

        if (command.Quantity <= order.Filled)
        {
            return ReportReason.AmendBelowFilled;
        }

        VenueOrder amended = order;
        Change(ref amended, command);
        if (!AreTermsOfType(amended) && order.IsSleeping)
        {
            return ReportReason.Unsupported;
        }

        ReportReason reason = WhyNotSize(market, amended);
        reason = reason != ReportReason.None ? reason : WhyNotPosition(amended);
        return reason == ReportReason.None && !_margin.Covers(amended, index, at) ? ReportReason.InsufficientFunds : reason;
    }

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
            OrderFlags.PostOnly | OrderFlags.ReduceOnly | OrderFlags.ExtendedHours | OrderFlags.Notional;
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

    private int Find(in Command command)
    {
        int index = _orders.Find(command.Order);
        return index >= 0 && _orders[index].Instrument == command.Instrument ? index : -1;
    }

    private void Reject(in Arrival arrival, ReportReason reason, int venueCode)
    {
        ref readonly Command command = ref arrival.Command;
        if (reason != ReportReason.DuplicateOrderId && !command.Order.IsNone)
        {
            _memory.Add(new EndedOrder
            {
                Id = command.Order.Packed,
                Price = command.Price,
                Quantity = command.Quantity,
            });
        }

        bool isMoney = (command.Flags & OrderFlags.Notional) != 0;
        _reporter.Order(command.Instrument, arrival.ArrivesAt, arrival.Number, new OrderReport
        {
            Order = command.Order,
            Price = command.Price,
            Quantity = isMoney ? 0 : command.Quantity,
            Status = OrderStatus.Rejected,
            Reason = reason,
            VenueCode = venueCode,
        });
    }

    private void RefuseUnknown(in Arrival arrival, OrderStatus status)
    {
        ref readonly Command command = ref arrival.Command;
        bool ended = _memory.TryFind(command.Order, out EndedOrder order);
        _reporter.Order(command.Instrument, arrival.ArrivesAt, arrival.Number, new OrderReport
        {
            Order = command.Order,
            VenueOrder = ended && order.VenueNumber != 0 ? new VenueId(Reporter.VenueTag, order.VenueNumber) : default,
            Price = order.Price,
            Quantity = order.Quantity,
            CumulativeQuantity = order.Filled,
            Status = status,
            Reason = ReportReason.UnknownOrder,
        });
    }
}
