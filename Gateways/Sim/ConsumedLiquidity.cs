using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// What our orders took from one side of the market's book. The market's data does not know of our fills and goes on
/// showing that quantity, so it is remembered by price and never given twice: it is at most what the level shows, an
/// increase is new liquidity, and a level that is gone is forgotten.
/// </summary>
internal sealed class ConsumedLiquidity
{
    /// <summary>Prices remembered on one side. When full, deeper levels count as empty.</summary>
    internal const int Capacity = 128;

    private readonly long[] _prices = new long[Capacity];
    private readonly long[] _quantities = new long[Capacity];
    private int _count;

    internal int Free => Capacity - _count;

    internal bool Holds(long price) => _prices.AsSpan(0, _count).Contains(price);

    internal long At(long price)
    {
        int index = _prices.AsSpan(0, _count).IndexOf(price);
        return index < 0 ? 0 : _quantities[index];
    }

    internal void Add(long price, long quantity)
    {
        int index = _prices.AsSpan(0, _count).IndexOf(price);
        if (index < 0)
        {
            Ensure.That(_count < Capacity, "remembered fills exceed their bound");
            index = _count++;
            _prices[index] = price;
            _quantities[index] = 0;
        }

        _quantities[index] += quantity;
    }

    internal int Count => _count;

    internal long PriceAt(int index) => _prices[index];

    /// <summary>Bounds what was taken at a price by what the level shows now.</summary>
    /// <returns>False when nothing is left and the last entry moved into this place.</returns>
    internal bool Bound(int index, long displayed)
    {
        _quantities[index] = Math.Min(_quantities[index], displayed);
        if (_quantities[index] > 0)
        {
            return true;
        }

        _count--;
        _prices[index] = _prices[_count];
        _quantities[index] = _quantities[_count];
        return false;
    }

    internal void Clear() => _count = 0;

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _count);
        Ensure.That(_count is >= 0 and <= Capacity, "restored count of remembered fills out of range");
        visitor.Visit<long>(_prices.AsSpan(0, _count));
        visitor.Visit<long>(_quantities.AsSpan(0, _count));
    }
}
