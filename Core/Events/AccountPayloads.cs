using System.Runtime.InteropServices;

namespace LowLatency.Core.Events;

/// <summary>Why cash moved without a fill.</summary>
public enum BookingReason : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Funding of a perpetual.</summary>
    Funding = 1,

    /// <summary>A fee outside of a fill.</summary>
    Fee = 2,

    /// <summary>Interest.</summary>
    Interest = 3,

    /// <summary>A dividend.</summary>
    Dividend = 4,

    /// <summary>Cash for what a split left of a share.</summary>
    CashInLieu = 5,

    /// <summary>The fee for shares that were borrowed to be sold.</summary>
    Borrow = 6,
}

/// <summary>Cash that the venue booked without a fill (56 bytes). Only a new id counts.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct CashBooked : IPayload
{
    /// <summary>The venue's id of the booking: the key that makes it count once.</summary>
    public VenueId BookingId;

    /// <summary>Money units of the instrument's currency; positive is received.</summary>
    public long Amount;

    /// <summary>Price from which it was counted, 10^-9 of the currency; 0 when the venue gives none.</summary>
    public long AtPrice;

    /// <summary>Position from which it was counted, quantity units, signed; 0 when the venue gives none.</summary>
    public long Position;

    /// <summary>Rate from which it was counted, 10^-12; 0 when the venue gives none.</summary>
    public long Rate;

    /// <summary>Why.</summary>
    public BookingReason Reason;

    /// <summary>Must be zero.</summary>
    public byte Reserved0;

    /// <summary>Must be zero.</summary>
    public ushort Reserved1;

    /// <summary>Must be zero.</summary>
    public uint Reserved2;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.CashBooked;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>What the venue says that we hold (64 bytes): a fact to compare with, it never moves a position.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct PositionReport : IPayload
{
    /// <summary>Quantity units, signed.</summary>
    public long Quantity;

    /// <summary>Average entry price, 10^-9 of the currency, further decimals cut off; 0 when flat or not given.</summary>
    public long AveragePrice;

    /// <summary>Mark price, 10^-9 of the currency; 0 when not given.</summary>
    public long MarkPrice;

    /// <summary>Price at which the venue would liquidate, 10^-9 of the currency; 0 when there is none.</summary>
    public long LiquidationPrice;

    /// <summary>Profit of the open position, money units.</summary>
    public long UnrealisedProfit;

    /// <summary>Profit that was realised so far, money units; 0 when not given.</summary>
    public long RealisedProfit;

    /// <summary>The venue's number that joins it with fills; 0 when it gives none.</summary>
    public long UpdateId;

    /// <summary>0 for the one position of an instrument, 1 for the long and 2 for the short one where a venue keeps both.</summary>
    public byte Leg;

    /// <summary>1 when the venue lets the position only become smaller.</summary>
    public byte ReduceOnly;

    /// <summary>Must be zero.</summary>
    public ushort Reserved0;

    /// <summary>Must be zero.</summary>
    public uint Reserved1;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.PositionReport;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>
/// What the venue says that we own in a currency (64 bytes): a fact to compare with, it never moves cash. Without a currency
/// it is the whole account in the venue's unit of account. Decimals beyond the money unit are cut off.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct BalanceReport : IPayload
{
    /// <summary>The currency; none for the whole account, whose figures are in dollars.</summary>
    public Currency8 Currency;

    /// <summary>Cash, money units; negative when borrowed.</summary>
    public long Cash;

    /// <summary>Cash and the profit of open positions, money units.</summary>
    public long Equity;

    /// <summary>What may be used for new orders, money units; 0 when the venue does not say.</summary>
    public long Available;

    /// <summary>Borrowed, money units.</summary>
    public long Borrowed;

    /// <summary>Margin held for orders and positions, money units.</summary>
    public long InitialMargin;

    /// <summary>Margin below which the venue liquidates, money units.</summary>
    public long MaintenanceMargin;

    /// <summary>Profit of open positions, money units.</summary>
    public long UnrealisedProfit;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.BalanceReport;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>What was asked of a venue.</summary>
public enum ReadBackSubject : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Working orders.</summary>
    Orders = 1,

    /// <summary>Executions.</summary>
    Executions = 2,

    /// <summary>Positions.</summary>
    Positions = 3,

    /// <summary>Balances.</summary>
    Balances = 4,

    /// <summary>All of them; only when it is asked.</summary>
    All = 5,
}

/// <summary>A part of a read-back.</summary>
public enum ReadBackStage : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>
    /// It begins: published before the first request leaves, so that what is heard after it may be newer than the answer.
    /// </summary>
    Begin = 1,

    /// <summary>It is complete, all pages: what no item named is not there.</summary>
    End = 2,

    /// <summary>It is not complete: nothing may be concluded from what is missing.</summary>
    Failed = 3,

    /// <summary>The engine wants it: who speaks to the venue reads, and tells begin, items and end of each subject.</summary>
    Asked = 4,
}

/// <summary>
/// Begin, end or failure of a read-back (24 bytes), or the wish for one. The items between are reports of their own kinds with
/// the flag <see cref="EventFlags.ReadBack"/>; what a stream tells in between has no such flag.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct ReadBack : IPayload
{
    /// <summary>The venue's time of the answer, nanoseconds since 1970 UTC; of the last page; 0 when it gives none.</summary>
    public long AsOf;

    /// <summary>Items that were read; 0 at the begin.</summary>
    public int Items;

    /// <summary>Items of instruments that are not defined here: they have no event.</summary>
    public int Unknown;

    /// <summary>What was asked.</summary>
    public ReadBackSubject Subject;

    /// <summary>Begin, end, failed or asked.</summary>
    public ReadBackStage Stage;

    /// <summary>Whose account is asked; of an answer none, because its source says it.</summary>
    public EventSource Venue;

    /// <summary>The venue's error number of a failure; 0 for none.</summary>
    public int VenueCode;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.ReadBack;

    /// <inheritdoc/>
    public static byte Version => 1;
}
