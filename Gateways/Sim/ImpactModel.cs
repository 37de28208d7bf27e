using System;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// The price beyond what is shown: the worst level moved by so many millionths for each time that as much again as is shown is
/// taken, or for the square root of it. Whole numbers, rounded against who takes.
/// </summary>
internal sealed class ImpactModel(MarketImpact impact, int ppm)
{
    private const long Million = 1_000_000;

    internal bool IsOn => impact != MarketImpact.None;

    /// <summary>The price of the last of a quantity beyond, price units on the tick; 0 where there is none any more.</summary>
    /// <param name="rules">The instrument.</param>
    /// <param name="side">The side that takes.</param>
    /// <param name="worst">The last level shown, price units.</param>
    /// <param name="shown">All that is shown, quantity units, positive.</param>
    /// <param name="beyond">Taken beyond it since it was shown, this included, quantity units.</param>
    internal long Price(in Instrument rules, Side side, long worst, long shown, long beyond)
    {
        Int128 moved = impact == MarketImpact.Linear
            ? Up((Int128)ppm * beyond, shown)
            : RootUp(Up((Int128)ppm * ppm * beyond, shown));
        if (side == Side.Sell && moved >= Million)
        {
            return 0;
        }

        Int128 exact = (Int128)worst * (side == Side.Buy ? Million + moved : Million - moved);
        Int128 price = side == Side.Buy ? Up(exact, Million) : exact / Million;
        return price > long.MaxValue / 2 ? 0 : rules.RoundToTickAggressive((long)price, side);
    }

    /// <summary>The most that may be taken beyond before the price is worse than a limit, quantity units.</summary>
    internal long MostWithin(long limit, Side side, long worst, long shown)
    {
        long room = side == Side.Buy ? limit - worst : worst - limit;
        if (room < 0)
        {
            return 0;
        }

        Int128 moved = (Int128)room * Million / worst;
        Int128 most = impact == MarketImpact.Linear ? moved * shown / ppm : moved * moved / ppm * shown / ppm;
        return (long)Int128.Min(most, long.MaxValue);
    }

    private static Int128 Up(Int128 dividend, Int128 divisor) => (dividend + divisor - 1) / divisor;

    // The smallest whole number whose square is not less.
    private static Int128 RootUp(Int128 square)
    {
        Int128 low = 0;
        Int128 high = Int128.Min(square, 1L << 62);
        while (low < high)
        {
            Int128 middle = (low + high) / 2;
            (low, high) = middle * middle >= square ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
