using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals;

/// <summary>A strategy as the configuration names it.</summary>
/// <param name="Id">Dense, from 1, in the order of the configuration.</param>
/// <param name="Symbols">The instruments that it trades.</param>
/// <param name="Strategy">The idea.</param>
public sealed record StrategyBinding(StrategyId Id, Symbol24[] Symbols, Strategy Strategy);

/// <summary>The first stage: calls the strategies with the event and collects what they want changed.</summary>
public sealed class SignalStage : IStateful
{
    private readonly MarketView _market;
    private readonly IPositions _positions;
    private readonly StrategyBinding[] _bindings;
    private readonly StrategyContext[] _contexts;

    // Signals that found no room so far, and who is asked first while there are some.
    private int _waiting;
    private int _turn;

    /// <summary>Creates the stage.</summary>
    /// <param name="market">The market, folded before the stage runs.</param>
    /// <param name="positions">The portfolio's positions, folded before the stage runs.</param>
    /// <param name="bindings">The strategies, ids dense from 1.</param>
    /// <param name="styles">The ways to work orders that wishes may name; null for the built-in ones.</param>
    /// <param name="rewarmAfter">
    /// Bars missing after an interruption from which on strategies warm up again; 0 for never.
    /// </param>
    public SignalStage(
        MarketView market,
        IPositions positions,
        StrategyBinding[] bindings,
        ExecutionStyles? styles = null,
        int rewarmAfter = 0)
    {
        Ensure.That(bindings.Length <= Limits.Strategies, "more strategies than the limit");
        _market = market;
        _positions = positions;
        _bindings = bindings;
        _contexts = new StrategyContext[bindings.Length];
        for (int i = 0; i < bindings.Length; i++)
        {
            Ensure.That(bindings[i].Id.Value == i + 1, "strategy ids must be dense from 1");
            _contexts[i] = new StrategyContext(
                bindings[i], market, positions, styles ?? ExecutionStyles.BuiltIn, rewarmAfter);
        }
    }

    /// <summary>Signals that found no room in their events and left with later ones, over all strategies.</summary>
    public long Delayed
    {
        get
        {
            long sum = 0;
            foreach (StrategyContext context in _contexts)
            {
                sum += context.Delayed;
            }

            return sum;
        }
    }

    /// <summary>What a strategy sees and has said.</summary>
    /// <param name="strategy">A strategy of the bindings.</param>
    /// <returns>Its context, to read.</returns>
    public StrategyContext Context(StrategyId strategy) => _contexts[strategy.Value - 1];

    /// <summary>Runs the stage on one event.</summary>
    /// <param name="e">The event, already folded into market and portfolio.</param>
    /// <param name="decision">Gets the signals.</param>
    public void OnEvent(in Event e, ref Decision decision)
    {
        ReadOnlySpan<ClosedBar> closed = _market.ClosedBars;
        switch (e.Kind)
        {
            case EventKind.InstrumentDefined:
                Subscribe(e.Instrument, e.InstrumentDefined.Symbol);
                break;
            case EventKind.StreamState when e.StreamState.State != StreamState.Up:
                Interrupt(e.Instrument);
                break;
            case EventKind.EpochStarted:
                Interrupt(InstrumentId.None);
                Start();
                break;
            case EventKind.EpochEnded:
                Stop(closed);
                return;
        }

        // Every fill is told: fills that share a message are not parts of one state, as the levels of a book are.
        bool wanted = e.Kind == EventKind.Execution || IsAction(e)
            || (e.EndsGroup && _market.IsBelieved
                && e.Kind is EventKind.BookLevels or EventKind.Quote or EventKind.Trade or EventKind.Tick);
        ReadOnlySpan<InternalTrade> crossed = _positions.Crossed;
        if (!wanted && closed.IsEmpty && crossed.IsEmpty && (_waiting == 0 || !e.EndsGroup))
        {
            return;
        }

        int waited = _waiting;
        for (int i = 0; i < _contexts.Length; i++)
        {
            StrategyContext context = _contexts[i];
            Strategy strategy = _bindings[i].Strategy;
            if (!crossed.IsEmpty)
            {
                TellCrossed(strategy, context, crossed);
            }

            if (!closed.IsEmpty)
            {
                TellBars(strategy, context, closed);
            }

            if (wanted)
            {
                Call(strategy, context, e);
            }

            // Nobody waits, as a rule: what is stated leaves at once, in the order of the strategies.
            if (waited == 0 && context.PendingCount != 0 && !context.Drain(ref decision))
            {
                _waiting += context.PendingCount;
            }
        }

        if (waited != 0)
        {
            DrainInTurn(ref decision);
        }
    }

    /// <summary>Old shares became new ones, before the strategies are told.</summary>
    /// <param name="rules">The instrument.</param>
    /// <param name="ratio">New for old shares.</param>
    /// <param name="before">What each strategy held, by its number.</param>
    internal void Split(in Instrument rules, in ShareRatio ratio, ReadOnlySpan<long> before)
    {
        foreach (StrategyContext context in _contexts)
        {
            context.Split(rules, ratio, before[context.Strategy.Value], context.Position(rules.Id));
        }
    }

