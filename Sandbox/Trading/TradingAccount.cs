using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;

namespace LowLatency.Sandbox.Trading;

/// <summary>
/// An account at one venue: its orders, and what they have made of its cash. Each kind of instrument is matched by a simulated venue
/// of its own, so accounts see one market and never each other.
/// </summary>
internal sealed class TradingAccount
{
    /// <summary>Orders that are remembered; the oldest that ended is forgotten first.</summary>
    internal const int OrdersKept = 20_000;

    private readonly Dictionary<InstrumentKind, SimulatedVenue> _desks = [];
    private readonly Dictionary<long, SandboxOrder> _byId = [];
    private readonly Dictionary<string, SandboxOrder> _byVenueId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SandboxOrder> _byClientId = new(StringComparer.Ordinal);
    private readonly LinkedList<SandboxOrder> _orders = new();
    private readonly List<SandboxOrder> _open = [];
    private readonly Listing _listing;
    private readonly IdMaker _ids;
    private readonly IAccountEvents _events;
    private long _orderNumber;
    private long _sequence;

    internal TradingAccount(
        SandboxAccount owner,
        IReadOnlyDictionary<InstrumentKind, SimulatedVenueSettings> desks,
        IReadOnlyDictionary<string, decimal> cash,
        Listing listing,
        IdMaker ids,
        IAccountEvents events)
    {
        Owner = owner;
        _listing = listing;
        _ids = ids;
        _events = events;
        Uuid = ids.Uuid();
        foreach ((InstrumentKind kind, SimulatedVenueSettings settings) in desks)
        {
            _desks[kind] = new SimulatedVenue(settings);
        }

        Ledger = new AccountLedger(ids, _desks.GetValueOrDefault(InstrumentKind.Linear));
        foreach ((string coin, decimal amount) in cash)
        {
            Ledger.Pay(coin, amount);
        }

        StartCash = cash;
    }

    internal SandboxAccount Owner { get; }

    /// <summary>Cash, positions and executions.</summary>
    internal AccountLedger Ledger { get; }

    /// <summary>The venue's id of the account.</summary>
    internal string Uuid { get; }

    internal IReadOnlyDictionary<string, decimal> StartCash { get; }

    /// <summary>Orders in the order of arrival.</summary>
    internal LinkedList<SandboxOrder> Orders => _orders;

    /// <summary>Orders that are not at their end, in the order of arrival.</summary>
    internal IReadOnlyList<SandboxOrder> Open => _open;

    /// <summary>When a report of its is due next.</summary>
    internal long NextDue
    {
        get
        {
            long due = long.MaxValue;
            foreach (SimulatedVenue desk in _desks.Values)
            {
                due = Math.Min(due, desk.NextDue);
            }

            return due;
        }
    }

    internal SandboxOrder? ByVenueId(string id) => _byVenueId.GetValueOrDefault(id);

    internal SandboxOrder? ByClientId(string id) => _byClientId.GetValueOrDefault(id);

    /// <summary>Shows an event of the market to whom it concerns.</summary>
    internal void Show(in Event published, InstrumentKind kind)
    {
        if (_desks.TryGetValue(kind, out SimulatedVenue? desk))
        {
            desk.OnEvent(published);
        }
    }

    /// <summary>Takes the earliest report that is due.</summary>
    internal bool Poll(long now)
    {
        SimulatedVenue? first = null;
        foreach (SimulatedVenue desk in _desks.Values)
        {
            first = desk.NextDue <= now && (first is null || desk.NextDue < first.NextDue) ? desk : first;
        }

        Event report = default;
        if (first is null || !first.Poll(now, ref report))
        {
            return false;
        }

        switch (report.Kind)
        {
            case EventKind.CommandOutcome:
                TakeOutcome(report);
                break;
            case EventKind.OrderReport:
                TakeReport(report);
                break;
            case EventKind.Execution:
                TakeExecution(report);
                break;
            case EventKind.CashBooked:
                _events.OnFill(this, Ledger.TakeBooking(report, _listing[report.Instrument]));
                break;
        }

        return true;
    }

