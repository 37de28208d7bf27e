using System;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>One side of a LEAN quote bar: what was best at its end is what an event can say; the rest is only checked.</summary>
internal static class LeanQuotes
{
    /// <summary>Decimals that a size may have before it is taken for a sum of floating point numbers.</summary>
    internal const int SizeDecimalsMax = Instrument.ExponentMax;

    /// <summary>
    /// A size of a crypto quote. The archive holds sums of floating point numbers there, 124.41876474999998 for
    /// 124.41876475: with more decimals than a unit can have, the nearest unit is what was meant.
    /// </summary>
    /// <param name="field">Its name.</param>
    /// <param name="text">Decimal text.</param>
    /// <param name="exponent">Decimals of the unit.</param>
    /// <param name="isRounded">Set when the text was not exact; else left as it is.</param>
    /// <returns>Quantity units.</returns>
    internal static long Size(string field, ReadOnlySpan<byte> text, int exponent, ref bool isRounded)
    {
        int decimals = DecimalText.Decimals(text);
        if (decimals <= SizeDecimalsMax)
        {
            return Fields.Amount(field, text, exponent);
        }

        int kept = text.Length - decimals + exponent;
        ReadOnlySpan<byte> cut = text[kept..];
        if (cut.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            throw new FieldException(field, text, "a decimal that is not negative");
        }

        isRounded = true;
        long units = Fields.Amount(field, text[..(exponent == 0 ? kept - 1 : kept)], exponent);
        return cut[0] >= (byte)'5' && units < long.MaxValue ? units + 1 : units;
    }

    /// <summary>Refuses a bar whose prices contradict each other.</summary>
    internal static void CheckBar(
        string side, long open, long high, long low, long close, ReadOnlySpan<byte> highText, ReadOnlySpan<byte> lowText)
    {
        if (high < Math.Max(open, close) || low > high)
        {
            throw new FieldException(side + "high", highText, "not below open, low or close");
        }

        if (low > Math.Min(open, close))
        {
            throw new FieldException(side + "low", lowText, "not above open or close");
        }
    }
}
