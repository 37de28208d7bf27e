using System;

namespace LowLatency.Core.Determinism;

/// <summary>
/// Exponential, logarithm and power from + - * / and bit operations alone. The platforms' mathematical libraries differ
/// in the last bits, and one differing bit in a model would make two machines decide differently.
/// </summary>
/// <remarks>
/// Relative error below 1e-15 in the normal range of results. The runtime never contracts a product and a sum into one
/// rounding, so each line below is the same sequence of roundings on every machine.
/// </remarks>
public static class DeterministicMath
{
    // ln 2 with its last 21 bits zero, so that a product with an exponent is exact, and the rest.
    private const double Ln2High = 0.69314718036912381649;
    private const double Ln2Low = 1.9082149292705877000e-10;
    private const double Log2E = 1.4426950408889634074;

    // Beyond these the result is not a finite double, or is zero.
    private const double ExpOverflow = 709.782712893384;
    private const double ExpUnderflow = -745.1332191019412;

    private const double Sqrt2 = 1.4142135623730950488;
    private const double TwoTo54 = 18014398509481984.0;
    private const int ExponentBias = 1023;
    private const int FractionBits = 52;

    /// <summary>e to the power of <paramref name="x"/>.</summary>
    /// <param name="x">Any double.</param>
    /// <returns>The power; infinity above 709.78, 0 below -745.13, NaN for NaN.</returns>
    public static double Exp(double x) => Exp(x, 0.0);

    /// <summary>The natural logarithm.</summary>
    /// <param name="x">Any double.</param>
    /// <returns>The logarithm; minus infinity for 0, NaN for a negative number or NaN.</returns>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x < 0.0)
        {
            return double.NaN;
        }

        if (x == 0.0)
        {
            return double.NegativeInfinity;
        }

