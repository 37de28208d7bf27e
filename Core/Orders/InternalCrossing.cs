using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders;

/// <summary>
/// Where strategies lack opposite things of a shared lane, the lane trades only the difference. What nets out is handed
/// from the one to the other here, at a price that the event fixes: nobody stays with a position that he does not want
/// because another holds its opposite. Nothing that it keeps between events matters to one.
/// </summary>
/// <remarks>
/// The account's position, exposure and cash do not change, so no limit of the account is asked. It waits while the engine is
/// HALTED, while the price is not fresh or the instrument does not trade, while a wish is about to change by time, and
/// while the lane's orders could still trade more than the lane lacks: their late fills belong to who asked for them.
/// </remarks>
public sealed class InternalCrossing
{
    private const int Owners = Limits.Strategies + 1;

    private readonly MarketView _market;
    private readonly PortfolioLedger _portfolio;
    private readonly ArbitrationStage _arbitration;
    private readonly RiskStage _risk;
    private readonly Exposure _exposure;
    private readonly LaneTable _lanes;

    // At which state of portfolio and targets the parts of an instrument were not apart in both directions.
    private readonly (long Held, long Meant)[] _idle = new (long, long)[Limits.Instruments + 1];

    /// <summary>Creates it.</summary>
    /// <param name="market">Where the price is from.</param>
    /// <param name="portfolio">Where positions change hands.</param>
    /// <param name="arbitration">Who is meant to hold what.</param>
    /// <param name="risk">Says whether the market can be acted on.</param>
    /// <param name="exposure">What live orders could still do.</param>
    /// <param name="lanes">The lanes that have to be stated again.</param>
    public InternalCrossing(
        MarketView market,
        PortfolioLedger portfolio,
        ArbitrationStage arbitration,
        RiskStage risk,
        Exposure exposure,
        LaneTable lanes)
    {
        _market = market;
        _portfolio = portfolio;
        _arbitration = arbitration;
        _risk = risk;
        _exposure = exposure;
        _lanes = lanes;
        Array.Fill(_idle, (-1, -1));
    }

    /// <summary>Crosses what the wishes that stood before an event leave to cross, where it brings or lets stand a fresh price.</summary>
    /// <param name="e">The event, folded; nothing has been decided on it yet.</param>
    public void See(in Event e)
    {
        if (!e.EndsGroup)
        {
            return;
        }

        switch (e.Kind)
        {
            case EventKind.BookLevels or EventKind.Quote or EventKind.Trade or EventKind.Bar
                when _market.TryGet(e.Instrument, out InstrumentMarket? its):
                See(its);
                break;
            case EventKind.Tick:
                for (ushort i = 1; i <= _market.Highest; i++)
                {
                    if (_market.TryGet(new InstrumentId(i), out InstrumentMarket? each))
                    {
                        See(each);
                    }
                }

                break;
        }
    }

    /// <summary>True when somebody else lacks the opposite of what a strategy lacks.</summary>
    /// <param name="strategy">The strategy.</param>
    /// <param name="instrument">A defined instrument.</param>
    /// <returns>Whether a part of it waits to be crossed.</returns>
    public bool Waits(StrategyId strategy, InstrumentId instrument)
    {
        int sign = Math.Sign(_arbitration.Lacks(strategy, instrument));
        for (ushort s = 0; sign != 0 && s <= _arbitration.Strategies; s++)
        {
            if (Math.Sign(_arbitration.Lacks(new StrategyId(s), instrument)) == -sign)
            {
                return true;
            }
        }

        return false;
    }

