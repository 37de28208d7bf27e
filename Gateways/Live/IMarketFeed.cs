using LowLatency.Core.Events;

namespace LowLatency.Gateways.Live;

/// <summary>Market data of a live venue. It never blocks, starts nothing and reads no clock.</summary>
public interface IMarketFeed
{
    /// <summary>True when every connection is in use.</summary>
    bool IsLive { get; }

    /// <summary>Takes the next event.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="e">Filled when the result is true: an event without sequence, its ReceivedAt at most now.</param>
    /// <returns>False when there is none.</returns>
    bool Poll(long now, ref Event e);
}