    /// <summary>Makes an order and sends it to the matching engine.</summary>
    internal SandboxOrder Place(OrderRequest request, long now, Action<CommandAnswer>? answered)
    {
        long number = ++_orderNumber;
        SandboxOrder order = new()
        {
            Id = OrderId.Of(1, number, 0),
            VenueId = _ids.Uuid(),
            ClientId = request.ClientId,
            Instrument = request.Instrument,
            Side = request.Side,
            Type = request.Type,
            Force = request.Force,
            Flags = request.Flags,
            Terms = request.Terms,
            Number = number,
            CreatedAt = now,
            UpdatedAt = now,
            Price = request.Price,
            Quantity = request.Quantity,
            TriggerPrice = request.TriggerPrice,
            TrailingOffset = request.TrailingOffset,
        };
        _byId[order.Id.Packed] = order;
        Remember(order);
        Send(order, CommandVerb.New, request.Price, request.Quantity, request.TriggerPrice, now, answered);
        return order;
    }

    /// <summary>Asks the matching engine to change an order.</summary>
    internal void Amend(SandboxOrder order, long price, long quantity, long trigger, long now, Action<CommandAnswer>? answered) =>
        Send(order, CommandVerb.Amend, price, quantity, trigger, now, answered);

    /// <summary>Asks the matching engine to cancel an order.</summary>
    internal void Cancel(SandboxOrder order, long now, Action<CommandAnswer>? answered) =>
        Send(order, CommandVerb.Cancel, order.Price, order.Quantity, 0, now, answered);

    /// <summary>
    /// Puts an order into the place of another, which the matching engine knows on by the same number: where a venue
    /// replaces orders, an amendment makes a new one.
    /// </summary>
    internal SandboxOrder Succeed(SandboxOrder old, string clientId, object terms, long now)
    {
        SandboxOrder order = new()
        {
            Id = old.Id,
            VenueId = _ids.Uuid(),
            ClientId = clientId,
            Instrument = old.Instrument,
            Side = old.Side,
            Type = old.Type,
            Force = old.Force,
            Flags = old.Flags,
            Terms = terms,
            Number = ++_orderNumber,
            CreatedAt = now,
            UpdatedAt = now,
            Price = old.Price,
            Quantity = old.Quantity,
            TriggerPrice = old.TriggerPrice,
            TrailingOffset = old.TrailingOffset,
            Replaces = old,
            Pending = old.Pending,
        };
        Remember(order);
        return order;
    }

    /// <summary>From now on what the matching engine says of the number concerns the new order.</summary>
    internal void HandOver(SandboxOrder old, SandboxOrder order)
    {
        order.Filled = old.Filled;
        order.FilledValue = old.FilledValue;
        order.FilledAt = old.FilledAt;
        order.WasAccepted = true;
        order.Phase = OrderPhase.Working;
        old.ReplacedBy = order;
        old.Phase = OrderPhase.Replaced;
        _ = _open.Remove(old);
        _byId[order.Id.Packed] = order;
    }

    /// <summary>An order that was to replace another and does not: the other works on, or has ended.</summary>
    internal void Fail(SandboxOrder order, ReportReason reason, long now) => End(order, OrderPhase.Rejected, reason, now);

    /// <summary>Forgets an order that the venue refused at once: it never was one.</summary>
    internal void Discard(SandboxOrder order)
    {
        _ = _orders.Remove(order);
        _ = _open.Remove(order);
        _ = _byId.Remove(order.Id.Packed);
        _ = _byVenueId.Remove(order.VenueId);
        _ = _byClientId.Remove(order.ClientId);
    }

    private void Remember(SandboxOrder order)
    {
        _byVenueId[order.VenueId] = order;
        if (order.ClientId.Length != 0)
        {
            _byClientId[order.ClientId] = order;
        }

        _open.Add(order);
        _ = _orders.AddLast(order);
        if (_orders.Count > OrdersKept)
        {
            Forget();
        }
    }

    private void Forget()
    {
        for (LinkedListNode<SandboxOrder>? node = _orders.First; node is not null; node = node.Next)
        {
            SandboxOrder order = node.Value;
            if (!order.IsOpen)
            {
                _orders.Remove(node);
                _ = _byVenueId.Remove(order.VenueId);
                _ = _byClientId.Remove(order.ClientId);
                if (_byId.TryGetValue(order.Id.Packed, out SandboxOrder? current) && current == order)
                {
                    _ = _byId.Remove(order.Id.Packed);
                }

                return;
            }
        }
    }

