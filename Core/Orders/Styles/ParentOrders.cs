using System;
using System.Numerics;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// The parent orders of the shared lanes, one for each instrument at most: what a lane works in a style. Risk asks it for the
/// order that is to be open now, the order stage tells it what was sent and what came of it, and it marks a lane when the
/// market or the time asks for another order.
/// </summary>
/// <remarks>
/// A parent begins with the first intent in its direction and style. It goes on while they stay; a target that changes makes
/// it smaller or larger, and one that grows begins its schedule anew for what is left. What waits in it is no order: nothing
/// is reserved for it, and every order that it makes is ruled on by itself.
/// </remarks>
public sealed class ParentOrders : IChildPlanner, IStateful
{
    private const long PpbPerPpm = 1_000;

    private readonly ExecutionStyles _styles;
    private readonly MarketView _market;
    private readonly Exposure _exposure;
    private readonly OrderTable _orders;
    private readonly LaneTable _lanes;
    private readonly StyleMachine?[] _machines;
    private readonly RepegHistory _repegs = new();
    private readonly VolatilityMeter? _volatility;
    private readonly ParentOrder[] _parents = new ParentOrder[Limits.Instruments + 1];
    private ulong _active;

    /// <summary>Creates the table.</summary>
    /// <param name="styles">The ways to work orders.</param>
    /// <param name="market">The market.</param>
    /// <param name="exposure">What our orders could still trade.</param>
    /// <param name="orders">Our orders.</param>
    /// <param name="lanes">Where lanes are marked.</param>
    public ParentOrders(
        ExecutionStyles styles, MarketView market, Exposure exposure, OrderTable orders, LaneTable lanes)
    {
        _styles = styles;
        _market = market;
        _exposure = exposure;
        _orders = orders;
        _lanes = lanes;
        _machines = new StyleMachine?[styles.Count + 1];
        for (int i = 1; i <= styles.Count; i++)
        {
            ExecutionStyle style = styles[new StyleId((byte)i)];
            _machines[i] = StyleMachine.Of(style, _repegs);
            _volatility ??= style.VolatilityPpm != 0 ? new VolatilityMeter() : null;
        }
    }

    /// <summary>What a lane's parent has: all that it was ever to trade, filled, and what is in no order.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Quantity units; all zero without a parent.</returns>
    public (long Quantity, long Filled, long Waiting) Of(InstrumentId instrument)
    {
        ref readonly ParentOrder parent = ref _parents[instrument.Value];
        return (parent.Quantity, parent.Filled, parent.Waiting);
    }

    /// <summary>True when the orders of an intent work before and after the regular session too.</summary>
    /// <param name="intent">The intent.</param>
    /// <returns>Whether its style says so.</returns>
    public bool IsExtended(in Intent intent) => _styles[intent.Style].ExtendedHours;

    /// <inheritdoc/>
    public Child Plan(in Intent intent, InstrumentMarket market, Side side, long quantity, long marketable)
    {
        if (intent.Style == StyleId.None)
        {
            End(intent.Instrument);
            long price = intent.LimitPrice != 0 ? intent.LimitPrice : marketable;
            return new Child(quantity, price, Manner.AsWished, Takes: intent.LimitPrice == 0, Slice: 0);
        }

        ref ParentOrder parent = ref Follow(intent, market, side, quantity);
        int place = _orders.LiveInLane(intent.Instrument, StrategyId.House, side);
        WorkCase work = new()
        {
            Market = market,
            Side = side,
            Left = quantity,
            Open = _exposure.OpenInLane(intent.Instrument, StrategyId.House, side),
            LivePrice = place < 0 ? 0 : _orders[place].Price,
            Limit = intent.LimitPrice,
            Marketable = marketable,
            Now = _market.Now,
        };
        parent.Due = 0;
        Child child = IsOver(intent.Instrument, ref parent) ? work.Take(quantity) : Machine(parent).Plan(work, ref parent);
        int slice = place < 0 ? parent.Children + 1 : Math.Max(1, parent.Children);
        return child with { Slice = (ushort)Math.Min(slice, ushort.MaxValue) };
    }

    /// <inheritdoc/>
    public void End(InstrumentId instrument)
    {
        _parents[instrument.Value] = default;
        _active &= ~(1UL << (instrument.Value - 1));
    }

    /// <summary>Old shares became new ones: what was worked ends with its order, and begins anew in new shares.</summary>
    /// <param name="instrument">Its instrument.</param>
    public void Split(InstrumentId instrument)
    {
        End(instrument);
        _volatility?.Forget(instrument);
    }

