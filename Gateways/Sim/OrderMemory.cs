using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>How an order stood when it ended (40 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct EndedOrder
{
    internal long Id;
    internal ulong VenueNumber;
    internal long Price;
    internal long Quantity;
    internal long Filled;
}

/// <summary>
/// The last <see cref="Capacity"/> orders that ended or were rejected, so that a repeated id is recognised and a cancel
/// that comes too late is answered with what was filled. Older ones are forgotten, as at real venues.
/// </summary>
internal sealed class OrderMemory
{
    internal const int Capacity = 4096;

    private readonly long[] _ids = new long[Capacity];
    private readonly EndedOrder[] _ended = new EndedOrder[Capacity];
    private long _added;

    internal bool Knows(OrderId id) => _ids.AsSpan().Contains(id.Packed);

    internal bool TryFind(OrderId id, out EndedOrder ended)
    {
        int index = id.IsNone ? -1 : _ids.AsSpan().IndexOf(id.Packed);
        ended = index < 0 ? default : _ended[index];
        return index >= 0;
    }

    internal void Add(in EndedOrder ended)
    {
        int index = (int)(_added++ % Capacity);
        _ids[index] = ended.Id;
        _ended[index] = ended;
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _added);
        int used = (int)Math.Min(_added, Capacity);
        visitor.Visit<long>(_ids.AsSpan(0, used));
        visitor.Visit<EndedOrder>(_ended.AsSpan(0, used));
        _ids.AsSpan(used).Clear();
    }
}
