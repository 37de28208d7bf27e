using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>
/// Chooses the style in which a shared lane is worked. Its strategies may ask for different ones, and a lane has one order:
/// who lacks most in its direction decides (ties: the lower id) and goes on deciding while it lacks something and the
/// target stays, so that fills do not change the style. Being flat and protective exits are worked at the market.
/// </summary>
internal sealed class StyleChoice(ExecutionStyles styles, MarketView market, WishTable wishes, MutedWishes muted) : IStateful
{
    // Who decides for each instrument, and the target for which it was chosen.
    private readonly (long Strategy, long Target)[] _deciders = new (long, long)[Limits.Instruments + 1];

    /// <summary>True when a strategy's wish is worked in a style that may wait.</summary>
    internal bool MayWait(StrategyId strategy, InstrumentId instrument) =>
        styles[Of(strategy, instrument)].Kind is not (StyleKind.AsWished or StyleKind.Market);

    /// <summary>True when the orders of a wish work before and after the regular session too.</summary>
    internal bool IsExtended(in Signal wish) =>
        wish.Kind is SignalKind.Target or SignalKind.TargetWithLimit && styles[Of(wish)].ExtendedHours;

    /// <summary>Who decided until now, if it was for the same target.</summary>
    internal StyleVote Begin(in Intent intent)
    {
        (long strategy, long target) = _deciders[intent.Instrument.Value];
        return new StyleVote(target == intent.Target ? new StrategyId((ushort)strategy) : StrategyId.House);
    }

    /// <summary>Writes the style of who decides.</summary>
    internal void End(in StyleVote vote, ref Intent intent)
    {
        StrategyId decider = vote.Decider;
        _deciders[intent.Instrument.Value] = (decider.Value, intent.Target);
        if (decider == StrategyId.House || intent.Cause >= IntentCause.StopLoss)
        {
            return;
        }

        intent.Style = Of(decider, intent.Instrument);
        intent.StyleKind = styles[intent.Style].Kind;
        intent.StyleOf = intent.Style == StyleId.None ? StrategyId.House : decider;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor) => visitor.Visit<(long, long)>(_deciders);

    private StyleId Of(StrategyId strategy, InstrumentId instrument)
    {
        ref readonly Wish wish = ref wishes[strategy, instrument];
        if (wish.Effective.Kind == SignalKind.Flat || muted.Has(strategy, instrument))
        {
            return StyleId.None;
        }

        return Of(wish.Effective);
    }

    private StyleId Of(in Signal wish) => wish.Style != StyleId.None
        ? wish.Style
        : styles.DefaultOf(wish.Strategy, market[wish.Instrument].Symbol);
}

/// <summary>Who is asked for the style of one intent.</summary>
/// <param name="standing">Who decided until now; the house for nobody.</param>
internal struct StyleVote(StrategyId standing)
{
    private StrategyId _largest;
    private long _gap;
    private bool _stands;

    /// <summary>Who decides; the house when nobody pulls.</summary>
    internal readonly StrategyId Decider => _stands ? standing : _largest;

    /// <summary>A strategy pulls in its direction.</summary>
    /// <param name="strategy">The strategy; they come in the order of their ids.</param>
    /// <param name="gap">What it lacks, quantity units, signed.</param>
    internal void Offer(StrategyId strategy, long gap)
    {
        _stands |= strategy == standing;
        if (Math.Abs(gap) > _gap)
        {
            _gap = Math.Abs(gap);
            _largest = strategy;
        }
    }
}
