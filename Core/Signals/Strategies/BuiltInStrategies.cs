using LowLatency.Core.Determinism;
using LowLatency.Core.Signals.Rules;

namespace LowLatency.Core.Signals.Strategies;

/// <summary>The strategies that come with the engine.</summary>
public static class BuiltInStrategies
{
    /// <summary>Their types and parameters.</summary>
    public static StrategyCatalogue Catalogue { get; } =
        new(EmaCross.Schema, Imbalance.Schema, MarketMaker.Schema, RuleStrategy.Schema);

    /// <summary>Makes a strategy of a type of the catalogue; any other type stops the engine.</summary>
    /// <param name="parameters">Its parameters; their schema names the type.</param>
    /// <returns>A new strategy.</returns>
    public static Strategy Create(StrategyParameters parameters)
    {
        switch (parameters.Schema.Type)
        {
            case "ema-cross":
                return new EmaCross(parameters);
            case "imbalance":
                return new Imbalance(parameters);
            case "market-maker":
                return new MarketMaker(parameters);
            case "rules":
                return new RuleStrategy(parameters);
            default:
                Ensure.Break("a strategy type that is not in the catalogue");
                return null;
        }
    }
}
