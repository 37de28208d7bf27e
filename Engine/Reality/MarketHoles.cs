using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Reality;

/// <summary>
/// When the journal's market of an instrument was not there: before its first data, and from a lost stream or a known gap
/// until it was ready again. Nothing can be matched then, whatever the real venue did.
/// </summary>
internal sealed class MarketHoles
{
    /// <summary>Holes of an instrument that are told apart; the last one then lasts to the end.</summary>
    internal const int HolesMax = 65_536;

    private readonly List<(long From, long To)>[] _holes = new List<(long, long)>[Limits.Instruments + 1];
    private readonly bool[] _isOpen = new bool[Limits.Instruments + 1];

    internal MarketHoles()
    {
        for (int i = 0; i < _holes.Length; i++)
        {
            _holes[i] = [(long.MinValue, long.MaxValue)];
            _isOpen[i] = true;
        }
    }

    /// <summary>Looks at the market after an event.</summary>
    internal void After(in Event e, MarketView market)
    {
        if (!e.EndsGroup)
        {
            return;
        }

        if (e.Instrument != InstrumentId.None)
        {
            Look(e.Instrument, e.ReceivedAt, market);
        }
        else if (e.Kind is EventKind.StreamState or EventKind.EpochStarted)
        {
            for (ushort i = 1; i <= market.Highest; i++)
            {
                Look(new InstrumentId(i), e.ReceivedAt, market);
            }
        }
    }

    /// <summary>True when a part of a time, both ends included, has no market.</summary>
    internal bool Touch(InstrumentId instrument, long from, long to)
    {
        List<(long From, long To)> holes = _holes[instrument.Value];

        // The first hole that ends at or after the begin: holes are in order and apart.
        int low = 0;
        int high = holes.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = holes[middle].To < from ? (middle + 1, high) : (low, middle);
        }

        return low < holes.Count && holes[low].From <= to;
    }

    private void Look(InstrumentId instrument, long at, MarketView market)
    {
        int i = instrument.Value;
        bool isReady = market.TryGet(instrument, out InstrumentMarket? known) && known.IsReady;
        if (isReady == !_isOpen[i] || (isReady && _holes[i].Count == HolesMax))
        {
            return;
        }

        _isOpen[i] = !isReady;
        if (isReady)
        {
            _holes[i][^1] = (_holes[i][^1].From, at);
        }
        else
        {
            _holes[i].Add((at, long.MaxValue));
        }
    }
}
