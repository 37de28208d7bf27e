using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals;

/// <summary>
/// Where the position that a wish opens is left again. Nothing of it is an order: it waits for fills, and the first part
/// that is touched takes the strategy out of the instrument at the market, so that the others are void. 0 is none.
/// </summary>
/// <param name="StopPrice">Price that ends it with a loss, price units.</param>
/// <param name="TakePrice">Price that ends it with a profit, price units.</param>
/// <param name="StopBps">Loss against what the position cost, basis points.</param>
/// <param name="TakeBps">Profit against what the position cost, basis points.</param>
public readonly record struct Bracket(long StopPrice = 0, long TakePrice = 0, ushort StopBps = 0, ushort TakeBps = 0)
{
    /// <summary>Stops the engine unless a position of this direction could have it.</summary>
    /// <param name="target">The wanted position.</param>
    internal void CheckSound(long target)
    {
        Ensure.That(StopPrice >= 0 && TakePrice >= 0, "the stop and target prices of a wish must not be negative");
        Ensure.That(
            target == 0 || StopPrice == 0 || TakePrice == 0 || (target > 0 ? StopPrice < TakePrice : StopPrice > TakePrice),
            "the stop price of a wish must be on the losing side of its target price");
    }
}
