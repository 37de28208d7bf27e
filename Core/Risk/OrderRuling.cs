using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// The ruling on one order: every check in the order of its number. What is missing, stale or out of range denies; the
/// part of an order that only reduces risk passes the checks that guard against adding.
/// </summary>
internal sealed class OrderRuling
{
    private readonly RiskSettings _settings;
    private readonly TradingSwitch _trading;
    private readonly MarketView _market;
    private readonly PortfolioLedger _portfolio;
    private readonly Exposure _exposure;
    private readonly OrderHistory _history;
    private readonly LaneTimes _rejected;
    private readonly Bounds[] _bounds;
    private readonly Grants _grants;
    private readonly SelfCross _self;
    private readonly ConcentrationCheck _concentration;
    private readonly Valuer _valuer;
    private readonly MoneyCheck _money;
    private readonly TradeLossCheck _loss;
    private readonly AccountCheck? _account;
    private readonly CorrelationCheck? _correlation;
    private readonly BaseCheck? _base;
    private readonly AccountGate? _gate;
    private readonly VenueFigures? _figures;
    private readonly ProtectionRuling? _protection;
    private readonly CalendarGate? _calendars;

    internal OrderRuling(
        RiskSettings settings,
        TradingSwitch trading,
        MarketView market,
        PortfolioLedger portfolio,
        Exposure exposure,
        OrderHistory history,
        LaneTimes rejected,
        Grants grants,
        SelfCross self,
        int[] groupOf,
        int[] rowOf,
        CorrelationEstimator? estimator,
        Brackets brackets,
        AccountBook? account,
        BaseValue? values,
        AccountGate? gate,
        VenueFigures? figures,
        ProtectionRuling? protection,
        CalendarGate? calendars,
        Bounds[] bounds)
    {
        _calendars = calendars;
        _protection = protection;
        _gate = gate;
        _figures = figures;
        _settings = settings;
        _trading = trading;
        _market = market;
        _portfolio = portfolio;
        _exposure = exposure;
        _history = history;
        _rejected = rejected;
        _bounds = bounds;
        _grants = grants;
        _self = self;
        _concentration = new ConcentrationCheck(settings, groupOf);
        _valuer = new Valuer(settings, market, portfolio, exposure, _grants, bounds, groupOf, account);
        _money = new MoneyCheck(settings, portfolio, exposure, _grants, _valuer);
        _loss = new TradeLossCheck(settings.Exits, brackets, portfolio, bounds);
        _account = account is null
            ? null
            : new AccountCheck(settings.Account!, account, market, portfolio, exposure, grants, _valuer);
        _correlation = settings.Correlation is not null || estimator is not null
            ? new CorrelationCheck(
                settings.Correlation, settings.Estimated, estimator, market, portfolio, exposure, grants, rowOf)
            : null;
        _base = values is null ? null : new BaseCheck(settings.Base!, values, market, portfolio, exposure, grants);
    }

