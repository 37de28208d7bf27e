using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Looks whether orders stand in a market that is halted, not ready or stale by now: their lanes are ruled on again at
/// once, so that what adds risk is cancelled instead of resting blind until something else happens to the lane.
/// </summary>
internal sealed class MarketWatch(MarketView market, Exposure exposure, OpenLanes lanes, Bounds[] bounds) : IStateful
{
    // Bit i - 1: instrument i was found unfit and its lanes were marked for it.
    private ulong _unfit;

    /// <summary>Looks at what an event may have changed.</summary>
    /// <param name="e">The event, already folded into the market.</param>
    internal void See(in Event e)
    {
        if (exposure.LiveOrders == 0)
        {
            _unfit = 0;
            return;
        }

        switch (e.Kind)
        {
            case EventKind.BookLevels or EventKind.Quote or EventKind.Trade or EventKind.Bar when e.EndsGroup:
                See(e.Instrument);
                break;
            case EventKind.Tick or EventKind.EpochStarted:
            case EventKind.TradingStatus or EventKind.StreamState or EventKind.InstrumentDefined:
                for (ushort i = 1; i <= market.Highest; i++)
                {
                    See(new InstrumentId(i));
                }

                break;
        }
    }

    /// <summary>True when an instrument trades and what is known of it is ready and fresh.</summary>
    internal bool CanActOn(InstrumentMarket its) =>
        its.IsDefined
        && its.Status == TradingStatus.Open
        && its.IsReady
        && bounds[its.Definition.Id.Value].IsFresh(its, market.Now, out _, out _);

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor) => visitor.Visit(ref _unfit);

    private void See(InstrumentId instrument)
    {
        if (instrument.Value is 0 or > Limits.Instruments)
        {
            return;
        }

        ulong bit = 1UL << (instrument.Value - 1);
        InstrumentMarket its = market[instrument];
        if (CanActOn(its))
        {
            _unfit &= ~bit;
        }
        else if ((_unfit & bit) == 0)
        {
            _unfit |= bit;
            lanes.Mark(instrument);
        }
    }
}
