using System;
using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio.Accounts;

/// <summary>
/// What the rules of an account with shares ask about and positions do not say: what was held overnight, what was opened
/// today, day trades of the last business days, money of sales that has not settled, shares bought with it. A fold of
/// events; the time of the event says the day and so the rule.
/// </summary>
public sealed class AccountBook : IStateful
{
    /// <summary>Violations of good faith that are remembered.</summary>
    public const int ViolationsMax = 16;

    private const int Days = Rulebook.WindowMax;
    private const long CalendarDay = 86_400_000_000_000;

    private readonly AccountSettings _settings;
    private readonly MarketView _market;
    private readonly PortfolioLedger _portfolio;
    private readonly long[] _position = new long[Limits.Instruments + 1];
    private readonly long[] _overnight = new long[Limits.Instruments + 1];
    private readonly long[] _tainted = new long[Limits.Instruments + 1];
    private readonly long[] _taintedUntil = new long[Limits.Instruments + 1];

    // The order of each instrument's last violation: its other fills are the same sale.
    private readonly long[] _violating = new long[Limits.Instruments + 1];
    private readonly long[] _startEquity = new long[PortfolioLedger.Currencies];
    private readonly long[] _startGross = new long[PortfolioLedger.Currencies];
    private readonly long[] _unsettled = new long[PortfolioLedger.Currencies];

    // Money that settles on business day d, by currency and d modulo the length; days that are over are zero.
    private readonly long[] _due = new long[PortfolioLedger.Currencies * Days];
    private readonly int[] _dayTrades = new int[Days];
    private readonly long[] _violations = new long[ViolationsMax];

    // Bit i - 1: instrument i has something open since today whose close would be a day trade that is not counted yet.
    private ulong _pending;
    private long _violationCount;

    // Day trades and violations so far.
    private long _counted;
    private long _restrictedUntil;
    private int _day = -1;
    private int _date;
    private int _marked;
    private bool _known;

    /// <summary>Creates the book.</summary>
    /// <param name="settings">The account.</param>
    /// <param name="market">Prices.</param>
    /// <param name="portfolio">Positions and cash.</param>
    public AccountBook(AccountSettings settings, MarketView market, PortfolioLedger portfolio)
    {
        Ensure.That(settings.Kind != AccountKind.None, "an account must have a kind");
        Ensure.That(!settings.Calendar.NeverCloses, "an account's calendar must have business days");
        _settings = settings;
        _market = market;
        _portfolio = portfolio;
    }

    /// <summary>The trading date, year x 10,000 + month x 100 + day; 0 when the calendar does not know it.</summary>
    public int Date => _known ? _date : 0;

    /// <summary>Violations of good faith so far.</summary>
    public long Violations => _violationCount;

    /// <summary>Bit i - 1: a close of instrument i would be one more day trade.</summary>
    public ulong PendingDayTrades => _pending;

    /// <summary>Day trades of the last business days.</summary>
    /// <param name="window">Business days, today included.</param>
    /// <returns>The count.</returns>
    public int DayTradesIn(int window)
    {
        int sum = 0;
        for (int back = 0; back < window && back <= _day; back++)
        {
            sum += _dayTrades[(_day - back) % Days];
        }

        return sum;
    }

    /// <summary>What was held when the day began.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Quantity units, signed.</returns>
    public long Overnight(InstrumentId instrument) => _overnight[instrument.Value];

    /// <summary>What of a position was not held when the day began.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="position">Quantity units, signed.</param>
    /// <returns>Quantity units, not negative.</returns>
    public long OpenedToday(InstrumentId instrument, long position)
    {
        long overnight = _overnight[instrument.Value];
        return Math.Sign(position) == Math.Sign(overnight)
            ? Math.Max(0, Math.Abs(position) - Math.Abs(overnight))
            : Math.Abs(position);
    }

    /// <summary>Equity and the value of shares held, when the day began.</summary>
    /// <param name="currency">Index of the currency.</param>
    /// <param name="equity">Money units.</param>
    /// <param name="gross">Money units, without regard to direction.</param>
    /// <returns>False when they could not be valued yet.</returns>
    public bool TryStart(int currency, out long equity, out long gross)
    {
        equity = _startEquity[currency];
        gross = _startGross[currency];
        return (_marked & (1 << currency)) != 0;
    }

