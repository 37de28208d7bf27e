using System;
using System.Numerics;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>
/// The second stage: keeps what every strategy wants, lets gates hold back what adds, reconciles the rest by the declared
/// policy into one target for each instrument, and states intents for the lanes that changed. Signals that do not shape
/// the portfolio are recorded with the reason.
/// </summary>
public sealed class ArbitrationStage : IStateful
{
    private readonly ArbitrationSettings _settings;
    private readonly MarketView _market;
    private readonly IPositions _positions;
    private readonly LaneTable _lanes;
    private readonly WishTable _wishes = new();
    private readonly EntryGates _gates;
    private readonly WeightLearner? _learner;
    private readonly Combination _combination;
    private readonly StyleChoice _choice;
    private readonly IntentWriter _intents;
    private readonly Protections? _protections;
    private long _nextWake = long.MaxValue;

    /// <summary>Creates the stage.</summary>
    /// <param name="settings">The policy.</param>
    /// <param name="market">The market.</param>
    /// <param name="positions">The portfolio's positions.</param>
    /// <param name="lanes">The lanes that others mark.</param>
    /// <param name="styles">The ways to work orders; null for the built-in ones.</param>
    /// <param name="protections">The stops that are to rest at the venue; null for none.</param>
    public ArbitrationStage(
        ArbitrationSettings settings,
        MarketView market,
        IPositions positions,
        LaneTable lanes,
        ExecutionStyles? styles = null,
        Protections? protections = null)
    {
        _protections = protections;
        Ensure.That(
            settings.Learning is null || settings.Policy == ArbitrationPolicy.Blend, "only a blend has weights to learn");
        _settings = settings;
        _market = market;
        _positions = positions;
        _lanes = lanes;
        Muted = new MutedWishes(settings.Rules.Length);
        _choice = new StyleChoice(styles ?? ExecutionStyles.BuiltIn, market, _wishes, Muted);
        _gates = new EntryGates(settings.Gates);
        _learner = settings.Learning is { } learning
            ? new WeightLearner(learning, settings.Rules.Length, market, positions)
            : null;
        _combination = new Combination(settings, market, positions, _wishes, _gates, _learner, Muted, _choice);
        _intents = new IntentWriter(market, positions, _wishes, _gates, _combination, Muted, _choice);
    }

    /// <summary>Whom risk has taken out of which instrument.</summary>
    public MutedWishes Muted { get; }

    /// <summary>The stops and targets of standing wishes.</summary>
    public Brackets Brackets { get; } = new();

    /// <summary>What the strategies asked the shared lanes for.</summary>
    public IntentShares Shares => _intents.Shares;

    /// <summary>The barrier gate; null when there is none.</summary>
    public BarrierGate? Barrier => _gates.Barrier;

    /// <summary>
    /// How much of an instrument a strategy is meant to hold by the combined target: fills of the shared lane are
    /// attributed by the distance to it.
    /// </summary>
    /// <param name="strategy">A strategy; the house holds what is left of the combined target.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Quantity units, signed.</returns>
    public long Desired(StrategyId strategy, InstrumentId instrument) => _combination.Desired(strategy, instrument);

    /// <summary>Grows whenever somebody is meant to hold something else. Not part of the state.</summary>
    internal long Changes => _combination.Changes;

    /// <summary>Strategies there are.</summary>
    public int Strategies => _settings.Rules.Length;

    /// <summary>How far a strategy is from what it is meant to hold of the shared lane.</summary>
    /// <param name="strategy">A strategy or the house.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Quantity units, positive to buy; 0 for one that quotes (its position is its own lane) or said nothing.</returns>
    public long Lacks(StrategyId strategy, InstrumentId instrument) => _combination.Lacks(strategy, instrument);

    /// <summary>True when a strategy's standing wish may be filled at a price.</summary>
    /// <param name="strategy">A strategy, not the house.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="change">What it would get, quantity units, signed.</param>
    /// <param name="price">Price units.</param>
    /// <returns>False beyond its limit.</returns>
    public bool Allows(StrategyId strategy, InstrumentId instrument, long change, long price) =>
        _combination.Allows(strategy, instrument, change, price);

