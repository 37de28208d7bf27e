using LowLatency.Bench.Gates;
using LowLatency.Core.Determinism;
using Xunit;

namespace LowLatency.Tests.Bench.Gates;

/// <summary>Made-up times, so that what is judged is the judge.</summary>
public sealed class RatioGateTests
{
    private const ulong Seed = 7;

    [Fact]
    public void A_piece_within_its_budget_holds_on_a_machine_that_is_mostly_busy()
    {
        // Four rounds of five are disturbed, by up to eleven times.
        Xoshiro256 dice = new(Seed);
        for (int i = 0; i < 200; i++)
        {
            Verdict verdict = RatioGate.Judge(() => Noisy(2, ref dice), () => Noisy(8, ref dice), budget: 5);
            Assert.True(verdict.Holds, $"seed {Seed}: {verdict}");
        }
    }

    [Fact]
    public void A_piece_twice_over_its_budget_fails_after_every_attempt()
    {
        Xoshiro256 dice = new(Seed);
        for (int i = 0; i < 200; i++)
        {
            Verdict verdict = RatioGate.Judge(() => Noisy(2, ref dice), () => Noisy(20, ref dice), budget: 5);
            Assert.False(verdict.Holds, $"seed {Seed}: {verdict}");
            Assert.Equal(RatioGate.AttemptsMax, verdict.Attempts);
        }
    }

    [Fact]
    public void A_bad_moment_is_measured_again_and_forgiven()
    {
        int rounds = 0;
        Verdict verdict = RatioGate.Judge(() => 1, () => rounds++ < RatioGate.Rounds ? 100 : 3, budget: 5);
        Assert.Equal(new Verdict(3, 5, 2), verdict);
    }

    [Fact]
    public void A_machine_of_half_the_speed_changes_nothing()
    {
        Assert.Equal(
            RatioGate.Judge(() => 1, () => 4, budget: 5), RatioGate.Judge(() => 2, () => 8, budget: 5));
    }

    private static double Noisy(double time, ref Xoshiro256 dice) =>
        dice.NextBelow(5) == 0 ? time : time * (1 + (dice.NextDouble() * 10));
}