    /// <summary>Checks that can refuse something: bit n for check n.</summary>
    internal ulong ActiveChecks()
    {
        ulong active = 0;
        Add(RiskReason.Concentration, _settings.MaxConcentrationPpm != 0);
        Add(RiskReason.NetNotional, _settings.MaxNetNotional != 0);
        Add(RiskReason.GroupGross, _settings.Groups.Length != 0);
        Add(RiskReason.GroupNet, _settings.Groups.Length != 0);
        Add(RiskReason.NoRule, _account is not null);
        Add(RiskReason.BuyingPower, _account is not null && _settings.Account!.Kind == AccountKind.Margin);
        Add(RiskReason.DayTrades, _account is not null && _settings.Account!.Kind == AccountKind.Margin);
        Add(RiskReason.Unsettled, _account is not null && _settings.Account!.Kind == AccountKind.Cash);
        Add(RiskReason.Correlation, _correlation is not null);
        Add(RiskReason.Rate, _base is not null);
        Add(RiskReason.BaseGross, _settings.Base is { MaxGrossNotional: not 0 });
        Add(RiskReason.VenueStop, _protection is not null);
        Add(RiskReason.CalendarUnread, _calendars is not null);
        Add(RiskReason.CalendarDiffers, _calendars is not null);
        AddLimits(_settings.Default);
        foreach (InstrumentOverride entry in _settings.Overrides)
        {
            AddLimits(entry.Limits);
        }

        for (RiskReason always = RiskReason.Killed; always <= RiskReason.SelfCross; always++)
        {
            bool mayBeOff = always is RiskReason.Concentration or RiskReason.NetNotional or RiskReason.GroupGross or RiskReason.GroupNet;
            Add(always, !mayBeOff);
        }

        return active;

        void AddLimits(InstrumentLimits limits)
        {
            Add(RiskReason.TradeLoss, limits.MaxTradeLoss != 0);
            Add(RiskReason.NoStop, limits.RequiresStop);
            Add(RiskReason.VisibleDepth, limits.MaxDepthPpm != 0);
            Add(RiskReason.Impact, limits.MaxImpactBps != 0);
        }

        void Add(RiskReason check, bool isActive) => active |= isActive ? 1UL << (int)check : 0;
    }

    /// <summary>The event is over: what it was granted is an order by now.</summary>
    internal void EndEvent() => _grants.Clear();

    /// <summary>Rules on an order of a defined instrument.</summary>
    /// <param name="market">Its market.</param>
    /// <param name="owner">Its lane's owner.</param>
    /// <param name="strategies">Bit s: strategy s has a part in it.</param>
    /// <param name="side">Its side.</param>
    /// <param name="wanted">Quantity units, positive.</param>
    /// <param name="price">Price units.</param>
    /// <returns>What is left of it, and why.</returns>
    internal RiskCheck Rule(
        InstrumentMarket market, StrategyId owner, uint strategies, Side side, long wanted, long price)
    {
        RiskCheck check = new(wanted);
        if (_trading.IsKilled)
        {
            check.Refuse(RiskReason.Killed, 1, 0);
        }
        else if (_trading.State == TradingState.Halted)
        {
            check.Refuse(RiskReason.Halted, (long)TradingState.Halted, _trading.Bound);
            if (_trading.Awaits)
            {
                check.Lift();
            }
        }
        else
        {
            OrderCase order = Surround(market, owner, strategies, side, wanted, price);
            if (Admit(order, ref check) && CutToSize(order, ref check))
            {
                Rule(order, ref check);
            }
        }

        return check;
    }

    private static bool BigEnough(in Instrument instrument, long quantity, long price) =>
        quantity >= instrument.MinQuantity && instrument.Notional(price, quantity) >= instrument.MinNotional;

    private OrderCase Surround(
        InstrumentMarket market, StrategyId owner, uint strategies, Side side, long wanted, long price)
    {
        ref readonly Instrument instrument = ref market.Definition;
        long position = _portfolio.VenuePosition(instrument.Id);
        long own = _exposure.OpenInLane(instrument.Id, owner, side);
        long others = _exposure.Open(instrument.Id, side) - own + _grants.Of(instrument.Id, side);

        // The stop that rests for the position never goes beyond zero, so it takes nothing away from what may reduce beside it.
        long ahead = others - _exposure.Guarded(instrument.Id, side);

        // What only brings the position nearer to zero, given that everything else on this side trades first. In whole
        // lots: a position may hold a remainder that no order can close.
        bool against = side == Side.Buy ? position < 0 : position > 0;
        long reducing = against ? instrument.RoundToLot(Math.Clamp(Math.Abs(position) - ahead, 0, wanted)) : 0;
        if (!market.TryReferencePrice(out long reference) || reference <= 0)
        {
            reference = 0;
        }

        return new OrderCase
        {
            Market = market,
            Owner = owner,
            Strategies = strategies,
            Side = side,
            Price = price,
            Reference = reference,
            Worth = Math.Max(price, reference),
            Position = position,
            Own = own,
            Others = others,
            Reducing = reducing,
        };
    }