    /// <summary>True when time alone changes a wish, or what counts of it, at the current event.</summary>
    /// <param name="now">ReceivedAt.</param>
    /// <returns>Whether what stands is about to change.</returns>
    public bool IsDue(long now) => now >= _nextWake || _gates.Session.IsDue(now);

    /// <summary>True when the strategy quotes the instrument: its position is its own lane, not part of the shared one.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Whether its last effective wish was a quote.</returns>
    public bool IsQuoting(StrategyId strategy, InstrumentId instrument) => _combination.IsQuoting(strategy, instrument);

    /// <summary>A strategy's weight under the blend policy.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Weight x 10^9, fixed or as learned until now.</returns>
    public long WeightE9(StrategyId strategy, InstrumentId instrument) => _combination.WeightE9(strategy, instrument);

    /// <summary>Rounds that the weights of an instrument have learned from; 0 when they are fixed.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>The number of rounds.</returns>
    public long LearnedRounds(InstrumentId instrument) => _learner?.Rounds(instrument) ?? 0;

    /// <summary>Runs the stage on one event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Has the signals; gets suppressions and intents.</param>
    public void OnEvent(in Event e, ref Decision decision)
    {
        long now = e.ReceivedAt;
        RecordCrossings(ref decision);
        if (e.Kind == EventKind.InstrumentDefined)
        {
            _gates.Session.Define(e.Instrument, e.InstrumentDefined.Symbol);
        }

        if (_gates.Session.IsDue(now))
        {
            FollowSessions(now);
        }

        if (Muted.HasChanged)
        {
            FollowMutes();
        }

        bool reweighed = _learner is not null && _learner.Advance(now);
        if ((_gates.Growth.HasRules && _gates.Growth.Advance(_positions, _market)) || reweighed)
        {
            Reweigh();
        }

        for (int i = 0; i < decision.SignalCount; i++)
        {
            Take(decision.Signals[i], ref decision);
        }

        if (now >= _nextWake)
        {
            WakeWishes(now);
        }

        _lanes.Wake(now);
        _protections?.Wake(now);

        // Inside a group the book is not whole: what is wanted waits for the group's last event.
        if (!e.EndsGroup)
        {
            return;
        }

        while (decision.IntentCount < Limits.IntentsPerEvent
            && _lanes.TryTake(out InstrumentId instrument, out StrategyId owner))
        {
            _intents.State(instrument, owner, ref decision);
        }

        // After the lanes: a stop may have to give way to what one of them closes.
        while (decision.IntentCount < Limits.IntentsPerEvent
            && _protections is not null
            && _protections.TryTake(out InstrumentId position))
        {
            IntentWriter.State(position, _positions.VenuePosition(position), _protections, now, ref decision);
        }
    }

    /// <summary>Who is meant to hold what is reckoned anew: somebody was taken out, and a fill that did it is to be shared.</summary>
    /// <param name="instrument">A valid instrument.</param>
    internal void Recombine(InstrumentId instrument) => _combination.Combine(instrument, out _);

    /// <summary>
    /// Old shares became new ones: every wish means as much as before. No lane is stated for it: who had what he wanted has it.
    /// </summary>
    /// <param name="rules">The instrument.</param>
    /// <param name="ratio">New for old shares.</param>
    /// <param name="before">What each strategy held, by its number.</param>
    public void Split(in Instrument rules, in ShareRatio ratio, ReadOnlySpan<long> before)
    {
        for (ushort s = 0; s <= _settings.Rules.Length; s++)
        {
            StrategyId strategy = new(s);
            ref Wish wish = ref _wishes[strategy, rules.Id];
            long after = _positions.VirtualPosition(strategy, rules.Id);
            wish.Effective = SplitWish.Of(wish.Effective, ratio, rules, before[s], after);
            wish.Held = SplitWish.Of(wish.Held, ratio, rules, before[s], after);
            Brackets.Split(strategy, rules.Id, ratio);
            _gates.Growth.Split(strategy, rules, ratio);
            Shares.Split(strategy, rules.Id, ratio);
        }

        _combination.Combine(rules.Id, out _);
    }

