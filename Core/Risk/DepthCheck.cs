using System;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Checks 33 and 34, of orders that take: how large one is against what is shown up to its price, and how far the mean price
/// that it would pay lies from the touch. The estimate walks what is shown; what is not shown is taken to trade at the
/// order's price. Where nothing is shown there is nothing to hold an order against: it is refused.
/// </summary>
internal static class DepthCheck
{
    private const int Bps = 10_000;
    private const int Million = 1_000_000;

    /// <summary>Cuts an order.</summary>
    internal static void Cap(in OrderCase order, in Bounds bounds, ref RiskCheck check)
    {
        if ((bounds.MaxDepthPpm == 0 && bounds.MaxImpactBps == 0) || check.Left <= order.Reducing)
        {
            return;
        }

        InstrumentMarket market = order.Market;
        if (!market.TryBest(out long bid, out long bidQuantity, out long ask, out long askQuantity))
        {
            RiskReason unseen = bounds.MaxDepthPpm != 0 ? RiskReason.VisibleDepth : RiskReason.Impact;
            check.KeepIf(false, order.Reducing, unseen, check.Left, 0);
            return;
        }

        bool buys = order.Side == Side.Buy;
        long touch = buys ? ask : bid;
        if (buys ? order.Price < ask : order.Price > bid)
        {
            return;
        }

        ref readonly Instrument rules = ref market.Definition;
        if (bounds.MaxDepthPpm != 0)
        {
            long shown = market.Book.HasData
                ? market.Book.QuantityUpTo(order.Side.Opposite(), order.Price)
                : buys ? askQuantity : bidQuantity;
            long most = Wide.MultiplyDivide(shown, bounds.MaxDepthPpm, Million);
            check.Cap(Math.Max(order.Reducing, most), rules, RiskReason.VisibleDepth, check.Left, most);
        }

        if (bounds.MaxImpactBps != 0 && check.Left > order.Reducing)
        {
            long most = Within(order, bounds.MaxImpactBps, touch, buys ? askQuantity : bidQuantity, check.Left, out long impact);
            check.Cap(Math.Max(order.Reducing, most), rules, RiskReason.Impact, impact, bounds.MaxImpactBps);
        }
    }

    /// <summary>
    /// The largest part of an order whose mean price is near enough to the touch. The mean only gets worse on the way, so the
    /// first level at which it becomes too bad holds the answer.
    /// </summary>
    /// <param name="order">The order.</param>
    /// <param name="maxBps">Largest distance.</param>
    /// <param name="touch">The best price of the other side.</param>
    /// <param name="atTouch">What is shown there.</param>
    /// <param name="quantity">Its quantity.</param>
    /// <param name="impact">Distance of the mean price of the whole order, basis points, rounded up.</param>
    private static long Within(
        in OrderCase order, int maxBps, long touch, long atTouch, long quantity, out long impact)
    {
        Book book = order.Market.Book;
        Side side = order.Side.Opposite();
        int levels = !book.HasData ? 1 : side == Side.Buy ? book.BidCount : book.AskCount;
        Int128 allowed = (Int128)touch * maxBps;
        Int128 extra = 0;
        Int128 walked = 0;
        long fits = -1;
        for (int depth = 0; walked < quantity; depth++)
        {
            BookLevel level = depth >= levels ? new BookLevel(order.Price, quantity)
                : book.HasData ? book.LevelAt(side, depth)
                : new BookLevel(touch, atTouch);
            bool isShown = order.Side == Side.Buy ? level.Price <= order.Price : level.Price >= order.Price;
            Int128 take = isShown ? Int128.Min(level.Quantity, quantity - walked) : quantity - walked;
            Int128 away = Math.Abs((isShown ? level.Price : order.Price) - touch);
            Int128 over = (away * Bps) - allowed;
            if (fits < 0 && over > 0 && (over * take) > (allowed * walked) - (extra * Bps))
            {
                fits = (long)(walked + (((allowed * walked) - (extra * Bps)) / over));
            }

            extra += away * take;
            walked += take;
        }

        Int128 whole = (Int128)touch * quantity;
        impact = (long)(((extra * Bps) + whole - 1) / whole);
        return fits < 0 ? quantity : fits;
    }
}
