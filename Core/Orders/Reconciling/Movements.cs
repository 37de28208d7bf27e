using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Reconciling;

/// <summary>When something was last heard of, or done to, an order or a position (16 bytes).</summary>
/// <param name="Sequence">The event.</param>
/// <param name="At">Of an order its ReceivedAt; of a position the venue's time of the fill, 0 when it gave none.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal readonly record struct Movement(long Sequence, long At);

/// <summary>
/// What moved last, by event: a reading that began before it says nothing about it, because its answer may be older or newer.
/// </summary>
internal sealed class Movements : IStateful
{
    private readonly Movement[] _orders = new Movement[OrderTable.Capacity];
    private readonly Movement[] _positions = new Movement[Limits.Instruments + 1];
    private Movement _all = new(-1, 0);
    private long _cash = -1;

    /// <summary>The event that last moved cash.</summary>
    internal long Cash => _cash;

    /// <summary>The last movement of an order.</summary>
    internal Movement OfOrder(int place) => _orders[place].Sequence > _all.Sequence ? _orders[place] : _all;

    /// <summary>The last movement of a position.</summary>
    internal Movement OfPosition(InstrumentId instrument) => _positions[instrument.Value];

    /// <summary>A run began: every request of the one before may still be under way.</summary>
    internal void Begin(long sequence, long now)
    {
        _all = new Movement(sequence, now);
        _cash = sequence;
    }

    /// <summary>An order was told of, or something was asked of it.</summary>
    internal void OnOrder(int place, long sequence, long now) => _orders[place] = new Movement(sequence, now);

    /// <summary>A fill counted.</summary>
    internal void OnFill(InstrumentId instrument, long sequence, long venueTime)
    {
        _positions[instrument.Value] =
            new Movement(sequence, Math.Max(venueTime, _positions[instrument.Value].At));
        _cash = sequence;
    }

    /// <summary>Cash moved.</summary>
    internal void OnCash(long sequence) => _cash = sequence;

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<Movement>(_orders);
        visitor.Visit<Movement>(_positions);
        visitor.VisitStruct(ref _all);
        visitor.Visit(ref _cash);
    }
}
