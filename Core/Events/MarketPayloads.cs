using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Events;

/// <summary>Up to 24 bytes of ASCII, zero-padded.</summary>
[InlineArray(24)]
public struct Symbol24
{
    private byte _first;

    /// <summary>Makes the value from text.</summary>
    /// <param name="text">At most 24 ASCII characters.</param>
    /// <returns>The value.</returns>
    public static Symbol24 Of(string text)
    {
        Ensure.That(text.Length <= 24, "symbol longer than 24 characters");
        Symbol24 symbol = default;
        for (int i = 0; i < text.Length; i++)
        {
            Ensure.That(text[i] is > ' ' and < (char)127, "symbol must be printable ASCII");
            symbol[i] = (byte)text[i];
        }

        return symbol;
    }

    /// <inheritdoc/>
    public override readonly string ToString() => Ascii.Text(this);
}

/// <summary>Up to 8 bytes of ASCII, zero-padded: a currency code.</summary>
[InlineArray(8)]
public struct Currency8
{
    private byte _first;

    /// <summary>Makes the value from text.</summary>
    /// <param name="text">At most 8 ASCII characters.</param>
    /// <returns>The value.</returns>
    public static Currency8 Of(string text)
    {
        Ensure.That(text.Length <= 8, "currency longer than 8 characters");
        Currency8 currency = default;
        for (int i = 0; i < text.Length; i++)
        {
            Ensure.That(text[i] is > ' ' and < (char)127, "currency must be printable ASCII");
            currency[i] = (byte)text[i];
        }

        return currency;
    }

    /// <inheritdoc/>
    public override readonly string ToString() => Ascii.Text(this);
}

internal static class Ascii
{
    internal static string Text(ReadOnlySpan<byte> padded)
    {
        int length = padded.IndexOf((byte)0);
        return System.Text.Encoding.ASCII.GetString(length < 0 ? padded : padded[..length]);
    }
}

/// <summary>The rules of an instrument (88 bytes, no padding).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct InstrumentDefined : IPayload
{
    /// <summary>The venue's name of it.</summary>
    public Symbol24 Symbol;

    /// <summary>The currency of prices, fees and profit.</summary>
    public Currency8 Currency;

    /// <summary>Order price step, price units.</summary>
    public long Tick;

    /// <summary>Order quantity step, quantity units.</summary>
    public long Lot;

    /// <summary>Smallest order, quantity units.</summary>
    public long MinQuantity;

    /// <summary>Largest order, quantity units.</summary>
    public long MaxQuantity;

    /// <summary>Smallest order notional, money units; 0 for none.</summary>
    public long MinNotional;

    /// <summary>Contract size.</summary>
    public int Multiplier;

    /// <summary>Counts definitions of this instrument, from 1.</summary>
    public ushort DefinitionVersion;

    /// <summary>What it is.</summary>
    public InstrumentKind InstrumentKind;

    /// <summary>Decimal places of the price unit.</summary>
    public byte PriceExponent;

    /// <summary>Decimal places of the quantity unit.</summary>
    public byte QuantityExponent;

    /// <summary>Must be zero.</summary>
    public byte Reserved0;

    /// <summary>Must be zero.</summary>
    public ushort Reserved1;

    /// <summary>Must be zero.</summary>
    public uint Reserved2;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.InstrumentDefined;

    /// <inheritdoc/>
    public static byte Version => 1;

    /// <summary>The rules as the core uses them.</summary>
    /// <param name="id">The event's instrument.</param>
    /// <returns>The instrument.</returns>
    public readonly Instrument ToInstrument(InstrumentId id) => new()
    {
        Id = id,
        Kind = InstrumentKind,
        PriceExponent = PriceExponent,
        QuantityExponent = QuantityExponent,
        Tick = Tick,
        Lot = Lot,
        MinQuantity = MinQuantity,
        MaxQuantity = MaxQuantity,
        MinNotional = MinNotional,
        Multiplier = Multiplier,
    };
}

/// <summary>Marks of a print.</summary>
[Flags]
public enum TradeMarks : ushort
{
    /// <summary>No mark.</summary>
    None = 0,

    /// <summary>The source flags the print as suspicious: kept, but no bar, no last price and no fill comes from it.</summary>
    Suspicious = 1,
}