    /// <summary>Looks at what an event changed and marks the lanes that would now have another order.</summary>
    /// <param name="e">The event, folded into the market.</param>
    public void See(in Event e)
    {
        if (e.Kind == EventKind.Tick)
        {
            for (ulong active = _active; active != 0; active &= active - 1)
            {
                FollowTime(new InstrumentId((ushort)(BitOperations.TrailingZeroCount(active) + 1)));
            }

            return;
        }

        if (e.Kind is EventKind.Trade or EventKind.Quote or EventKind.BookLevels or EventKind.Bar
            && _market.TryGet(e.Instrument, out InstrumentMarket? market))
        {
            FollowMarket(e, market);
        }
    }

    /// <summary>An order of a shared lane was sent or changed.</summary>
    /// <param name="command">New or amend.</param>
    /// <param name="before">Its price until now; 0 for a new one.</param>
    internal void OnSent(in Command command, long before)
    {
        ref ParentOrder parent = ref _parents[command.Instrument.Value];
        if (command.Owner != StrategyId.House || !parent.Exists)
        {
            return;
        }

        if (command.Verb == CommandVerb.New || command.Price != before)
        {
            parent.Ahead = QueuePlace.ShownAt(_market[command.Instrument], command.Side, command.Price);
        }

        if (command.Verb == CommandVerb.New)
        {
            parent.Children++;
        }
        else if (command.Price != before)
        {
            parent.Moves++;
            Machine(parent).OnMoved(command.Instrument, _market.Now);
        }

        Settle(command.Instrument, command.Owner);
    }

    /// <summary>An order of a lane was filled; its exposure is as it is afterwards.</summary>
    /// <param name="order">The order.</param>
    /// <param name="quantity">Quantity units.</param>
    internal void OnFilled(in OrderRecord order, long quantity)
    {
        ref ParentOrder parent = ref _parents[order.Instrument.Value];
        if (order.Owner == StrategyId.House && parent.Exists && parent.Side == order.Side)
        {
            parent.Filled += quantity;
        }

        Settle(order.Instrument, order.Owner);
    }

    /// <summary>Something was heard of an order of a lane: parent and orders add up.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="owner">Its lane's owner.</param>
    internal void Settle(InstrumentId instrument, StrategyId owner)
    {
        ref ParentOrder parent = ref _parents[instrument.Value];
        if (owner != StrategyId.House || !parent.Exists)
        {
            return;
        }

        parent.Settle(_orders.Balance(instrument, StrategyId.House, parent.Side));
        parent.Check(_exposure.OpenInLane(instrument, StrategyId.House, parent.Side));
    }

    /// <summary>Something ended by itself or was refused: only time makes it come again.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="owner">Its lane's owner.</param>
    /// <param name="until">ReceivedAt.</param>
    internal void Quieten(InstrumentId instrument, StrategyId owner, long until)
    {
        if (owner == StrategyId.House)
        {
            _parents[instrument.Value].QuietUntil = _parents[instrument.Value].Exists ? until : 0;
        }
    }

