using System;
using LowLatency.Core.Market;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// A share of everything that is printed since the parent began, our own fills among it, at the market within the bound and
/// at most so much in one order.
/// </summary>
internal sealed class ParticipationMachine(ExecutionStyle style) : StyleMachine(style)
{
    /// <inheritdoc/>
    internal override Child Plan(in WorkCase work, ref ParentOrder parent)
    {
        long quantity = Math.Min(Missing(work.Market.Definition, parent), work.Left);
        return work.Take(work.IsOrder(quantity) ? quantity : 0);
    }

    /// <inheritdoc/>
    internal override long StirredAt(InstrumentMarket market, in ParentOrder parent, long livePrice)
    {
        ref readonly Instrument rules = ref market.Definition;
        long missing = Missing(rules, parent);
        bool isOrder = livePrice == 0
            && missing >= Math.Max(rules.Lot, rules.MinQuantity)
            && market.TryReferencePrice(out long price)
            && rules.Notional(price, missing) >= rules.MinNotional;
        return isOrder ? 0 : Never;
    }

    private long Missing(in Instrument rules, in ParentOrder parent)
    {
        long share = Wide.MultiplyDivide(parent.Printed, Style.SharePpm, 1_000_000);
        long missing = share - parent.FilledOfSchedule;

        // A clip below the instrument's smallest quantity lets nothing through: it never means "no clip".
        long most = Style.ClipE9 == 0 ? missing : Math.Min(missing, rules.FromE9(Style.ClipE9));
        return rules.RoundToLot(Math.Max(0, most));
    }
}
