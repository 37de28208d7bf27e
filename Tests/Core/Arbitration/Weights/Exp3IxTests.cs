using System;
using System.Linq;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Determinism;
using LowLatency.Tests.Core.Market;
using Xunit;

namespace LowLatency.Tests.Core.Arbitration.Weights;

public sealed class Exp3IxTests
{
    private const int Horizon = 20_000;

    [Theory]
    [InlineData(2, 0.0, 0.0)]
    [InlineData(5, 0.01, 0.0)]
    [InlineData(3, 0.05, 0.1)]
    public void It_learns_what_the_paper_says_in_28_digits(int arms, double floor, double eta)
    {
        Exp3Ix ours = new(arms, floor, eta == 0.0 ? Exp3Schedule.Anytime : Exp3Schedule.Fixed, eta, seed: 77);
        NaiveExp3Ix naive = new(arms, (decimal)floor, eta == 0.0 ? null : (decimal)eta, seed: 77);
        Xoshiro256 dice = new(5);

        // A rounding error grows with the rounds: who is trusted a little more is blamed a little less.
        for (int round = 0; round < 300; round++)
        {
            Assert.Equal(naive.Drawn, ours.Drawn);
            for (int arm = 0; arm < arms; arm++)
            {
                Assert.Equal((double)naive.Probabilities[arm], ours.Probability(arm), 1e-10);
            }

            double loss = dice.NextBelow(1_001) / 1_000.0;
            ours.Learn(loss);
            naive.Learn((decimal)loss);
        }
    }

    [Fact]
    public void The_first_round_is_as_by_hand()
    {
        // Two arms: p = 1/2. eta of round 1 = sqrt(ln 2 / 2), gamma = eta / 2; the loss 1 is estimated as 1 / (1/2 + gamma).
        Exp3Ix learner = new(2, 0.0, Exp3Schedule.Anytime, 0.0, seed: 1);
        int drawn = learner.Drawn;
        Assert.Equal(0.5, learner.Probability(0));
        learner.Learn(1.0);
        double estimate = 1.0 / (0.5 + (Math.Sqrt(Math.Log(2.0) / 2.0) / 2.0));
        double weight = Math.Exp(-Math.Sqrt(Math.Log(2.0) / 4.0) * estimate);
        Assert.Equal(weight / (1.0 + weight), learner.Probability(drawn), 1e-14);
    }

    [Fact]
    public void Whatever_the_losses_the_weights_stay_on_the_simplex_above_their_floor()
    {
        Xoshiro256 dice = new(99);
        for (int run = 0; run < 20; run++)
        {
            int arms = 1 + (int)dice.NextBelow(16);
            long floorE9 = dice.NextBelow((ArbitrationSettings.WeightOne / arms) + 1);
            Exp3Ix learner = new(
                arms, (double)floorE9 / ArbitrationSettings.WeightOne / 1.000001, Exp3Schedule.Anytime, 0.0, (ulong)run);
            long[] weights = new long[arms];
            for (int round = 0; round < 5_000; round++)
            {
                // Kind to one arm, cruel to another, at random, or always the worst.
                learner.Learn((run % 4) switch
                {
                    0 => learner.Drawn == 0 ? 0.0 : 1.0,
                    1 => learner.Drawn == 0 ? 1.0 : 0.0,
                    2 => dice.NextDouble(),
                    _ => 1.0,
                });
                Simplex.Quantise(learner.Shares, floorE9, weights);
                Assert.Equal(ArbitrationSettings.WeightOne, weights.Sum());
                Assert.True(weights.Min() >= floorE9, $"run {run}: {weights.Min()} is below the floor {floorE9}");
                Assert.Equal(1.0, Enumerable.Range(0, arms).Sum(learner.Probability), 1e-12);
            }
        }
    }

    [Fact]
    public void Quantised_shares_go_to_the_largest_fractions_as_by_hand()
    {
        long[] weights = new long[3];
        Simplex.Quantise([1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0], 0, weights);
        Assert.Equal([333_333_334L, 333_333_333, 333_333_333], weights);
        Simplex.Quantise([0.5, 0.5, 0.0], 100_000_000, weights);
        Assert.Equal([450_000_000L, 450_000_000, 100_000_000], weights);
        Simplex.Quantise([0.0, 0.0, 1.0], 0, weights);
        Assert.Equal([0L, 0, 1_000_000_000], weights);
    }

