using System.Runtime.InteropServices;

namespace LowLatency.Core.Events;

/// <summary>
/// A trading day by the venue's own calendar (32 bytes). The days of one answer come oldest first; a day between
/// <see cref="From"/> and <see cref="Until"/> that is not among them is none.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct CalendarDay : IPayload
{
    /// <summary>When its regular session opens, nanoseconds since 1970 UTC.</summary>
    public long Open;

    /// <summary>When it closes.</summary>
    public long Close;

    /// <summary>The day: year x 10,000 + month x 100 + day; 0 in the one event of an answer without a trading day.</summary>
    public int Date;

    /// <summary>First day of which the venue was asked, written alike.</summary>
    public int From;

    /// <summary>Last day of which the venue was asked.</summary>
    public int Until;

    /// <summary>Its place in the answer, from 0.</summary>
    public ushort Place;

    /// <summary>Events of the answer, at least 1: it counts with its last one.</summary>
    public ushort Days;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.CalendarDay;

    /// <inheritdoc/>
    public static byte Version => 1;
}
