using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>The rules of each instrument: its own where it has any, else those for everything. They are of the settings.</summary>
internal sealed class RulesBySymbol<T>(T[] rules)
    where T : struct, IDatedRule
{
    private readonly T[]?[] _chosen = new T[]?[Limits.Instruments + 1];
    private readonly Symbol24[] _chosenFor = new Symbol24[Limits.Instruments + 1];

    /// <summary>The rules of an instrument, chosen once for each name that it has.</summary>
    internal T[] Of(InstrumentId instrument, Symbol24 symbol)
    {
        T[]? chosen = _chosen[instrument.Value];
        if (chosen is null || !MoneyRules.Same(_chosenFor[instrument.Value], symbol))
        {
            chosen = Choose(symbol);
            _chosen[instrument.Value] = chosen;
            _chosenFor[instrument.Value] = symbol;
        }

        return chosen;
    }

    private T[] Choose(Symbol24 symbol)
    {
        List<T> own = [];
        List<T> general = [];
        Symbol24 everything = default;
        foreach (T rule in rules)
        {
            Symbol24 named = rule.Symbol;
            if (MoneyRules.Same(named, symbol))
            {
                own.Add(rule);
            }
            else if (MoneyRules.Same(named, everything))
            {
                general.Add(rule);
            }
        }

        return own.Count != 0 ? [.. own] : [.. general];
    }
}
