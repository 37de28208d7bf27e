using System;

namespace LowLatency.Gateways.Live;

/// <summary>
/// The cursors of one list, followed in constant space: a cursor that comes again ends it, at the latest when the loop has been
/// gone through twice. The mark moves to the present cursor at page 1, 2, 4, 8 ... and is met again by any loop.
/// </summary>
internal struct CursorTrail
{
    private ulong _mark;

    /// <summary>Cursors so far.</summary>
    internal int Pages { get; private set; }

    /// <summary>A hash of a cursor.</summary>
    internal static ulong HashOf(ReadOnlySpan<byte> cursor)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (byte b in cursor)
        {
            hash = unchecked((hash ^ b) * 1_099_511_628_211);
        }

        return hash;
    }

    /// <summary>Goes on by a cursor.</summary>
    /// <param name="cursor">Not empty.</param>
    /// <param name="pagesMax">Pages that a list may have.</param>
    /// <returns>False when it was there before, or the list is too long.</returns>
    internal bool TryFollow(ReadOnlySpan<byte> cursor, int pagesMax)
    {
        ulong hash = HashOf(cursor);
        if (Pages + 1 >= pagesMax || (Pages > 0 && hash == _mark))
        {
            return false;
        }

        Pages++;
        _mark = (Pages & (Pages - 1)) == 0 ? hash : _mark;
        return true;
    }
}