    private void See(InstrumentMarket its)
    {
        // Nearly always: nobody lacks anything, or all the same side of it, and it has been seen before.
        ref (long Held, long Meant) idle = ref _idle[its.Definition.Id.Value];
        if (idle == (_portfolio.Changes, _arbitration.Changes))
        {
            return;
        }

        bool anyBuys = false;
        bool anySells = false;
        for (ushort s = 0; s <= _arbitration.Strategies; s++)
        {
            StrategyId strategy = new(s);
            long gap = _arbitration.Desired(strategy, its.Definition.Id)
                - _portfolio.VirtualPosition(strategy, its.Definition.Id);
            anyBuys |= gap > 0;
            anySells |= gap < 0;
        }

        if (anyBuys && anySells)
        {
            Weigh(its);
        }
        else
        {
            idle = (_portfolio.Changes, _arbitration.Changes);
        }
    }

    private void Weigh(InstrumentMarket its)
    {
        InstrumentId instrument = its.Definition.Id;
        Int128 buy = 0;
        Int128 sell = 0;
        for (ushort s = 0; s <= _arbitration.Strategies; s++)
        {
            long gap = _arbitration.Lacks(new StrategyId(s), instrument);
            buy += Math.Max(gap, 0);
            sell -= Math.Min(gap, 0);
        }

        if (buy == 0
            || sell == 0
            || _risk.State >= TradingState.Halted
            || _arbitration.IsDue(_market.Now)
            || !_risk.CanActOn(instrument)
            || !its.TryReferencePrice(out long price)
            || price <= 0
            || _exposure.OpenInLane(instrument, StrategyId.House, Side.Buy) > Int128.Max(0, buy - sell)
            || _exposure.OpenInLane(instrument, StrategyId.House, Side.Sell) > Int128.Max(0, sell - buy))
        {
            return;
        }

        Cross(its.Definition, price);
    }

    /// <summary>
    /// Cuts what nets out between those whose limits allow the price, in proportion to what each lacks, and pairs buyers and
    /// sellers in the order of their numbers. What finds no room in the event follows with a later one.
    /// </summary>
    private void Cross(in Instrument rules, long price)
    {
        Span<long> lackBuy = stackalloc long[Owners];
        Span<long> lackSell = stackalloc long[Owners];
        Int128 buy = 0;
        Int128 sell = 0;
        for (ushort s = 0; s < Owners; s++)
        {
            StrategyId strategy = new(s);
            long gap = s <= _arbitration.Strategies ? _arbitration.Lacks(strategy, rules.Id) : 0;

            // Units below the lot that rounding leaves with the house are no position that anybody has to get rid of.
            bool takesPart = s != 0 ? _arbitration.Allows(strategy, rules.Id, gap, price) : Math.Abs(gap) >= rules.Lot;
            lackBuy[s] = takesPart ? Math.Max(gap, 0) : 0;
            lackSell[s] = takesPart ? Math.Max(-gap, 0) : 0;
            buy += lackBuy[s];
            sell += lackSell[s];
        }

        Span<long> bought = stackalloc long[Owners];
        Span<long> sold = stackalloc long[Owners];
        long whole = (long)Int128.Min(buy, sell);
        LargestRemainder.Split(whole, lackBuy, bought);
        LargestRemainder.Split(whole, lackSell, sold);
        ushort b = 0;
        ushort o = 0;
        while (whole > 0 && _portfolio.Crossed.Length < Limits.CrossingsPerEvent)
        {
            b += (ushort)(bought[b..].IndexOfAnyExcept(0));
            o += (ushort)(sold[o..].IndexOfAnyExcept(0));
            long quantity = Math.Min(bought[b], sold[o]);
            InternalTrade trade = new(rules.Id, new StrategyId(b), new StrategyId(o), quantity, price);
            _portfolio.Cross(trade);
            _arbitration.Shares.Got(trade.Buyer, rules.Id, Side.Buy, quantity);
            _arbitration.Shares.Got(trade.Seller, rules.Id, Side.Sell, quantity);
            bought[b] -= quantity;
            sold[o] -= quantity;
            whole -= quantity;

            // Who pulls on the lane, and with which limit, is another matter now.
            _lanes.Mark(rules.Id, StrategyId.House);
        }
    }
}
