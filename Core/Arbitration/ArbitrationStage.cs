using System;
using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>
/// The second stage: keeps what every strategy wants, reconciles it by the declared policy into one target for each
/// instrument, and states intents for the lanes that changed. Signals that do not shape the portfolio are recorded with
/// the reason.
/// </summary>
public sealed class ArbitrationStage : IStateful
{
    private const int Owners = Limits.Strategies + 1;

    private readonly ArbitrationSettings _settings;
    private readonly MarketView _market;
    private readonly IPositions _positions;
    private readonly LaneTable _lanes;

    // Indexed by instrument * Owners + strategy.
    private readonly Wish[] _wishes = new Wish[(Limits.Instruments + 1) * Owners];

    // Bit s of _timed[i]: the wish of strategy s on instrument i is held or ends some time. Only these are walked.
    private readonly uint[] _timed = new uint[Limits.Instruments + 1];
    private readonly long[] _desired = new long[(Limits.Instruments + 1) * Owners];

    // Indexed by instrument: the combined target and its price bound.
    private readonly long[] _target = new long[Limits.Instruments + 1];
    private long _nextWake = long.MaxValue;

    /// <summary>Creates the stage.</summary>
    /// <param name="settings">The policy.</param>
    /// <param name="market">The market.</param>
    /// <param name="positions">The portfolio's positions.</param>
    /// <param name="lanes">The lanes that others mark.</param>
    public ArbitrationStage(
        ArbitrationSettings settings, MarketView market, IPositions positions, LaneTable lanes)
    {
        _settings = settings;
        _market = market;
        _positions = positions;
        _lanes = lanes;
    }

    /// <summary>
    /// How much of an instrument a strategy is meant to hold by the combined target: fills of the shared lane are
    /// attributed by the distance to it.
    /// </summary>
    /// <param name="strategy">A strategy; the house holds what is left of the combined target.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Quantity units, signed.</returns>
    public long Desired(StrategyId strategy, InstrumentId instrument) => _desired[Index(strategy, instrument)];

    /// <summary>True when the strategy quotes the instrument: its position is its own lane, not part of the shared one.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Whether its last effective wish was a quote.</returns>
    public bool IsQuoting(StrategyId strategy, InstrumentId instrument) =>
        _wishes[Index(strategy, instrument)].Effective.Kind == SignalKind.Quotes;

