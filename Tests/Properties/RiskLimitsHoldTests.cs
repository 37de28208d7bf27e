using System;
using FsCheck.Fluent;
using LowLatency.Core.Risk;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Random markets, strategies that want anything, a venue that loses, repeats, refuses and delays: after every event the
/// limits hold, by the books of an auditor who sees only events and commands.
/// </summary>
public sealed class RiskLimitsHoldTests
{
    [Fact]
    public void Limits_hold_after_every_event() =>
        PropertyCheck.Holds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed), runs: 200);

    [Fact]
    public void Three_hundred_thousand_intents_breach_no_limit() => Hold(300_000, firstSeed: 1);

    [Theory]
    [InlineData(nameof(Plant.BlindToOrders))]
    [InlineData(nameof(Plant.BlindToRate))]
    [InlineData(nameof(Plant.DeafToOperators))]
    [InlineData(nameof(Plant.UnknownTakenForDead))]
    [InlineData(nameof(Plant.DeafToRejects))]
    [InlineData(nameof(Plant.BlindToPrices))]
    [InlineData(nameof(Plant.BreakersForget))]
    public void A_pipeline_with_a_wire_cut_is_caught(string plant) => PropertyCheck.Finds(
        Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed, Enum.Parse<Plant>(plant)), runs: 1_000);

    [Theory]
    [InlineData("one piece more a position")]
    [InlineData("a larger notional")]
    [InlineData("one order more alive")]
    [InlineData("one order more in the window")]
    [InlineData("half the window")]
    [InlineData("one rejection more")]
    [InlineData("a shorter memory for rejections")]
    public void A_limit_that_is_off_by_one_is_caught(string plant) => PropertyCheck.Finds(
        Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed, Plant.None, Planted(plant)), runs: 600);

    /// <summary>Runs from a seed on until so many intents were ruled on; the first breach fails.</summary>
    internal static void Hold(long intents, int firstSeed)
    {
        long ruled = 0;
        long exits = 0;
        for (int seed = firstSeed; ruled < intents; seed++)
        {
            RiskRun run = RiskRun.Of(seed);
            Assert.True(run.Complaint is null, run.Complaint);
            ruled += run.Intents;
            exits += run.Exits;
        }

        Assert.True(exits > intents / 1_000, $"only {exits} intents of exits");
    }

    private static bool Holds(int seed, Plant plant = Plant.None, RiskSettings? planted = null)
    {
        RiskRun run = RiskRun.Of(seed, plant, planted);
        Assert.True(plant != Plant.None || planted is not null || run.Commands > 0, "nothing was ever sent");
        Assert.True(run.Complaint is null, run.Complaint);
        return true;
    }

    private static RiskSettings Planted(string plant)
    {
        RiskSettings right = RiskRun.Limits;
        BreakerRule rejects = right.Breakers[0];
        return plant switch
        {
            "one piece more a position" => right with
            {
                Default = right.Default with { MaxPositionE9 = right.Default.MaxPositionE9 + Rig.Piece },
            },
            "a larger notional" => right with
            {
                Default = right.Default with { MaxOrderNotional = right.Default.MaxOrderNotional * 102 / 100 },
            },
            "one order more alive" => right with { MaxWorkingOrders = right.MaxWorkingOrders + 1 },
            "one order more in the window" => right with { MaxOrdersPerWindow = right.MaxOrdersPerWindow + 1 },
            "half the window" => right with { OrderWindow = right.OrderWindow / 2 },
            "one rejection more" => right with { Breakers = [rejects with { Limit = rejects.Limit + 1 }] },
            "a shorter memory for rejections" => right with { Breakers = [rejects with { Window = 1_000_000 }] },
            _ => throw new ArgumentException("no such plant", nameof(plant)),
        };
    }
}
