using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals;

/// <summary>
/// What a wish about old shares means of new ones: who has what he wants goes on having it, whatever his part became by rounding;
/// else the target is multiplied as a position is. Quotes are of a book that is gone: they offer nothing until the strategy quotes again.
/// </summary>
public static class SplitWish
{
    /// <summary>The wish in new shares.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="ratio">New for old shares.</param>
    /// <param name="rules">The instrument.</param>
    /// <param name="before">What its strategy held, old quantity units.</param>
    /// <param name="after">What it holds, new quantity units.</param>
    /// <returns>The wish as it stands from the split on.</returns>
    public static Signal Of(in Signal wish, in ShareRatio ratio, in Instrument rules, long before, long after)
    {
        Signal changed = wish;
        switch (wish.Kind)
        {
            case SignalKind.Quotes:
                changed.BidPrice = changed.BidQuantity = changed.AskPrice = changed.AskQuantity = 0;
                break;
            case SignalKind.Target or SignalKind.TargetWithLimit:
                changed.Target = wish.Target == before ? after : ratio.Quantity(wish.Target);
                if (wish.LimitPrice != 0)
                {
                    // Never to a worse price than was written.
                    long limit = wish.Target < before ? ratio.PriceUp(wish.LimitPrice) : ratio.PriceDown(wish.LimitPrice);
                    Side side = wish.Target < before ? Side.Sell : Side.Buy;
                    changed.LimitPrice = Math.Max(rules.Tick, rules.RoundToTickPassive(limit, side));
                }

                break;
        }

        changed.StopPrice = PriceOf(wish.StopPrice, ratio);
        changed.TakePrice = PriceOf(wish.TakePrice, ratio);
        return changed;
    }

    /// <summary>A price at which a position is left, in new shares: rounded down; none stays none.</summary>
    internal static long PriceOf(long price, in ShareRatio ratio) => price == 0 ? 0 : Math.Max(1, ratio.PriceDown(price));
}