    /// <summary>A share is gone: nothing is wanted of it any more.</summary>
    /// <param name="instrument">The instrument.</param>
    public void Delist(InstrumentId instrument)
    {
        for (ushort s = 1; s <= _settings.Rules.Length; s++)
        {
            _wishes[new StrategyId(s), instrument] = default;
        }

        _combination.Combine(instrument, out _);
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        _wishes.Visit(visitor);
        _combination.Visit(visitor);
        _intents.Visit(visitor);
        _gates.Visit(visitor);
        _learner?.Visit(visitor);
        Muted.Visit(visitor);
        Brackets.Visit(visitor);
        visitor.Visit(ref _nextWake);
    }

    private void Take(in Signal signal, ref Decision decision)
    {
        if (!_market.TryGet(signal.Instrument, out _))
        {
            Suppress(signal, SuppressionReason.UnknownInstrument, StrategyId.House, 0, ref decision);
            return;
        }

        ref Wish wish = ref _wishes[signal.Strategy, signal.Instrument];
        long now = _market.Now;
        long free = wish.ActedAt + _settings.Rules[signal.Strategy.Value - 1].Cooldown;
        if (wish.ActedAt != 0 && now < free && AddsRisk(signal, wish.Effective))
        {
            // Held back, not lost: the latest wish acts when the cooldown is over, unless a later one replaces it.
            wish.Held = signal;
            wish.HeldUntil = free;
            _nextWake = Math.Min(_nextWake, free);
            Suppress(signal, SuppressionReason.Cooldown, StrategyId.House, free, ref decision);
            return;
        }

        wish.Held = default;
        Muted.Hear(signal.Strategy, signal.Instrument);
        bool newTerms = HasNewTerms(signal, wish.Effective);
        GateAnswer answer = Accept(signal, now, ref wish, out bool changed);
        if (answer.Reason != SuppressionReason.None)
        {
            Suppress(signal, answer.Reason, StrategyId.House, answer.Detail, ref decision);
            return;
        }

        if (Muted.Has(signal.Strategy, signal.Instrument))
        {
            long cause = (long)Muted.CauseOf(signal.Strategy, signal.Instrument);
            Suppress(signal, SuppressionReason.TakenOut, StrategyId.House, cause, ref decision);
            return;
        }

        Explain(signal, changed, newTerms, ref decision);
    }

    /// <summary>Makes a wish count, as far as the gates let it. Tells whether the combined target changed.</summary>
    private GateAnswer Accept(in Signal signal, long now, ref Wish wish, out bool changed)
    {
        bool wasQuoting = wish.Effective.Kind == SignalKind.Quotes;
        bool newTerms = HasNewTerms(signal, wish.Effective);
        GateAnswer answer = AskGates(signal, now, ref wish);
        wish.Effective = signal;
        Brackets.Follow(signal);
        _gates.Growth.Follow(signal.Strategy, _market[signal.Instrument]);
        wish.ExpiresAt = signal.Horizon == 0 ? long.MaxValue : now + signal.Horizon;
        _nextWake = Math.Min(_nextWake, wish.ExpiresAt);
        if (wasQuoting || signal.Kind == SignalKind.Quotes)
        {
            _lanes.Mark(signal.Instrument, signal.Strategy);
        }

        if (wasQuoting != (signal.Kind == SignalKind.Quotes))
        {
            // The position moves between its own lane and the shared one; quotes that nobody wants any more have to go.
            _lanes.Mark(signal.Instrument, StrategyId.House);
        }

        // Who wants it counts as much as how much: with another holder other limits may apply.
        changed = _combination.Combine(signal.Instrument, out bool moved);
        if (changed || moved || newTerms || signal.Kind is SignalKind.TargetWithLimit or SignalKind.Flat)
        {
            _lanes.Mark(signal.Instrument, StrategyId.House);
        }

        return answer;
    }

    /// <summary>
    /// Asks the gates about what a new wish adds. What only asks for less of a wish that stands keeps that one's answer.
    /// </summary>
    private GateAnswer AskGates(in Signal signal, long now, ref Wish wish)
    {
        EntrySides entries = Entries.Of(signal, _positions.VirtualPosition(signal.Strategy, signal.Instrument));
        GateAnswer answer = default;
        if (entries == EntrySides.None)
        {
            wish.Blocked = 0;
        }
        else if (AddsRisk(signal, wish.Effective))
        {
            answer = _gates.Ask(_market[signal.Instrument], entries, _choice.IsExtended(signal), now);
            wish.Blocked = (long)answer.Blocked;
        }

        if (answer.Reason == SuppressionReason.None)
        {
            // The cooldown runs from what was let through.
            wish.ActedAt = now;
        }

        AskAgainLater(now, ref wish);
        return answer;
    }

