using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// The venue's live orders; of each instrument those that rest, by side in price-time priority, and those that sleep, in
/// the order in which they came.
/// </summary>
internal sealed class OrderTable
{
    private const int Lists = 3;

    private readonly VenueOrder[] _orders;
    private readonly long[] _ids;
    private readonly int[] _heads;
    private int _count;
    private int _used;
    private long _priority;

    private long _expiry = VenueOrder.Never;

    internal OrderTable(int capacity, int instruments)
    {
        _orders = new VenueOrder[capacity];
        _ids = new long[capacity];
        _heads = new int[Lists * (instruments + 1)];
        Array.Fill(_heads, -1);
    }

    internal int Count => _count;

    /// <summary>Places among which the live orders are.</summary>
    internal int Places => _used;

    internal bool IsFull => _count == _orders.Length;

    internal ref VenueOrder this[int index] => ref _orders[index];

    internal bool IsLive(int index) => _ids[index] != 0;

    /// <summary>Index of a live order, or -1.</summary>
    internal int Find(OrderId id) => id.IsNone ? -1 : _ids.AsSpan(0, _used).IndexOf(id.Packed);

    /// <summary>First resting order of an instrument and side, or -1.</summary>
    internal int First(InstrumentId instrument, Side side) => _heads[Head(instrument, side)];

    /// <summary>First sleeping order of an instrument, or -1.</summary>
    internal int FirstSleeper(InstrumentId instrument) => _heads[(Lists * instrument.Value) + 2];

    /// <summary>When the next order ends by the clock, or <see cref="VenueOrder.Never"/>.</summary>
    internal long NextExpiry => _expiry;

    /// <summary>Of the orders that end at an instant, the one that was shaped first.</summary>
    internal int Expiring(long at)
    {
        int found = -1;
        for (int i = 0; i < _used; i++)
        {
            if (IsLive(i) && _orders[i].ExpiresAt == at && (found < 0 || _orders[i].Command < _orders[found].Command))
            {
                found = i;
            }
        }

        return found;
    }

    /// <summary>Takes an order in, not linked yet, in the lowest free place.</summary>
    internal int Add(in VenueOrder order)
    {
        int index = _ids.AsSpan(0, _used).IndexOf(0L);
        if (index < 0)
        {
            Ensure.That(_used < _orders.Length, "live orders exceed their bound");
            index = _used++;
        }

        _orders[index] = order;
        _orders[index].Next = -1;
        _orders[index].Previous = -1;
        _ids[index] = order.Id.Packed;
        _count++;
        _expiry = Math.Min(_expiry, order.ExpiresAt);
        return index;
    }

    internal void Remove(int index)
    {
        Unlink(index);
        long expiry = _orders[index].ExpiresAt;
        _orders[index] = default;
        _ids[index] = 0;
        _count--;
        while (_used > 0 && _ids[_used - 1] == 0)
        {
            _used--;
        }

        if (expiry == _expiry && expiry != VenueOrder.Never)
        {
            FindExpiry();
        }
    }

    /// <summary>Puts an order behind all others of its price, or of those that sleep.</summary>
    internal void Link(int index)
    {
        ref VenueOrder order = ref _orders[index];
        Ensure.That(!order.IsLinked, "an order that rests cannot come to rest again");
        order.Priority = ++_priority;
        int head = Head(order);
        int before = -1;
        int after = _heads[head];
        while (after >= 0 && !Outranks(order, _orders[after]))
        {
            before = after;
            after = _orders[after].Next;
        }

        order.Previous = before;
        order.Next = after;
        order.IsLinked = true;
        if (before >= 0)
        {
            _orders[before].Next = index;
        }
        else
        {
            _heads[head] = index;
        }

        if (after >= 0)
        {
            _orders[after].Previous = index;
        }
    }

    internal void Unlink(int index)
    {
        ref VenueOrder order = ref _orders[index];
        if (!order.IsLinked)
        {
            return;
        }

        if (order.Previous >= 0)
        {
            _orders[order.Previous].Next = order.Next;
        }
        else
        {
            _heads[Head(order)] = order.Next;
        }

        if (order.Next >= 0)
        {
            _orders[order.Next].Previous = order.Previous;
        }

        order.Previous = -1;
        order.Next = -1;
        order.IsLinked = false;
    }

    internal void Visit(StateVisitor visitor)
    {
        int usedBefore = _used;
        visitor.Visit(ref _count);
        visitor.Visit(ref _used);
        visitor.Visit(ref _priority);
        visitor.Visit(ref _expiry);
        Ensure.That(_used >= 0 && _used <= _orders.Length && _count <= _used, "restored count of orders out of range");
        visitor.Visit<int>(_heads);
        visitor.Visit<VenueOrder>(_orders.AsSpan(0, _used));
        visitor.Visit<long>(_ids.AsSpan(0, _used));
        for (int i = _used; i < usedBefore; i++)
        {
            // A restore into a table that was fuller: the places beyond are free again.
            _orders[i] = default;
            _ids[i] = 0;
        }
    }

    private void FindExpiry()
    {
        _expiry = VenueOrder.Never;
        for (int i = 0; i < _used; i++)
        {
            if (IsLive(i))
            {
                _expiry = Math.Min(_expiry, _orders[i].ExpiresAt);
            }
        }
    }

    private static int Head(InstrumentId instrument, Side side) => (Lists * instrument.Value) + (side == Side.Sell ? 1 : 0);

    private static int Head(in VenueOrder order) =>
        order.IsSleeping ? (Lists * order.Instrument.Value) + 2 : Head(order.Instrument, order.Side);

    // Equal prices rank by time, and the order that is being linked is the latest.
    private static bool Outranks(in VenueOrder newer, in VenueOrder older) =>
        !newer.IsSleeping
        && (newer.Side == Side.Buy ? newer.RankPrice > older.RankPrice : newer.RankPrice < older.RankPrice);
}
