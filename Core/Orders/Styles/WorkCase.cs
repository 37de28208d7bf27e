using System;
using LowLatency.Core.Market;
using LowLatency.Core.Risk;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>What a style looks at when it plans.</summary>
internal readonly ref struct WorkCase
{
    /// <summary>The instrument's market; defined.</summary>
    internal required InstrumentMarket Market { get; init; }

    /// <summary>The side to trade.</summary>
    internal required Side Side { get; init; }

    /// <summary>What is missing, what is open included; quantity units, positive.</summary>
    internal required long Left { get; init; }

    /// <summary>What could still trade of its orders.</summary>
    internal required long Open { get; init; }

    /// <summary>Price of its live order; 0 when there is none.</summary>
    internal required long LivePrice { get; init; }

    /// <summary>Worst price that the wish allows; 0 for any.</summary>
    internal required long Limit { get; init; }

    /// <summary>Bound of an order that trades at once; 0 without any price.</summary>
    internal required long Marketable { get; init; }

    /// <summary>ReceivedAt of the event.</summary>
    internal required long Now { get; init; }

    /// <summary>The bound of an order that trades at once, never beyond the limit.</summary>
    internal long Bound => Limit == 0 || Marketable == 0
        ? Marketable
        : Side == Side.Buy ? Math.Min(Limit, Marketable) : Math.Max(Limit, Marketable);

    /// <summary>A price that does not reach the other side: at most a tick short of it.</summary>
    internal long ShortOfTouch(long price)
    {
        if (!Market.TryBest(out long bid, out _, out long ask, out _))
        {
            return price;
        }

        long tick = Market.Definition.Tick;
        return Side == Side.Buy ? Math.Min(price, ask - tick) : Math.Max(price, bid + tick);
    }

    /// <summary>Trades at once what is due. What is in flight stays: it ends by itself in a moment.</summary>
    internal Child Take(long due) =>
        new(Math.Min(Left, Math.Max(due, Open)), Bound, Manner.Take, Takes: true, Slice: 0);

    /// <summary>Rests.</summary>
    internal static Child Rest(long quantity, long price, Manner manner) =>
        new(quantity, price, manner, Takes: false, Slice: 0);

    /// <summary>True when a part is large enough for the venue.</summary>
    internal bool IsOrder(long quantity)
    {
        ref readonly Instrument rules = ref Market.Definition;
        return quantity > 0
            && quantity >= rules.MinQuantity
            && (rules.MinNotional == 0 || rules.Notional(Bound, quantity) >= rules.MinNotional);
    }
}
