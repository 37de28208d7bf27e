using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// Matches where no standing quantity is shown: a bar, of which only open, high, low, close and volume are known, and a
/// print, which is a period of one price.
/// </summary>
/// <remarks>
/// <code>
///   open ─► auctions, stops that it gapped over, orders that wait to take, limits that it gapped over
///   open ──► first extreme ──► second extreme ──► close, each a straight line of prices:
///            a sleeping order wakes at its trigger and trades there, a resting limit fills when it is passed
/// </code>
/// A period counts for an order when it began no earlier than the order was sent. Its volume is one for all orders.
/// </remarks>
internal sealed class PeriodMatcher
{
    private readonly VenueMarket[] _markets;
    private readonly OrderTable _orders;
    private readonly Matcher _matcher;
    private readonly DepthMatcher _depth;
    private readonly BarPath _path;

    internal PeriodMatcher(VenueMarket[] markets, OrderTable orders, Matcher matcher, DepthMatcher depth, BarPath path)
    {
        _markets = markets;
        _orders = orders;
        _matcher = matcher;
        _depth = depth;
        _path = path;
    }

    /// <summary>Matches a bar along its path.</summary>
    internal void OnBar(InstrumentId instrument, in Bar bar, long at)
    {
        if (!_matcher.IsOpen(_markets[instrument.Value], at) || bar.Volume <= 0)
        {
            return;
        }

        long left = FillAuctions(instrument, OrderType.MarketOnOpen, bar.StartTime, bar.StartTime, bar.Open, bar.Volume, at);
        Stretch span = new(bar.StartTime, bar.StartTime + bar.Timeframe);
        WakeGapped(instrument, bar.Open, span);
        left = OnOpen(instrument, Side.Buy, span, bar.Open, left, at);
        left = OnOpen(instrument, Side.Sell, span, bar.Open, left, at);
        left = Pass(instrument, Side.Buy, span, bar.Open, left, at);
        left = Pass(instrument, Side.Sell, span, bar.Open, left, at);
        bool highFirst = _path switch
        {
            BarPath.Adaptive => bar.High - bar.Open <= bar.Open - bar.Low,
            BarPath.OpenHighLowClose => true,
            BarPath.OpenLowHighClose => false,
        };
        left = Move(instrument, span, highFirst ? bar.High : bar.Low, highFirst, left, at);
        left = Move(instrument, span, highFirst ? bar.Low : bar.High, !highFirst, left, at);
        bool rises = bar.Close > (highFirst ? bar.Low : bar.High);
        left = Move(instrument, span, bar.Close, rises, left, at);
        FillAuctions(instrument, OrderType.MarketOnClose, span.From, span.To, bar.Close, left, at);
    }

    /// <summary>Matches a print without quotes. What it wakes takes from the next one.</summary>
    internal void OnPrint(InstrumentId instrument, in Trade trade, long at)
    {
        if (!_matcher.IsOpen(_markets[instrument.Value], at))
        {
            return;
        }

        long left = FillAuctions(instrument, OrderType.MarketOnOpen, at, at, trade.Price, trade.Quantity, at);
        left = FillAuctions(instrument, OrderType.MarketOnClose, at, at, trade.Price, left, at);
        Stretch span = new(at, at + 1);
        left = OnOpen(instrument, Side.Buy, span, trade.Price, left, at);
        left = OnOpen(instrument, Side.Sell, span, trade.Price, left, at);
        left = Pass(instrument, Side.Buy, span, trade.Price, left, at);
        Pass(instrument, Side.Sell, span, trade.Price, left, at);
        WakeByPrint(instrument, trade.Price, at);
    }

    private long FillAuctions(
        InstrumentId instrument, OrderType type, long start, long reached, long price, long left, long at)
    {
        int next;
        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = next)
        {
            next = _orders[i].Next;
            bool isDue = _orders[i].Type == type && reached >= _orders[i].AuctionAt
                && (type == OrderType.MarketOnOpen || start < _orders[i].AuctionAt || start == reached);
            if (isDue)
            {
                left = _depth.FillAuction(i, price, left, at);
            }
        }

