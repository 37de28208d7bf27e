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

        Stretch span = new(bar.StartTime, bar.StartTime + bar.Timeframe);
        long left = FillOpening(instrument, span, bar.Open, _matcher.Offered(bar.Volume), at);
        WakeGapped(instrument, bar.Open, span);
        left = OnOpen(instrument, Side.Buy, span, bar.Open, left, at);
        left = OnOpen(instrument, Side.Sell, span, bar.Open, left, at);
        left = Pass(instrument, Side.Buy, span, bar.Open, left, at);
        left = Pass(instrument, Side.Sell, span, bar.Open, left, at);
        _matcher.IsAmbiguous = IsMet(instrument, span, bar.High, rises: true) && IsMet(instrument, span, bar.Low, rises: false);
        bool highFirst = IsHighFirst(instrument, span, bar);
        left = Move(instrument, span, highFirst ? bar.High : bar.Low, highFirst, left, at);
        left = Move(instrument, span, highFirst ? bar.Low : bar.High, !highFirst, left, at);
        bool rises = bar.Close > (highFirst ? bar.Low : bar.High);
        left = Move(instrument, span, bar.Close, rises, left, at);
        _matcher.IsAmbiguous = false;
        FillAuctions(instrument, OrderType.MarketOnClose, span.From, span.To, bar.Close, left, at);
    }

    /// <summary>Matches a print without quotes. What it wakes takes from the next one.</summary>
    internal void OnPrint(InstrumentId instrument, in Trade trade, long at)
    {
        if (!_matcher.IsOpen(_markets[instrument.Value], at))
        {
            return;
        }

        long left = _matcher.Offered(trade.Quantity);
        left = FillAuctions(instrument, OrderType.MarketOnOpen, at, at, trade.Price, left, at);
        left = FillAuctions(instrument, OrderType.MarketOnClose, at, at, trade.Price, left, at);
        Stretch span = new(at, at + 1);
        left = OnOpen(instrument, Side.Buy, span, trade.Price, left, at);
        left = OnOpen(instrument, Side.Sell, span, trade.Price, left, at);
        left = Pass(instrument, Side.Buy, span, trade.Price, left, at);
        Pass(instrument, Side.Sell, span, trade.Price, left, at);
        WakeByPrint(instrument, trade.Price, at);
    }

    // The first bar that begins with the opening or after it; as LEAN fills, the bar that holds it.
    private long FillOpening(InstrumentId instrument, Stretch span, long open, long left, long at) => FillAuctions(
        instrument, OrderType.MarketOnOpen, span.From, _matcher.FillsWhole ? span.To - 1 : span.From, open, left, at);

    private bool IsHighFirst(InstrumentId instrument, Stretch span, in Bar bar)
    {
        bool isHighNearer = bar.High - bar.Open <= bar.Open - bar.Low;
        switch (_path)
        {
            case BarPath.OpenHighLowClose:
                return true;
            case BarPath.OpenLowHighClose:
                return false;
            case BarPath.Adaptive:
                return isHighNearer;
            default:
                bool stopsAbove = NearestSleeper(instrument, span, bar.High, rises: true, stopsOnly: true) >= 0;
                bool stopsBelow = NearestSleeper(instrument, span, bar.Low, rises: false, stopsOnly: true) >= 0;
                return !_matcher.IsAmbiguous || stopsAbove == stopsBelow ? isHighNearer : stopsAbove;
        }
    }

    // Whether a way up or down to a price comes to an order of ours.
    private bool IsMet(InstrumentId instrument, Stretch span, long to, bool rises) =>
        NearestSleeper(instrument, span, to, rises) >= 0
        || FirstPassed(instrument, rises ? Side.Sell : Side.Buy, span, to) >= 0;

    private long FillAuctions(
        InstrumentId instrument, OrderType type, long start, long reached, long price, long left, long at)
    {
        int next;
        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = next)
        {
            next = _orders[i].Next;
            bool isDue = _orders[i].Type == type && reached >= _orders[i].AuctionAt && start >= SinceOf(_orders[i], type)
                && (type == OrderType.MarketOnOpen || start < _orders[i].AuctionAt || start == reached);
            if (isDue)
            {
                left = _depth.FillAuction(i, price, left, at);
            }
        }

        return left;
    }

    // An opening order that came within a bar may not have its open.
    private long SinceOf(in VenueOrder order, OrderType type) =>
        _matcher.FillsWhole && type == OrderType.MarketOnOpen ? order.SubmittedAt : long.MinValue;

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

            if (!TryFill(passed, _orders[passed].Price, ref left, at))
            {
                break;
            }
        }

        Follow(instrument, span, to);
        return left;
    }

    // False when reports have no room: nothing fills until they are taken.
    private bool TryFill(int index, long price, ref long left, long at)
    {
        long wanted = Math.Min(left, _orders[index].Remaining);
        long filled = _matcher.Fill(index, at, price, wanted, Liquidity.Maker);
        left -= filled;
        return filled == wanted || !_orders.IsLive(index);
    }

    private static bool IsBefore(long price, long other, bool rises) => rises ? price < other : price > other;

    private int NearestSleeper(InstrumentId instrument, Stretch span, long to, bool rises, bool stopsOnly = false)
    {
        int nearest = -1;
        for (int i = _orders.FirstSleeper(instrument); i >= 0; i = _orders[i].Next)
        {
            ref VenueOrder order = ref _orders[i];
            if (!order.IsAuction && order.WakesFalling != rises && order.WakesAt(to) && Counts(order, span)
                && (!stopsOnly || order.Type is OrderType.Stop or OrderType.StopLimit or OrderType.TrailingStop)
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

            if (!TryFill(passed, _matcher.FillsWhole ? price : _orders[passed].Price, ref left, at))
            {
                break;
            }
        }

        return left;
    }

    // From an instant to the one after the last.
    private readonly record struct Stretch(long From, long To);
}