    /// <summary>Runs the stage on one event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Has the signals; gets suppressions and intents.</param>
    public void OnEvent(in Event e, ref Decision decision)
    {
        for (int i = 0; i < decision.SignalCount; i++)
        {
            Take(decision.Signals[i], ref decision);
        }

        long now = e.ReceivedAt;
        if (now >= _nextWake)
        {
            WakeWishes(now);
        }

        _lanes.Wake(now);

        // Inside a group the book is not whole: what is wanted waits for the group's last event.
        if (_lanes.IsEmpty || !e.EndsGroup)
        {
            return;
        }

        while (decision.IntentCount < Limits.IntentsPerEvent
            && _lanes.TryTake(out InstrumentId instrument, out StrategyId owner))
        {
            StateIntent(instrument, owner, ref decision);
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<Wish>(_wishes);
        visitor.Visit<long>(_desired);
        visitor.Visit<long>(_target);
        visitor.Visit(ref _nextWake);
        Array.Clear(_timed);
        for (int index = 0; index < _wishes.Length; index++)
        {
            _timed[index / Owners] |= _wishes[index].IsTimed ? 1u << (index % Owners) : 0;
        }
    }

    private static int Index(StrategyId strategy, InstrumentId instrument) =>
        (instrument.Value * Owners) + strategy.Value;

    private void Take(in Signal signal, ref Decision decision)
    {
        if (!_market.TryGet(signal.Instrument, out _))
        {
            Suppress(signal, SuppressionReason.UnknownInstrument, StrategyId.House, 0, ref decision);
            return;
        }

        ref Wish wish = ref _wishes[Index(signal.Strategy, signal.Instrument)];
        long now = _market.Now;
        long free = wish.ActedAt + _settings.Rules[signal.Strategy.Value - 1].Cooldown;
        if (wish.ActedAt != 0 && now < free && AddsRisk(signal, wish.Effective))
        {
            // Held back, not lost: the latest wish acts when the cooldown is over, unless a later one replaces it.
            wish.Held = signal;
            wish.HeldUntil = free;
            _timed[signal.Instrument.Value] |= 1u << signal.Strategy.Value;
            _nextWake = Math.Min(_nextWake, free);
            Suppress(signal, SuppressionReason.Cooldown, StrategyId.House, free, ref decision);
            return;
        }

        wish.Held = default;
        bool newLimit = wish.Effective.LimitPrice != signal.LimitPrice;
        bool changed = Accept(signal, now, ref wish);
        Explain(signal, changed, newLimit, ref decision);
    }

    /// <summary>Makes a wish count. Returns true when the combined target changed.</summary>
    private bool Accept(in Signal signal, long now, ref Wish wish)
    {
        bool wasQuoting = wish.Effective.Kind == SignalKind.Quotes;
        bool newLimit = wish.Effective.LimitPrice != signal.LimitPrice;
        wish.Effective = signal;
        wish.ActedAt = now;
        wish.ExpiresAt = signal.Horizon == 0 ? long.MaxValue : now + signal.Horizon;
        _nextWake = Math.Min(_nextWake, wish.ExpiresAt);
        if (signal.Horizon != 0)
        {
            _timed[signal.Instrument.Value] |= 1u << signal.Strategy.Value;
        }

        if (signal.Kind == SignalKind.Quotes)
        {
            _lanes.Mark(signal.Instrument, signal.Strategy);
        }

        if (wasQuoting != (signal.Kind == SignalKind.Quotes))
        {
            // The position moves between its own lane and the shared one; quotes that nobody wants any more have to go.
            _lanes.Mark(signal.Instrument, signal.Strategy);
            _lanes.Mark(signal.Instrument, StrategyId.House);
        }

        // Who wants it counts as much as how much: with another holder other limits may apply.
        bool changed = Combine(signal.Instrument, out bool moved);
        if (changed || moved || newLimit || signal.Kind is SignalKind.TargetWithLimit or SignalKind.Flat)
        {
            _lanes.Mark(signal.Instrument, StrategyId.House);
        }

        return changed;
    }

    /// <summary>Says why an accepted signal did not (alone) shape the target.</summary>
    private void Explain(in Signal signal, bool changed, bool newLimit, ref Decision decision)
    {
        if (signal.Kind == SignalKind.Quotes)
        {
            return;
        }

        StrategyRule rule = _settings.Rules[signal.Strategy.Value - 1];
        StrategyId winner = _settings.Policy == ArbitrationPolicy.Priority
            ? Winner(signal.Instrument)
            : StrategyId.House;
        SuppressionReason reason =
            _settings.Policy == ArbitrationPolicy.Blend && rule.WeightE9 == 0 ? SuppressionReason.ZeroWeight
            : winner != StrategyId.House && winner != signal.Strategy ? SuppressionReason.LowerPriority
            : _target[signal.Instrument.Value] == 0 && signal.Target != 0 ? SuppressionReason.NettedOut
            : changed || newLimit || signal.Kind is SignalKind.TargetWithLimit or SignalKind.Flat ? SuppressionReason.None
            : SuppressionReason.NoChange;
        if (reason != SuppressionReason.None)
        {
            Suppress(
                signal, reason, reason == SuppressionReason.LowerPriority ? winner : StrategyId.House, 0, ref decision);
        }
    }

    /// <summary>
    /// True unless the wish only asks for less: of what is held, or of what it replaces and may not be filled yet.
    /// </summary>
    private bool AddsRisk(in Signal signal, in Signal standing)
    {
        if (signal.Kind == SignalKind.Flat)
        {
            return false;
        }

        if (signal.Kind == SignalKind.Quotes)
        {
            // A standing wish of another kind has no quoted quantity: any quote adds to it.
            return Adds(signal.BidQuantity, standing.BidQuantity, signal.BidPrice > standing.BidPrice)
                || Adds(signal.AskQuantity, standing.AskQuantity, signal.AskPrice < standing.AskPrice);
        }

        long held = _positions.VirtualPosition(signal.Strategy, signal.Instrument);
        return !IsPartOf(signal.Target, held) && !IsPartOf(signal.Target, standing.Target);
    }

    private static bool Adds(long quantity, long standing, bool bolder) =>
        quantity > 0 && (quantity > standing || bolder);

    private static bool IsPartOf(long target, long whole) =>
        target == 0 || (target > 0 ? target <= whole : target >= whole);

    private void WakeWishes(long now)
    {
        long next = long.MaxValue;
        for (int i = 1; i <= _market.Highest; i++)
        {
            for (uint timed = _timed[i]; timed != 0; timed &= timed - 1)
            {
                int s = BitOperations.TrailingZeroCount(timed);
                ref Wish wish = ref _wishes[(i * Owners) + s];
                next = Math.Min(next, Wake(ref wish, now));
                if (!wish.IsTimed)
                {
                    _timed[i] &= ~(1u << s);
                }
            }
        }

        _nextWake = next;
    }

    /// <summary>Lets a held wish act and an expired one end. Returns when it has to be looked at again.</summary>
    private long Wake(ref Wish wish, long now)
    {
        long next = long.MaxValue;
        if (wish.Held.Kind != SignalKind.None)
        {
            if (wish.HeldUntil <= now)
            {
                Signal held = wish.Held;
                wish.Held = default;
                Accept(held, now, ref wish);
            }
            else
            {
                next = wish.HeldUntil;
            }
        }

        if (wish.Effective.Kind == SignalKind.None)
        {
            return next;
        }

        if (wish.ExpiresAt <= now)
        {
            Signal flat = new()
            {
                Strategy = wish.Effective.Strategy,
                Instrument = wish.Effective.Instrument,
                Kind = SignalKind.Flat,
                Confidence = wish.Effective.Confidence,
            };
            Accept(flat, now, ref wish);
            return next;
        }

        return Math.Min(next, wish.ExpiresAt);
    }

    /// <summary>
    /// Reconciles the wishes on an instrument. Returns true when the combined target changed; <paramref name="moved"/>
    /// tells whether anybody's part of it did.
    /// </summary>
    private bool Combine(InstrumentId instrument, out bool moved)
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
            ref readonly Wish wish = ref _wishes[Index(new StrategyId(s), instrument)];
            Int128 part = wish.Effective.Kind is SignalKind.Target or SignalKind.TargetWithLimit
                ? _settings.Policy switch
                {
                    ArbitrationPolicy.Priority => winner.Value == s
                        ? (Int128)wish.Effective.Target * ArbitrationSettings.WeightOne
                        : 0,
                    ArbitrationPolicy.Net => (Int128)wish.Effective.Target * ArbitrationSettings.WeightOne,
                    _ => (Int128)wish.Effective.Target * _settings.Rules[s - 1].WeightE9,
                }
                : 0;
            long desired = (long)(part / ArbitrationSettings.WeightOne);
            ref long before = ref _desired[Index(new StrategyId(s), instrument)];
            moved |= before != desired;
            before = desired;
            sum += part;
            given += desired;
        }

