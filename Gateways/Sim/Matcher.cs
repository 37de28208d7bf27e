using System;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// What every way of matching shares: taking what is shown, resting, filling, ending. It is pessimistic where the data is
/// silent: others were there first, quantity that we took stays taken, and what is not shown is not there.
/// </summary>
internal sealed class Matcher
{
    private readonly VenueMarket[] _markets;
    private readonly OrderTable _orders;
    private readonly OrderMemory _memory;
    private readonly Arrivals _arrivals;
    private readonly Reporter _reporter;
    private readonly Incidents _incidents;
    private readonly SelfTradePrevention _selfTrade;
    private readonly FeeBook _fees;
    private readonly VenueAccount _account;
    private readonly ShareBook? _shares;
    private readonly ImpactModel _impact;
    private readonly FillRule _fills;

    internal Matcher(
        VenueMarket[] markets,
        OrderTable orders,
        OrderMemory memory,
        Arrivals arrivals,
        Reporter reporter,
        Incidents incidents,
        FeeBook fees,
        VenueAccount account,
        ShareBook? shares,
        ImpactModel impact,
        SelfTradePrevention selfTrade,
        FillRule fills)
    {
        _fills = fills;
        _shares = shares;
        _impact = impact;
        _markets = markets;
        _orders = orders;
        _memory = memory;
        _arrivals = arrivals;
        _reporter = reporter;
        _incidents = incidents;
        _fees = fees;
        _selfTrade = selfTrade;
        _account = account;
    }

    /// <summary>
    /// Free places for reports once every order and command in flight has got its last word, and every instrument one of
    /// what happens to it without an order.
    /// </summary>
    internal int SpareReports => _reporter.Free - (2 * _arrivals.Count) - _orders.Count - _markets.Length;

    /// <summary>True when an order is filled whole where the market comes to its price.</summary>
    internal bool FillsWhole => _fills == FillRule.Lean;

    /// <summary>While it is set, what fills might have been preceded by an order on the other side.</summary>
    internal bool IsAmbiguous { get; set; }

    /// <summary>What a period or a print gives to all orders of ours.</summary>
    internal long Offered(long volume) => FillsWhole ? long.MaxValue : volume;

    /// <summary>Sum of the executions, quantity units, signed.</summary>
    internal long Position(InstrumentId instrument) => _account[instrument].Quantity;

    /// <summary>True when the venue is up and the instrument trades.</summary>
    internal bool IsOpen(VenueMarket market, long at) => market.IsTrading && !_incidents.IsVenueDown(at);

    /// <summary>True when the venue's hours let an order work. A status or an outage may still hinder it.</summary>
    internal bool IsInHours(in VenueOrder order, long at) =>
        _markets[order.Instrument.Value].Hours.IsOpen(at, order.WorksExtended);