        return double.IsPositiveInfinity(x) ? x : LogParts(x).High;
    }

    /// <summary><paramref name="x"/> to the power of <paramref name="y"/>.</summary>
    /// <param name="x">
    /// Zero or positive: a model that raises a negative number has a defect, and stops the engine.
    /// </param>
    /// <param name="y">Any double.</param>
    /// <returns>The power, with the conventions of IEEE 754: x^0 = 1^y = 1.</returns>
    public static double Pow(double x, double y)
    {
        if (y == 0.0 || x == 1.0)
        {
            return 1.0;
        }

        if (double.IsNaN(x) || double.IsNaN(y))
        {
            return double.NaN;
        }

        Ensure.That(x >= 0.0, "power of a negative number");
        if (x == 0.0)
        {
            return y > 0.0 ? 0.0 : double.PositiveInfinity;
        }

        if (double.IsInfinity(y))
        {
            return (x > 1.0) == (y > 0.0) ? double.PositiveInfinity : 0.0;
        }

        if (double.IsPositiveInfinity(x))
        {
            return y > 0.0 ? double.PositiveInfinity : 0.0;
        }

        // The logarithm is needed to twice the precision: its error is multiplied by up to 745 in the power.
        (double high, double low) = LogParts(x);
        double estimate = y * high;
        if (estimate > ExpOverflow + 1.0)
        {
            return double.PositiveInfinity;
        }

        if (estimate < ExpUnderflow - 1.0)
        {
            return 0.0;
        }

        (double product, double error) = Multiply(y, high);
        return Exp(product, error + (y * low));
    }

    private static double Exp(double x, double correction)
    {
        if (double.IsNaN(x))
        {
            return x;
        }

        if (x > ExpOverflow)
        {
            return double.PositiveInfinity;
        }

        if (x < ExpUnderflow)
        {
            return 0.0;
        }

        // x = k ln 2 + r with |r| <= ln 2 / 2, then a Taylor series whose first omitted term is below 2^-58.
        double k = Math.Floor((x * Log2E) + 0.5);
        double high = x - (k * Ln2High);
        double low = correction - (k * Ln2Low);
        double r = high + low;
        double q = 1.0 / 6227020800.0;
        q = (q * r) + (1.0 / 479001600.0);
        q = (q * r) + (1.0 / 39916800.0);
        q = (q * r) + (1.0 / 3628800.0);
        q = (q * r) + (1.0 / 362880.0);
        q = (q * r) + (1.0 / 40320.0);
        q = (q * r) + (1.0 / 5040.0);
        q = (q * r) + (1.0 / 720.0);
        q = (q * r) + (1.0 / 120.0);
        q = (q * r) + (1.0 / 24.0);
        q = (q * r) + (1.0 / 6.0);
        q = (q * r) + 0.5;

        // What the sums high + low and 1 + r lost in rounding is added back with the small terms.
        double lost = (high - r) + low;
        (double sum, double error) = Add(1.0, r);
        return Scale(sum + (error + ((r * r * q) + lost)), (int)k);
    }

    /// <summary>The logarithm of a positive finite number as an unevaluated sum of two doubles.</summary>
    private static (double High, double Low) LogParts(double x)
    {
        int k = 0;
        if (x < 2.2250738585072014e-308)
        {
            x *= TwoTo54;
            k = -54;
        }

        long bits = BitConverter.DoubleToInt64Bits(x);
        k += (int)(bits >> FractionBits) - ExponentBias;
        double m = BitConverter.Int64BitsToDouble(
            (bits & ((1L << FractionBits) - 1)) | ((long)ExponentBias << FractionBits));
        if (m > Sqrt2)
        {
            m *= 0.5;
            k++;
        }

        // log m = 2 (s + s^3/3 + s^5/5 + ...) with s = (m - 1) / (m + 1), |s| < 0.172. The first two terms carry a
        // correction each; of the rest a rounding error is below 2^-65 of the sum.
        double numerator = m - 1.0;
        (double denominator, double denominatorLow) = Add(m, 1.0);
        double s = numerator / denominator;
        (double back, double backLow) = Multiply(s, denominator);
        double sLow = (numerator - back - backLow - (s * denominatorLow)) / denominator;

        (double z, double zLow) = Multiply(s, s);
        zLow += 2.0 * s * sLow;
        (double cube, double cubeLow) = Multiply(s, z);
        cubeLow += (s * zLow) + (sLow * z);
        double third = cube / 3.0;
        (double thrice, double thriceLow) = Multiply(third, 3.0);
        double thirdLow = (cube - thrice - thriceLow + cubeLow) / 3.0;

        double series = 1.0 / 29.0;
        for (int n = 27; n >= 5; n -= 2)
        {
            series = (series * z) + (1.0 / n);
        }

        double rest = cube * z * series;
        (double sum, double sumLow) = Add(s, third);
        sumLow += sLow + thirdLow + rest;
        (double high, double low) = Add(k * Ln2High, 2.0 * sum);
        low += (2.0 * sumLow) + (k * Ln2Low);
        return Add(high, low);
    }

    /// <summary>value x 2^exponent, in two steps where the result is not normal.</summary>
    private static double Scale(double value, int exponent)
    {
        if (exponent > ExponentBias)
        {
            return value * PowerOfTwo(ExponentBias) * PowerOfTwo(exponent - ExponentBias);
        }

        return exponent < 1 - ExponentBias
            ? value * PowerOfTwo(exponent + 54) * (1.0 / TwoTo54)
            : value * PowerOfTwo(exponent);
    }

    private static double PowerOfTwo(int exponent) =>
        BitConverter.Int64BitsToDouble((long)(exponent + ExponentBias) << FractionBits);

    /// <summary>The sum and its rounding error, exactly (Knuth).</summary>
    private static (double Sum, double Error) Add(double a, double b)
    {
        double sum = a + b;
        double bPart = sum - a;
        return (sum, (a - (sum - bPart)) + (b - bPart));
    }

    /// <summary>The product and its rounding error, exactly (Dekker); both factors below 2^996 in size.</summary>
    private static (double Product, double Error) Multiply(double a, double b)
    {
        const double Splitter = 134217729.0; // 2^27 + 1
        double product = a * b;
        double aSplit = Splitter * a;
        double aHigh = aSplit - (aSplit - a);
        double aLow = a - aHigh;
        double bSplit = Splitter * b;
        double bHigh = bSplit - (bSplit - b);
        double bLow = b - bHigh;
        return (product, (((aHigh * bHigh) - product) + (aHigh * bLow) + (aLow * bHigh)) + (aLow * bLow));
    }
}
