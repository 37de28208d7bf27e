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
    Bounds[] bounds,
    ProtectionAlarms? alarms) : IStateful
{
    private static readonly ExitRule NoRule = new();

    // The best price that a trade has seen, by its number, and when its strategy was taken out.
    private readonly (long Trade, long Price)[] _best =
        new (long, long)[(Limits.Instruments + 1) * (Limits.Strategies + 1)];
    private readonly LaneTimes _outAt = new();

    // The last level that was looked for, by what it is a function of: no state.
    private readonly (LevelKey Key, long Level)[] _levels =
        new (LevelKey, long)[(Limits.Instruments + 1) * (Limits.Strategies + 1)];

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

    /// <summary>The stop that is held here for a strategy's position.</summary>
    /// <param name="strategy">A strategy that holds the instrument.</param>
    /// <param name="its">The instrument's market.</param>
    /// <param name="exit">Where it is left with a loss.</param>
    /// <returns>False when nothing bounds its loss.</returns>
    internal bool TryStop(StrategyId strategy, InstrumentMarket its, out ProtectiveExit exit)
    {
        exit = default;
        InstrumentId instrument = its.Definition.Id;
        ref readonly RoundTrip trip = ref portfolio.Trips.Of(strategy, instrument);
        Bracket bracket = brackets.Of(strategy, instrument, trip.Quantity);
        ExitRule rule = RuleOf(strategy) ?? NoRule;
        if (trip.Quantity == 0 || (!rule.HasStop && bracket.StopBps == 0 && bracket.StopPrice == 0))
        {
            return false;
        }

        int place = Index(strategy, instrument);
        long best = rule.TrailingBps == 0 ? 0 : _best[place].Trade == trip.Number ? _best[place].Price : trip.OpenedPrice;
        LevelKey key = new(
            place, trip.Number, trip.Quantity, trip.Cost, trip.Flow, best, bracket.StopPrice, bracket.StopBps);
        long level = LevelOf(key, rule, bracket, trip, its);
        exit = new ProtectiveExit
        {
            Trigger = level,
            Quantity = trip.Quantity,
            Holder = level == 0 ? ExitHolder.None : ExitHolder.Engine,
            Source = rule.Price,
        };
        return exit.Exists;
    }

    /// <summary>The best price that a strategy's open trade has seen; 0 when nothing looked.</summary>
    internal long BestOf(StrategyId strategy, InstrumentId instrument)
    {
        (long trade, long price) = _best[Index(strategy, instrument)];
        return trade == portfolio.Trips.Of(strategy, instrument).Number ? price : 0;
    }

    /// <summary>An open trade was taken over: it goes on from the best price that it has seen.</summary>
    internal void Adopt(StrategyId strategy, InstrumentId instrument, long best)
    {
        if (best != 0)
        {
            _best[Index(strategy, instrument)] = (portfolio.Trips.Of(strategy, instrument).Number, best);
        }
    }

    /// <summary>A stop at the venue fills: whoever holds what it takes out is out, before the fill is shared.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="side">Side of the stop.</param>
    internal void OnVenueStop(InstrumentId instrument, Side side)
    {
        for (uint open = portfolio.Trips.Open(instrument); open != 0; open &= open - 1)
        {
            StrategyId strategy = new((ushort)BitOperations.TrailingZeroCount(open));
            if (Math.Sign(portfolio.VirtualPosition(strategy, instrument)) == -side.Sign())
            {
                TakeOut(strategy, instrument, IntentCause.StopLoss);
            }
        }
    }

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

        ref readonly Instrument rules = ref its.Definition;
        long best = rule.TrailingBps != 0 ? FollowBest(strategy, trip, rules.Id, price) : 0;
        IntentCause lost = LossCause(rule, bracket, trip, rules, price, best);
        if (lost != IntentCause.None)
        {
            return lost;
        }

        Int128 gain = (Int128)(rules.Value(price, trip.Quantity) - trip.Cost) * 10_000;
        Int128 cost = Int128.Abs(trip.Cost);
        bool won = IsWon(rule.TakeProfitBps) || IsWon(bracket.TakeBps)
            || (bracket.TakePrice != 0 && (price - bracket.TakePrice) * Math.Sign(trip.Quantity) >= 0);
        return won ? IntentCause.TakeProfit
            : late ? IntentCause.TimeExit
            : IntentCause.None;

        bool IsWon(int bps) => bps != 0 && gain >= cost * bps;
    }

    /// <summary>Which bound on the loss of a trade a price touches.</summary>
    private static IntentCause LossCause(
        ExitRule rule, in Bracket bracket, in RoundTrip trip, in Instrument rules, long price, long best)
    {
        long value = rules.Value(price, trip.Quantity);
        Int128 gain = (Int128)(value - trip.Cost) * 10_000;
        Int128 cost = Int128.Abs(trip.Cost);
        bool stopped = IsLost(rule.StopLossBps) || IsLost(bracket.StopBps)
            || (bracket.StopPrice != 0 && (price - bracket.StopPrice) * Math.Sign(trip.Quantity) <= 0);
        bool trailed = rule.TrailingBps != 0 && best != 0 && IsBack(rule.TrailingBps, trip.Quantity > 0, best, price);
        bool lost = rule.MaxLoss != 0 && trip.Flow + value <= -rule.MaxLoss;
        return stopped ? IntentCause.StopLoss
            : trailed ? IntentCause.TrailingStop
            : lost ? IntentCause.TradeLoss
            : IntentCause.None;

        bool IsLost(int bps) => bps != 0 && gain <= -(cost * bps);
    }

    /// <summary>The best price that a trade has seen. It only ever gets better.</summary>
    private long FollowBest(StrategyId strategy, in RoundTrip trip, InstrumentId instrument, long price)
    {
        ref (long Trade, long Price) seen = ref _best[Index(strategy, instrument)];
        long best = seen.Trade == trip.Number ? seen.Price : trip.OpenedPrice;
        best = trip.Quantity > 0 ? Math.Max(best, price) : Math.Min(best, price);
        seen = (trip.Number, best);
        return best;
    }

    /// <summary>True when the price came back too far from the best one.</summary>
    private static bool IsBack(int bps, bool isLong, long best, long price)
    {
        Int128 level = (Int128)best * (isLong ? 10_000 - bps : 10_000 + bps);
        return isLong ? (Int128)price * 10_000 <= level : (Int128)price * 10_000 >= level;
    }

    /// <summary>
    /// The first price on the way to a loss that touches, found by the very test that takes a strategy out; 0 without one. It is
    /// looked for when the trade or its bounds changed.
    /// </summary>
    private long LevelOf(in LevelKey key, ExitRule rule, in Bracket bracket, in RoundTrip trip, InstrumentMarket its)
    {
        ref (LevelKey Key, long Level) known = ref _levels[key.Place];
        if (known.Key == key)
        {
            return known.Level;
        }

        // Twice the size of what is known is far beyond any stop of a position that is worth having.
        its.TryReferencePrice(out long reference);
        bool isLong = trip.Quantity > 0;
        long inside = checked(4 * Math.Max(Math.Max(trip.OpenedPrice, reference), Math.Max(bracket.StopPrice, key.Best)));
        long outside = 1;
        (inside, outside) = isLong ? (inside, outside) : (outside, inside);
        known = (key, IsLost(outside, rule, bracket, trip, key.Best) ? outside : 0);
        while (known.Level != 0 && Math.Abs(inside - outside) > 1)
        {
            long middle = outside + ((inside - outside) / 2);
            if (IsLost(middle, rule, bracket, trip, key.Best))
            {
                known.Level = outside = middle;
            }
            else
            {
                inside = middle;
            }
        }

        return known.Level;

        bool IsLost(long price, ExitRule rule, in Bracket bracket, in RoundTrip trip, long best) =>
            LossCause(rule, bracket, trip, its.Definition, price, best) != IntentCause.None;
    }

    // What a level is a function of, beside the rules.
    private readonly record struct LevelKey(
        int Place, long Trade, long Held, long Paid, long Flow, long Best, long StopPrice, int StopBps);

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
            if (since != 0)
            {
                since = 0;
                alarms?.Set(instrument, strategy, 0);
            }

            return;
        }

        if (since == 0)
        {
            since = market.Now;
            _unprotected++;
            alarms?.Set(instrument, strategy, since);
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
            if (since != 0 && (open & (1u << s)) == 0)
            {
                since = 0;
                alarms?.Set(instrument, new StrategyId(s), 0);
            }
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
