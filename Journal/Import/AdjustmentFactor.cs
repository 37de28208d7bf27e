using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// A factor of a factor file and how far its text was rounded, 10^-10. Dividends and splits were divided into factors and
/// rounded there; the way back gives the shortest number that the rounding allows, which is what was declared.
/// </summary>
/// <param name="Units">The factor, 10^-10.</param>
/// <param name="HalfStep">Half of its last decimal, 10^-10; 0 when it was not rounded.</param>
internal readonly record struct AdjustmentFactor(long Units, long HalfStep)
{
    private const int Exponent = 10;
    private const int DecimalsMax = 9;

    // A factor with fewer decimals than this was short by itself: 0.25 is a quarter, not 0.245 to 0.255.
    private const int RoundedFrom = 6;

    // Reference prices are rounded to the cent: half of one, 10^-9.
    private const long HalfCent = 5_000_000;

    // What is declared is a ratio of small numbers; factors multiplied up from older sources miss it by up to 1 in 5,000.
    private const long SmallTermMax = 20;
    private const long SmallTolerance = 5_000;

    private const long UnitsMax = 1_000_000L * 10_000_000_000L;

    internal static AdjustmentFactor Parse(string field, ReadOnlySpan<byte> text)
    {
        int decimals = DecimalText.Decimals(text);
        if (decimals > DecimalsMax || !DecimalText.TryParse(text, Exponent, out long units)
            || units is <= 0 or > UnitsMax)
        {
            throw new FieldException(field, text, "a decimal above 0 and up to 1000000, with at most 9 decimals");
        }

        return new AdjustmentFactor(units, decimals < RoundedFrom ? 0 : Power(Exponent - decimals) / 2);
    }

    /// <summary>The cash on each share, 10^-9: last close x (1 - factor / next factor), without the rounding.</summary>
    internal static long Dividend(AdjustmentFactor before, AdjustmentFactor after, long reference)
    {
        Int128 low = Cash(before.Units + before.HalfStep, after.Units - after.HalfStep, reference - HalfCent);
        Int128 high = Cash(before.Units - before.HalfStep, after.Units + after.HalfStep, reference + HalfCent);
        Int128 middle = Cash(before.Units, after.Units, reference);
        for (int decimals = 2; decimals < DecimalsMax; decimals++)
        {
            long step = Power(DecimalsMax - decimals);
            Int128 rounded = (middle + (step / 2)) / step * step;
            if (rounded > 0 && rounded >= low && rounded <= high)
            {
                return (long)rounded;
            }
        }

        return (long)middle;
    }

    /// <summary>The cash on each share as LEAN pays it, 10^-9: rounded to the cent, half a cent to the even one.</summary>
    internal static long CentDividend(AdjustmentFactor before, AdjustmentFactor after, long reference)
    {
        Int128 exact = (Int128)reference * (after.Units - before.Units);
        Int128 cent = (Int128)after.Units * (2 * HalfCent);
        (Int128 cents, Int128 rest) = Int128.DivRem(exact, cent);
        bool isUp = rest * 2 > cent || (rest * 2 == cent && (cents & 1) == 1);
        return (long)(cents + (isUp ? 1 : 0)) * 2 * HalfCent;
    }

    /// <summary>How many new shares come for how many old ones: next factor / factor, without the rounding.</summary>
    internal static (long New, long Old) Shares(AdjustmentFactor before, AdjustmentFactor after)
    {
        (Int128 n, Int128 o) = Simplest(
            (Int128)after.Units * (SmallTolerance - 1),
            (Int128)before.Units * SmallTolerance,
            (Int128)after.Units * (SmallTolerance + 1),
            (Int128)before.Units * SmallTolerance);
        if (Int128.Min(n, o) > SmallTermMax)
        {
            (n, o) = Simplest(
                after.Units - after.HalfStep,
                before.Units + before.HalfStep,
                after.Units + after.HalfStep,
                before.Units - before.HalfStep);
        }

        return ((long)n, (long)o);
    }

    private static Int128 Cash(long before, long after, long reference) =>
        (Int128)Math.Max(reference, 0) * (after - before) / after;

    /// <summary>The fraction of the smallest terms from one positive fraction to another, both included.</summary>
    private static (Int128 Numerator, Int128 Denominator) Simplest(Int128 lowN, Int128 lowD, Int128 highN, Int128 highD)
    {
        Ensure.That(lowN > 0 && lowD > 0 && highD > 0, "a ratio of shares is positive");
        Int128 whole = lowN / lowD;
        if (whole * lowD == lowN)
        {
            return (whole, 1);
        }

        if ((whole + 1) * highD <= highN)
        {
            return (whole + 1, 1);
        }

        // Both lie between two whole numbers: the simplest there is the reciprocal of the simplest of what is left over.
        (Int128 n, Int128 d) = Simplest(highD, highN - (whole * highD), lowD, lowN - (whole * lowD));
        return ((whole * n) + d, n);
    }

    private static long Power(int exponent)
    {
        long power = 1;
        for (int i = 0; i < exponent; i++)
        {
            power *= 10;
        }

        return power;
    }
}
