using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Values;

/// <summary>What an instrument is, as far as money is concerned.</summary>
public enum InstrumentKind : byte
{
    /// <summary>No instrument.</summary>
    None = 0,

    /// <summary>A share; bought and sold for cash.</summary>
    Equity = 1,

    /// <summary>A crypto pair; bought and sold for cash.</summary>
    Spot = 2,

    /// <summary>A perpetual or future margined and settled in the quote currency; cash moves by profit, fees, funding.</summary>
    Linear = 3,

    /// <summary>
    /// A perpetual or future whose quantity counts the quote currency and whose margin and profit are paid in the base coin.
    /// </summary>
    Inverse = 4,
}

/// <summary>
/// The trading rules of one instrument: its units, tick, lot and bounds. A changed unit is a new version, by event.
/// </summary>
/// <remarks>
/// A price of p units is p x 10^-<see cref="PriceExponent"/>; a quantity of q units is q x 10^-<see cref="QuantityExponent"/>.
/// Tick and lot are multiples of the units and are checked on our orders only: prints may lie off the tick.
/// </remarks>
public readonly struct Instrument
{
    /// <summary>Largest exponent of a price or quantity unit.</summary>
    public const int ExponentMax = 9;

    private static ReadOnlySpan<long> Powers =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
        10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
    ];

    /// <summary>The dense number.</summary>
    public required InstrumentId Id { get; init; }

    /// <summary>What it is.</summary>
    public required InstrumentKind Kind { get; init; }

    /// <summary>Decimal places of the price unit, 0 to <see cref="ExponentMax"/>.</summary>
    public required byte PriceExponent { get; init; }

    /// <summary>Decimal places of the quantity unit, 0 to <see cref="ExponentMax"/>.</summary>
    public required byte QuantityExponent { get; init; }

    /// <summary>Smallest step of an order price, in price units; at least 1.</summary>
    public required long Tick { get; init; }

    /// <summary>Smallest step of an order quantity, in quantity units; at least 1.</summary>
    public required long Lot { get; init; }

    /// <summary>Smallest order quantity, in quantity units; at least <see cref="Lot"/>.</summary>
    public required long MinQuantity { get; init; }

    /// <summary>Largest order quantity, in quantity units.</summary>
    public required long MaxQuantity { get; init; }

    /// <summary>Smallest order notional, in money units; 0 when the venue has none.</summary>
    public required long MinNotional { get; init; }

    /// <summary>Units of the underlying per 1.0 of quantity; 1 for everything but futures with a contract size.</summary>
    public required int Multiplier { get; init; }

    /// <summary>True when a purchase pays its notional in cash and a sale receives it.</summary>
    public bool SettlesInCash => Kind is InstrumentKind.Equity or InstrumentKind.Spot;

    /// <summary>The size of a quantity at a price, in money units of the currency that it is settled in.</summary>
    /// <param name="price">Price units; positive for an inverse instrument.</param>
    /// <param name="quantity">Quantity units; the sign carries over.</param>
    /// <returns>
    /// price x quantity x multiplier, exact when the exponents add up to at most <see cref="Money.Exponent"/>, else
    /// rounded towards zero; of an inverse instrument quantity x multiplier / price, rounded towards zero. Overflow of 64
    /// bits stops the engine.
    /// </returns>
    public long Notional(long price, long quantity)
    {
        if (Kind == InstrumentKind.Inverse)
        {
            return InverseNotional(price, quantity);
        }

        int shift = Money.Exponent - PriceExponent - QuantityExponent;
        long scale = PowerOf10(Math.Abs(shift));
        if (Wide.TryMultiply(price, quantity, out long value)
            && (Multiplier == 1 || Wide.TryMultiply(value, Multiplier, out value)))
        {
            if (shift < 0)
            {
                return value / scale;
            }

            if (Wide.TryMultiply(value, scale, out value))
            {
                return value;
            }
        }

        Int128 exact = (Int128)price * quantity * Multiplier;
        return checked((long)(shift >= 0 ? exact * scale : exact / scale));
    }

    /// <summary>
    /// What a quantity brings when the price rises: its size, and of an inverse instrument the size with the other sign, as a
    /// dearer coin makes the same contracts worth fewer of them. Profit is the value at the exit minus that at the entry.
    /// </summary>
    /// <param name="price">Price units; positive for an inverse instrument.</param>
    /// <param name="quantity">Quantity units, signed.</param>
    /// <returns>Money units, rounded as <see cref="Notional"/>.</returns>
    public long Value(long price, long quantity) =>
        Kind == InstrumentKind.Inverse ? -InverseNotional(price, quantity) : Notional(price, quantity);

    /// <summary>The largest multiple of the lot that is not above <paramref name="quantity"/> in size.</summary>
    /// <param name="quantity">Quantity units; the sign carries over.</param>
    /// <returns>The quantity rounded towards zero.</returns>
    public long RoundToLot(long quantity) => quantity / Lot * Lot;

    /// <summary>Rounds a price to the tick in the direction that does not pay more or receive less.</summary>
    /// <param name="price">Price units.</param>
    /// <param name="side">Buy rounds down, sell rounds up.</param>
    /// <returns>A multiple of the tick.</returns>
    public long RoundToTickPassive(long price, Side side) => side == Side.Sell ? CeilingTick(price) : FloorTick(price);

    /// <summary>Rounds a price to the tick in the direction that is more likely to trade.</summary>
    /// <param name="price">Price units.</param>
    /// <param name="side">Buy rounds up, sell rounds down.</param>
    /// <returns>A multiple of the tick.</returns>
    public long RoundToTickAggressive(long price, Side side) => RoundToTickPassive(price, side.Opposite());

    /// <summary>A configured quantity in this instrument's units.</summary>
    /// <param name="valueE9">The decimal value x 10^9.</param>
    /// <returns>Quantity units, rounded towards zero.</returns>
    public long FromE9(long valueE9) => valueE9 / PowerOf10(ExponentMax - QuantityExponent);

    /// <summary>10 to the power of a small exponent.</summary>
    /// <param name="exponent">0 to 18.</param>
    /// <returns>The power.</returns>
    public static long PowerOf10(int exponent)
    {
        Ensure.That(exponent is >= 0 and <= 18, "exponent of ten out of range");
        return Powers[exponent];
    }

    private long InverseNotional(long price, long quantity)
    {
        Ensure.That(price > 0, "an inverse instrument has no value at a price that is not positive");
        int shift = Money.Exponent - QuantityExponent + PriceExponent;
        return checked((long)((Int128)quantity * Multiplier * PowerOf10(shift) / price));
    }

    private long FloorTick(long price)
    {
        long remainder = price % Tick;
        return remainder < 0 ? price - remainder - Tick : price - remainder;
    }

    private long CeilingTick(long price)
    {
        long floor = FloorTick(price);
        return floor == price ? price : floor + Tick;
    }
}
