using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>An order at the venue (88 bytes, no padding). A free place is all zero.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct VenueOrder
{
    /// <summary>A queue whose length the data does not show: only a trade through the price fills behind it.</summary>
    internal const long UnknownQueue = long.MaxValue;

    internal OrderId Id;

    /// <summary>The venue's number of it, from 1.</summary>
    internal ulong VenueNumber;

    internal long Price;

    /// <summary>Total quantity, filled part included.</summary>
    internal long Quantity;

    internal long Filled;

    /// <summary>Quantity of others at this price that trades first; <see cref="UnknownQueue"/> when not shown.</summary>
    internal long QueueAhead;

    /// <summary>Time priority: counts orders that came to rest.</summary>
    internal long Priority;

    /// <summary>When the command that gave it its place was sent: bars that began earlier do not count.</summary>
    internal long SubmittedAt;

    /// <summary>Number of the last command that shaped it: the tie-break of its reports.</summary>
    internal long Command;

    /// <summary>Next of the same instrument and side in price-time priority, or -1.</summary>
    internal int Next;

    /// <summary>Previous one, or -1.</summary>
    internal int Previous;

    internal InstrumentId Instrument;

    internal Side Side;

    internal OrderType Type;

    internal TimeInForce TimeInForce;

    internal OrderFlags Flags;

    /// <summary>It waits for the first print or bar, its chance to take.</summary>
    internal bool IsWaiting;

    internal bool IsLinked;

    internal readonly long Remaining => Quantity - Filled;

    internal readonly bool IsReduceOnly => (Flags & OrderFlags.ReduceOnly) != 0;

    internal readonly bool IsPostOnly => (Flags & OrderFlags.PostOnly) != 0;

    /// <summary>True when what cannot be filled at once must not rest.</summary>
    internal readonly bool IsImmediate => Type == OrderType.Market || TimeInForce != TimeInForce.GoodTillCancel;

    /// <summary>The price by which it queues: a market order stands before every limit.</summary>
    internal readonly long RankPrice =>
        Type == OrderType.Limit ? Price : Side == Side.Buy ? long.MaxValue : long.MinValue;

    /// <summary>True when it may trade at a price.</summary>
    internal readonly bool Allows(long price) =>
        Type == OrderType.Market || (Side == Side.Buy ? price <= Price : price >= Price);
}
