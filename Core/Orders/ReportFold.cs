using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Orders.Reconciling;
using LowLatency.Core.Orders.Styles;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders;

/// <summary>
/// What gateways and venues say of our orders, folded into orders and portfolio before the stages run: the lanes that it
/// concerns are stated again, and what proves doubt about the account makes risk more careful.
/// </summary>
internal sealed class ReportFold(
    OrderTable orders,
    PortfolioLedger portfolio,
    ArbitrationStage arbitration,
    RiskStage risk,
    LaneTable lanes,
    ParentOrders parents,
    GuardOrders guards,
    long retryInterval,
    Reconciler? reconciler) : IStateful
{
    private long _foreign;
    private long _overfills;
    private long _missing;
    private long _strays;

    /// <summary>Executions and reports of orders that this instance did not make or no longer knows.</summary>
    internal long Foreign => _foreign;

    /// <summary>Executions beyond an order's quantity: each one halts.</summary>
    internal long Overfills => _overfills;

    /// <summary>Orders that ended with more filled by the venue's count than by their executions: each one reduces.</summary>
    internal long MissingExecutions => _missing;

    /// <summary>Answers to amendments that were answered before.</summary>
    internal long StrayAmendments => _strays;

    /// <summary>Folds a report before the stages run. Only an execution moves a position.</summary>
    /// <param name="e">A command outcome, an order report or an execution.</param>
    internal void Fold(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.CommandOutcome:
                FoldOutcome(e);
                break;
            case EventKind.OrderReport:
                FoldReport(e);
                break;
            case EventKind.Execution:
                FoldExecution(e);
                break;
            case EventKind.Adjustment:
                FoldAdjustment(e);
                break;
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _foreign);
        visitor.Visit(ref _overfills);
        visitor.Visit(ref _missing);
        visitor.Visit(ref _strays);
    }

    private void FoldOutcome(in Event e)
    {
        ref readonly CommandOutcome outcome = ref e.CommandOutcome;
        long now = e.ReceivedAt;
        if (!orders.TryFind(outcome.Order, out int place))
        {
            _foreign++;
            return;
        }

        OrderInput input = outcome.Outcome switch
        {
            Outcome.Sent => OrderInput.Sent,
            Outcome.NotSent => outcome.Verb switch
            {
                CommandVerb.New => OrderInput.NewNotSent,
                CommandVerb.Amend => OrderInput.AmendNotSent,
                _ => OrderInput.CancelNotSent,
            },
            _ => OrderInput.OutcomeUnknown,
        };
        ref readonly OrderRecord order = ref orders[place];
        if (input == OrderInput.OutcomeUnknown && IsAnswered(order.State, outcome.Verb))
        {
            // The venue has spoken of the request before the gateway gave up on it.
            return;
        }

        reconciler?.OnOrder(place, e);
        orders.Apply(place, input);
        if (order.IsGuard)
        {
            HearGuard(place, input, now);
            return;
        }

        parents.Settle(order.Instrument, order.Owner);
        if (outcome.Outcome == Outcome.NotSent)
        {
            risk.OnRejected(order.Instrument, order.Owner, now);
            MarkLater(order.Instrument, order.Owner, now + retryInterval);
        }
    }

    /// <summary>The stop of a position is followed up on its own; an order of the shared lane may have waited for it.</summary>
    private void HearGuard(int place, OrderInput input, long now)
    {
        guards.OnNews(place, input, now);
        lanes.Mark(orders[place].Instrument, StrategyId.House);
    }

    private static bool IsAnswered(OrderState state, CommandVerb verb) => verb switch
    {
        CommandVerb.New => state != OrderState.PendingNew,
        CommandVerb.Amend => state is not (OrderState.PendingAmend or OrderState.PendingCancel),
        _ => state != OrderState.PendingCancel,
    };

    private void FoldReport(in Event e)
    {
        ref readonly OrderReport report = ref e.OrderReport;
        if (!orders.TryFind(report.Order, out int place))
        {
            _foreign++;
            return;
        }

        OrderReport word = report;
        if (reconciler is not null)
        {
            // The venue has a second order of this id: what it says of that one is not said of ours.
            bool isOther = report.VenueOrder != orders[place].VenueOrder && reconciler.IsStray(report);
            bool isItem = (e.Flags & EventFlags.ReadBack) != 0;
            if (isOther || (isItem && !reconciler.Means(place, e, out word.Status)))
            {
                return;
            }

            if (!isItem)
            {
                reconciler.OnOrder(place, e);
            }
        }

        FoldReport(place, word, e.ReceivedAt);
    }

    private void FoldReport(int place, in OrderReport report, long now)
    {
        bool gone = report.Reason == ReportReason.UnknownOrder;
        OrderInput input = report.Status switch
        {
            OrderStatus.Accepted => OrderInput.Accepted,
            OrderStatus.Rejected => OrderInput.Rejected,
            OrderStatus.Amended => OrderInput.Amended,
            OrderStatus.AmendRejected => gone ? OrderInput.GoneUnamended : OrderInput.AmendRejected,
            OrderStatus.Cancelled => OrderInput.Cancelled,
            OrderStatus.CancelRejected => gone ? OrderInput.GoneAtVenue : OrderInput.CancelRejected,
            _ => OrderInput.Expired,
        };
        if (AnswersAnother(orders[place], report))
        {
            _strays++;
            return;
        }

        bool asked = orders[place].State == OrderState.PendingCancel;
        orders.Learn(place, report);
        bool isNews = orders.Apply(place, input);
        ref readonly OrderRecord order = ref orders[place];
        if (!order.IsGuard)
        {
            parents.Settle(order.Instrument, order.Owner);
        }

        if (!isNews)
        {
            return;
        }

        if (OrderStateMachine.IsTerminal(order.State) && report.CumulativeQuantity > order.Filled)
        {
            // The venue counts fills that never arrived: the position is not proven, nothing may add to it.
            _missing++;
            Doubt(order.Instrument, now);
        }

        if (order.IsGuard)
        {
            HearGuard(place, asked && input == OrderInput.Cancelled ? OrderInput.Accepted : input, now);
            return;
        }

        bool rejected = report.Status is OrderStatus.Rejected or OrderStatus.AmendRejected or OrderStatus.CancelRejected;
        if (rejected)
        {
            risk.OnRejected(order.Instrument, order.Owner, now);
        }

        // What ended by itself would end the same way again at once; what we asked for is followed up at once.
        if (rejected || (OrderStateMachine.IsTerminal(order.State) && !asked && order.State != OrderState.Filled))
        {
            MarkLater(order.Instrument, order.Owner, now + retryInterval);
        }
        else
        {
            lanes.Mark(order.Instrument, order.Owner);
        }
    }

    /// <summary>Marks a lane at a later time; where its parent is due before that, then.</summary>
    private void MarkLater(InstrumentId instrument, StrategyId owner, long at)
    {
        lanes.MarkAt(instrument, owner, at);
        parents.Quieten(instrument, owner, at);
        parents.Arm(instrument, owner);
    }

    /// <summary>
    /// An amendment's answer that names another price or quantity than the one in flight: it answers an earlier request
    /// and comes again. To believe it would free the reserve of the one that may still be accepted.
    /// </summary>
    private static bool AnswersAnother(in OrderRecord order, in OrderReport report) =>
        report.Status == OrderStatus.Amended
        && order.State == OrderState.PendingAmend
        && (report.Price != order.PendingPrice || report.Quantity != order.PendingQuantity);

    /// <summary>Where the account can be read it is, before anything may add; else a person has to look.</summary>
    private void Doubt(InstrumentId instrument, long now)
    {
        if (reconciler is null)
        {
            risk.Degrade(TradingState.Reducing);
        }
        else
        {
            reconciler.Doubt(instrument, now);
        }
    }

    private void FoldExecution(in Event e)
    {
        InstrumentId instrument = e.Instrument;
        ref readonly Execution execution = ref e.Execution;
        bool known = orders.TryFind(execution.Order, out int place);
        StrategyId owner = known ? orders[place].Owner : StrategyId.House;
        bool expected = known || portfolio.IsCloseOut(instrument, execution);
        if (!known && reconciler is not null && reconciler.IsHistory(e))
        {
            portfolio.Leave();
            return;
        }

        bool isGuard = known && orders[place].IsGuard;
        if (isGuard && !portfolio.Seen.Contains(execution.ExecutionId))
        {
            // Whoever it takes out lacks nothing any more: the fill is shared among those who had what it sells.
            risk.OnVenueStop(instrument, execution.Side);
            arbitration.Recombine(instrument);
        }

        if (!portfolio.Apply(instrument, execution, owner, arbitration, known))
        {
            return;
        }

        reconciler?.OnFill(e);

        if (!known && expected)
        {
            return;
        }

        if (!known)
        {
            // Somebody's order on our account: it counts in the position, and nothing may add until a person looked.
            _foreign++;
            if (reconciler is null)
            {
                risk.Degrade(TradingState.Reducing);
            }
            else
            {
                reconciler.OnForeignFill(e);
            }

            lanes.Mark(instrument, StrategyId.House);
            return;
        }

        reconciler?.OnOrder(place, e);
        bool late = OrderStateMachine.IsTerminal(orders[place].State);
        orders.Fill(place, execution.Quantity);
        if (isGuard)
        {
            HearGuard(place, OrderInput.Fill, e.ReceivedAt);
        }
        else
        {
            parents.OnFilled(orders[place], execution.Quantity);
        }

        if (late)
        {
            risk.OnLateFill(instrument);
        }

        ref readonly OrderRecord order = ref orders[place];
        if (order.Filled > Math.Max(order.Quantity, order.PendingQuantity))
        {
            _overfills++;
            risk.Degrade(TradingState.Halted);
        }

        if (OrderStateMachine.IsTerminal(order.State))
        {
            lanes.Mark(order.Instrument, order.Owner);
        }

        // A strategy that no longer quotes holds its position in the shared lane: what its last quote filled belongs there.
        if (owner != StrategyId.House && !arbitration.IsQuoting(owner, order.Instrument))
        {
            lanes.Mark(order.Instrument, StrategyId.House);
        }
    }

    /// <summary>Does once what a difference leads to. What is not as it was when it was found is left to the next reading.</summary>
    private void FoldAdjustment(in Event e)
    {
        ref readonly Adjustment done = ref e.Adjustment;
        if (!portfolio.TryCount(done.AdjustmentId))
        {
            return;
        }

        if (done.Action == AdjustmentAction.Halt)
        {
            risk.Degrade(TradingState.Halted);
        }
        else if (done.Action == AdjustmentAction.Adopt)
        {
            Adopt(e, done);
        }
    }

    private void Adopt(in Event e, in Adjustment done)
    {
        switch (done.Difference)
        {
            case DifferenceKind.OrderMissingThere or DifferenceKind.OrderPrice or DifferenceKind.OrderQuantity
                when orders.TryFind(done.Order, out int place):
                AdoptOrder(place, done, e.ReceivedAt);
                break;
            case DifferenceKind.PositionQuantity or DifferenceKind.PositionSide
                when portfolio.VenuePosition(e.Instrument) == done.Ours:
                AdoptPosition(e.Instrument, done, done.Theirs);
                break;
            case DifferenceKind.PositionPrice when portfolio.Position(e.Instrument).Cost == done.Ours:
                AdoptPosition(e.Instrument, done, portfolio.VenuePosition(e.Instrument));
                break;
            case DifferenceKind.Balance when portfolio.Cash(portfolio.IndexOf(done.Currency)) == done.Ours:
                portfolio.AdjustCash(done.Currency, done.Theirs - done.Ours);
                risk.OnCashAdjusted(portfolio.IndexOf(done.Currency), done.Theirs - done.Ours);
                break;
        }
    }

    private void AdoptOrder(int place, in Adjustment done, long now)
    {
        OrderRecord order = orders[place];
        FoldReport(
            place,
            new OrderReport
            {
                Order = order.Id,
                VenueOrder = done.VenueOrder,
                Price = done.Difference == DifferenceKind.OrderPrice ? done.Theirs : order.Price,
                Quantity = done.Difference == DifferenceKind.OrderQuantity ? done.Theirs : order.Quantity,
                CumulativeQuantity = order.Filled,
                Status = done.Difference == DifferenceKind.OrderMissingThere ? OrderStatus.Cancelled : OrderStatus.Amended,
                Reason = done.Difference == DifferenceKind.OrderMissingThere
                    ? ReportReason.VenueDecision
                    : ReportReason.None,
            },
            now);
    }

    private void AdoptPosition(InstrumentId instrument, in Adjustment done, long quantity)
    {
        portfolio.Adjust(instrument, quantity, done.VenuePrice, done.Strategy);
        risk.OnLateFill(instrument);
        lanes.Mark(instrument, StrategyId.House);
        lanes.Mark(instrument, done.Strategy);
    }
}
