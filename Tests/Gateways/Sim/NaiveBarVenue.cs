using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>A rule of the naive venue that is broken, to show that the comparison notices.</summary>
public enum BarBug
{
    None,
    FillsInTheBarOfTheSignal,
    FillsAtTheTouch,
    GapsFillAtTheTrigger,
    GoesTheOtherWayFirst,
    GivesEachOrderTheVolume,
    WakesOnlyBeyondTheTrigger,
    TrailsAtTheCloseOnly,
    TrailsBackwards,
    LetsMarketOrdersRest,
    LetsImmediateOrdersRest,
    FillsPartOfFillOrKill,
    TakesWithPostOnly,
    ForgetsTheLimitOfAStop,
    WakesOnTheOtherSide,
    ServesTheWorstPriceFirst,
    GivesGapsToResting,
}

/// <summary>An order of the naive venue, sent at the end of a bar.</summary>
internal sealed class NaiveOrder
{
    internal required Command Command { get; init; }

    /// <summary>The bar at whose end it was sent.</summary>
    internal required int SentAfter { get; init; }

    internal OrderType Type { get; set; }

    internal long Trigger { get; set; }

    internal long Left { get; set; }

    internal bool IsWaiting { get; set; }

    internal bool HasEnded { get; set; }

    internal long Rank { get; set; }

    internal List<string> Said { get; } = [];

    internal bool Sleeps => Type is >= OrderType.Stop and <= OrderType.TrailingStop;

    internal bool Buys => Command.Side == Side.Buy;
}

/// <summary>
/// A second, slow implementation of matching against bars: every bar becomes the list of all prices on its path, one tick
/// after the other, and each order looks at each price. It shares no code with the simulated venue.
/// </summary>
internal sealed class NaiveBarVenue(BarPath path, long tick, BarBug bug)
{
    private readonly List<NaiveOrder> _orders = [];
    private long _rank;
    private long _volume;
    private int _bar;

    internal IReadOnlyList<NaiveOrder> Orders => _orders;

    internal void Send(in Command command, int after, long last)
    {
        NaiveOrder order = new()
        {
            Command = command,
            SentAfter = after,
            Type = command.Type,
            Trigger = command.TriggerPrice,
            Left = command.Quantity,
            IsWaiting = true,
            Rank = ++_rank,
        };
        _orders.Add(order);
        if (order.Sleeps)
        {
            if (Wakes(order, last))
            {
                Wake(order);
            }
            else
            {
                Follow(order, last);
            }
        }
    }

    internal void Show(int number, in Bar bar)
    {
        _bar = number;
        _volume = bar.Volume;
        AtOpen(bar.Open);
        bool highFirst = path == BarPath.OpenHighLowClose
            || (path is BarPath.Adaptive or BarPath.StopFirst && bar.High - bar.Open <= bar.Open - bar.Low);
        if (path == BarPath.StopFirst && Lies(bar.High, true, false) && Lies(bar.Low, false, false)
            && Lies(bar.High, true, true) != Lies(bar.Low, false, true))
        {
            highFirst = Lies(bar.High, true, true);
        }

        highFirst ^= bug == BarBug.GoesTheOtherWayFirst;
        long at = bar.Open;
        foreach (long corner in (long[])[highFirst ? bar.High : bar.Low, highFirst ? bar.Low : bar.High, bar.Close])
        {
            while (at != corner)
            {
                bool rises = corner > at;
                at += rises ? tick : -tick;
                Pass(at, rises);
                Touch(at, rises);
                foreach (NaiveOrder order in Counting().Where(o => o.Sleeps && bug != BarBug.TrailsAtTheCloseOnly))
                {
                    Follow(order, at);
                }
            }
        }

        foreach (NaiveOrder order in Counting().Where(o => o.Sleeps))
        {
            Follow(order, at);
        }
    }

    private NaiveOrder[] Counting() => _orders.Where(o => !o.HasEnded
        && (o.SentAfter < _bar || (bug == BarBug.FillsInTheBarOfTheSignal && o.SentAfter <= _bar))).ToArray();

    private void AtOpen(long open)
    {
        foreach (NaiveOrder order in Counting().Where(o => o.Sleeps))
        {
            if (Wakes(order, open))
            {
                long price = order.Trigger;
                Wake(order);
                if (bug == BarBug.GapsFillAtTheTrigger)
                {
                    Meet(order, price);
                }
            }
            else
            {
                Follow(order, open);
            }
        }

        foreach (bool buys in (bool[])[true, false])
        {
            foreach (NaiveOrder order in InBook(buys).Where(o => o.IsWaiting))
            {
                Meet(order, open);
            }
        }

        foreach (bool rises in (bool[])[false, true])
        {
            Pass(open, rises);
        }
    }

