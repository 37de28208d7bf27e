using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Reconciling;

/// <summary>
/// Keeps the orders at the venue that no lane of ours works: from news, from differences; and takes back those that nobody
/// wants. An order that this journal cannot have made proves that events are lost: it halts.
/// </summary>
internal sealed class StrayWatch(
    AccountGate gate, OrderTable orders, StrayOrders strays, Movements movements, RiskStage risk, AdjustmentQueue queue)
    : IStateful
{
    private int _epoch;
    private long _epochBegan;
    private long _beyond;

    /// <summary>Orders of ours that were made after the end of the journal; each one halts.</summary>
    internal long BeyondJournal => _beyond;

    /// <summary>A run began.</summary>
    internal void Begin(int epoch, long sequence)
    {
        _epoch = epoch;
        _epochBegan = sequence;
    }

    /// <summary>The venue's word on an order that may be none of ours.</summary>
    /// <returns>True when an order became known: what it is has to be read.</returns>
    internal bool See(in Event e)
    {
        ref readonly OrderReport report = ref e.OrderReport;
        bool works = report.Status is OrderStatus.Accepted or OrderStatus.Amended;
        bool ended = report.Status is OrderStatus.Cancelled or OrderStatus.Rejected or OrderStatus.Expired
            || (report.Status == OrderStatus.CancelRejected && report.Reason == ReportReason.UnknownOrder);
        int stray = strays.Find(report.Order, report.VenueOrder);
        if (ended && stray >= 0)
        {
            strays.Remove(stray);
        }

        if (!works || orders.TryFind(report.Order, out _))
        {
            return false;
        }

        long leaves = Math.Max(0, report.Quantity - report.CumulativeQuantity);
        if (stray < 0 && IsBeyond(report.Order, e.Sequence))
        {
            Beyond(e, report.Order, report.VenueOrder, report.Price, leaves, report.Side);
            return true;
        }

        // News of an order that is not ours counts at once; what a reading names is judged when it is complete.
        if ((e.Flags & EventFlags.ReadBack) == 0)
        {
            Keep(e, new StrayOrder
            {
                Id = report.Order,
                Venue = report.VenueOrder,
                Price = report.Price,
                Leaves = leaves,
                Instrument = e.Instrument,
                Side = report.Side,
            });
        }

        return stray < 0;
    }

    /// <summary>A fill that nobody here asked for.</summary>
    internal void OnForeignFill(in Event e)
    {
        if (IsBeyond(e.Execution.Order, e.Sequence))
        {
            Beyond(e, e.Execution.Order, VenueId.None, 0, 0, e.Execution.Side);
        }
    }

    /// <summary>A fill of an order of ours that ended here.</summary>
    internal void OnFill(in Execution execution)
    {
        int stray = strays.Find(execution.Order);
        if (stray >= 0)
        {
            strays.Fill(stray, execution.Quantity);
        }
    }

    /// <summary>A difference was folded: the order that it names is kept, or taken back.</summary>
    internal void OnAdjusted(in Event e)
    {
        ref readonly Adjustment done = ref e.Adjustment;
        bool isCancel = done.Action == AdjustmentAction.Cancel;
        bool works = done.Difference is DifferenceKind.ForeignOrder or DifferenceKind.OrderMissingHere
            or DifferenceKind.OrderState or DifferenceKind.DuplicateOrder;
        if ((works && done.Leaves != 0) || isCancel)
        {
            // An order of ours that is alive here counts already; it is kept only to be cancelled.
            Keep(e, new StrayOrder
            {
                Id = done.Order,
                Venue = done.VenueOrder,
                Price = done.VenuePrice,
                Leaves = works ? done.Leaves : 0,
                Instrument = e.Instrument,
                Side = done.Side,
                IsUnwanted = (byte)(isCancel ? 1 : 0),
                IsAdopted = (byte)(done.Action == AdjustmentAction.Adopt ? 1 : 0),
            });
        }
    }

    /// <summary>Orders that a reading did not name are gone; those that are still there and not wanted are cancelled again.</summary>
    internal void Sweep(int account, ReadBackFold read)
    {
        for (int place = 0; strays.Count != 0 && place < StrayOrders.Capacity; place++)
        {
            StrayOrder stray = strays[place];
            if (stray.IsFree || gate.AccountOf(stray.Instrument) != account
                || stray.Told >= read.BeganWith(ReadBackSubject.Orders))
            {
                continue;
            }

            bool named = false;
            foreach (ref readonly ReadOrder order in read.Orders)
            {
                named |= order.Id == stray.Id && order.Venue == stray.Venue;
            }

            if (named)
            {
                strays.SetAsked(place, false);
            }
            else
            {
                strays.Remove(place);
            }
        }
    }

    /// <summary>Sends the cancels of orders that nobody here wants.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Gets the commands.</param>
    /// <returns>True when some found no room.</returns>
    internal bool Cancel(in Event e, ref Decision decision)
    {
        bool halted = risk.State == TradingState.Halted;
        for (int place = 0; strays.Count != 0 && place < StrayOrders.Capacity; place++)
        {
            StrayOrder stray = strays[place];
            bool wants = stray.IsUnwanted != 0 || risk.IsKilled || (halted && stray.IsAdopted != 0);
            if (stray.IsFree || !wants || stray.IsAsked != 0)
            {
                continue;
            }

            if (decision.CommandCount == Limits.CommandsPerEvent)
            {
                return true;
            }

            Cancel(stray, e, ref decision);
            strays.SetAsked(place, true);
        }

        return false;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _epoch);
        visitor.Visit(ref _epochBegan);
        visitor.Visit(ref _beyond);
    }

    private void Keep(in Event e, StrayOrder order)
    {
        order.Told = e.Sequence;
        if (order.Instrument.Value is 0 or > Limits.Instruments || !strays.TrySet(order))
        {
            risk.Degrade(TradingState.Halted);
        }
    }

    /// <summary>An id of ours that this journal cannot have made: it was made by events that are lost.</summary>
    private bool IsBeyond(OrderId id, long now) =>
        !id.IsNone && (id.Epoch > _epoch || id.Sequence >= (id.Epoch < _epoch ? _epochBegan : now));

    private void Beyond(in Event e, OrderId id, VenueId venue, long price, long leaves, Side side)
    {
        _beyond++;
        risk.Degrade(TradingState.Halted);
        Adjustment what = new()
        {
            Difference = DifferenceKind.OrderMissingHere,
            Order = id,
            VenueOrder = venue,
            Theirs = leaves,
            VenuePrice = price,
            Leaves = leaves,
            Side = side,
        };
        if (leaves != 0)
        {
            Keep(e, new StrayOrder
            {
                Id = id,
                Venue = venue,
                Price = price,
                Leaves = leaves,
                Instrument = e.Instrument,
                Side = side,
                IsAdopted = 1,
            });
        }

        queue.Add(new Found { Instrument = e.Instrument, What = what }, AdjustmentAction.Halt, e.Source, e.Sequence);
    }

    private void Cancel(in StrayOrder stray, in Event e, ref Decision decision)
    {
        // The second order of an id is named by the venue's alone: ours must live.
        bool isAlive = orders.TryFind(stray.Id, out int place) && !OrderStateMachine.IsTerminal(orders[place].State);
        bool isSecond = isAlive && orders[place].VenueOrder != stray.Venue;
        if (isAlive && !isSecond && orders[place].State == OrderState.PendingCancel)
        {
            // Its lane has just taken it back.
            return;
        }

        if (isAlive && !isSecond)
        {
            orders.Apply(place, OrderInput.AskCancel);
            movements.OnOrder(place, e.Sequence, e.ReceivedAt);
        }

        decision.Commands[decision.CommandCount++] = new Command
        {
            Order = isSecond ? OrderId.None : stray.Id,
            VenueOrder = stray.Venue,
            Price = stray.Price,
            Quantity = stray.Leaves,
            Instrument = stray.Instrument,
            Owner = StrategyId.House,
            Verb = CommandVerb.Cancel,
            Side = stray.Side,
            Type = OrderType.Limit,
            TimeInForce = TimeInForce.GoodTillCancel,
        };
    }
}
