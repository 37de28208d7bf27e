using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// Trades our orders against what the market shows. It is pessimistic where the data is silent: others were there
/// first, quantity that we took stays taken, and what is not shown is not there.
/// </summary>
internal sealed class Matcher
{
    private readonly VenueMarket[] _markets;
    private readonly OrderTable _orders;
    private readonly OrderMemory _memory;
    private readonly Arrivals _arrivals;
    private readonly Reporter _reporter;
    private readonly long[] _positions;

    internal Matcher(
        VenueMarket[] markets, OrderTable orders, OrderMemory memory, Arrivals arrivals, Reporter reporter)
    {
        _markets = markets;
        _orders = orders;
        _memory = memory;
        _arrivals = arrivals;
        _reporter = reporter;
        _positions = new long[markets.Length];
    }

    /// <summary>Free places for reports once every order and command in flight has got its last word.</summary>
    internal int SpareReports => _reporter.Free - (2 * _arrivals.Count) - _orders.Count;

    /// <summary>Sum of the executions, quantity units, signed.</summary>
    internal long Position(InstrumentId instrument) => _positions[instrument.Value];

    internal void SetPosition(InstrumentId instrument, long quantity) => _positions[instrument.Value] = quantity;

    internal void ForgetPosition(InstrumentId instrument) => _positions[instrument.Value] = 0;

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
        int newPrices = 0;
        int fills = 0;
        long wanted = order.Remaining;
        for (int i = 0; i < levels && wanted > 0; i++)
        {
            BookLevel level = market.LevelAt(opposite, i);
            if (!order.Allows(level.Price))
            {
                break;
            }

            long available = level.Quantity - consumed.At(level.Price);
            if (available > 0)
            {
                wanted -= Math.Min(available, wanted);
                newPrices += consumed.Holds(level.Price) ? 0 : 1;
                fills++;
            }
        }

