using System;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>How the targets of several strategies on one instrument become one.</summary>
public enum ArbitrationPolicy : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The strategy of the best (lowest) priority number that wants a position gets it alone.</summary>
    Priority = 1,

    /// <summary>All targets are added.</summary>
    Net = 2,

    /// <summary>Targets are added by weight.</summary>
    Blend = 3,
}

/// <summary>What arbitration knows of one strategy.</summary>
/// <param name="Priority">1 is best.</param>
/// <param name="WeightE9">Weight x 10^9, used by blend; not negative.</param>
/// <param name="Cooldown">Nanoseconds between two changes of mind on one instrument that add risk.</param>
public sealed record StrategyRule(int Priority, long WeightE9, long Cooldown);

/// <summary>Settings of the arbitration stage, validated at construction.</summary>
public sealed record ArbitrationSettings
{
    /// <summary>1.0 as a weight.</summary>
    public const long WeightOne = 1_000_000_000;

    /// <summary>Creates the settings.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="rules">One for each strategy, in the order of their ids.</param>
    /// <param name="normaliseWeights">Blend: scale the weights to a sum of 1 instead of demanding it.</param>
    /// <exception cref="ArgumentException">A weight is negative, or the weights of a blend do not sum to 1.</exception>
    public ArbitrationSettings(ArbitrationPolicy policy, StrategyRule[] rules, bool normaliseWeights)
    {
        Ensure.That(policy != ArbitrationPolicy.None, "an arbitration policy must be declared");
        Ensure.That(rules.Length <= Limits.Strategies, "more strategies than the limit");
        Policy = policy;
        Rules = policy == ArbitrationPolicy.Blend && rules.Length > 0 ? Weighted(rules, normaliseWeights) : rules;
    }

    /// <summary>The policy.</summary>
    public ArbitrationPolicy Policy { get; }

    /// <summary>One for each strategy, in the order of their ids; the weights of a blend sum to <see cref="WeightOne"/>.</summary>
    public StrategyRule[] Rules { get; }

    /// <summary>How the weights of a blend are learned; null when they are fixed.</summary>
    public WeightLearning? Learning { get; init; }

    /// <summary>What holds entries back; by default nothing does.</summary>
    public GateSettings Gates { get; init; } = new();

    /// <summary>Weights that sum to exactly 1. Where they are scaled to it, a weight of zero stays zero.</summary>
    private static StrategyRule[] Weighted(StrategyRule[] rules, bool normalise)
    {
        long[] given = new long[rules.Length];
        Int128 sum = 0;
        for (int i = 0; i < rules.Length; i++)
        {
            if (rules[i].WeightE9 < 0)
            {
                throw new ArgumentException("weights of a blend must not be negative", nameof(rules));
            }

            given[i] = rules[i].WeightE9;
            sum += given[i];
        }

        if (sum == WeightOne)
        {
            return rules;
        }

        if (!normalise || sum == 0)
        {
            throw new ArgumentException("weights of a blend must sum to exactly 1 (or be normalised)", nameof(rules));
        }

        long[] parts = new long[rules.Length];
        LargestRemainder.Split(WeightOne, given, parts);
        StrategyRule[] scaled = new StrategyRule[rules.Length];
        for (int i = 0; i < rules.Length; i++)
        {
            scaled[i] = rules[i] with { WeightE9 = parts[i] };
        }

        return scaled;
    }
}
