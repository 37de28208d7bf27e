using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Gateways;

/// <summary>
/// What must hold for the reports of any venue in any market, checked from the outside: from the commands, from what the
/// market showed and printed, and from the reports. It knows nothing of how a venue works.
/// </summary>
internal sealed class VenueInvariants
{
    private readonly Dictionary<OrderId, Watched> _orders = [];
    private readonly List<(long At, Side Side, long Price, long Before, long After)> _shown = [];
    private readonly Dictionary<long, long> _printed = [];
    private readonly List<(long At, bool Trades)> _status = [(0, true)];

    internal int Fills { get; private set; }

    internal void Sent(Command command) => _orders.Add(command.Order, new Watched { Command = command });

    internal void Shown(long at, Side side, long price, long before, long after) =>
        _shown.Add((at, side, price, before, after));

    internal void Printed(long at, long quantity) => _printed[at] = _printed.GetValueOrDefault(at) + quantity;

    internal void Status(long at, bool trades) => _status.Add((at, trades));

    internal void Check(IReadOnlyList<Event> reports)
    {
        foreach (Event report in reports)
        {
            switch (report.Kind)
            {
                case EventKind.CommandOutcome:
                    if (report.CommandOutcome.Verb == CommandVerb.New)
                    {
                        Assert.Equal(1, ++Of(report.CommandOutcome.Order).Outcomes);
                        Of(report.CommandOutcome.Order).IsSent = report.CommandOutcome.Outcome != Outcome.NotSent;
                    }

                    break;
                case EventKind.OrderReport:
                    Check(report.OrderReport);
                    break;
                default:
                    Check(report);
                    break;
            }
        }

        foreach (Watched order in _orders.Values)
        {
            Assert.Equal(1, order.Outcomes);
            Assert.Equal(order.IsSent ? 1 : 0, order.Answers);
        }

        CheckLiquidity(reports);
        CheckPosition(reports);
    }

    private Watched Of(OrderId id) => _orders[id];

    private void Check(in OrderReport word)
    {
        Watched order = Of(word.Order);
        if (word.Status is OrderStatus.CancelRejected or OrderStatus.AmendRejected)
        {
            return;
        }

        Assert.False(order.Ended, "an order was spoken of after its end");
        Assert.Equal(order.Filled, word.CumulativeQuantity);
        order.Answers += word.Status is OrderStatus.Accepted or OrderStatus.Rejected ? 1 : 0;
        order.Ended = word.Status is OrderStatus.Rejected or OrderStatus.Cancelled or OrderStatus.Expired;
        if (word.Status == OrderStatus.Amended)
        {
            order.Command.Price = word.Price;
            order.Command.Quantity = word.Quantity;
        }
    }

    private void Check(in Event report)
    {
        Execution fill = report.Execution;
        Watched order = Of(fill.Order);
        Fills++;
        Assert.False(order.Ended, "an order filled after its end");
        Assert.Equal(1, order.Answers);
        Assert.True(fill.Quantity > 0, "a fill of nothing");
        order.Filled += fill.Quantity;
        Assert.Equal(order.Filled, fill.CumulativeQuantity);
        Assert.True(order.Filled <= order.Command.Quantity, "more filled than ordered");
        order.Ended = order.Filled == order.Command.Quantity;
        if (order.Command.Type is OrderType.Limit or OrderType.StopLimit or OrderType.LimitIfTouched)
        {
            long worse = order.Command.Side.Sign() * (fill.Price - order.Command.Price);
            Assert.True(worse <= 0, "a fill worse than the limit");
            Assert.True(fill.Liquidity == Liquidity.Taker || worse == 0, "a maker's fill not at its limit");
        }

        Assert.False(
            order.Command.TimeInForce == TimeInForce.FillOrKill && fill.Liquidity == Liquidity.Maker,
            "an order that must not rest filled as maker");
        if ((order.Command.Flags & OrderFlags.PostOnly) != 0)
        {
            Assert.Equal(Liquidity.Maker, fill.Liquidity);
        }

        Assert.True(Trades(report.VenueTime), "a fill while the instrument did not trade");
    }

