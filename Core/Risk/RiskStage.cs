using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// The third stage: rules on every intent, fail closed. What is missing, stale or out of range denies; the part of an
/// order that only reduces risk passes the checks that guard against adding. Exposure is counted at its worst: position,
/// everything that still could trade, what this event already granted, and the new order.
/// </summary>
public sealed class RiskStage : IStateful
{
    private readonly RiskSettings _settings;
    private readonly MarketView _market;
    private readonly PortfolioLedger _portfolio;
    private readonly Exposure _exposure;
    private readonly LaneTable _lanes;
    private readonly OpenLanes _open;
    private readonly TradingSwitch _trading;
    private readonly MarketWatch _watch;
    private readonly ProtectiveExits _exits;
    private readonly OrderHistory _history = new();
    private readonly LaneTimes _rejected = new();
    private readonly Bounds[] _bounds = new Bounds[Limits.Instruments + 1];
    private readonly int[] _groupOf = new int[Limits.Instruments + 1];
    private readonly int[] _rowOf = new int[Limits.Instruments + 1];
    private readonly Grants _grants = new();
    private readonly SelfCross _self;
    private readonly OrderRuling _ruling;
    private readonly IChildPlanner _planner;
    private readonly CorrelationEstimator? _estimator;
    private readonly ProtectionAlarms? _alarms;
    private readonly ProtectionRuling? _protection;
    private readonly VenueStopPlan? _venueStops;
    private readonly CalendarGate? _calendars;

    /// <summary>Creates the stage.</summary>
    /// <param name="settings">The limits.</param>
    /// <param name="market">The market.</param>
    /// <param name="portfolio">Positions and cash.</param>
    /// <param name="exposure">What live orders could still do.</param>
    /// <param name="lanes">Where refused lanes ask to be stated again.</param>
    /// <param name="muted">Whom the exits take out.</param>
    /// <param name="brackets">The stops and targets that wishes brought with them.</param>
    /// <param name="planner">Cuts intents into orders.</param>
    /// <param name="protections">The stops that are to rest at the venue; null where none is asked for.</param>
    public RiskStage(
        RiskSettings settings,
        MarketView market,
        PortfolioLedger portfolio,
        Exposure exposure,
        LaneTable lanes,
        MutedWishes muted,
        Brackets brackets,
        IChildPlanner planner,
        Protections? protections = null)
    {
        Ensure.That((protections is null) == (settings.VenueStop is null), "stops at the venue need a table and a rule");
        Ensure.That(settings.MaxOrdersPerWindow <= RiskSettings.WindowOrdersMax, "order window larger than its ring");
        Ensure.That(settings.MaxRepeats < RiskSettings.RecentOrders, "repeat window larger than its ring");
        Ensure.That(settings.MaxWorkingOrders <= Limits.LiveOrders, "more working orders than the order table holds");
        Ensure.That(settings.InitialState != TradingState.None, "an initial trading state must be declared");
        Ensure.That(settings.FeePpm >= 0, "the fee to reserve must not be negative");
        _settings = settings;
        _planner = planner;
        _market = market;
        _lanes = lanes;
        _open = new OpenLanes(market, exposure, lanes, protections);
        _trading = new TradingSwitch(settings.InitialState);
        _watch = new MarketWatch(market, exposure, _open, _bounds);
        bool mustProtect = settings.Default.RequiresStop || Array.Exists(settings.Overrides, o => o.Limits.RequiresStop);
        _alarms = mustProtect || protections is not null ? new ProtectionAlarms(portfolio, protections) : null;
        _exits = new ProtectiveExits(settings.Exits, market, portfolio, muted, brackets, _bounds, _alarms);
        if (protections is not null)
        {
            _venueStops = new VenueStopPlan(settings.VenueStop!, market, portfolio, _exits, protections, _alarms!);
            _protection = new ProtectionRuling(market, _trading, exposure, protections, settings.RetryInterval);
        }

        _calendars = settings.Calendars is { } calendars ? new CalendarGate(calendars) : null;
        Gate = settings.Reconcile is { } reconcile ? new AccountGate(reconcile) : null;
        Figures = settings.Reconcile is { FiguresMaxAge: > 0 } figures
            ? new VenueFigures(figures, settings, Gate!, market, portfolio)
            : null;
        Breakers = new Breakers(settings.Breakers, settings.Day, portfolio, Gate);
        Array.Fill(_bounds, new Bounds(settings.Default));
        Array.Fill(_groupOf, -1);
        Array.Fill(_rowOf, -1);
        Ensure.That(
            settings.Correlation is null || settings.Estimated is null, "correlations are declared or estimated, not both");
        _estimator = settings.Estimated is { } estimated ? new CorrelationEstimator(estimated, _rowOf) : null;
        Account = settings.Account is { } account ? new AccountBook(account, market, portfolio) : null;
        Base = settings.Base is { } based ? new BaseValue(based, market, portfolio) : null;
        _portfolio = portfolio;
        _exposure = exposure;
        _self = new SelfCross(settings, market, exposure, _grants, _open);
        _ruling = new OrderRuling(
            settings,
            _trading,
            market,
            portfolio,
            exposure,
            _history,
            _rejected,
            _grants,
            _self,
            _groupOf,
            _rowOf,
            _estimator,
            brackets,
            Account,
            Base,
            Gate,
            Figures,
            _protection,
            _calendars,
            _bounds);
    }

