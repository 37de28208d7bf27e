using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>Matches where standing quantities are shown: order books, quotes, and the prints beside them.</summary>
internal sealed class DepthMatcher
{
    private readonly VenueMarket[] _markets;
    private readonly OrderTable _orders;
    private readonly Matcher _matcher;
    private readonly QueuePosition _queue;
    private readonly TriggerPriceSource _trigger;

    internal DepthMatcher(
        VenueMarket[] markets, OrderTable orders, Matcher matcher, QueuePosition queue, TriggerPriceSource trigger)
    {
        _markets = markets;
        _orders = orders;
        _matcher = matcher;
        _queue = queue;
        _trigger = trigger;
    }

    /// <summary>Matches after the shown quantities of an instrument changed.</summary>
    internal void OnDepth(InstrumentId instrument, long at)
    {
        VenueMarket market = _markets[instrument.Value];
        if (market.ShowsDepth && market.IsReady)
        {
            bool isOpen = _matcher.IsOpen(market, at);
            OnDepth(market, instrument, Side.Buy, isOpen, at);
            OnDepth(market, instrument, Side.Sell, isOpen, at);
            if (isOpen)
            {
                if (!market.HasPrinted)
                {
                    MeetAuctions(instrument, at);
                }

                WakeByTouch(market, instrument, at);
            }
        }
    }

    /// <summary>
    /// Matches a print beside a book or quotes: through our price it fills us, at our price it first serves the queue
    /// ahead of us. A print has one quantity for all our orders, those of an auction first.
    /// </summary>
    internal void OnPrint(InstrumentId instrument, in Trade trade, long at)
    {
        VenueMarket market = _markets[instrument.Value];
        if (market.IsReady && _matcher.IsOpen(market, at))
        {
            long left = FillAuctions(instrument, trade.Price, _matcher.Offered(trade.Quantity), at);
            left = OnPrint(instrument, Side.Buy, trade, left, at);
            OnPrint(instrument, Side.Sell, trade, left, at);
            if (_trigger == TriggerPriceSource.Last)
            {
                Wake(instrument, trade.Price, trade.Price, at);
            }
        }
    }

    /// <summary>An order that has just come to sleep may have come too late to sleep.</summary>
    internal void OnSleep(int index, long at)
    {
        VenueMarket market = _markets[_orders[index].Instrument.Value];
        if (!market.IsReady || !_matcher.IsOpen(market, at) || _orders[index].IsAuction)
        {
            return;
        }

        long price = Reference(market, _orders[index].Side);
        if (price != 0)
        {
            Try(index, price, at);
        }
    }

    /// <summary>The price that wakes the orders of a side; 0 when there is none.</summary>
    internal long Reference(VenueMarket market, Side side)
    {
        if (!market.ShowsDepth || (_trigger == TriggerPriceSource.Last && market.HasPrinted))
        {
            return market.LastPrice;
        }

        return market.PriceFor(side);
    }

    private void OnDepth(VenueMarket market, InstrumentId instrument, Side side, bool isOpen, long at)
    {
        int next;
        for (int i = _orders.First(instrument, side); i >= 0; i = next)
        {
            ref VenueOrder order = ref _orders[i];
            next = order.Next;
            if (order.IsWaiting)
            {
                if (isOpen && _matcher.IsInHours(order, at))
                {
                    // It came when there was nothing to take; now there is.
                    order.IsWaiting = false;
                    _orders.Unlink(i);
                    Settle(market, i, at);
                    if (_orders.IsLive(i))
                    {
                        _matcher.Meet(i, at);
                    }
                }

                continue;
            }

            Queue(market, ref order);
            if (isOpen && _matcher.IsInHours(order, at))
            {
                _matcher.Take(i, at, Liquidity.Maker);
            }
        }
    }

