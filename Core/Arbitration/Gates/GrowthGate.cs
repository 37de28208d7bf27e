using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration.Gates;

/// <summary>How the size of a strategy grows. Money is in money units of an instrument's currency.</summary>
/// <param name="Start">Largest value of each of its positions at first; positive.</param>
/// <param name="Step">What is added after trades that won in sum; positive.</param>
/// <param name="Most">Where it ends; not below the start.</param>
/// <param name="EveryTrades">Closed trades after which the size is looked at; positive.</param>
public sealed record GrowthRule(long Start, long Step, long Most, int EveryTrades)
{
    /// <summary>Steps from the start to the end.</summary>
    internal int Steps => (int)Math.Min(int.MaxValue, (Most - Start + Step - 1) / Step);

    /// <summary>The largest value at a level.</summary>
    internal long At(int level) => level >= Steps ? Most : Start + (Step * level);
}

/// <summary>
/// Sizes that grow by rule: a strategy begins small, takes a step after so many closed trades that won in sum, and begins
/// anew after so many that did not. Values become quantities when a wish is taken and when a step is, so that a price that
/// moves does not move the size. What is held is never cut back.
/// </summary>
internal sealed class GrowthGate : IStateful
{
    private readonly GrowthRule?[] _rules;
    private readonly int[] _level = new int[Limits.Strategies + 1];
    private readonly (long Closed, long Profit)[] _seen = new (long, long)[Limits.Strategies + 1];

    // Largest position, quantity units; 0 while there is no price to tell it.
    private readonly long[] _most = new long[WishTable.Lanes];

    internal GrowthGate(GrowthRule?[] rules)
    {
        foreach (GrowthRule? rule in rules)
        {
            Ensure.That(
                rule is null || (rule.Start > 0 && rule.Step > 0 && rule.Most >= rule.Start && rule.EveryTrades > 0),
                "a size that cannot grow");
        }

        _rules = rules;
        HasRules = Array.Exists(rules, rule => rule is not null);
    }

    /// <summary>True when any strategy's size grows.</summary>
    internal bool HasRules { get; }

    /// <summary>The largest position of a strategy, quantity units; the largest number without a rule.</summary>
    internal long Most(StrategyId strategy, InstrumentId instrument) =>
        RuleOf(strategy) is null ? long.MaxValue : _most[WishTable.Index(strategy, instrument)];

    /// <summary>A wish is taken: its size is told by the price of now.</summary>
    internal void Follow(StrategyId strategy, InstrumentMarket market)
    {
        if (RuleOf(strategy) is { } rule)
        {
            ref long most = ref _most[WishTable.Index(strategy, market.Definition.Id)];
            most = QuantityOf(market, rule.At(_level[strategy.Value]));
        }
    }

    /// <summary>Tells a size that could not be told for want of a price.</summary>
    internal void Complete(StrategyId strategy, InstrumentMarket market)
    {
        if (Most(strategy, market.Definition.Id) == 0)
        {
            Follow(strategy, market);
        }
    }

    /// <summary>Old shares became new ones: the size is one of new shares.</summary>
    internal void Split(StrategyId strategy, in Instrument rules, in ShareRatio ratio)
    {
        ref long most = ref _most[WishTable.Index(strategy, rules.Id)];
        most = rules.RoundToLot(ratio.Quantity(most));
    }

    /// <summary>Looks at the trades that have closed.</summary>
    /// <param name="positions">Who knows them.</param>
    /// <param name="market">Prices.</param>
    /// <returns>True when a size changed.</returns>
    internal bool Advance(IPositions positions, MarketView market)
    {
        bool changed = false;
        for (ushort s = 1; s <= _rules.Length; s++)
        {
            StrategyId strategy = new(s);
            if (RuleOf(strategy) is not { } rule)
            {
                continue;
            }

            (long closed, long profit) = positions.Record(strategy);
            if (closed - _seen[s].Closed < rule.EveryTrades)
            {
                continue;
            }

            int before = _level[s];
            _level[s] = profit > _seen[s].Profit ? Math.Min(before + 1, rule.Steps) : 0;
            _seen[s] = (closed, profit);
            changed |= _level[s] != before;
            for (ushort i = 1; _level[s] != before && i <= market.Highest; i++)
            {
                if (market.TryGet(new InstrumentId(i), out InstrumentMarket? its))
                {
                    Follow(strategy, its);
                }
            }
        }

        return changed;
    }

    /// <summary>What of a wanted position is within the size, or held already. Both in the same units, times 10^9.</summary>
    internal Int128 Cut(StrategyId strategy, InstrumentId instrument, Int128 wanted, Int128 held)
    {
        if (RuleOf(strategy) is null)
        {
            return wanted;
        }

        Int128 most = (Int128)_most[WishTable.Index(strategy, instrument)] * ArbitrationSettings.WeightOne;
        return wanted > 0
            ? Int128.Min(wanted, Int128.Max(most, held))
            : Int128.Max(wanted, Int128.Min(-most, held));
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<int>(_level);
        visitor.Visit<(long, long)>(_seen);
        visitor.Visit<long>(_most);
    }

    private GrowthRule? RuleOf(StrategyId strategy) =>
        strategy.Value >= 1 && strategy.Value <= _rules.Length ? _rules[strategy.Value - 1] : null;

    private static long QuantityOf(InstrumentMarket market, long value)
    {
        if (!market.TryReferencePrice(out long price) || price <= 0)
        {
            return 0;
        }

        ref readonly Instrument rules = ref market.Definition;
        long lot = Math.Max(1, rules.Notional(price, rules.Lot));
        return (long)Int128.Min((Int128)value / lot * rules.Lot, long.MaxValue / 2);
    }
}
