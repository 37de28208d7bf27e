using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Reconciling;

/// <summary>An order that works at the venue and that no lane of ours works (64 bytes, no padding).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct StrayOrder
{
    internal OrderId Id;
    internal VenueId Venue;
    internal long Price;
    internal long Leaves;

    /// <summary>The event that last told of it.</summary>
    internal long Told;
    internal InstrumentId Instrument;
    internal Side Side;
    internal byte IsAdopted;
    internal byte IsUnwanted;
    internal byte IsAsked;
    internal ushort Reserved0;
    internal long Reserved1;

    /// <summary>A place without an order.</summary>
    internal readonly bool IsFree => Instrument == InstrumentId.None;
}

/// <summary>
/// Orders at the venue beside ours: foreign ones, and those of ours that ended here or were never known. Each counts in the
/// exposure with what it has open, on both sides where its side is not told, until it is proven gone.
/// </summary>
internal sealed class StrayOrders(Exposure exposure) : IStateful
{
    /// <summary>Orders that are kept; with more the engine halts.</summary>
    internal const int Capacity = 64;

    private readonly StrayOrder[] _orders = new StrayOrder[Capacity];
    private int _count;

    /// <summary>Orders kept.</summary>
    internal int Count => _count;

    internal ref readonly StrayOrder this[int place] => ref _orders[place];

    /// <summary>Finds an order.</summary>
    /// <returns>Its place, or -1.</returns>
    internal int Find(OrderId id, VenueId venue)
    {
        for (int place = 0; _count != 0 && place < Capacity; place++)
        {
            ref readonly StrayOrder order = ref _orders[place];
            if (!order.IsFree && order.Id == id && order.Venue == venue)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>Finds an order of ours.</summary>
    /// <returns>Its place, or -1.</returns>
    internal int Find(OrderId id)
    {
        for (int place = 0; !id.IsNone && _count != 0 && place < Capacity; place++)
        {
            if (!_orders[place].IsFree && _orders[place].Id == id)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>Takes an order in, or what is new of it.</summary>
    /// <returns>False when there is no room.</returns>
    internal bool TrySet(in StrayOrder order)
    {
        int place = Find(order.Id, order.Venue);
        if (place < 0)
        {
            place = 0;
            while (place < Capacity && !_orders[place].IsFree)
            {
                place++;
            }

            if (place == Capacity)
            {
                return false;
            }

            _count++;
            _orders[place] = order;
            Reserve(order, order.Leaves, 1);
            return true;
        }

        ref StrayOrder known = ref _orders[place];
        Reserve(known, -known.Leaves, 0);
        byte adopted = (byte)(known.IsAdopted | order.IsAdopted);
        byte unwanted = (byte)(known.IsUnwanted | order.IsUnwanted);
        byte asked = known.IsAsked;
        known = order;
        known.IsAdopted = adopted;
        known.IsUnwanted = unwanted;
        known.IsAsked = asked;
        Reserve(known, known.Leaves, 0);
        return true;
    }

    /// <summary>Some of it was filled.</summary>
    internal void Fill(int place, long quantity)
    {
        ref StrayOrder order = ref _orders[place];
        long filled = Math.Min(quantity, order.Leaves);
        Reserve(order, -filled, 0);
        order.Leaves -= filled;
    }

    /// <summary>It is proven that it works no more.</summary>
    internal void Remove(int place)
    {
        Reserve(_orders[place], -_orders[place].Leaves, -1);
        _orders[place] = default;
        _count--;
    }

    /// <summary>A cancel was sent, or may be sent again.</summary>
    internal void SetAsked(int place, bool isAsked) => _orders[place].IsAsked = (byte)(isAsked ? 1 : 0);

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<StrayOrder>(_orders);
        visitor.Visit(ref _count);
    }

    private void Reserve(in StrayOrder order, long quantity, int orders)
    {
        if (order.Side != Side.Sell)
        {
            exposure.ChangeStray(order.Instrument, Side.Buy, quantity, orders);
        }

        if (order.Side != Side.Buy)
        {
            exposure.ChangeStray(order.Instrument, Side.Sell, quantity, order.Side == Side.None ? 0 : orders);
        }
    }
}