    /// <summary>Cash without what has not settled.</summary>
    /// <param name="currency">Index of the currency.</param>
    /// <returns>Money units; negative when unsettled money was spent.</returns>
    public long Settled(int currency) => _portfolio.Cash(currency) - _unsettled[currency];

    /// <summary>True when purchases may be paid with money that has not settled.</summary>
    /// <param name="now">ReceivedAt.</param>
    /// <returns>Whether the account allows it and is not restricted.</returns>
    public bool MaySpendUnsettled(long now) => _settings.UsesUnsettled && now >= _restrictedUntil;

    /// <summary>Looks at an event.</summary>
    /// <param name="e">The event, folded into market and portfolio.</param>
    /// <returns>True when the rules may now say less: another day, a day trade, a restriction.</returns>
    public bool See(in Event e)
    {
        long counted = _counted;
        int day = Date;
        Roll(e.ReceivedAt);
        if (e.Kind == EventKind.Execution && e.Instrument.Value is >= 1 and <= Limits.Instruments)
        {
            Fold(e.Instrument, e.Execution, e.ReceivedAt);
        }

        if (e.Kind == EventKind.CashMoved)
        {
            // Money paid in or out is neither profit nor loss: the morning moves with it.
            int currency = _portfolio.IndexOf(e.CashMoved.Currency);
            _startEquity[currency] += (_marked & (1 << currency)) != 0 ? e.CashMoved.Amount : 0;
        }

        if (_marked != (1 << _portfolio.CurrencyCount) - 1)
        {
            Mark();
        }

        return counted != _counted || day != Date;
    }