    /// <summary>What the engine may do now.</summary>
    public TradingState State => _trading.State;

    /// <summary>The state under the latches: what it is once they are released.</summary>
    public TradingState Standing => _trading.Standing;

    /// <summary>True while a state that was taken over waits for a person to accept it.</summary>
    public bool IsHeld => _trading.IsHeld;

    /// <summary>True while the kill switch is latched.</summary>
    public bool IsKilled => _trading.IsKilled;

    /// <summary>The breakers.</summary>
    public Breakers Breakers { get; }

    /// <summary>Whether the account has been compared with the venue's; null where nobody does.</summary>
    public AccountGate? Gate { get; }

    /// <summary>What the venue says of cash and margin; null where it is not asked about.</summary>
    internal VenueFigures? Figures { get; }

    /// <summary>What the rules of the account ask about; null when there are none.</summary>
    public AccountBook? Account { get; }

    /// <summary>Values in the base currency; null when none is declared.</summary>
    public BaseValue? Base { get; }

    /// <summary>Checks that can refuse something with the settings and parts of this stage: bit n for check n.</summary>
    public ulong ActiveChecks => _ruling.ActiveChecks();

    /// <summary>Positions that were found without the stop that they must have.</summary>
    public long Unprotected => _exits.Unprotected;

    /// <summary>True when a strategy holds an instrument without the stop that it must have.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Whether a person has to look.</returns>
    public bool IsUnprotected(StrategyId strategy, InstrumentId instrument) => _exits.IsUnprotected(strategy, instrument);

    /// <summary>True when an operator stopped a strategy.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <returns>Whether it is out of everything.</returns>
    public bool IsStopped(StrategyId strategy) => _exits.IsStopped(strategy);

    /// <summary>True when an instrument trades and its market data is ready and fresh: what an order needs at least.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Whether its price can be acted on.</returns>
    public bool CanActOn(InstrumentId instrument) => _watch.CanActOn(_market[instrument]);

    /// <summary>Folds an instrument's definition: its limits are looked up once.</summary>
    /// <param name="instrument">The instrument; the market has folded its definition.</param>
    /// <param name="symbol">Its symbol.</param>
    public void Define(InstrumentId instrument, in Symbol24 symbol)
    {
        FindBounds(instrument, symbol);
        _calendars?.Define(instrument, symbol);
        _exits.Define(instrument);
    }

    /// <summary>
    /// Looks at what an event changed, before anybody decides: a market that can no longer be acted on, a breaker that trips,
    /// an exit that is touched. The lanes that it concerns are ruled on again at once.
    /// </summary>
    /// <param name="e">The event, already folded into market, portfolio and orders.</param>
    public void Watch(in Event e)
    {
        if (Account is not null && Account.See(e))
        {
            // Another day or a day trade more: what stands may not stand any more.
            _open.MarkAll();
        }

        if (_calendars is not null && _calendars.See(e))
        {
            _open.MarkAll();
        }

        _estimator?.See(_market.ClosedBars);
        _watch.See(e);
        Figures?.See(e);
        if (Breakers.See(e, e.ReceivedAt))
        {
            HoldByBreakers();
        }

        _exits.See(e);
        _venueStops?.See(e);
    }

    /// <summary>The next event about a position's protection to publish; it stays until its fold has seen it.</summary>
    /// <param name="next">Kind, payload and instrument are set.</param>
    /// <returns>False when nothing waits.</returns>
    internal bool TryNext(ref Event next) => _alarms is not null && _alarms.TryNext(ref next);

