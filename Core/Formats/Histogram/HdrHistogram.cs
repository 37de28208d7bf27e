using System;
using System.Numerics;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Formats.Histogram;

/// <summary>
/// A high dynamic range histogram of non-negative integers by Gil Tene's layout: values that agree in their first
/// significant decimal digits share a count. One table, fixed at construction; one writer.
/// </summary>
/// <remarks>
/// <code>
///   Bucket 0 holds S values one by one (S: smallest power of two that is at least 2 x 10^digits).
///   Bucket k holds the values S x 2^(k-1) to S x 2^k - 1 in S/2 counts of 2^k values each.
///   index of v = k x S/2 + (v >> k),  k = bits(v | S-1) - bits(S-1)
/// </code>
/// A lowest discernible value of 2^u or more makes all of this a matter of v >> u. A value out of range is counted as
/// refused, never dropped silently, and counters stop at the largest number there is instead of starting again.
/// </remarks>
public sealed class HdrHistogram
{
    /// <summary>Most significant decimal digits: a table of at most 49 MB.</summary>
    public const int MaximumDigits = 5;

    private readonly int _halfBits;
    private readonly int _unitBits;
    private readonly long _mask;
    private readonly long[] _counts;
    private long _minimumNonZero = long.MaxValue;
    private long _maximum;

    /// <summary>Creates an empty histogram.</summary>
    /// <param name="highestTrackable">Highest value that is recorded, at least 2.</param>
    /// <param name="significantDigits">1 to <see cref="MaximumDigits"/>.</param>
    /// <param name="lowestDiscernible">
    /// Smallest difference that matters, from 1 to half of the highest value: a table for microseconds of nanosecond
    /// values is smaller. Values below it are recorded all the same.
    /// </param>
    public HdrHistogram(long highestTrackable, int significantDigits, long lowestDiscernible = 1)
    {
        Ensure.That(lowestDiscernible >= 1, "lowest discernible value of a histogram must be at least 1");
        Ensure.That(
            highestTrackable / 2 >= lowestDiscernible, "highest trackable value of a histogram must be at least twice the lowest");
        Ensure.That(significantDigits is >= 1 and <= MaximumDigits, "significant digits of a histogram out of range");
        LowestDiscernible = lowestDiscernible;
        HighestTrackable = highestTrackable;
        SignificantDigits = significantDigits;
        long singleUnits = 2;
        for (int i = 0; i < significantDigits; i++)
        {
            singleUnits *= 10;
        }

        _halfBits = BitOperations.Log2((ulong)(singleUnits - 1));
        _unitBits = BitOperations.Log2((ulong)lowestDiscernible);
        Ensure.That(FitsLayout(lowestDiscernible, significantDigits), "digits of a histogram leave no room above its lowest value");
        _mask = (2L << (_halfBits + _unitBits)) - 1;
        _counts = new long[(BucketOf(highestTrackable) + 2) << _halfBits];
    }

    /// <summary>Smallest difference that matters.</summary>
    public long LowestDiscernible { get; }

    /// <summary>Highest value that is recorded.</summary>
    public long HighestTrackable { get; }

    /// <summary>Decimal digits that tell values apart.</summary>
    public int SignificantDigits { get; }

    /// <summary>Values recorded.</summary>
    public long TotalCount { get; private set; }

    /// <summary>
    /// Values refused because they are negative, above <see cref="HighestTrackable"/> or more than can be counted.
    /// </summary>
    public long RefusedCount { get; private set; }

    /// <summary>Highest value equivalent to the largest recorded; 0 when there is none.</summary>
    public long Maximum => TotalCount == 0 ? 0 : HighestEquivalent(_maximum);

    /// <summary>Lowest value equivalent to the smallest recorded; 0 when there is none.</summary>
    public long Minimum => TotalCount == 0 || _counts[0] > 0 ? 0 : LowestEquivalent(_minimumNonZero);

    /// <summary>Lowest value equivalent to the smallest recorded that is not equivalent to 0; <c>long.MaxValue</c> when none is.</summary>
    public long MinimumNonZero =>
        _minimumNonZero == long.MaxValue ? long.MaxValue : LowestEquivalent(_minimumNonZero);

