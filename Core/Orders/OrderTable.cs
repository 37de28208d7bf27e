using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders;

/// <summary>One order of ours (88 bytes, no padding).</summary>
public struct OrderRecord
{
    /// <summary>Its identity.</summary>
    public OrderId Id;

    /// <summary>The venue's id of it.</summary>
    public VenueId VenueOrder;

    /// <summary>Price units.</summary>
    public long Price;

    /// <summary>Total quantity, quantity units.</summary>
    public long Quantity;

    /// <summary>Filled so far by its executions.</summary>
    public long Filled;

    /// <summary>Price that an amendment asks for; 0 when none is pending.</summary>
    public long PendingPrice;

    /// <summary>Total quantity that an amendment asks for; 0 when none is pending.</summary>
    public long PendingQuantity;

    /// <summary>ReceivedAt of the event that made it.</summary>
    public long CreatedAt;

    /// <summary>What it adds to the exposure now.</summary>
    public long Reserved;

    /// <summary>Instrument.</summary>
    public InstrumentId Instrument;

    /// <summary>The lane's owner.</summary>
    public StrategyId Owner;

    /// <summary>State.</summary>
    public OrderState State;

    /// <summary>Side.</summary>
    public Side Side;

    /// <summary>Time in force.</summary>
    public TimeInForce TimeInForce;

    /// <summary>Conditions.</summary>
    public OrderFlags Flags;

    /// <summary>True for the stop that rests for a whole position: it is of no lane.</summary>
    public readonly bool IsGuard => (Flags & OrderFlags.Protective) != 0;

    /// <summary>Unfilled quantity.</summary>
    public readonly long Leaves => Math.Max(0, Quantity - Filled);
}

/// <summary>
/// All orders of ours that are alive, and as many ended ones as there is room for: a late execution still finds its
/// lane. Ended orders make room oldest first. Keeps the <see cref="Exposure"/> equal to the sum of what is alive.
/// </summary>
public sealed class OrderTable : IStateful
{
    /// <summary>Orders kept, alive and ended.</summary>
    public const int Capacity = Limits.LiveOrders * 4;

    private const int Slots = Capacity * 2;
    private const int Owners = Limits.Strategies + 1;

    private readonly Exposure _exposure;
    private readonly LaneBalances _balances;

    // Records lie in the order in which they were made, in a ring; the slot table finds them by id (place + 1, 0 free).
    private readonly OrderRecord[] _records = new OrderRecord[Capacity];
    private readonly int[] _slots = new int[Slots];

    // The one live order of each lane and side: place + 1, 0 none.
    private readonly int[] _laneBuy = new int[(Limits.Instruments + 1) * Owners];
    private readonly int[] _laneSell = new int[(Limits.Instruments + 1) * Owners];
    // The stop that rests for a position, by instrument: place + 1, 0 none. A function of the records.
    private readonly int[] _guards = new int[Limits.Instruments + 1];
    private long _next;

    // What the fill under way takes of what was open; 0 between calls.
    private long _filling;
    private long _ignored;
    private int _unknown;

    /// <summary>Creates the table.</summary>
    /// <param name="exposure">Kept equal to what is alive.</param>
    public OrderTable(Exposure exposure)
    {
        _exposure = exposure;
        _balances = new LaneBalances(exposure);
    }

    /// <summary>Orders that are not terminal.</summary>
    public int LiveOrders => _exposure.LiveOrders;

    /// <summary>Orders whose fate is not known.</summary>
    public int UnknownOrders => _unknown;

    /// <summary>Reports that said nothing new in the state that the order had.</summary>
    public long Ignored => _ignored;

    /// <summary>Finds an order.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="place">Where it is.</param>
    /// <returns>False when it is not (or no longer) kept.</returns>
    public bool TryFind(OrderId id, out int place)
    {
        int slot = SlotOf(id);
        while (_slots[slot] != 0)
        {
            place = _slots[slot] - 1;
            if (_records[place].Id == id)
            {
                return true;
            }

            slot = (slot + 1) & (Slots - 1);
        }

        place = -1;
        return false;
    }

    /// <summary>An order by its place.</summary>
    /// <param name="place">From <see cref="TryFind"/> or <see cref="LiveInLane"/>.</param>
    /// <returns>Read only.</returns>
    public ref readonly OrderRecord this[int place] => ref _records[place];