    private void Send(
        SandboxOrder order, CommandVerb verb, long price, long quantity, long trigger, long now, Action<CommandAnswer>? answered)
    {
        order.Pending.Enqueue(new PendingCommand(verb, answered));
        Command command = new()
        {
            Order = order.Id,
            Instrument = order.Instrument.Id,
            Verb = verb,
            Side = order.Side,
            Type = order.Type,
            TimeInForce = order.Force,
            Flags = order.Flags,
            Price = price,
            Quantity = quantity,
            TriggerPrice = trigger,
            TrailingOffset = order.TrailingOffset,
        };
        _desks[order.Instrument.Kind].Submit(command, ++_sequence, now);
    }

    private void TakeOutcome(in Event report)
    {
        if (report.CommandOutcome.Outcome != Outcome.NotSent
            || !_byId.TryGetValue(report.CommandOutcome.Order.Packed, out SandboxOrder? order))
        {
            return;
        }

        if (report.CommandOutcome.Verb == CommandVerb.New)
        {
            End(order, OrderPhase.Rejected, report.CommandOutcome.Reason, report.ReceivedAt);
            _events.OnOrder(this, order, OrderChange.Rejected);
        }

        Answer(order, new CommandAnswer(false, report.CommandOutcome.Reason));
    }

    private void TakeReport(in Event report)
    {
        ref readonly OrderReport word = ref report.OrderReport;
        if (!_byId.TryGetValue(word.Order.Packed, out SandboxOrder? order))
        {
            return;
        }

        long at = report.VenueTime;
        order.UpdatedAt = at;
        switch (word.Status)
        {
            case OrderStatus.Accepted:
                order.Phase = OrderPhase.Working;
                order.WasAccepted = true;
                order.Quantity = word.Quantity;
                Answer(order, new CommandAnswer(true, ReportReason.None));
                _events.OnOrder(this, order, OrderChange.Accepted);
                break;
            case OrderStatus.Rejected:
                End(order, OrderPhase.Rejected, word.Reason, at);
                Answer(order, new CommandAnswer(false, word.Reason));
                _events.OnOrder(this, order, OrderChange.Rejected);
                break;
            case OrderStatus.Amended when order.Pending.TryPeek(out PendingCommand waiting) && waiting.Verb == CommandVerb.Amend:
                Answer(order, new CommandAnswer(true, ReportReason.None));
                order = _byId[word.Order.Packed];
                order.Price = word.Price;
                order.Quantity = word.Quantity;
                order.UpdatedAt = at;
                _events.OnOrder(this, order, OrderChange.Amended);
                break;
            case OrderStatus.Amended:
                // The engine settled the quantity of an order for an amount of money.
                order.Quantity = word.Quantity;
                break;
            case OrderStatus.AmendRejected:
                Answer(order, new CommandAnswer(false, word.Reason));
                _events.OnOrder(this, order, OrderChange.AmendLost);
                break;
            case OrderStatus.CancelRejected:
                Answer(order, new CommandAnswer(false, word.Reason));
                _events.OnOrder(this, order, OrderChange.CancelLost);
                break;
            default:
                bool isAsked = word.Status == OrderStatus.Cancelled && word.Reason == ReportReason.Requested;
                End(order, word.Status == OrderStatus.Expired ? OrderPhase.Expired : OrderPhase.Cancelled, word.Reason, at);
                if (isAsked)
                {
                    Answer(order, new CommandAnswer(true, ReportReason.None));
                }

                _events.OnOrder(this, order, OrderChange.Ended);
                break;
        }
    }

    private void End(SandboxOrder order, OrderPhase phase, ReportReason reason, long at)
    {
        order.Phase = phase;
        _ = _open.Remove(order);
        order.Reason = reason;
        order.UpdatedAt = at;
    }

    private static void Answer(SandboxOrder order, CommandAnswer answer)
    {
        if (order.Pending.TryDequeue(out PendingCommand pending))
        {
            pending.Answered?.Invoke(answer);
        }
    }

    private void TakeExecution(in Event report)
    {
        SandboxOrder? order = report.Execution.Order.IsNone ? null : _byId.GetValueOrDefault(report.Execution.Order.Packed);
        Fill fill = Ledger.Take(report, _listing[report.Instrument], order);
        if (order is null)
        {
            _events.OnFill(this, fill);
            return;
        }

        if (order.Filled >= order.Quantity)
        {
            order.Phase = OrderPhase.Filled;
            _ = _open.Remove(order);
        }

        _events.OnFill(this, fill);
        _events.OnOrder(this, order, OrderChange.Filled);
    }
}
