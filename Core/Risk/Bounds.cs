using System;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>The limits of one instrument in its own units: looked up once for each definition.</summary>
internal readonly struct Bounds
{
    private readonly long _bestStaleAfter;
    private readonly long _tradesStaleAfter;
    private readonly long _barsStaleAfter;

    internal Bounds(InstrumentLimits limits)
    {
        OrderNotional = limits.MaxOrderNotional;
        CollarBps = limits.PriceCollarBps;
        StaleAfter = limits.StaleAfter;
        TradeLoss = limits.MaxTradeLoss;
        WorstMoveBps = limits.WorstMoveBps;
        RequiresStop = limits.RequiresStop;
        CloseUnprotectedAfter = limits.CloseUnprotectedAfter;
        MaxDepthPpm = limits.MaxDepthPpm;
        MaxImpactBps = limits.MaxImpactBps;
        _bestStaleAfter = limits.BestStaleAfter;
        _tradesStaleAfter = limits.TradesStaleAfter;
        _barsStaleAfter = limits.BarsStaleAfter;
    }

    internal Bounds(InstrumentLimits limits, in Instrument rules)
        : this(limits)
    {
        OrderQuantity = Math.Min(rules.FromE9(limits.MaxOrderQuantityE9), rules.MaxQuantity);
        Position = rules.FromE9(limits.MaxPositionE9);
    }

    /// <summary>Largest order, quantity units; the venue's bound included.</summary>
    internal long OrderQuantity { get; }

    /// <summary>Largest order, money units.</summary>
    internal long OrderNotional { get; }

    /// <summary>Largest worst-case position, quantity units.</summary>
    internal long Position { get; }

    /// <summary>Largest distance of an order's price from the market, basis points.</summary>
    internal int CollarBps { get; }

    /// <summary>Most that one trade may lose, money units; 0 for any.</summary>
    internal long TradeLoss { get; }

    /// <summary>Worst move against a position without a stop, basis points.</summary>
    internal int WorstMoveBps { get; }

    /// <summary>Nanoseconds after which a price is too old.</summary>
    internal long StaleAfter { get; }

    /// <summary>True when nobody may add without a protective stop.</summary>
    internal bool RequiresStop { get; }

    /// <summary>Nanoseconds that a position may be without the stop that it must have; 0 for ever.</summary>
    internal long CloseUnprotectedAfter { get; }

    /// <summary>Largest order that takes, millionths of what is shown up to its price; 0 for any.</summary>
    internal int MaxDepthPpm { get; }

    /// <summary>Largest distance of the mean price by what is shown from the touch, basis points; 0 for any.</summary>
    internal int MaxImpactBps { get; }

    /// <summary>
    /// True when the price and every stream that was given an age are young enough. Each stream speaks for itself: prints do
    /// not make a silent book younger. A stream that was never heard is of any age.
    /// </summary>
    /// <param name="market">The instrument's market.</param>
    /// <param name="now">ReceivedAt.</param>
    /// <param name="age">Nanoseconds of what is too old, or of the price.</param>
    /// <param name="allowed">Its age allowed.</param>
    internal bool IsFresh(InstrumentMarket market, long now, out long age, out long allowed) =>
        IsYoung(market.ReferenceAt, StaleAfter, now, out age, out allowed)
        && (_bestStaleAfter == 0 || IsYoung(market.BestAt, _bestStaleAfter, now, out age, out allowed))
        && (_tradesStaleAfter == 0 || IsYoung(market.LastTradeAt, _tradesStaleAfter, now, out age, out allowed))
        && (_barsStaleAfter == 0 || IsYoung(market.LastBarAt, _barsStaleAfter, now, out age, out allowed));

    private static bool IsYoung(long at, long staleAfter, long now, out long age, out long allowed)
    {
        allowed = staleAfter;
        age = at == 0 ? long.MaxValue : now - at;
        return age <= staleAfter;
    }

    /// <summary>A price times the collar.</summary>
    internal long Collar(long price) => Wide.MultiplyDivide(price, CollarBps, 10_000);
}
