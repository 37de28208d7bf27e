using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>What of an intent is worked now.</summary>
/// <param name="Quantity">All that is to be open on its side of the lane, quantity units; 0 while it waits.</param>
/// <param name="Price">Price units.</param>
/// <param name="Manner">How it is sent.</param>
/// <param name="Takes">True when it is to trade at once: it stops short of our own orders.</param>
/// <param name="Slice">Which of the intent's orders it is, from 1; 0 when it is the whole of it.</param>
public readonly record struct Child(long Quantity, long Price, Manner Manner, bool Takes, ushort Slice);

/// <summary>
/// Cuts what is wanted into orders. Risk asks before its checks, so that every slice is ruled on for itself; what waits is
/// no order and cannot trade, so nothing is reserved for it.
/// </summary>
public interface IChildPlanner
{
    /// <summary>Plans the order of an intent for a target.</summary>
    /// <param name="intent">The intent.</param>
    /// <param name="market">The instrument's market.</param>
    /// <param name="side">The side that brings the lane to its target.</param>
    /// <param name="quantity">What is missing, in whole lots, what is open included; quantity units, positive.</param>
    /// <param name="marketable">The bound of an order that trades at once, price units; 0 without any price.</param>
    /// <returns>The order.</returns>
    Child Plan(in Intent intent, InstrumentMarket market, Side side, long quantity, long marketable);

    /// <summary>The shared lane of an instrument has what it wants.</summary>
    /// <param name="instrument">The instrument.</param>
    void End(InstrumentId instrument);
}
