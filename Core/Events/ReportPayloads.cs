using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Values;

namespace LowLatency.Core.Events;

/// <summary>128 bits that a venue uses as an id; a shorter id is stored as is, a text id by its bytes.</summary>
/// <param name="High">Upper 64 bits.</param>
/// <param name="Low">Lower 64 bits.</param>
public readonly record struct VenueId(ulong High, ulong Low)
{
    /// <summary>No id.</summary>
    public static VenueId None => default;
}

/// <summary>What the gateway did with a command.</summary>
public enum Outcome : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The bytes left. Nothing is known of the venue's answer.</summary>
    Sent = 1,

    /// <summary>The bytes never left; the reason says why.</summary>
    NotSent = 2,

    /// <summary>The bytes may have left.</summary>
    Unknown = 3,
}

/// <summary>Why a command was not sent, or an order was rejected or ended.</summary>
public enum ReportReason : ushort
{
    /// <summary>No reason given.</summary>
    None = 0,

    /// <summary>The kill switch is on.</summary>
    Killed = 1,

    /// <summary>The venue is not connected.</summary>
    NotConnected = 2,

    /// <summary>Too many requests.</summary>
    RateLimited = 3,

    /// <summary>The instrument is not known.</summary>
    UnknownInstrument = 4,

    /// <summary>The order is not known, or already ended.</summary>
    UnknownOrder = 5,

    /// <summary>The client order id was used before.</summary>
    DuplicateOrderId = 6,

    /// <summary>The price is not a positive multiple of the tick.</summary>
    PriceOffTick = 7,

    /// <summary>The quantity is not a positive multiple of the lot.</summary>
    QuantityOffLot = 8,

    /// <summary>Below the smallest quantity or notional.</summary>
    TooSmall = 9,

    /// <summary>Above the largest quantity.</summary>
    TooLarge = 10,

    /// <summary>A post-only order would have taken liquidity.</summary>
    PostOnlyWouldTake = 11,

    /// <summary>A reduce-only order would have added to or turned the position.</summary>
    ReduceOnlyWouldAdd = 12,

    /// <summary>Not enough liquidity for a fill-or-kill order.</summary>
    FillOrKillUnfilled = 13,

    /// <summary>The rest of an immediate-or-cancel or market order found no liquidity.</summary>
    NoLiquidity = 14,

    /// <summary>The instrument does not trade now.</summary>
    NotTrading = 15,

    /// <summary>Not enough money or margin.</summary>
    InsufficientFunds = 16,

    /// <summary>The amendment asks for less than is filled already.</summary>
    AmendBelowFilled = 17,

    /// <summary>An operator's or our own cancel.</summary>
    Requested = 18,

    /// <summary>The combination of type, time in force and flags is not supported.</summary>
    Unsupported = 19,

    /// <summary>The venue has no market data to match against.</summary>
    NoMarket = 20,

    /// <summary>It would have traded with an order of ours.</summary>
    SelfTrade = 21,

    /// <summary>The share was split or delisted.</summary>
    CorporateAction = 22,

    /// <summary>The time stamp of the request is outside of the venue's window.</summary>
    ClockOff = 32,

    /// <summary>The key is wrong, expired, or has no right to do this.</summary>
    NotAuthorised = 33,

    /// <summary>The price is beyond the venue's band.</summary>
    PriceOutOfBand = 34,

    /// <summary>Too many open orders, or too large a position, by the venue's count.</summary>
    LimitReached = 35,

    /// <summary>The venue liquidates the account or reduces its position.</summary>
    Liquidation = 37,

    /// <summary>The venue cancelled because the connection was lost.</summary>
    DisconnectProtection = 38,

    /// <summary>Another order took its place.</summary>
    Replaced = 39,

    /// <summary>The venue's own decision.</summary>
    VenueDecision = 40,

    /// <summary>The amendment asks for what the order has already.</summary>
    NoChange = 41,

