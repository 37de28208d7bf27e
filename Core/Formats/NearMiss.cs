using System;
using System.Collections.Generic;

namespace LowLatency.Core.Formats;

/// <summary>Finds what a person probably meant to write.</summary>
public static class NearMiss
{
    private const int LongestCompared = 64;

    /// <summary>The nearest known word.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="known">What may be written.</param>
    /// <returns>Null when none is near.</returns>
    public static string? Of(string word, IEnumerable<string> known)
    {
        if (word.Length > LongestCompared)
        {
            return null;
        }

        string? nearest = null;
        int least = Math.Max(2, word.Length / 3) + 1;
        foreach (string candidate in known)
        {
            int distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < least && distance < candidate.Length)
            {
                least = distance;
                nearest = candidate;
            }
        }

        return nearest;
    }

    /// <summary>Insertions, removals and replacements that turn one word into the other (Levenshtein).</summary>
    private static int Distance(string left, string right)
    {
        int[] row = new int[right.Length + 1];
        for (int j = 0; j < row.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.Length; j++)
            {
                int replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
