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
    private readonly Signal[] _noRoom = new Signal[Limits.SignalsPerEvent];
    private int _noRoomCount;

    /// <summary>Creates the stage.</summary>
    /// <param name="market">The market, folded before the stage runs.</param>
    /// <param name="positions">The portfolio's positions, folded before the stage runs.</param>
    /// <param name="bindings">The strategies, ids dense from 1.</param>
    public SignalStage(MarketView market, IPositions positions, StrategyBinding[] bindings)
    {
        Ensure.That(bindings.Length <= Limits.Strategies, "more strategies than the limit");
        _market = market;
        _positions = positions;
        _bindings = bindings;
        _contexts = new StrategyContext[bindings.Length];
        for (int i = 0; i < bindings.Length; i++)
        {
            Ensure.That(bindings[i].Id.Value == i + 1, "strategy ids must be dense from 1");
            _contexts[i] = new StrategyContext(bindings[i].Id, market, positions);
        }
    }

    /// <summary>Signals that found no room in their events, over all strategies.</summary>
    public long Dropped
    {
        get
        {
            long sum = 0;
            foreach (StrategyContext context in _contexts)
            {
                sum += context.Dropped;
            }

            return sum;
        }
    }

    /// <summary>The first signals of the event that found no room; more are only counted.</summary>
    public ReadOnlySpan<Signal> NoRoom => _noRoom.AsSpan(0, _noRoomCount);

    /// <summary>Runs the stage on one event.</summary>
    /// <param name="e">The event, already folded into market and portfolio.</param>
    /// <param name="decision">Gets the signals.</param>
    public void OnEvent(in Event e, ref Decision decision)
    {
        _noRoomCount = 0;
        if (e.Kind == EventKind.InstrumentDefined)
        {
            Subscribe(e.Instrument, e.InstrumentDefined.Symbol);
        }

        ReadOnlySpan<ClosedBar> closed = _market.ClosedBars;

        // Every fill is told: fills that share a message are not parts of one state, as the levels of a book are.
        bool wanted = e.Kind == EventKind.Execution
            || (e.EndsGroup && e.Kind is EventKind.BookLevels or EventKind.Quote or EventKind.Trade or EventKind.Tick);
        if (!wanted && closed.IsEmpty)
        {
            return;
        }

        for (int i = 0; i < _contexts.Length; i++)
        {
            StrategyContext context = _contexts[i];
            Strategy strategy = _bindings[i].Strategy;
            foreach (ref readonly ClosedBar bar in closed)
            {
                if (context.IsSubscribed(bar.Instrument) && strategy.Timeframes.Contains(bar.Timeframe))
                {
                    strategy.OnBar(context, _market[bar.Instrument], bar.Bar);
                }
            }

            if (wanted)
            {
                Call(strategy, context, e);
            }

            if (context.PendingCount != 0)
            {
                context.Drain(ref decision, _noRoom, ref _noRoomCount);
            }
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        for (int i = 0; i < _contexts.Length; i++)
        {
            _contexts[i].Visit(visitor);
            _bindings[i].Strategy.Visit(visitor);
        }
    }

    private void Call(Strategy strategy, StrategyContext context, in Event e)
    {
        if (e.Kind == EventKind.Tick)
        {
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
                    strategy.OnBook(context, instrument);
                }

                break;
            case EventKind.Quote when e.Quote.BidQuantity >= 0 && e.Quote.AskQuantity >= 0:
                strategy.OnQuote(context, instrument, e.Quote);
                break;
            case EventKind.Trade when e.Trade.Quantity > 0:
                strategy.OnTrade(context, instrument, e.Trade);
                break;
            case EventKind.Execution:
                long filled = _positions.FilledNow(context.Strategy);
                if (filled != 0)
                {
                    strategy.OnFill(context, instrument, filled, e.Execution.Price);
                }

                break;
        }
    }

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