    /// <summary>The venue gave a reason that is not in the table.</summary>
    Unlisted = 42,

    /// <summary>
    /// It is proven that the venue does not have the order: nothing of it works there, and nothing of it can arrive any more.
    /// </summary>
    ProvenAbsent = 43,
}

/// <summary>What the gateway did with a command (24 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct CommandOutcome : IPayload
{
    /// <summary>The order.</summary>
    public OrderId Order;

    /// <summary>The event whose command it answers.</summary>
    public long CommandSequence;

    /// <summary>The verb that it answers.</summary>
    public CommandVerb Verb;

    /// <summary>What happened.</summary>
    public Outcome Outcome;

    /// <summary>Why it was not sent.</summary>
    public ReportReason Reason;

    /// <summary>Must be zero.</summary>
    public uint Reserved;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.CommandOutcome;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>The venue's word on an order.</summary>
public enum OrderStatus : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Accepted and working.</summary>
    Accepted = 1,

    /// <summary>Rejected; it never worked.</summary>
    Rejected = 2,

    /// <summary>Amended as asked.</summary>
    Amended = 3,

    /// <summary>The amendment was refused; the order works on as it was.</summary>
    AmendRejected = 4,

    /// <summary>Cancelled, by us or by the venue.</summary>
    Cancelled = 5,

    /// <summary>The cancel was refused; executions tell the rest.</summary>
    CancelRejected = 6,

    /// <summary>Ended by its time in force.</summary>
    Expired = 7,
}

/// <summary>The venue's word on an order (56 bytes). It never moves a position.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct OrderReport : IPayload
{
    /// <summary>The order.</summary>
    public OrderId Order;

    /// <summary>The venue's id of it.</summary>
    public VenueId VenueOrder;

    /// <summary>Price units that the order now has.</summary>
    public long Price;

    /// <summary>Total quantity that the order now has, filled part included.</summary>
    public long Quantity;

    /// <summary>Quantity filled so far, by the venue's count.</summary>
    public long CumulativeQuantity;

    /// <summary>What happened.</summary>
    public OrderStatus Status;

    /// <summary>The order's side; none when it is not told.</summary>
    public Side Side;

    /// <summary>Why.</summary>
    public ReportReason Reason;

    /// <summary>The venue's own error number; 0 for none.</summary>
    public int VenueCode;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.OrderReport;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>Whether a fill gave or took liquidity.</summary>
public enum Liquidity : byte
{
    /// <summary>Not known: charged as a taker.</summary>
    Unknown = 0,

    /// <summary>It rested.</summary>
    Maker = 1,

    /// <summary>It crossed.</summary>
    Taker = 2,
}

/// <summary>What is to be known of a fill beside its numbers.</summary>
[Flags]
public enum ExecutionMarks : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>
    /// Simulated within a bar that came to orders of ours on both sides: which one it came to first is not in the data.
    /// </summary>
    Ambiguous = 1,
}

/// <summary>A fill (64 bytes). Only executions with a new id move positions and cash.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Execution : IPayload
{
    /// <summary>The order.</summary>
    public OrderId Order;

    /// <summary>The venue's id of the execution: the key that makes it count once.</summary>
    public VenueId ExecutionId;

    /// <summary>Price units.</summary>
    public long Price;

    /// <summary>Quantity units, positive.</summary>
    public long Quantity;

    /// <summary>Money units; positive is paid, negative is a rebate.</summary>
    public long Fee;

    /// <summary>Quantity filled so far including this, by the venue's count.</summary>
    public long CumulativeQuantity;

    /// <summary>The order's side.</summary>
    public Side Side;

    /// <summary>Maker or taker.</summary>
    public Liquidity Liquidity;

    /// <summary>What else is to be known of it; of a real venue none.</summary>
    public ExecutionMarks Marks;

    /// <summary>Must be zero.</summary>
    public uint Reserved1;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.Execution;

    /// <inheritdoc/>
    public static byte Version => 1;
}
