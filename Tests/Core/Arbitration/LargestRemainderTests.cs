using System;
using System.Linq;
using System.Numerics;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using Xunit;

namespace LowLatency.Tests.Core.Arbitration;

public sealed class LargestRemainderTests
{
    [Theory]
    [InlineData(10, new long[] { 1, 1, 1 }, new long[] { 4, 3, 3 })]
    [InlineData(10, new long[] { 1, 2, 0 }, new long[] { 3, 7, 0 })] // 3.33, 6.67
    [InlineData(2, new long[] { 5, 5, 5 }, new long[] { 1, 1, 0 })]
    [InlineData(0, new long[] { 5, 5 }, new long[] { 0, 0 })]
    [InlineData(7, new long[] { 0, 0 }, new long[] { 0, 0 })]
    [InlineData(long.MaxValue, new long[] { long.MaxValue, long.MaxValue }, new long[] { (1L << 62), (1L << 62) - 1 })]
    public void A_whole_is_cut_as_by_hand(long whole, long[] shares, long[] expected)
    {
        long[] parts = new long[shares.Length];
        long given = LargestRemainder.Split(whole, shares, parts);
        Assert.Equal(expected, parts);
        Assert.Equal(expected.Aggregate(0L, (a, b) => a + b), given);
    }

    [Fact]
    public void A_hundred_thousand_cuts_add_up_and_are_as_near_to_the_exact_share_as_whole_numbers_can_be() =>
        Assert.Equal(0, Wrong(LargestRemainder.Split));

    [Fact]
    public void A_cut_that_gives_what_is_left_to_the_first_is_caught() =>
        Assert.True(Wrong((whole, shares, parts) =>
        {
            long sum = shares.ToArray().Sum();
            for (int i = 0; i < shares.Length && sum > 0; i++)
            {
                parts[i] = (long)((Int128)whole * shares[i] / sum);
            }

            long given = parts.ToArray().Sum();
            parts[0] += sum > 0 ? whole - given : 0;
            return sum > 0 ? whole : 0;
        }) > 1_000);

    [Fact]
    public void A_cut_that_loses_what_rounding_takes_is_caught() =>
        Assert.True(Wrong((whole, shares, parts) =>
        {
            long sum = shares.ToArray().Sum();
            for (int i = 0; i < shares.Length && sum > 0; i++)
            {
                parts[i] = (long)((Int128)whole * shares[i] / sum);
            }

            return parts.ToArray().Sum();
        }) > 1_000);

    private delegate long Cut(long whole, ReadOnlySpan<long> shares, Span<long> parts);

    private static int Wrong(Cut cut)
    {
        Xoshiro256 dice = new(4_711);
        int wrong = 0;
        for (int round = 0; round < 100_000; round++)
        {
            long[] shares = new long[1 + dice.NextBelow(17)];
            for (int i = 0; i < shares.Length; i++)
            {
                shares[i] = dice.NextBelow(3) == 0 ? 0 : dice.NextBelow(1L << (int)(1 + dice.NextBelow(40)));
            }

            long whole = dice.NextBelow(1L << (int)(1 + dice.NextBelow(40)));
            long[] parts = new long[shares.Length];
            cut(whole, shares, parts);
            BigInteger sum = shares.Aggregate(BigInteger.Zero, (a, b) => a + b);
            bool right = parts.Aggregate(BigInteger.Zero, (a, b) => a + b) == (sum == 0 ? 0 : whole);
            for (int i = 0; i < parts.Length && sum > 0; i++)
            {
                BigInteger off = (parts[i] * sum) - ((BigInteger)whole * shares[i]);
                right &= BigInteger.Abs(off) < sum && (shares[i] != 0 || parts[i] == 0);
            }

            wrong += right ? 0 : 1;
        }

        return wrong;
    }
}
