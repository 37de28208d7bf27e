using System;

namespace LowLatency.Engine.Results;

/// <summary>
/// The largest ratio of two amounts so far, as parts per million. Ratios are compared exactly, by products; one that is no
/// larger than the largest costs two multiplications and no division.
/// </summary>
internal struct LargestPpm
{
    private ulong _part;
    private ulong _whole;
    private long _ppm;
    private bool _isVoid;

    /// <summary>The largest; 0 before the first; null once there was a ratio without meaning.</summary>
    internal readonly long? Value => _isVoid ? null : _ppm;

    /// <summary>Takes a ratio.</summary>
    /// <param name="part">0 or more.</param>
    /// <param name="whole">The ratio has no meaning when it is not positive, and then the largest has none.</param>
    internal void Take(long part, long whole)
    {
        if (whole <= 0)
        {
            _isVoid = true;
            return;
        }

        ulong high = Math.BigMul((ulong)part, _whole, out ulong low);
        ulong oldHigh = Math.BigMul(_part, (ulong)whole, out ulong oldLow);
        if (_whole == 0 || high > oldHigh || (high == oldHigh && low > oldLow))
        {
            _part = (ulong)part;
            _whole = (ulong)whole;
            _ppm = Ratios.Ppm(part, whole);
        }
    }
}
