using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;

namespace LowLatency.Core.Risk;

/// <summary>
/// The breakers. One that trips stays tripped, over midnight and over restarts, until an operator resets all of them.
/// </summary>
public sealed class Breakers : IStateful
{
    /// <summary>Kinds there are.</summary>
    public const int Kinds = 6;

    /// <summary>Largest limit of a breaker with a window.</summary>
    public const int WindowMax = 1024;

    private readonly BreakerRule?[] _rules = new BreakerRule?[Kinds + 1];
    private readonly EventWindow?[] _windows = new EventWindow?[Kinds + 1];
    private readonly PortfolioLedger _portfolio;
    private readonly TradingDay _day;
    private readonly EquityMarks _equity = new();
    private readonly AccountGate? _gate;
    private readonly bool _values;
    private int _tripped;
    private long _losingBefore;

    /// <summary>Creates the breakers.</summary>
    /// <param name="rules">At most one of each kind.</param>
    /// <param name="day">When a trading day begins.</param>
    /// <param name="portfolio">Positions and cash.</param>
    /// <param name="gate">Until it has found the account equal to the venue's, no equity is known; null where nobody compares.</param>
    internal Breakers(BreakerRule[] rules, TradingDay day, PortfolioLedger portfolio, AccountGate? gate = null)
    {
        _gate = gate;
        _portfolio = portfolio;
        _day = day;
        foreach (BreakerRule rule in rules)
        {
            int kind = (int)rule.Kind;
            bool counts = rule.Kind is BreakerKind.Rejects or BreakerKind.Orders or BreakerKind.VenueErrors;
            Ensure.That(kind is >= 1 and <= Kinds && _rules[kind] is null, "a breaker of an unknown kind, or one twice");
            Ensure.That(rule.Limit > 0 && rule.Action != BreakerAction.None, "a breaker without a limit or an action");
            Ensure.That(counts == (rule.Window > 0), "exactly the breakers that count have a window");
            Ensure.That(!counts || rule.Limit <= WindowMax, "a breaker that counts has too large a limit");
            _rules[kind] = rule;
            _windows[kind] = counts ? new EventWindow((int)rule.Limit) : null;
            _values |= rule.Kind is BreakerKind.DailyLoss or BreakerKind.Drawdown;
        }
    }

    /// <summary>What the tripped breakers ask for; none when all hold.</summary>
    internal BreakerAction Action { get; private set; }

    /// <summary>The tripped breaker that asks for it.</summary>
    internal BreakerKind Strongest { get; private set; }

    /// <summary>True when any breaker is tripped.</summary>
    public bool AnyTripped => _tripped != 0;

    /// <summary>True when a breaker is tripped.</summary>
    /// <param name="kind">Which.</param>
    /// <returns>Whether it waits for an operator.</returns>
    public bool IsTripped(BreakerKind kind) => (_tripped & (1 << (int)kind)) != 0;

    /// <summary>True when a tripped breaker takes everybody out.</summary>
    internal bool Flattens { get; private set; }

    /// <summary>Looks at an event.</summary>
    /// <param name="e">The event, folded into market and portfolio.</param>
    /// <param name="now">Its ReceivedAt.</param>
    /// <returns>True when a breaker tripped.</returns>
    internal bool See(in Event e, long now)
    {
        int before = _tripped;
        switch (e.Kind)
        {
            case EventKind.CommandOutcome when IsError(e.CommandOutcome):
                Count(BreakerKind.VenueErrors, now);
                break;
            case EventKind.OrderReport when IsReject(e.OrderReport):
                Count(BreakerKind.Rejects, now);
                break;
            case EventKind.CashMoved:
                _equity.Move(_portfolio.IndexOf(e.CashMoved.Currency), e.CashMoved.Amount);
                break;
            case EventKind.BookLevels or EventKind.Quote or EventKind.Trade or EventKind.Bar
                when e.EndsGroup && _values && _portfolio.IsHeld(e.Instrument):
                Value(now);
                break;
            case EventKind.Execution or EventKind.Tick or EventKind.Operator when _values:
                Value(now);
                break;
        }

        // Sent orders are counted after the event that sent them.
        Check(BreakerKind.Orders, now);
        Measure(BreakerKind.LosingTrades, Math.Min(_portfolio.Trips.LosingRun, _portfolio.Trips.Closed - _losingBefore));
        return _tripped != before;
    }

    /// <summary>An order or amendment was sent.</summary>
    internal void OnSent(long now) => _windows[(int)BreakerKind.Orders]?.Add(now);

    /// <summary>
    /// Cash became what the venue says: what there is more of is nobody's profit, what is missing counts as lost.
    /// </summary>
    internal void OnCashAdjusted(int currency, long amount)
    {
        if (amount > 0)
        {
            _equity.Move(currency, amount);
        }
    }

    /// <summary>An operator has looked: everything is measured anew from here.</summary>
    internal void Reset()
    {
        _tripped = 0;
        _losingBefore = _portfolio.Trips.Closed;
        _equity.Forget();
        foreach (EventWindow? window in _windows)
        {
            window?.Clear();
        }

        FindAction();
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        _equity.Visit(visitor);
        foreach (EventWindow? window in _windows)
        {
            window?.Visit(visitor);
        }

        visitor.Visit(ref _tripped);
        visitor.Visit(ref _losingBefore);
        FindAction();
    }

    /// <summary>The gateway says that a request did not leave or may not have; a killed one was meant to stay.</summary>
    private static bool IsError(in CommandOutcome outcome) =>
        outcome.Outcome == Outcome.Unknown
        || (outcome.Outcome == Outcome.NotSent && outcome.Reason != ReportReason.Killed);

    /// <summary>
    /// A refusal; but a quote that would have taken, and a request that lost the race against a fill, are everyday.
    /// </summary>
    private static bool IsReject(in OrderReport report) =>
        report.Status is OrderStatus.Rejected or OrderStatus.AmendRejected or OrderStatus.CancelRejected
        && report.Reason is not (
            ReportReason.PostOnlyWouldTake or ReportReason.UnknownOrder or ReportReason.AmendBelowFilled);

    private void Value(long now)
    {
        if (_gate is { IsSeeded: false })
        {
            return;
        }

        _equity.Mark(_portfolio, _day.Of(now, _equity.Day));
        Measure(BreakerKind.DailyLoss, _equity.DailyLoss);
        Measure(BreakerKind.Drawdown, _equity.Drawdown);
    }

    private void Count(BreakerKind kind, long now)
    {
        _windows[(int)kind]?.Add(now);
        Check(kind, now);
    }

    private void Check(BreakerKind kind, long now)
    {
        if (_windows[(int)kind] is { } window && window.IsFull(now - _rules[(int)kind]!.Window))
        {
            Trip(kind);
        }
    }

    private void Measure(BreakerKind kind, long value)
    {
        if (_rules[(int)kind] is { } rule && value >= rule.Limit)
        {
            Trip(kind);
        }
    }

    private void Trip(BreakerKind kind)
    {
        if (!IsTripped(kind))
        {
            _tripped |= 1 << (int)kind;
            FindAction();
        }
    }

    private void FindAction()
    {
        Action = BreakerAction.None;
        Strongest = BreakerKind.None;
        Flattens = false;
        for (int kind = 1; kind <= Kinds; kind++)
        {
            if (IsTripped((BreakerKind)kind) && _rules[kind] is { } rule)
            {
                Flattens |= rule.Action == BreakerAction.Flatten;
                if (rule.Action > Action)
                {
                    Action = rule.Action;
                    Strongest = rule.Kind;
                }
            }
        }
    }
}
