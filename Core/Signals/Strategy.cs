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
/// Calls come on one thread, in the order of events; strategies are called one after the other in the order of the
/// configuration. Within an event: <see cref="OnStart"/> of a run that begins, then <see cref="OnFill"/> for each internal
/// trade, then <see cref="OnBar"/> for each bar that
/// closed (by instrument, timeframe, start), then the one call of the event's own kind, then <see cref="OnStop"/> of a run
/// that ends. A call may state several signals; stating what already stands is free and does nothing. Doubles are allowed
/// here; use only + - * / sqrt and <c>DeterministicMath</c>.
/// </remarks>
public abstract class Strategy : IStateful
{
    private readonly TimeframeRole[] _roles;
    private readonly long[] _timeframes;

    /// <summary>Creates a strategy that needs no bars.</summary>
    protected Strategy()
        : this(ReadOnlySpan<TimeframeRole>.Empty)
    {
    }

    /// <summary>Creates a strategy that needs bars and no warm-up.</summary>
    /// <param name="timeframes">Bar lengths that it needs, nanoseconds, each once.</param>
    protected Strategy(params ReadOnlySpan<long> timeframes)
        : this(Unnamed(timeframes))
    {
    }

    /// <summary>Creates a strategy that needs bars and has to warm up on them.</summary>
    /// <param name="roles">What it needs bars for; two roles may share a timeframe.</param>
    protected Strategy(params ReadOnlySpan<TimeframeRole> roles)
    {
        _roles = roles.ToArray();
        long[] timeframes = new long[_roles.Length];
        int count = 0;
        foreach (TimeframeRole role in _roles)
        {
            if (!timeframes.AsSpan(0, count).Contains(role.Timeframe))
            {
                timeframes[count++] = role.Timeframe;
            }
        }

        Ensure.That(count <= MarketView.TimeframesMax, "a strategy needs more timeframes than are kept");
        _timeframes = timeframes.AsSpan(0, count).ToArray();
    }

    /// <summary>Bar lengths that it needs, nanoseconds, each once.</summary>
    public ReadOnlySpan<long> Timeframes => _timeframes;

    /// <summary>What it needs bars for.</summary>
    public ReadOnlySpan<TimeframeRole> Roles => _roles;

    /// <summary>
    /// A run began. Nothing can be stated yet. Orders and position of an earlier run are still there: the state is the one
    /// that the earlier run ended with.
    /// </summary>
    /// <param name="context">Market and position.</param>
    public virtual void OnStart(StrategyContext context)
    {
    }

    /// <summary>
    /// A run ends cleanly; this is its last event and nothing can be stated any more. A run that is killed does not say so.
    /// </summary>
    /// <param name="context">Market and position.</param>
    public virtual void OnStop(StrategyContext context)
    {
    }

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

    /// <summary>
    /// An execution was attributed to this strategy, in part or whole, or another strategy that wants the opposite handed it
    /// something inside the account; its virtual position includes it already.
    /// </summary>
    /// <param name="context">Market, position and the way to state a signal.</param>
    /// <param name="instrument">What was traded.</param>
    /// <param name="quantity">Its part, quantity units, signed.</param>
    /// <param name="price">Price units.</param>
    public virtual void OnFill(StrategyContext context, InstrumentMarket instrument, long quantity, long price)
    {
    }

    /// <summary>
    /// A subscribed share was split, paid a dividend, got another name or was delisted. Position and standing wish are in new
    /// shares already. After a split nothing that was measured in old shares can be compared with what comes: the bars are
    /// forgotten, the roles warm up again, and indicators and prices that the strategy keeps have to be cleared here.
    /// </summary>
    /// <param name="context">Market, position and the way to state a signal.</param>
    /// <param name="instrument">The share.</param>
    /// <param name="action">What was done.</param>
    public virtual void OnCorporateAction(
        StrategyContext context, InstrumentMarket instrument, in CorporateAction action)
    {
    }

    /// <summary>
    /// Hands over every field that changes after construction, always in the same order: it is digested, saved and restored
    /// by this one walk. A field that is forgotten here makes a restarted run decide otherwise;
    /// <c>lowlatency strategy check</c> finds it.
    /// </summary>
    /// <param name="visitor">Digest, save or restore.</param>
    public abstract void Visit(StateVisitor visitor);

    private static TimeframeRole[] Unnamed(ReadOnlySpan<long> timeframes)
    {
        TimeframeRole[] roles = new TimeframeRole[timeframes.Length];
        for (int i = 0; i < roles.Length; i++)
        {
            Ensure.That(!timeframes[..i].Contains(timeframes[i]), "a strategy names a timeframe twice");
            roles[i] = new TimeframeRole(string.Empty, timeframes[i], 0);
        }

        return roles;
    }
}
