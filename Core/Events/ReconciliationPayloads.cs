using System.Runtime.InteropServices;
using LowLatency.Core.Values;

namespace LowLatency.Core.Events;

/// <summary>In what our account and the venue's differ.</summary>
public enum DifferenceKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>An order of ours works at the venue and is not known here.</summary>
    OrderMissingHere = 1,

    /// <summary>An order that is alive here is not at the venue.</summary>
    OrderMissingThere = 2,

    /// <summary>An order that ended here works at the venue.</summary>
    OrderState = 3,

    /// <summary>An order has another price.</summary>
    OrderPrice = 4,

    /// <summary>An order has another total quantity.</summary>
    OrderQuantity = 5,

    /// <summary>The venue counts another filled quantity than the executions of an order have.</summary>
    OrderFilled = 6,

    /// <summary>An order has the other side.</summary>
    OrderSide = 7,

    /// <summary>An order on our account that this instance did not make.</summary>
    ForeignOrder = 8,

    /// <summary>Two orders at the venue carry the id of one of ours.</summary>
    DuplicateOrder = 9,

    /// <summary>A position has another size.</summary>
    PositionQuantity = 10,

    /// <summary>A position is on the other side of zero.</summary>
    PositionSide = 11,

    /// <summary>A position has another average entry price.</summary>
    PositionPrice = 12,

    /// <summary>A balance is another one.</summary>
    Balance = 13,

    /// <summary>The venue holds something of an instrument that is not defined here.</summary>
    Instrument = 14,
}

/// <summary>What a difference leads to.</summary>
public enum AdjustmentAction : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>It is told, and nothing may add to its instrument until a later pass finds it gone.</summary>
    Alarm = 1,

    /// <summary>The engine goes to HALTED.</summary>
    Halt = 2,

    /// <summary>What is here becomes what the venue says.</summary>
    Adopt = 3,

    /// <summary>The order is cancelled at the venue, and counts in the exposure until that is proven.</summary>
    Cancel = 4,
}

/// <summary>
/// A difference between our account and the venue's that a complete read-back proved, and what is done about it (88 bytes).
/// Published by the engine right after the read-back, once for each difference; its fold does what it says.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Adjustment : IPayload
{
    /// <summary>A function of venue, read-back and place among its differences: the key that makes it count once.</summary>
    public VenueId AdjustmentId;

    /// <summary>The order; none for a position, a balance or an order that is not ours.</summary>
    public OrderId Order;

    /// <summary>The venue's id of the order.</summary>
    public VenueId VenueOrder;

    /// <summary>
    /// What it is here: price units, quantity units, money units, or the order's state; of <see cref="DifferenceKind.PositionPrice"/>
    /// the cost in money units.
    /// </summary>
    public long Ours;

    /// <summary>What it is at the venue, in the same unit; a quantity of 0 means that it is not there.</summary>
    public long Theirs;

    /// <summary>Price of the order at the venue, price units; of a position its cost at the venue, money units.</summary>
    public long VenuePrice;

    /// <summary>The currency of a balance.</summary>
    public Currency8 Currency;

    /// <summary>The strategy that a position is attributed to; 0 for the house.</summary>
    public StrategyId Strategy;

    /// <summary>The venue.</summary>
    public EventSource Venue;

    /// <summary>In what they differ.</summary>
    public DifferenceKind Difference;

    /// <summary>What is done.</summary>
    public AdjustmentAction Action;

    /// <summary>Side of the order at the venue.</summary>
    public Side Side;

    /// <summary>Must be zero.</summary>
    public byte Reserved0;

    /// <summary>Quantity that the venue's order still has open, quantity units.</summary>
    public long Leaves;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.Adjustment;

    /// <inheritdoc/>
    public static byte Version => 1;
}
