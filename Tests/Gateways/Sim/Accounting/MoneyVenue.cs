using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Tests.Gateways.Sim.Accounting;

/// <summary>
/// The venue of the cases about money: price unit 0.01, quantity unit 0.001, money unit 10^-8, so that a fill of q at p is worth
/// p x q x 1,000 money units. 100 ns to the venue, 50 ns back, no fees but those of the rules.
/// </summary>
internal static class MoneyVenue
{
    internal const long Day = 86_400_000_000_000;

    internal const long Hour = 3_600_000_000_000;

    /// <summary>The fourth of October 2024, midnight UTC.</summary>
    internal const long Midnight = 20_000 * Day;

    internal static VenueHarness Open(
        MoneyRules rules, InstrumentKind kind = InstrumentKind.Linear, long at = Midnight + Hour,
        Func<SimulatedVenueSettings, SimulatedVenueSettings>? with = null)
    {
        SimulatedVenueSettings settings = new()
        {
            EntryLatency = 100,
            ResponseLatency = 50,
            Instruments = 2,
            Money = rules,
        };
        VenueHarness venue = new(new SimulatedVenue(with is null ? settings : with(settings)));
        venue.Show(at, MarketScript.Define(kind: kind), MarketScript.Quote(9_995, 90_000, 10_005, 90_000));
        return venue;
    }

    /// <summary>What the data tells: mark and rate as 10^-9 and 10^-12.</summary>
    internal static Event Told(long mark, long rate, long next)
    {
        Event e = new() { Instrument = MarketScript.Instrument, Source = EventSource.Csv, Flags = EventFlags.Whole };
        e.Set(new DerivativePrices { MarkPrice = mark, FundingRate = rate, NextFunding = next });
        return e;
    }

    internal static long[] FeesOf(this VenueHarness venue, OrderId order) =>
        [.. venue.FillsOf(order).Select(fill => fill.Execution.Fee)];

    internal static CashBooked[] Booked(this VenueHarness venue) =>
        [.. venue.Reports.Where(r => r.Kind == EventKind.CashBooked).Select(r => r.CashBooked)];
}
