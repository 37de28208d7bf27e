using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio;

/// <summary>The strategies' trades: what is open, how far it went, and how the closed ones ended.</summary>
public sealed partial class PortfolioLedger
{
    /// <inheritdoc/>
    public OpenTrade Trade(StrategyId strategy, InstrumentId instrument)
    {
        ref readonly RoundTrip trip = ref Trips.Of(strategy, instrument);
        return new OpenTrade(
            trip.Quantity, trip.Cost, trip.OpenedAt, trip.OpenedSequence, trip.OpenedPrice, trip.Best, trip.Worst);
    }

    /// <inheritdoc/>
    public (long Closed, long Profit) Record(StrategyId strategy) => Trips.Record(strategy);

    /// <summary>Something of an instrument's market is known anew: its open trades are marked.</summary>
    /// <param name="e">The event, folded into the market.</param>
    public void Mark(in Event e)
    {
        if (e.EndsGroup
            && e.Kind is not (EventKind.OrderReport or EventKind.Execution)
            && _market.TryGet(e.Instrument, out InstrumentMarket? its)
            && Trips.Open(e.Instrument) != 0
            && its.TryReferencePrice(out long price))
        {
            if (e.Kind == EventKind.Bar)
            {
                // What a bar's extremes did to a trade is known only for one that was open before the bar began.
                Trips.Mark(its.Definition, e.Bar.High, e.Bar.StartTime);
                Trips.Mark(its.Definition, e.Bar.Low, e.Bar.StartTime);
            }

            Trips.Mark(its.Definition, price);
        }
    }
}
