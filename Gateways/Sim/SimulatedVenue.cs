using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// A venue that trades against recorded, generated or live market data: a deterministic function of the sequenced
/// events and the commands. It reads no clock; its rules are written down in <c>docs/simulated-venue.md</c>.
/// </summary>
/// <remarks>
/// <code>
///   input at T ──► OnEvent ──► arrivals before T are matched, then the input changes the market, then resting orders
///   its commands ► Submit  ──► in flight, arrive at T + entry latency
///   virtual time ► Poll(T) ──► arrivals whose answer is due by T are matched; the earliest report is handed out
/// </code>
/// The driver shows every input up to T before it polls a report due at T, and publishes that report before any input
/// later than T. When work is done does not matter: an arrival sees the inputs up to its instant, whoever asks first.
/// </remarks>
public sealed class SimulatedVenue : IVenue, IStateful
{
    /// <summary>Upper half of every id that this venue gives.</summary>
    public const ulong IdTag = Reporter.VenueTag;

    private readonly VenueMarket[] _markets;
    private readonly OrderTable _orders;
    private readonly OrderMemory _memory = new();
    private readonly Arrivals _arrivals = new();
    private readonly Reporter _reporter;
    private readonly Incidents _incidents;
    private readonly LatencyModel _entryLatency;
    private readonly Matcher _matcher;
    private readonly DepthMatcher _depth;
    private readonly PeriodMatcher _periods;
    private readonly OrderEntry _entry;
    private readonly FeeBook _fees;
    private readonly FundingBook _funding;
    private readonly Bookings _bookings;
    private readonly VenueAccount _account;
    private readonly MarginBook _margin;
    private readonly MarginCalls _calls;
    private readonly ShareActions _actions;
    private readonly ShareBook? _shares;
    private readonly AccountReader _reader;
    private long _commands;
    private long _lastSubmit;
    private long _lastInput;
    private long _matchedThrough = long.MinValue;

    /// <summary>Creates a venue without instruments, orders and market. All memory but the books' is taken here.</summary>
    /// <param name="settings">What it is like; a value out of range stops the engine.</param>
    public SimulatedVenue(SimulatedVenueSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        _markets = new VenueMarket[settings.Instruments + 1];
        VenueHours[] hours = HoursOf(settings);
        for (int i = 0; i < _markets.Length; i++)
        {
            _markets[i] = new VenueMarket(settings, hours);
        }

        _incidents = new Incidents(settings.Incidents);
        _entryLatency = new LatencyModel(settings.EntryLatency, settings.EntryAddition, settings.Seed, 1);
        _orders = new OrderTable(settings.MaxOpenOrders, settings.Instruments);
        _reporter = new Reporter(settings, _incidents);
        _fees = new FeeBook(settings);
        _funding = new FundingBook(settings);
        _account = new VenueAccount(settings.Instruments);
        _shares = settings.Account is null ? null : new ShareBook(settings, _markets, _orders, _account);
        _matcher = new Matcher(
            _markets,
            _orders,
            _memory,
            _arrivals,
            _reporter,
            _incidents,
            _fees,
            _account,
            _shares,
            new ImpactModel(settings.Impact, settings.ImpactPpm),
            settings.SelfTrade,
            settings.Fills);
        _bookings = new Bookings(_markets, _account, _funding, _reporter);
        _margin = new MarginBook(settings, _markets, _orders, _account, _funding, _matcher, _reporter);
        _calls = new MarginCalls(settings, _markets, _account, _matcher, _reporter);
        _actions = new ShareActions(settings, _markets, _account, _shares, _matcher, _arrivals, _reporter);
        QueuePosition queue = new(settings.Queue, settings.QueueExponentThousandths);
        _depth = new DepthMatcher(_markets, _orders, _matcher, queue, settings.Trigger);
        _periods = new PeriodMatcher(_markets, _orders, _matcher, _depth, settings.BarPath);
        _entry = new OrderEntry(_markets, _orders, _memory, _reporter, _matcher, _depth, _margin, _shares, settings);
        _reader = new AccountReader(
            _markets, _orders, _account, _margin, _matcher, _reporter, _incidents, _entryLatency);
    }

    /// <inheritdoc/>
    public long NextDue => Math.Min(_reporter.NextDue, NextAnswer);

    // When the next thing that happens by itself makes a report. Every arrival is answered and every end by the clock is
    // told; funding is told of what is held, so that an instant at which nothing is held passes silently.
    private long NextAnswer
    {
        get
        {
            long next = Math.Min(Math.Min(NextOrdered, _actions.NextPayment), _funding.NextOf(_account));
            return next == VenueOrder.Never ? long.MaxValue : _reporter.DueOf(next);
        }
    }

