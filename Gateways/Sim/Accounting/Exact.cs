using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>Money from exact products: every quotient says which way it is rounded. One beyond 64 bits stops the engine.</summary>
internal static class Exact
{
    private const long DayLength = 86_400_000_000_000;

    // Days from the first of January of the year 1 to that of 1970.
    private const int Epoch = 719_162;

    /// <summary>The quotient, rounded towards minus infinity.</summary>
    internal static long Floor(Int128 dividend, Int128 divisor)
    {
        Int128 quotient = dividend / divisor;
        return checked((long)(dividend < 0 && quotient * divisor != dividend ? quotient - 1 : quotient));
    }

    /// <summary>The quotient, rounded towards plus infinity.</summary>
    internal static long Ceiling(Int128 dividend, Int128 divisor) => -Floor(-dividend, divisor);

    /// <summary>The sum, or the largest number there is.</summary>
    internal static long AddUpToMax(long sum, long part) => long.MaxValue - sum < part ? long.MaxValue : sum + part;

    /// <summary>Days since 1970 of an instant.</summary>
    internal static long DayOf(long nanoseconds) => nanoseconds / DayLength;

    /// <summary>Days since 1970 of a date: year x 10,000 + month x 100 + day.</summary>
    internal static long DayOfDate(int date)
    {
        Ensure.That(
            date / 10_000 is >= 1970 and <= 9999 && date / 100 % 100 is >= 1 and <= 12 && date % 100 >= 1
            && date % 100 <= DateTime.DaysInMonth(date / 10_000, date / 100 % 100),
            "a rule about money must begin at a date");
        return new DateOnly(date / 10_000, date / 100 % 100, date % 100).DayNumber - Epoch;
    }

    /// <summary>The first instant of a day.</summary>
    internal static long Midnight(long day) => day * DayLength;

    /// <summary>What a position is worth at a price of 10^-9 of the quote currency, money units, rounded down.</summary>
    internal static long Worth(in Instrument rules, long priceE9, long quantity)
    {
        Int128 size = (Int128)quantity * rules.Multiplier;
        Int128 unit = Instrument.PowerOf10(rules.QuantityExponent);
        return rules.Kind == InstrumentKind.Inverse
            ? Floor(-size * Instrument.PowerOf10(Money.Exponent + Instrument.ExponentMax), unit * priceE9)
            : Floor(size * priceE9, unit * Instrument.PowerOf10(Instrument.ExponentMax - Money.Exponent));
    }

    /// <summary>The notional of a quantity that is not negative, money units, rounded up.</summary>
    internal static long Size(in Instrument rules, long priceE9, long quantity) => rules.Kind == InstrumentKind.Inverse
        ? -Worth(rules, priceE9, quantity)
        : -Worth(rules, priceE9, -quantity);

    /// <summary>
    /// The price at which a position is worth no less than so much, price units: the nearest one, from 1 on. Where no price
    /// makes it worth so much it is that bound of the prices at which it is worth most or least.
    /// </summary>
    internal static long PriceOfWorth(in Instrument rules, long worth, long quantity)
    {
        Int128 size = Int128.Abs((Int128)quantity * rules.Multiplier);
        Int128 price;
        if (rules.Kind == InstrumentKind.Inverse)
        {
            // -size / price for a long position, size / price for a short one.
            Int128 scaled = size * Instrument.PowerOf10(Money.Exponent - rules.QuantityExponent + rules.PriceExponent);
            price = quantity > 0
                ? worth < 0 ? Divide(scaled, -(Int128)worth, up: true) : long.MaxValue
                : worth > 0 ? Divide(scaled, worth, up: false) : long.MaxValue;
        }
        else
        {
            int shift = Money.Exponent - rules.PriceExponent - rules.QuantityExponent;
            Int128 dividend = Int128.Abs((Int128)worth) * (shift < 0 ? Instrument.PowerOf10(-shift) : 1);
            Int128 divisor = size * (shift > 0 ? Instrument.PowerOf10(shift) : 1);
            bool reachable = quantity > 0 == worth > 0;
            price = reachable ? Divide(dividend, divisor, up: quantity > 0) : 1;
        }

        return (long)Int128.Clamp(price, 1, long.MaxValue);
    }

    private static Int128 Divide(Int128 dividend, Int128 divisor, bool up) =>
        (dividend + (up ? divisor - 1 : 0)) / divisor;

    /// <summary>
    /// The value of a quantity at a price of 10^-9 of the quote currency, in money units of the settlement currency, times
    /// a factor of 10^-12, rounded towards minus infinity.
    /// </summary>
    internal static long ValueTimes(in Instrument rules, long priceE9, long quantity, long factorE12)
    {
        Int128 size = (Int128)quantity * rules.Multiplier;
        Int128 unit = Instrument.PowerOf10(rules.QuantityExponent);

        // Quantity / unit x price / 10^9 x factor / 10^12 x 10^8, or divided by the price where it is inverse.
        return rules.Kind == InstrumentKind.Inverse
            ? Floor(size * factorE12 * 100_000, unit * priceE9)
            : Floor(size * priceE9 * factorE12, unit * 10_000_000_000_000);
    }
}