    private void AskAgainLater(long now, ref Wish wish)
    {
        wish.AskAgainAt = wish.Blocked == 0 ? 0 : now + _gates.AskAgain;
        _nextWake = wish.Blocked == 0 ? _nextWake : Math.Min(_nextWake, wish.AskAgainAt);
    }

    /// <summary>Says why an accepted signal did not (alone, or whole) shape the target.</summary>
    private void Explain(in Signal signal, bool changed, bool newTerms, ref Decision decision)
    {
        long most = _gates.Growth.Most(signal.Strategy, signal.Instrument);
        if (Math.Max(Math.Abs(signal.Target), Math.Max(signal.BidQuantity, signal.AskQuantity)) > most)
        {
            Suppress(signal, SuppressionReason.Growth, StrategyId.House, most, ref decision);
            return;
        }

        if (signal.Kind == SignalKind.Quotes)
        {
            return;
        }

        long weight = _settings.Policy == ArbitrationPolicy.Blend
            ? _combination.WeightE9(signal.Strategy, signal.Instrument)
            : ArbitrationSettings.WeightOne;
        StrategyId winner = _settings.Policy == ArbitrationPolicy.Priority
            ? _combination.Winner(signal.Instrument)
            : StrategyId.House;
        SuppressionReason reason =
            weight == 0 ? SuppressionReason.ZeroWeight
            : winner != StrategyId.House && winner != signal.Strategy ? SuppressionReason.LowerPriority
            : _combination.Target(signal.Instrument) == 0 && signal.Target != 0 ? SuppressionReason.NettedOut
            : !changed && !newTerms && signal.Kind == SignalKind.Target ? SuppressionReason.NoChange
            : weight != ArbitrationSettings.WeightOne && signal.Target != 0 ? SuppressionReason.Blended
            : SuppressionReason.None;
        if (reason != SuppressionReason.None)
        {
            Suppress(
                signal,
                reason,
                reason == SuppressionReason.LowerPriority ? winner : StrategyId.House,
                reason is SuppressionReason.ZeroWeight or SuppressionReason.Blended ? weight : 0,
                ref decision);
        }
    }

    /// <summary>True when the same position is wanted in another way.</summary>
    private static bool HasNewTerms(in Signal signal, in Signal standing) =>
        signal.LimitPrice != standing.LimitPrice || signal.Style != standing.Style;

    private bool AddsRisk(in Signal signal, in Signal standing) =>
        Entries.Adds(signal, standing, _positions.VirtualPosition(signal.Strategy, signal.Instrument));

    private void WakeWishes(long now)
    {
        long next = long.MaxValue;
        for (ushort i = 1; i <= _market.Highest; i++)
        {
            for (ushort s = 1; s <= _settings.Rules.Length; s++)
            {
                ref Wish wish = ref _wishes[new StrategyId(s), new InstrumentId(i)];
                WakeWish(now, ref wish);
                next = Math.Min(next, wish.Held.Kind == SignalKind.None ? long.MaxValue : wish.HeldUntil);
                next = Math.Min(next, wish.Effective.Kind == SignalKind.None ? long.MaxValue : wish.ExpiresAt);
                next = Math.Min(next, wish.AskAgainAt == 0 ? long.MaxValue : wish.AskAgainAt);
            }
        }

        _nextWake = next;
    }

    private void WakeWish(long now, ref Wish wish)
    {
        if (wish.Held.Kind != SignalKind.None && wish.HeldUntil <= now)
        {
            Signal held = wish.Held;
            wish.Held = default;
            Accept(held, now, ref wish, out _);
        }

        if (wish.Effective.Kind != SignalKind.None && wish.ExpiresAt <= now)
        {
            Signal flat = new()
            {
                Strategy = wish.Effective.Strategy,
                Instrument = wish.Effective.Instrument,
                Kind = SignalKind.Flat,
                Confidence = wish.Effective.Confidence,
            };
            Accept(flat, now, ref wish, out _);
        }

        if (wish.AskAgainAt != 0 && wish.AskAgainAt <= now)
        {
            AskAgain(now, ref wish);
        }
    }

