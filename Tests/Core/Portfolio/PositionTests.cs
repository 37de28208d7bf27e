using System;
using System.Numerics;
using FsCheck.Fluent;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Portfolio;

public sealed class PositionTests
{
    [Fact]
    public void A_round_trip_by_hand()
    {
        // Cents and pieces: bought 10 at 100.00, sold 4 at 101.00, sold 10 at 99.00 (a flip), bought 4 at 98.00.
        Instrument instrument = Of(2, 0);
        Position position = default;
        Assert.Equal(0, position.Apply(instrument, 10, 10_000, 5));
        Assert.Equal(100_000_000_000, position.Cost);
        Assert.Equal(4 * 100 * 1_000_000L, position.Apply(instrument, -4, 10_100, 5));
        Assert.Equal(-6 * 100 * 1_000_000L, position.Apply(instrument, -10, 9_900, 5));
        Assert.Equal(-4, position.Quantity);
        Assert.Equal(-4 * 9_900 * 1_000_000L, position.Cost);
        Assert.Equal(400 * 1_000_000L, position.Unrealised(instrument, 9_800));
        Assert.Equal(400 * 1_000_000L, position.Apply(instrument, 4, 9_800, -2));
        Assert.Equal((0, 0, 200 * 1_000_000L, 13, 4), Fields(position));
    }

    [Fact]
    public void Any_fills_agree_with_exact_arithmetic() =>
        PropertyCheck.Holds(PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 100, 200), steps => Agrees(steps, plant: 0), runs: 100);

    [Fact]
    public void A_model_that_loses_a_unit_in_each_closing_is_caught() =>
        PropertyCheck.Finds(PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 100, 200), steps => Agrees(steps, plant: 1), runs: 100);

    [Fact]
    public void Any_split_of_a_fill_gives_the_same_position_and_cash()
    {
        Instrument instrument = Of(2, 3);
        Position whole = default;
        whole.Apply(instrument, 1_000, 12_345, 70);
        Position split = default;
        foreach (long part in (ReadOnlySpan<long>)[1, 399, 250, 350])
        {
            split.Apply(instrument, part, 12_345, part * 70 / 1_000);
        }

        Assert.Equal((whole.Quantity, whole.Cost, whole.Realised), (split.Quantity, split.Cost, split.Realised));
    }

    [Fact]
    public void Money_beyond_64_bits_stops_the_engine_instead_of_wrapping()
    {
        Position position = default;
        Assert.Throws<OverflowException>(() => position.Apply(Of(0, 0), long.MaxValue / 2, 1_000, 0));
    }

    private static (long, long, long, long, long) Fields(in Position p) =>
        (p.Quantity, p.Cost, p.Realised, p.Fees, p.Executions);

    private static Instrument Of(byte priceExponent, byte quantityExponent) => new()
    {
        Id = new InstrumentId(1),
        Kind = InstrumentKind.Linear,
        PriceExponent = priceExponent,
        QuantityExponent = quantityExponent,
        Tick = 1,
        Lot = 1,
        MinQuantity = 1,
        MaxQuantity = long.MaxValue,
        MinNotional = 0,
        Multiplier = 1,
    };

    private static bool Agrees(int[] steps, int plant)
    {
        // Exponents that add up to more than 8: every value is rounded towards zero.
        Instrument instrument = Of(6, 5);
        Position position = default;
        BigInteger quantity = 0;
        BigInteger cost = 0;
        BigInteger realised = 0;
        BigInteger fees = 0;
        BigInteger paid = 0;
        foreach (int step in steps)
        {
            long change = (step % 4_001) - 2_000;
            long price = 1 + (step / 4_001 % 90_000);
            long fee = (step % 13) - 3;
            if (change == 0)
            {
                continue;
            }

            long now = position.Apply(instrument, change, price, fee);
            BigInteger value = Value(change, price);
            paid += value;
            fees += fee;
            BigInteger won = 0;
            if (quantity.Sign == -Math.Sign(change))
            {
                BigInteger closed = BigInteger.Min(BigInteger.Abs(quantity), Math.Abs(change));
                BigInteger released = cost * closed / BigInteger.Abs(quantity);
                won = -Value(Math.Sign(change) * closed, price) - released - plant;
            }

            cost += value + won;
            realised += won;
            quantity += change;
            if (quantity.IsZero && !cost.IsZero && plant == 0)
            {
                return false;
            }

            bool same = position.Quantity == quantity
                && position.Cost == cost
                && position.Realised == realised
                && position.Fees == fees
                && now == won
                && position.Realised - position.Cost == -paid;
            if (!same)
            {
                return false;
            }
        }

        return true;

        static BigInteger Value(BigInteger units, long price) => BigInteger.Divide(units * price, 1_000);
    }
}
