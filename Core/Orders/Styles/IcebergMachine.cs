using System;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// Resting orders of the display quantity, one after the other: the next one is shown when the one before is gone. Priced as
/// a resting order.
/// </summary>
internal sealed class IcebergMachine(ExecutionStyle style) : StyleMachine(style)
{
    /// <inheritdoc/>
    internal override Child Plan(in WorkCase work, ref ParentOrder parent)
    {
        ref readonly Values.Instrument rules = ref work.Market.Definition;
        long display = Math.Max(rules.RoundToLot(rules.FromE9(Style.DisplayE9)), Math.Max(rules.Lot, rules.MinQuantity));

        // What is seen is not filled up; a larger order that was taken over from another style is cut to what may be seen.
        long shown = work.Open != 0 ? Math.Min(work.Open, display) : display;
        return WorkCase.Rest(
            Math.Min(shown, work.Left), work.Limit != 0 ? work.Limit : parent.Anchor, Manner.Rest);
    }
}
