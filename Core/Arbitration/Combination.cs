using System;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>Reconciles the wishes on an instrument into one target by the declared policy.</summary>
internal sealed class Combination : IStateful
{
    private readonly ArbitrationSettings _settings;
    private readonly MarketView _market;
    private readonly IPositions _positions;
    private readonly WishTable _wishes;
    private readonly EntryGates _gates;
    private readonly WeightLearner? _learner;
    private readonly MutedWishes _muted;
    private readonly StyleChoice _choice;
    private readonly long[] _desired = new long[WishTable.Lanes];
    private readonly long[] _target = new long[Limits.Instruments + 1];

    internal Combination(
        ArbitrationSettings settings,
        MarketView market,
        IPositions positions,
        WishTable wishes,
        EntryGates gates,
        WeightLearner? learner,
        MutedWishes muted,
        StyleChoice choice)
    {
        _choice = choice;
        _settings = settings;
        _market = market;
        _positions = positions;
        _wishes = wishes;
        _gates = gates;
        _learner = learner;
        _muted = muted;
    }

    internal int Strategies => _settings.Rules.Length;

    /// <summary>Grows with every reconciliation; a restored table counts as one. Not part of the state.</summary>
    internal long Changes { get; private set; }

    /// <summary>The combined target of an instrument, quantity units, signed, in whole lots.</summary>
    internal long Target(InstrumentId instrument) => _target[instrument.Value];

    /// <summary>A strategy's part of it; the house holds what is left by rounding.</summary>
    internal long Desired(StrategyId strategy, InstrumentId instrument) =>
        _desired[WishTable.Index(strategy, instrument)];

    /// <summary>True when a strategy's position is its own lane. Near the close nobody quotes: all have to be flat.</summary>
    internal bool IsQuoting(StrategyId strategy, InstrumentId instrument) =>
        _wishes[strategy, instrument].Effective.Kind == SignalKind.Quotes
        && _gates.Session.Phase(instrument) != SessionPhase.Flat
        && !_muted.Has(strategy, instrument);

    /// <summary>How far a strategy is from its part of the target; nothing for one that quotes, or that never said anything.</summary>
    internal long Lacks(StrategyId strategy, InstrumentId instrument)
    {
        long gap = Desired(strategy, instrument) - _positions.VirtualPosition(strategy, instrument);
        if (gap == 0 || strategy == StrategyId.House || _muted.Has(strategy, instrument))
        {
            return gap;
        }

        return _wishes[strategy, instrument].Effective.Kind == SignalKind.None || IsQuoting(strategy, instrument) ? 0 : gap;
    }

    /// <summary>True when a price is within a strategy's limit. Who is taken out has none.</summary>
    internal bool Allows(StrategyId strategy, InstrumentId instrument, long change, long price)
    {
        ref readonly Signal wish = ref _wishes[strategy, instrument].Effective;
        return wish.Kind != SignalKind.TargetWithLimit
            || _muted.Has(strategy, instrument)
            || (change > 0 ? price <= wish.LimitPrice : price >= wish.LimitPrice);
    }

    /// <summary>A strategy's weight under blend, x 10^9.</summary>
    internal long WeightE9(StrategyId strategy, InstrumentId instrument) =>
        _learner is null ? _settings.Rules[strategy.Value - 1].WeightE9 : _learner.WeightE9(strategy, instrument);

