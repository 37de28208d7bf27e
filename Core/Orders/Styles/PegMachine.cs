using System;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// One order with everything that follows the touch of its side at a distance, never takes and never passes the wish's
/// limit nor goes too far from where it began. It moves at most so often in a window; then it stays where it is until the
/// oldest move has left the window. When all its moves are spent, the next one goes to the market instead.
/// </summary>
internal sealed class PegMachine(ExecutionStyle style, RepegHistory repegs) : StyleMachine(style)
{
    /// <inheritdoc/>
    internal override Child Plan(in WorkCase work, ref ParentOrder parent)
    {
        long price = Wanted(work.Market, parent);
        if (price <= 0)
        {
            // Without a touch there is nothing to follow.
            return WorkCase.Rest(MayStay(work) ? Math.Min(work.Open, work.Left) : 0, work.LivePrice, Manner.Post);
        }

        if (work.LivePrice != 0 && price != work.LivePrice)
        {
            if (IsSpent(parent))
            {
                parent.IsOver = true;
                return work.Take(work.Left);
            }

            long free = repegs.FreeAt(work.Market.Definition.Id, Style);
            if (work.Now < free)
            {
                parent.DueBy(free);
                return WorkCase.Rest(MayStay(work) ? work.Left : 0, work.LivePrice, Manner.Post);
            }
        }

        return WorkCase.Rest(work.Left, price, Manner.Post);
    }

    /// <inheritdoc/>
    internal override long StirredAt(InstrumentMarket market, in ParentOrder parent, long livePrice)
    {
        long price = Wanted(market, parent);
        return price <= 0 || price == livePrice ? Never
            : livePrice == 0 || IsSpent(parent) ? 0
            : repegs.FreeAt(market.Definition.Id, Style);
    }

    /// <inheritdoc/>
    internal override void OnMoved(InstrumentId instrument, long now) => repegs.Add(instrument, now);

    /// <summary>True for an order at a price that the wish still allows: its limit may have come closer since.</summary>
    private static bool MayStay(in WorkCase work) => work.LivePrice != 0
        && (work.Limit == 0 || Within(work.Limit, work.LivePrice, work.Side) == work.LivePrice);

    /// <summary>True when it may not be moved any more at all.</summary>
    private bool IsSpent(in ParentOrder parent) => Style.RepegsInAll != 0 && parent.Moves >= Style.RepegsInAll;

    private long Wanted(InstrumentMarket market, in ParentOrder parent)
    {
        Side side = parent.Side;
        if (!market.TryBest(out long bid, out _, out long ask, out _))
        {
            return 0;
        }

        ref readonly Instrument rules = ref market.Definition;
        long touch = side == Side.Buy ? Math.Min(bid, ask - rules.Tick) : Math.Max(ask, bid + rules.Tick);
        long price = rules.RoundToTickPassive(touch - (side.Sign() * Style.DistanceTicks * rules.Tick), side);
        if (Style.AwayTicks != 0 && parent.Anchor != 0)
        {
            price = Within(parent.Anchor + (side.Sign() * Style.AwayTicks * rules.Tick), price, side);
        }

        return parent.Limit == 0 ? price : Within(parent.Limit, price, side);
    }

    private static long Within(long bound, long price, Side side) =>
        side == Side.Buy ? Math.Min(price, bound) : Math.Max(price, bound);
}