    /// <summary>Checks 4 to 11: state, data, and whether this can be an order at all.</summary>
    private bool Admit(in OrderCase order, ref RiskCheck check)
    {
        ref readonly Instrument instrument = ref order.Market.Definition;
        ref readonly Bounds bounds = ref _bounds[instrument.Id.Value];
        bool fresh = bounds.IsFresh(order.Market, _market.Now, out long age, out long allowed);
        check.KeepIf(
            _trading.State == TradingState.Active,
            order.Reducing,
            RiskReason.Reducing,
            (long)_trading.State,
            _trading.Bound);
        check.KeepIf(
            order.Market.Status == TradingStatus.Open, 0, RiskReason.NotTrading, (long)order.Market.Status, 1);
        check.KeepIf(order.Reference > 0, 0, RiskReason.NotReady, 0, 1);
        check.KeepIf(order.Market.IsReady, order.Reducing, RiskReason.NotReady, 0, 1);
        check.KeepIf(fresh, order.Reducing, RiskReason.Stale, age, allowed);
        check.KeepIf(
            order.Price > 0 && order.Price % instrument.Tick == 0,
            0,
            RiskReason.PriceOffTick,
            order.Price,
            instrument.Tick);
        check.KeepIf(check.Left % instrument.Lot == 0, 0, RiskReason.QuantityOffLot, check.Left, instrument.Lot);
        if (check.Left == 0)
        {
            return false;
        }

        long away = Math.Abs(order.Price - order.Reference);
        long collar = bounds.Collar(order.Reference);
        check.KeepIf(away <= collar, 0, RiskReason.PriceCollar, away, collar);
        check.KeepIf(
            BigEnough(instrument, check.Left, order.Price),
            0,
            RiskReason.TooSmall,
            check.Left,
            instrument.MinQuantity);
        return check.Left != 0;
    }

    /// <summary>Checks 12 to 14: the order's size and the position that it could lead to.</summary>
    private bool CutToSize(in OrderCase order, ref RiskCheck check)
    {
        ref readonly Instrument instrument = ref order.Market.Definition;
        ref readonly Bounds bounds = ref _bounds[instrument.Id.Value];
        check.Cap(bounds.OrderQuantity, instrument, RiskReason.OrderQuantity, check.Left, bounds.OrderQuantity);
        long notional = instrument.Notional(order.Price, check.Left);
        if (notional > bounds.OrderNotional)
        {
            long fits = Wide.MultiplyDivide(check.Left, bounds.OrderNotional, notional);
            check.Cap(fits, instrument, RiskReason.OrderNotional, notional, bounds.OrderNotional);
        }

        long room = Math.Max(order.Reducing, bounds.Position - order.Directed - order.Others);
        long worst = order.Directed + order.Others + Math.Max(order.Own, check.Left);
        check.Cap(room, instrument, RiskReason.Position, worst, bounds.Position);
        return check.Left != 0;
    }