        return wanted == 0 && newPrices <= consumed.Free && fills <= SpareReports
            && order.Remaining <= Reducible(order);
    }

    /// <summary>How much of an order may fill before it would add to or turn the position; no bound without the flag.</summary>
    internal long Reducible(in VenueOrder order) =>
        order.IsReduceOnly ? Math.Max(0, -order.Side.Sign() * Position(order.Instrument)) : long.MaxValue;

    /// <summary>
    /// Walks the opposite side level by level, one execution for each. A taker pays the level's price; a resting order
    /// that the market came to meet trades at its own.
    /// </summary>
    internal void Take(int index, long at, Liquidity liquidity)
    {
        ref VenueOrder order = ref _orders[index];
        VenueMarket market = _markets[order.Instrument.Value];
        Side opposite = order.Side.Opposite();
        ConsumedLiquidity consumed = market.Consumed(opposite);
        int levels = market.Levels(opposite);
        for (int i = 0; i < levels && _orders.IsLive(index); i++)
        {
            BookLevel level = market.LevelAt(opposite, i);
            if (!order.Allows(level.Price))
            {
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

        order.QueueAhead = _markets[order.Instrument.Value].Displayed(order.Side, order.Price);
        _orders.Link(index);
    }

    /// <summary>The venue ends an order.</summary>
    internal void End(int index, long at, ReportReason reason)
    {
        ref VenueOrder order = ref _orders[index];
        _reporter.Order(order, at, OrderStatus.Cancelled, reason, order.Command);
        Forget(index);
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

    /// <summary>Matches after the shown quantities of an instrument changed.</summary>
    internal void OnDepth(InstrumentId instrument, long at)
    {
        VenueMarket market = _markets[instrument.Value];
        if (market.ShowsDepth && market.IsReady && market.IsTrading)
        {
            OnDepth(market, instrument, Side.Buy, at);
            OnDepth(market, instrument, Side.Sell, at);
        }
    }

    /// <summary>
    /// Matches a print beside a book or quotes: through our price it fills us, at our price it first serves the queue
    /// ahead of us. A print has one quantity for all our orders.
    /// </summary>
    internal void OnPrint(InstrumentId instrument, in Trade trade, long at)
    {
        VenueMarket market = _markets[instrument.Value];
        if (market.IsReady && market.IsTrading)
        {
            long left = OnPrint(instrument, Side.Buy, trade, trade.Quantity, at);
            OnPrint(instrument, Side.Sell, trade, left, at);
        }
    }

    /// <summary>
    /// Matches a period of which only open, high, low and volume are known; a print without quotes is a period of one
    /// price. Orders that wait may take at the open; resting ones fill at their limit when the period trades through it.
    /// </summary>
    internal void OnPeriod(InstrumentId instrument, in Bar period, long at)
    {
        if (_markets[instrument.Value].IsTrading && period.Volume > 0)
        {
            long left = OnOpen(instrument, Side.Buy, period, period.Volume, at);
            left = OnOpen(instrument, Side.Sell, period, left, at);
            left = OnRange(instrument, Side.Buy, period, left, at);
            OnRange(instrument, Side.Sell, period, left, at);
        }
    }

    internal void Visit(StateVisitor visitor) => visitor.Visit<long>(_positions);

    private void OnDepth(VenueMarket market, InstrumentId instrument, Side side, long at)
    {
        int next;
        for (int i = _orders.First(instrument, side); i >= 0; i = next)
        {
            ref VenueOrder order = ref _orders[i];
            next = order.Next;
            if (order.IsWaiting)
            {
                // It was sent when there were only prints or bars; now there is something to take.
                order.IsWaiting = false;
                _orders.Unlink(i);
                Meet(i, at);
                continue;
            }

            order.QueueAhead = Math.Min(order.QueueAhead, market.Displayed(side, order.Price));
            Take(i, at, Liquidity.Maker);
        }
    }

    // The first contact of a waiting order with shown quantities: as if it arrived now.
    private void Meet(int index, long at)
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

    private long OnPrint(InstrumentId instrument, Side side, in Trade trade, long left, long at)
    {
        long served = 0;
        int next;
        for (int i = _orders.First(instrument, side); i >= 0; i = next)
        {
            ref VenueOrder order = ref _orders[i];
            next = order.Next;
            if (order.IsWaiting)
            {
                continue;
            }

            bool isThrough = side == Side.Buy ? trade.Price < order.Price : trade.Price > order.Price;
            if (isThrough)
            {
                order.QueueAhead = 0;
            }
            else if (trade.Price != order.Price || trade.Aggressor == side)
            {
                break;
            }
            else if (order.QueueAhead != VenueOrder.UnknownQueue)
            {
                // The queue ahead of a later order contains that of an earlier one: what served that, served this.
                long step = Math.Min(left, Math.Max(0, order.QueueAhead - served));
                served += step;
                left -= step;
                order.QueueAhead -= Math.Min(order.QueueAhead, served);
            }

            if (left > 0 && order.QueueAhead == 0)
            {
                left -= Fill(i, at, order.Price, Math.Min(left, order.Remaining), Liquidity.Maker);
            }
        }

        return left;
    }

    private long OnOpen(InstrumentId instrument, Side side, in Bar period, long left, long at)
    {
        int next;
        for (int i = _orders.First(instrument, side); i >= 0; i = next)
        {
            ref VenueOrder order = ref _orders[i];
            next = order.Next;
            if (!order.IsWaiting || period.StartTime < order.SubmittedAt)
            {
                continue;
            }

            order.IsWaiting = false;
            bool takes = order.Allows(period.Open);
            if (takes && order.IsPostOnly)
            {
                End(i, at, ReportReason.PostOnlyWouldTake);
                continue;
            }

            long most = Math.Min(left, SpareReports < 1 ? 0 : Reducible(order));
            if (order.TimeInForce == TimeInForce.FillOrKill && (!takes || most < order.Remaining))
            {
                End(i, at, ReportReason.FillOrKillUnfilled);
                continue;
            }

            if (takes && left > 0)
            {
                left -= Fill(i, at, period.Open, Math.Min(left, order.Remaining), Liquidity.Taker);
            }

            if (_orders.IsLive(i) && order.IsImmediate)
            {
                End(i, at, ReportReason.NoLiquidity);
            }
        }

        return left;
    }

    private long OnRange(InstrumentId instrument, Side side, in Bar period, long left, long at)
    {
        int next;
        for (int i = _orders.First(instrument, side); i >= 0 && left > 0; i = next)
        {
            ref VenueOrder order = ref _orders[i];
            next = order.Next;
            if (order.IsWaiting || period.StartTime < order.SubmittedAt)
            {
                continue;
            }

            if (side == Side.Buy ? period.Low >= order.Price : period.High <= order.Price)
            {
                break;
            }

            left -= Fill(i, at, order.Price, Math.Min(left, order.Remaining), Liquidity.Maker);
        }

        return left;
    }

    // The only place where quantity changes hands. Fills less than asked when a reduce-only order has nothing more to
    // reduce, and nothing while reports cannot be told.
    private long Fill(int index, long at, long price, long quantity, Liquidity liquidity)
    {
        ref VenueOrder order = ref _orders[index];
        ref long position = ref _positions[order.Instrument.Value];
        if (SpareReports < 1)
        {
            return 0;
        }

        long reducible = Reducible(order);
        quantity = Math.Min(quantity, reducible);
        if (quantity > 0)
        {
            order.Filled += quantity;
            position += order.Side.Sign() * quantity;
            _reporter.Execution(order, _markets[order.Instrument.Value].Rules, at, price, quantity, liquidity);
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
}
