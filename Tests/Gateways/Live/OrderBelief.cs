using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>What the engine believes of an order: the order state machine fed with what a venue publishes.</summary>
internal sealed class OrderBelief(OrderId id, long price, long quantity)
{
    private readonly HashSet<VenueId> _fills = [];

    public OrderId Id => id;

    public OrderState State { get; private set; } = OrderState.PendingNew;

    public long Price { get; private set; } = price;

    public long Quantity { get; private set; } = quantity;

    public long Filled { get; private set; }

    public bool HasEnded => OrderStateMachine.IsTerminal(State);

    /// <summary>What an amendment in flight asks for; 0 for none. Until it is answered the larger version counts.</summary>
    public long PendingQuantity { get; private set; }

    /// <summary>Something is asked for.</summary>
    public void Ask(in Command command)
    {
        PendingQuantity = command.Verb == CommandVerb.Amend ? command.Quantity : PendingQuantity;
        Apply(command.Verb == CommandVerb.Amend ? OrderInput.AskAmend : OrderInput.AskCancel);
    }

    /// <summary>A venue's event about it.</summary>
    public void Fold(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.CommandOutcome:
                OnOutcome(e.CommandOutcome);
                break;
            case EventKind.Execution when _fills.Add(e.Execution.ExecutionId):
                Filled += e.Execution.Quantity;
                Apply(Filled >= System.Math.Max(Quantity, PendingQuantity) ? OrderInput.FillAll : OrderInput.Fill);
                break;
            case EventKind.OrderReport:
                OnReport(e.OrderReport);
                break;
        }
    }

    private void OnOutcome(in CommandOutcome outcome)
    {
        if (outcome.Outcome == Outcome.NotSent)
        {
            Apply(outcome.Verb switch
            {
                CommandVerb.New => OrderInput.NewNotSent,
                CommandVerb.Amend => OrderInput.AmendNotSent,
                _ => OrderInput.CancelNotSent,
            });
        }
        else
        {
            Apply(outcome.Outcome == Outcome.Sent ? OrderInput.Sent : OrderInput.OutcomeUnknown);
        }
    }

    private void OnReport(in OrderReport report)
    {
        bool gone = report.Reason == ReportReason.UnknownOrder;
        if ((report.Status == OrderStatus.Amended && State != OrderState.PendingNew && !HasEnded)
            || (report.Status == OrderStatus.Accepted && State == OrderState.Unknown && report.Quantity > 0))
        {
            Price = report.Price;
            Quantity = report.Quantity;
        }

        Apply(report.Status switch
        {
            OrderStatus.Accepted => OrderInput.Accepted,
            OrderStatus.Rejected => OrderInput.Rejected,
            OrderStatus.Amended => OrderInput.Amended,
            OrderStatus.AmendRejected => gone ? OrderInput.GoneAtVenue : OrderInput.AmendRejected,
            OrderStatus.Cancelled => OrderInput.Cancelled,
            OrderStatus.CancelRejected => gone ? OrderInput.GoneAtVenue : OrderInput.CancelRejected,
            _ => OrderInput.Expired,
        });
    }

    // As the order table does it: only its own answer ends an amendment.
    private void Apply(OrderInput input)
    {
        OrderState before = State;
        if (!OrderStateMachine.TryNext(before, input, out OrderState next))
        {
            return;
        }

        if (input is OrderInput.Amended or OrderInput.AmendRejected or OrderInput.AmendNotSent
            || (input == OrderInput.GoneAtVenue && before == OrderState.PendingAmend)
            || (input == OrderInput.Accepted && before == OrderState.Unknown))
        {
            PendingQuantity = 0;
        }
        else if (PendingQuantity != 0 && next == OrderState.Working)
        {
            next = before == OrderState.Unknown ? OrderState.Unknown : OrderState.PendingAmend;
        }

        bool settled = next == OrderState.Working || input == OrderInput.GoneAtVenue;
        State = settled && Filled >= System.Math.Max(Quantity, PendingQuantity) ? OrderState.Filled : next;
    }
}