    /// <summary>Marks the lane of a parent that waits, at its time.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="owner">Its lane's owner.</param>
    internal void Arm(InstrumentId instrument, StrategyId owner)
    {
        long due = _parents[instrument.Value].Due;
        if (owner == StrategyId.House && due != 0)
        {
            _lanes.MarkBy(instrument, owner, due);
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<ParentOrder>(_parents);
        _repegs.Visit(visitor);
        _volatility?.Visit(visitor);
        _active = 0;
        for (int i = 1; i <= Limits.Instruments; i++)
        {
            _active |= _parents[i].Exists ? 1UL << (i - 1) : 0;
        }
    }

    private StyleMachine Machine(in ParentOrder parent)
    {
        StyleMachine? machine = _machines[parent.Style.Value];
        Ensure.That(machine is not null, "a parent order without a style");
        return machine;
    }

    /// <summary>The parent of an intent: a new one, or the standing one in the size that is now wanted.</summary>
    private ref ParentOrder Follow(in Intent intent, InstrumentMarket market, Side side, long quantity)
    {
        ref ParentOrder parent = ref _parents[intent.Instrument.Value];
        long open = _exposure.OpenInLane(intent.Instrument, StrategyId.House, side);
        if (!parent.Exists || parent.Style != intent.Style || parent.Side != side)
        {
            parent = new ParentOrder { Style = intent.Style, Side = side, Waiting = -open };
            parent.See(_orders.Balance(intent.Instrument, StrategyId.House, side));
            _active |= 1UL << (intent.Instrument.Value - 1);
        }

        Settle(intent.Instrument, StrategyId.House);

        // What the lot cannot hold comes and goes with fills: only a whole lot more is more.
        long change = quantity - (open + parent.Waiting);
        parent.Resize(change);
        if (change >= market.Definition.Lot)
        {
            parent.StartedAt = _market.Now;
            parent.FilledBefore = parent.Filled;
            parent.Printed = 0;
            parent.Anchor = 0;
            parent.IsOver = false;
            parent.Moves = 0;
        }

        parent.Limit = intent.LimitPrice;
        if (parent.Anchor == 0)
        {
            parent.Anchor = TouchOf(market, side);
        }

        parent.Check(open);
        return ref parent;
    }

    private static long TouchOf(InstrumentMarket market, Side side)
    {
        if (!market.TryBest(out long bid, out _, out long ask, out _))
        {
            return market.TryReferencePrice(out long price) ? market.Definition.RoundToTickPassive(price, side) : 0;
        }

        return market.Definition.RoundToTickPassive(side == Side.Buy ? bid : ask, side);
    }

    /// <summary>True when the parent's time is over, for good; else it is due at that time.</summary>
    private bool IsOver(InstrumentId instrument, ref ParentOrder parent)
    {
        ExecutionStyle style = _styles[parent.Style];
        if (style.Timeout != 0 && !parent.IsOver)
        {
            long end = parent.StartedAt + TimeoutOf(style, instrument);
            parent.IsOver = _market.Now >= end;
            if (!parent.IsOver)
            {
                parent.DueBy(end);
            }
        }

        parent.IsOver |= IsTooFarBack(style, instrument, parent);
        return parent.IsOver;
    }

    private bool IsTooFarBack(ExecutionStyle style, InstrumentId instrument, in ParentOrder parent)
    {
        int place = style.QueueWait == 0 ? -1 : _orders.LiveInLane(instrument, StrategyId.House, parent.Side);
        return place >= 0
            && _orders[place].State == OrderState.Working
            && _orders[place].TimeInForce == TimeInForce.GoodTillCancel
            && QueuePlace.IsTooFarBack(parent, _market.Now, style.QueueWait);
    }

    /// <summary>How long a parent waits: the calmer the market, the longer.</summary>
    private long TimeoutOf(ExecutionStyle style, InstrumentId instrument)
    {
        long move = style.VolatilityPpm == 0 || _volatility is null ? 0 : _volatility.MovePpb(instrument);
        return move == 0
            ? style.Timeout
            : Math.Clamp(
                Wide.MultiplyDivide(style.Timeout, style.VolatilityPpm * PpbPerPpm, move), style.TimeoutMin, style.TimeoutMax);
    }

    /// <summary>
    /// A market that became livelier ends a timeout before the time at which the lane is marked by itself, and a queue that does
    /// not move ends the patience with it.
    /// </summary>
    private void FollowTime(InstrumentId instrument)
    {
        ref ParentOrder parent = ref _parents[instrument.Value];
        ExecutionStyle style = _styles[parent.Style];
        bool ends = style.VolatilityPpm != 0
            && style.Timeout != 0
            && _market.Now >= parent.StartedAt + TimeoutOf(style, instrument);
        if (!parent.IsOver && (ends || IsTooFarBack(style, instrument, parent)))
        {
            _lanes.Mark(instrument, StrategyId.House);
        }
    }

    private void FollowMarket(in Event e, InstrumentMarket market)
    {
        if (e.EndsGroup)
        {
            _volatility?.See(market, e.ReceivedAt);
        }

        ref ParentOrder parent = ref _parents[e.Instrument.Value];
        if (!parent.Exists)
        {
            return;
        }

        if (e.Kind == EventKind.Trade
            && _market.IsBelieved
            && e.Trade.Quantity > 0
            && (e.Trade.Marks & TradeMarks.Suspicious) == 0)
        {
            parent.Printed += e.Trade.Quantity;
        }

        int standing = _orders.LiveInLane(e.Instrument, StrategyId.House, parent.Side);
        if (_styles[parent.Style].QueueWait != 0 && _market.IsBelieved && standing >= 0)
        {
            QueuePlace.Follow(e, market, _orders[standing].Price, ref parent);
        }

        if (!e.EndsGroup || parent.IsOver || e.ReceivedAt < parent.QuietUntil)
        {
            return;
        }

        // What is in flight marks the lane when it is answered.
        int place = _orders.LiveInLane(e.Instrument, StrategyId.House, parent.Side);
        bool answered = place < 0 || _orders[place].State == OrderState.Working;
        long live = place < 0 ? 0 : _orders[place].Price;
        long at = answered ? Machine(parent).StirredAt(market, parent, live) : StyleMachine.Never;
        if (at <= e.ReceivedAt)
        {
            _lanes.Mark(e.Instrument, StrategyId.House);
        }
        else if (at != StyleMachine.Never)
        {
            _lanes.MarkBy(e.Instrument, StrategyId.House, at);
        }
    }
}
