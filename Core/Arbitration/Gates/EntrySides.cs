using System;
using LowLatency.Core.Events;

namespace LowLatency.Core.Arbitration.Gates;

/// <summary>Directions of trade that add exposure.</summary>
[Flags]
internal enum EntrySides : byte
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>Buying beyond what closes a short.</summary>
    Buy = 1,

    /// <summary>Selling beyond what closes a long.</summary>
    Sell = 2,

    /// <summary>Both.</summary>
    Both = 3,
}

/// <summary>What adds exposure and what only takes it away.</summary>
internal static class Entries
{
    /// <summary>The sides on which a wish could add to what is held.</summary>
    /// <param name="signal">The wish.</param>
    /// <param name="held">What its strategy holds, quantity units, signed.</param>
    internal static EntrySides Of(in Signal signal, long held)
    {
        switch (signal.Kind)
        {
            case SignalKind.Target or SignalKind.TargetWithLimit:
                return (signal.Target > Math.Max(held, 0) ? EntrySides.Buy : EntrySides.None)
                    | (signal.Target < Math.Min(held, 0) ? EntrySides.Sell : EntrySides.None);
            case SignalKind.Quotes:
                return (signal.BidQuantity > Math.Max(-held, 0) ? EntrySides.Buy : EntrySides.None)
                    | (signal.AskQuantity > Math.Max(held, 0) ? EntrySides.Sell : EntrySides.None);
            default:
                return EntrySides.None;
        }
    }

    /// <summary>The part of a wanted position that is left when the blocked sides may not add to what is held.</summary>
    internal static Int128 Clamp(Int128 wanted, Int128 held, EntrySides blocked)
    {
        if ((blocked & EntrySides.Buy) != 0)
        {
            wanted = Int128.Min(wanted, Int128.Max(held, 0));
        }

        return (blocked & EntrySides.Sell) != 0 ? Int128.Max(wanted, Int128.Min(held, 0)) : wanted;
    }

    /// <summary>The size of a quoted bid that is left.</summary>
    internal static long ClampBid(long quantity, long held, EntrySides blocked) =>
        (blocked & EntrySides.Buy) == 0 ? quantity : Math.Min(quantity, Math.Max(-held, 0));

    /// <summary>The size of a quoted ask that is left.</summary>
    internal static long ClampAsk(long quantity, long held, EntrySides blocked) =>
        (blocked & EntrySides.Sell) == 0 ? quantity : Math.Min(quantity, Math.Max(held, 0));
}