/// <summary>A print (32 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Trade : IPayload
{
    /// <summary>Price units.</summary>
    public long Price;

    /// <summary>Quantity units, positive.</summary>
    public long Quantity;

    /// <summary>The venue's number of it; 0 for none.</summary>
    public long TradeId;

    /// <summary>The source's sale-condition bits; 0 for none.</summary>
    public uint SaleCondition;

    /// <summary>Exchange code, one ASCII letter; 0 for none.</summary>
    public byte Exchange;

    /// <summary>Who crossed the spread, or none.</summary>
    public Side Aggressor;

    /// <summary>Marks.</summary>
    public TradeMarks Marks;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.Trade;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>Best bid and ask (40 bytes). A quantity of 0 means that side is empty.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Quote : IPayload
{
    /// <summary>Price units.</summary>
    public long BidPrice;

    /// <summary>Quantity units.</summary>
    public long BidQuantity;

    /// <summary>Price units.</summary>
    public long AskPrice;

    /// <summary>Quantity units.</summary>
    public long AskQuantity;

    /// <summary>The venue's book update number that it belongs to; 0 for none.</summary>
    public long UpdateId;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.Quote;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>A bar made by a source (72 bytes), published at its end time.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Bar : IPayload
{
    /// <summary>Nanoseconds since 1970 UTC at which the bar starts (inclusive).</summary>
    public long StartTime;

    /// <summary>Nanoseconds that it covers; it ends (exclusive) at start + timeframe.</summary>
    public long Timeframe;

    /// <summary>Price units.</summary>
    public long Open;

    /// <summary>Price units.</summary>
    public long High;

    /// <summary>Price units.</summary>
    public long Low;

    /// <summary>Price units.</summary>
    public long Close;

    /// <summary>Quantity units.</summary>
    public long Volume;

    /// <summary>Price x quantity summed, raw units; 0 when the source gives none.</summary>
    public long Turnover;

    /// <summary>Prints in the bar; 0 when the source gives none.</summary>
    public long TradeCount;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.Bar;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>Trading status of an instrument.</summary>
public enum TradingStatus : byte
{
    /// <summary>Not known: treated as halted by risk.</summary>
    Unknown = 0,

    /// <summary>Continuous trading.</summary>
    Open = 1,

    /// <summary>Halted by the venue.</summary>
    Halted = 2,

    /// <summary>Closed session.</summary>
    Closed = 3,

    /// <summary>Held at a price limit by the venue.</summary>
    LimitUpDown = 4,

    /// <summary>In an auction: no continuous trading.</summary>
    Auction = 5,

    /// <summary>Delisted: it does not trade any more, whatever is said later.</summary>
    Delisted = 6,
}

/// <summary>An instrument's status changed (8 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct TradingStatusChanged : IPayload
{
    /// <summary>The new status.</summary>
    public TradingStatus Status;

    /// <summary>Must be zero.</summary>
    public byte Reserved0;

    /// <summary>Must be zero.</summary>
    public ushort Reserved1;

    /// <summary>Must be zero.</summary>
    public uint Reserved2;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.TradingStatus;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>What a stream carries.</summary>
public enum StreamContent : byte
{
    /// <summary>Market data.</summary>
    Market = 0,

    /// <summary>What concerns the account: orders, executions, positions, balances.</summary>
    Account = 1,
}

/// <summary>State of a stream.</summary>
public enum StreamState : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Connected and in sync.</summary>
    Up = 1,

    /// <summary>
    /// Lost: the instrument's data is not ready until a snapshot arrives; an account's until it has been read and matched.
    /// </summary>
    Down = 2,

    /// <summary>Connected, but data is known to be missing: not ready, as after a loss.</summary>
    Gap = 3,
}

/// <summary>A stream's state changed (8 bytes). Without an instrument it speaks of all.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct StreamStateChanged : IPayload
{
    /// <summary>The new state.</summary>
    public StreamState State;

    /// <summary>What the stream carries.</summary>
    public StreamContent Stream;

    /// <summary>Must be zero.</summary>
    public ushort Reserved1;

    /// <summary>Must be zero.</summary>
    public uint Reserved2;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.StreamState;

    /// <inheritdoc/>
    public static byte Version => 1;
}
