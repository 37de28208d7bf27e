using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Gateways.Sim;

/// <summary>What the matching engine does with a command that arrives: the rules, then the order book.</summary>
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
    private readonly OrderRules _rules;
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
        ShareBook? shares,
        SimulatedVenueSettings settings)
    {
        _markets = markets;
        _orders = orders;
        _memory = memory;
        _reporter = reporter;
        _matcher = matcher;
        _depth = depth;
        _settings = settings;
        _rules = new OrderRules(markets, orders, memory, matcher, margin, shares, settings);
        _rate = new RateWindow(settings.RateLimit, settings.RateWindow);
    }

    /// <summary>Handles a command at the instant at which it arrives. It is answered by at least one report.</summary>
    internal void Arrive(in Arrival arrival)
    {
        if (arrival.Refusal != ReportReason.None)
        {
            Refuse(arrival, arrival.Refusal, 0);
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
        ReportReason reason = _rules.WhyNot(ref order, at);
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
        VenueOrder amended = order;
        Change(ref amended, command);
        ReportReason reason = _rules.WhyNotAmend(index, amended, arrival.ArrivesAt);
        if (reason != ReportReason.None)
        {
            _reporter.Order(order, arrival.ArrivesAt, OrderStatus.AmendRejected, reason, arrival.Number);
            return;
        }

        bool keepsPlace = _settings.Amend == AmendRule.LessKeepsPlace
            && amended.Price == order.Price && amended.Quantity <= order.Quantity
            && amended.TriggerPrice == order.TriggerPrice && amended.TrailingOffset == order.TrailingOffset;
        order = amended;
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

    // A trigger or an offset that an amendment leaves at zero stays as it was.
    private static void Change(ref VenueOrder order, in Command command)
    {
        order.Quantity = command.Quantity;
        order.Price = command.Price;
        order.TriggerPrice = command.TriggerPrice == 0 ? order.TriggerPrice : command.TriggerPrice;
        order.TrailingOffset = command.TrailingOffset == 0 ? order.TrailingOffset : command.TrailingOffset;
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
