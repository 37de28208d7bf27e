using System;
using System.Numerics;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Watches what every strategy holds against its exits, the configured ones and those that its wish brought with it, and
/// takes it out when one is touched: from then on the strategy is meant to hold nothing, whatever it wants, and its part
/// leaves by an order at the market. It is let back in when it is flat, has changed its mind, and the time of its rule is
/// over. One that an operator stopped stays out until he lets it in.
/// </summary>
internal sealed class ProtectiveExits(
    ExitRule?[] rules,
    MarketView market,
    PortfolioLedger portfolio,
    MutedWishes muted,
    Brackets brackets,
    Bounds[] bounds) : IStateful
{
    private static readonly ExitRule NoRule = new();

    // The best price that a trade has seen, by its number, and when its strategy was taken out.
    private readonly (long Trade, long Price)[] _best =
        new (long, long)[(Limits.Instruments + 1) * (Limits.Strategies + 1)];
    private readonly LaneTimes _outAt = new();

    // Since when a position is without the stop that it must have; 0 while it has one.
    private readonly LaneTimes _unprotectedAt = new();

    // Bit s: an operator stopped strategy s.
    private uint _stopped;
    private long _unprotected;

    /// <summary>Positions that were found without the stop that they must have.</summary>
    internal long Unprotected => _unprotected;

    /// <summary>True when an operator stopped a strategy.</summary>
    internal bool IsStopped(StrategyId strategy) => (_stopped & (1u << strategy.Value)) != 0;

    /// <summary>An operator takes a strategy out of everything, or lets it in again.</summary>
    internal void Stop(StrategyId strategy, bool stop)
    {
        Ensure.That(strategy.Value is >= 1 and <= Limits.Strategies, "an operator's command names no strategy");
        _stopped = stop ? _stopped | (1u << strategy.Value) : _stopped & ~(1u << strategy.Value);
        for (ushort i = 1; stop && i <= market.Highest; i++)
        {
            TakeOut(strategy, new InstrumentId(i), IntentCause.Stopped);
        }
    }

    /// <summary>An instrument is new: who is stopped is out of it too.</summary>
    internal void Define(InstrumentId instrument)
    {
        for (uint stopped = _stopped; stopped != 0; stopped &= stopped - 1)
        {
            TakeOut(new StrategyId((ushort)BitOperations.TrailingZeroCount(stopped)), instrument, IntentCause.Stopped);
        }
    }

    /// <summary>True when a strategy holds an instrument without the stop that it must have.</summary>
    internal bool IsUnprotected(StrategyId strategy, InstrumentId instrument) =>
        _unprotectedAt[instrument, strategy] != 0;

    /// <summary>True when nobody may be let back in: a breaker keeps everybody out.</summary>
    internal bool IsShut { get; set; }

    /// <summary>Looks at what an event changed.</summary>
    /// <param name="e">The event, folded into market and portfolio.</param>
    internal void See(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.BookLevels or EventKind.Quote or EventKind.Trade or EventKind.Bar when e.EndsGroup:
            case EventKind.Execution:
                See(e.Instrument);
                break;
            case EventKind.Tick:
                for (ulong held = portfolio.Trips.Held | muted.Active; held != 0; held &= held - 1)
                {
                    See(new InstrumentId((ushort)(BitOperations.TrailingZeroCount(held) + 1)));
                }

                break;
        }
    }

    /// <summary>Old shares became new ones: so is the best price of each trade, rounded to the side of the position's loss.</summary>
    internal void Split(InstrumentId instrument, in ShareRatio ratio)
    {
        for (ushort s = 1; s <= Limits.Strategies; s++)
        {
            ref (long Trade, long Price) seen = ref _best[Index(new StrategyId(s), instrument)];
            bool isLong = portfolio.Trips.Of(new StrategyId(s), instrument).Quantity >= 0;
            seen.Price = isLong ? ratio.PriceDown(seen.Price) : ratio.PriceUp(seen.Price);
        }
    }

    /// <summary>Takes every strategy out of every instrument.</summary>
    internal void TakeAllOut(IntentCause cause)
    {
        for (ushort i = 1; i <= market.Highest; i++)
        {
            InstrumentId instrument = new(i);
            for (ushort s = 1; s <= muted.Strategies; s++)
            {
                TakeOut(new StrategyId(s), instrument, cause);
            }
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<(long, long)>(_best);
        _outAt.Visit(visitor);
        _unprotectedAt.Visit(visitor);
        visitor.Visit(ref _unprotected);
        int stopped = (int)_stopped;
        visitor.Visit(ref stopped);
        _stopped = (uint)stopped;
        bool shut = IsShut;
        visitor.Visit(ref shut);
        IsShut = shut;
    }

    private static int Index(StrategyId strategy, InstrumentId instrument) =>
        (instrument.Value * (Limits.Strategies + 1)) + strategy.Value;

    private void See(InstrumentId instrument)
    {
        if (!market.TryGet(instrument, out InstrumentMarket? its))
        {
            return;
        }

        for (uint open = portfolio.Trips.Open(instrument); open != 0; open &= open - 1)
        {
            StrategyId strategy = new((ushort)BitOperations.TrailingZeroCount(open));
            Bracket bracket = brackets.Of(strategy, instrument, portfolio.Trips.Of(strategy, instrument).Quantity);
            ExitRule? rule = RuleOf(strategy);
            FollowStop(strategy, instrument, rule, bracket);
            if ((rule is not null || bracket != default) && !muted.Has(strategy, instrument))
            {
                IntentCause cause = Touched(rule ?? NoRule, bracket, strategy, its);
                if (cause != IntentCause.None)
                {
                    TakeOut(strategy, instrument, cause);
                }
            }
        }

        if (bounds[instrument.Value].RequiresStop)
        {
            ForgetClosed(instrument);
        }

        for (uint outside = muted.On(instrument); outside != 0; outside &= outside - 1)
        {
            TryLetIn(new StrategyId((ushort)BitOperations.TrailingZeroCount(outside)), instrument);
        }
    }

    private ExitRule? RuleOf(StrategyId strategy) =>
        strategy.Value <= rules.Length ? rules[strategy.Value - 1] : null;

    /// <summary>The first exit that is touched, losses before profits: within one event nobody knows which came first.</summary>
    private IntentCause Touched(ExitRule rule, in Bracket bracket, StrategyId strategy, InstrumentMarket its)
    {
        ref readonly RoundTrip trip = ref portfolio.Trips.Of(strategy, its.Definition.Id);
        bool late = rule.MaxHolding != 0 && market.Now - trip.OpenedAt >= rule.MaxHolding;
        if (!TryPrice(rule.Price, its, trip.Quantity > 0, market.Now, bounds[its.Definition.Id.Value].StaleAfter, out long price))
        {
            return late ? IntentCause.TimeExit : IntentCause.None;
        }

        long value = its.Definition.Value(price, trip.Quantity);
        Int128 gain = (Int128)(value - trip.Cost) * 10_000;
        Int128 cost = Int128.Abs(trip.Cost);
        int direction = Math.Sign(trip.Quantity);
        bool stopped = IsLost(rule.StopLossBps) || IsLost(bracket.StopBps)
            || (bracket.StopPrice != 0 && (price - bracket.StopPrice) * direction <= 0);
        bool trailed = rule.TrailingBps != 0 && IsBack(rule.TrailingBps, strategy, trip, its.Definition.Id, price);
        bool lost = rule.MaxLoss != 0 && trip.Flow + value <= -rule.MaxLoss;
        bool won = IsWon(rule.TakeProfitBps) || IsWon(bracket.TakeBps)
            || (bracket.TakePrice != 0 && (price - bracket.TakePrice) * direction >= 0);
        return stopped ? IntentCause.StopLoss
            : trailed ? IntentCause.TrailingStop
            : lost ? IntentCause.TradeLoss
            : won ? IntentCause.TakeProfit
            : late ? IntentCause.TimeExit
            : IntentCause.None;

        bool IsLost(int bps) => bps != 0 && gain <= -(cost * bps);
        bool IsWon(int bps) => bps != 0 && gain >= cost * bps;
    }

    /// <summary>True when the price came back too far from the best one. The best price only ever gets better.</summary>
    private bool IsBack(int bps, StrategyId strategy, in RoundTrip trip, InstrumentId instrument, long price)
    {
        ref (long Trade, long Price) seen = ref _best[Index(strategy, instrument)];
        long best = seen.Trade == trip.Number ? seen.Price : trip.OpenedPrice;
        best = trip.Quantity > 0 ? Math.Max(best, price) : Math.Min(best, price);
        seen = (trip.Number, best);
        Int128 level = (Int128)best * (trip.Quantity > 0 ? 10_000 - bps : 10_000 + bps);
        return trip.Quantity > 0 ? (Int128)price * 10_000 <= level : (Int128)price * 10_000 >= level;
    }

    /// <summary>
    /// The price that an exit looks at. A print that is too old is not what can be traded at: the middle stands in for it, and
    /// where there is none nothing is touched.
    /// </summary>
    private static bool TryPrice(
        ExitPrice source, InstrumentMarket its, bool isLong, long now, long staleAfter, out long price)
    {
        bool hasBest = its.TryBest(out long bid, out _, out long ask, out _);
        if (source == ExitPrice.Last && its.LastTradeAt != 0)
        {
            bool isYoung = now - its.LastTradeAt <= staleAfter;
            price = its.LastTrade.Price;
            return isYoung || (hasBest && its.TryReferencePrice(out price));
        }

        if (source == ExitPrice.Touch && hasBest)
        {
            price = isLong ? bid : ask;
            return true;
        }

        return its.TryReferencePrice(out price);
    }

    /// <summary>Notes since when a position is without the stop that it must have, and ends it when that is too long.</summary>
    private void FollowStop(StrategyId strategy, InstrumentId instrument, ExitRule? rule, in Bracket bracket)
    {
        ref readonly Bounds its = ref bounds[instrument.Value];
        bool isProtected = !its.RequiresStop
            || rule is { HasStop: true }
            || bracket.StopBps != 0
            || bracket.StopPrice != 0;
        ref long since = ref _unprotectedAt[instrument, strategy];
        if (isProtected)
        {
            since = 0;
            return;
        }

        if (since == 0)
        {
            since = market.Now;
            _unprotected++;
        }

        if (its.CloseUnprotectedAfter != 0 && market.Now - since >= its.CloseUnprotectedAfter)
        {
            TakeOut(strategy, instrument, IntentCause.NoStop);
        }
    }

    private void ForgetClosed(InstrumentId instrument)
    {
        uint open = portfolio.Trips.Open(instrument);
        for (ushort s = 1; s <= muted.Strategies; s++)
        {
            ref long since = ref _unprotectedAt[instrument, new StrategyId(s)];
            since = (open & (1u << s)) == 0 ? 0 : since;
        }
    }

    private void TakeOut(StrategyId strategy, InstrumentId instrument, IntentCause cause)
    {
        if (strategy.Value <= muted.Strategies && !muted.Has(strategy, instrument))
        {
            muted.Mute(strategy, instrument, cause);
            _outAt[instrument, strategy] = market.Now;
        }
    }

    private void TryLetIn(StrategyId strategy, InstrumentId instrument)
    {
        if (!IsShut
            && !IsStopped(strategy)
            && portfolio.VirtualPosition(strategy, instrument) == 0
            && muted.HasSpoken(strategy, instrument)
            && market.Now - _outAt[instrument, strategy] >= (RuleOf(strategy)?.Reentry ?? 0))
        {
            muted.Release(strategy, instrument);
        }
    }
}
