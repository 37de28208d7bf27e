using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Engine.Reality;

/// <summary>Sorts a venue's words by order: acknowledgements, fills, and cash that was booked without a fill.</summary>
/// <param name="orders">The orders.</param>
/// <param name="side">Whose words.</param>
/// <param name="fees">What the simulated venue would charge for these fills; null where that is not asked.</param>
internal sealed class SideFold(RealityOrders orders, RealitySide side, FeeSchedule? fees = null)
{
    /// <summary>Fills and bookings of a side; a longer journal is refused.</summary>
    internal const int WordsMax = 4_000_000;

    private readonly Instrument[] _rules = new Instrument[Limits.Instruments + 1];
    private readonly HashSet<(EventSource Source, EventKind Kind, VenueId Id)> _known = [];

    /// <summary>Cash booked without a fill, money units by instrument number; positive is received.</summary>
    internal long[] Booked { get; } = new long[Limits.Instruments + 1];

    /// <summary>Price of the last fill, price units by instrument number; 0 for none.</summary>
    internal long[] LastPrice { get; } = new long[Limits.Instruments + 1];

    /// <summary>True for what only a venue says.</summary>
    internal static bool IsWord(in Event e) => e.Kind >= EventKind.CommandOutcome;

    internal void Take(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.InstrumentDefined:
                fees?.Define(e.Instrument, e.InstrumentDefined);
                _rules[e.Instrument.Value] = e.InstrumentDefined.ToInstrument(e.Instrument);
                break;
            case EventKind.CommandOutcome when orders.TryGet(e.CommandOutcome.Order, out RealityOrder? order):
                order![side].Outcome(e.ReceivedAt, e.CommandOutcome);
                break;
            case EventKind.OrderReport
                when (e.Flags & EventFlags.ReadBack) == 0 && orders.TryGet(e.OrderReport.Order, out RealityOrder? order):
                order![side].Report(e.ReceivedAt, e.OrderReport);
                break;
            case EventKind.Execution when IsNew(e, e.Execution.ExecutionId):
                Fill(e);
                break;
            case EventKind.CashBooked when IsNew(e, e.CashBooked.BookingId):
                Booked[e.Instrument.Value] += e.CashBooked.Amount;
                break;
        }
    }

    private void Fill(in Event e)
    {
        Execution fill = e.Execution;
        RealityOrder order = orders.OfFill(e);
        LastPrice[e.Instrument.Value] = fill.Price;
        long at = e.VenueTime != 0 ? e.VenueTime : e.ReceivedAt;
        long scheduled = fees is null || _rules[e.Instrument.Value].Kind == InstrumentKind.None
            ? fill.Fee
            : fees.Charge(fill.Order, _rules[e.Instrument.Value], at, fill.Price, fill.Quantity, fill.Liquidity);
        order[side].Fill(
            new RealityFill(e.ReceivedAt, fill.Price, fill.Quantity, fill.Fee, scheduled, fill.Side, fill.Liquidity),
            order.Quantity);
    }

    // Venues say the same fill again after a reconnection; it counts once.
    private bool IsNew(in Event e, VenueId id)
    {
        if (_known.Count == WordsMax)
        {
            throw new InvalidDataException($"more than {WordsMax:N0} fills: one check compares at most as many");
        }

        return _known.Add((e.Source, e.Kind, id));
    }
}
