using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration.Weights;

/// <summary>Learned shares as whole weights: what leaves the learning is an integer, and sums to exactly 1.</summary>
internal static class Simplex
{
    /// <summary>
    /// Quantises: every weight is the floor and its share of the rest, rounded down; the units lost go one each to the
    /// largest fractions, equal ones to the lower index.
    /// </summary>
    /// <param name="shares">Not negative, summing to 1 but for rounding; at most the strategies of a session.</param>
    /// <param name="floorE9">Least weight x 10^9.</param>
    /// <param name="weightsE9">Gets the weights x 10^9.</param>
    internal static void Quantise(ReadOnlySpan<double> shares, long floorE9, Span<long> weightsE9)
    {
        int count = shares.Length;
        Ensure.That(count is >= 1 and <= Limits.Strategies && weightsE9.Length == count, "as many weights as shares");
        long rest = ArbitrationSettings.WeightOne - (floorE9 * count);
        Ensure.That(floorE9 >= 0 && rest >= 0, "floors must leave room for the weights");
        Span<double> fractions = stackalloc double[Limits.Strategies];
        long left = rest;
        for (int i = 0; i < count; i++)
        {
            double exact = shares[i] * rest;
            long whole = Math.Min((long)exact, left);
            fractions[i] = exact - whole;
            weightsE9[i] = floorE9 + whole;
            left -= whole;
        }

        Ensure.That(left <= count, "shares of weights must sum to 1");
        for (; left > 0; left--)
        {
            int largest = 0;
            for (int i = 1; i < count; i++)
            {
                largest = fractions[i] > fractions[largest] ? i : largest;
            }

            weightsE9[largest]++;
            fractions[largest] = -1.0;
        }
    }
}