    /// <summary>Asks the gates again about a wish that was held back, or whose session has begun.</summary>
    private void AskAgain(long now, ref Wish wish)
    {
        InstrumentId instrument = wish.Effective.Instrument;
        StrategyId strategy = wish.Effective.Strategy;
        if (!_market.TryGet(instrument, out InstrumentMarket? market))
        {
            AskAgainLater(now, ref wish);
            return;
        }

        long before = wish.Blocked;
        EntrySides entries = Entries.Of(wish.Effective, _positions.VirtualPosition(strategy, instrument));
        wish.Blocked = (long)_gates.Ask(market, entries, _choice.IsExtended(wish.Effective), now).Blocked;
        AskAgainLater(now, ref wish);
        wish.ActedAt = wish.Blocked == 0 && entries != EntrySides.None ? now : wish.ActedAt;
        if (wish.Blocked == before)
        {
            return;
        }

        _combination.Combine(instrument, out _);
        _lanes.Mark(instrument, wish.Effective.Kind == SignalKind.Quotes ? strategy : StrategyId.House);
    }

    /// <summary>Sessions that began or ended change what counts of every wish on their instrument.</summary>
    private void FollowSessions(long now)
    {
        for (ulong changed = _gates.Session.Advance(now); changed != 0; changed &= changed - 1)
        {
            InstrumentId instrument = new((ushort)(BitOperations.TrailingZeroCount(changed) + 1));
            for (ushort s = 1; s <= _settings.Rules.Length; s++)
            {
                StrategyId strategy = new(s);
                ref Wish wish = ref _wishes[strategy, instrument];
                if (wish.Effective.Kind == SignalKind.None)
                {
                    continue;
                }

                if (_gates.IsOpen(instrument, _choice.IsExtended(wish.Effective)))
                {
                    AskAgain(now, ref wish);
                }

                if (wish.Effective.Kind == SignalKind.Quotes)
                {
                    _lanes.Mark(instrument, strategy);
                }
            }

            _combination.Combine(instrument, out _);
            _lanes.Mark(instrument, StrategyId.House);
        }
    }

    /// <summary>Who was taken out or let back in: the instrument's lanes are stated again.</summary>
    private void FollowMutes()
    {
        while (Muted.TryTakeChanged(out InstrumentId instrument))
        {
            for (ushort s = 1; s <= _settings.Rules.Length; s++)
            {
                if (_wishes[new StrategyId(s), instrument].Effective.Kind == SignalKind.Quotes)
                {
                    _lanes.Mark(instrument, new StrategyId(s));
                }
            }

            _combination.Combine(instrument, out _);
            _lanes.Mark(instrument, StrategyId.House);
        }
    }

    /// <summary>New weights or sizes: every lane whose parts moved is stated again.</summary>
    private void Reweigh()
    {
        for (ushort i = 1; i <= _market.Highest; i++)
        {
            InstrumentId instrument = new(i);
            if (_combination.Combine(instrument, out bool moved) || moved)
            {
                _lanes.Mark(instrument, StrategyId.House);
            }

            for (ushort s = 1; s <= _settings.Gates.Growth.Length; s++)
            {
                if (IsQuoting(new StrategyId(s), instrument))
                {
                    _lanes.Mark(instrument, new StrategyId(s));
                }
            }
        }
    }

    /// <summary>What was crossed before anybody decided on this event is part of its decision.</summary>
    private void RecordCrossings(ref Decision decision)
    {
        foreach (ref readonly InternalTrade trade in _positions.Crossed)
        {
            decision.Suppressions[decision.SuppressionCount++] = new Suppression
            {
                Strategy = trade.Buyer,
                Winner = trade.Seller,
                Instrument = trade.Instrument,
                Reason = SuppressionReason.Crossed,
                Target = trade.Quantity,
                Detail = trade.Price,
            };
        }
    }

    private static void Suppress(
        in Signal signal, SuppressionReason reason, StrategyId winner, long detail, ref Decision decision) =>
        decision.Suppressions[decision.SuppressionCount++] = new Suppression
        {
            Strategy = signal.Strategy,
            Instrument = signal.Instrument,
            Kind = signal.Kind,
            Reason = reason,
            Winner = winner,
            Target = signal.Target,
            Detail = detail,
        };
}
