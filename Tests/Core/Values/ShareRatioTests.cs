using System;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Values;

/// <summary>Splits by hand.</summary>
public sealed class ShareRatioTests
{
    [Theory]
    // 7 for 1; 3 for 2 of 101 is 151 and a half; 1 for 10 of 25 is 2 and 5 tenths; a short one is cut towards zero too.
    [InlineData(7, 1, 100, 700, 0)]
    [InlineData(3, 2, 101, 151, 1)]
    [InlineData(1, 10, 25, 2, 5)]
    [InlineData(1, 10, -25, -2, -5)]
    [InlineData(1, 10, 9, 0, 9)]
    public void A_quantity_becomes_whole_units_and_the_rest_is_known(long fresh, long old, long before, long after, long rest)
    {
        ShareRatio ratio = new(fresh, old);
        Assert.Equal(after, ratio.Quantity(before));
        Assert.Equal(rest, ratio.Rest(before, after));
    }

    [Theory]
    // 645.57 / 7 = 92.22428...; 10.00 x 10 = 100.00.
    [InlineData(7, 1, 6_455_700, 922_242, 922_243)]
    [InlineData(1, 10, 1_000, 10_000, 10_000)]
    public void A_price_is_divided_and_says_which_way_it_is_rounded(long fresh, long old, long price, long down, long up)
    {
        ShareRatio ratio = new(fresh, old);
        Assert.Equal((down, up), (ratio.PriceDown(price), ratio.PriceUp(price)));
    }

    [Theory]
    // 5 tenths of a new share, each worth 10 old ones of 12.34: 61.70. Half a share of a 3 for 2 split is a third of an old one
    // of 100.00: 33.333... received, 33.33333334 paid.
    [InlineData(1, 10, 5, 0, 12_340_000_000, 6_170_000_000)]
    [InlineData(3, 2, 1, 0, 100_000_000_000, 3_333_333_333)]
    [InlineData(3, 2, -1, 0, 100_000_000_000, -3_333_333_334)]
    // The same in thousandths of shares: a thousandth of it, 0.0333...
    [InlineData(3, 2, 1, 3, 100_000_000_000, 3_333_333)]
    public void The_rest_is_paid_at_the_price_of_an_old_share_never_in_our_favour(
        long fresh, long old, long rest, int exponent, long price, long money) =>
        Assert.Equal(money, new ShareRatio(fresh, old).CashFor(rest, exponent, price));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(-1, 1)]
    [InlineData(1, 1_000_000_001)]
    public void A_ratio_that_cannot_be_stops_the_engine(long fresh, long old) =>
        Assert.Throws<BrokenInvariantException>(() => new ShareRatio(fresh, old));

    /// <summary>What is given and what is paid for is what was there: after x old + rest = before x new.</summary>
    [Fact]
    public void Nothing_is_lost_by_rounding()
    {
        Gen<(int, int, int)> gen = Gen.Choose(1, 1_000).SelectMany(
            fresh => Gen.Choose(1, 1_000).SelectMany(
                old => Gen.Choose(-1_000_000, 1_000_000).Select(quantity => (fresh, old, quantity))));
        PropertyCheck.Holds(gen.ToArbitrary(), c => Keeps(c, 0));
        PropertyCheck.Finds(gen.ToArbitrary(), c => Keeps(c, 1));

        static bool Keeps((int Fresh, int Old, int Quantity) c, int round)
        {
            ShareRatio ratio = new(c.Fresh, c.Old);
            long after = ratio.Quantity(c.Quantity) + round;
            long rest = ratio.Rest(c.Quantity, after);
            return (after * c.Old) + rest == (long)c.Quantity * c.Fresh
                && Math.Abs(rest) < c.Old && (rest == 0 || Math.Sign(rest) == Math.Sign(c.Quantity));
        }
    }
}
