using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Tests.Core.Market;

namespace LowLatency.Tests.Core.Arbitration;

/// <summary>The arbitration stage alone, fed with signals in any order.</summary>
internal sealed class ArbitrationBench
{
    private readonly MarketView _market = new([], 0);
    private readonly ArbitrationStage _stage;

    internal ArbitrationBench(ArbitrationPolicy policy, StrategyRule[] rules)
    {
        _market.Apply(Make.Definition(1, 1));
        _stage = new ArbitrationStage(
            new ArbitrationSettings(policy, Weighted(rules), normaliseWeights: true),
            _market,
            new PortfolioLedger(_market),
            new LaneTable());
    }

    /// <summary>Runs the stage on an event with these signals.</summary>
    /// <returns>The combined target of instrument 1; 0 when no intent was stated.</returns>
    internal long Run(ref Decision decision)
    {
        _stage.OnEvent(Make.Tick(2), ref decision);
        return decision.IntentCount == 0 ? 0 : decision.Intents[0].Target;
    }

    private static StrategyRule[] Weighted(StrategyRule[] rules)
    {
        StrategyRule[] weighted = (StrategyRule[])rules.Clone();
        for (int i = 0; i < weighted.Length; i++)
        {
            weighted[i] = weighted[i] with { WeightE9 = 3 + i };
        }

        return weighted;
    }
}
