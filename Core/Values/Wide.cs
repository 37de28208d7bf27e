using System;
using System.Runtime.CompilerServices;

namespace LowLatency.Core.Values;

/// <summary>
/// Products that may need more than 64 bits on the way. Nearly all of them fit, so 64 bits are tried first; the result is
/// the same either way.
/// </summary>
public static class Wide
{
    /// <summary>Product, when it fits.</summary>
    /// <param name="a">A factor.</param>
    /// <param name="b">A factor.</param>
    /// <param name="product">a x b; meaningless when the result is false.</param>
    /// <returns>False when it does not fit 64 bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMultiply(long a, long b, out long product) =>
        Math.BigMul(a, b, out product) == product >> 63;

    /// <summary>a x b / divisor, rounded towards zero.</summary>
    /// <param name="a">A factor.</param>
    /// <param name="b">A factor.</param>
    /// <param name="divisor">Not zero.</param>
    /// <returns>The quotient. One that does not fit 64 bits stops the engine.</returns>
    public static long MultiplyDivide(long a, long b, long divisor) => TryMultiply(a, b, out long product)
        ? product / divisor
        : checked((long)((Int128)a * b / divisor));
}