    /// <summary>The live order of a lane and side.</summary>
    /// <param name="instrument">Instrument.</param>
    /// <param name="owner">The lane's owner.</param>
    /// <param name="side">Side.</param>
    /// <returns>Its place, or -1.</returns>
    public int LiveInLane(InstrumentId instrument, StrategyId owner, Side side) =>
        Lane(instrument, owner, side) - 1;

    /// <summary>The live stop that rests for the position of an instrument.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Its place, or -1.</returns>
    public int GuardOf(InstrumentId instrument) => _guards[instrument.Value] - 1;

    /// <summary>Live stops at venues that protect positions.</summary>
    public int LiveGuards
    {
        get
        {
            int live = 0;
            foreach (int guard in _guards)
            {
                live += guard != 0 && !OrderStateMachine.IsTerminal(this[guard - 1].State) ? 1 : 0;
            }

            return live;
        }
    }

    /// <summary>Makes an order in state PendingNew.</summary>
    /// <param name="command">The new-order command.</param>
    /// <param name="now">ReceivedAt of its event.</param>
    public void Add(in Command command, long now)
    {
        Ensure.That(!TryFind(command.Order, out _), "an order id is used once");
        int place = (int)(_next & (Capacity - 1));
        if (_next >= Capacity)
        {
            // Live orders are a quarter of the places at most, but one may be very old: step over it.
            int steps = 0;
            while (!OrderStateMachine.IsTerminal(_records[place].State))
            {
                _next++;
                place = (int)(_next & (Capacity - 1));
                Ensure.That(++steps <= Limits.LiveOrders, "more live orders than the limit");
            }

            Probing.Remove(_slots, place, new Places(_records));
        }

        bool isGuard = (command.Flags & OrderFlags.Protective) != 0;
        ref int lane = ref isGuard
            ? ref _guards[command.Instrument.Value]
            : ref Lane(command.Instrument, command.Owner, command.Side);
        Ensure.That(lane == 0, "a lane has at most one live order on each side, a position one stop");
        _records[place] = new OrderRecord
        {
            Id = command.Order,
            Price = command.Price,
            Quantity = command.Quantity,
            CreatedAt = now,
            Reserved = command.Quantity,
            Instrument = command.Instrument,
            Owner = command.Owner,
            State = OrderState.PendingNew,
            Side = command.Side,
            TimeInForce = command.TimeInForce,
            Flags = command.Flags,
        };
        lane = place + 1;
        Probing.Insert(_slots, place, new Places(_records));
        _next++;
        if (isGuard)
        {
            _exposure.ChangeGuard(command.Instrument, command.Side, command.Quantity, 1);
            return;
        }

        _balances[command.Instrument, command.Owner, command.Side].Asked += command.Quantity;
        _exposure.Change(command.Instrument, command.Owner, command.Side, command.Quantity, 1);
        _exposure.SetPrice(command.Instrument, command.Owner, command.Side, command.Price, command.Price);
    }

    /// <summary>
    /// Takes over an order that another table had alive. Its fate is unknown. Where two of them end up in one lane and side,
    /// the lane knows the first; both count in the exposure.
    /// </summary>
    /// <param name="order">The order.</param>
    public void Adopt(in OrderRecord order)
    {
        Ensure.That(_next < Limits.LiveOrders, "orders are adopted into an empty table, as many as may be alive");
        int place = (int)_next++;
        _records[place] = order;
        _records[place].State = OrderState.Unknown;
        _unknown++;
        _records[place].Reserved = Math.Max(0, Math.Max(order.Quantity, order.PendingQuantity) - order.Filled);
        Probing.Insert(_slots, place, new Places(_records));
        if (order.IsGuard)
        {
            FindGuard(order.Instrument);
            _exposure.ChangeGuard(order.Instrument, order.Side, _records[place].Reserved, 1);
            return;
        }

        _balances[order.Instrument, order.Owner, order.Side].Asked += _records[place].Reserved;
        ref int lane = ref Lane(order.Instrument, order.Owner, order.Side);
        lane = lane == 0 ? place + 1 : lane;
        _exposure.Change(order.Instrument, order.Owner, order.Side, _records[place].Reserved, 1);
        _exposure.SetPrice(order.Instrument, order.Owner, order.Side, order.Price, order.Price);
    }

