using System.Text;
using LowLatency.Journal.Import;

namespace LowLatency.Journal;

/// <summary>Times of events as a person writes them.</summary>
public static class EventTime
{
    /// <summary>What is read.</summary>
    public const string Allowed = CsvTime.Allowed;

    /// <summary>Reads a time.</summary>
    /// <param name="text">Nanoseconds since 1970 UTC, or <c>2024-08-08T23:54:15.030314667Z</c>.</param>
    /// <param name="nanoseconds">Nanoseconds since 1970 UTC.</param>
    /// <returns>False for anything else.</returns>
    public static bool TryParse(string text, out long nanoseconds)
    {
        try
        {
            nanoseconds = CsvTime.Parse("time", Encoding.UTF8.GetBytes(text));
            return true;
        }
        catch (FieldException)
        {
            nanoseconds = 0;
            return false;
        }
    }
}
