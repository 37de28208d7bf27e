using System;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// The place of a parent's resting order in its queue, from what is shown and printed. What stands before it only ever becomes
/// less: who left may have stood behind it, and that is not reckoned with.
/// </summary>
internal static class QueuePlace
{
    /// <summary>What is shown at a price on our side; nothing where the price is not shown.</summary>
    internal static long ShownAt(InstrumentMarket market, Side side, long price)
    {
        if (market.Book.HasData)
        {
            return market.Book.IsReady ? market.Book.QuantityAt(side, price) : 0;
        }

        return market.TryBest(out long bid, out long bidQuantity, out long ask, out long askQuantity)
            && price == (side == Side.Buy ? bid : ask)
                ? (side == Side.Buy ? bidQuantity : askQuantity)
                : 0;
    }

    /// <summary>Follows a market event: what is printed at the order's price, and what is shown there.</summary>
    internal static void Follow(in Event e, InstrumentMarket market, long price, ref ParentOrder parent)
    {
        if (e.Kind == EventKind.Trade)
        {
            bool reaches = parent.Side == Side.Buy ? e.Trade.Price <= price : e.Trade.Price >= price;
            parent.Ahead -= reaches && e.Trade.Aggressor != parent.Side ? Math.Min(parent.Ahead, Math.Max(0, e.Trade.Quantity)) : 0;
        }
        else if (e.EndsGroup && market.IsReady)
        {
            parent.Ahead = Math.Min(parent.Ahead, ShownAt(market, parent.Side, price));
        }
    }

    /// <summary>
    /// True when the place promises a longer wait than it may, at the pace of the prints since the parent began. A quarter of
    /// that time shows the pace; where nothing was printed in it, no place behind anybody promises anything.
    /// </summary>
    internal static bool IsTooFarBack(in ParentOrder parent, long now, long mostWait)
    {
        long passed = now - parent.StartedAt;
        return passed >= mostWait / 4 && (Int128)parent.Ahead * passed > (Int128)parent.Printed * mostWait;
    }
}
