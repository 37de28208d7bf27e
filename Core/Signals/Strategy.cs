using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;

namespace LowLatency.Core.Signals;

/// <summary>
/// A trading idea. It is called with facts and states through its context what it wants to be true: a target position, a
/// two-sided quote, flat. It never sends an order, reads no clock and keeps all its state in fields that
/// <see cref="Visit"/> hands over.
/// </summary>
/// <remarks>
/// Calls come on one thread, in the order of events. A call may state several signals; stating what already stands is
/// free and does nothing. Doubles are allowed here; use only + - * / sqrt and <c>DeterministicMath</c>.
/// </remarks>
public abstract class Strategy : IStateful
{
    private readonly long[] _timeframes;

    /// <summary>Creates the strategy.</summary>
    /// <param name="timeframes">Bar lengths that it needs, nanoseconds; may be empty.</param>
    protected Strategy(params ReadOnlySpan<long> timeframes) => _timeframes = timeframes.ToArray();

    /// <summary>Bar lengths that it needs, nanoseconds.</summary>
    public ReadOnlySpan<long> Timeframes => _timeframes;

    /// <summary>A book of a subscribed instrument changed: called at the end of a group, when the book is whole.</summary>
    /// <param name="context">Market, position and the way to state a signal.</param>
    /// <param name="instrument">Whose book.</param>
    public virtual void OnBook(StrategyContext context, InstrumentMarket instrument)
    {
    }

    /// <summary>A best bid and ask of a subscribed instrument arrived.</summary>
    /// <param name="context">Market, position and the way to state a signal.</param>
    /// <param name="instrument">Whose quote.</param>
    /// <param name="quote">The quote.</param>
    public virtual void OnQuote(StrategyContext context, InstrumentMarket instrument, in Quote quote)
    {
    }

    /// <summary>A print of a subscribed instrument arrived.</summary>
    /// <param name="context">Market, position and the way to state a signal.</param>
    /// <param name="instrument">Whose print.</param>
    /// <param name="trade">The print.</param>
    public virtual void OnTrade(StrategyContext context, InstrumentMarket instrument, in Trade trade)
    {
    }

    /// <summary>A bar of a subscribed instrument and a needed timeframe closed.</summary>
    /// <param name="context">Market, position and the way to state a signal.</param>
    /// <param name="instrument">Whose bar.</param>
    /// <param name="bar">The closed bar.</param>
    public virtual void OnBar(StrategyContext context, InstrumentMarket instrument, in Bar bar)
    {
    }

    /// <summary>A timer tick.</summary>
    /// <param name="context">Market, position and the way to state a signal.</param>
    public virtual void OnTick(StrategyContext context)
    {
    }

    /// <summary>An execution was attributed to this strategy, in part or whole; its virtual position includes it already.</summary>
    /// <param name="context">Market, position and the way to state a signal.</param>
    /// <param name="instrument">What was traded.</param>
    /// <param name="quantity">Its part, quantity units, signed.</param>
    /// <param name="price">Price units.</param>
    public virtual void OnFill(StrategyContext context, InstrumentMarket instrument, long quantity, long price)
    {
    }

    /// <inheritdoc/>
    public abstract void Visit(StateVisitor visitor);
}
