using System;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// Equal slices over a time: the first at once, the last when the schedule ends, each at the market within the bound. What
/// a slice did not get is caught up with the next one, so the schedule holds in sum.
/// </summary>
internal sealed class TwapMachine(ExecutionStyle style) : StyleMachine(style)
{
    /// <inheritdoc/>
    internal override Child Plan(in WorkCase work, ref ParentOrder parent)
    {
        int slices = Style.Slices;
        long passed = work.Now - parent.StartedAt;
        long steps = Math.Max(1, slices - 1);
        int due = passed >= Style.Duration ? slices
            : (int)Math.Min(slices, 1 + Wide.MultiplyDivide(passed, steps, Style.Duration));
        long whole = parent.Quantity - parent.FilledBefore;
        long planned = due == slices ? whole : work.Market.Definition.RoundToLot(Wide.MultiplyDivide(whole, due, slices));
        long quantity = work.Market.Definition.RoundToLot(planned - (parent.Filled - parent.FilledBefore));
        if (due < slices)
        {
            // The first instant at which one more is due: where it is no whole nanosecond, the next one.
            long next = Wide.MultiplyDivide(Style.Duration, due, steps);
            next += Wide.MultiplyDivide(next, steps, Style.Duration) < due ? 1 : 0;
            parent.DueBy(parent.StartedAt + next);
        }

        return work.Take(due == slices || work.IsOrder(quantity) ? quantity : 0);
    }
}