    // Status events have an instant of their own, and what arrives at that instant comes after them.
    private bool Trades(long at)
    {
        bool trades = true;
        foreach ((long since, bool status) in _status)
        {
            trades = since <= at ? status : trades;
        }

        return trades;
    }

    // Of a level nobody gets more than ever came to it since it was last gone, and the resting orders of an instant get
    // no more than was printed or stood against them.
    private void CheckLiquidity(IReadOnlyList<Event> reports)
    {
        List<Event> fills = [];
        foreach (Event report in reports)
        {
            if (report.Kind == EventKind.Execution)
            {
                fills.Add(report);
            }
        }

        fills.Sort((a, b) => a.VenueTime.CompareTo(b.VenueTime));
        Dictionary<(Side, long), long> supply = [];
        Dictionary<(Side, long), long> taken = [];
        Dictionary<(Side, long), long> displayed = [];
        Rested sofar = new();
        long now = 0;
        int next = 0;
        foreach (Event report in fills)
        {
            while (next < _shown.Count && _shown[next].At <= report.VenueTime)
            {
                (long _, Side side, long price, long before, long after) = _shown[next++];
                (Side, long) level = (side, price);
                displayed[level] = after;
                supply[level] = after == 0 ? 0 : supply.GetValueOrDefault(level) + Math.Max(0, after - before);
                taken[level] = after == 0 ? 0 : taken.GetValueOrDefault(level);
            }

            Execution fill = report.Execution;
            if (fill.Liquidity == Liquidity.Taker)
            {
                (Side, long) level = (fill.Side.Opposite(), fill.Price);
                taken[level] = taken.GetValueOrDefault(level) + fill.Quantity;
                Assert.True(taken[level] <= supply.GetValueOrDefault(level), "liquidity was used twice");
                Assert.True(fill.Quantity <= displayed.GetValueOrDefault(level), "more taken than was shown");
            }
            else
            {
                Rested rested = now == report.VenueTime ? sofar : new Rested();
                now = report.VenueTime;
                sofar = rested.With(fill);
                long most = _printed.GetValueOrDefault(now);
                foreach (((Side side, long price), long quantity) in displayed)
                {
                    most += sofar.Meets(side, price) ? quantity : 0;
                }

                Assert.True(sofar.Quantity <= most, "resting orders got more than traded");
            }
        }
    }

    private void CheckPosition(IReadOnlyList<Event> reports)
    {
        SortedDictionary<ulong, Execution> inOrder = [];
        foreach (Event report in reports)
        {
            if (report.Kind == EventKind.Execution)
            {
                inOrder.Add(report.Execution.ExecutionId.Low, report.Execution);
            }
        }

        long position = 0;
        foreach (Execution fill in inOrder.Values)
        {
            long after = position + (fill.Side.Sign() * fill.Quantity);
            if ((Of(fill.Order).Command.Flags & OrderFlags.ReduceOnly) != 0)
            {
                Assert.True(
                    Math.Abs(after) < Math.Abs(position) && Math.Sign(after) != -Math.Sign(position),
                    "a reduce-only order added to or turned the position");
            }

            position = after;
        }
    }

    // What resting orders got at one instant, and the prices at which each side was ready to trade.
    private readonly record struct Rested(long Quantity, long Bid, long Ask)
    {
        public Rested()
            : this(0, long.MinValue, long.MaxValue)
        {
        }

        internal Rested With(in Execution fill) => new(
            Quantity + fill.Quantity,
            fill.Side == Side.Buy ? Math.Max(Bid, fill.Price) : Bid,
            fill.Side == Side.Sell ? Math.Min(Ask, fill.Price) : Ask);

        internal bool Meets(Side side, long price) => side == Side.Sell ? price <= Bid : price >= Ask;
    }

    private sealed class Watched
    {
        internal Command Command;
        internal long Filled;
        internal int Outcomes;
        internal int Answers;
        internal bool Ended;
        internal bool IsSent;
    }
}
