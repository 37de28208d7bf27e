using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>What the matching engine does with a command that arrives: checks in a fixed order, then the order book.</summary>
internal sealed class OrderEntry
{
    /// <summary>VenueCode of a rejection because too many orders are open.</summary>
    internal const int TooManyOpenOrders = 1;

    private readonly VenueMarket[] _markets;
    private readonly OrderTable _orders;
    private readonly OrderMemory _memory;
    private readonly Reporter _reporter;
    private readonly Matcher _matcher;

    internal OrderEntry(
        VenueMarket[] markets, OrderTable orders, OrderMemory memory, Reporter reporter, Matcher matcher)
    {
        _markets = markets;
        _orders = orders;
        _memory = memory;
        _reporter = reporter;
        _matcher = matcher;
    }

    /// <summary>Handles a command at the instant at which it arrives. It is answered by at least one report.</summary>
    internal void Arrive(in Arrival arrival)
    {
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
        };
        ReportReason reason = WhyNot(order);
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
        ReportReason reason = WhyNotAmend(order, command);
        if (reason != ReportReason.None)
        {
            _reporter.Order(order, arrival.ArrivesAt, OrderStatus.AmendRejected, reason, arrival.Number);
            return;
        }

        bool keepsPlace = command.Price == order.Price && command.Quantity <= order.Quantity;
        order.Quantity = command.Quantity;
        order.Price = command.Price;
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

    // Takes what there is and rests; where only prints or bars are known it waits for the next one.
    private void Enter(int index, long at)
    {
        ref VenueOrder order = ref _orders[index];
        if (!_markets[order.Instrument.Value].ShowsDepth)
        {
            order.IsWaiting = true;
            _orders.Link(index);
            return;
        }

        _matcher.Take(index, at, Liquidity.Taker);
        if (_orders.IsLive(index))
        {
            _matcher.RestOrEnd(index, at);
        }
    }

    // The first reason in this order is the one reported.
    private ReportReason WhyNot(in VenueOrder order)
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
        ReportReason reason = WhyNotSize(market, order);
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
            && !_matcher.CanFillWhole(order))
        {
            return ReportReason.FillOrKillUnfilled;
        }

        return reason;
    }

    private ReportReason WhyNotAmend(in VenueOrder order, in Command command)
    {
        VenueMarket market = _markets[order.Instrument.Value];
        if (order.Type != OrderType.Limit)
        {
            return ReportReason.Unsupported;
        }

        if (command.Quantity <= order.Filled)
        {
            return ReportReason.AmendBelowFilled;
        }

        VenueOrder amended = order;
        amended.Price = command.Price;
        amended.Quantity = command.Quantity;
        ReportReason reason = WhyNotSize(market, amended);
        return reason != ReportReason.None ? reason : WhyNotPosition(amended);
    }

    private static ReportReason WhyNotSize(VenueMarket market, in VenueOrder order)
    {
        ref readonly Instrument rules = ref market.Rules;
        if (order.Type == OrderType.Limit && (order.Price <= 0 || order.Price % rules.Tick != 0))
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

        if (!market.IsReady)
        {
            return ReportReason.NoMarket;
        }

        // A market order is valued at what it would trade at first; where there is nothing there is no value to check.
        Side opposite = order.Side.Opposite();
        long price = order.Type == OrderType.Limit ? order.Price
            : !market.ShowsDepth ? market.LastPrice
            : market.Levels(opposite) > 0 ? market.LevelAt(opposite, 0).Price
            : 0;
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
        const OrderFlags known = OrderFlags.PostOnly | OrderFlags.ReduceOnly;
        bool fields = !order.Id.IsNone && order.Side is Side.Buy or Side.Sell && (order.Flags & ~known) == 0
            && order.TimeInForce is TimeInForce.GoodTillCancel or TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill;
        return order.Type switch
        {
            OrderType.Market => fields && order.Price == 0 && !order.IsPostOnly,
            OrderType.Limit => fields && !(order.IsPostOnly && order.IsImmediate),
            OrderType.Stop or OrderType.StopLimit or OrderType.MarketIfTouched or OrderType.LimitIfTouched
                or OrderType.TrailingStop or OrderType.MarketOnOpen or OrderType.MarketOnClose => false,
            OrderType.None => false,
        };
    }

    // As Instrument.Notional, without its bound: a price of nonsense is refused, it does not stop the engine.
    private static Int128 Value(in Instrument rules, long price, long quantity)
    {
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

        _reporter.Order(command.Instrument, arrival.ArrivesAt, arrival.Number, new OrderReport
        {
            Order = command.Order,
            Price = command.Price,
            Quantity = command.Quantity,
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
