using System;

namespace LowLatency.Journal.Import;

/// <summary>Times of our own format: nanoseconds since 1970 UTC, or <c>2024-08-08T23:54:15.030314667Z</c>.</summary>
internal static class CsvTime
{
    internal const string Allowed =
        "nanoseconds since 1970 UTC, or YYYY-MM-DDThh:mm:ss[.f]Z with 1 to 9 decimals, 1971 or later";

    private const int DateLength = 19;
    private const long NanosecondsPerSecond = 1_000_000_000;

    internal static long Parse(string field, ReadOnlySpan<byte> text) =>
        text.IndexOf((byte)'T') < 0 ? Fields.Nanoseconds(field, text)
        : TryParse(text, out long time) ? time
        : throw new FieldException(field, text, Allowed);

    private static bool TryParse(ReadOnlySpan<byte> text, out long time)
    {
        time = 0;
        if (text.Length is < DateLength + 1 or > DateLength + 11
            || text[^1] != (byte)'Z' || text[4] != (byte)'-' || text[7] != (byte)'-' || text[10] != (byte)'T'
            || text[13] != (byte)':' || text[16] != (byte)':'
            || !Digits(text[..4], out int year) || !Digits(text[5..7], out int month)
            || !Digits(text[8..10], out int day) || !Digits(text[11..13], out int hour)
            || !Digits(text[14..16], out int minute) || !Digits(text[17..19], out int second)
            || year is < 1971 or > 2261 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        ReadOnlySpan<byte> fraction = text[DateLength..^1];
        int nanoseconds = 0;
        if (fraction.Length > 0)
        {
            if (fraction.Length == 1 || fraction[0] != (byte)'.' || !Digits(fraction[1..], out nanoseconds))
            {
                return false;
            }

            for (int decimals = fraction.Length - 1; decimals < 9; decimals++)
            {
                nanoseconds *= 10;
            }
        }

        long days = new DateOnly(year, month, day).DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        long seconds = (((((days * 24) + hour) * 60) + minute) * 60) + second;
        time = (seconds * NanosecondsPerSecond) + nanoseconds;
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (byte character in text)
        {
            if (character is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = (value * 10) + character - '0';
        }

        return true;
    }
}
