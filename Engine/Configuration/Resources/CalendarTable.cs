using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using LowLatency.Core.Market.Calendars;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>
/// A calendar as it decides: one line for each session, <c>2026-01-02 2026-01-02T14:30:00Z 2026-01-02T21:00:00Z</c> (trading
/// day, open, close), or the one line <c>always</c>. No time zone is left in it.
/// </summary>
internal static class CalendarTable
{
    private const string Always = "always\n";
    private const string Day = "yyyy-MM-dd";
    private const string Instant = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const long NanosecondsPerTick = 100;

    internal static byte[] Write(IReadOnlyList<TradingSession> sessions)
    {
        if (sessions.Count == 0)
        {
            return Encoding.ASCII.GetBytes(Always);
        }

        StringBuilder text = new();
        foreach (TradingSession session in sessions)
        {
            text.Append(CultureInfo.InvariantCulture, $"{session.Date / 10_000:0000}-{session.Date / 100 % 100:00}-{session.Date % 100:00} ")
                .Append(At(session.Open)).Append(' ').Append(At(session.Close)).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Reads a table.</summary>
    /// <returns>Null and a problem when it is none.</returns>
    internal static TradingCalendar? Read(ReadOnlySpan<byte> content, out string problem)
    {
        problem = string.Empty;
        string text = Encoding.ASCII.GetString(content);
        if (string.Equals(text, Always, StringComparison.Ordinal))
        {
            return new TradingCalendar([]);
        }

        List<TradingSession> sessions = [];
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length - 1; i++)
        {
            string[] words = lines[i].Split(' ');
            if (words.Length != 3
                || !DateOnly.TryParseExact(words[0], Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day)
                || !TryAt(words[1], out long open)
                || !TryAt(words[2], out long close)
                || open >= close
                || (sessions.Count > 0 && sessions[^1].Close > open))
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"line {i + 1} of its table is no session after the one before");
                return null;
            }

            sessions.Add(new TradingSession((day.Year * 10_000) + (day.Month * 100) + day.Day, open, close));
        }

        if (sessions.Count == 0 || lines[^1].Length != 0 || sessions.Count > TradingCalendar.SessionsMax)
        {
            problem = string.Create(
                CultureInfo.InvariantCulture, $"its table has {sessions.Count} sessions; allowed are 1 to {TradingCalendar.SessionsMax}");
            return null;
        }

        return new TradingCalendar([.. sessions]);
    }

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    internal static long Nanoseconds(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks * NanosecondsPerTick;

    private static string At(long nanoseconds) =>
        DateTime.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick).ToString(Instant, CultureInfo.InvariantCulture);

    private static bool TryAt(string text, out long nanoseconds)
    {
        bool isTime = DateTime.TryParseExact(
            text,
            Instant,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
            out DateTime utc);
        nanoseconds = isTime ? Nanoseconds(utc) : 0;
        return isTime;
    }
}
