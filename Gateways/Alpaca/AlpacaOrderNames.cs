using System.Collections.Generic;
using LowLatency.Core.Values;
using LowLatency.Core.Events;

namespace LowLatency.Gateways.Alpaca;

/// <summary>Which order of ours the venue's id of one stands for: lists of fills name orders by it alone.</summary>
internal sealed class AlpacaOrderNames
{
    /// <summary>Orders that are remembered; the oldest are forgotten.</summary>
    internal const int Capacity = 4_096;

    private readonly Dictionary<VenueId, OrderId> _orders = new(Capacity);
    private readonly Queue<VenueId> _ages = new(Capacity);

    /// <summary>Remembers an order.</summary>
    /// <param name="venueOrder">The venue's id.</param>
    /// <param name="order">Ours.</param>
    internal void Add(VenueId venueOrder, OrderId order)
    {
        if (!_orders.TryAdd(venueOrder, order))
        {
            return;
        }

        if (_ages.Count == Capacity)
        {
            _orders.Remove(_ages.Dequeue());
        }

        _ages.Enqueue(venueOrder);
    }

    /// <summary>Finds an order.</summary>
    /// <param name="venueOrder">The venue's id.</param>
    /// <returns>None when it is not known as one of ours.</returns>
    internal OrderId Find(VenueId venueOrder) => _orders.GetValueOrDefault(venueOrder);
}
