using System;
using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Engine.Results;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

/// <summary>The largest ratio so far, against one that divides every time.</summary>
public sealed class LargestPpmTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(1_000_000)]
    [InlineData(long.MaxValue)]
    public void The_largest_of_random_ratios_is_the_largest_of_their_quotients(long most)
    {
        Xoshiro256 dice = new(3);
        for (int run = 0; run < 50; run++)
        {
            LargestPpm largest = default;
            long expected = 0;
            for (int i = 0; i < 200; i++)
            {
                long whole = 1 + dice.NextBelow(most - 1);
                long part = dice.NextBelow(whole);
                largest.Take(part, whole);
                expected = Math.Max(expected, Divided(part, whole));
                Assert.Equal(expected, largest.Value);
            }
        }
    }

    [Fact]
    public void A_ratio_beyond_the_range_is_the_end_of_the_range()
    {
        LargestPpm largest = default;
        Assert.Equal(0, largest.Value);
        largest.Take(long.MaxValue, 1);
        Assert.Equal(long.MaxValue, largest.Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void One_ratio_without_meaning_leaves_none(long whole)
    {
        LargestPpm largest = default;
        largest.Take(1, 2);
        largest.Take(1, whole);
        largest.Take(1, 2);
        Assert.Null(largest.Value);
    }

    // Half to even, as the figures are rounded everywhere.
    private static long Divided(long part, long whole)
    {
        BigInteger quotient = BigInteger.DivRem((BigInteger)part * 1_000_000, whole, out BigInteger rest);
        int half = (rest * 2).CompareTo(whole);
        return (long)(half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient);
    }
}
