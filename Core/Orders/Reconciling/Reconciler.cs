using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Reconciling;

/// <summary>
/// Decides when the venue's account is read, has what was read compared with what is here, and says what is done about what
/// differs. What it wants told (that a reading is asked for, each difference) the driver publishes as events right after the
/// event that caused it; only their fold changes anything.
/// </summary>
public sealed class Reconciler : IStateful
{
    private readonly ReconcileSettings _settings;
    private readonly AccountGate _gate;
    private readonly RiskStage _risk;
    private readonly OrderTable _orders;
    private readonly MarketView _market;
    private readonly StrayOrders _strays;
    private readonly StrayWatch _watch;
    private readonly Movements _movements = new();
    private readonly AdjustmentQueue _queue = new();
    private readonly AccountCompare _compare;
    private readonly ReadingOutcome _outcome;
    private readonly Account[] _accounts;
    private readonly ReadBackFold[] _read;
    private long _since;
    private long _readings;
    private long _history;

    // What may be added to, as the lanes were last told.
    private ulong _open;

    /// <summary>Creates it.</summary>
    /// <param name="orders">Our orders.</param>
    /// <param name="portfolio">Positions and cash.</param>
    /// <param name="market">Where instruments are defined.</param>
    /// <param name="exposure">Where orders count that are not ours.</param>
    /// <param name="risk">Has the gate.</param>
    internal Reconciler(
        OrderTable orders, PortfolioLedger portfolio, MarketView market, Exposure exposure, RiskStage risk)
    {
        _gate = risk.Gate!;
        _settings = _gate.Settings;
        _risk = risk;
        _orders = orders;
        _market = market;
        _strays = new StrayOrders(exposure);
        _watch = new StrayWatch(_gate, orders, _strays, _movements, risk, _queue);
        _compare = new AccountCompare(_gate, orders, portfolio, market, _strays, _movements);
        _outcome = new ReadingOutcome(_gate, portfolio, market, _movements, _compare, _queue);
        _accounts = new Account[_settings.Venues.Length];
        _read = Array.ConvertAll(_settings.Venues, _ => new ReadBackFold());
    }

    /// <summary>Complete readings that were compared.</summary>
    public long Readings => _readings;

    /// <summary>Orders of ours at the venue that were made after the end of the journal: events were lost; each one halts.</summary>
    public long BeyondJournal => _watch.BeyondJournal;

    /// <summary>Executions of a reading that are older than this journal: they are in the position that it began with.</summary>
    public long History => _history;

    /// <summary>Orders at the venue that no lane of ours works.</summary>
    public int Strays => _strays.Count;

    /// <summary>Differences that the last reading of an account found.</summary>
    /// <param name="venue">The venue.</param>
    /// <returns>Their number; those that need another reading included.</returns>
    public int FoundIn(EventSource venue) => _gate.IndexOf(venue) is >= 0 and int account ? _outcome.FoundIn(account) : 0;