    /// <summary>Checks from 15 on: what concerns more than one instrument, and the rate of orders.</summary>
    private void Rule(in OrderCase order, ref RiskCheck check)
    {
        ref readonly Instrument instrument = ref order.Market.Definition;
        Valuation value = default;
        if (check.Left > order.Reducing)
        {
            RiskReason unknown = _valuer.TryValue(order, out value, out long age, out long allowed);
            check.KeepIf(unknown == RiskReason.None, order.Reducing, unknown, age, Math.Max(1, allowed));
        }

        _money.CapByGross(order, value, ref check);

        // What stands already is no new order: to state it again must neither use up the rate nor be refused by it.
        long sent = instrument.RoundToLot(_loss.Fits(order, check.Left));
        bool stands = _exposure.Stands(instrument.Id, order.Owner, order.Side, sent, order.Price);
        bool isNew = order.Own == 0;
        int alive = _exposure.LiveOrders + _grants.NewOrders + (isNew ? 1 : 0);
        check.KeepIf(
            alive <= _settings.MaxWorkingOrders,
            order.Reducing,
            RiskReason.WorkingOrders,
            alive,
            _settings.MaxWorkingOrders);
        if (!stands)
        {
            LimitRate(order, sent, ref check);
        }

        _money.CapByFunds(order, value, ref check);
        _concentration.Cap(order, value, ref check);
        KeepApart(order, ref check);
        _loss.Cap(order, ref check);
        _account?.Cap(order, value, ref check);
        _correlation?.Cap(order, ref check);
        ref readonly Bounds bounds = ref _bounds[instrument.Id.Value];
        check.KeepIf(
            !bounds.RequiresStop || check.Left <= order.Reducing || _loss.IsProtected(order),
            order.Reducing,
            RiskReason.NoStop,
            0,
            1);
        DepthCheck.Cap(order, bounds, ref check);
        _base?.Cap(order, ref check);
        AskGate(order, ref check);
        _figures?.Cap(order, _valuer, ref check);
        _protection?.Cap(order, ref check);
        if (_calendars is not null && !_calendars.IsOpen(instrument.Id, out RiskReason why, out long day))
        {
            check.KeepIf(false, order.Reducing, why, day, 0);
        }


        // What the caps left may have become too small to be an order, or no longer a whole lot.
        check.RoundToLot(instrument);
        if (check.Left != 0 && !BigEnough(instrument, check.Left, order.Price))
        {
            check.Refuse(RiskReason.TooSmall, check.Left, instrument.MinQuantity);
        }

        if (check.Left != 0)
        {
            _grants.Add(
                instrument.Id, order.Side, order.Price, Math.Max(0, check.Left - order.Own), stands, isNew);
        }
    }

    /// <summary>Checks 32 to 35: nothing adds to what has not been compared with the venue's account.</summary>
    private void AskGate(in OrderCase order, ref RiskCheck check)
    {
        if (_gate is not null
            && !_gate.IsOpen(order.Market.Definition.Id, _market.Now, out RiskReason reason, out long seen, out long limit))
        {
            check.KeepIf(false, order.Reducing, reason, seen, limit);
        }
    }

    /// <summary>Check 25: nothing of ours trades with anything of ours, not even to reduce.</summary>
    private void KeepApart(in OrderCase order, ref RiskCheck check)
    {
        InstrumentId id = order.Market.Definition.Id;
        long boundary = _self.Boundary(id, order.Owner, order.Side);
        check.KeepIf(
            !SelfCross.Reaches(order.Side, order.Price, boundary), 0, RiskReason.SelfCross, order.Price, boundary);
        check.KeepIf(!_self.MustYield(id, order.Side), 0, RiskReason.SelfCross, order.Price, 0);
    }

    /// <summary>Checks 17 to 19: orders in the window, equal orders, and the lane's last rejection.</summary>
    private void LimitRate(in OrderCase order, long quantity, ref RiskCheck check)
    {
        InstrumentId id = order.Market.Definition.Id;
        long since = _market.Now - _settings.OrderWindow;
        if (_history.HasSent(since, _settings.MaxOrdersPerWindow - _grants.Orders))
        {
            int sent = _grants.Orders + _history.SentAfter(since, _settings.MaxOrdersPerWindow);
            check.KeepIf(false, order.Reducing, RiskReason.OrderRate, sent, _settings.MaxOrdersPerWindow);
        }

        int equal = _history.EqualAfter(
            _market.Now - _settings.RepeatWindow, _settings.MaxRepeats, id, order.Side, quantity, order.Price);
        check.KeepIf(
            equal < _settings.MaxRepeats, order.Reducing, RiskReason.RepeatIntent, equal, _settings.MaxRepeats);
        long rejectedAt = _rejected[id, order.Owner];
        long waited = _market.Now - rejectedAt;
        check.KeepIf(
            rejectedAt == 0 || waited >= _settings.RejectBackoff,
            0,
            RiskReason.Backoff,
            waited,
            _settings.RejectBackoff);
    }
}
