using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Orders.Reconciling;
using LowLatency.Core.Orders.Styles;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders;

/// <summary>
/// The fourth stage: the difference between what risk approved and what is working becomes new, amend and cancel
/// commands, cancels first. What finds no room in an event waits in its lane, and the driver publishes a Continue event at
/// once.
/// </summary>
/// <remarks>
/// A lane has at most one live order on each side, and acts only on orders whose last request was answered: an order in
/// flight or unknown blocks its lane, and the report that answers it marks the lane again.
/// </remarks>
public sealed class OrderStage : IStateful
{
    private readonly OrderTable _orders;
    private readonly PortfolioLedger _portfolio;
    private readonly ReportFold _reports;
    private readonly RiskStage _risk;
    private readonly LaneTable _lanes;
    private readonly ParentOrders _parents;
    private readonly MarketView _market;
    private readonly Reconciler? _reconciler;
    private readonly GuardOrders _guards;
    private readonly Protections? _protections;
    private readonly long _retryInterval;
    private int _epoch;
    private long _newOrders;
    private long _amendments;
    private long _cancels;

    /// <summary>Creates the stage.</summary>
    /// <param name="orders">Our orders.</param>
    /// <param name="portfolio">Where executions are folded.</param>
    /// <param name="arbitration">Who is meant to hold what.</param>
    /// <param name="risk">Is told of orders sent and rejected.</param>
    /// <param name="lanes">Lanes that have to be stated again.</param>
    /// <param name="parents">Is told what became of the orders that it planned.</param>
    /// <param name="market">Where instruments are defined.</param>
    /// <param name="retryInterval">Nanoseconds that a lane waits when an order ended without being asked to.</param>
    /// <param name="reconciler">Compares with the venue's account; null where nobody does.</param>
    /// <param name="protections">The stops that are to rest at the venue; null for none.</param>
    public OrderStage(
        OrderTable orders,
        PortfolioLedger portfolio,
        ArbitrationStage arbitration,
        RiskStage risk,
        LaneTable lanes,
        ParentOrders parents,
        MarketView market,
        long retryInterval,
        Reconciler? reconciler = null,
        Protections? protections = null)
    {
        _market = market;
        _orders = orders;
        _portfolio = portfolio;
        _protections = protections;
        _guards = new GuardOrders(orders, protections, risk, retryInterval);
        _reports = new ReportFold(orders, portfolio, arbitration, risk, lanes, parents, _guards, retryInterval, reconciler);
        _reconciler = reconciler;
        _risk = risk;
        _lanes = lanes;
        _parents = parents;
        _retryInterval = retryInterval;
    }

    /// <summary>Executions and reports of orders that this instance did not make or no longer knows.</summary>
    public long Foreign => _reports.Foreign;

    /// <summary>Executions beyond an order's quantity: each one halts.</summary>
    public long Overfills => _reports.Overfills;

    /// <summary>Orders that ended with more filled by the venue's count than by their executions: each one reduces.</summary>
    public long MissingExecutions => _reports.MissingExecutions;

    /// <summary>Answers to amendments that were answered before.</summary>
    public long StrayAmendments => _reports.StrayAmendments;

    /// <summary>New orders commanded.</summary>
    public long NewOrders => _newOrders;

    /// <summary>Amendments commanded.</summary>
    public long Amendments => _amendments;

    /// <summary>Cancels commanded.</summary>
    public long Cancels => _cancels;

    /// <summary>A new run began: orders get its number, and everything in flight is unknown.</summary>
    /// <param name="epoch">The run's number.</param>
    public void Begin(int epoch)
    {
        _epoch = epoch;
        _orders.OnEpochStarted();
        _guards.OnEpochStarted();
    }

    /// <summary>Folds a report before the stages run. Only an execution moves a position.</summary>
    /// <param name="e">A command outcome, an order report, an execution or an adjustment.</param>
    public void Fold(in Event e) => _reports.Fold(e);

