using System.Runtime.InteropServices;
using LowLatency.Core.Values;

namespace LowLatency.Core.Events;

/// <summary>
/// What a venue says of a derivative beside its trades and book (48 bytes): always the whole picture, never a difference.
/// Mark and index prices are not traded, so they are not bound to the price unit: they count 10^-9 of the quote currency,
/// decimals beyond that are cut off.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct DerivativePrices : IPayload
{
    /// <summary>Price at which margin and profit are counted, 10^-9 of the currency; 0 when not known.</summary>
    public long MarkPrice;

    /// <summary>Price of the underlying elsewhere, 10^-9 of the currency; 0 when not known.</summary>
    public long IndexPrice;

    /// <summary>Next funding: part of the position's value, 10^-12; positive is paid by longs.</summary>
    public long FundingRate;

    /// <summary>Nanoseconds since 1970 UTC at which the next funding is paid; 0 when there is none.</summary>
    public long NextFunding;

    /// <summary>Nanoseconds between two fundings; 0 when not known.</summary>
    public long FundingInterval;

    /// <summary>Contracts held, quantity units; 0 when not known.</summary>
    public long OpenInterest;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.DerivativePrices;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>Somebody was liquidated (24 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Liquidation : IPayload
{
    /// <summary>Bankruptcy price of the position, price units.</summary>
    public long Price;

    /// <summary>Quantity units, positive.</summary>
    public long Quantity;

    /// <summary>Side of the position that was liquidated: buy for a long one.</summary>
    public Side Position;

    /// <summary>Must be zero.</summary>
    public byte Reserved0;

    /// <summary>Must be zero.</summary>
    public ushort Reserved1;

    /// <summary>Must be zero.</summary>
    public uint Reserved2;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.Liquidation;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>Prices beyond which the venue takes no order or prints no trade (16 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct PriceBand : IPayload
{
    /// <summary>Lowest price, price units; sell orders below it are refused.</summary>
    public long Lowest;

    /// <summary>Highest price, price units; buy orders above it are refused.</summary>
    public long Highest;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.PriceBand;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>A print that was published before was wrong (40 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct TradeCorrected : IPayload
{
    /// <summary>The number that the wrong print had.</summary>
    public long TradeId;

    /// <summary>Price of the wrong print, price units.</summary>
    public long WrongPrice;

    /// <summary>Quantity of the wrong print, quantity units.</summary>
    public long WrongQuantity;

    /// <summary>What it should have been, price units; 0 when it was struck out.</summary>
    public long Price;

    /// <summary>What it should have been, quantity units; 0 when it was struck out.</summary>
    public long Quantity;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.TradeCorrected;

    /// <inheritdoc/>
    public static byte Version => 1;
}