    private void Queue(VenueMarket market, ref VenueOrder order)
    {
        long shown = market.Displayed(order.Side, order.Price);
        if (shown == VenueOrder.UnknownQueue)
        {
            // Out of sight: what we knew of the queue stays true until it is seen again.
            order.Shown = order.QueueAhead == VenueOrder.UnknownQueue ? VenueOrder.UnknownQueue : order.Shown;
            return;
        }

        order.QueueAhead = order.QueueAhead == VenueOrder.UnknownQueue || order.Shown == VenueOrder.UnknownQueue
            ? Math.Min(order.QueueAhead, shown)
            : _queue.Advance(order.QueueAhead, order.Shown, shown, order.Printed);
        order.Shown = shown;
        order.Printed = 0;
    }

    private long OnPrint(InstrumentId instrument, Side side, in Trade trade, long left, long at)
    {
        long served = 0;
        int next;
        for (int i = _orders.First(instrument, side); i >= 0; i = next)
        {
            ref VenueOrder order = ref _orders[i];
            next = order.Next;
            if (order.IsWaiting || !_matcher.IsInHours(order, at))
            {
                continue;
            }

            bool isThrough = side == Side.Buy ? trade.Price < order.Price : trade.Price > order.Price;
            if (isThrough)
            {
                order.QueueAhead = 0;
            }
            else if (trade.Price != order.Price || trade.Aggressor == side || _matcher.FillsWhole)
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
                order.Printed += trade.Quantity;
            }

            if (left > 0 && order.QueueAhead == 0)
            {
                left -= _matcher.Fill(i, at, order.Price, Math.Min(left, order.Remaining), Liquidity.Maker);
            }
        }

        return left;
    }

    private void WakeByTouch(VenueMarket market, InstrumentId instrument, long at)
    {
        if (_orders.FirstSleeper(instrument) >= 0 && (_trigger == TriggerPriceSource.Touch || !market.HasPrinted))
        {
            Wake(instrument, market.PriceFor(Side.Buy), market.PriceFor(Side.Sell), at);
        }
    }

    // In the order in which they came. A price of 0 wakes nobody.
    private void Wake(InstrumentId instrument, long forBuys, long forSells, long at)
    {
        int next;
        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = next)
        {
            next = _orders[i].Next;
            long price = _orders[i].Side == Side.Buy ? forBuys : forSells;
            if (price != 0 && !_orders[i].IsAuction)
            {
                Try(i, price, at);
            }
        }
    }

    private void Try(int index, long price, long at)
    {
        ref VenueOrder order = ref _orders[index];
        if (!_matcher.IsInHours(order, at))
        {
            return;
        }

        if (!order.WakesAt(price))
        {
            order.Follow(price);
            return;
        }

        _orders.Unlink(index);
        order.Wake();
        VenueMarket market = _markets[order.Instrument.Value];
        if (market.ShowsDepth)
        {
            _matcher.Meet(index, at);
        }
        else
        {
            order.IsWaiting = true;
            _orders.Link(index);
        }
    }

    private long FillAuctions(InstrumentId instrument, long price, long left, long at)
    {
        int next;
        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = next)
        {
            next = _orders[i].Next;
            if (_orders[i].IsAuction && at >= _orders[i].AuctionAt)
            {
                left = FillAuction(i, price, left, at);
            }
        }

        return left;
    }

    /// <summary>An order for an auction trades in it, up to what is left of its volume; the rest ends.</summary>
    /// <returns>What is left of the volume after it.</returns>
    internal long FillAuction(int index, long price, long left, long at)
    {
        if (left > 0)
        {
            left -= _matcher.Fill(index, at, price, Math.Min(left, _orders[index].Remaining), Liquidity.Taker);
        }

        if (_orders.IsLive(index))
        {
            _matcher.End(index, at, ReportReason.NoLiquidity);
        }

        return left;
    }

    // Where nothing is ever printed the first thing shown at the auction or after stands for it.
    private void MeetAuctions(InstrumentId instrument, long at)
    {
        int next;
        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = next)
        {
            next = _orders[i].Next;
            if (_orders[i].IsAuction && at >= _orders[i].AuctionAt)
            {
                _orders.Unlink(i);
                _orders[i].Wake();
                _matcher.Meet(i, at);
            }
        }
    }

    private void Settle(VenueMarket market, int index, long at)
    {
        long price = market.PriceFor(_orders[index].Side);
        if (price != 0)
        {
            _matcher.Settle(index, at, price);
        }
    }
}