    /// <summary>Folds an event about a position's protection: it has been told.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="told">What was told.</param>
    internal void OnTold(InstrumentId instrument, in Protection told) => _alarms?.OnTold(instrument, told);

    /// <summary>A stop at the venue fills: whoever holds what it takes out is out, before the fill is shared.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="side">Its side.</param>
    internal void OnVenueStop(InstrumentId instrument, Side side) => _exits.OnVenueStop(instrument, side);

    /// <summary>The stop that the engine holds for a strategy's position.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">An instrument.</param>
    /// <returns>None when nothing bounds its loss.</returns>
    public ProtectiveExit StopOf(StrategyId strategy, InstrumentId instrument) =>
        _market.TryGet(instrument, out InstrumentMarket? its) && _exits.TryStop(strategy, its, out ProtectiveExit exit)
            ? exit
            : default;

    /// <summary>The best price that a strategy's open trade has seen.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Price units; 0 when no trailing stop looked.</returns>
    public long BestOf(StrategyId strategy, InstrumentId instrument) => _exits.BestOf(strategy, instrument);

    /// <summary>An open trade was taken over, in the portfolio already: its exits look at it from the first event on.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="best">The best price that it has seen, price units; 0 when nothing looked.</param>
    public void Adopt(StrategyId strategy, InstrumentId instrument, long best) => _exits.Adopt(strategy, instrument, best);

    /// <summary>Folds an operator's command.</summary>
    /// <param name="verb">The command.</param>
    /// <param name="strategy">Of whom it speaks, where it speaks of a strategy.</param>
    public void Obey(OperatorVerb verb, StrategyId strategy = default)
    {
        if (verb is OperatorVerb.StopStrategy or OperatorVerb.StartStrategy)
        {
            _exits.Stop(strategy, verb == OperatorVerb.StopStrategy);
            return;
        }

        if (verb == OperatorVerb.ResetBreakers)
        {
            Breakers.Reset();
            HoldByBreakers();
            return;
        }

        _trading.Obey(verb);
        _open.MarkAll();
    }

    /// <summary>Something does not add up: goes to a state that is at least as careful.</summary>
    /// <param name="state">Reducing or halted.</param>
    public void Degrade(TradingState state)
    {
        if (_trading.Degrade(state))
        {
            _open.MarkAll();
        }
    }

    /// <summary>What may be added to has changed: everything that stands or waits is ruled on again.</summary>
    internal void Restate() => _open.MarkAll();

    /// <summary>Cash became what the venue says that it is.</summary>
    /// <param name="currency">Its index.</param>
    /// <param name="amount">Money units more.</param>
    internal void OnCashAdjusted(int currency, long amount) => Breakers.OnCashAdjusted(currency, amount);

    /// <summary>
    /// A fill of an order that was reported dead: what it had reserved may have been given to others. Lanes that could now
    /// go beyond the limit are ruled on again; a position that is beyond it means REDUCING.
    /// </summary>
    /// <param name="instrument">Its instrument.</param>
    public void OnLateFill(InstrumentId instrument)
    {
        long position = _portfolio.VenuePosition(instrument);
        long most = position + _exposure.Open(instrument, Side.Buy);
        long least = position - _exposure.Open(instrument, Side.Sell);
        long limit = _bounds[instrument.Value].Position;
        if (Math.Max(Math.Abs(most), Math.Abs(least)) > limit)
        {
            _open.Mark(instrument);
        }

        if (Math.Abs(position) > limit)
        {
            Degrade(TradingState.Reducing);
        }
    }

    /// <summary>Old shares became new ones, in the portfolio already.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="ratio">New for old shares.</param>
    public void Split(InstrumentId instrument, in ShareRatio ratio)
    {
        _exits.Split(instrument, ratio);
        Account?.Split(instrument, ratio);
    }

    /// <summary>A lane's order was rejected: the lane waits.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="owner">Its owner.</param>
    /// <param name="now">ReceivedAt of the rejection.</param>
    public void OnRejected(InstrumentId instrument, StrategyId owner, long now) => _rejected[instrument, owner] = now;

    /// <summary>The order stage sent or amended an order.</summary>
    /// <param name="command">The command.</param>
    /// <param name="leaves">What may still be filled of it, quantity units.</param>
    /// <param name="priceBefore">Its price until now; 0 for a new one.</param>
    /// <param name="leavesBefore">What could still be filled of it until now.</param>
    /// <param name="now">ReceivedAt of its event.</param>
    public void OnSent(in Command command, long leaves, long priceBefore, long leavesBefore, long now)
    {
        _history.Add(now, command.Instrument, command.Side, command.Quantity, command.Price);
        Breakers.OnSent(now);
        if ((command.Flags & OrderFlags.Protective) == 0)
        {
            Figures?.OnSent(command, leaves, priceBefore, leavesBefore);
        }
    }

