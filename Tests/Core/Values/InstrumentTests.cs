using System;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Values;

public sealed class InstrumentTests
{
    private static readonly long[] Steps = [1, 2, 3, 5, 7, 10, 25, 125, 250, 1_000, 12_500, 99_991];

    private static Arbitrary<Case> Cases => Arb.ToArbitrary(
        from priceExponent in Gen.Choose(0, Instrument.ExponentMax)
        from quantityExponent in Gen.Choose(0, Instrument.ExponentMax)
        from tick in Gen.Elements(Steps)
        from lot in Gen.Elements(Steps)
        from multiplier in Gen.Elements(1, 1, 10, 50, 1_000)
        from price in Signed
        from quantity in Signed
        select new Case(priceExponent, quantityExponent, tick, lot, multiplier, price, quantity));

    /// <summary>Numbers of every magnitude up to 2^50, both signs.</summary>
    private static Gen<long> Signed =>
        from high in Gen.Choose(0, (1 << 20) - 1)
        from low in Gen.Choose(0, (1 << 30) - 1)
        from shift in Gen.Choose(0, 49)
        from negative in Gen.Elements(true, false)
        select ((((long)high << 30) | (long)low) >> shift) * (negative ? -1 : 1);

    [Fact]
    public void Notional_is_price_times_quantity_in_money_units_or_an_overflow() => PropertyCheck.Holds(Cases, example =>
    {
        BigInteger expected = NaiveNotional(example);
        if (expected < long.MinValue || expected > long.MaxValue)
        {
            return Record.Exception(() => Of(example).Notional(example.Price, example.Quantity)) is OverflowException;
        }

        return Of(example).Notional(example.Price, example.Quantity) == expected;
    });

    [Fact]
    public void A_notional_by_64_bit_products_is_found() => PropertyCheck.Finds(Cases, example =>
        unchecked((BigInteger)(example.Price * example.Quantity * example.Multiplier))
            == (BigInteger)example.Price * example.Quantity * example.Multiplier);

    [Theory]
    [InlineData(2, 8, 1, 65_000_00, 150_000_000, 97_500_00000000)] // 65,000.00 x 1.5 BTC
    [InlineData(4, 0, 1, 1_234_567, -100, -12_345_67000000)] // 123.4567 x -100 shares
    [InlineData(2, 0, 50, 4_500_25, 2, 450_025_00000000)] // 4,500.25 x 2 contracts of 50
    [InlineData(9, 9, 1, 1, 9_999_999_999, 0)] // 0.000000001 x 9.999999999 is less than one money unit
    [InlineData(9, 9, 1, 1, 10_000_000_000, 1)]
    [InlineData(9, 9, 1, -1, 19_999_999_999, -1)] // towards zero
    public void Notional_by_hand(int priceExponent, int quantityExponent, int multiplier, long price, long quantity, long money) =>
        Assert.Equal(money, Of(new Case(priceExponent, quantityExponent, 1, 1, multiplier, price, quantity)).Notional(price, quantity));

    [Fact]
    public void A_notional_beyond_64_bits_stops_the_engine() => Assert.Throws<OverflowException>(
        () => Of(new Case(0, 0, 1, 1, 1, 1L << 40, 1L << 40)).Notional(1L << 40, 1L << 40));

    [Fact]
    public void A_quantity_is_rounded_to_the_lot_towards_zero() => PropertyCheck.Holds(Cases, example =>
    {
        BigInteger lots = BigInteger.Divide(BigInteger.Abs(example.Quantity), example.Lot);
        return Of(example).RoundToLot(example.Quantity) == lots * example.Lot * Math.Sign(example.Quantity);
    });

    [Fact]
    public void A_price_is_rounded_passively_and_aggressively_to_the_tick() => PropertyCheck.Holds(Cases, example =>
    {
        (BigInteger below, BigInteger above) = Around(example.Price, example.Tick);
        Instrument instrument = Of(example);
        return instrument.RoundToTickPassive(example.Price, Side.Buy) == below
            && instrument.RoundToTickPassive(example.Price, Side.Sell) == above
            && instrument.RoundToTickAggressive(example.Price, Side.Buy) == above
            && instrument.RoundToTickAggressive(example.Price, Side.Sell) == below;
    });

    [Fact]
    public void Rounding_by_plain_division_is_found() => PropertyCheck.Finds(Cases, example =>
        example.Price / example.Tick * example.Tick == Around(example.Price, example.Tick).Below);

    [Fact]
    public void Rounding_always_up_to_the_next_tick_is_found() => PropertyCheck.Finds(Cases, example =>
        ((example.Price / example.Tick) + 1) * example.Tick == Around(example.Price, example.Tick).Above);

    [Theory]
    [InlineData(25, 10_024, 10_000, 10_025)]
    [InlineData(25, 10_025, 10_025, 10_025)]
    [InlineData(3, 10, 9, 12)]
    [InlineData(3, -10, -12, -9)]
    [InlineData(1, -10, -10, -10)]
    public void Ticks_that_are_no_power_of_ten_by_hand(long tick, long price, long below, long above)
    {
        Instrument instrument = Of(new Case(2, 0, tick, 1, 1, price, 1));
        Assert.Equal(below, instrument.RoundToTickPassive(price, Side.Buy));
        Assert.Equal(above, instrument.RoundToTickPassive(price, Side.Sell));
    }

    [Fact]
    public void Powers_of_ten_are_exact_and_bounded()
    {
        for (int exponent = 0; exponent <= 18; exponent++)
        {
            Assert.Equal(BigInteger.Pow(10, exponent), Instrument.PowerOf10(exponent));
        }

        Assert.Throws<BrokenInvariantException>(() => Instrument.PowerOf10(-1));
        Assert.Throws<BrokenInvariantException>(() => Instrument.PowerOf10(19));
    }

    private static BigInteger NaiveNotional(Case example)
    {
        BigInteger scaled = (BigInteger)example.Price * example.Quantity * example.Multiplier * BigInteger.Pow(10, Money.Exponent);
        BigInteger unit = BigInteger.Pow(10, example.PriceExponent + example.QuantityExponent);
        return BigInteger.Abs(scaled) / unit * scaled.Sign;
    }

    /// <summary>The multiples of the tick at or below and at or above, found from the remainder that is not negative.</summary>
    private static (BigInteger Below, BigInteger Above) Around(BigInteger price, BigInteger tick)
    {
        BigInteger above = ((price % tick) + tick) % tick;
        return above.IsZero ? (price, price) : (price - above, price - above + tick);
    }

    private static Instrument Of(Case example) => new()
    {
        Id = new InstrumentId(1),
        Kind = InstrumentKind.Linear,
        PriceExponent = (byte)example.PriceExponent,
        QuantityExponent = (byte)example.QuantityExponent,
        Tick = example.Tick,
        Lot = example.Lot,
        MinQuantity = example.Lot,
        MaxQuantity = long.MaxValue,
        MinNotional = 0,
        Multiplier = example.Multiplier,
    };

    private readonly record struct Case(
        int PriceExponent, int QuantityExponent, long Tick, long Lot, int Multiplier, long Price, long Quantity);
}
