using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration.Weights;

/// <summary>
/// Learns the weights of a blend from what the strategies' virtual positions won and lost: facts of the journal alone.
/// A round is a declared stretch of event time. The reward of the drawn strategy is the change of its cash and marked
/// positions, divided by its weight (which made its position that much smaller) and by the declared unit, cut to -1..1;
/// its loss is (1 - reward) / 2.
/// </summary>
/// <remarks>
/// A round in which nobody's value changed teaches nothing and is not counted; neither is an instrument of which a
/// position could not be marked at both ends.
/// </remarks>
internal sealed class WeightLearner : IStateful
{
    private const long Unknown = long.MinValue;

    private readonly WeightLearning _settings;
    private readonly int _strategies;
    private readonly MarketView _market;
    private readonly IPositions _positions;

    // One for all instruments, or one for each.
    private readonly Exp3Ix[] _learners;
    private readonly long[] _weights;
    private readonly long[] _values = new long[WishTable.Lanes];
    private long _nextRound = long.MinValue;

    internal WeightLearner(WeightLearning settings, int strategies, MarketView market, IPositions positions)
    {
        Ensure.That(settings.Scope != LearningScope.None, "the scope of learned weights must be declared");
        Ensure.That(settings.Interval > 0 && settings.RewardUnit > 0, "a round and its unit must be positive");
        Ensure.That(strategies >= 1, "weights are learned of strategies");
        _settings = settings;
        _strategies = strategies;
        _market = market;
        _positions = positions;
        _learners = new Exp3Ix[settings.Scope == LearningScope.Global ? 1 : Limits.Instruments];
        _weights = new long[_learners.Length * strategies];
        for (int i = 0; i < _learners.Length; i++)
        {
            _learners[i] = new Exp3Ix(
                strategies,
                (double)settings.FloorE9 / ArbitrationSettings.WeightOne,
                settings.Schedule,
                (double)settings.EtaE9 / ArbitrationSettings.WeightOne,
                settings.Seed + (ulong)i);
            Quantise(i);
        }
    }

    /// <summary>A strategy's weight, x 10^9.</summary>
    internal long WeightE9(StrategyId strategy, InstrumentId instrument) =>
        Weights(ScopeOf(instrument.Value))[strategy.Value - 1];

    /// <summary>Rounds learned in the scope of an instrument.</summary>
    internal long Rounds(InstrumentId instrument) => _learners[ScopeOf(instrument.Value)].Round - 1;

    /// <summary>Ends the round when its time is over.</summary>
    /// <param name="now">ReceivedAt of the event; market and portfolio are folded.</param>
    /// <returns>True when weights changed.</returns>
    internal bool Advance(long now)
    {
        if (now < _nextRound)
        {
            return false;
        }

        _nextRound = ((now / _settings.Interval) + 1) * _settings.Interval;
        Span<double> rewards = stackalloc double[Limits.Instruments];
        rewards.Clear();
        ulong taught = 0;
        for (ushort i = 1; i <= _market.Highest; i++)
        {
            InstrumentId instrument = new(i);
            int scope = ScopeOf(i);
            for (ushort s = 1; s <= _strategies; s++)
            {
                StrategyId strategy = new(s);
                long value = Value(strategy, instrument);
                ref long before = ref _values[WishTable.Index(strategy, instrument)];
                if (value != Unknown && before != Unknown && value != before)
                {
                    taught |= 1UL << scope;
                    if (_learners[scope].Drawn == s - 1)
                    {
                        rewards[scope] += (double)(value - before) / _settings.RewardUnit;
                    }
                }

                before = value;
            }
        }

        for (int scope = 0; scope < _learners.Length; scope++)
        {
            if ((taught & (1UL << scope)) != 0)
            {
                Learn(scope, rewards[scope]);
            }
        }

        return taught != 0;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        for (int i = 0; i < _learners.Length; i++)
        {
            _learners[i].Visit(visitor);
        }

        visitor.Visit<long>(_weights);
        visitor.Visit<long>(_values);
        visitor.Visit(ref _nextRound);
    }

    private int ScopeOf(ushort instrument) => _learners.Length == 1 ? 0 : instrument - 1;

    private Span<long> Weights(int scope) => _weights.AsSpan(scope * _strategies, _strategies);

    private void Learn(int scope, double reward)
    {
        Exp3Ix learner = _learners[scope];
        double weight = (double)Math.Max(Weights(scope)[learner.Drawn], 1) / ArbitrationSettings.WeightOne;
        double full = Math.Clamp(reward / weight, -1.0, 1.0);
        learner.Learn((1.0 - full) / 2.0);
        Quantise(scope);
    }

    private void Quantise(int scope) => Simplex.Quantise(_learners[scope].Shares, _settings.FloorE9, Weights(scope));

    /// <summary>Cash flow plus the marked position; unknown where a position has no price.</summary>
    private long Value(StrategyId strategy, InstrumentId instrument)
    {
        long quantity = _positions.VirtualPosition(strategy, instrument);
        long cash = _positions.VirtualCashFlow(strategy, instrument);
        return quantity == 0 ? cash
            : _market.TryGet(instrument, out InstrumentMarket? market) && market.TryReferencePrice(out long price)
                ? cash + market.Definition.Value(price, quantity)
            : Unknown;
    }
}
