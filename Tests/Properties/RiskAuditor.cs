using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Stands outside the pipeline and sees what a stranger sees: events in, commands out. From them alone it keeps positions
/// and what every order could still do, and complains when the limits do not hold.
/// </summary>
internal sealed class RiskAuditor(RiskSettings limits)
{
    private readonly Dictionary<OrderId, Order> _orders = [];
    private readonly Dictionary<int, long> _positions = [];
    private readonly HashSet<VenueId> _executions = [];
    private readonly List<long> _sent = [];
    private TradingState _state = limits.InitialState;
    private bool _killed;

    /// <summary>What was found wrong, in words; null as long as all holds.</summary>
    internal string? Complaint { get; private set; }

    internal int Adding { get; private set; }

    internal long Position(int instrument) => _positions.GetValueOrDefault(instrument);

    internal void See(in Event e, in Decision decision)
    {
        Fold(e);
        // One after the other: an order that reduces may follow one that took the last place.
        for (int i = 0; i < decision.CommandCount; i++)
        {
            Obey(decision.Commands[i], e.ReceivedAt);
            if (decision.Commands[i].Verb != CommandVerb.Cancel)
            {
                Judge(decision.Commands[i], e.ReceivedAt);
            }
        }

        foreach (int instrument in _positions.Keys)
        {
            long most = limits.Default.MaxPositionE9 / Rig.Piece;
            long worst = Math.Max(Position(instrument) + Open(instrument, Side.Buy), Open(instrument, Side.Sell) - Position(instrument));
            Demand(worst <= most, $"worst-case position {worst} of instrument {instrument} above {most}");
        }
    }

    /// <summary>After a kill and its Continue events every live order has been asked to go.</summary>
    internal void AfterKill() =>
        Demand(
            _orders.Values.All(o => o.Dead || o.CancelAsked), "the kill switch left a live order without a cancel");