    /// <summary>Runs the stage on one event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Has the intents; gets the verdicts.</param>
    public void OnEvent(in Event e, ref Decision decision)
    {
        if (decision.IntentCount == 0)
        {
            return;
        }

        for (int i = 0; i < decision.IntentCount; i++)
        {
            ref readonly Intent intent = ref decision.Intents[i];
            ref Verdict verdict = ref decision.Verdicts[i];
            verdict = default;
            if (intent.Kind == IntentKind.Protection)
            {
                _protection!.Rule(intent, ref verdict);
                continue;
            }

            bool mayPass = intent.Kind == IntentKind.Target
                ? RuleOnTarget(intent, ref verdict)
                : RuleOnQuotes(intent, ref verdict);

            // Any of the checks, not only the first: an order cut to size and then refused by the rate comes again.
            // An exit comes again whatever stopped it.
            if (verdict.Ruling != Ruling.Approved && (mayPass || intent.Cause >= IntentCause.StopLoss))
            {
                _lanes.MarkAt(intent.Instrument, intent.Owner, e.ReceivedAt + _settings.RetryInterval);
            }
        }

        decision.VerdictCount = decision.IntentCount;
        _ruling.EndEvent();
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        _history.Visit(visitor);
        _rejected.Visit(visitor);
        _trading.Visit(visitor);
        _watch.Visit(visitor);
        Breakers.Visit(visitor);
        _exits.Visit(visitor);
        _self.Visit(visitor);
        Account?.Visit(visitor);
        _estimator?.Visit(visitor);
        Gate?.Visit(visitor);
        Figures?.Visit(visitor);
        _venueStops?.Visit(visitor);
        _alarms?.Visit(visitor);
        _calendars?.Visit(visitor);
        FindAllBounds();
    }

    /// <summary>
    /// Looks the limits up again: they are a function of settings and definitions, so they are not part of the state. Every
    /// visit ends with it, so that a restored stage cannot be left with the default limits; the market is visited before.
    /// </summary>
    private void FindAllBounds()
    {
        for (ushort i = 1; i <= _market.Highest; i++)
        {
            InstrumentId id = new(i);
            if (_market.TryGet(id, out InstrumentMarket? market))
            {
                FindBounds(id, market.Symbol);
            }
        }
    }

    private void FindBounds(InstrumentId instrument, in Symbol24 symbol)
    {
        _bounds[instrument.Value] = new Bounds(_settings.LimitsOf(symbol), _market[instrument].Definition);
        _groupOf[instrument.Value] = _settings.GroupOf(symbol);
        _rowOf[instrument.Value] = _settings.Correlation?.RowOf(symbol)
            ?? (_settings.Estimated is { } estimated ? CorrelationLimit.RowOf(estimated.Symbols, symbol) : -1);
    }

    private void HoldByBreakers()
    {
        TradingState floor = Breakers.Action switch
        {
            BreakerAction.Halt => TradingState.Halted,
            BreakerAction.Flatten or BreakerAction.Reduce => TradingState.Reducing,
            _ => TradingState.Active,
        };
        _trading.Hold(floor, (int)Breakers.Strongest);
        _exits.IsShut = Breakers.Flattens;
        if (Breakers.Flattens)
        {
            _exits.TakeAllOut(IntentCause.Breaker);
        }

        _open.MarkAll();
    }

    private bool RuleOnTarget(in Intent intent, ref Verdict verdict)
    {
        InstrumentMarket market = _market[intent.Instrument];
        if (!market.IsDefined)
        {
            return RefuseUnknown(ref verdict);
        }

        long delta = market.Definition.RoundToLot(intent.Target - intent.LanePosition);
        if (delta == 0)
        {
            verdict.Ruling = Ruling.Approved;
            _planner.End(intent.Instrument);
            return false;
        }

        Side side = Sides.OfDelta(delta);
        Child child = _planner.Plan(intent, market, side, Math.Abs(delta), MarketablePrice(market, side));
        verdict.Manner = child.Manner;
        verdict.Slice = child.Slice;
        if (child.Quantity == 0)
        {
            verdict.Ruling = Ruling.Approved;
            return false;
        }

        long price = child.Price;
        bool isExit = intent.Cause >= IntentCause.StopLoss;
        if (isExit)
        {
            price = WithinCollar(market, side, price);
        }

        if (child.Takes)
        {
            price = _self.StopShort(market, intent.Owner, side, price, isExit);
        }

        bool mayPass = Rule(
            market, intent.Owner, intent.Strategies, side, child.Quantity, price, ref verdict, out long granted);
        verdict.ApprovedDelta = side.Sign() * granted;
        verdict.ApprovedPrice = granted == 0 ? 0 : price;
        verdict.Ruling = granted == child.Quantity ? Ruling.Approved
            : granted == 0 ? Ruling.Refused
            : Ruling.Reduced;
        return mayPass;
    }

