using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Gateways.Sim;

/// <summary>An order at the venue (168 bytes, no padding). A free place is all zero.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct VenueOrder
{
    /// <summary>A queue whose length the data does not show: only a trade through the price fills behind it.</summary>
    internal const long UnknownQueue = long.MaxValue;

    /// <summary>It ends by no clock.</summary>
    internal const long Never = long.MaxValue;

    internal OrderId Id;

    /// <summary>The venue's number of it, from 1.</summary>
    internal ulong VenueNumber;

    internal long Price;

    /// <summary>Total quantity, filled part included.</summary>
    internal long Quantity;

    internal long Filled;

    /// <summary>Quantity of others at this price that trades first; <see cref="UnknownQueue"/> when not shown.</summary>
    internal long QueueAhead;

    /// <summary>What its level showed when it was last looked at; <see cref="UnknownQueue"/> when not shown.</summary>
    internal long Shown;

    /// <summary>Printed at its price since then.</summary>
    internal long Printed;

    /// <summary>Time priority: counts orders that came to rest.</summary>
    internal long Priority;

    /// <summary>When the command that gave it its place was sent: bars that began earlier do not count.</summary>
    internal long SubmittedAt;

    /// <summary>Number of the last command that shaped it: the tie-break of its reports.</summary>
    internal long Command;

    /// <summary>Where a sleeping order wakes; 0 while a trailing stop has seen no price.</summary>
    internal long TriggerPrice;

    internal long TrailingOffset;

    /// <summary>When the venue ends it, or <see cref="Never"/>.</summary>
    internal long ExpiresAt;

    /// <summary>The opening or close that it waits for.</summary>
    internal long AuctionAt;

    /// <summary>Money units that it is for, until its quantity is final; 0 when it is for a quantity.</summary>
    internal long Amount;

    internal OrderFees Fees;

    /// <summary>Next of the same instrument and list, or -1.</summary>
    internal int Next;

    /// <summary>Previous one, or -1.</summary>
    internal int Previous;

    internal InstrumentId Instrument;

    internal Side Side;

    internal OrderType Type;

    internal TimeInForce TimeInForce;

    internal OrderFlags Flags;

    /// <summary>It waits for its chance to take: the first print, bar or opening.</summary>
    internal bool IsWaiting;

    internal bool IsLinked;

    internal readonly long Remaining => Quantity - Filled;

    internal readonly bool IsReduceOnly => (Flags & OrderFlags.ReduceOnly) != 0;

    internal readonly bool IsPostOnly => (Flags & OrderFlags.PostOnly) != 0;

    internal readonly bool WorksExtended => (Flags & OrderFlags.ExtendedHours) != 0;

    /// <summary>It waits for a price or for an auction, and is in no book.</summary>
    internal readonly bool IsSleeping => Type >= OrderType.Stop;

    internal readonly bool IsAuction => Type is OrderType.MarketOnOpen or OrderType.MarketOnClose;

    /// <summary>It has a limit, now or once it wakes.</summary>
    internal readonly bool IsLimited => Type is OrderType.Limit or OrderType.StopLimit or OrderType.LimitIfTouched;

    /// <summary>True when what cannot be filled at once must not rest.</summary>
    internal readonly bool IsImmediate =>
        Type == OrderType.Market || TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill;

    /// <summary>The price by which it queues: a market order stands before every limit.</summary>
    internal readonly long RankPrice =>
        Type == OrderType.Limit ? Price : Side == Side.Buy ? long.MaxValue : long.MinValue;

    /// <summary>True when a falling market wakes it, false when a rising one does.</summary>
    internal readonly bool WakesFalling =>
        (Side == Side.Sell) == (Type is OrderType.Stop or OrderType.StopLimit or OrderType.TrailingStop);

    /// <summary>True when it may trade at a price.</summary>
    internal readonly bool Allows(long price) =>
        Type == OrderType.Market || (Side == Side.Buy ? price <= Price : price >= Price);

    /// <summary>True when a price wakes it.</summary>
    internal readonly bool WakesAt(long price) =>
        TriggerPrice != 0 && (WakesFalling ? price <= TriggerPrice : price >= TriggerPrice);

    /// <summary>It is awake: a market order, or a limit order at its price.</summary>
    internal void Wake() => Type = IsLimited ? OrderType.Limit : OrderType.Market;

    /// <summary>A trailing stop's trigger follows a price, never backwards.</summary>
    internal void Follow(long price)
    {
        if (Type != OrderType.TrailingStop)
        {
            return;
        }

        long trigger = price + (Side.Sign() * TrailingOffset);
        bool nearer = Side == Side.Sell ? trigger > TriggerPrice : trigger < TriggerPrice;
        if (trigger > 0 && (TriggerPrice == 0 || nearer))
        {
            TriggerPrice = trigger;
        }
    }
}
