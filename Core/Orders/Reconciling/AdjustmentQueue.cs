using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Reconciling;

/// <summary>Differences that wait to be published, in the order in which they were found; each leaves when its fold has seen it.</summary>
internal sealed class AdjustmentQueue : IStateful
{
    private const int Capacity = Differences.Capacity * ReconcileSettings.VenuesMax;
    private const ulong IdTag = 0x41444A;

    private readonly Pending[] _queue = new Pending[Capacity];
    private int _count;

    /// <summary>Adds a difference; where there is no room the next reading finds it again.</summary>
    /// <param name="found">The difference.</param>
    /// <param name="action">What is done.</param>
    /// <param name="venue">The venue.</param>
    /// <param name="mark">The event that proved it: with its place it is the id.</param>
    internal void Add(in Found found, AdjustmentAction action, EventSource venue, long mark)
    {
        if (_count == Capacity)
        {
            return;
        }

        ref Pending pending = ref _queue[_count];
        pending = new Pending { What = found.What, Instrument = found.Instrument };
        pending.What.Action = action;
        pending.What.Venue = venue;
        pending.What.AdjustmentId = new VenueId((IdTag << 16) | (ushort)venue, ((ulong)mark << 8) | (uint)_count);
        _count++;
    }

    /// <summary>The next one; it stays.</summary>
    internal bool TryPeek(ref Event next)
    {
        if (_count == 0)
        {
            return false;
        }

        next.Instrument = _queue[0].Instrument;
        next.Set(_queue[0].What);
        return true;
    }

    /// <summary>It was published and folded.</summary>
    internal void Take(VenueId id)
    {
        if (_count != 0 && _queue[0].What.AdjustmentId == id)
        {
            Array.Copy(_queue, 1, _queue, 0, _count - 1);
            _queue[--_count] = default;
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<Pending>(_queue);
        visitor.Visit(ref _count);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    private struct Pending
    {
        internal Adjustment What;
        internal InstrumentId Instrument;
        internal ushort Reserved0;
        internal int Reserved1;
    }
}