    /// <summary>The arithmetic mean, each value taken as the middle of its equivalents; 0 when there is none.</summary>
    public double Mean
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < _counts.Length; i++)
            {
                if (_counts[i] != 0)
                {
                    sum += (double)MedianEquivalent(ValueAt(i)) * _counts[i];
                }
            }

            return TotalCount == 0 ? 0 : sum / TotalCount;
        }
    }

    /// <summary>
    /// The standard deviation of all values, each taken as the middle of its equivalents; 0 when there is none.
    /// </summary>
    public double StandardDeviation
    {
        get
        {
            double mean = Mean;
            double sum = 0;
            for (int i = 0; i < _counts.Length; i++)
            {
                if (_counts[i] != 0)
                {
                    double distance = MedianEquivalent(ValueAt(i)) - mean;
                    sum += distance * distance * _counts[i];
                }
            }

            return TotalCount == 0 ? 0 : Math.Sqrt(sum / TotalCount);
        }
    }

    /// <summary>The counts, by index. For encoders and for comparisons in tests.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>Records a value.</summary>
    /// <param name="value">0 to <see cref="HighestTrackable"/>.</param>
    /// <returns>False when the value is out of range; it is counted as refused and changes nothing else.</returns>
    public bool RecordValue(long value)
    {
        // One comparison for both ends: a negative value is a huge unsigned one.
        if (unchecked((ulong)value) > (ulong)HighestTrackable || TotalCount == long.MaxValue)
        {
            Refuse(1);
            return false;
        }

        // No count can exceed the total, which has room.
        _counts[IndexOf(value)]++;
        TotalCount++;
        Notice(value);
        return true;
    }

    /// <summary>Records a value several times.</summary>
    /// <param name="value">0 to <see cref="HighestTrackable"/>.</param>
    /// <param name="count">0 or more.</param>
    /// <returns>False when the value is out of range; it is counted as refused and changes nothing else.</returns>
    public bool RecordValue(long value, long count)
    {
        Ensure.That(count >= 0, "count of a recorded value is negative");
        if (value < 0 || value > HighestTrackable || count > long.MaxValue - TotalCount)
        {
            Refuse(count);
            return false;
        }

        if (count > 0)
        {
            TotalCount += count;
            _counts[IndexOf(value)] += count;
            Notice(value);
        }

        return true;
    }

    /// <summary>
    /// Records a value and, when it took longer than the expected interval, the values that a steady observer would
    /// have seen while it lasted: value - interval, value - 2 x interval, ... down to the interval. Without them a
    /// stall counts once, however many requests it would have held up (coordinated omission).
    /// </summary>
    /// <param name="value">0 to <see cref="HighestTrackable"/>.</param>
    /// <param name="expectedInterval">Time between two values when nothing stalls; 0 or less corrects nothing.</param>
    /// <returns>False when the value is out of range; it is counted as refused and changes nothing else.</returns>
    public bool RecordValueWithExpectedInterval(long value, long expectedInterval)
    {
        if (!RecordValue(value))
        {
            return false;
        }

        AddMissing(value, 1, expectedInterval);
        return true;
    }

    /// <summary>
    /// A copy in which every recorded value longer than the expected interval is accompanied by those that a steady
    /// observer would have seen while it lasted. For recordings that were made without; never for corrected ones.
    /// </summary>
    /// <param name="expectedInterval">Time between two values when nothing stalls; 0 or less corrects nothing.</param>
    /// <returns>A histogram of the same layout, the refused ones of this one included.</returns>
    public HdrHistogram CopyCorrected(long expectedInterval)
    {
        HdrHistogram copy = new(HighestTrackable, SignificantDigits, LowestDiscernible);
        Array.Copy(_counts, copy._counts, _counts.Length);
        copy.TotalCount = TotalCount;
        copy.RefusedCount = RefusedCount;
        copy._minimumNonZero = _minimumNonZero;
        copy._maximum = _maximum;
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] != 0)
            {
                // As the reference does: the longest that these can have been.
                copy.AddMissing(Math.Min(HighestEquivalent(ValueAt(i)), HighestTrackable), _counts[i], expectedInterval);
            }
        }

        return copy;
    }

    /// <summary>Adds another histogram's values. Its refused ones are added too.</summary>
    /// <param name="other">Any layout; each of its values is taken as the lowest of its equivalents.</param>
    /// <returns>False, and nothing is added, when it holds a value or more of them than this one can take.</returns>
    public bool TryAdd(HdrHistogram other)
    {
        if (other.LowestEquivalent(other._maximum) > HighestTrackable || other.TotalCount > long.MaxValue - TotalCount)
        {
            return false;
        }

        if (other.SignificantDigits == SignificantDigits && other._unitBits == _unitBits)
        {
            // Equal digits and units make equal indices; the maximum was checked, so all counts lie within both tables.
            int used = Math.Min(_counts.Length, other._counts.Length);
            for (int i = 0; i < used; i++)
            {
                _counts[i] += other._counts[i];
            }

            TotalCount += other.TotalCount;
            _maximum = Math.Max(_maximum, other._maximum);
            _minimumNonZero = Math.Min(_minimumNonZero, other._minimumNonZero);
        }
        else
        {
            for (int i = 0; i < other._counts.Length; i++)
            {
                if (other._counts[i] != 0)
                {
                    RecordValue(other.ValueAt(i), other._counts[i]);
                }
            }
        }

        Refuse(other.RefusedCount);
        return true;
    }

    /// <summary>
    /// The value that a percentage of all recorded values does not exceed: the highest of its equivalents, for
    /// percentile 0 the lowest of the smallest's.
    /// </summary>
    /// <param name="percentile">Clamped to 0 to 100.</param>
    /// <returns>The value; 0 when nothing was recorded.</returns>
    public long ValueAtPercentile(double percentile)
    {
        Ensure.That(!double.IsNaN(percentile), "a percentile is not a number");

        // One ulp less, so that an inexact product is not rounded up beyond the count that it stands for.
        double requested = Math.Min(Math.Max(Math.BitDecrement(percentile), 0.0), 100.0);
        double wanted = Math.Ceiling(requested * TotalCount / 100.0);
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted && seen > 0)
            {
                long value = ValueAt(i);
                return percentile <= 0.0 ? value : HighestEquivalent(value);
            }
        }

        return 0;
    }

    /// <summary>Values recorded that are equivalent to one.</summary>
    /// <param name="value">Any value.</param>
    /// <returns>The count; 0 for a value out of range.</returns>
    public long CountAtValue(long value) => value < 0 || value > HighestTrackable ? 0 : _counts[IndexOf(value)];

    /// <summary>Forgets all values.</summary>
    public void Reset()
    {
        Array.Clear(_counts);
        TotalCount = 0;
        RefusedCount = 0;
        _maximum = 0;
        _minimumNonZero = long.MaxValue;
    }

    /// <summary>Lowest of the values that share a count with one.</summary>
    /// <param name="value">0 or more.</param>
    /// <returns>The lowest equivalent.</returns>
    public long LowestEquivalent(long value)
    {
        int bits = BucketOf(value) + _unitBits;
        return value >> bits << bits;
    }

    /// <summary>Highest of the values that share a count with one.</summary>
    /// <param name="value">0 or more.</param>
    /// <returns>The highest equivalent.</returns>
    public long HighestEquivalent(long value) => LowestEquivalent(value) + ((1L << (BucketOf(value) + _unitBits)) - 1);

    /// <summary>Middle, rounded up, of the values that share a count with one.</summary>
    /// <param name="value">0 or more.</param>
    /// <returns>The middle equivalent.</returns>
    public long MedianEquivalent(long value) => LowestEquivalent(value) + ((1L << (BucketOf(value) + _unitBits)) >> 1);

    /// <summary>Lowest value of an index.</summary>
    /// <param name="index">0 to the number of counts - 1.</param>
    /// <returns>The value.</returns>
    public long ValueAt(int index)
    {
        int bucket = Math.Max((index >> _halfBits) - 1, 0);
        return (long)(index - (bucket << _halfBits)) << (bucket + _unitBits);
    }

    /// <summary>Index of a value's count.</summary>
    /// <param name="value">0 to <see cref="HighestTrackable"/>.</param>
    /// <returns>The index.</returns>
    public int IndexOf(long value)
    {
        int bucket = BucketOf(value);
        return (bucket << _halfBits) + (int)(value >> (bucket + _unitBits));
    }

    // For the decoder: a count that stands for any of its equivalents.
    internal bool TrySetCount(int index, long count)
    {
        if (count < 0 || index < 0 || index >= _counts.Length || count > long.MaxValue - TotalCount)
        {
            return false;
        }

        _counts[index] = count;
        TotalCount += count;
        if (count > 0)
        {
            Notice(ValueAt(index));
            _maximum = Math.Max(_maximum, HighestEquivalent(ValueAt(index)));
        }

        return true;
    }

    /// <summary>True when digits and lowest value leave bits for a bucket.</summary>
    internal static bool FitsLayout(long lowestDiscernible, int significantDigits)
    {
        // 10, 100, ... 10^5 twice take 5, 8, 11, 15 and 18 bits.
        ReadOnlySpan<byte> bits = [0, 5, 8, 11, 15, 18];
        return BitOperations.Log2((ulong)lowestDiscernible) + bits[significantDigits] <= 62;
    }

    private int BucketOf(long value) =>
        63 - BitOperations.LeadingZeroCount((ulong)(value | _mask)) - _halfBits - _unitBits;

    // Missing values that share a count are added at once: the work is bounded by the table, not by the stall.
    private void AddMissing(long value, long count, long expectedInterval)
    {
        if (expectedInterval <= 0)
        {
            return;
        }

        long missing = value - expectedInterval;
        while (missing >= expectedInterval)
        {
            long floor = Math.Max(LowestEquivalent(missing), expectedInterval);
            long sharing = ((missing - floor) / expectedInterval) + 1;
            long last = missing - ((sharing - 1) * expectedInterval);
            RecordValue(last, count > long.MaxValue / sharing ? long.MaxValue : sharing * count);
            missing = last - expectedInterval;
        }
    }

    private void Refuse(long count) => RefusedCount = count > long.MaxValue - RefusedCount ? long.MaxValue : RefusedCount + count;

    private void Notice(long value)
    {
        if (value > _maximum)
        {
            _maximum = value;
        }

        if (value < _minimumNonZero && value >> _unitBits != 0)
        {
            _minimumNonZero = value;
        }
    }
}
