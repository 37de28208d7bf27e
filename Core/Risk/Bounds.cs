using System;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>The limits of one instrument in its own units: looked up once for each definition.</summary>
internal readonly struct Bounds
{
    internal Bounds(InstrumentLimits limits)
    {
        OrderNotional = limits.MaxOrderNotional;
        CollarBps = limits.PriceCollarBps;
        StaleAfter = limits.StaleAfter;
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

    /// <summary>Nanoseconds after which data is too old.</summary>
    internal long StaleAfter { get; }

    /// <summary>A price times the collar.</summary>
    internal long Collar(long price) => Wide.MultiplyDivide(price, CollarBps, 10_000);
}