    private bool RuleOnQuotes(in Intent intent, ref Verdict verdict)
    {
        InstrumentMarket market = _market[intent.Instrument];
        if (!market.IsDefined)
        {
            return RefuseUnknown(ref verdict);
        }

        bool mayPass = false;
        if (intent.BidQuantity != 0)
        {
            mayPass |= Rule(
                market,
                intent.Owner,
                intent.Strategies,
                Side.Buy,
                intent.BidQuantity,
                intent.BidPrice,
                ref verdict,
                out verdict.ApprovedBid);
        }

        if (intent.AskQuantity != 0)
        {
            mayPass |= Rule(
                market,
                intent.Owner,
                intent.Strategies,
                Side.Sell,
                intent.AskQuantity,
                intent.AskPrice,
                ref verdict,
                out verdict.ApprovedAsk);
        }

        verdict.Ruling =
            verdict.ApprovedBid == intent.BidQuantity && verdict.ApprovedAsk == intent.AskQuantity ? Ruling.Approved
            : verdict.ApprovedBid == 0 && verdict.ApprovedAsk == 0 ? Ruling.Refused
            : Ruling.Reduced;
        return mayPass;
    }

    /// <summary>
    /// Rules on one order of an intent. The check of the lowest number that asks for less is written into the verdict.
    /// Returns true when what asks for less may pass by itself.
    /// </summary>
    private bool Rule(
        InstrumentMarket market,
        StrategyId owner,
        uint strategies,
        Side side,
        long wanted,
        long price,
        ref Verdict verdict,
        out long granted)
    {
        RiskCheck check = _ruling.Rule(market, owner, strategies, side, wanted, price);
        granted = check.Left;
        if (verdict.Reason == RiskReason.None || (check.Reason != RiskReason.None && check.Reason < verdict.Reason))
        {
            verdict.Reason = check.Reason;
            verdict.Observed = check.Observed;
            verdict.Limit = check.Limit;
        }

        return check.MayPass;
    }

    /// <summary>An instrument whose definition was refused: nothing may be worked, and what is working is cancelled.</summary>
    private bool RefuseUnknown(ref Verdict verdict)
    {
        verdict.Ruling = Ruling.Refused;
        verdict.Reason = _trading.IsKilled ? RiskReason.Killed
            : _trading.State == TradingState.Halted ? RiskReason.Halted
            : RiskReason.UnknownInstrument;
        verdict.Observed = 0;
        verdict.Limit = 1;
        return true;
    }

    /// <summary>
    /// An exit's bound is drawn into the collar instead of being refused by it: it takes what is offered within, and comes
    /// again for the rest.
    /// </summary>
    private long WithinCollar(InstrumentMarket market, Side side, long price)
    {
        if (!market.TryReferencePrice(out long reference) || reference <= 0)
        {
            return price;
        }

        ref readonly Instrument rules = ref market.Definition;
        long collar = _bounds[rules.Id.Value].Collar(reference);
        long edge = rules.RoundToTickPassive(reference + (side.Sign() * collar), side);
        return side == Side.Buy ? Math.Min(price, edge) : Math.Max(price, edge);
    }

    /// <summary>The bound of an order that wants to trade now: the touch and a band through it; 0 without any price.</summary>
    private long MarketablePrice(InstrumentMarket market, Side side)
    {
        long anchor = 0;
        if (market.TryBest(out long bid, out _, out long ask, out _))
        {
            anchor = side == Side.Buy ? ask : bid;
        }

        if (anchor <= 0 && !market.TryReferencePrice(out anchor))
        {
            return 0;
        }

        long band = Wide.MultiplyDivide(anchor, _settings.MarketableBandBps, 10_000);
        long bound = market.Definition.RoundToTickAggressive(anchor + (side.Sign() * band), side);
        return Math.Max(bound, market.Definition.Tick);
    }
}
