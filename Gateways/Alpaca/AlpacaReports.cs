using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>An order of Alpaca as it stands in the order stream and in answers.</summary>
internal sealed class AlpacaReports(InstrumentTable instruments, ushort instance, EventBatch batch, WireCounters counters)
{
    internal static readonly FieldNames OrderNames = new(
        "id client_order_id symbol side qty notional filled_qty limit_price status updated_at submitted_at",
        "created_at filled_at expired_at expires_at canceled_at failed_at replaced_at replaced_by replaces asset_id "
        + "asset_class filled_avg_price order_class order_type type time_in_force stop_price extended_hours legs "
        + "trail_percent trail_price hwm position_intent commission ratio_qty subtag source reject_reason cancel_requested_at");

    /// <summary>An order whose instrument is known.</summary>
    internal struct Known
    {
        internal OrderReport Report;
        internal int Place;
        internal Side Side;
        internal bool IsReplacement;
        internal bool IsFilled;
    }

    /// <summary>Reads an order.</summary>
    /// <param name="item">Its fields.</param>
    /// <param name="order">The order when the result is none and <paramref name="isKnown"/> is true.</param>
    /// <param name="header">Gets instrument and time.</param>
    /// <param name="isKnown">False when its instrument is not defined.</param>
    /// <returns>What is wrong with it.</returns>
    internal WireFault Read(in WireFields item, out Known order, ref Event header, out bool isKnown)
    {
        order = default;
        isKnown = AlpacaWords.TryFind(instruments, item.Text(2), out order.Place);
        if (!isKnown)
        {
            counters.UnknownInstruments++;
            return WireFault.None;
        }

        ref readonly InstrumentDefined rules = ref instruments.RulesAt(order.Place);
        ref OrderReport report = ref order.Report;
        report.Order = AlpacaWords.OrderOf(item.Text(1), instance, out order.IsReplacement);
        counters.ForeignOrders += report.Order.IsNone ? 1 : 0;
        if (!item.TryId(0, out report.VenueOrder))
        {
            return WireFault.Id;
        }

        // An order for an amount of money has no quantity until it is filled.
        if (!item.TryUnitsOrNothing(7, rules.PriceExponent, out report.Price) || report.Price < 0
            || !item.TryUnitsOrNothing(4, rules.QuantityExponent, out report.Quantity) || report.Quantity < 0
            || !item.TryUnitsOrNothing(6, rules.QuantityExponent, out report.CumulativeQuantity)
            || report.CumulativeQuantity < 0)
        {
            return WireFault.Number;
        }

        if (item.IsAbsent(4) && item.IsAbsent(5))
        {
            return WireFault.Missing;
        }

        if (!item.TrySide(3, out order.Side) || order.Side == Side.None
            || !AlpacaWords.TryStatus(item.Text(8), out report.Status))
        {
            return WireFault.Word;
        }

        if (!item.TryTime(9, out long updated) || !item.TryTime(10, out long submitted))
        {
            return WireFault.Time;
        }

        report.Side = order.Side;
        order.IsFilled = item.Says(8, "filled"u8);
        header.Instrument = instruments.IdAt(order.Place);
        header.VenueTime = updated != 0 ? updated : submitted;
        return WireFault.None;
    }

    /// <summary>Adds an order's state.</summary>
    /// <param name="order">The order; one that is on its way has no event.</param>
    /// <param name="header">Everything but the payload.</param>
    /// <returns>What went wrong.</returns>
    internal WireFault Add(in Known order, in Event header)
    {
        if (order.Report.Status == OrderStatus.None)
        {
            return WireFault.None;
        }

        if (!batch.TryAdd(header, order.Report))
        {
            return WireFault.TooMany;
        }

        // An order that has replaced another is ours under the same number: what it has now is the amendment.
        if (!order.IsReplacement || order.Report.Status != OrderStatus.Accepted || order.IsFilled || order.Report.Quantity == 0)
        {
            return WireFault.None;
        }

        OrderReport amended = order.Report;
        amended.Status = OrderStatus.Amended;
        return batch.TryAdd(header, amended) ? WireFault.None : WireFault.TooMany;
    }
}
