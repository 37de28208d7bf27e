using System;

namespace LowLatency.Tests.Architecture.Samples;

internal sealed class FloatField
{
    internal float Value = 1;
}

internal static class DoubleSignature
{
    internal static bool Any(double[] values) => values.Length != 0;
}

internal static class DoubleInferred
{
    internal static long Half(long value)
    {
        var half = value * 0.5;
        return (long)half;
    }
}

internal static class DecimalLocal
{
    internal static long Round(long value)
    {
        decimal rounded = value;
        return (long)Math.Round(rounded / 3);
    }
}

internal static class WholeNumbers
{
    internal static long Half(long value) => value / 2;
}
