using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>
/// The rules of the account that holds the shares, as the venue counts: money of sales settles by date, who buys with money that has
/// not settled and sells before it has breaks good faith, what is held in a margin account is backed by equity. An order that only
/// reduces passes. Whatever the engine's risk admits by the same rules at the same prices is admitted here: where it reserves for the
/// worst, this counts what orders say.
/// </summary>
internal sealed class ShareBook(
    SimulatedVenueSettings settings, VenueMarket[] markets, OrderTable orders, VenueAccount account)
{
    private const int Days = 8;
    private const long Million = 1_000_000;
    private const long CalendarDay = 86_400_000_000_000;

    private readonly AccountSettings _account = settings.Account!;
    private readonly int _dearestPpm = Math.Max(
        settings.Money.DearestPpm, Math.Max(0, Math.Max(settings.MakerFeePpm, settings.TakerFeePpm)));

    // What settles on business day d, by currency and d modulo the length.
    private readonly long[] _due = new long[PortfolioLedger.Currencies * Days];
    private readonly long[] _unsettled = new long[PortfolioLedger.Currencies];
    private readonly long[] _tainted = new long[markets.Length];
    private readonly long[] _cleanOn = new long[markets.Length];
    private readonly long[] _violating = new long[markets.Length];
    private readonly long[] _violations = new long[AccountBook.ViolationsMax];
    private long _violationCount;
    private long _restrictedUntil;
    private long _day = -1;

    /// <summary>True when the rules of the day allow an order.</summary>
    /// <param name="order">The order, as it would be.</param>
    /// <param name="place">Where it lies already, or -1.</param>
    /// <param name="at">The instant.</param>
    internal bool Covers(in VenueOrder order, int place, long at)
    {
        VenueMarket market = markets[order.Instrument.Value];
        long held = account[order.Instrument].Quantity;
        long beside = Open(order.Instrument, order.Side, place);
        bool onlyReduces = Math.Sign(held) == -order.Side.Sign() && order.Remaining + beside <= Math.Abs(held);
        if (market.Rules.Kind != InstrumentKind.Equity || order.IsReduceOnly || onlyReduces)
        {
            return true;
        }

        if (!TryRoll(at, out int date))
        {
            return false;
        }

        if (_account.Kind == AccountKind.Margin)
        {
            return _account.Rules.TryAt(date, out MarginRule rule) && IsBacked(order, place, rule);
        }

        // Nothing is sold short, and everything is paid for.
        return _account.Rules.TryAt(date, out SettlementRule _) && order.Side == Side.Buy && IsPaid(order, place, at);
    }

    /// <summary>A fill that the account counts already.</summary>
    internal void OnFill(in Instrument rules, long change, long price, long fee, ulong order, long at)
    {
        if (rules.Kind != InstrumentKind.Equity || _account.Kind != AccountKind.Cash || !TryRoll(at, out int date))
        {
            return;
        }

        int currency = account.CurrencyOf(rules.Id);
        long paid = rules.Notional(price, change) + fee;
        ref long tainted = ref _tainted[rules.Id.Value];
        if (change > 0)
        {
            if (account.Cash(currency) - _unsettled[currency] < 0)
            {
                tainted += change;
                _cleanOn[rules.Id.Value] = LastDue(currency);
            }

            return;
        }

        int days = _account.Rules.TryAt(date, out SettlementRule rule) ? rule.Days : Rulebook.SettlementDaysMax;
        if (days != 0)
        {
            _due[(currency * Days) + (int)((_day + days) % Days)] -= paid;
            _unsettled[currency] -= paid;
        }

        if (tainted != 0)
        {
            if (_violating[rules.Id.Value] != (long)order)
            {
                _violating[rules.Id.Value] = (long)order;
                Violate(date, at);
            }

            tainted = Math.Max(0, tainted + change);
        }
    }

    /// <summary>Old shares became new ones: so are those bought with money that has not settled, rounded up.</summary>
    internal void Split(InstrumentId instrument, in ShareRatio ratio)
    {
        ref long tainted = ref _tainted[instrument.Value];
        long whole = ratio.Quantity(tainted);
        tainted = ratio.Rest(tainted, whole) == 0 ? whole : whole + 1;
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_due);
        visitor.Visit<long>(_unsettled);
        visitor.Visit<long>(_tainted);
        visitor.Visit<long>(_cleanOn);
        visitor.Visit<long>(_violating);
        visitor.Visit<long>(_violations);
        visitor.Visit(ref _violationCount);
        visitor.Visit(ref _restrictedUntil);
        visitor.Visit(ref _day);
    }

    private bool TryRoll(long at, out int date)
    {
        if (!_account.Calendar.TryDay(at, out int day, out date))
        {
            return false;
        }

        for (long over = Math.Max(_day + 1, day - Days + 1); over <= day; over++)
        {
            for (int currency = 0; currency < PortfolioLedger.Currencies; currency++)
            {
                ref long due = ref _due[(currency * Days) + (int)(over % Days)];
                _unsettled[currency] -= due;
                due = 0;
            }
        }

        for (int i = 1; i < markets.Length && day > _day; i++)
        {
            _tainted[i] = day >= _cleanOn[i] ? 0 : _tainted[i];
        }

        _day = Math.Max(_day, day);
        return true;
    }

    private bool IsPaid(in VenueOrder order, int place, long at)
    {
        int currency = account.CurrencyOf(order.Instrument);
        long needed = Cost(order);
        for (ushort i = 1; i < markets.Length; i++)
        {
            InstrumentId id = new(i);
            if (Counts(id, currency))
            {
                needed += CostOfBuys(orders.First(id, Side.Buy), place) + CostOfBuys(orders.FirstSleeper(id), place);
            }
        }

        bool mayUseAll = _account.UsesUnsettled && at >= _restrictedUntil;
        return needed <= account.Cash(currency) - (mayUseAll ? 0 : _unsettled[currency]);
    }

    private long CostOfBuys(int first, int except)
    {
        long sum = 0;
        for (int i = first; i >= 0; i = orders[i].Next)
        {
            sum += i == except || orders[i].Side != Side.Buy ? 0 : Cost(orders[i]);
        }

        return sum;
    }

    private long Cost(in VenueOrder order)
    {
        VenueMarket market = markets[order.Instrument.Value];
        long value = market.Rules.Notional(PriceOf(order, market), order.Remaining);
        return value + FeeBook.FeeOf(value, _dearestPpm);
    }

    // The largest positions that the live orders can lead to, against the equity that the rule asks for them.
    private bool IsBacked(in VenueOrder order, int place, in MarginRule rule)
    {
        int currency = account.CurrencyOf(order.Instrument);
        long equity = account.Cash(currency);
        long gross = 0;
        for (ushort i = 1; i < markets.Length; i++)
        {
            InstrumentId id = new(i);
            if (!Counts(id, currency))
            {
                continue;
            }

            bool own = id == order.Instrument;
            long held = account[id].Quantity;
            long buys = Open(id, Side.Buy, place) + (own && order.Side == Side.Buy ? order.Remaining : 0);
            long sells = Open(id, Side.Sell, place) + (own && order.Side == Side.Sell ? order.Remaining : 0);
            if ((held | buys | sells) == 0)
            {
                continue;
            }

            long mark = markets[i].Reference;
            if (mark <= 0)
            {
                return false;
            }

            equity += markets[i].Rules.Notional(mark, held);
            long price = own ? Math.Max(mark, PriceOf(order, markets[i])) : mark;
            gross += markets[i].Rules.Notional(price, Math.Max(Math.Abs(held + buys), Math.Abs(held - sells)));
        }

        equity = Math.Max(0, equity);
        bool isFree = !rule.CountsDayTrades || equity >= rule.DayTradeEquity;
        long most = equity < rule.MinimumEquity
            ? equity
            : (long)Int128.Min((Int128)equity * Million / (isFree ? rule.MaintenancePpm : rule.InitialPpm), long.MaxValue);
        return gross <= most;
    }

    private static long PriceOf(in VenueOrder order, VenueMarket market) =>
        order.IsLimited ? order.Price : order.TriggerPrice != 0 ? order.TriggerPrice : market.PriceFor(order.Side);

    private bool Counts(InstrumentId id, int currency) =>
        markets[id.Value].IsDefined
        && markets[id.Value].Rules.Kind == InstrumentKind.Equity
        && account.CurrencyOf(id) == currency;

    private long Open(InstrumentId id, Side side, int except)
    {
        long open = 0;
        for (int i = orders.First(id, side); i >= 0; i = orders[i].Next)
        {
            open += i == except || orders[i].IsReduceOnly ? 0 : orders[i].Remaining;
        }

        for (int i = orders.FirstSleeper(id); i >= 0; i = orders[i].Next)
        {
            open += i == except || orders[i].IsReduceOnly || orders[i].Side != side ? 0 : orders[i].Remaining;
        }

        return open;
    }

    private long LastDue(int currency)
    {
        for (int ahead = Days - 1; ahead >= 1; ahead--)
        {
            if (_due[(currency * Days) + (int)((_day + ahead) % Days)] != 0)
            {
                return _day + ahead;
            }
        }

        return long.MaxValue;
    }

    private void Violate(int date, long at)
    {
        _violations[_violationCount % AccountBook.ViolationsMax] = at;
        _violationCount++;
        if (!_account.Rules.TryAt(date, out GoodFaithRule rule))
        {
            return;
        }

        int recent = 0;
        for (int i = 0; i < Math.Min(_violationCount, AccountBook.ViolationsMax); i++)
        {
            recent += _violations[i] > at - (rule.WithinDays * CalendarDay) ? 1 : 0;
        }

        _restrictedUntil = recent >= rule.Violations ? at + (rule.RestrictedDays * CalendarDay) : _restrictedUntil;
    }
}