    /// <summary>True when an order at this price would take something now.</summary>
    internal bool WouldTake(InstrumentId instrument, Side side, long price)
    {
        VenueMarket market = _markets[instrument.Value];
        Side opposite = side.Opposite();
        ConsumedLiquidity consumed = market.Consumed(opposite);
        int levels = market.Levels(opposite);
        for (int i = 0; i < levels; i++)
        {
            BookLevel level = market.LevelAt(opposite, i);
            if (side == Side.Buy ? level.Price > price : level.Price < price)
            {
                return false;
            }

            if (level.Quantity > consumed.At(level.Price))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the whole order can be filled at this instant.</summary>
    internal bool CanFillWhole(in VenueOrder order)
    {
        VenueMarket market = _markets[order.Instrument.Value];
        Side opposite = order.Side.Opposite();
        ConsumedLiquidity consumed = market.Consumed(opposite);
        int levels = market.Levels(opposite);
        int own = _selfTrade is SelfTradePrevention.CancelTaker or SelfTradePrevention.CancelBoth ? Own(order) : -1;
        int newPrices = 0;
        int fills = 0;
        long wanted = order.Remaining;
        for (int i = 0; i < levels && wanted > 0; i++)
        {
            BookLevel level = market.LevelAt(opposite, i);
            if (!order.Allows(level.Price) || (own >= 0 && IsReached(order.Side, _orders[own].Price, level.Price)))
            {
                break;
            }

            long available = FillsWhole ? wanted : level.Quantity - consumed.At(level.Price);
            if (available > 0)
            {
                wanted -= Math.Min(available, wanted);
                newPrices += consumed.Holds(level.Price) ? 0 : 1;
                fills++;
            }
        }

        if (wanted > 0 && _impact.IsOn && levels > 0)
        {
            long worst = market.LevelAt(opposite, levels - 1).Price;
            long most = order.IsLimited
                ? _impact.MostWithin(order.Price, order.Side, worst, market.Shown(opposite)) - market.Beyond(opposite)
                : wanted;
            wanted = order.Allows(worst) && most >= wanted ? 0 : wanted;
            fills++;
        }

        return wanted == 0 && newPrices <= consumed.Free && fills <= SpareReports
            && order.Remaining <= Reducible(order);
    }

    /// <summary>How much of an order may fill before it would add to or turn the position; no bound without the flag.</summary>
    internal long Reducible(in VenueOrder order) =>
        order.IsReduceOnly ? Math.Max(0, -order.Side.Sign() * Position(order.Instrument)) : long.MaxValue;

    /// <summary>An order meets what is shown: as if it arrived now.</summary>
    internal void Meet(int index, long at)
    {
        ref VenueOrder order = ref _orders[index];
        if (order.TimeInForce == TimeInForce.FillOrKill && !CanFillWhole(order))
        {
            End(index, at, ReportReason.FillOrKillUnfilled);
        }
        else if (order.IsPostOnly && WouldTake(order.Instrument, order.Side, order.Price))
        {
            End(index, at, ReportReason.PostOnlyWouldTake);
        }
        else
        {
            Take(index, at, Liquidity.Taker);
            if (_orders.IsLive(index))
            {
                RestOrEnd(index, at);
            }
        }
    }

    /// <summary>
    /// Walks the opposite side level by level, one execution for each. A taker pays the level's price and meets our own
    /// orders on its way; a resting order that the market came to meet trades at its own price.
    /// </summary>
    internal void Take(int index, long at, Liquidity liquidity)
    {
        ref VenueOrder order = ref _orders[index];
        VenueMarket market = _markets[order.Instrument.Value];
        Side opposite = order.Side.Opposite();
        if (liquidity == Liquidity.Maker && (!market.Shows(opposite) || !order.Allows(market.BestOf(opposite))))
        {
            // Nearly always: the market has not come to meet what rests.
            return;
        }

        ConsumedLiquidity consumed = market.Consumed(opposite);
        int levels = market.Levels(opposite);
        bool prevents = liquidity == Liquidity.Taker && _selfTrade != SelfTradePrevention.None;
        for (int i = 0; i < levels && _orders.IsLive(index); i++)
        {
            BookLevel level = market.LevelAt(opposite, i);
            if (!order.Allows(level.Price))
            {
                break;
            }

            if (prevents && !PreventSelfTrade(index, level.Price, at))
            {
                return;
            }

            if (FillsWhole)
            {
                Fill(index, at, liquidity == Liquidity.Maker ? order.Price : level.Price, order.Remaining, liquidity);
                return;
            }

            long available = level.Quantity - consumed.At(level.Price);
            if (available <= 0)
            {
                continue;
            }

            if (consumed.Free == 0 && !consumed.Holds(level.Price))
            {
                return;
            }

            long wanted = Math.Min(available, order.Remaining);
            long price = liquidity == Liquidity.Maker ? order.Price : level.Price;
            long filled = Fill(index, at, price, wanted, liquidity);
            if (filled > 0)
            {
                consumed.Add(level.Price, filled);
            }

            if (filled < wanted)
            {
                return;
            }
        }

        if (_impact.IsOn && liquidity == Liquidity.Taker && levels > 0 && _orders.IsLive(index))
        {
            TakeBeyond(index, market, opposite, levels, at);
        }

        if (prevents && _orders.IsLive(index) && order.Type == OrderType.Limit)
        {
            PreventSelfTrade(index, order.Price, at);
        }
    }

    // What is left of an order that took all that is shown trades on, at the price to which it moves the market.
    private void TakeBeyond(int index, VenueMarket market, Side opposite, int levels, long at)
    {
        ref VenueOrder order = ref _orders[index];
        long worst = market.LevelAt(opposite, levels - 1).Price;
        long shown = market.Shown(opposite);
        ref long beyond = ref market.Beyond(opposite);
        if (!order.Allows(worst) || shown <= 0 || worst <= 0)
        {
            return;
        }

        long most = order.IsLimited ? _impact.MostWithin(order.Price, order.Side, worst, shown) - beyond : order.Remaining;
        long wanted = market.Rules.RoundToLot(Math.Min(order.Remaining, most));
        long price = wanted > 0 ? _impact.Price(market.Rules, order.Side, worst, shown, beyond + wanted) : 0;
        if (price > 0 && order.Allows(price) && (_selfTrade == SelfTradePrevention.None || PreventSelfTrade(index, price, at)))
        {
            beyond += Fill(index, at, price, wanted, Liquidity.Taker);
        }
    }

    /// <summary>Lets an order meet our own ones up to a price, before it trades there.</summary>
    /// <returns>False when it ended by it.</returns>
    internal bool PreventSelfTrade(int index, long price, long at)
    {
        while (_selfTrade != SelfTradePrevention.None)
        {
            ref VenueOrder order = ref _orders[index];
            int own = Own(order);
            if (own < 0 || !IsReached(order.Side, _orders[own].Price, price))
            {
                return true;
            }

            if (_selfTrade != SelfTradePrevention.CancelTaker)
            {
                End(own, at, ReportReason.SelfTrade);
            }

            if (_selfTrade != SelfTradePrevention.CancelMaker)
            {
                End(index, at, ReportReason.SelfTrade);
                return false;
            }
        }

        return true;
    }

    /// <summary>Lets an order that is left over rest, or ends it when it must not.</summary>
    internal void RestOrEnd(int index, long at)
    {
        ref VenueOrder order = ref _orders[index];
        if (order.IsImmediate)
        {
            End(index, at, ReportReason.NoLiquidity);
            return;
        }

        order.IsWaiting = false;
        order.QueueAhead = _markets[order.Instrument.Value].Displayed(order.Side, order.Price);
        order.Shown = order.QueueAhead;
        order.Printed = 0;
        _orders.Link(index);
    }

    /// <summary>The venue ends an order.</summary>
    internal void End(int index, long at, ReportReason reason, OrderStatus status = OrderStatus.Cancelled)
    {
        ref VenueOrder order = ref _orders[index];
        _reporter.Order(order, at, status, reason, order.Command);
        Forget(index);
    }

    /// <summary>The venue ends all orders of an instrument.</summary>
    internal void EndAll(InstrumentId instrument, long at, ReportReason reason)
    {
        for (Side side = Side.Buy; side <= Side.Sell; side++)
        {
            for (int i = _orders.First(instrument, side); i >= 0; i = _orders.First(instrument, side))
            {
                End(i, at, reason);
            }
        }

        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = _orders.FirstSleeper(instrument))
        {
            End(i, at, reason);
        }
    }

    /// <summary>The clock ends an order; one for an auction that never came still gets what is shown.</summary>
    internal void Expire(int index, long at)
    {
        ref VenueOrder order = ref _orders[index];
        if (!order.IsAuction)
        {
            End(index, at, ReportReason.None, OrderStatus.Expired);
            return;
        }

        VenueMarket market = _markets[order.Instrument.Value];
        _orders.Unlink(index);
        order.Wake();
        if (market.ShowsDepth && market.IsReady && IsOpen(market, at))
        {
            Take(index, at, Liquidity.Taker);
        }

        if (_orders.IsLive(index))
        {
            End(index, at, ReportReason.NoLiquidity);
        }
    }

    /// <summary>Takes a finished order out; its id and what was filled stay known for a while.</summary>
    internal void Forget(int index)
    {
        ref VenueOrder order = ref _orders[index];
        _memory.Add(new EndedOrder
        {
            Id = order.Id.Packed,
            VenueNumber = order.VenueNumber,
            Price = order.Price,
            Quantity = order.Quantity,
            Filled = order.Filled,
        });
        _orders.Remove(index);
    }

    /// <summary>
    /// The only place where quantity changes hands. Fills less than asked when a reduce-only order has nothing more to
    /// reduce, and nothing while reports cannot be told.
    /// </summary>
    internal long Fill(int index, long at, long price, long quantity, Liquidity liquidity)
    {
        ref VenueOrder order = ref _orders[index];
        if (SpareReports < 1)
        {
            return 0;
        }

        long reducible = Reducible(order);
        quantity = Math.Min(quantity, reducible);
        if (quantity > 0)
        {
            order.Filled += quantity;
            _markets[order.Instrument.Value].LastFill = price;
            VenueMarket market = _markets[order.Instrument.Value];
            long fee = _fees.Charge(ref order.Fees, market.Rules, market.Symbol, at, price, quantity, liquidity);
            _account.Fill(market.Rules, order.Side.Sign() * quantity, price, fee);
            _shares?.OnFill(market.Rules, order.Side.Sign() * quantity, price, fee, order.VenueNumber, at);
            ExecutionMarks marks = IsAmbiguous ? ExecutionMarks.Ambiguous : ExecutionMarks.None;
            _reporter.Execution(order, at, price, quantity, liquidity, fee, marks);
        }

        if (order.Remaining == 0)
        {
            Forget(index);
        }
        else if (quantity == reducible)
        {
            End(index, at, ReportReason.ReduceOnlyWouldAdd);
        }

        return quantity;
    }

    /// <summary>
    /// An order for an amount of money gets its quantity from the first price that it meets, and says so when that differs.
    /// </summary>
    internal void Settle(int index, long at, long price)
    {
        ref VenueOrder order = ref _orders[index];
        if (order.Amount == 0 || SpareReports < 1)
        {
            return;
        }

        long quantity = _markets[order.Instrument.Value].QuantityFor(order.Amount, price);
        order.Amount = 0;
        if (quantity == 0)
        {
            End(index, at, ReportReason.TooSmall);
        }
        else if (quantity != order.Quantity)
        {
            order.Quantity = quantity;
            _reporter.Order(order, at, OrderStatus.Amended, ReportReason.None, order.Command);
        }
    }

    // The best resting order of ours that an order could trade with, or -1.
    private int Own(in VenueOrder order)
    {
        for (int i = _orders.First(order.Instrument, order.Side.Opposite()); i >= 0; i = _orders[i].Next)
        {
            if (!_orders[i].IsWaiting)
            {
                return order.Allows(_orders[i].Price) ? i : -1;
            }
        }

        return -1;
    }

    // True when an order that has come to a price has come past ours.
    private static bool IsReached(Side side, long own, long price) => side == Side.Buy ? own <= price : own >= price;
}
