using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Orders;
using LowLatency.Core.Orders.Reconciling;
using LowLatency.Core.Orders.Styles;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Pipeline;

/// <summary>Everything that shapes decisions and is known before the first event.</summary>
public sealed record PipelineSettings
{
    /// <summary>The strategies, ids dense from 1.</summary>
    public required StrategyBinding[] Strategies { get; init; }

    /// <summary>The policy.</summary>
    public required ArbitrationSettings Arbitration { get; init; }

    /// <summary>The limits.</summary>
    public required RiskSettings Risk { get; init; }

    /// <summary>The ways to work orders, and which one counts where a wish names none.</summary>
    public ExecutionStyles Execution { get; init; } = ExecutionStyles.BuiltIn;

    /// <summary>Bar lengths to keep for every instrument, nanoseconds; the strategies' needs included.</summary>
    public required long[] Timeframes { get; init; }

    /// <summary>Nanoseconds after a bar's end for which its trades may still arrive.</summary>
    public required long BarGrace { get; init; }

    /// <summary>What is believed of market data.</summary>
    public MarketGuard Guard { get; init; } = MarketGuard.None;

    /// <summary>Bars missing after an interruption from which on strategies warm up again; 0 for never.</summary>
    public int RewarmAfter { get; init; }
}

/// <summary>
/// One causal step for each event: fold the fact into the shared state, then signal, arbitration, risk, order. It is
/// called and never calls; the same events give the same decisions, bit for bit.
/// </summary>
/// <remarks>
/// The parts are public so that a topology may give each stage a thread of its own; they must be called in this order,
/// and the fold of the next event only after the order stage has finished this one.
/// </remarks>
public sealed class DecisionPipeline : IStateful
{
    private readonly LaneTable _lanes = new();
    private readonly Exposure _exposure = new();
    private readonly SignalStage _signal;
    private readonly ArbitrationStage _arbitration;

    /// <summary>Creates the pipeline; all its memory is allocated here or when an instrument is defined.</summary>
    /// <param name="settings">The settings.</param>
    public DecisionPipeline(PipelineSettings settings)
    {
        Market = new MarketView(settings.Timeframes, settings.BarGrace, guard: settings.Guard);
        Portfolio = new PortfolioLedger(Market);
        Orders = new OrderTable(_exposure);
        Parents = new ParentOrders(settings.Execution, Market, _exposure, Orders, _lanes);
        _signal = new SignalStage(
            Market, Portfolio, settings.Strategies, settings.Execution, settings.RewarmAfter);
        Protections = settings.Risk.VenueStop is null ? null : new Protections();
        _arbitration = new ArbitrationStage(
            settings.Arbitration, Market, Portfolio, _lanes, settings.Execution, Protections);
        Risk = new RiskStage(
            settings.Risk,
            Market,
            Portfolio,
            _exposure,
            _lanes,
            _arbitration.Muted,
            _arbitration.Brackets,
            Parents,
            Protections);
        Reconciler = Risk.Gate is null ? null : new Reconciler(Orders, Portfolio, Market, _exposure, Risk);
        OrderStage = new OrderStage(
            Orders,
            Portfolio,
            _arbitration,
            Risk,
            _lanes,
            Parents,
            Market,
            settings.Risk.RetryInterval,
            Reconciler,
            Protections);
        Crossing = new InternalCrossing(Market, Portfolio, _arbitration, Risk, _exposure, _lanes);
    }

    /// <summary>The market.</summary>
    public MarketView Market { get; }

    /// <summary>Positions and cash.</summary>
    public PortfolioLedger Portfolio { get; }

    /// <summary>The arbitration stage.</summary>
    public ArbitrationStage Arbitration => _arbitration;

    /// <summary>Our orders.</summary>
    public OrderTable Orders { get; }

    /// <summary>What the shared lanes work in a style.</summary>
    public ParentOrders Parents { get; }

    /// <summary>What strategies hand to one another.</summary>
    public InternalCrossing Crossing { get; }

    /// <summary>The risk stage.</summary>
    public RiskStage Risk { get; }

    /// <summary>Compares with the venue's account; null where nobody does.</summary>
    public Reconciler? Reconciler { get; }

    /// <summary>The stops that are to rest at the venue; null where none is asked for.</summary>
    public Protections? Protections { get; }

    /// <summary>The order stage.</summary>
    public OrderStage OrderStage { get; }

    /// <summary>Signals that found no room in their events and left with later ones.</summary>
    public long DelayedSignals => _signal.Delayed;

    /// <summary>What a strategy sees and has said.</summary>
    /// <param name="strategy">A strategy of the settings.</param>
    /// <returns>Its context, to read.</returns>
    public StrategyContext ContextOf(StrategyId strategy) => _signal.Context(strategy);

    /// <summary>When a lane that was refused is tried again.</summary>
    /// <param name="instrument">The lane's instrument.</param>
    /// <param name="owner">The lane's owner.</param>
    /// <returns>ReceivedAt; 0 when no retry is set.</returns>
    public long RetryAt(InstrumentId instrument, StrategyId owner) => _lanes.RetryAt(instrument, owner);

