namespace LowLatency.Core.Values;

/// <summary>A price as a whole number of the instrument's price unit (the finest increment its data can print).</summary>
/// <param name="Units">Price units. Spreads and calendar prices may be negative; outright prices are positive.</param>
public readonly record struct Price(long Units) : System.IComparable<Price>
{
    /// <inheritdoc/>
    public int CompareTo(Price other) => Units.CompareTo(other.Units);

    /// <summary>Orders two prices.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    public static bool operator <(Price left, Price right) => left.Units < right.Units;

    /// <summary>Orders two prices.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    public static bool operator >(Price left, Price right) => left.Units > right.Units;

    /// <summary>Orders two prices.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    public static bool operator <=(Price left, Price right) => left.Units <= right.Units;

    /// <summary>Orders two prices.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    public static bool operator >=(Price left, Price right) => left.Units >= right.Units;
}

/// <summary>A quantity as a whole number of the instrument's quantity unit; signed where it is a position.</summary>
/// <param name="Units">Quantity units.</param>
public readonly record struct Quantity(long Units);

/// <summary>An amount in the currency's declared unit (10^-<see cref="Money.Exponent"/> of the currency).</summary>
/// <param name="Units">Currency units; checked 64-bit: overflow stops the engine.</param>
public readonly record struct Money(long Units)
{
    /// <summary>Decimal places of every currency in version 1: 1 unit = 0.00000001 of the currency.</summary>
    public const int Exponent = 8;
}