    private long NextAction => Math.Min(Math.Min(NextOrdered, _actions.NextPayment), _funding.Next);

    private long NextOrdered => Math.Min(
        Math.Min(_arrivals.Count == 0 ? VenueOrder.Never : _arrivals.First.ArrivesAt, _orders.NextExpiry),
        _reader.NextDue);

    /// <inheritdoc/>
    public bool Poll(long now, ref Event report)
    {
        while (NextAnswer <= Math.Min(now, _reporter.NextDue))
        {
            Act();
        }

        return _reporter.TryTake(now, ref report);
    }

    /// <inheritdoc/>
    public void OnEvent(in Event published)
    {
        if (published.Kind == EventKind.CashMoved)
        {
            _account.Move(published.CashMoved);
        }
        else if (published.Kind == EventKind.ReadBack && published.ReadBack.Stage == ReadBackStage.Asked
            && published.ReadBack.Venue == EventSource.SimulatedVenue)
        {
            _reader.Ask(published.ReceivedAt);
        }

        bool isMarket = published.Kind is (>= EventKind.InstrumentDefined and <= EventKind.DerivativePrices) or EventKind.CorporateAction
            && (published.Kind != EventKind.StreamState || published.StreamState.Stream == StreamContent.Market);
        if (!isMarket || published.Instrument.Value >= _markets.Length)
        {
            return;
        }

        long at = published.ReceivedAt;
        Ensure.That(at >= _lastInput, "inputs must not run backwards");
        Ensure.That(at > _matchedThrough, "a report was polled before an input that is not later than its cause");
        _lastInput = at;
        while (NextAction < at)
        {
            Act();
        }

        InstrumentId instrument = published.Instrument;
        if (instrument == InstrumentId.None)
        {
            ShowAll(published);
        }
        else
        {
            Show(_markets[instrument.Value], instrument, published, at);
            _margin.Check(instrument, at);
            _calls.Check(instrument, at);
        }
    }

    /// <inheritdoc/>
    public void Submit(in Command command, long sequence, long now)
    {
        Ensure.That(now >= _lastSubmit, "commands must not run backwards");
        _lastSubmit = now;
        long number = ++_commands;

        // One place for this outcome; an accepted command also needs its answer and its order's last word.
        int spare = _matcher.SpareReports;
        bool isIncident = _incidents.TryAt(now, out VenueIncident incident);
        ReportReason reason = command.Verb is < CommandVerb.New or > CommandVerb.Cancel ? ReportReason.Unsupported
            : isIncident && incident.Kind == IncidentKind.Disconnect ? ReportReason.NotConnected
            : _arrivals.IsFull || spare < 3 ? ReportReason.RateLimited
            : ReportReason.None;
        bool isUnknown = isIncident && incident.Kind is IncidentKind.Unknown or IncidentKind.Lost;
        Outcome outcome = reason != ReportReason.None ? Outcome.NotSent
            : isUnknown ? Outcome.Unknown
            : Outcome.Sent;
        _reporter.Outcome(command, sequence, now, number, outcome, reason);
        if (reason == ReportReason.None)
        {
            long leaves = isUnknown ? incident.To : now;
            long arrives = Math.Max(_arrivals.Last, _incidents.VenueUp(leaves + _entryLatency.At(leaves)));
            bool meetsNobody = _incidents.TryAt(arrives, out VenueIncident there) && there.Kind == IncidentKind.Reject;
            _arrivals.Add(new Arrival
            {
                Command = command,
                SubmittedAt = now,
                ArrivesAt = arrives,
                Number = number,
                Refusal = meetsNobody || (isUnknown && incident.Kind == IncidentKind.Lost)
                    ? ReportReason.NotConnected
                    : ReportReason.None,
            });
        }
    }

    /// <summary>
    /// Begins where another venue ended, before the first event: the account has its positions, and ids go on. Orders that
    /// worked there are not known here.
    /// </summary>
    /// <param name="orders">Highest number that was given to an order.</param>
    /// <param name="executions">Highest number that was given to an execution.</param>
    public void Succeed(ulong orders, ulong executions) => _reporter.Succeed(orders, executions);

    /// <summary>Takes a position of the account over from another venue, before the first event.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="position">The position.</param>
    public void Succeed(InstrumentId instrument, in Position position)
    {
        if (instrument.Value < _markets.Length)
        {
            _account.Adopt(instrument, position);
        }
    }