    private void Fold(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.InstrumentDefined:
                _positions.TryAdd(e.Instrument.Value, 0);
                break;
            case EventKind.Operator:
                Hear(e.Operator.Verb);
                break;
            case EventKind.CommandOutcome when _orders.TryGetValue(e.CommandOutcome.Order, out Order? order)
                && e.CommandOutcome.Outcome == Outcome.NotSent:
                order.Dead |= e.CommandOutcome.Verb == CommandVerb.New;
                order.CancelAsked &= e.CommandOutcome.Verb != CommandVerb.Cancel;
                order.Asked = e.CommandOutcome.Verb == CommandVerb.Amend ? 0 : order.Asked;
                order.Dead |= order.IsFilled;
                break;
            case EventKind.CommandOutcome when _orders.TryGetValue(e.CommandOutcome.Order, out Order? doubted)
                && e.CommandOutcome.Outcome == Outcome.Unknown:
                doubted.InDoubt = true;
                break;
            case EventKind.OrderReport when _orders.TryGetValue(e.OrderReport.Order, out Order? order):
                Fold(e.OrderReport, order);
                break;
            case EventKind.Execution when _executions.Add(e.Execution.ExecutionId):
                int sign = e.Execution.Side == Side.Buy ? 1 : -1;
                _positions[e.Instrument.Value] += sign * e.Execution.Quantity;
                if (_orders.TryGetValue(e.Execution.Order, out Order? filled))
                {
                    filled.Filled += e.Execution.Quantity;
                    filled.Dead |= filled.IsFilled;
                }

                break;
        }
    }

    private static void Fold(in OrderReport report, Order order)
    {
        switch (report.Status)
        {
            case OrderStatus.Rejected or OrderStatus.Cancelled or OrderStatus.Expired:
                order.Dead = true;
                break;
            case OrderStatus.Accepted when order.InDoubt:
                // The venue was asked what became of it: this is what it now is.
                order.InDoubt = false;
                order.Quantity = report.Quantity;
                order.Asked = 0;
                break;
            case OrderStatus.Amended:
                order.Quantity = report.Quantity;
                order.Asked = 0;
                break;
            case OrderStatus.AmendRejected:
                order.Asked = 0;
                break;
            case OrderStatus.CancelRejected:
                order.CancelAsked = false;
                break;
        }

        order.Dead |= order.IsFilled;
    }

    private void Hear(OperatorVerb verb)
    {
        _killed = verb == OperatorVerb.Kill || (_killed && verb != OperatorVerb.ReleaseKill);
        if (_killed)
        {
            _state = TradingState.Halted;
        }
        else if (verb != OperatorVerb.ReleaseKill)
        {
            _state = verb switch
            {
                OperatorVerb.Halt => TradingState.Halted,
                OperatorVerb.Reduce => TradingState.Reducing,
                _ => TradingState.Active,
            };
        }
    }

    private void Obey(in Command command, long now)
    {
        if (command.Verb == CommandVerb.New)
        {
            bool fresh = _orders.TryAdd(
                command.Order,
                new Order
                {
                    Instrument = command.Instrument.Value,
                    Owner = command.Owner.Value,
                    Side = command.Side,
                    Quantity = command.Quantity,
                });
            Demand(fresh, "an order id was used twice");
            _sent.Add(now);
            return;
        }

        if (!_orders.TryGetValue(command.Order, out Order? order))
        {
            Demand(false, "a command for an order that was never made");
            return;
        }

        if (command.Verb == CommandVerb.Cancel)
        {
            // One too many does no harm: an amendment refused because the order is gone does not prove how it ended.
            order.CancelAsked = true;
            return;
        }

        Demand(!order.Dead, "an amendment of a dead order");

        order.Grows = command.Quantity > Math.Max(order.Quantity, order.Asked);
        order.Asked = command.Quantity;
        _sent.Add(now);
    }

    private void Judge(in Command command, long now)
    {
        Order order = _orders[command.Order];
        Adding++;
        long leaves = command.Quantity - order.Filled;
        Demand(!_killed && _state != TradingState.Halted, $"{command.Verb} while HALTED");
        Demand(leaves <= limits.Default.MaxOrderQuantityE9 / Rig.Piece, $"an order of {leaves}");
        Demand((Int128)leaves * command.Price * Rig.MoneyPerCent <= limits.Default.MaxOrderNotional, "an order's notional");
        Demand(
            _orders.Values.Count(o => !o.Dead && o.Instrument == order.Instrument && o.Owner == order.Owner && o.Side == order.Side) == 1,
            "two live orders in a lane and side");

        // An order that only brings the position nearer to zero, with all else on its side, is free of the rest.
        long directed = command.Side == Side.Buy ? Position(order.Instrument) : -Position(order.Instrument);
        long others = Open(order.Instrument, command.Side) - order.Worst;
        if (directed < 0 && others + leaves <= -directed)
        {
            return;
        }

        bool grows = command.Verb == CommandVerb.New || order.Grows;
        Demand(!grows || _state == TradingState.Active, $"{command.Verb} that adds risk while {_state}");
        if (command.Verb == CommandVerb.New)
        {
            int alive = _orders.Values.Count(o => !o.Dead);
            Demand(alive <= limits.MaxWorkingOrders, $"{alive} orders alive");
        }

        int rate = _sent.Count(at => at > now - limits.OrderWindow);
        Demand(rate <= limits.MaxOrdersPerWindow, $"{rate} orders in the window");
    }

    private long Open(int instrument, Side side) => _orders.Values
        .Where(o => !o.Dead && o.Instrument == instrument && o.Side == side)
        .Sum(o => o.Worst);

    private void Demand(bool holds, string complaint)
    {
        if (!holds)
        {
            Complaint ??= complaint;
        }
    }

    private sealed class Order
    {
        internal required int Instrument { get; init; }

        internal required int Owner { get; init; }

        internal required Side Side { get; init; }

        internal required long Quantity { get; set; }

        internal long Asked { get; set; }

        internal long Filled { get; set; }

        internal bool Grows { get; set; }

        internal bool CancelAsked { get; set; }

        internal bool InDoubt { get; set; }

        internal bool Dead { get; set; }

        internal long Worst => Math.Max(0, Math.Max(Quantity, Asked) - Filled);

        internal bool IsFilled => Filled >= Math.Max(Quantity, Asked);
    }
}
