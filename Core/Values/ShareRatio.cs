using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Values;

/// <summary>How many new shares old ones become. What it makes of quantities and prices is the same for everybody.</summary>
public readonly struct ShareRatio
{
    /// <summary>Most shares on either side of a ratio.</summary>
    public const long SharesMax = 1_000_000_000;

    /// <summary>Creates a ratio.</summary>
    /// <param name="newShares">1 to <see cref="SharesMax"/>.</param>
    /// <param name="oldShares">1 to <see cref="SharesMax"/>: so many become <paramref name="newShares"/>.</param>
    public ShareRatio(long newShares, long oldShares)
    {
        Ensure.That(
            newShares is >= 1 and <= SharesMax && oldShares is >= 1 and <= SharesMax,
            "a split must have 1 to 1,000,000,000 new and old shares");
        New = newShares;
        Old = oldShares;
    }

    /// <summary>New shares.</summary>
    public long New { get; }

    /// <summary>Old shares.</summary>
    public long Old { get; }

    /// <summary>What a quantity becomes: whole units, rounded towards zero. The rest is paid in cash.</summary>
    /// <param name="quantity">Old quantity units, signed.</param>
    /// <returns>New quantity units.</returns>
    public long Quantity(long quantity) => checked((long)((Int128)quantity * New / Old));

    /// <summary>What of a quantity is no whole unit, in parts of which <see cref="Old"/> are a new unit.</summary>
    /// <param name="quantity">Old quantity units, signed.</param>
    /// <param name="whole">New quantity units that are given for it.</param>
    /// <returns>Parts; of the sign of the quantity where <paramref name="whole"/> is <see cref="Quantity"/> of it.</returns>
    public long Rest(long quantity, long whole) => checked((long)(((Int128)quantity * New) - ((Int128)whole * Old)));

    /// <summary>What a price becomes, rounded down to a price unit.</summary>
    /// <param name="price">Price units of an old share, not negative.</param>
    /// <returns>Price units of a new share.</returns>
    public long PriceDown(long price) => checked((long)((Int128)price * Old / New));

    /// <summary>What a price becomes, rounded up to a price unit.</summary>
    /// <param name="price">Price units of an old share, not negative.</param>
    /// <returns>Price units of a new share.</returns>
    public long PriceUp(long price) => checked((long)((((Int128)price * Old) + New - 1) / New));

    /// <summary>
    /// What is paid for <see cref="Rest"/>, at the price of an old share; rounded down, so that it is never in our favour.
    /// </summary>
    /// <param name="rest">Parts of which <see cref="Old"/> are a new quantity unit, signed.</param>
    /// <param name="quantityExponent">Decimals of the quantity unit.</param>
    /// <param name="priceE9">10^-9 of the currency for an old share.</param>
    /// <returns>Money units; negative is paid by us.</returns>
    public long CashFor(long rest, int quantityExponent, long priceE9)
    {
        // Rest / Old new units, each worth Old / New of an old share.
        Int128 divisor = (Int128)New
            * Instrument.PowerOf10(quantityExponent)
            * Instrument.PowerOf10(Instrument.ExponentMax - Money.Exponent);
        Int128 dividend = (Int128)rest * priceE9;
        Int128 quotient = dividend / divisor;
        return checked((long)(dividend < 0 && quotient * divisor != dividend ? quotient - 1 : quotient));
    }
}
