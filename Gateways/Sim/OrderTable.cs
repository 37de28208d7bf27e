using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>The venue's live orders, and per instrument and side those that rest, in price-time priority.</summary>
internal sealed class OrderTable
{
    private readonly VenueOrder[] _orders;
    private readonly long[] _ids;
    private readonly int[] _heads;
    private int _count;
    private int _used;
    private long _priority;

    internal OrderTable(int capacity, int instruments)
    {
        _orders = new VenueOrder[capacity];
        _ids = new long[capacity];
        _heads = new int[2 * (instruments + 1)];
        Array.Fill(_heads, -1);
    }

    internal int Count => _count;

    internal bool IsFull => _count == _orders.Length;

    internal ref VenueOrder this[int index] => ref _orders[index];

    internal bool IsLive(int index) => _ids[index] != 0;

    /// <summary>Index of a live order, or -1.</summary>
    internal int Find(OrderId id) => id.IsNone ? -1 : _ids.AsSpan(0, _used).IndexOf(id.Packed);

    /// <summary>First resting order of an instrument and side, or -1.</summary>
    internal int First(InstrumentId instrument, Side side) => _heads[Head(instrument, side)];

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
        return index;
    }

    internal void Remove(int index)
    {
        Unlink(index);
        _orders[index] = default;
        _ids[index] = 0;
        _count--;
        while (_used > 0 && _ids[_used - 1] == 0)
        {
            _used--;
        }
    }

    /// <summary>Puts an order behind all others of its price.</summary>
    internal void Link(int index)
    {
        ref VenueOrder order = ref _orders[index];
        Ensure.That(!order.IsLinked, "an order that rests cannot come to rest again");
        order.Priority = ++_priority;
        int head = Head(order.Instrument, order.Side);
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
            _heads[Head(order.Instrument, order.Side)] = order.Next;
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

    private static int Head(InstrumentId instrument, Side side) => (2 * instrument.Value) + (side == Side.Sell ? 1 : 0);

    // Equal prices rank by time, and the order that is being linked is the latest.
    private static bool Outranks(in VenueOrder newer, in VenueOrder older) =>
        newer.Side == Side.Buy ? newer.RankPrice > older.RankPrice : newer.RankPrice < older.RankPrice;
}