    /// <summary>The next event that what was folded leads to, to be published right after it: it stays until it was folded.</summary>
    /// <param name="next">Kind, payload and instrument are set.</param>
    /// <returns>False when nothing waits.</returns>
    public bool TryNext(ref Event next) => (Reconciler is not null && Reconciler.TryNext(ref next)) || Risk.TryNext(ref next);

    /// <summary>The whole step.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Gets the sections.</param>
    public void OnEvent(in Event e, ref Decision decision)
    {
        Fold(e, ref decision);
        Signal(e, ref decision);
        Arbitrate(e, ref decision);
        Rule(e, ref decision);
        Order(e, ref decision);
    }

    /// <summary>Folds the fact into market, portfolio, orders and trading state, and empties the sections.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Is emptied.</param>
    public void Fold(in Event e, ref Decision decision)
    {
        decision.Clear();
        Portfolio.BeginEvent(e.Sequence);
        Market.Apply(e);
        switch (e.Kind)
        {
            case EventKind.InstrumentDefined when Market.TryGet(e.Instrument, out _):
                Portfolio.Define(e.Instrument, e.InstrumentDefined);
                Risk.Define(e.Instrument, e.InstrumentDefined.Symbol);
                break;
            case EventKind.CashMoved:
                Portfolio.Move(e.CashMoved);
                break;
            case EventKind.CashBooked when Market.TryGet(e.Instrument, out _):
                Portfolio.Book(e.Instrument, e.CashBooked);
                break;
            case EventKind.CorporateAction when Market.TryGet(e.Instrument, out InstrumentMarket? share):
                Act(share.Definition, e);
                break;
            case EventKind.EpochStarted:
                OrderStage.Begin(e.EpochStarted.Epoch);
                break;
            case EventKind.Operator:
                Risk.Obey(e.Operator.Verb, e.Operator.Strategy);
                break;
            case EventKind.CommandOutcome:
            case EventKind.OrderReport:
            case EventKind.Execution:
            case EventKind.Adjustment:
                OrderStage.Fold(e);
                break;
            case EventKind.Protection:
                Risk.OnTold(e.Instrument, e.Protection);
                break;
        }

        Portfolio.Mark(e);
        Reconciler?.See(e);
        Risk.Watch(e);
        Parents.See(e);
    }

    /// <summary>
    /// A corporate action, from left to right: the market has it already; portfolio, wishes and risk follow, before anybody
    /// decides. Dividends and cash in lieu are cash that the venue books.
    /// </summary>
    private void Act(in Instrument rules, in Event e)
    {
        if (e.CorporateAction.Splits)
        {
            ShareRatio ratio = new(e.CorporateAction.NewShares, e.CorporateAction.OldShares);
            Span<long> before = stackalloc long[Limits.Strategies + 1];
            for (ushort s = 0; s <= Limits.Strategies; s++)
            {
                before[s] = Portfolio.VirtualPosition(new StrategyId(s), rules.Id);
            }

            Portfolio.Split(rules.Id, ratio, e.Sequence);
            _signal.Split(rules, ratio, before);
            _arbitration.Split(rules, ratio, before);
            Risk.Split(rules.Id, ratio);
            Parents.Split(rules.Id);
        }
        else if (e.CorporateAction is { Action: CorporateActionKind.Dividend, Effect: CorporateActionEffect.InForce })
        {
            Portfolio.Entitle(rules.Id);
        }
        else if (e.CorporateAction.Delists)
        {
            _signal.Delist(rules.Id);
            _arbitration.Delist(rules.Id);
            Parents.End(rules.Id);
            if (!Portfolio.IsHeld(rules.Id))
            {
                Market[rules.Id].TryReferencePrice(out long price);
                Portfolio.CloseOut(rules.Id, Math.Max(0, price));
            }
        }
    }

    /// <summary>What standing wishes offset changes hands; then the first stage: what the strategies want changed.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Gets the signals.</param>
    public void Signal(in Event e, ref Decision decision)
    {
        Crossing.See(e);
        _signal.OnEvent(e, ref decision);
    }

    /// <summary>Second stage: what the portfolio wants.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Gets suppressions and intents.</param>
    public void Arbitrate(in Event e, ref Decision decision) => _arbitration.OnEvent(e, ref decision);

    /// <summary>Third stage: what is allowed.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Gets the verdicts.</param>
    public void Rule(in Event e, ref Decision decision) => Risk.OnEvent(e, ref decision);

    /// <summary>Fourth stage: what is sent.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Gets the commands.</param>
    public void Order(in Event e, ref Decision decision) => OrderStage.OnEvent(e, ref decision);

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        Market.Visit(visitor);
        _signal.Visit(visitor);
        _arbitration.Visit(visitor);
        _lanes.Visit(visitor);
        _exposure.Visit(visitor);
        Portfolio.Visit(visitor);
        Risk.Visit(visitor);
        Orders.Visit(visitor);
        Parents.Visit(visitor);
        OrderStage.Visit(visitor);
        Reconciler?.Visit(visitor);
    }
}