    /// <summary>Applies an input of the state machine and keeps lanes and exposure in step.</summary>
    /// <param name="place">The order.</param>
    /// <param name="input">What happened.</param>
    /// <returns>False when it was ignored.</returns>
    public bool Apply(int place, OrderInput input)
    {
        ref OrderRecord order = ref _records[place];
        bool wasTerminal = OrderStateMachine.IsTerminal(order.State);
        if (!OrderStateMachine.TryNext(order.State, input, out OrderState next))
        {
            _ignored++;
            return false;
        }

        // Only its own answer ends an amendment. Until then the larger version stays reserved, whatever else is reported.
        if (input is OrderInput.Amended or OrderInput.AmendRejected or OrderInput.AmendNotSent or OrderInput.GoneUnamended
            || (input == OrderInput.Accepted && order.State == OrderState.Unknown))
        {
            order.PendingPrice = 0;
            order.PendingQuantity = 0;
        }
        else if (order.PendingQuantity != 0 && next == OrderState.Working)
        {
            next = order.State == OrderState.Unknown ? OrderState.Unknown : OrderState.PendingAmend;
        }

        // An amendment that ends with no more than what is filled already leaves nothing to work, and an order that is
        // gone at the venue with nothing left to fill was filled.
        bool settled = next == OrderState.Working || input is OrderInput.GoneAtVenue or OrderInput.GoneUnamended;
        bool done = settled && order.Filled >= Math.Max(order.Quantity, order.PendingQuantity);
        _unknown -= order.State == OrderState.Unknown ? 1 : 0;
        order.State = done ? OrderState.Filled : next;
        _unknown += order.State == OrderState.Unknown ? 1 : 0;
        Reserve(ref order, place, wasTerminal);
        return true;
    }

    /// <summary>Folds the quantity of an execution and applies the input that follows from it.</summary>
    /// <param name="place">The order.</param>
    /// <param name="quantity">Quantity units.</param>
    public void Fill(int place, long quantity)
    {
        ref OrderRecord order = ref _records[place];
        ref LaneBalance balance = ref _balances[order.Instrument, order.Owner, order.Side];
        long asked = Math.Max(order.Quantity, order.PendingQuantity);
        long ended = OrderStateMachine.IsTerminal(order.State) ? Math.Max(0, asked - order.Filled) : 0;
        order.Filled += quantity;
        if (order.IsGuard)
        {
            Apply(place, order.Filled >= asked ? OrderInput.FillAll : OrderInput.Fill);
            return;
        }

        balance.Filled += quantity;

        // What is still open is filled first; a fill of an order that ended takes back what was released; the rest is
        // more than was ever asked for.
        _filling = Math.Min(quantity, order.Reserved);
        long back = Math.Min(quantity - _filling, ended);
        balance.Released -= back;
        balance.Excess += quantity - _filling - back;
        Apply(place, order.Filled >= Math.Max(order.Quantity, order.PendingQuantity)
            ? OrderInput.FillAll
            : OrderInput.Fill);
    }

    /// <summary>Asks for an amendment: the worst of both versions is reserved until it is answered.</summary>
    /// <param name="place">The order.</param>
    /// <param name="price">Price units.</param>
    /// <param name="quantity">Total quantity.</param>
    public void AskAmend(int place, long price, long quantity)
    {
        ref OrderRecord order = ref _records[place];
        order.PendingPrice = price;
        order.PendingQuantity = quantity;
        Apply(place, OrderInput.AskAmend);
    }

    /// <summary>Takes over what the venue says the order now is.</summary>
    /// <param name="place">The order.</param>
    /// <param name="report">Its report.</param>
    public void Learn(int place, in OrderReport report)
    {
        ref OrderRecord order = ref _records[place];
        if (report.VenueOrder != VenueId.None)
        {
            order.VenueOrder = report.VenueOrder;
        }

        // An unknown order is what the venue now says that it is.
        bool amended = report.Status == OrderStatus.Amended
            && order.State != OrderState.PendingNew
            && !OrderStateMachine.IsTerminal(order.State);
        bool found = report.Status == OrderStatus.Accepted && order.State == OrderState.Unknown && report.Quantity > 0;
        if (amended || found)
        {
            order.Price = report.Price;
            order.Quantity = report.Quantity;
        }
    }

    /// <summary>A new run began: everything alive is unknown.</summary>
    public void OnEpochStarted()
    {
        for (int place = 0; place < Capacity; place++)
        {
            if (_records[place].State != OrderState.None && !OrderStateMachine.IsTerminal(_records[place].State))
            {
                Apply(place, OrderInput.EpochStarted);
            }
        }
    }

