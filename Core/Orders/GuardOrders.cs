using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Orders.Reconciling;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders;

/// <summary>
/// Works the stops that rest at the venue, one for each position: sent, amended as the position changes, cancelled when it is
/// flat. Each is an order like any other, in the same state machine and reserved at its worst; it only lies in no lane, because
/// it does not compete with what the portfolio wants. Where none is asked for any more, what rests of an earlier run is cancelled.
/// </summary>
internal sealed class GuardOrders(OrderTable orders, Protections? protections, RiskStage risk, long retryInterval) : IStateful
{
    private readonly Terms[] _terms = new Terms[Limits.Instruments + 1];

    /// <summary>Works what risk approved.</summary>
    /// <param name="intent">A stop that is to rest.</param>
    /// <param name="verdict">What of it may.</param>
    /// <param name="id">Id of a new order.</param>
    /// <param name="e">The event.</param>
    /// <param name="reconciler">Is told of what is asked for.</param>
    /// <param name="decision">Gets the command.</param>
    internal void Work(
        in Intent intent, in Verdict verdict, OrderId id, in Event e, Reconciler? reconciler, ref Decision decision)
    {
        int place = orders.GuardOf(intent.Instrument);

        // In HALTED nothing is sent, and what protects stays.
        if (verdict.Reason == RiskReason.Halted || (place < 0 && verdict.ApprovedDelta == 0))
        {
            return;
        }

        if (decision.CommandCount == Limits.CommandsPerEvent)
        {
            protections!.Mark(intent.Instrument);
            return;
        }

        Side side = Sides.OfDelta(verdict.ApprovedDelta);
        int other = side == Side.None ? -1 : orders.LiveInLane(intent.Instrument, StrategyId.House, side);
        if (other >= 0 && (orders[other].Flags & OrderFlags.ReduceOnly) == 0)
        {
            // Left from before there was a position: together they could turn it. Its end is heard of, this is only in case.
            protections!.MarkAt(intent.Instrument, e.ReceivedAt + retryInterval);
            return;
        }

        long quantity = Math.Abs(verdict.ApprovedDelta);
        Command command = new()
        {
            Price = intent.LimitPrice,
            Quantity = quantity,
            Instrument = intent.Instrument,
            Side = side,
            Type = intent.LimitPrice == 0 ? OrderType.Stop : OrderType.StopLimit,
            TimeInForce = TimeInForce.GoodTillCancel,
            Flags = OrderFlags.ReduceOnly | OrderFlags.Protective,
            TriggerPrice = verdict.ApprovedPrice,
        };
        if (place < 0)
        {
            command.Verb = CommandVerb.New;
            command.Order = id;
            orders.Add(command, e.ReceivedAt);
            _terms[intent.Instrument.Value] = new Terms { Order = id, Trigger = verdict.ApprovedPrice };
            orders.TryFind(id, out place);
        }
        else if (quantity == 0 || orders[place].Side != side || orders[place].Filled != 0)
        {
            // One that has begun to trade is no sleeping stop any more: another takes its place for what is left.
            bool may = orders[place].State == OrderState.Working && (quantity == 0 || Differs(place, command));
            if (may || (risk.IsKilled && MayCancel(orders[place].State)))
            {
                Cancel(place, e, reconciler, ref decision);
            }

            return;
        }
        else
        {
            if (orders[place].State != OrderState.Working || !Differs(place, command))
            {
                return;
            }

            command.Verb = CommandVerb.Amend;
            command.Order = orders[place].Id;
            command.VenueOrder = orders[place].VenueOrder;
            orders.AskAmend(place, command.Price, command.Quantity);
            _terms[intent.Instrument.Value].Pending = command.TriggerPrice;
        }

        decision.Commands[decision.CommandCount++] = command;
        reconciler?.OnOrder(place, e);

        // It only reduces: it needs nothing of what the account has available.
        risk.OnSent(command, leaves: 0, priceBefore: 0, leavesBefore: 0, e.ReceivedAt);
    }