    /// <summary>The next event to publish, if there is one: it stays until its fold has seen it.</summary>
    /// <param name="next">Kind, payload and instrument are set.</param>
    /// <returns>False when nothing waits.</returns>
    public bool TryNext(ref Event next)
    {
        if (_queue.TryPeek(ref next))
        {
            return true;
        }

        for (int account = 0; account < _accounts.Length; account++)
        {
            if (_accounts[account].IsWanted != 0)
            {
                next.Instrument = InstrumentId.None;
                next.Set(new ReadBack
                {
                    Subject = ReadBackSubject.All,
                    Stage = ReadBackStage.Asked,
                    Venue = _settings.Venues[account],
                });
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks at an event after it was folded into market, portfolio and orders.</summary>
    /// <param name="e">The event.</param>
    internal void See(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.EpochStarted:
                Begin(e);
                break;
            case EventKind.InstrumentDefined when _market.TryGet(e.Instrument, out _):
                _gate.Define(e.Instrument, e.Source);
                break;
            case EventKind.StreamState when e.StreamState.Stream == StreamContent.Account:
                OnStream(_gate.IndexOf(e.Source), e.StreamState.State, e.ReceivedAt);
                break;
            case EventKind.CashMoved or EventKind.CashBooked when (e.Flags & EventFlags.ReadBack) == 0:
                _movements.OnCash(e.Sequence);
                break;
            case EventKind.ReadBack:
                OnReadBack(e);
                break;
            case EventKind.OrderReport or EventKind.PositionReport or EventKind.BalanceReport:
                OnReport(e);
                break;
            case EventKind.Adjustment:
                _queue.Take(e.Adjustment.AdjustmentId);
                _watch.OnAdjusted(e);
                break;
            case EventKind.Tick:
                OnTime(e.ReceivedAt);
                break;
        }

        // Market data changes nothing here; what passes by time is seen at the ticks.
        if (e.Kind is >= EventKind.Tick or EventKind.StreamState or EventKind.InstrumentDefined)
        {
            Restate(e.ReceivedAt);
        }
    }

    /// <summary>
    /// What an item of a reading means for an order that is here. It answers a request that nobody has answered, if that was made
    /// before the reading began and cannot be under way any more: an order that works was accepted, has been amended if it
    /// has the terms that were asked for, and was not cancelled. What ended, ended.
    /// </summary>
    /// <param name="place">The order.</param>
    /// <param name="e">The item.</param>
    /// <param name="status">What it means.</param>
    /// <returns>False when it means nothing: it is compared when the reading is complete.</returns>
    internal bool Means(int place, in Event e, out OrderStatus status)
    {
        ref readonly OrderReport report = ref e.OrderReport;
        status = report.Status;
        if (status is not (OrderStatus.Accepted or OrderStatus.Amended))
        {
            return true;
        }

        int account = _gate.IndexOf(e.Source);
        ref readonly OrderRecord order = ref _orders[place];
        Movement last = _movements.OfOrder(place);
        bool asAsked = report.Price == order.PendingPrice && report.Quantity == order.PendingQuantity;
        status = order.State switch
        {
            OrderState.PendingNew or OrderState.Unknown => OrderStatus.Accepted,
            OrderState.PendingAmend => asAsked ? OrderStatus.Amended : OrderStatus.AmendRejected,
            OrderState.PendingCancel => OrderStatus.CancelRejected,
            _ => OrderStatus.None,
        };
        return status != OrderStatus.None
            && account >= 0
            && _read[account].Reads(ReadBackSubject.Orders)
            && last.Sequence < _read[account].BeganWith(ReadBackSubject.Orders)
            && _read[account].BeganAt(ReadBackSubject.Orders) - last.At >= _settings.RequestLife;
    }

    /// <summary>True when a report speaks of another order of the venue with the same id.</summary>
    internal bool IsStray(in OrderReport report) => _strays.Find(report.Order, report.VenueOrder) >= 0;

    /// <summary>An execution of a reading that is older than this journal, of an order that is not known.</summary>
    internal bool IsHistory(in Event e)
    {
        bool old = (e.Flags & EventFlags.ReadBack) != 0 && e.VenueTime != 0 && e.VenueTime < _since;
        _history += old ? 1 : 0;
        return old;
    }

    /// <summary>An order was told of, or something was asked of it.</summary>
    internal void OnOrder(int place, in Event e) => _movements.OnOrder(place, e.Sequence, e.ReceivedAt);

    /// <summary>A fill counted.</summary>
    internal void OnFill(in Event e)
    {
        _movements.OnFill(e.Instrument, e.Sequence, e.VenueTime);
        _watch.OnFill(e.Execution);
    }

    /// <summary>A fill that nobody here asked for counted.</summary>
    internal void OnForeignFill(in Event e)
    {
        _watch.OnForeignFill(e);
        if (_settings.Foreign != ForeignOrders.Adopt)
        {
            _risk.Degrade(TradingState.Reducing);
        }

        Doubt(e.Instrument, e.ReceivedAt);
    }

    /// <summary>Something about an instrument does not add up: the account that holds it is read before anything may add.</summary>
    internal void Doubt(InstrumentId instrument, long now)
    {
        int account = _gate.AccountOf(instrument);
        if (account >= 0)
        {
            Doubt(account, now);
        }
    }

    /// <summary>Sends the cancels of orders that nobody here wants.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Gets the commands.</param>
    /// <returns>True when some found no room.</returns>
    internal bool Cancel(in Event e, ref Decision decision) => e.EndsGroup && _watch.Cancel(e, ref decision);

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<Account>(_accounts);
        foreach (ReadBackFold read in _read)
        {
            read.Visit(visitor);
        }

        _outcome.Visit(visitor);
        _strays.Visit(visitor);
        _watch.Visit(visitor);
        _movements.Visit(visitor);
        _queue.Visit(visitor);
        visitor.Visit(ref _since);
        visitor.Visit(ref _readings);
        visitor.Visit(ref _history);
        visitor.Visit(ref _open);
    }

    private void Begin(in Event e)
    {
        _since = _since == 0 ? e.ReceivedAt : _since;
        _watch.Begin(e.EpochStarted.Epoch, e.Sequence);
        _movements.Begin(e.Sequence, e.ReceivedAt);
        for (int account = 0; account < _accounts.Length; account++)
        {
            _accounts[account].IsDown = 0;
            Doubt(account, e.ReceivedAt);
        }
    }

    private void OnStream(int account, StreamState state, long now)
    {
        if (account >= 0)
        {
            _accounts[account].IsDown = state == StreamState.Down ? 1 : 0;
            Doubt(account, now);
        }
    }

    private void Doubt(int account, long now)
    {
        _read[account].Forget();
        _outcome.Forget(account);
        _gate.Doubt(account);
        _accounts[account].AskAt = now;
    }

    private void OnReadBack(in Event e)
    {
        ref readonly ReadBack read = ref e.ReadBack;
        int index = _gate.IndexOf(read.Stage == ReadBackStage.Asked ? read.Venue : e.Source);
        if (index < 0)
        {
            return;
        }

        ref Account account = ref _accounts[index];
        if (read.Stage == ReadBackStage.Asked)
        {
            account.IsWanted = 0;
            account.AskedAt = e.ReceivedAt;
            account.AskAt = e.ReceivedAt + _settings.RetryAfter;
            return;
        }

        _read[index].Fold(read, e.Sequence, e.ReceivedAt);
        if (read.Stage == ReadBackStage.Failed)
        {
            account.AskAt = e.ReceivedAt + _settings.RetryAfter;
        }
        else if (_read[index].IsComplete)
        {
            _readings++;
            bool again = _outcome.Conclude(index, _read[index], e);
            account.AskAt = e.ReceivedAt + (again ? _settings.RetryAfter : _settings.Interval);
            _watch.Sweep(index, _read[index]);
            _read[index].Forget();
        }
    }

    private void OnReport(in Event e)
    {
        int account = _gate.IndexOf(e.Source);
        if (account < 0)
        {
            return;
        }

        if ((e.Flags & EventFlags.ReadBack) != 0)
        {
            _read[account].Fold(e);
        }

        if (e.Kind == EventKind.OrderReport && _watch.See(e) && !_read[account].IsReading)
        {
            _accounts[account].AskAt = e.ReceivedAt;
        }
    }

    private void OnTime(long now)
    {
        for (int account = 0; account < _accounts.Length; account++)
        {
            ref Account it = ref _accounts[account];
            _gate.SetUnknown(account, OldestUnknown(account));
            bool reading = _read[account].IsReading && now - it.AskedAt < _settings.Overdue;
            if (it.IsDown == 0 && it.IsWanted == 0 && now >= it.AskAt && !reading)
            {
                _read[account].Forget();
                it.IsWanted = 1;
            }
        }
    }

    private long OldestUnknown(int account)
    {
        long oldest = 0;
        for (int place = 0; _orders.UnknownOrders != 0 && place < OrderTable.Capacity; place++)
        {
            ref readonly OrderRecord order = ref _orders[place];
            if (order.State == OrderState.Unknown && _gate.AccountOf(order.Instrument) == account)
            {
                long since = Math.Max(1, _movements.OfOrder(place).At);
                oldest = oldest == 0 ? since : Math.Min(oldest, since);
            }
        }

        return oldest;
    }

    /// <summary>Where the gate opened or shut, what stands is ruled on again at once.</summary>
    private void Restate(long now)
    {
        ulong open = _gate.OpenOf(_market.Highest, now);
        if (open != _open)
        {
            _open = open;
            _risk.Restate();
        }
    }

    private struct Account
    {
        internal long AskAt;
        internal long AskedAt;
        internal int IsDown;
        internal int IsWanted;
    }
}
