using System.Collections.Generic;
using System.Numerics;
using System.Text.Json;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Results;

/// <summary>What the weight of a strategy on an instrument was learned to be.</summary>
internal sealed record LearnedWeight(string Symbol, string Strategy, long WeightE9, long Rounds);

/// <summary>What the barrier gate did; an input that never varied makes it blind.</summary>
internal sealed record BarrierResult(long Asked, long Missing, long HeldBack, IReadOnlyList<int> NeverVaried);

/// <summary>What arbitration learned and held back.</summary>
internal sealed record ArbitrationResult(IReadOnlyList<LearnedWeight> Weights, BarrierResult? Barrier)
{
    internal static ArbitrationResult Of(DecisionPipeline pipeline, IReadOnlyList<string> strategies)
    {
        List<LearnedWeight> weights = [];
        ArbitrationStage arbitration = pipeline.Arbitration;
        for (ushort i = 1; i <= pipeline.Market.Highest; i++)
        {
            InstrumentId id = new(i);
            if (!pipeline.Market.TryGet(id, out InstrumentMarket? market) || arbitration.LearnedRounds(id) == 0)
            {
                continue;
            }

            for (ushort s = 1; s <= strategies.Count; s++)
            {
                weights.Add(new LearnedWeight(
                    market.Symbol.ToString(),
                    strategies[s - 1],
                    arbitration.WeightE9(new StrategyId(s), id),
                    arbitration.LearnedRounds(id)));
            }
        }

        return new ArbitrationResult(weights, arbitration.Barrier is { } barrier ? Of(barrier) : null);
    }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("learnedWeights");
        foreach (LearnedWeight weight in Weights)
        {
            writer.WriteStartObject();
            writer.WriteString("instrument", weight.Symbol);
            writer.WriteString("strategy", weight.Strategy);
            writer.WriteString("weight", DecimalText.ToText(weight.WeightE9, 9));
            writer.WriteNumber("rounds", weight.Rounds);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (Barrier is null)
        {
            return;
        }

        writer.WriteStartObject("barrierGate");
        writer.WriteNumber("asked", Barrier.Asked);
        writer.WriteNumber("inputMissing", Barrier.Missing);
        writer.WriteNumber("heldBack", Barrier.HeldBack);
        writer.WriteStartArray("inputsThatNeverVaried");
        foreach (int input in Barrier.NeverVaried)
        {
            writer.WriteNumberValue(input);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static BarrierResult Of(BarrierGate barrier)
    {
        List<int> stuck = [];
        for (uint left = barrier.NeverVaried; left != 0; left &= left - 1)
        {
            stuck.Add(BitOperations.TrailingZeroCount(left));
        }

        return new BarrierResult(barrier.Asked, barrier.Missing, barrier.HeldBack, stuck);
    }
}