    /// <summary>What became of everything that a lane asked for on one side.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="owner">The lane's owner.</param>
    /// <param name="side">Buy or sell.</param>
    /// <returns>A copy.</returns>
    public LaneBalance Balance(InstrumentId instrument, StrategyId owner, Side side) =>
        _balances[instrument, owner, side];

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        _balances.Visit(visitor);
        visitor.Visit<OrderRecord>(_records);
        visitor.Visit<int>(_slots);
        visitor.Visit<int>(_laneBuy);
        visitor.Visit<int>(_laneSell);
        visitor.Visit(ref _next);
        visitor.Visit(ref _ignored);
        _unknown = 0;
        Array.Clear(_guards);
        _exposure.ForgetGuards();
        for (int place = 0; place < Capacity; place++)
        {
            ref readonly OrderRecord order = ref _records[place];
            _unknown += order.State == OrderState.Unknown ? 1 : 0;
            if (order.IsGuard && !OrderStateMachine.IsTerminal(order.State))
            {
                _exposure.TellGuard(order.Instrument, order.Side, order.Reserved);
                FindGuard(order.Instrument);
            }
        }
    }

    /// <summary>The first live stop of an instrument: after an adoption there may be more than one.</summary>
    private void FindGuard(InstrumentId instrument)
    {
        ref int guard = ref _guards[instrument.Value];
        guard = 0;
        for (int place = 0; place < Capacity && guard == 0; place++)
        {
            ref readonly OrderRecord order = ref _records[place];
            bool isLive = order.State != OrderState.None && !OrderStateMachine.IsTerminal(order.State);
            guard = isLive && order.IsGuard && order.Instrument == instrument ? place + 1 : 0;
        }
    }

    private void ReserveGuard(ref OrderRecord order, long worst, bool died)
    {
        if (worst != order.Reserved || died)
        {
            _exposure.ChangeGuard(order.Instrument, order.Side, worst - order.Reserved, died ? -1 : 0);
            order.Reserved = worst;
        }

        if (died)
        {
            FindGuard(order.Instrument);
        }
    }

    private static int SlotOf(OrderId id)
    {
        unchecked
        {
            ulong mixed = (ulong)id.Packed * 0x9E3779B97F4A7C15UL;
            return (int)(mixed >> 40) & (Slots - 1);
        }
    }

    private ref int Lane(InstrumentId instrument, StrategyId owner, Side side) =>
        ref (side == Side.Buy ? _laneBuy : _laneSell)[(instrument.Value * Owners) + owner.Value];

    private void Reserve(ref OrderRecord order, int place, bool wasTerminal)
    {
        bool terminal = OrderStateMachine.IsTerminal(order.State);
        long worst = terminal ? 0 : Math.Max(0, Math.Max(order.Quantity, order.PendingQuantity) - order.Filled);
        if (order.IsGuard)
        {
            ReserveGuard(ref order, worst, terminal && !wasTerminal);
            return;
        }

        ref LaneBalance balance = ref _balances[order.Instrument, order.Owner, order.Side];
        long changed = worst - order.Reserved + _filling;
        balance.Asked += Math.Max(0, changed);
        balance.Released += Math.Max(0, -changed);
        _filling = 0;
        if (worst != order.Reserved || terminal != wasTerminal)
        {
            _exposure.Change(
                order.Instrument, order.Owner, order.Side, worst - order.Reserved, terminal && !wasTerminal ? -1 : 0);
            order.Reserved = worst;
        }

        if (!terminal)
        {
            long asked = order.PendingPrice != 0 ? order.PendingPrice : order.Price;
            long edge = order.Side == Side.Buy ? Math.Max(order.Price, asked) : Math.Min(order.Price, asked);
            _exposure.SetPrice(order.Instrument, order.Owner, order.Side, asked, edge);
        }
        else if (!wasTerminal)
        {
            _exposure.SetPrice(order.Instrument, order.Owner, order.Side, 0, 0);
            ref int lane = ref Lane(order.Instrument, order.Owner, order.Side);
            lane = lane == place + 1 ? 0 : lane;
        }

        _balances.Check(order.Instrument, order.Owner, order.Side);
    }

    private readonly struct Places(OrderRecord[] records) : IProbedPlaces
    {
        public int HomeOf(int place) => SlotOf(records[place].Id);
    }
}
