using System;
using System.Linq;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Arbitration.Weights;

public sealed class WeightLearnerTests
{
    private const long Unit = 100 * 100 * Rig.MoneyPerCent; // a hundred pieces, a price change of one

    private static readonly InstrumentId X = new(1);

    [Fact]
    public void A_round_is_marked_as_by_hand()
    {
        Rig rig = Learning(LearningScope.Global);
        rig.Target(1, 100);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 50, 10_001, 1);
        Assert.Equal((50, 0), (rig.Virtual(1), rig.Virtual(2)));

        // The round that began before the fill ends: 50 pieces bought at 100.01 are worth 100.00.
        rig.Tick(60 * Rig.Second);
        Assert.Equal(1, rig.Pipeline.Arbitration.LearnedRounds(X));
        long[] first = Weights(rig);

        // Strategy 1 lost 50 cents, which a weight of 1/2 makes the loss of a whole dollar: 1 / 100 of the unit.
        NaiveExp3Ix naive = new(2, 0.01m, null, seed: 5);
        naive.Learn(naive.Drawn == 0 ? (1 + 0.01m) / 2 : 0.5m);
        AssertNear(naive, first);

        // The market rises by 0.20: strategy 1 wins 50 x 0.20 / its weight.
        rig.Quote(1, 10_019, 10_021);
        rig.Tick(60 * Rig.Second);
        decimal reward = Math.Clamp(50m * 20 * Rig.MoneyPerCent / Unit / (first[0] / 1e9m), -1, 1);
        naive.Learn(naive.Drawn == 0 ? (1 - reward) / 2 : 0.5m);
        AssertNear(naive, Weights(rig));
    }

    [Fact]
    public void A_round_in_which_nothing_changed_teaches_nothing()
    {
        Rig rig = Learning(LearningScope.Global);
        for (int i = 0; i < 5; i++)
        {
            rig.Tick(60 * Rig.Second);
        }

        Assert.Equal(0, rig.Pipeline.Arbitration.LearnedRounds(X));
        Assert.Equal([500_000_000L, 500_000_000], Weights(rig));
    }

    [Fact]
    public void The_winner_gets_the_weight_and_the_loser_keeps_the_floor()
    {
        Rig rig = Winning(LearningScope.Global, rounds: 300);
        long[] weights = Weights(rig);
        Assert.True(weights[0] > 900_000_000, $"{weights[0]}");
        Assert.Equal(ArbitrationSettings.WeightOne, weights.Sum());
        Assert.True(weights[1] >= 10_000_000);
    }

    [Fact]
    public void New_weights_move_the_target_without_a_signal()
    {
        Rig rig = Learning(LearningScope.Global);
        rig.Target(1, 100);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 50, 10_001, 1);
        rig.Target(2, -10);
        bool moved = false;
        for (int i = 0; i < 40 && !moved; i++)
        {
            rig.Quote(1, 10_019 + (20 * i), 10_021 + (20 * i));
            rig.Tick(60 * Rig.Second);
            moved = rig.Intents.Any(intent => intent.Cause == IntentCause.Reassert && intent.Target > 50);
        }

        Assert.True(moved);
    }

    [Fact]
    public void With_a_weight_for_each_instrument_one_market_does_not_teach_another()
    {
        Rig rig = Winning(LearningScope.Instrument, rounds: 50);
        Assert.NotEqual(500_000_000, rig.Pipeline.Arbitration.WeightE9(new StrategyId(1), X));
        Assert.Equal(500_000_000, rig.Pipeline.Arbitration.WeightE9(new StrategyId(1), new InstrumentId(2)));
        Assert.Equal(0, rig.Pipeline.Arbitration.LearnedRounds(new InstrumentId(2)));
    }

    [Theory]
    [InlineData(ArbitrationPolicy.Net)]
    [InlineData(ArbitrationPolicy.Priority)]
    public void Only_a_blend_learns(ArbitrationPolicy policy) =>
        Assert.Throws<BrokenInvariantException>(
            () => new Rig(new RigSettings { Policy = policy, Learning = Settings(LearningScope.Global) }));

    internal static WeightLearning Settings(LearningScope scope) => new()
    {
        Scope = scope,
        Interval = 60 * Rig.Second,
        RewardUnit = Unit,
        FloorE9 = 10_000_000,
        Schedule = Exp3Schedule.Anytime,
        EtaE9 = 0,
        Seed = 5,
    };

    private static Rig Learning(LearningScope scope, long unit = Unit) => new Rig(new RigSettings
    {
        Instruments = 2,
        Policy = ArbitrationPolicy.Blend,
        Normalise = true,
        Rules = [new(1, 1, 0), new(1, 1, 0)],
        Learning = Settings(scope) with { RewardUnit = unit },
    }).Begin();

    /// <summary>Strategy 1 is long of a market that rises, strategy 2 short of it.</summary>
    private static Rig Winning(LearningScope scope, int rounds)
    {
        Rig rig = Learning(scope, Unit / 10);
        rig.Target(1, 40);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 20, 10_000, 1);
        ulong execution = 1;
        for (int i = 0; i < rounds; i++)
        {
            rig.Quote(1, 9_999 + (50 * (i + 1)), 10_001 + (50 * (i + 1)));
            rig.Tick(60 * Rig.Second);
            if (rig.Live(Side.Buy) is { IsNone: false } order)
            {
                rig.Fill(order, Side.Buy, 1, 10_000 + (50 * (i + 1)), ++execution);
            }
        }

        return rig;
    }

    private static long[] Weights(Rig rig) =>
    [
        rig.Pipeline.Arbitration.WeightE9(new StrategyId(1), X), rig.Pipeline.Arbitration.WeightE9(new StrategyId(2), X),
    ];

    private static void AssertNear(NaiveExp3Ix naive, long[] weights)
    {
        Assert.Equal(ArbitrationSettings.WeightOne, weights.Sum());
        for (int i = 0; i < weights.Length; i++)
        {
            Assert.InRange(weights[i] - (naive.Probabilities[i] * ArbitrationSettings.WeightOne), -2, 2);
        }
    }
}
