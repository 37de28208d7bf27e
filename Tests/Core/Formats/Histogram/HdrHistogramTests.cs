using System;
using System.Collections.Generic;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Formats.Histogram;

public sealed class HdrHistogramTests
{
    // Sizes by the formula of the layout: (buckets + 1) x S/2, S the power of two at or above 2 x 10^digits, and as
    // many buckets as it takes until S x 2^(buckets - 1) exceeds the highest value.
    [Theory]
    [InlineData(3_600_000_000L, 3, (22 + 1) * 1024)]
    [InlineData(2047, 3, (1 + 1) * 1024)]
    [InlineData(2048, 3, (2 + 1) * 1024)]
    [InlineData(2, 1, (1 + 1) * 16)]
    [InlineData(long.MaxValue, 1, (59 + 1) * 16)]
    [InlineData(long.MaxValue, 5, (46 + 1) * 131072)]
    public void The_table_has_the_size_of_the_reference(long highest, int digits, int counts) =>
        Assert.Equal(counts, new HdrHistogram(highest, digits).Counts.Length);

    // From the reference's own tests, for 3 digits: 2048 values one by one, then ranges of 2, 4, ...
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(2047, 2047, 2047, 2047)]
    [InlineData(2048, 2048, 2049, 2049)]
    [InlineData(2500, 2500, 2501, 2501)]
    [InlineData(8191, 8188, 8191, 8190)]
    [InlineData(8192, 8192, 8199, 8196)]
    [InlineData(10000, 10000, 10007, 10004)]
    [InlineData(10009, 10008, 10015, 10012)]
    public void Equivalent_values_share_a_range(long value, long lowest, long highest, long median)
    {
        HdrHistogram histogram = new(3_600_000_000L, 3);
        Assert.Equal(lowest, histogram.LowestEquivalent(value));
        Assert.Equal(highest, histogram.HighestEquivalent(value));
        Assert.Equal(median, histogram.MedianEquivalent(value));
        Assert.Equal(histogram.IndexOf(lowest), histogram.IndexOf(highest));
        Assert.Equal(histogram.IndexOf(lowest), histogram.IndexOf(value));
        Assert.Equal(lowest, histogram.ValueAt(histogram.IndexOf(value)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Indices_are_the_reference_arithmetic_and_ranges_are_as_narrow_as_the_digits_promise(int digits)
    {
        HdrHistogram histogram = new(long.MaxValue, digits);
        Xoshiro256 dice = new((ulong)digits);
        long tenth = 1;
        for (int i = 0; i < digits; i++)
        {
            tenth *= 10;
        }

        for (int round = 0; round < 20_000; round++)
        {
            long value = (long)(dice.Next() >> (1 + (int)dice.NextBelow(63)));
            int index = histogram.IndexOf(value);
            Assert.Equal(ReferenceIndex(value, digits), index);
            long lowest = histogram.LowestEquivalent(value);
            long highest = histogram.HighestEquivalent(value);
            Assert.True(lowest <= value && value <= highest);
            Assert.True(highest - lowest <= value / tenth, $"{value}: {lowest} to {highest}");
        }

        // Every index in turn begins where the one before ended.
        HdrHistogram small = new(100_000, Math.Min(digits, 3));
        for (int i = 1; i < small.Counts.Length; i++)
        {
            Assert.Equal(small.HighestEquivalent(small.ValueAt(i - 1)) + 1, small.ValueAt(i));
            Assert.Equal(i, small.IndexOf(small.ValueAt(i)));
        }
    }

    // By the same formula with values of v / 2^u: 1000 is at least 2^9, so 512 values share the smallest range.
    [Fact]
    public void Values_below_the_lowest_that_matters_share_one_range()
    {
        HdrHistogram histogram = new(3_600_000_000_000, 3, 1000);
        Assert.Equal((23 + 1) * 1024, histogram.Counts.Length);
        foreach (long value in (long[])[0, 511, 512, 1023, 1_048_575, 1_048_576, 3_599_999_999_999])
        {
            int halvings = 9;
            for (long scaled = value >> 9; scaled >= 2048; scaled >>= 1)
            {
                halvings++;
            }

            Assert.Equal(value >> halvings << halvings, histogram.LowestEquivalent(value));
            Assert.Equal((value >> halvings << halvings) + (1L << halvings) - 1, histogram.HighestEquivalent(value));
            Assert.Equal(histogram.LowestEquivalent(value), histogram.ValueAt(histogram.IndexOf(value)));
        }

        histogram.RecordValue(300);
        Assert.Equal(0, histogram.Minimum);
        Assert.Equal(long.MaxValue, histogram.MinimumNonZero);
        Assert.Equal(511, histogram.Maximum);
        histogram.RecordValue(5_000);
        Assert.Equal(4_608, histogram.MinimumNonZero);

        // Another unit is added value by value.
        HdrHistogram fine = new(3_600_000_000_000, 3);
        fine.RecordValue(5_000, 7);
        Assert.True(histogram.TryAdd(fine));
        Assert.Equal(8, histogram.CountAtValue(5_000));
    }

    [Fact]
    public void Counters_stop_at_the_largest_number_and_say_what_they_refused()
    {
        HdrHistogram histogram = new(1000, 1);
        Assert.True(histogram.RecordValue(5, long.MaxValue - 1));
        Assert.False(histogram.RecordValue(7, 2));
        Assert.Equal(2, histogram.RefusedCount);
        Assert.True(histogram.RecordValue(7));
        Assert.False(histogram.RecordValue(7));
        Assert.Equal(long.MaxValue, histogram.TotalCount);
        Assert.Equal(3, histogram.RefusedCount);
        Assert.False(histogram.RecordValue(-1, long.MaxValue));
        Assert.Equal(long.MaxValue, histogram.RefusedCount);
        Assert.Equal(1, histogram.CountAtValue(7));

        HdrHistogram other = new(1000, 1);
        other.RecordValue(1);
        Assert.False(other.TryAdd(histogram));
        Assert.Equal(1, other.TotalCount);
    }

    [Fact]
    public void Values_out_of_range_are_refused_counted_and_change_nothing()
    {
        HdrHistogram histogram = new(1000, 3);
        Assert.True(histogram.RecordValue(0));
        Assert.True(histogram.RecordValue(1000));
        foreach (long value in (long[])[-1, 1001, 1023, long.MinValue, long.MaxValue])
        {
            Assert.False(histogram.RecordValue(value));
            Assert.False(histogram.RecordValue(value, 2));
            Assert.False(histogram.RecordValueWithExpectedInterval(value, 10));
            Assert.Equal(0, histogram.CountAtValue(value));
        }

        Assert.Equal(2, histogram.TotalCount);
        Assert.Equal(5 * 4, histogram.RefusedCount);
        Assert.Equal(1000, histogram.Maximum);
    }

    [Fact]
    public void An_empty_histogram_says_zero_everywhere()
    {
        HdrHistogram histogram = new(1000, 3);
        histogram.RecordValue(7);
        histogram.RecordValue(-7);
        histogram.Reset();
        Assert.Equal(0, histogram.TotalCount);
        Assert.Equal(0, histogram.RefusedCount);
        Assert.Equal(0, histogram.Minimum);
        Assert.Equal(0, histogram.Maximum);
        Assert.Equal(long.MaxValue, histogram.MinimumNonZero);
        Assert.Equal(0, histogram.Mean);
        Assert.Equal(0, histogram.ValueAtPercentile(0));
        Assert.Equal(0, histogram.ValueAtPercentile(100));
    }

    // Nearest-rank percentiles of the sorted values, then rounded to the top of their range: the definition itself.
    [Fact]
    public void Percentiles_extremes_and_mean_are_those_of_the_sorted_values() =>
        PropertyCheck.Holds(
            ArbMap.Default.ArbFor<Tuple<NonEmptyArray<uint>, bool>>(),
            input =>
            {
                (NonEmptyArray<uint> values, bool narrow) = input;
                List<long> sorted = [];
                HdrHistogram histogram = new(uint.MaxValue, 3);
                foreach (uint value in values.Get)
                {
                    long scaled = narrow ? value % 50 : value * 2654435761L % uint.MaxValue;
                    sorted.Add(scaled);
                    histogram.RecordValue(scaled);
                }

                sorted.Sort();
                Assert.Equal(histogram.LowestEquivalent(sorted[0]), histogram.Minimum);
                Assert.Equal(histogram.HighestEquivalent(sorted[^1]), histogram.Maximum);
                Assert.Equal(sorted.Count, histogram.TotalCount);
                Assert.Equal(histogram.LowestEquivalent(sorted[0]), histogram.ValueAtPercentile(0));
                Assert.Equal(histogram.LowestEquivalent(sorted[0]), histogram.ValueAtPercentile(-5));
                Assert.Equal(histogram.HighestEquivalent(sorted[^1]), histogram.ValueAtPercentile(100));
                Assert.Equal(histogram.HighestEquivalent(sorted[^1]), histogram.ValueAtPercentile(250));
                double sum = 0;
                double squares = 0;
                for (int rank = 1; rank <= sorted.Count; rank++)
                {
                    sum += histogram.MedianEquivalent(sorted[rank - 1]);

                    // In whole per mille of the count, so that the rank wanted is exact.
                    long perMille = rank * 1000L / sorted.Count;
                    long wanted = Math.Max(((perMille * sorted.Count) + 999) / 1000, 1);
                    Assert.Equal(
                        perMille == 0
                            ? histogram.LowestEquivalent(sorted[0])
                            : histogram.HighestEquivalent(sorted[(int)wanted - 1]),
                        histogram.ValueAtPercentile(perMille / 10.0));
                }

                Assert.Equal(sum / sorted.Count, histogram.Mean, sum * 1e-12);
                foreach (long value in sorted)
                {
                    squares += Math.Pow(histogram.MedianEquivalent(value) - (sum / sorted.Count), 2);
                }

                Assert.Equal(Math.Sqrt(squares / sorted.Count), histogram.StandardDeviation, (sum * 1e-9) + 1e-9);

                return true;
            },
            runs: 200);

    [Fact]
    public void A_stall_is_seen_by_the_requests_that_it_held_up()
    {
        // Gil Tene's example: 100 s of one answer each 10 ms in 1 ms, then one stall of 100 s.
        HdrHistogram plain = new(3_600_000_000L, 3);
        HdrHistogram corrected = new(3_600_000_000L, 3);
        for (int i = 0; i < 10_000; i++)
        {
            plain.RecordValueWithExpectedInterval(1000, 0);
            corrected.RecordValueWithExpectedInterval(1000, 10_000);
        }

        plain.RecordValueWithExpectedInterval(100_000_000, 0);
        corrected.RecordValueWithExpectedInterval(100_000_000, 10_000);
        Assert.Equal(10_001, plain.TotalCount);
        Assert.Equal(20_000, corrected.TotalCount);

        // Half of the time all was well; the other half is spread evenly over the stall.
        Assert.Equal(1000, plain.ValueAtPercentile(99));
        Assert.Equal(1000, corrected.ValueAtPercentile(50));
        Assert.InRange(corrected.ValueAtPercentile(75), 49_900_000, 50_100_000);
        Assert.InRange(corrected.ValueAtPercentile(99), 97_900_000, 98_100_000);
    }

    [Fact]
    public void The_correction_is_the_reference_loop_value_by_value() =>
        PropertyCheck.Holds(
            ArbMap.Default.ArbFor<Tuple<uint, ushort, PositiveInt>>(),
            input =>
            {
                (uint value, ushort interval, PositiveInt digits) = input;
                long stall = value * 7919L % 5_000_000;
                int precision = 1 + (digits.Get % 5);
                HdrHistogram ours = new(5_000_000, precision);
                HdrHistogram loop = new(5_000_000, precision);
                ours.RecordValueWithExpectedInterval(stall, interval);
                loop.RecordValue(stall);
                for (long missing = stall - interval; interval > 0 && missing >= interval; missing -= interval)
                {
                    loop.RecordValue(missing);
                }

                AssertEqual(loop, ours);
                Assert.Equal(loop.TotalCount, ours.TotalCount);

                return true;
            },
            runs: 300);

    [Fact]
    public void A_copy_is_corrected_like_what_it_was_recorded_from() =>
        PropertyCheck.Holds(
            ArbMap.Default.ArbFor<Tuple<NonEmptyArray<uint>, PositiveInt>>(),
            input =>
            {
                (NonEmptyArray<uint> values, PositiveInt step) = input;
                HdrHistogram plain = new(20_000, 2);
                HdrHistogram loop = new(20_000, 2);
                foreach (uint value in values.Get)
                {
                    long recorded = value * 7919L % 20_001;
                    plain.RecordValue(recorded);
                    loop.RecordValue(recorded);
                    long longest = Math.Min(plain.HighestEquivalent(recorded), 20_000);
                    for (long missing = longest - step.Get; missing >= step.Get; missing -= step.Get)
                    {
                        loop.RecordValue(missing);
                    }
                }

                plain.RecordValue(-1);
                HdrHistogram before = new(20_000, 2);
                before.TryAdd(plain);
                HdrHistogram copy = plain.CopyCorrected(step.Get);
                AssertEqual(loop, copy);
                Assert.Equal(1, copy.RefusedCount);
                AssertEqual(before, plain);
                AssertEqual(plain, plain.CopyCorrected(0));

                return true;
            },
            runs: 200);

    [Fact]
    public void A_correction_costs_no_more_than_the_table_however_long_the_stall()
    {
        HdrHistogram histogram = new(long.MaxValue, 1);
        Assert.True(histogram.RecordValueWithExpectedInterval(1L << 61, 1));
        Assert.Equal(1L << 61, histogram.TotalCount);
        Assert.Equal(1, histogram.Minimum);
    }

    [Fact]
    public void Added_histograms_hold_the_values_of_both()
    {
        Xoshiro256 dice = new(5);
        HdrHistogram a = new(1_000_000, 3);
        HdrHistogram b = new(5_000_000, 3);
        HdrHistogram coarse = new(1_000_000, 1);
        HdrHistogram both = new(1_000_000, 3);
        for (int i = 0; i < 1000; i++)
        {
            long x = dice.NextBelow(1_000_001);
            long y = dice.NextBelow(900_000);
            a.RecordValue(x);
            b.RecordValue(y);
            coarse.RecordValue(y);
            both.RecordValue(x);
            both.RecordValue(y);
        }

        b.RecordValue(-1);
        Assert.True(a.TryAdd(b));
        AssertEqual(both, a);
        Assert.Equal(1, a.RefusedCount);

        // Another precision is added by the lowest of each range.
        HdrHistogram fine = new(1_000_000, 3);
        Assert.True(fine.TryAdd(coarse));
        Assert.Equal(1000, fine.TotalCount);
        for (int i = 0; i < coarse.Counts.Length; i++)
        {
            Assert.True(coarse.Counts[i] == 0 || fine.CountAtValue(coarse.ValueAt(i)) >= coarse.Counts[i]);
        }
    }

    [Fact]
    public void A_histogram_with_a_value_beyond_the_range_is_not_added_at_all()
    {
        HdrHistogram small = new(1000, 3);
        HdrHistogram large = new(5000, 3);
        large.RecordValue(10);
        large.RecordValue(4000);
        Assert.False(small.TryAdd(large));
        Assert.Equal(0, small.TotalCount);
    }

    [Fact]
    public void Nonsense_settings_stop_the_engine()
    {
        Assert.Throws<BrokenInvariantException>(() => new HdrHistogram(1, 3));
        Assert.Throws<BrokenInvariantException>(() => new HdrHistogram(1000, 0));
        Assert.Throws<BrokenInvariantException>(() => new HdrHistogram(1000, 6));
        Assert.Throws<BrokenInvariantException>(() => new HdrHistogram(1000, 3, 0));
        Assert.Throws<BrokenInvariantException>(() => new HdrHistogram(1000, 3, 501));
        Assert.Throws<BrokenInvariantException>(() => new HdrHistogram(long.MaxValue, 5, 1L << 45));

        // 2^18 x 2^44 = 2^62 values in bucket 0, as many in bucket 1, and that is all there are.
        Assert.Equal((2 + 1) << 17, new HdrHistogram(long.MaxValue, 5, 1L << 44).Counts.Length);
        Assert.Throws<BrokenInvariantException>(() => new HdrHistogram(1000, 3).ValueAtPercentile(double.NaN));
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        HdrHistogram histogram = new(3_600_000_000L, 3);
        long allocated = Allocated(histogram);
        Assert.True(Allocated(histogram) == 0, $"{allocated} bytes");

        // The negative control: the counter does see an allocation.
        long before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(new byte[100]);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before >= 100);
    }

    internal static void AssertEqual(HdrHistogram expected, HdrHistogram actual)
    {
        Assert.Equal(expected.TotalCount, actual.TotalCount);
        Assert.Equal(expected.Counts.ToArray(), actual.Counts.ToArray());
        Assert.Equal(expected.Minimum, actual.Minimum);
        Assert.Equal(expected.MinimumNonZero, actual.MinimumNonZero);
        Assert.Equal(expected.Maximum, actual.Maximum);
    }

    private static long Allocated(HdrHistogram histogram)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            histogram.RecordValue(i * 31L);
            histogram.RecordValueWithExpectedInterval(i * 31L, 1000);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // The reference's steps by division instead of shifts: halve until the value fits bucket 0, count the halvings.
    private static int ReferenceIndex(long value, int digits)
    {
        long subBuckets = 1;
        while (subBuckets < 2 * (long)Math.Pow(10, digits))
        {
            subBuckets *= 2;
        }

        int bucket = 0;
        while (value >= subBuckets)
        {
            value /= 2;
            bucket++;
        }

        return (int)(((bucket + 1) * (subBuckets / 2)) + value - (subBuckets / 2));
    }
}
