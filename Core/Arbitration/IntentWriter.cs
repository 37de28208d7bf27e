using System;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>States what the portfolio wants in a lane.</summary>
internal sealed class IntentWriter : IStateful
{
    private readonly MarketView _market;
    private readonly IPositions _positions;
    private readonly WishTable _wishes;
    private readonly EntryGates _gates;
    private readonly Combination _combination;
    private readonly MutedWishes _muted;
    private readonly StyleChoice _choice;

    internal IntentWriter(
        MarketView market,
        IPositions positions,
        WishTable wishes,
        EntryGates gates,
        Combination combination,
        MutedWishes muted,
        StyleChoice choice)
    {
        _choice = choice;
        _market = market;
        _positions = positions;
        _wishes = wishes;
        _gates = gates;
        _combination = combination;
        _muted = muted;
    }

    internal IntentShares Shares { get; } = new();

    internal void State(InstrumentId instrument, StrategyId owner, ref Decision decision)
    {
        ref Intent intent = ref decision.Intents[decision.IntentCount++];
        intent = default;
        intent.Instrument = instrument;
        intent.Owner = owner;
        intent.Cause = CauseOf(instrument, owner, decision);
        if (owner == StrategyId.House)
        {
            StateTarget(instrument, ref intent);
            return;
        }

        intent.Kind = IntentKind.Quotes;
        intent.AddContributor(owner);
        intent.LanePosition = _positions.VirtualPosition(owner, instrument);
        if (_combination.IsQuoting(owner, instrument))
        {
            SetQuotes(instrument, _wishes[owner, instrument], ref intent);
        }
    }

    /// <summary>States the stop that is to rest for a position.</summary>
    internal static void State(
        InstrumentId instrument, long position, Protections protections, long now, ref Decision decision)
    {
        ref Intent intent = ref decision.Intents[decision.IntentCount++];
        intent = default;
        intent.Instrument = instrument;
        intent.Kind = IntentKind.Protection;
        intent.Cause = IntentCause.Protection;
        intent.LanePosition = position;
        ref readonly ProtectiveExit exit = ref protections.Wanted(instrument);
        if (!exit.Exists || protections.Yields(instrument, now))
        {
            return;
        }

        intent.LimitPrice = exit.Worst;
        if (exit.Side == Side.Buy)
        {
            intent.BidPrice = exit.Trigger;
            intent.BidQuantity = Math.Abs(exit.Quantity);
        }
        else
        {
            intent.AskPrice = exit.Trigger;
            intent.AskQuantity = Math.Abs(exit.Quantity);
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        Shares.Visit(visitor);
        _choice.Visit(visitor);
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

    private void StateTarget(InstrumentId instrument, ref Intent intent)
    {
        // What a shut gate leaves of a wish depends on what is held, and a fill may have changed that.
        _combination.Combine(instrument, out _);
        intent.Kind = IntentKind.Target;
        intent.Target = _combination.Target(instrument);
        long position = _positions.VenuePosition(instrument);
        for (ushort s = 1; s <= _combination.Strategies; s++)
        {
            if (_combination.IsQuoting(new StrategyId(s), instrument))
            {
                position -= _positions.VirtualPosition(new StrategyId(s), instrument);
            }
        }

        intent.LanePosition = position;
        StyleVote vote = _choice.Begin(intent);
        SetContributors(instrument, ref intent, ref vote);
        SetExit(instrument, ref intent);
        _choice.End(vote, ref intent);
    }

    /// <summary>An intent that takes a muted strategy out says why it was muted.</summary>
    private void SetExit(InstrumentId instrument, ref Intent intent)
    {
        int direction = Math.Sign(intent.Target - intent.LanePosition);
        for (uint muted = _muted.On(instrument); muted != 0; muted &= muted - 1)
        {
            StrategyId strategy = new((ushort)System.Numerics.BitOperations.TrailingZeroCount(muted));
            long held = _positions.VirtualPosition(strategy, instrument);
            if (held != 0 && Math.Sign(-held) == direction)
            {
                intent.Cause = _muted.CauseOf(strategy, instrument);
                return;
            }
        }
    }

    /// <summary>Quotes in whole lots and ticks: never larger than wished, never at a bolder price.</summary>
    private void SetQuotes(InstrumentId instrument, in Wish wish, ref Intent intent)
    {
        if (!_market.TryGet(instrument, out InstrumentMarket? market))
        {
            return;
        }

        Instrument rules = market.Definition;
        EntrySides blocked = _gates.Blocked(instrument, wish, extended: false);
        long held = intent.LanePosition;
        long most = _gates.Growth.Most(intent.Owner, instrument);
        long bid = most == long.MaxValue ? wish.Effective.BidQuantity : Math.Min(wish.Effective.BidQuantity, Math.Max(0, most - held));
        long ask = most == long.MaxValue ? wish.Effective.AskQuantity : Math.Min(wish.Effective.AskQuantity, Math.Max(0, most + held));
        intent.BidPrice = rules.RoundToTickPassive(wish.Effective.BidPrice, Side.Buy);
        intent.BidQuantity = rules.RoundToLot(Entries.ClampBid(bid, held, blocked));
        intent.AskPrice = rules.RoundToTickPassive(wish.Effective.AskPrice, Side.Sell);
        intent.AskQuantity = rules.RoundToLot(Entries.ClampAsk(ask, held, blocked));
    }

    /// <summary>
    /// Who pulls in the direction of the whole, how much each asks for, and the tightest of their limits.
    /// </summary>
    private void SetContributors(InstrumentId instrument, ref Intent intent, ref StyleVote vote)
    {
        int direction = Math.Sign(intent.Target - intent.LanePosition);
        for (ushort s = 1; s <= _combination.Strategies; s++)
        {
            StrategyId strategy = new(s);
            ref readonly Signal wish = ref _wishes[strategy, instrument].Effective;
            long gap = _combination.Desired(strategy, instrument) - _positions.VirtualPosition(strategy, instrument);
            if (wish.Kind == SignalKind.None
                || _combination.IsQuoting(strategy, instrument)
                || direction == 0
                || Math.Sign(gap) != direction)
            {
                continue;
            }

            intent.AddContributor(strategy);
            Shares.Ask(strategy, instrument, gap);
            vote.Offer(strategy, gap);
            if (wish.Kind != SignalKind.TargetWithLimit || _muted.Has(strategy, instrument))
            {
                continue;
            }

            intent.LimitPrice = intent.LimitPrice == 0 ? wish.LimitPrice
                : direction > 0 ? Math.Min(intent.LimitPrice, wish.LimitPrice)
                : Math.Max(intent.LimitPrice, wish.LimitPrice);
        }
    }
}