    /// <summary>Runs the stage on one event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Has intents and verdicts; gets the commands.</param>
    public void OnEvent(in Event e, ref Decision decision)
    {
        if (decision.VerdictCount != 0)
        {
            // Cancels first: they free exposure and never wait behind a new order.
            for (int i = 0; i < decision.VerdictCount; i++)
            {
                if (decision.Intents[i].Kind != IntentKind.Protection)
                {
                    Cancel(decision.Intents[i], decision.Verdicts[i], e, ref decision);
                }
            }

            for (int i = 0; i < decision.VerdictCount; i++)
            {
                ref readonly Intent intent = ref decision.Intents[i];
                if (intent.Kind == IntentKind.Protection)
                {
                    Guard(intent, decision.Verdicts[i], e, ref decision);
                    continue;
                }

                Work(intent, decision.Verdicts[i], e, ref decision);
                if (decision.Verdicts[i].Ruling != Ruling.Approved)
                {
                    _parents.Quieten(intent.Instrument, intent.Owner, e.ReceivedAt + _retryInterval);
                }

                _parents.Arm(intent.Instrument, intent.Owner);
            }
        }

        int sent = decision.CommandCount;
        int others = _reconciler is not null && _reconciler.Cancel(e, ref decision) ? 1 : 0;
        others += _guards.Sweep(e, _reconciler, ref decision) + (_protections?.Count ?? 0);
        _cancels += decision.CommandCount - sent;

        // Lanes wait only for a decision; inside a group they wait for its end, which comes by itself.
        bool waits = e.EndsGroup && (!_lanes.IsEmpty || others != 0);
        decision.Waiting = waits ? (byte)Math.Min(255, _lanes.Count + others) : (byte)0;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _epoch);
        _reports.Visit(visitor);
        visitor.Visit(ref _newOrders);
        visitor.Visit(ref _amendments);
        visitor.Visit(ref _cancels);
        _guards.Visit(visitor);
    }

    /// <summary>Works the stop of a position, and counts what it took.</summary>
    private void Guard(in Intent intent, in Verdict verdict, in Event e, ref Decision decision)
    {
        int sent = decision.CommandCount;
        _guards.Work(
            intent, verdict, OrderId.Of(_epoch, e.Sequence, decision.CommandCount), e, _reconciler, ref decision);
        if (decision.CommandCount > sent)
        {
            CommandVerb verb = decision.Commands[sent].Verb;
            _newOrders += verb == CommandVerb.New ? 1 : 0;
            _amendments += verb == CommandVerb.Amend ? 1 : 0;
            _cancels += verb == CommandVerb.Cancel ? 1 : 0;
        }
    }

    /// <summary>Cancels what the verdict no longer covers.</summary>
    private void Cancel(in Intent intent, in Verdict verdict, in Event e, ref Decision decision)
    {
        long buy = intent.Kind == IntentKind.Quotes ? verdict.ApprovedBid : Math.Max(0, verdict.ApprovedDelta);
        long sell = intent.Kind == IntentKind.Quotes ? verdict.ApprovedAsk : Math.Max(0, -verdict.ApprovedDelta);
        if (buy == 0 || MustReplace(intent, verdict, Side.Buy))
        {
            Cancel(intent, Side.Buy, e, ref decision);
        }

        if (sell == 0 || MustReplace(intent, verdict, Side.Sell))
        {
            Cancel(intent, Side.Sell, e, ref decision);
        }
    }

    /// <summary>
    /// True when the live order cannot be amended into the one that is approved: it only takes or only rests, works at other
    /// hours, or may only reduce what is now to be turned. It is cancelled, and stays reserved until that is proven; the new
    /// one follows the answer.
    /// </summary>
    private bool MustReplace(in Intent intent, in Verdict verdict, Side side)
    {
        int place = intent.Kind == IntentKind.Target ? _orders.LiveInLane(intent.Instrument, intent.Owner, side) : -1;
        if (place < 0)
        {
            return false;
        }

        ref readonly OrderRecord order = ref _orders[place];
        bool posts = (order.Flags & OrderFlags.PostOnly) != 0;
        bool extends = (order.Flags & OrderFlags.ExtendedHours) != 0;
        bool onlyReduces = (order.Flags & OrderFlags.ReduceOnly) != 0;
        return posts != (verdict.Manner == Manner.Post)
            || extends != _parents.IsExtended(intent)
            || (onlyReduces && !OnlyReduces(intent, verdict))
            || (verdict.Manner == Manner.Take && order.TimeInForce == TimeInForce.GoodTillCancel);
    }

    private void Cancel(in Intent intent, Side side, in Event e, ref Decision decision)
    {
        int place = _orders.LiveInLane(intent.Instrument, intent.Owner, side);
        if (place < 0)
        {
            return;
        }

        // In flight or unknown: with the kill switch on, the cancel follows at once; otherwise the answer marks the lane.
        ref readonly OrderRecord order = ref _orders[place];
        bool may = order.State == OrderState.Working
            || (_risk.IsKilled && order.State is OrderState.PendingNew or OrderState.PendingAmend or OrderState.Unknown);
        if (!may)
        {
            return;
        }

        if (decision.CommandCount == Limits.CommandsPerEvent)
        {
            _lanes.Mark(intent.Instrument, intent.Owner);
            return;
        }

        Emit(new Command
        {
            Order = order.Id,
            VenueOrder = order.VenueOrder,
            Price = order.Price,
            Quantity = order.Quantity,
            Instrument = order.Instrument,
            Owner = order.Owner,
            Verb = CommandVerb.Cancel,
            Side = order.Side,
            Type = OrderType.Limit,
            TimeInForce = order.TimeInForce,
            Flags = order.Flags,
        }, ref decision);
        _orders.Apply(place, OrderInput.AskCancel);
        _reconciler?.OnOrder(place, e);
        _cancels++;
    }

    /// <summary>Works what the verdict covers: a new order, or an amendment of the working one.</summary>
    private void Work(in Intent intent, in Verdict verdict, in Event e, ref Decision decision)
    {
        if (intent.Kind == IntentKind.Quotes)
        {
            Work(intent, Side.Buy, verdict.ApprovedBid, intent.BidPrice, resting: true, OrderFlags.PostOnly, e, ref decision);
            Work(intent, Side.Sell, verdict.ApprovedAsk, intent.AskPrice, resting: true, OrderFlags.PostOnly, e, ref decision);
            return;
        }

        Side side = Sides.OfDelta(verdict.ApprovedDelta);
        if (side != Side.None
            && _orders.LiveInLane(intent.Instrument, intent.Owner, side.Opposite()) < 0
            && !MustReplace(intent, verdict, side))
        {
            bool resting = verdict.Manner is Manner.Rest or Manner.Post
                || (verdict.Manner == Manner.AsWished && intent.LimitPrice != 0);
            Work(
                intent,
                side,
                Math.Abs(verdict.ApprovedDelta),
                verdict.ApprovedPrice,
                resting,
                (OnlyReduces(intent, verdict) ? OrderFlags.ReduceOnly : OrderFlags.None)
                    | (verdict.Manner == Manner.Post ? OrderFlags.PostOnly : OrderFlags.None)
                    | (_parents.IsExtended(intent) ? OrderFlags.ExtendedHours : OrderFlags.None),
                e,
                ref decision);
        }
    }

    /// <summary>
    /// What closes a part of the account's position, by an exit, because nothing is wanted any more, or where a stop may rest for
    /// the same position, must not turn it, whatever else fills before it. A spot pair cannot be turned, and its venues know
    /// no such order.
    /// </summary>
    private bool OnlyReduces(in Intent intent, in Verdict verdict)
    {
        long position = _portfolio.VenuePosition(intent.Instrument);
        return (intent.Cause >= IntentCause.StopLoss || intent.Target == 0
                || _protections is not null)
            && _market[intent.Instrument].Definition.Kind != InstrumentKind.Spot
            && Math.Sign(verdict.ApprovedDelta) == -Math.Sign(position)
            && Math.Abs(verdict.ApprovedDelta) <= Math.Abs(position);
    }

    private void Work(
        in Intent intent,
        Side side,
        long quantity,
        long price,
        bool resting,
        OrderFlags flags,
        in Event e,
        ref Decision decision)
    {
        if (quantity == 0)
        {
            return;
        }

        int place = _orders.LiveInLane(intent.Instrument, intent.Owner, side);
        if (place >= 0 && !NeedsAmendment(_orders[place], quantity, price))
        {
            return;
        }

        if (decision.CommandCount == Limits.CommandsPerEvent)
        {
            _lanes.Mark(intent.Instrument, intent.Owner);
            return;
        }

        Command command = new()
        {
            Price = price,
            Instrument = intent.Instrument,
            Owner = intent.Owner,
            Side = side,
            Type = OrderType.Limit,
            TimeInForce = resting ? TimeInForce.GoodTillCancel : TimeInForce.ImmediateOrCancel,
            Flags = flags,
        };
        long before = place < 0 ? 0 : _orders[place].Price;
        long leavesBefore = place < 0 ? 0 : _orders[place].Leaves;
        if (place < 0)
        {
            command.Verb = CommandVerb.New;
            command.Order = OrderId.Of(_epoch, e.Sequence, decision.CommandCount);
            command.Quantity = quantity;
            _orders.Add(command, e.ReceivedAt);
            _newOrders++;
            if (_reconciler is not null && _orders.TryFind(command.Order, out int added))
            {
                _reconciler.OnOrder(added, e);
            }
        }
        else
        {
            ref readonly OrderRecord order = ref _orders[place];
            command.Verb = CommandVerb.Amend;
            command.Order = order.Id;
            command.VenueOrder = order.VenueOrder;
            command.Quantity = order.Filled + quantity;
            _orders.AskAmend(place, price, command.Quantity);
            _reconciler?.OnOrder(place, e);
            _amendments++;
        }

        Emit(command, ref decision);
        _risk.OnSent(command, quantity, before, leavesBefore, e.ReceivedAt);
        _parents.OnSent(command, before);
    }

    /// <summary>Only a resting order whose last request was answered can be amended, and only when it differs.</summary>
    private static bool NeedsAmendment(in OrderRecord order, long quantity, long price) =>
        order.State == OrderState.Working
        && order.TimeInForce == TimeInForce.GoodTillCancel
        && (order.Price != price || order.Leaves != quantity);

    private static void Emit(in Command command, ref Decision decision) =>
        decision.Commands[decision.CommandCount++] = command;
}