    /// <summary>A share is gone, before the strategies are told.</summary>
    /// <param name="instrument">The instrument.</param>
    internal void Delist(InstrumentId instrument)
    {
        _waiting = 0;
        foreach (StrategyContext context in _contexts)
        {
            context.Delist(instrument);
            _waiting += context.PendingCount;
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _waiting);
        visitor.Visit(ref _turn);
        for (int i = 0; i < _contexts.Length; i++)
        {
            _contexts[i].Visit(visitor);
            _bindings[i].Strategy.Visit(visitor);
        }
    }

    /// <summary>
    /// Some have waited: they go first, and one that is cut off goes on where it was, so that a strategy that says much
    /// cannot silence those behind it.
    /// </summary>
    private void DrainInTurn(ref Decision decision)
    {
        int first = _turn;
        int cut = -1;
        _waiting = 0;
        for (int i = 0; i < _contexts.Length; i++)
        {
            int place = (first + i) % _contexts.Length;
            if (!_contexts[place].Drain(ref decision))
            {
                cut = cut < 0 ? place : cut;
                _waiting += _contexts[place].PendingCount;
            }
        }

        // The first one cut had its share of this event: the next event begins with the one behind it.
        _turn = cut < 0 ? 0 : (cut + 1) % _contexts.Length;
    }

    /// <summary>Data is missing: of one instrument, or of all.</summary>
    private void Interrupt(InstrumentId instrument)
    {
        for (ushort i = 1; i <= _market.Highest; i++)
        {
            if (instrument == InstrumentId.None || instrument.Value == i)
            {
                foreach (StrategyContext context in _contexts)
                {
                    context.Interrupt(new InstrumentId(i));
                }
            }
        }
    }

    private void Start()
    {
        for (int i = 0; i < _contexts.Length; i++)
        {
            _contexts[i].Muted = true;
            _bindings[i].Strategy.OnStart(_contexts[i]);
            _contexts[i].Muted = false;
        }
    }

    /// <summary>The last event of a run: what would be commanded now, nobody could answer.</summary>
    private void Stop(ReadOnlySpan<ClosedBar> closed)
    {
        for (int i = 0; i < _contexts.Length; i++)
        {
            _contexts[i].Muted = true;
            TellBars(_bindings[i].Strategy, _contexts[i], closed);
            _bindings[i].Strategy.OnStop(_contexts[i]);
            _contexts[i].Muted = false;
        }
    }

    private void TellCrossed(Strategy strategy, StrategyContext context, ReadOnlySpan<InternalTrade> crossed)
    {
        foreach (ref readonly InternalTrade trade in crossed)
        {
            long change = trade.ChangeOf(context.Strategy);
            if (change != 0 && context.IsSubscribed(trade.Instrument))
            {
                context.Count(trade.Instrument);
                strategy.OnFill(context, _market[trade.Instrument], change, trade.Price);
            }
        }
    }

    private void TellBars(Strategy strategy, StrategyContext context, ReadOnlySpan<ClosedBar> closed)
    {
        foreach (ref readonly ClosedBar bar in closed)
        {
            if (context.IsSubscribed(bar.Instrument) && strategy.Timeframes.Contains(bar.Timeframe))
            {
                context.Count(bar.Instrument);
                context.CountBar(bar.Instrument, bar.Bar);
                strategy.OnBar(context, _market[bar.Instrument], bar.Bar);
            }
        }
    }

    private void Call(Strategy strategy, StrategyContext context, in Event e)
    {
        if (e.Kind == EventKind.Tick)
        {
            context.Count(InstrumentId.None);
            strategy.OnTick(context);
            return;
        }

        if (!context.IsSubscribed(e.Instrument) || !_market.TryGet(e.Instrument, out InstrumentMarket? instrument))
        {
            return;
        }

        switch (e.Kind)
        {
            case EventKind.BookLevels:
                if (instrument.Book.IsReady)
                {
                    context.Count(e.Instrument);
                    strategy.OnBook(context, instrument);
                }

                break;
            case EventKind.Quote when e.Quote.BidQuantity >= 0 && e.Quote.AskQuantity >= 0:
                context.Count(e.Instrument);
                strategy.OnQuote(context, instrument, e.Quote);
                break;
            case EventKind.Trade when e.Trade.Quantity > 0:
                context.Count(e.Instrument);
                strategy.OnTrade(context, instrument, e.Trade);
                break;
            case EventKind.CorporateAction:
                context.Count(e.Instrument);
                strategy.OnCorporateAction(context, instrument, e.CorporateAction);
                break;
            case EventKind.Execution:
                long filled = _positions.FilledNow(context.Strategy);
                if (filled != 0)
                {
                    context.Count(e.Instrument);
                    strategy.OnFill(context, instrument, filled, e.Execution.Price);
                }

                break;
        }
    }

    private static bool IsAction(in Event e) =>
        e.Kind == EventKind.CorporateAction && e.CorporateAction.Effect == CorporateActionEffect.InForce;

    private void Subscribe(InstrumentId instrument, in Symbol24 symbol)
    {
        ReadOnlySpan<byte> name = symbol;
        for (int i = 0; i < _bindings.Length; i++)
        {
            foreach (ref readonly Symbol24 wanted in _bindings[i].Symbols.AsSpan())
            {
                if (name.SequenceEqual(wanted))
                {
                    _contexts[i].Subscribe(instrument);
                }
            }
        }
    }
}