    /// <summary>
    /// Old shares became new ones, in the portfolio already: so are those held overnight and those bought with money that has
    /// not settled, the latter rounded up.
    /// </summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="ratio">New for old shares.</param>
    public void Split(InstrumentId instrument, in ShareRatio ratio)
    {
        ref long overnight = ref _overnight[instrument.Value];
        ref long tainted = ref _tainted[instrument.Value];
        bool untouched = overnight == _position[instrument.Value];
        _position[instrument.Value] = _portfolio.VenuePosition(instrument);
        overnight = untouched ? _position[instrument.Value] : ratio.Quantity(overnight);
        long whole = ratio.Quantity(tainted);
        tainted = whole + (ratio.Rest(tainted, whole) > 0 ? 1 : 0);
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_position);
        visitor.Visit<long>(_overnight);
        visitor.Visit<long>(_tainted);
        visitor.Visit<long>(_taintedUntil);
        visitor.Visit<long>(_startEquity);
        visitor.Visit<long>(_startGross);
        visitor.Visit<long>(_unsettled);
        visitor.Visit<long>(_due);
        visitor.Visit<int>(_dayTrades);
        visitor.Visit<long>(_violations);
        visitor.Visit<long>(_violating);
        visitor.Visit(ref _pending);
        visitor.Visit(ref _violationCount);
        visitor.Visit(ref _counted);
        visitor.Visit(ref _restrictedUntil);
        visitor.Visit(ref _day);
        visitor.Visit(ref _date);
        visitor.Visit(ref _marked);
        visitor.Visit(ref _known);
    }

    private void Roll(long now)
    {
        _known = _settings.Calendar.TryDay(now, out int day, out int date);
        if (!_known || day == _day)
        {
            return;
        }

        for (int over = Math.Max(_day + 1, day - Days + 1); over <= day; over++)
        {
            _dayTrades[over % Days] = 0;
            for (int currency = 0; currency < PortfolioLedger.Currencies; currency++)
            {
                ref long due = ref _due[(currency * Days) + (over % Days)];
                _unsettled[currency] -= due;
                due = 0;
            }
        }

        bool first = _day < 0;
        _day = day;
        _date = date;
        _marked = 0;
        _pending = 0;
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            // What was taken over before the first day; later the event that begins the day may be a fill of that day.
            _position[i] = first ? _portfolio.VenuePosition(new InstrumentId(i)) : _position[i];
            _overnight[i] = _position[i];
            _tainted[i] = day >= _taintedUntil[i] ? 0 : _tainted[i];
        }
    }

    private void Fold(InstrumentId id, in Execution execution, long now)
    {
        if (_day < 0)
        {
            // Before the calendar begins nothing may add; the first day takes positions as they are.
            return;
        }

        // One that came again moved no position.
        long before = _position[id.Value];
        long change = _portfolio.VenuePosition(id) - before;
        _position[id.Value] += change;
        if (change == 0 || _market[id].Definition.Kind != InstrumentKind.Equity)
        {
            return;
        }

        CountDayTrade(id, before, change);
        if (_settings.Kind == AccountKind.Cash)
        {
            long value = _market[id].Definition.Notional(execution.Price, change);
            Settle(id, change, value + execution.Fee, execution.Order, now);
        }
    }

    /// <summary>
    /// A close of something opened today is a day trade, once for each opening, however many fills either takes. What was
    /// opened today is closed first.
    /// </summary>
    private void CountDayTrade(InstrumentId id, long before, long change)
    {
        ulong bit = 1UL << (id.Value - 1);
        long closing = Math.Sign(change) == -Math.Sign(before) ? Math.Min(Math.Abs(change), Math.Abs(before)) : 0;
        if (closing != 0 && (_pending & bit) != 0)
        {
            _dayTrades[_day % Days]++;
            _counted++;
            _pending &= ~bit;
        }

        _pending |= Math.Abs(change) != closing ? bit : 0;
    }

    /// <summary>What a sale brings settles later; a purchase beyond what has settled taints the shares until it has.</summary>
    private void Settle(InstrumentId id, long change, long paid, OrderId order, long now)
    {
        int currency = _portfolio.CurrencyOf(id);
        if (change < 0)
        {
            // Without a rule nothing may add (check 27); what is sold then is taken to settle as late as any.
            int days = _settings.Rules.TryAt(_date, out SettlementRule rule) ? rule.Days : Rulebook.SettlementDaysMax;
            if (days != 0)
            {
                _due[(currency * Days) + ((_day + days) % Days)] -= paid;
                _unsettled[currency] -= paid;
            }

            if (_tainted[id.Value] != 0)
            {
                // A sale is one violation, however many fills it takes.
                if (order.IsNone || order.Packed != _violating[id.Value])
                {
                    Violate(now);
                    _violating[id.Value] = order.Packed;
                }

                _tainted[id.Value] = Math.Max(0, _tainted[id.Value] + change);
            }
        }
        else if (Settled(currency) < 0)
        {
            _tainted[id.Value] += change;
            _taintedUntil[id.Value] = LastDue(currency);
        }
    }

    private long LastDue(int currency)
    {
        for (int ahead = Days - 1; ahead >= 1; ahead--)
        {
            if (_due[(currency * Days) + ((_day + ahead) % Days)] != 0)
            {
                return _day + ahead;
            }
        }

        // Spent without a sale behind it: never made good by waiting for one.
        return long.MaxValue;
    }

    private void Violate(long now)
    {
        _violations[_violationCount % ViolationsMax] = now;
        _violationCount++;
        _counted++;
        if (!_settings.Rules.TryAt(_date, out GoodFaithRule rule))
        {
            return;
        }

        int recent = 0;
        foreach (long at in _violations.AsSpan(0, (int)Math.Min(_violationCount, ViolationsMax)))
        {
            recent += at > now - (rule.WithinDays * CalendarDay) ? 1 : 0;
        }

        _restrictedUntil = recent >= rule.Violations ? now + (rule.RestrictedDays * CalendarDay) : _restrictedUntil;
    }

    /// <summary>Values the beginning of the day as soon as everything held has a price.</summary>
    private void Mark()
    {
        for (int currency = 0; currency < _portfolio.CurrencyCount; currency++)
        {
            int bit = 1 << currency;
            if ((_marked & bit) == 0
                && TryGross(currency, out long gross)
                && _portfolio.TryEquity(currency, out long equity))
            {
                _startEquity[currency] = equity;
                _startGross[currency] = gross;
                _marked |= bit;
            }
        }
    }

    private bool TryGross(int currency, out long gross)
    {
        gross = 0;
        for (ulong held = _portfolio.Held; held != 0; held &= held - 1)
        {
            InstrumentId id = new((ushort)(BitOperations.TrailingZeroCount(held) + 1));
            ref readonly Instrument rules = ref _market[id].Definition;
            if (_portfolio.CurrencyOf(id) != currency || rules.Kind != InstrumentKind.Equity)
            {
                continue;
            }

            if (!_market[id].TryReferencePrice(out long price))
            {
                return false;
            }

            gross += Math.Abs(rules.Notional(price, _overnight[id.Value]));
        }

        return true;
    }
}
