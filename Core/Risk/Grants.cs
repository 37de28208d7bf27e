using System.Numerics;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// What the intents of one event were granted so far: several lanes of an instrument must not pass a limit together
/// because none of them is an order yet. Empty between events, so it is no state.
/// </summary>
internal sealed class Grants
{
    private readonly long[] _buy = new long[Limits.Instruments + 1];
    private readonly long[] _sell = new long[Limits.Instruments + 1];

    private readonly int[] _newBuys = new int[Limits.Instruments + 1];
    private readonly int[] _newSells = new int[Limits.Instruments + 1];
    private readonly long[] _highestBuy = new long[Limits.Instruments + 1];
    private readonly long[] _lowestSell = new long[Limits.Instruments + 1];

    /// <summary>Bit i - 1: something was granted on instrument i.</summary>
    internal ulong Active { get; private set; }

    /// <summary>Orders granted that will be sent or amended.</summary>
    internal int Orders { get; private set; }

    /// <summary>Orders granted that are new.</summary>
    internal int NewOrders { get; private set; }

    /// <summary>Quantity granted beyond what works already.</summary>
    internal long Of(InstrumentId instrument, Side side) => (side == Side.Buy ? _buy : _sell)[instrument.Value];

    /// <summary>Orders granted on a side that are new.</summary>
    internal int NewOrdersOf(InstrumentId instrument, Side side) => (side == Side.Buy ? _newBuys : _newSells)[instrument.Value];

    /// <summary>The boldest price granted on a side; 0 when there is none.</summary>
    internal long BoldestPrice(InstrumentId instrument, Side side) =>
        (side == Side.Buy ? _highestBuy : _lowestSell)[instrument.Value];

    /// <summary>Grants an order.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="side">Its side.</param>
    /// <param name="price">Its price.</param>
    /// <param name="beyond">Quantity units beyond what works already.</param>
    /// <param name="stands">True when it is as it is already: nothing will be sent.</param>
    /// <param name="isNew">True when the lane has none on that side.</param>
    internal void Add(InstrumentId instrument, Side side, long price, long beyond, bool stands, bool isNew)
    {
        (side == Side.Buy ? _buy : _sell)[instrument.Value] += beyond;
        ref long boldest = ref (side == Side.Buy ? _highestBuy : _lowestSell)[instrument.Value];
        bool bolder = boldest == 0 || (side == Side.Buy ? price > boldest : price < boldest);
        boldest = bolder ? price : boldest;
        Active |= 1UL << (instrument.Value - 1);
        Orders += stands ? 0 : 1;
        NewOrders += isNew ? 1 : 0;
        (side == Side.Buy ? _newBuys : _newSells)[instrument.Value] += isNew ? 1 : 0;
    }

    /// <summary>The event is over.</summary>
    internal void Clear()
    {
        for (; Active != 0; Active &= Active - 1)
        {
            int i = BitOperations.TrailingZeroCount(Active) + 1;
            _buy[i] = 0;
            _sell[i] = 0;
            _newBuys[i] = 0;
            _newSells[i] = 0;
            _highestBuy[i] = 0;
            _lowestSell[i] = 0;
        }

        Orders = 0;
        NewOrders = 0;
    }
}
