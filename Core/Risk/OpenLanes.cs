using LowLatency.Core.Arbitration;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>Marks the lanes that have something to lose: risk rules on them again.</summary>
internal sealed class OpenLanes(MarketView market, Exposure exposure, LaneTable lanes, Protections? protections)
{
    /// <summary>Every lane of an instrument that has an order.</summary>
    /// <param name="instrument">A valid instrument.</param>
    internal void Mark(InstrumentId instrument)
    {
        if (exposure.Open(instrument, Side.Buy) == 0 && exposure.Open(instrument, Side.Sell) == 0)
        {
            return;
        }

        for (ushort o = 0; o <= Limits.Strategies; o++)
        {
            StrategyId owner = new(o);
            if (exposure.OpenInLane(instrument, owner, Side.Buy) != 0
                || exposure.OpenInLane(instrument, owner, Side.Sell) != 0)
            {
                lanes.Mark(instrument, owner);
            }
        }
    }

    /// <summary>Every lane that another trading state could affect.</summary>
    internal void MarkAll()
    {
        protections?.MarkAll();
        for (ushort i = 1; i <= market.Highest; i++)
        {
            InstrumentId instrument = new(i);
            if (market.TryGet(instrument, out _))
            {
                lanes.Mark(instrument, StrategyId.House);
            }

            Mark(instrument);
        }
    }
}
