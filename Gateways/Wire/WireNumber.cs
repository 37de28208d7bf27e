using System;
using System.Globalization;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Wire;

/// <summary>
/// Numbers as venues write them and whole numbers of a unit. Exact unless the name says otherwise: what does not fit is
/// refused, never rounded.
/// </summary>
internal static class WireNumber
{
    /// <summary>Characters of a number; a longer one is refused.</summary>
    internal const int LengthMax = 64;

    /// <summary>Parses a decimal number that may have an exponent, as JSON writers put very small and very large ones.</summary>
    /// <param name="text">ASCII.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to 18.</param>
    /// <param name="units">The number of units.</param>
    /// <returns>False when it is no number, has more decimals than the unit, or is beyond 64 bits.</returns>
    internal static bool TryParse(ReadOnlySpan<byte> text, int exponent, out long units)
    {
        units = 0;
        if (text.Length > LengthMax)
        {
            return false;
        }

        int e = text.IndexOfAny((byte)'e', (byte)'E');
        return e < 0
            ? DecimalText.TryParse(text, exponent, out units)
            : TryPower(text[(e + 1)..], out int power) && TryShifted(text[..e], power, exponent, out units);
    }

    /// <summary>Parses a number that lies within a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="start">Offset of the number.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to 18.</param>
    /// <param name="units">The number of units.</param>
    /// <returns>False when it is no number, has more decimals than the unit, or is beyond 64 bits.</returns>
    internal static bool TryParse(ReadOnlySpan<byte> message, int start, int length, int exponent, out long units)
    {
        // A number with an exponent is of no form that the first one knows, and refused by it.
        units = 0;
        return (length <= LengthMax && DecimalText.TryParse(message, start, length, exponent, out units))
            || TryParse(message.Slice(start, length), exponent, out units);
    }

    /// <summary>Parses a decimal number and cuts off the decimals that the unit does not have: towards zero.</summary>
    /// <param name="text">ASCII, without exponent.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to 18.</param>
    /// <param name="units">The number of units.</param>
    /// <returns>False when it is no number or beyond 64 bits.</returns>
    internal static bool TryParseCut(ReadOnlySpan<byte> text, int exponent, out long units)
    {
        units = 0;
        int point = text.IndexOf((byte)'.');
        int keep = point < 0 ? text.Length : Math.Min(text.Length, point + 1 + exponent);
        if (text.Length > LengthMax || text[keep..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        // "1.5" cut to no decimals would end in a bare point.
        ReadOnlySpan<byte> kept = text[..(point >= 0 && keep == point + 1 && text.Length > keep ? point : keep)];
        return DecimalText.TryParse(kept, exponent, out units);
    }

    /// <summary>A float as the number of units of its shortest decimal spelling: the text that its sender meant.</summary>
    /// <param name="value">The float.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to 18.</param>
    /// <param name="units">The number of units.</param>
    /// <returns>False for NaN and infinities, with more decimals than the unit, or beyond 64 bits.</returns>
    internal static bool TryFromFloat(double value, int exponent, out long units)
    {
        units = 0;

        // Below 2^51 units no two of them are the same float, and the quotient is the float nearest to them: so the units
        // that divide back to the value are its decimal spelling, and if none do, it has more decimals.
        const double unique = 1L << 51;
        const double beyond = 9.3e18;
        double scale = Instrument.PowerOf10(exponent);
        double scaled = Math.Round(value * scale);
        if (Math.Abs(scaled) < unique)
        {
            bool exact = scaled / scale == value;
            units = exact ? (long)scaled : 0;
            return exact;
        }

        Span<byte> text = stackalloc byte[LengthMax];
        return Math.Abs(scaled) < beyond
            && value.TryFormat(text, out int written, "R", CultureInfo.InvariantCulture)
            && TryParse(text[..written], exponent, out units);
    }

    /// <summary>A whole number as units.</summary>
    /// <param name="value">The number.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to 18.</param>
    /// <param name="units">The number of units.</param>
    /// <returns>False beyond 64 bits.</returns>
    internal static bool TryFromWhole(long value, int exponent, out long units) =>
        Wide.TryMultiply(value, Instrument.PowerOf10(exponent), out units);

    private static bool TryPower(ReadOnlySpan<byte> text, out int power)
    {
        power = 0;
        bool negative = text.Length > 0 && text[0] == (byte)'-';
        ReadOnlySpan<byte> digits = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (!DecimalText.TryParse(digits, 0, out long size) || size is < 0 or > 400 || digits.Contains((byte)'.'))
        {
            return false;
        }

        power = negative ? -(int)size : (int)size;
        return true;
    }

    // mantissa x 10^power in units of 10^-exponent: the digits without the point, and the point somewhere else.
    private static bool TryShifted(ReadOnlySpan<byte> mantissa, int power, int exponent, out long units)
    {
        units = 0;
        if (mantissa.IsEmpty)
        {
            return false;
        }

        bool negative = mantissa[0] == (byte)'-';
        ReadOnlySpan<byte> digits = negative ? mantissa[1..] : mantissa;
        int point = digits.IndexOf((byte)'.');
        int decimals = point < 0 ? 0 : digits.Length - point - 1;
        if (digits.IsEmpty || point == 0 || point == digits.Length - 1)
        {
            return false;
        }

        // Zeros that the exponent cuts off again are no digits of the number.
        Span<byte> plain = stackalloc byte[LengthMax];
        int length = 0;
        foreach (byte digit in digits)
        {
            if (digit == (byte)'.' && length == point)
            {
                continue;
            }

            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            plain[length++] = digit;
        }

        int shift = exponent + power - decimals;
        ReadOnlySpan<byte> significant = plain[..length].TrimStart((byte)'0');
        if (significant.IsEmpty)
        {
            return true;
        }

        for (; shift < 0 && !significant.IsEmpty && significant[^1] == (byte)'0'; shift++)
        {
            significant = significant[..^1];
        }

        if (shift is < 0 or > 18 || !DecimalText.TryParse(significant, shift, out units))
        {
            units = 0;
            return false;
        }

        units = negative ? -units : units;
        return true;
    }
}
