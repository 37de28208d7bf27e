using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>
/// How much each strategy asked the shared lane to buy and to sell and has not got yet. A fill first goes to who still
/// lacks it; one that comes late, when the wish is gone, goes to who asked for it.
/// </summary>
public sealed class IntentShares : IStateful
{
    private readonly long[] _buy = new long[WishTable.Lanes];
    private readonly long[] _sell = new long[WishTable.Lanes];

    /// <summary>What a strategy asked for and has not got.</summary>
    /// <param name="strategy">A strategy or the house.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="side">Buy or sell.</param>
    /// <returns>Quantity units, not negative.</returns>
    public long Asked(StrategyId strategy, InstrumentId instrument, Side side) =>
        (side == Side.Buy ? _buy : _sell)[WishTable.Index(strategy, instrument)];

    /// <summary>A strategy got a part of a fill.</summary>
    /// <param name="strategy">A strategy or the house.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="side">Buy or sell.</param>
    /// <param name="quantity">Quantity units, not negative.</param>
    public void Got(StrategyId strategy, InstrumentId instrument, Side side, long quantity)
    {
        ref long asked = ref (side == Side.Buy ? _buy : _sell)[WishTable.Index(strategy, instrument)];
        asked = Math.Max(0, asked - quantity);
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_buy);
        visitor.Visit<long>(_sell);
    }

    /// <summary>Old shares became new ones: what was asked for is rounded up, as a fill of it may come yet.</summary>
    internal void Split(StrategyId strategy, InstrumentId instrument, in ShareRatio ratio)
    {
        int index = WishTable.Index(strategy, instrument);
        _buy[index] = Up(_buy[index], ratio);
        _sell[index] = Up(_sell[index], ratio);
    }

    private static long Up(long asked, in ShareRatio ratio)
    {
        long whole = ratio.Quantity(asked);
        return ratio.Rest(asked, whole) == 0 ? whole : whole + 1;
    }

    /// <summary>A strategy asks the shared lane for what it lacks.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="gap">Quantity units, signed.</param>
    public void Ask(StrategyId strategy, InstrumentId instrument, long gap)
    {
        if (gap != 0)
        {
            (gap > 0 ? _buy : _sell)[WishTable.Index(strategy, instrument)] = Math.Abs(gap);
        }
    }
}