        // Towards zero: rounding never makes a position larger than the wishes.
        long target = market.Definition.RoundToLot((long)(sum / ArbitrationSettings.WeightOne));
        _desired[Index(StrategyId.House, instrument)] = (long)(target - given);
        bool changed = target != _target[instrument.Value];
        _target[instrument.Value] = target;
        return changed;
    }

    /// <summary>The strategy that holds the instrument: total order by priority, confidence, then id.</summary>
    private StrategyId Winner(InstrumentId instrument)
    {
        ushort best = 0;
        for (ushort s = 1; s <= _settings.Rules.Length; s++)
        {
            ref readonly Signal wish = ref _wishes[Index(new StrategyId(s), instrument)].Effective;
            if (wish.Kind is not (SignalKind.Target or SignalKind.TargetWithLimit) || wish.Target == 0)
            {
                continue;
            }

            if (best == 0 || Before(s, wish, best, _wishes[Index(new StrategyId(best), instrument)].Effective))
            {
                best = s;
            }
        }

        return new StrategyId(best);
    }

    private bool Before(ushort a, in Signal wishA, ushort b, in Signal wishB)
    {
        int priorityA = _settings.Rules[a - 1].Priority;
        int priorityB = _settings.Rules[b - 1].Priority;
        return priorityA != priorityB ? priorityA < priorityB
            : wishA.Confidence != wishB.Confidence ? wishA.Confidence > wishB.Confidence
            : a < b;
    }

    private void StateIntent(InstrumentId instrument, StrategyId owner, ref Decision decision)
    {
        ref Intent intent = ref decision.Intents[decision.IntentCount++];
        intent = default;
        intent.Instrument = instrument;
        intent.Owner = owner;
        intent.Cause = CauseOf(instrument, owner, decision);
        if (owner != StrategyId.House)
        {
            intent.Kind = IntentKind.Quotes;
            intent.Contributors = (ushort)(1 << (owner.Value - 1));
            intent.LanePosition = _positions.VirtualPosition(owner, instrument);
            ref readonly Signal quotes = ref _wishes[Index(owner, instrument)].Effective;
            if (quotes.Kind == SignalKind.Quotes)
            {
                SetQuotes(instrument, quotes, ref intent);
            }

            return;
        }

        intent.Kind = IntentKind.Target;
        intent.Target = _target[instrument.Value];
        long position = _positions.VenuePosition(instrument);
        for (ushort s = 1; s <= _settings.Rules.Length; s++)
        {
            if (IsQuoting(new StrategyId(s), instrument))
            {
                position -= _positions.VirtualPosition(new StrategyId(s), instrument);
            }
        }

        intent.LanePosition = position;
        SetLimit(instrument, ref intent);
    }

    /// <summary>Quotes in whole lots and ticks: never larger than wished, never at a bolder price.</summary>
    private void SetQuotes(InstrumentId instrument, in Signal quotes, ref Intent intent)
    {
        if (!_market.TryGet(instrument, out InstrumentMarket? market))
        {
            return;
        }

        Instrument rules = market.Definition;
        intent.BidPrice = rules.RoundToTickPassive(quotes.BidPrice, Side.Buy);
        intent.BidQuantity = rules.RoundToLot(quotes.BidQuantity);
        intent.AskPrice = rules.RoundToTickPassive(quotes.AskPrice, Side.Sell);
        intent.AskQuantity = rules.RoundToLot(quotes.AskQuantity);
    }

    /// <summary>The tightest limit of the strategies that pull in the direction of the whole.</summary>
    private void SetLimit(InstrumentId instrument, ref Intent intent)
    {
        int direction = Math.Sign(intent.Target - intent.LanePosition);
        for (ushort s = 1; s <= _settings.Rules.Length; s++)
        {
            StrategyId strategy = new(s);
            ref readonly Signal wish = ref _wishes[Index(strategy, instrument)].Effective;
            long gap = Desired(strategy, instrument) - _positions.VirtualPosition(strategy, instrument);
            if (wish.Kind is SignalKind.None or SignalKind.Quotes || direction == 0 || Math.Sign(gap) != direction)
            {
                continue;
            }

            intent.Contributors |= (ushort)(1 << (s - 1));
            if (wish.Kind != SignalKind.TargetWithLimit)
            {
                continue;
            }

            intent.LimitPrice = intent.LimitPrice == 0 ? wish.LimitPrice
                : direction > 0 ? Math.Min(intent.LimitPrice, wish.LimitPrice)
                : Math.Max(intent.LimitPrice, wish.LimitPrice);
        }
    }

    private static IntentCause CauseOf(InstrumentId instrument, StrategyId owner, in Decision decision)
    {
        for (int i = 0; i < decision.SignalCount; i++)
        {
            ref readonly Signal signal = ref decision.Signals[i];
            if (signal.Instrument == instrument && (owner == StrategyId.House || signal.Strategy == owner))
            {
                return IntentCause.Signal;
            }
        }

        return IntentCause.Reassert;
    }

    private static void Suppress(
        in Signal signal, SuppressionReason reason, StrategyId winner, long until, ref Decision decision)
    {
        // As many suppressions as signals fit: one signal is suppressed at most once.
        decision.Suppressions[decision.SuppressionCount++] = new Suppression
        {
            Strategy = signal.Strategy,
            Instrument = signal.Instrument,
            Kind = signal.Kind,
            Reason = reason,
            Winner = winner,
            Target = signal.Target,
            Until = until,
        };
    }

    /// <summary>What one strategy wants of one instrument.</summary>
    private struct Wish
    {
        /// <summary>What counts now.</summary>
        public Signal Effective;

        /// <summary>What counts when the cooldown is over.</summary>
        public Signal Held;

        /// <summary>ReceivedAt of the last change of <see cref="Effective"/>; 0 for never.</summary>
        public long ActedAt;

        /// <summary>ReceivedAt at which <see cref="Effective"/> becomes flat.</summary>
        public long ExpiresAt;

        /// <summary>ReceivedAt at which <see cref="Held"/> becomes effective.</summary>
        public long HeldUntil;

        /// <summary>True when time alone will change it.</summary>
        public readonly bool IsTimed =>
            Held.Kind != SignalKind.None || (Effective.Kind != SignalKind.None && ExpiresAt != long.MaxValue);
    }
}