    /// <summary>Cancels what rests although nobody asks for stops at the venue any more.</summary>
    /// <returns>How many wait for room.</returns>
    internal int Sweep(in Event e, Reconciler? reconciler, ref Decision decision)
    {
        if (protections is not null || orders.LiveOrders == 0 || !e.EndsGroup)
        {
            return 0;
        }

        int waits = 0;
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            int place = orders.GuardOf(new InstrumentId(i));
            if (place < 0 || orders[place].State != OrderState.Working)
            {
                continue;
            }

            if (decision.CommandCount == Limits.CommandsPerEvent)
            {
                waits++;
            }
            else
            {
                Cancel(place, e, reconciler, ref decision);
            }
        }

        return waits;
    }

    /// <summary>A new run began: of what was in flight nothing is proven.</summary>
    internal void OnEpochStarted()
    {
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            int place = orders.GuardOf(new InstrumentId(i));
            if (place >= 0)
            {
                OnNews(place, OrderInput.EpochStarted, 0);
            }
        }
    }

    /// <summary>Something was heard of a stop: what is proven to rest is told, and what is wanted is stated again.</summary>
    /// <param name="place">The order.</param>
    /// <param name="input">What was heard.</param>
    /// <param name="now">ReceivedAt.</param>
    internal void OnNews(int place, OrderInput input, long now)
    {
        ref readonly OrderRecord order = ref orders[place];
        ref Terms terms = ref _terms[order.Instrument.Value];
        if (terms.Order != order.Id)
        {
            // Taken over: what triggers it is not known, so it is set anew.
            terms = new Terms { Order = order.Id };
        }

        if (input == OrderInput.Amended && terms.Pending != 0)
        {
            terms.Trigger = terms.Pending;
        }
        else if (input is OrderInput.OutcomeUnknown or OrderInput.EpochStarted)
        {
            // Whether the new trigger counts is not known any more.
            terms.Trigger = terms.Pending != 0 ? 0 : terms.Trigger;
        }

        terms.Pending = order.PendingQuantity == 0 ? 0 : terms.Pending;
        if (protections is null)
        {
            return;
        }

        bool rests = order.State is OrderState.Working or OrderState.PendingAmend or OrderState.PendingCancel;
        protections.Rest(order.Instrument, rests ? -order.Side.Sign() * order.Leaves : 0);
        bool isRefused = input is OrderInput.Rejected or OrderInput.AmendRejected or OrderInput.CancelRejected
            or OrderInput.NewNotSent or OrderInput.AmendNotSent or OrderInput.CancelNotSent or OrderInput.Expired
            or OrderInput.GoneUnamended or OrderInput.GoneAtVenue or OrderInput.Cancelled;
        if (isRefused)
        {
            protections.MarkAt(order.Instrument, now + retryInterval);
        }
        else
        {
            protections.Mark(order.Instrument);
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        if (protections is not null)
        {
            visitor.Visit<Terms>(_terms);
        }
    }

    private static bool MayCancel(OrderState state) =>
        state is OrderState.PendingNew or OrderState.Working or OrderState.PendingAmend or OrderState.Unknown;

    private bool Differs(int place, in Command command)
    {
        ref readonly OrderRecord order = ref orders[place];
        ref readonly Terms terms = ref _terms[order.Instrument.Value];
        return order.Leaves != command.Quantity
            || order.Price != command.Price
            || terms.Order != order.Id
            || terms.Trigger != command.TriggerPrice;
    }

    private void Cancel(int place, in Event e, Reconciler? reconciler, ref Decision decision)
    {
        ref readonly OrderRecord order = ref orders[place];
        decision.Commands[decision.CommandCount++] = new Command
        {
            Order = order.Id,
            VenueOrder = order.VenueOrder,
            Price = order.Price,
            Quantity = order.Quantity,
            Instrument = order.Instrument,
            Verb = CommandVerb.Cancel,
            Side = order.Side,
            Type = order.Price == 0 ? OrderType.Stop : OrderType.StopLimit,
            TimeInForce = order.TimeInForce,
            Flags = order.Flags,
        };
        orders.Apply(place, OrderInput.AskCancel);
        reconciler?.OnOrder(place, e);
    }

    // What triggers a stop, price units: as the venue has it, and as an amendment under way asks for it; 0 for not known.
    private struct Terms
    {
        internal OrderId Order;
        internal long Trigger;
        internal long Pending;
    }
}