    /// <summary>
    /// Reconciles the wishes. Returns true when the combined target changed; <paramref name="moved"/> tells whether
    /// anybody's part of it did.
    /// </summary>
    internal bool Combine(InstrumentId instrument, out bool moved)
    {
        moved = false;
        if (!_market.TryGet(instrument, out InstrumentMarket? market))
        {
            return false;
        }

        StrategyId winner = _settings.Policy == ArbitrationPolicy.Priority ? Winner(instrument) : StrategyId.House;
        Int128 sum = 0;
        Int128 given = 0;
        for (ushort s = 1; s <= _settings.Rules.Length; s++)
        {
            StrategyId strategy = new(s);
            _gates.Growth.Complete(strategy, market);
            Int128 part = _settings.Policy switch
            {
                ArbitrationPolicy.Priority => winner == strategy ? Part(strategy, instrument, ArbitrationSettings.WeightOne) : 0,
                ArbitrationPolicy.Net => Part(strategy, instrument, ArbitrationSettings.WeightOne),
                _ => Part(strategy, instrument, WeightE9(strategy, instrument)),
            };
            long desired = (long)(part / ArbitrationSettings.WeightOne);
            ref long before = ref _desired[WishTable.Index(strategy, instrument)];
            moved |= before != desired;
            before = desired;
            sum += part;
            given += desired;
        }

        // Towards zero: rounding never makes a position larger than the wishes.
        long target = market.Definition.RoundToLot((long)(sum / ArbitrationSettings.WeightOne));
        _desired[WishTable.Index(StrategyId.House, instrument)] = (long)(target - given);
        Changes++;
        bool changed = target != _target[instrument.Value];
        _target[instrument.Value] = target;
        return changed;
    }

    /// <summary>The strategy that holds the instrument: total order by priority, confidence, then id.</summary>
    internal StrategyId Winner(InstrumentId instrument)
    {
        StrategyId best = StrategyId.House;
        for (ushort s = 1; s <= _settings.Rules.Length; s++)
        {
            StrategyId strategy = new(s);

            // Who is held back wants nothing yet: the instrument is the next one's until then.
            if (Part(strategy, instrument, ArbitrationSettings.WeightOne) == 0)
            {
                continue;
            }

            if (best == StrategyId.House || Before(strategy, best, instrument))
            {
                best = strategy;
            }
        }

        return best;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        Changes++;
        visitor.Visit<long>(_desired);
        visitor.Visit<long>(_target);
    }

    /// <summary>What of a wish counts, times 10^9: weighed, and cut back to what is held where a gate is shut.</summary>
    private Int128 Part(StrategyId strategy, InstrumentId instrument, long weightE9)
    {
        ref readonly Wish wish = ref _wishes[strategy, instrument];
        if (!wish.IsTarget
            || _gates.Session.Phase(instrument) == SessionPhase.Flat
            || _muted.Has(strategy, instrument))
        {
            return 0;
        }

        Int128 wanted = (Int128)wish.Effective.Target * weightE9;
        if (_muted.On(instrument) != 0
            && (wish.Effective.Kind == SignalKind.TargetWithLimit || _choice.MayWait(strategy, instrument)))
        {
            wanted = LetExitPass(strategy, instrument, wanted);
        }

        Int128 held = (Int128)_positions.VirtualPosition(strategy, instrument) * ArbitrationSettings.WeightOne;
        wanted = _gates.Growth.Cut(strategy, instrument, wanted, held);
        EntrySides blocked = _gates.Blocked(instrument, wish, _choice.IsExtended(wish.Effective));
        return blocked == EntrySides.None ? wanted : Entries.Clamp(wanted, held, blocked);
    }

    /// <summary>
    /// A protective exit trades at the market. A wish with a limit, or a style that takes its time, that pulls the same way
    /// waits until it is done: it must not hold up the exit, nor the exit trade through its limit or ahead of its time.
    /// </summary>
    private Int128 LetExitPass(StrategyId strategy, InstrumentId instrument, Int128 wanted)
    {
        Int128 exit = 0;
        for (ushort s = 1; s <= _settings.Rules.Length; s++)
        {
            StrategyId other = new(s);
            exit -= _muted.Has(other, instrument) ? _positions.VirtualPosition(other, instrument) : 0;
        }

        Int128 held = (Int128)_positions.VirtualPosition(strategy, instrument) * ArbitrationSettings.WeightOne;
        return exit != 0 && Int128.Sign(wanted - held) == Int128.Sign(exit) ? held : wanted;
    }

    private bool Before(StrategyId a, StrategyId b, InstrumentId instrument)
    {
        int priorityA = _settings.Rules[a.Value - 1].Priority;
        int priorityB = _settings.Rules[b.Value - 1].Priority;
        int confidenceA = _wishes[a, instrument].Effective.Confidence;
        int confidenceB = _wishes[b, instrument].Effective.Confidence;
        return priorityA != priorityB ? priorityA < priorityB
            : confidenceA != confidenceB ? confidenceA > confidenceB
            : a.Value < b.Value;
    }
}