    // Whether an order, or a stop, would do something on the way to a price.
    private bool Lies(long to, bool rises, bool stops) => Counting().Any(o => o.Sleeps
        ? WakesRising(o) == rises && Wakes(o, to)
            && (!stops || o.Type is OrderType.Stop or OrderType.StopLimit or OrderType.TrailingStop)
        : !stops && !o.IsWaiting && o.Buys != rises && _volume > 0
            && (rises ? o.Command.Price < to : o.Command.Price > to));

    private IEnumerable<NaiveOrder> InBook(bool buys)
    {
        IEnumerable<NaiveOrder> side = Counting().Where(o => !o.Sleeps && o.Buys == buys);
        long sign = buys == (bug != BarBug.ServesTheWorstPriceFirst) ? -1 : 1;
        return [.. side.OrderBy(o => o.Type == OrderType.Market ? 0 : 1).ThenBy(o => sign * o.Command.Price).ThenBy(o => o.Rank)];
    }

    private void Pass(long price, bool rises)
    {
        foreach (NaiveOrder order in InBook(buys: !rises).Where(o => !o.IsWaiting))
        {
            bool isPassed = rises ? order.Command.Price < price : order.Command.Price > price;
            if (isPassed || (bug == BarBug.FillsAtTheTouch && order.Command.Price == price))
            {
                Fill(order, bug == BarBug.GivesGapsToResting ? price : order.Command.Price, "Maker");
            }
        }
    }

    private void Touch(long price, bool rises)
    {
        foreach (NaiveOrder order in Counting().Where(o => o.Sleeps && WakesRising(o) == rises))
        {
            if (Wakes(order, price))
            {
                Wake(order);
                Meet(order, price);
            }
        }
    }

    private void Meet(NaiveOrder order, long price)
    {
        if (order.HasEnded)
        {
            return;
        }

        order.IsWaiting = false;
        Command command = order.Command;
        bool allows = order.Type == OrderType.Market || (order.Buys ? price <= command.Price : price >= command.Price);
        bool isWhole = command.TimeInForce == TimeInForce.FillOrKill;
        if (allows && (command.Flags & OrderFlags.PostOnly) != 0 && bug != BarBug.TakesWithPostOnly)
        {
            order.HasEnded = true;
            return;
        }

        if (isWhole && (!allows || _volume < order.Left) && bug != BarBug.FillsPartOfFillOrKill)
        {
            order.HasEnded = true;
            return;
        }

        if (allows)
        {
            Fill(order, price, "Taker");
        }

        bool ends = (order.Type == OrderType.Market && bug != BarBug.LetsMarketOrdersRest)
            || isWhole
            || (command.TimeInForce == TimeInForce.ImmediateOrCancel && order.Type == OrderType.Limit && bug != BarBug.LetsImmediateOrdersRest);
        order.IsWaiting = !ends && order.Type == OrderType.Market;
        order.HasEnded |= ends;
    }

    private void Fill(NaiveOrder order, long price, string liquidity)
    {
        long quantity = Math.Min(order.Left, _volume);
        if (quantity <= 0 || order.HasEnded)
        {
            return;
        }

        order.Left -= quantity;
        _volume -= bug == BarBug.GivesEachOrderTheVolume ? 0 : quantity;
        order.HasEnded = order.Left == 0;
        order.Said.Add($"{_bar}: {liquidity} {quantity} @ {price}");
    }

    private bool WakesRising(NaiveOrder order)
    {
        bool isStop = order.Type is OrderType.Stop or OrderType.StopLimit or OrderType.TrailingStop;
        bool rising = isStop == order.Buys;
        return bug == BarBug.WakesOnTheOtherSide && !isStop ? !rising : rising;
    }

    private bool Wakes(NaiveOrder order, long price)
    {
        long beyond = bug == BarBug.WakesOnlyBeyondTheTrigger ? tick : 0;
        return order.Trigger != 0
            && (WakesRising(order) ? price >= order.Trigger + beyond : price <= order.Trigger - beyond);
    }

    private void Wake(NaiveOrder order)
    {
        bool hasLimit = order.Type is OrderType.StopLimit or OrderType.LimitIfTouched && bug != BarBug.ForgetsTheLimitOfAStop;
        order.Type = hasLimit ? OrderType.Limit : OrderType.Market;
        order.IsWaiting = true;
        order.Rank = ++_rank;
    }

    private void Follow(NaiveOrder order, long price)
    {
        if (order.Type != OrderType.TrailingStop)
        {
            return;
        }

        long trigger = order.Buys ? price + order.Command.TrailingOffset : price - order.Command.TrailingOffset;
        bool nearer = order.Buys ? trigger < order.Trigger : trigger > order.Trigger;
        order.Trigger = order.Trigger == 0 || nearer || bug == BarBug.TrailsBackwards ? trigger : order.Trigger;
    }
}
