using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// The third stage: rules on every intent, fail closed. What is missing, stale or out of range denies; the part of an
/// order that only reduces risk passes the checks that guard against adding. Exposure is counted at its worst: position,
/// everything that still could trade, what this event already granted, and the new order.
/// </summary>
public sealed class RiskStage : IStateful
{
    private const int Owners = Limits.Strategies + 1;

    private readonly RiskSettings _settings;
    private readonly MarketView _market;
    private readonly PortfolioLedger _portfolio;
    private readonly Exposure _exposure;
    private readonly LaneTable _lanes;
    private readonly OrderHistory _history = new();
    private readonly InstrumentLimits[] _limits = new InstrumentLimits[Limits.Instruments + 1];
    private readonly long[] _rejectedAt = new long[(Limits.Instruments + 1) * Owners];
    private readonly Grants _grants = new();
    private readonly MoneyCheck _money;
    private int _state;
    private bool _killed;
    private bool _held;
    private bool _mayPass;

    // Bit i - 1: instrument i was found unfit and its lanes were marked for it.
    private ulong _unfit;

    /// <summary>Creates the stage.</summary>
    /// <param name="settings">The limits.</param>
    /// <param name="market">The market.</param>
    /// <param name="portfolio">Positions and cash.</param>
    /// <param name="exposure">What live orders could still do.</param>
    /// <param name="lanes">Where refused lanes ask to be stated again.</param>
    public RiskStage(
        RiskSettings settings, MarketView market, PortfolioLedger portfolio, Exposure exposure, LaneTable lanes)
    {
        Ensure.That(settings.MaxOrdersPerWindow <= RiskSettings.WindowOrdersMax, "order window larger than its ring");
        Ensure.That(settings.MaxRepeats < RiskSettings.RecentOrders, "repeat window larger than its ring");
        Ensure.That(settings.MaxWorkingOrders <= Limits.LiveOrders, "more working orders than the order table holds");
        Ensure.That(settings.InitialState != TradingState.None, "an initial trading state must be declared");
        _settings = settings;
        _market = market;
        _portfolio = portfolio;
        _exposure = exposure;
        _lanes = lanes;
        _state = (int)settings.InitialState;
        Array.Fill(_limits, settings.Default);
        _money = new MoneyCheck(settings, market, portfolio, exposure, _grants, _limits);
    }

    /// <summary>What the engine may do now.</summary>
    public TradingState State => _killed || _held ? TradingState.Halted : (TradingState)_state;

    /// <summary>The state under the latches: what it is once they are released.</summary>
    public TradingState Standing => (TradingState)_state;

    /// <summary>True while a state that was taken over waits for a person to accept it.</summary>
    public bool IsHeld => _held;

    /// <summary>True while the kill switch is latched.</summary>
    public bool IsKilled => _killed;

    /// <summary>Folds an instrument's definition: its limits are looked up once.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="symbol">Its symbol.</param>
    public void Define(InstrumentId instrument, in Symbol24 symbol) =>
        _limits[instrument.Value] = _settings.LimitsOf(symbol);

    /// <summary>
    /// Looks whether orders stand in a market that is halted, not ready or stale by now: their lanes are ruled on again at
    /// once, so that what adds risk is cancelled instead of resting blind until something else happens to the lane.
    /// </summary>
    /// <param name="e">The event, already folded into the market.</param>
    public void Watch(in Event e)
    {
        if (_exposure.LiveOrders == 0)
        {
            _unfit = 0;
            return;
        }

        switch (e.Kind)
        {
            case EventKind.BookLevels or EventKind.Quote or EventKind.Trade when e.EndsGroup:
                Watch(e.Instrument);
                break;
            case EventKind.Tick or EventKind.EpochStarted:
            case EventKind.TradingStatus or EventKind.StreamState or EventKind.InstrumentDefined:
                for (ushort i = 1; i <= _market.Highest; i++)
                {
                    Watch(new InstrumentId(i));
                }

                break;
        }
    }

    /// <summary>Folds an operator's command.</summary>
    /// <param name="verb">The command.</param>
    public void Obey(OperatorVerb verb)
    {
        switch (verb)
        {
            case OperatorVerb.Kill:
                _killed = true;
                _state = (int)TradingState.Halted;
                break;
            case OperatorVerb.ReleaseKill:
                _killed = false;
                break;
            case OperatorVerb.Hold:
                _held = true;
                break;
            case OperatorVerb.Accept:
                _held = false;
                break;
            case OperatorVerb.Reduce:
                Enter(TradingState.Reducing);
                break;
            case OperatorVerb.Halt:
                Enter(TradingState.Halted);
                break;
            case OperatorVerb.Activate when !_killed:
                Enter(TradingState.Active);
                break;
        }

        MarkAll();
    }

