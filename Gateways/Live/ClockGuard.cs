using System;

namespace LowLatency.Gateways.Live;

/// <summary>
/// Watches how far our clock and the venue's are apart. A sample proves an offset only up to half of the time that it was under
/// way; what it proves beyond the limit counts after two samples in a row, and so does the way back.
/// </summary>
public sealed class ClockGuard
{
    /// <summary>Nanoseconds that the clocks may be apart.</summary>
    public const long OffsetMax = 500_000_000;

    /// <summary>Nanoseconds under way beyond which a sample proves nothing.</summary>
    public const long TravelMax = 1_000_000_000;

    /// <summary>Samples in a row that change the verdict.</summary>
    public const int Needed = 2;

    private int _against;

    /// <summary>True when the clocks agree; false until a sample has said so.</summary>
    public bool IsGood { get; private set; }

    /// <summary>Venue's clock less ours by the last sample, nanoseconds.</summary>
    public long Offset { get; private set; }

    /// <summary>Samples that were used.</summary>
    public long Samples { get; private set; }

    /// <summary>Takes a sample.</summary>
    /// <param name="sentAt">When the question left, nanoseconds since 1970 UTC.</param>
    /// <param name="receivedAt">When the answer came.</param>
    /// <param name="venueTime">The venue's time in it.</param>
    public void Sample(long sentAt, long receivedAt, long venueTime)
    {
        long travel = receivedAt - sentAt;
        if (travel is < 0 or > TravelMax || venueTime <= 0)
        {
            return;
        }

        Offset = venueTime - (sentAt + (travel / 2));
        bool isFar = Math.Abs(Offset) - (travel / 2) > OffsetMax;
        Samples++;
        if (Samples == 1)
        {
            IsGood = !isFar;
            return;
        }

        _against = isFar == IsGood ? _against + 1 : 0;
        if (_against >= Needed)
        {
            IsGood = !isFar;
            _against = 0;
        }
    }
}