    [Theory]
    [InlineData(-0.001)]
    [InlineData(1.001)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_loss_outside_its_range_stops_the_engine(double loss) =>
        Assert.Throws<BrokenInvariantException>(() => new Exp3Ix(2, 0.0, Exp3Schedule.Anytime, 0.0, 1).Learn(loss));

    [Fact]
    public void On_a_stationary_problem_the_regret_falls_below_a_twentieth_for_nearly_every_seed()
    {
        int good = 0;
        for (ulong seed = 1; seed <= 100; seed++)
        {
            good += Regret(seed, Stationary, Honest) / Horizon < 0.05 ? 1 : 0;
        }

        Assert.True(good >= 95, $"only {good} of 100 seeds");
    }

    [Theory]
    [InlineData("stationary")]
    [InlineData("switch")]
    [InlineData("against the likeliest")]
    public void The_regret_stays_within_the_bound_of_the_paper(string kind)
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            Assert.True(Regret(seed, Losses(kind), Honest) <= Bound(5), $"{kind}, seed {seed}");
        }
    }

    [Fact]
    public void A_learner_that_takes_losses_for_rewards_breaks_the_bound()
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            Assert.True(Regret(seed, Stationary, loss => 1.0 - loss) > Bound(5));
        }
    }

    [Fact]
    public void A_learner_that_never_learns_misses_the_stationary_target() =>
        Assert.True(Regret(1, Stationary, _ => 0.5) / Horizon > 0.05);

    [Fact]
    public void A_restored_learner_goes_on_bit_for_bit_and_a_forgotten_loss_is_seen()
    {
        Exp3Ix first = new(4, 0.01, Exp3Schedule.Anytime, 0.0, 9);
        Xoshiro256 dice = new(1);
        for (int i = 0; i < 300; i++)
        {
            first.Learn(dice.NextDouble());
        }

        byte[] saved = SavingVisitor.Save(first);
        Exp3Ix second = new(4, 0.01, Exp3Schedule.Anytime, 0.0, 1_234);
        RestoringVisitor.Restore(second, saved);
        Exp3Ix forgetful = new(4, 0.01, Exp3Schedule.Anytime, 0.0, 1_234);
        byte[] damaged = (byte[])saved.Clone();
        damaged.AsSpan(^16).Clear();
        RestoringVisitor.Restore(forgetful, damaged);
        for (int i = 0; i < 300; i++)
        {
            double loss = dice.NextDouble();
            first.Learn(loss);
            second.Learn(loss);
            forgetful.Learn(loss);
            Assert.Equal(first.Drawn, second.Drawn);
        }

        Assert.Equal(SavingVisitor.Save(first), SavingVisitor.Save(second));
        Assert.NotEqual(SavingVisitor.Save(first), SavingVisitor.Save(forgetful));
    }

    private static double Honest(double loss) => loss;

    private delegate double LossOf(int arm, int round, Exp3Ix learner, ref Xoshiro256 dice);

    private static double Stationary(int arm, int round, Exp3Ix learner, ref Xoshiro256 dice) =>
        dice.NextDouble() < (arm == 3 ? 0.2 : 0.5 + (0.05 * arm)) ? 1.0 : 0.0;

    private static LossOf Losses(string kind) => kind switch
    {
        // The best arm becomes the worst half way.
        "switch" => (int arm, int round, Exp3Ix _, ref Xoshiro256 _) =>
            round < Horizon / 2 ? (arm == 0 ? 0.0 : 0.6) : arm == 0 ? 1.0 : arm == 1 ? 0.1 : 0.6,

        // It sees the probabilities (not the draw) and hurts whoever is trusted most.
        "against the likeliest" => (int arm, int _, Exp3Ix learner, ref Xoshiro256 _) =>
            Enumerable.Range(0, learner.Arms).MaxBy(learner.Probability) == arm ? 1.0 : 0.0,
        _ => Stationary,
    };

    /// <summary>
    /// Neu 2015, without a horizon: 4 sqrt(K T ln K) + (2 sqrt(K T / ln K) + 1) ln (2 / delta), here for delta = 1 %.
    /// </summary>
    private static double Bound(int arms) =>
        (4.0 * Math.Sqrt(arms * Horizon * Math.Log(arms)))
        + (((2.0 * Math.Sqrt(arms * Horizon / Math.Log(arms))) + 1.0) * Math.Log(200.0));

    /// <summary>What was lost beyond the best fixed arm.</summary>
    private static double Regret(ulong seed, LossOf lossOf, Func<double, double> told)
    {
        const int Arms = 5;
        Exp3Ix learner = new(Arms, 0.0, Exp3Schedule.Anytime, 0.0, seed);
        Xoshiro256 dice = new(seed + 1_000);
        double[] arms = new double[Arms];
        double lost = 0.0;
        for (int round = 0; round < Horizon; round++)
        {
            double own = 0.0;
            for (int arm = 0; arm < Arms; arm++)
            {
                double loss = lossOf(arm, round, learner, ref dice);
                arms[arm] += loss;
                own = arm == learner.Drawn ? loss : own;
            }

            lost += own;
            learner.Learn(told(own));
        }

        return lost - arms.Min();
    }
}
