using System;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Wire;

/// <summary>Times as venues write them, in nanoseconds since 1970 UTC. Only times from 1970 to 2262 are times.</summary>
internal static class WireTime
{
    private const long Second = 1_000_000_000;
    private const long Millisecond = 1_000_000;

    /// <summary>Milliseconds since 1970 as nanoseconds.</summary>
    /// <param name="milliseconds">From 0.</param>
    /// <param name="nanoseconds">The time.</param>
    /// <returns>False when negative or beyond 64 bits.</returns>
    internal static bool TryFromMilliseconds(long milliseconds, out long nanoseconds)
    {
        bool fits = milliseconds is >= 0 and <= long.MaxValue / Millisecond;
        nanoseconds = fits ? milliseconds * Millisecond : 0;
        return fits;
    }

    /// <summary>Parses RFC 3339: <c>2022-03-18T14:02:09.722539521Z</c> or with an offset such as <c>-04:00</c>.</summary>
    /// <param name="text">ASCII; up to nine decimals of a second.</param>
    /// <param name="nanoseconds">The time.</param>
    /// <returns>False when it is another form, no day of the calendar, or out of range.</returns>
    internal static bool TryParse(ReadOnlySpan<byte> text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text.Length is < 20 or > 40
            || !TryDay(text[..10], out long day)
            || (text[10] | 0x20) != (byte)'t'
            || !Two(text[11..], 23, out int hour) || text[13] != (byte)':'
            || !Two(text[14..], 59, out int minute) || text[16] != (byte)':'
            || !Two(text[17..], 60, out int second))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[19..];
        long fraction = 0;
        if (rest[0] == (byte)'.')
        {
            int digits = rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (digits is < 1 or > 9 || !DecimalText.TryParse(rest[1..(digits + 1)], 9 - digits, out fraction))
            {
                return false;
            }

            rest = rest[(digits + 1)..];
        }

        if (!TryOffset(rest, out int offsetMinutes))
        {
            return false;
        }

        long seconds = (day * 86_400) + (hour * 3_600) + (minute * 60) + second - (offsetMinutes * 60L);
        if (seconds < 0 || seconds >= long.MaxValue / Second)
        {
            return false;
        }

        nanoseconds = (seconds * Second) + fraction;
        return true;
    }

    /// <summary>Parses a date, <c>2022-03-18</c>, as days since 1970.</summary>
    /// <param name="text">ASCII, ten characters.</param>
    /// <param name="day">Days since 1970-01-01; negative before.</param>
    /// <returns>False when it is no day of the calendar between the years 1900 and 2999.</returns>
    internal static bool TryDay(ReadOnlySpan<byte> text, out long day)
    {
        day = 0;
        if (text.Length != 10 || text[4] != (byte)'-' || text[7] != (byte)'-'
            || !Two(text, 29, out int century) || century < 19 || !Two(text[2..], 99, out int year)
            || !Two(text[5..], 12, out int month) || month == 0
            || !Two(text[8..], 31, out int dayOfMonth) || dayOfMonth == 0)
        {
            return false;
        }

        year += century * 100;
        if (dayOfMonth > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        day = new DateOnly(year, month, dayOfMonth).DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.Length == 1)
        {
            return (text[0] | 0x20) == (byte)'z';
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != (byte)':'
            || !Two(text[1..], 23, out int hour) || !Two(text[4..], 59, out int minute))
        {
            return false;
        }

        minutes = ((hour * 60) + minute) * (text[0] == (byte)'-' ? -1 : 1);
        return true;
    }

    private static bool Two(ReadOnlySpan<byte> text, int max, out int value)
    {
        value = 0;
        if (text.Length < 2 || !char.IsAsciiDigit((char)text[0]) || !char.IsAsciiDigit((char)text[1]))
        {
            return false;
        }

        value = ((text[0] - (byte)'0') * 10) + text[1] - (byte)'0';
        return value <= max;
    }
}
