using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>Paths of requests to Alpaca.</summary>
internal static class AlpacaPaths
{
    /// <summary>Bytes of the longest path.</summary>
    internal const int LengthMax = 512;

    /// <summary>Orders of a page: the most that the venue gives.</summary>
    internal const int OrdersLimit = 500;

    /// <summary>Fills of a page: the most that the venue gives.</summary>
    internal const int FillsLimit = 100;

    /// <summary>Bytes of an activity's id, by which a list of them goes on.</summary>
    internal const int TokenMax = 128;

    private const long Second = 1_000_000_000;

    /// <summary>A page of working orders, oldest first.</summary>
    /// <param name="after">Submitted after this, nanoseconds since 1970 UTC; 0 for all.</param>
    /// <param name="destination">Gets the path.</param>
    /// <returns>Bytes written.</returns>
    internal static int WriteOrders(long after, Span<byte> destination)
    {
        BodyWriter path = new(destination);
        path.Raw("/v2/orders?status=open&direction=asc&nested=false&limit="u8);
        path.Number(OrdersLimit);
        if (after > 0)
        {
            path.Raw("&after="u8);
            Time(ref path, after);
        }

        return path.Length;
    }

    /// <summary>The trading days of a range.</summary>
    /// <param name="from">First day, days since 1970-01-01.</param>
    /// <param name="until">Last day.</param>
    /// <param name="destination">Gets the path.</param>
    /// <returns>Bytes written.</returns>
    internal static int WriteCalendar(int from, int until, Span<byte> destination)
    {
        BodyWriter path = new(destination);
        path.Raw("/v2/calendar?start="u8);
        Day(ref path, from);
        path.Raw("&end="u8);
        Day(ref path, until);
        return path.Length;
    }

    /// <summary>A page of fills, oldest first.</summary>
    /// <param name="after">Not earlier than this, nanoseconds since 1970 UTC.</param>
    /// <param name="token">The last activity of the page before; empty for the first page.</param>
    /// <param name="destination">Gets the path.</param>
    /// <returns>Bytes written.</returns>
    internal static int WriteFills(long after, ReadOnlySpan<byte> token, Span<byte> destination)
    {
        BodyWriter path = new(destination);
        path.Raw("/v2/account/activities/FILL?direction=asc&page_size="u8);
        path.Number(FillsLimit);
        path.Raw("&after="u8);
        Time(ref path, after);
        if (!token.IsEmpty)
        {
            path.Raw("&page_token="u8);
            path.Raw(token);
        }

        return path.Length;
    }

    /// <summary>An instrument.</summary>
    internal static int WriteAsset(string symbol, Span<byte> destination)
    {
        BodyWriter path = new(destination);
        path.Raw("/v2/assets/"u8);
        Symbol24 name = Symbol24.Of(symbol);
        ReadOnlySpan<byte> padded = name;
        foreach (byte b in padded.TrimEnd((byte)0))
        {
            path.Raw(b == (byte)'/' ? "%2F"u8 : new ReadOnlySpan<byte>(in b));
        }

        return path.Length;
    }

    /// <summary>The order that has replaced another, by the client id that it was given.</summary>
    internal static int WriteReplacementLookup(OrderId order, ushort instance, long sequence, Span<byte> destination)
    {
        BodyWriter path = new(destination);
        Span<byte> id = stackalloc byte[36];
        path.Raw("/v2/orders:by_client_order_id?client_order_id="u8);
        path.Raw(id[..order.Format(instance, id)]);
        path.Raw([AlpacaWords.ReplacementMark]);
        path.Number(sequence);
        return path.Length;
    }

    private static void Time(ref BodyWriter path, long nanoseconds)
    {
        long seconds = nanoseconds / Second;
        Day(ref path, (int)(seconds / 86_400));
        path.Raw("T"u8);
        Digits(ref path, seconds / 3_600 % 24, 2);
        path.Raw(":"u8);
        Digits(ref path, seconds / 60 % 60, 2);
        path.Raw(":"u8);
        Digits(ref path, seconds % 60, 2);
        path.Raw("."u8);
        Digits(ref path, nanoseconds % Second, 9);
        path.Raw("Z"u8);
    }

    private static void Day(ref BodyWriter path, int number)
    {
        DateOnly day = DateOnly.FromDayNumber(new DateOnly(1970, 1, 1).DayNumber + number);
        Digits(ref path, day.Year, 4);
        path.Raw("-"u8);
        Digits(ref path, day.Month, 2);
        path.Raw("-"u8);
        Digits(ref path, day.Day, 2);
    }

    private static void Digits(ref BodyWriter path, long value, int count)
    {
        Ensure.That(value >= 0, "a time since 1970");
        Span<byte> digits = stackalloc byte[9];
        for (int i = count - 1; i >= 0; i--)
        {
            digits[i] = (byte)('0' + (value % 10));
            value /= 10;
        }

        path.Raw(digits[..count]);
    }
}