    /// <summary>Takes cash of the account over from another venue, before the first event.</summary>
    /// <param name="cash">The currency and what there is of it.</param>
    public void Succeed(in CashMoved cash) => _account.Move(cash);

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _commands);
        visitor.Visit(ref _lastSubmit);
        visitor.Visit(ref _lastInput);
        visitor.Visit(ref _matchedThrough);
        _arrivals.Visit(visitor);
        _orders.Visit(visitor);
        _memory.Visit(visitor);
        _reporter.Visit(visitor);
        _entry.Visit(visitor);
        for (int i = 1; i < _markets.Length; i++)
        {
            _markets[i].Visit(visitor);
        }

        _account.Visit(visitor);
        _fees.Visit(visitor);
        _funding.Visit(visitor);
        _actions.Visit(visitor);
        _shares?.Visit(visitor);
        _reader.Visit(visitor);
    }

    private static VenueHours[] HoursOf(SimulatedVenueSettings settings)
    {
        VenueHours[] hours = new VenueHours[settings.Calendars.Length + 1];
        hours[0] = new VenueHours(new TradingCalendar([]), 0, 0);
        for (int i = 0; i < settings.Calendars.Length; i++)
        {
            hours[i + 1] = new VenueHours(settings.Calendars[i].Calendar, settings.ExtendedBefore, settings.ExtendedAfter);
        }

        return hours;
    }

    // What happens by itself: the clock ends orders first, then funding and dividends are paid, then commands arrive.
    private void Act()
    {
        long at = NextAction;
        _matchedThrough = at;
        if (_orders.NextExpiry == at)
        {
            _matcher.Expire(_orders.Expiring(at), at);
        }
        else if (_funding.Next == at)
        {
            _margin.Check(_bookings.Fund(at), at);
        }
        else if (_actions.NextPayment == at)
        {
            _actions.PayNext();
        }
        else if (_arrivals.Count == 0 || _arrivals.First.ArrivesAt != at)
        {
            _reader.Answer();
        }
        else
        {
            Arrival arrival = _arrivals.Take();
            _entry.Arrive(arrival);
            _margin.Check(arrival.Command.Instrument, at);
            _calls.Check(arrival.Command.Instrument, at);
        }
    }

    // Without an instrument only the state of a stream means anything: it speaks of all.
    private void ShowAll(in Event published)
    {
        if (published.Kind == EventKind.StreamState)
        {
            for (int i = 1; i < _markets.Length; i++)
            {
                _markets[i].SetStream(published.StreamState.State);
            }
        }
    }

    private void Show(VenueMarket market, InstrumentId instrument, in Event published, long at)
    {
        switch (published.Kind)
        {
            case EventKind.InstrumentDefined:
                if (market.Define(published))
                {
                    // New units: the old orders and the position have no meaning any more.
                    _matcher.EndAll(instrument, at, ReportReason.NoMarket);
                    _account.Forget(instrument);
                }

                _fees.Define(instrument, published.InstrumentDefined);
                _account.Define(instrument, published.InstrumentDefined.Currency);
                _funding.Define(instrument, market.Rules, market.Symbol, at);
                break;
            case EventKind.CorporateAction:
                _actions.Act(instrument, published.CorporateAction, at);
                break;
            case EventKind.DerivativePrices:
                _funding.See(instrument, published.DerivativePrices, at);
                break;
            case EventKind.TradingStatus:
                market.SetStatus(published.TradingStatus.Status);
                _depth.OnDepth(instrument, at);
                break;
            case EventKind.StreamState:
                market.SetStream(published.StreamState.State);
                break;
            case EventKind.BookLevels:
                if (market.TakeLevels(published))
                {
                    _depth.OnDepth(instrument, at);
                }

                break;
            case EventKind.Quote:
                if (market.TakeQuote(published.Quote))
                {
                    _depth.OnDepth(instrument, at);
                }

                break;
            case EventKind.Trade:
                ShowTrade(market, instrument, published.Trade, at);
                break;
            case EventKind.Bar:
                if (market.TakeBar(published.Bar))
                {
                    _periods.OnBar(instrument, published.Bar, at);
                }

                break;
        }
    }

    private void ShowTrade(VenueMarket market, InstrumentId instrument, in Trade trade, long at)
    {
        if ((trade.Marks & TradeMarks.Suspicious) != 0)
        {
            return;
        }

        market.TakeTrade(trade);
        if (market.ShowsDepth)
        {
            _depth.OnPrint(instrument, trade, at);
        }
        else
        {
            _periods.OnPrint(instrument, trade, at);
        }
    }
}
