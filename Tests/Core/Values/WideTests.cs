using System;
using System.Numerics;
using FsCheck.Fluent;
using LowLatency.Core.Values;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Values;

public sealed class WideTests
{
    [Fact]
    public void A_product_fits_or_it_does_not_and_a_quotient_is_exact_towards_zero() =>
        PropertyCheck.Holds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Agrees(seed, (a, b, d) => Wide.MultiplyDivide(a, b, d)), runs: 3_000);

    [Fact]
    public void A_quotient_of_a_product_in_64_bits_is_caught() =>
        PropertyCheck.Finds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Agrees(seed, (a, b, d) => unchecked(a * b) / d), runs: 3_000);

    private static bool Agrees(int seed, Func<long, long, long, long> divide)
    {
        Random dice = new(seed);
        long a = dice.NextInt64() >> dice.Next(64);
        long b = (dice.NextInt64() >> dice.Next(64)) * (dice.Next(2) == 0 ? 1 : -1);
        long divisor = 1 + (dice.NextInt64() >> dice.Next(1, 64));
        BigInteger product = (BigInteger)a * b;
        BigInteger quotient = BigInteger.Divide(product, divisor);
        bool fits = product >= long.MinValue && product <= long.MaxValue;
        bool same = Wide.TryMultiply(a, b, out long found) == fits && (!fits || found == product);
        return same && (quotient < long.MinValue || quotient > long.MaxValue
            ? Record.Exception(() => divide(a, b, divisor)) is OverflowException
            : divide(a, b, divisor) == quotient);
    }
}
