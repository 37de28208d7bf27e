using LowLatency.Core.Determinism;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Values;

/// <summary>Inverse contracts by hand: the quantity counts dollars, profit is coin in units of 10^-8.</summary>
public sealed class InverseInstrumentTests
{
    // Price unit 0.5 dollars would be a tick; the unit is 0.1. One contract is one dollar.
    private static readonly Instrument Coin = new()
    {
        Id = new InstrumentId(1),
        Kind = InstrumentKind.Inverse,
        PriceExponent = 1,
        QuantityExponent = 0,
        Tick = 5,
        Lot = 1,
        MinQuantity = 1,
        MaxQuantity = 1_000_000,
        MinNotional = 0,
        Multiplier = 1,
    };

    [Theory]
    // 10,000 / 50,000 = 0.2 coin.
    [InlineData(500_000, 10_000, 20_000_000)]
    [InlineData(500_000, -10_000, -20_000_000)]
    // 1 / 30,000 = 3,333.33... units.
    [InlineData(300_000, 1, 3_333)]
    [InlineData(300_000, -1, -3_333)]
    public void The_size_is_the_quantity_over_the_price_rounded_towards_zero(long price, long quantity, long coin)
    {
        Assert.Equal(coin, Coin.Notional(price, quantity));
        Assert.Equal(-coin, Coin.Value(price, quantity));
    }

    [Fact]
    public void A_price_that_is_not_positive_has_no_size() =>
        Assert.Throws<BrokenInvariantException>(() => Coin.Notional(0, 1));

    [Theory]
    // 10,000 x (1 / 50,000 - 1 / 62,500) = 0.2 - 0.16 = 0.04 coin for a long position, the opposite for a short one.
    [InlineData(10_000, 500_000, 625_000, 4_000_000)]
    [InlineData(-10_000, 500_000, 625_000, -4_000_000)]
    // 10,000 x (1 / 50,000 - 1 / 40,000) = 0.2 - 0.25 = -0.05.
    [InlineData(10_000, 500_000, 400_000, -5_000_000)]
    [InlineData(-10_000, 500_000, 400_000, 5_000_000)]
    public void Profit_is_what_the_contracts_cost_less_in_coin(long quantity, long entry, long exit, long profit)
    {
        Position position = default;
        Assert.Equal(0, position.Apply(Coin, quantity, entry, 0));
        Assert.Equal(profit, position.Unrealised(Coin, exit));
        Assert.Equal(profit, position.Apply(Coin, -quantity, exit, 0));
        Assert.Equal((0, 0), (position.Quantity, position.Cost));
    }

    [Fact]
    public void A_position_in_parts_turns_round_without_losing_a_unit()
    {
        // 3,000 at 30,000 (0.1) and 4,000 at 40,000 (0.1) cost 0.2 for 7,000; 3,500 of them cost 0.1.
        Position position = default;
        position.Apply(Coin, 3_000, 300_000, 0);
        position.Apply(Coin, 4_000, 400_000, 0);
        Assert.Equal(-20_000_000, position.Cost);

        // 3,500 / 50,000 = 0.07: 0.03 won.
        Assert.Equal(3_000_000, position.Apply(Coin, -3_500, 500_000, 0));

        // 5,500 sold at 55,000: 3,500 of them are 0.06363636 and win 0.03636364; 2,000 stay short.
        Assert.Equal(3_636_364, position.Apply(Coin, -5_500, 550_000, 0));
        Assert.Equal(-2_000, position.Quantity);

        // What was paid in all: 0.2 - 0.07 - 0.1, and cost and profit explain it to the unit.
        Assert.Equal(-20_000_000 + 7_000_000 + 10_000_000, position.Cost - position.Realised);
    }
}
