using System;
using System.Text;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Values;

/// <summary>
/// Decimal text and whole numbers of a unit of 10^-exponent, both ways and exact: nothing is rounded, and what does not
/// fit is refused.
/// </summary>
/// <remarks>
/// The text is <c>[-]digits[.digits]</c> and nothing else: no plus sign, no blank, no group separator, no exponent, no
/// bare point. Decimals beyond the exponent are accepted when they are zeros.
/// </remarks>
public static class DecimalText
{
    /// <summary>Largest exponent: 10^18 is the largest power of ten in 64 bits.</summary>
    public const int ExponentMax = 18;

    /// <summary>Bytes that <see cref="Format"/> may write: sign, 19 digits, point.</summary>
    public const int LengthMax = 21;

    /// <summary>Parses decimal text.</summary>
    /// <param name="text">ASCII.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to <see cref="ExponentMax"/>.</param>
    /// <param name="units">The number of units; 0 when refused.</param>
    /// <returns>False when of another form, with more decimals than the unit, or beyond 64 bits.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, int exponent, out long units)
    {
        Ensure.That(exponent is >= 0 and <= ExponentMax, "exponent of decimal text out of range");
        units = 0;
        bool negative = text.Length > 0 && text[0] == (byte)'-';
        int index = negative ? 1 : 0;
        int firstDigit = index;
        ulong magnitude = 0;
        while (index < text.Length && IsDigit(text[index]))
        {
            if (!Append(ref magnitude, text[index++]))
            {
                return false;
            }
        }

        if (index == firstDigit)
        {
            return false;
        }

        int missing = exponent;
        if (index < text.Length)
        {
            if (text[index++] != (byte)'.' || index == text.Length)
            {
                return false;
            }

            for (; index < text.Length; index++)
            {
                byte digit = text[index];
                if (!IsDigit(digit) || (missing == 0 && digit != (byte)'0'))
                {
                    return false;
                }

                if (missing > 0)
                {
                    if (!Append(ref magnitude, digit))
                    {
                        return false;
                    }

                    missing--;
                }
            }
        }

        for (; missing > 0; missing--)
        {
            if (!Append(ref magnitude, (byte)'0'))
            {
                return false;
            }
        }

        const ulong smallest = 1UL << 63;
        if (magnitude > (negative ? smallest : smallest - 1))
        {
            return false;
        }

        units = magnitude == smallest ? long.MinValue : negative ? -(long)magnitude : (long)magnitude;
        return true;
    }

    /// <summary>Parses decimal text that lies within something larger: faster, since short text is looked at all at once.</summary>
    /// <param name="bytes">The whole.</param>
    /// <param name="start">Offset of the text.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to <see cref="ExponentMax"/>.</param>
    /// <param name="units">The number of units; 0 when refused.</param>
    /// <returns>False when of another form, with more decimals than the unit, or beyond 64 bits.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, int start, int length, int exponent, out long units) =>
        (DecimalVector.IsSupported
            && bytes.Length - start >= DecimalVector.Width
            && exponent is >= 0 and <= ExponentMax
            && DecimalVector.TryParse(in bytes[start], length, exponent, out units))
        || TryParse(bytes.Slice(start, length), exponent, out units);

    /// <summary>Parses decimal text.</summary>
    /// <param name="text">Any text; other than ASCII digits, one point and a leading minus refuses.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to <see cref="ExponentMax"/>.</param>
    /// <param name="units">The number of units; 0 when refused.</param>
    /// <returns>False when refused.</returns>
    public static bool TryParse(string text, int exponent, out long units)
    {
        // Longer text can only be leading or trailing zeros; whoever writes that is not writing a number of ours.
        const int lengthMax = 64;
        units = 0;
        if (text.Length > lengthMax)
        {
            return false;
        }

        Span<byte> ascii = stackalloc byte[lengthMax];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] > (char)127)
            {
                return false;
            }

            ascii[i] = (byte)text[i];
        }

        return TryParse(ascii[..text.Length], exponent, out units);
    }

    /// <summary>Digits after the point, trailing zeros included.</summary>
    /// <param name="text">Decimal text.</param>
    /// <returns>The count; 0 without a point.</returns>
    public static int Decimals(ReadOnlySpan<byte> text)
    {
        int point = text.IndexOf((byte)'.');
        return point < 0 ? 0 : text.Length - point - 1;
    }

    /// <summary>Writes units as decimal text with exactly <paramref name="exponent"/> decimals.</summary>
    /// <param name="units">The number of units.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to <see cref="ExponentMax"/>.</param>
    /// <param name="destination">At least <see cref="LengthMax"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Format(long units, int exponent, Span<byte> destination)
    {
        Ensure.That(exponent is >= 0 and <= ExponentMax, "exponent of decimal text out of range");
        Ensure.That(destination.Length >= LengthMax, "destination of decimal text too short");
        ulong magnitude = units == long.MinValue ? 1UL << 63 : (ulong)(units < 0 ? -units : units);

        // Digits come out last first, so the text is built from the end and then moved to the front.
        int start = LengthMax;
        int decimals = 0;
        do
        {
            if (decimals == exponent && exponent > 0)
            {
                destination[--start] = (byte)'.';
            }

            destination[--start] = (byte)('0' + (int)(magnitude % 10));
            magnitude /= 10;
            decimals++;
        }
        while (magnitude > 0 || decimals <= exponent);

        if (units < 0)
        {
            destination[--start] = (byte)'-';
        }

        destination[start..LengthMax].CopyTo(destination);
        return LengthMax - start;
    }

    /// <summary>Units as decimal text with exactly <paramref name="exponent"/> decimals.</summary>
    /// <param name="units">The number of units.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to <see cref="ExponentMax"/>.</param>
    /// <returns>The text.</returns>
    public static string ToText(long units, int exponent)
    {
        Span<byte> buffer = stackalloc byte[LengthMax];
        return Encoding.ASCII.GetString(buffer[..Format(units, exponent, buffer)]);
    }

    private static bool IsDigit(byte character) => character is >= (byte)'0' and <= (byte)'9';

    private static bool Append(ref ulong magnitude, byte digit)
    {
        // 19 digits always fit; the range of long is checked once at the end.
        if (magnitude >= 1_000_000_000_000_000_000)
        {
            return false;
        }

        magnitude = (magnitude * 10) + (ulong)(digit - (byte)'0');
        return true;
    }
}