    /// <summary>Something does not add up: goes to a state that is at least as careful.</summary>
    /// <param name="state">Reducing or halted.</param>
    public void Degrade(TradingState state)
    {
        if ((int)state > _state)
        {
            _state = (int)state;
            MarkAll();
        }
    }

    /// <summary>A lane's order was rejected: the lane waits.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="owner">Its owner.</param>
    /// <param name="now">ReceivedAt of the rejection.</param>
    public void OnRejected(InstrumentId instrument, StrategyId owner, long now) =>
        _rejectedAt[Index(instrument, owner)] = now;

    /// <summary>The order stage sent or amended an order.</summary>
    /// <param name="command">The command.</param>
    /// <param name="now">ReceivedAt of its event.</param>
    public void OnSent(in Command command, long now) =>
        _history.Add(now, command.Instrument, command.Side, command.Quantity, command.Price);

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
            _mayPass = false;
            if (intent.Kind == IntentKind.Target)
            {
                RuleOnTarget(intent, ref verdict);
            }
            else
            {
                RuleOnQuotes(intent, ref verdict);
            }

            // Any of the checks, not only the first: an order cut to size and then refused by the rate comes again.
            if (verdict.Ruling != Ruling.Approved && _mayPass)
            {
                _lanes.MarkAt(intent.Instrument, intent.Owner, e.ReceivedAt + _settings.RetryInterval);
            }
        }

        decision.VerdictCount = decision.IntentCount;
        _grants.Clear();
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        _history.Visit(visitor);
        visitor.Visit<long>(_rejectedAt);
        visitor.Visit(ref _state);
        visitor.Visit(ref _killed);
        visitor.Visit(ref _held);
        visitor.Visit(ref _unfit);
        AfterRestore();
    }

    /// <summary>
    /// Looks the limits up again: they are a function of settings and definitions, so they are not part of the state. Every
    /// visit ends with it, so that a restored stage cannot be left with the default limits; the market is visited before.
    /// </summary>
    public void AfterRestore()
    {
        for (ushort i = 1; i <= _market.Highest; i++)
        {
            if (_market.TryGet(new InstrumentId(i), out InstrumentMarket? market))
            {
                _limits[i] = _settings.LimitsOf(market.Symbol);
            }
        }
    }

    private static int Index(InstrumentId instrument, StrategyId owner) => (instrument.Value * Owners) + owner.Value;

    private void Enter(TradingState state)
    {
        if (!_killed)
        {
            _state = (int)state;
        }
    }

    /// <summary>Every lane that could be affected is stated again under the new state.</summary>
    private void MarkAll()
    {
        for (ushort i = 1; i <= _market.Highest; i++)
        {
            InstrumentId instrument = new(i);
            if (_market.TryGet(instrument, out _))
            {
                _lanes.Mark(instrument, StrategyId.House);
            }

            MarkOpen(instrument);
        }
    }

    /// <summary>Every lane of an instrument that has an order is stated again.</summary>
    private void MarkOpen(InstrumentId instrument)
    {
        if (_exposure.Open(instrument, Side.Buy) == 0 && _exposure.Open(instrument, Side.Sell) == 0)
        {
            return;
        }

        for (ushort o = 0; o < Owners; o++)
        {
            StrategyId owner = new(o);
            if (_exposure.OpenInLane(instrument, owner, Side.Buy) != 0
                || _exposure.OpenInLane(instrument, owner, Side.Sell) != 0)
            {
                _lanes.Mark(instrument, owner);
            }
        }
    }

    /// <summary>States the lanes with orders again once an instrument's market can no longer be acted on.</summary>
    private void Watch(InstrumentId instrument)
    {
        if (instrument.Value is 0 or > Limits.Instruments)
        {
            return;
        }

        ulong bit = 1UL << (instrument.Value - 1);
        InstrumentMarket market = _market[instrument];
        bool fit = market.IsDefined
            && market.Status == TradingStatus.Open
            && market.IsReady
            && _market.Now - market.LastMarketAt <= _limits[instrument.Value].StaleAfter;
        if (fit)
        {
            _unfit &= ~bit;
        }
        else if ((_unfit & bit) == 0)
        {
            _unfit |= bit;
            MarkOpen(instrument);
        }
    }

    private void RuleOnTarget(in Intent intent, ref Verdict verdict)
    {
        InstrumentMarket market = _market[intent.Instrument];
        if (!market.IsDefined)
        {
            RefuseUnknown(ref verdict);
            return;
        }

        long delta = market.Definition.RoundToLot(intent.Target - intent.LanePosition);
        if (delta == 0)
        {
            verdict.Ruling = Ruling.Approved;
            return;
        }

        Side side = Sides.OfDelta(delta);
        long price = intent.LimitPrice != 0 ? intent.LimitPrice : MarketablePrice(market, side);
        long granted = Rule(market, intent.Owner, side, Math.Abs(delta), price, ref verdict);
        verdict.ApprovedDelta = side.Sign() * granted;
        verdict.ApprovedPrice = granted == 0 ? 0 : price;
        verdict.Ruling = granted == Math.Abs(delta) ? Ruling.Approved
            : granted == 0 ? Ruling.Refused
            : Ruling.Reduced;
    }

    private void RuleOnQuotes(in Intent intent, ref Verdict verdict)
    {
        InstrumentMarket market = _market[intent.Instrument];
        if (!market.IsDefined)
        {
            RefuseUnknown(ref verdict);
            return;
        }

        if (intent.BidQuantity != 0)
        {
            verdict.ApprovedBid =
                Rule(market, intent.Owner, Side.Buy, intent.BidQuantity, intent.BidPrice, ref verdict);
        }

        if (intent.AskQuantity != 0)
        {
            verdict.ApprovedAsk =
                Rule(market, intent.Owner, Side.Sell, intent.AskQuantity, intent.AskPrice, ref verdict);
        }

        verdict.Ruling =
            verdict.ApprovedBid == intent.BidQuantity && verdict.ApprovedAsk == intent.AskQuantity ? Ruling.Approved
            : verdict.ApprovedBid == 0 && verdict.ApprovedAsk == 0 ? Ruling.Refused
            : Ruling.Reduced;
    }

    /// <summary>An instrument whose definition was refused: nothing may be worked, and what is working is cancelled.</summary>
    private void RefuseUnknown(ref Verdict verdict)
    {
        verdict.Ruling = Ruling.Refused;
        verdict.Reason = _killed ? RiskReason.Killed
            : State == TradingState.Halted ? RiskReason.Halted
            : RiskReason.UnknownInstrument;
        verdict.Observed = 0;
        verdict.Limit = 1;
        _mayPass = true;
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

        long band = (long)((Int128)anchor * _settings.MarketableBandBps / 10_000);
        long bound = market.Definition.RoundToTickAggressive(anchor + (side.Sign() * band), side);
        return Math.Max(bound, market.Definition.Tick);
    }

    /// <summary>
    /// The one ruling on one order, every check in the order of its number. Returns the quantity that may be worked; the
    /// first check that asks for less is written into the verdict, unless an earlier order of the same intent was.
    /// </summary>
    private long Rule(
        InstrumentMarket market, StrategyId owner, Side side, long wanted, long price, ref Verdict verdict)
    {
        RiskCheck check = new(wanted);
        if (_killed)
        {
            check.Refuse(RiskReason.Killed, 1, 0);
        }

        if (State == TradingState.Halted)
        {
            check.Refuse(RiskReason.Halted, (int)TradingState.Halted, 0);
        }

        if (check.Left != 0)
        {
            Rule(market, owner, side, price, ref check);
        }

        if (verdict.Reason == RiskReason.None || (check.Reason != RiskReason.None && check.Reason < verdict.Reason))
        {
            verdict.Reason = check.Reason;
            verdict.Observed = check.Observed;
            verdict.Limit = check.Limit;
        }

        _mayPass |= check.MayPass;
        return check.Left;
    }

    private void Rule(InstrumentMarket market, StrategyId owner, Side side, long price, ref RiskCheck check)
    {
        Instrument instrument = market.Definition;
        InstrumentLimits limits = _limits[instrument.Id.Value];
        long position = _portfolio.VenuePosition(instrument.Id);
        long own = _exposure.OpenInLane(instrument.Id, owner, side);
        long others = _exposure.Open(instrument.Id, side) - own + _grants.Of(instrument.Id, side);

        // What only brings the position nearer to zero, given that everything else on this side trades first.
        bool against = side == Side.Buy ? position < 0 : position > 0;
        // In whole lots: a position may hold a remainder that no order can close.
        long reducing = against ? instrument.RoundToLot(Math.Clamp(Math.Abs(position) - others, 0, check.Left)) : 0;
        bool priced = market.TryReferencePrice(out long reference) && reference > 0;
        long age = _market.Now - market.LastMarketAt;

        check.KeepIf((TradingState)_state == TradingState.Active, reducing, RiskReason.Reducing, _state, 1);
        check.KeepIf(market.Status == TradingStatus.Open, 0, RiskReason.NotTrading, (long)market.Status, 1);
        check.KeepIf(priced, 0, RiskReason.NotReady, 0, 1);
        check.KeepIf(market.IsReady, reducing, RiskReason.NotReady, 0, 1);
        check.KeepIf(age <= limits.StaleAfter, reducing, RiskReason.Stale, age, limits.StaleAfter);
        check.KeepIf(price > 0 && price % instrument.Tick == 0, 0, RiskReason.PriceOffTick, price, instrument.Tick);
        check.KeepIf(
            check.Left % instrument.Lot == 0, 0, RiskReason.QuantityOffLot, check.Left, instrument.Lot);
        if (check.Left == 0)
        {
            return;
        }

        long collar = (long)((Int128)reference * limits.PriceCollarBps / 10_000);
        check.KeepIf(
            Math.Abs(price - reference) <= collar, 0, RiskReason.PriceCollar, Math.Abs(price - reference), collar);
        check.KeepIf(BigEnough(instrument, check.Left, price), 0, RiskReason.TooSmall, check.Left, instrument.MinQuantity);

        long maxQuantity = Math.Min(instrument.FromE9(limits.MaxOrderQuantityE9), instrument.MaxQuantity);
        check.Cap(maxQuantity, instrument, RiskReason.OrderQuantity, check.Left, maxQuantity);
        long notional = instrument.Notional(price, check.Left);
        if (notional > limits.MaxOrderNotional)
        {
            long fits = (long)((Int128)check.Left * limits.MaxOrderNotional / notional);
            check.Cap(fits, instrument, RiskReason.OrderNotional, notional, limits.MaxOrderNotional);
        }

        long directed = side.Sign() * position;
        long maxPosition = instrument.FromE9(limits.MaxPositionE9);
        long room = Math.Max(reducing, maxPosition - directed - others);
        check.Cap(room, instrument, RiskReason.Position, directed + others + Math.Max(own, check.Left), maxPosition);
        OrderCase order = new(market, side, own, others, reducing, Math.Max(price, reference));
        _money.CapByGross(order, ref check);

        // What stands already is no new order: to state it again must neither use up the rate nor be refused by it.
        bool stands = _exposure.Stands(instrument.Id, owner, side, check.Left, price);
        bool isNew = own == 0;
        int alive = _exposure.LiveOrders + _grants.NewOrders + (isNew ? 1 : 0);
        check.KeepIf(
            alive <= _settings.MaxWorkingOrders, reducing, RiskReason.WorkingOrders, alive, _settings.MaxWorkingOrders);
        int sent = _grants.Orders + _history.SentAfter(
            _market.Now - _settings.OrderWindow, _settings.MaxOrdersPerWindow);
        check.KeepIf(
            stands || sent < _settings.MaxOrdersPerWindow,
            reducing,
            RiskReason.OrderRate,
            sent,
            _settings.MaxOrdersPerWindow);
        int equal = _history.EqualAfter(
            _market.Now - _settings.RepeatWindow, _settings.MaxRepeats, instrument.Id, side, check.Left, price);
        check.KeepIf(
            stands || equal < _settings.MaxRepeats, reducing, RiskReason.RepeatIntent, equal, _settings.MaxRepeats);
        long rejectedAt = _rejectedAt[Index(instrument.Id, owner)];
        long since = _market.Now - rejectedAt;
        check.KeepIf(
            stands || rejectedAt == 0 || since >= _settings.RejectBackoff,
            0,
            RiskReason.Backoff,
            since,
            _settings.RejectBackoff);
        _money.CapByFunds(order, ref check);

        // What the caps left may have become too small to be an order, or no longer a whole lot.
        check.RoundToLot(instrument);
        if (check.Left != 0 && !BigEnough(instrument, check.Left, price))
        {
            check.Refuse(RiskReason.TooSmall, check.Left, instrument.MinQuantity);
        }

        if (check.Left != 0)
        {
            _grants.Add(instrument.Id, side, Math.Max(0, check.Left - own), stands, isNew);
        }
    }

    private static bool BigEnough(in Instrument instrument, long quantity, long price) =>
        quantity >= instrument.MinQuantity && instrument.Notional(price, quantity) >= instrument.MinNotional;
}
