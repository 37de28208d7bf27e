using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// Slices over a time, equal or as large as the volume that is usual at their times: the first at once, the last when the schedule ends, those between a little late by chance if
/// that was asked for; each at the market within the bound. What a slice did not get is caught up with the next one, so the
/// schedule holds in sum. A largest share of the printed volume may hold it back beyond its end.
/// </summary>
internal sealed class TwapMachine(ExecutionStyle style) : StyleMachine(style)
{
    private const int Million = 1_000_000;
    private const long Day = 86_400_000_000_000;

    /// <inheritdoc/>
    internal override Child Plan(in WorkCase work, ref ParentOrder parent)
    {
        ref readonly Instrument rules = ref work.Market.Definition;
        int slices = Style.Slices;
        int due = DueAt(parent, work.Now);
        long whole = parent.Quantity - parent.FilledBefore;
        long planned = due == slices ? whole : rules.RoundToLot(Planned(parent, whole, due));
        long quantity = rules.RoundToLot(planned - parent.FilledOfSchedule);
        long most = MostOf(parent);
        parent.IsCapped = quantity > most;
        quantity = Math.Min(quantity, rules.RoundToLot(most));
        if (due < slices)
        {
            parent.DueBy(parent.StartedAt + TimeOf(parent, due));
        }

        bool isLast = due == slices && !parent.IsCapped;
        return work.Take(isLast || work.IsOrder(quantity) ? quantity : 0);
    }

    /// <inheritdoc/>
    internal override long StirredAt(InstrumentMarket market, in ParentOrder parent, long livePrice)
    {
        ref readonly Instrument rules = ref market.Definition;
        return parent.IsCapped && livePrice == 0 && MostOf(parent) >= Math.Max(rules.Lot, rules.MinQuantity) ? 0 : Never;
    }

    /// <summary>What the slices that are due come to.</summary>
    private long Planned(in ParentOrder parent, long whole, int due)
    {
        if (Style.Curve.Length == 0)
        {
            return Wide.MultiplyDivide(whole, due, Style.Slices);
        }

        long begun = 0;
        long all = 0;
        for (int slice = 0; slice < Style.Slices; slice++)
        {
            // The part of the day in which the slice's time lies, by chance or not: lateness does not move it.
            long time = parent.StartedAt + Wide.MultiplyDivide(Style.Duration, slice, Math.Max(1, Style.Slices - 1));
            int part = (int)Wide.MultiplyDivide(time % Day, Style.Curve.Length, Day);
            all += Style.Curve[part];
            begun += slice < due ? Style.Curve[part] : 0;
        }

        return Wide.MultiplyDivide(whole, begun, all);
    }

    /// <summary>How much more the printed volume allows.</summary>
    private long MostOf(in ParentOrder parent) => Style.SharePpm == 0
        ? long.MaxValue
        : Math.Max(0, Wide.MultiplyDivide(parent.Printed, Style.SharePpm, Million) - parent.FilledOfSchedule);

    /// <summary>Slices that are due at an instant.</summary>
    private int DueAt(in ParentOrder parent, long now)
    {
        long passed = now - parent.StartedAt;
        if (passed >= Style.Duration)
        {
            return Style.Slices;
        }

        int begun = (int)Wide.MultiplyDivide(passed, Math.Max(1, Style.Slices - 1), Style.Duration);
        return passed < TimeOf(parent, begun) ? begun : begun + 1;
    }

    /// <summary>When a slice is due, nanoseconds from the beginning. Slices count from 0.</summary>
    private long TimeOf(in ParentOrder parent, int slice)
    {
        int steps = Math.Max(1, Style.Slices - 1);
        long time = Wide.MultiplyDivide(Style.Duration, slice, steps);

        // Where it is no whole nanosecond, the next one: before it the schedule does not know the slice.
        time += Wide.MultiplyDivide(time, steps, Style.Duration) < slice ? 1 : 0;
        long late = Wide.MultiplyDivide(Style.Duration / steps, Style.JitterPpm, Million);
        if (slice == 0 || slice >= steps || late == 0)
        {
            return time;
        }

        // The dice of a slice are those of its parent's beginning: a replay and a restart throw the same.
        Xoshiro256 dice = new(unchecked((ulong)parent.StartedAt + ((ulong)slice << 48)));
        return time + dice.NextBelow(late);
    }
}