        return left;
    }

    private bool Counts(in VenueOrder order, Stretch span) =>
        span.From >= order.SubmittedAt
        && _markets[order.Instrument.Value].Hours.IsOpen(span.From, span.To, order.WorksExtended);

    // A gap over the trigger: the order trades at the open like one that waited for it.
    private void WakeGapped(InstrumentId instrument, long open, Stretch span)
    {
        int next;
        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = next)
        {
            ref VenueOrder order = ref _orders[i];
            next = order.Next;
            if (order.IsAuction || !Counts(order, span))
            {
                continue;
            }

            if (order.WakesAt(open))
            {
                ToWait(i);
            }
            else
            {
                order.Follow(open);
            }
        }
    }

    private void WakeByPrint(InstrumentId instrument, long price, long at)
    {
        int next;
        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = next)
        {
            ref VenueOrder order = ref _orders[i];
            next = order.Next;
            if (order.IsAuction || !_matcher.IsInHours(order, at))
            {
                continue;
            }

            if (order.WakesAt(price))
            {
                ToWait(i);
            }
            else
            {
                order.Follow(price);
            }
        }
    }

    private void ToWait(int index)
    {
        _orders.Unlink(index);
        _orders[index].Wake();
        _orders[index].IsWaiting = true;
        _orders.Link(index);
    }

    private long OnOpen(InstrumentId instrument, Side side, Stretch span, long open, long left, long at)
    {
        int next;
        for (int i = _orders.First(instrument, side); i >= 0; i = next)
        {
            next = _orders[i].Next;
            if (_orders[i].IsWaiting && Counts(_orders[i], span))
            {
                _orders[i].IsWaiting = false;
                _matcher.Settle(i, at, open);
                left = _orders.IsLive(i) ? Meet(i, open, left, at) : left;
            }
        }

        return left;
    }

    // An order that may take meets a price: what it does not get rests, in the place that it has, or ends.
    private long Meet(int index, long price, long left, long at)
    {
        ref VenueOrder order = ref _orders[index];
        bool takes = order.Allows(price);
        if (takes && order.IsPostOnly)
        {
            _matcher.End(index, at, ReportReason.PostOnlyWouldTake);
            return left;
        }

        long most = Math.Min(left, _matcher.SpareReports < 1 ? 0 : _matcher.Reducible(order));
        if (order.TimeInForce == TimeInForce.FillOrKill && (!takes || most < order.Remaining))
        {
            _matcher.End(index, at, ReportReason.FillOrKillUnfilled);
            return left;
        }

        if (takes && left > 0)
        {
            left -= _matcher.Fill(index, at, price, Math.Min(left, order.Remaining), Liquidity.Taker);
        }

        if (_orders.IsLive(index) && order.IsImmediate)
        {
            _matcher.End(index, at, ReportReason.NoLiquidity);
        }

        return left;
    }

    // A straight line of prices to one price: the nearest of what happens on it comes first.
    private long Move(InstrumentId instrument, Stretch span, long to, bool rises, long left, long at)
    {
        Side resting = rises ? Side.Sell : Side.Buy;
        while (true)
        {
            int sleeper = NearestSleeper(instrument, span, to, rises);
            int passed = left > 0 ? FirstPassed(instrument, resting, span, to) : -1;
            if (sleeper < 0 && passed < 0)
            {
                break;
            }

            if (sleeper >= 0 && (passed < 0 || !IsBefore(_orders[passed].Price, _orders[sleeper].TriggerPrice, rises)))
            {
                long price = _orders[sleeper].TriggerPrice;
                _orders.Unlink(sleeper);
                _orders[sleeper].Wake();
                _orders.Link(sleeper);
                left = Meet(sleeper, price, left, at);
                continue;
            }

            if (!TryFill(passed, ref left, at))
            {
                break;
            }
        }

        Follow(instrument, span, to);
        return left;
    }

    // False when reports have no room: nothing fills until they are taken.
    private bool TryFill(int index, ref long left, long at)
    {
        long wanted = Math.Min(left, _orders[index].Remaining);
        long filled = _matcher.Fill(index, at, _orders[index].Price, wanted, Liquidity.Maker);
        left -= filled;
        return filled == wanted || !_orders.IsLive(index);
    }

    private static bool IsBefore(long price, long other, bool rises) => rises ? price < other : price > other;

    private int NearestSleeper(InstrumentId instrument, Stretch span, long to, bool rises)
    {
        int nearest = -1;
        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = _orders[i].Next)
        {
            ref VenueOrder order = ref _orders[i];
            if (!order.IsAuction && order.WakesFalling != rises && order.WakesAt(to) && Counts(order, span)
                && (nearest < 0 || IsBefore(order.TriggerPrice, _orders[nearest].TriggerPrice, rises)))
            {
                nearest = i;
            }
        }

        return nearest;
    }

    private int FirstPassed(InstrumentId instrument, Side side, Stretch span, long to)
    {
        for (int i = _orders.First(instrument, side); i >= 0; i = _orders[i].Next)
        {
            if (_orders[i].IsWaiting || !Counts(_orders[i], span))
            {
                continue;
            }

            return IsBefore(_orders[i].Price, to, side == Side.Sell) ? i : -1;
        }

        return -1;
    }

    private void Follow(InstrumentId instrument, Stretch span, long price)
    {
        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = _orders[i].Next)
        {
            if (!_orders[i].IsAuction && Counts(_orders[i], span))
            {
                _orders[i].Follow(price);
            }
        }
    }

    private long Pass(InstrumentId instrument, Side side, Stretch span, long price, long left, long at)
    {
        while (left > 0)
        {
            int passed = FirstPassed(instrument, side, span, price);
            if (passed < 0)
            {
                break;
            }

            if (!TryFill(passed, ref left, at))
            {
                break;
            }
        }

        return left;
    }

    // From an instant to the one after the last.
    private readonly record struct Stretch(long From, long To);
}
