using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Reconciling;

/// <summary>A difference, and how many readings in a row have found it (104 bytes, no padding).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct Found
{
    internal Adjustment What;
    internal InstrumentId Instrument;
    internal ushort Reserved;
    internal int Times;
    internal long Mark;

    /// <summary>True when another reading has found the same.</summary>
    internal readonly bool IsSame(in Found other) =>
        What.Difference == other.What.Difference
        && What.Order == other.What.Order
        && What.VenueOrder == other.What.VenueOrder
        && What.Ours == other.What.Ours
        && What.Theirs == other.What.Theirs
        && What.VenuePrice == other.What.VenuePrice
        && What.Leaves == other.What.Leaves
        && What.Side == other.What.Side
        && Instrument == other.Instrument
        && MemoryMarshal.AsBytes(new ReadOnlySpan<Currency8>(in What.Currency))
            .SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<Currency8>(in other.What.Currency)));
}

/// <summary>The differences that one account's last reading found, bounded: what finds no room is found by the next one.</summary>
internal sealed class Differences : IStateful
{
    /// <summary>Differences of one reading.</summary>
    internal const int Capacity = 64;

    private readonly Found[] _found = new Found[Capacity];
    private readonly Found[] _before = new Found[Capacity];
    private int _count;
    private int _beforeCount;
    private int _isOver;

    /// <summary>Those of the last reading.</summary>
    internal ReadOnlySpan<Found> All => _found.AsSpan(0, _count);

    /// <summary>True when there were more than there is room for.</summary>
    internal bool IsOver => _isOver != 0;

    /// <summary>Another reading is compared.</summary>
    internal void Begin()
    {
        All.CopyTo(_before);
        _beforeCount = _count;
        _count = 0;
        _isOver = 0;
    }

    /// <summary>Nothing that was found counts any more.</summary>
    internal void Forget() => _count = 0;

    /// <summary>Adds a difference.</summary>
    internal void Add(in Found found)
    {
        if (_count == Capacity)
        {
            _isOver = 1;
            return;
        }

        ref Found place = ref _found[_count++];
        place = found;
        place.Times = 1;
        for (int i = 0; i < _beforeCount; i++)
        {
            if (_before[i].IsSame(found))
            {
                place.Times = _before[i].Times + 1;
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<Found>(_found);
        visitor.Visit(ref _count);
        visitor.Visit(ref _isOver);
    }
}
