using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>
/// Cuts a whole number into parts in proportion to shares, so that the parts add up to the whole: each part is rounded
/// down, and the units lost go one each to the largest remainders; equal ones to the lower index.
/// </summary>
public static class LargestRemainder
{
    /// <summary>Shares of one cut: the strategies and the house.</summary>
    public const int SharesMax = Limits.Strategies + 1;

    /// <summary>Cuts a whole.</summary>
    /// <param name="whole">What is cut; not negative.</param>
    /// <param name="shares">In what proportion; none negative, at most <see cref="SharesMax"/>.</param>
    /// <param name="parts">Gets the parts. A share of zero gets nothing; where all are zero, nothing is given.</param>
    /// <returns>What was given: the whole, or 0 where all shares are zero.</returns>
    public static long Split(long whole, ReadOnlySpan<long> shares, Span<long> parts)
    {
        Ensure.That(whole >= 0, "what is cut into parts must not be negative");
        Ensure.That(shares.Length <= SharesMax && parts.Length == shares.Length, "more shares than the limit");
        Int128 total = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            Ensure.That(shares[i] >= 0, "a share must not be negative");
            total += shares[i];
        }

        parts.Clear();
        if (total == 0)
        {
            return 0;
        }

        Span<Int128> remainders = stackalloc Int128[SharesMax];
        long left = whole;
        for (int i = 0; i < shares.Length; i++)
        {
            Int128 exact = (Int128)whole * shares[i];
            parts[i] = (long)(exact / total);
            remainders[i] = exact % total;
            left -= parts[i];
        }

        // What is left is the sum of the remainders: fewer units than there are remainders above zero.
        for (; left > 0; left--)
        {
            int largest = 0;
            for (int i = 1; i < shares.Length; i++)
            {
                largest = remainders[i] > remainders[largest] ? i : largest;
            }

            parts[largest]++;
            remainders[largest] = 0;
        }

        return whole;
    }
}
