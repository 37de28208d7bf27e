using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Live;

/// <summary>The commands of which something is still expected, in the order in which they came.</summary>
internal sealed class CommandTable
{
    /// <summary>Commands at one time: as many as orders may be alive.</summary>
    internal const int Capacity = Limits.LiveOrders;

    private readonly CommandSlot[] _slots = new CommandSlot[Capacity];
    private readonly int[] _free = new int[Capacity];
    private readonly int[] _active = new int[Capacity];
    private int _freeCount = Capacity;
    private bool _hasHoles;

    internal CommandTable()
    {
        for (int i = 0; i < Capacity; i++)
        {
            _free[i] = Capacity - 1 - i;
        }
    }

    /// <summary>Places to look at; those in phase Free are skipped.</summary>
    internal int Count { get; private set; }

    /// <summary>A command.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    internal ref CommandSlot this[int index] => ref _slots[_active[index]];

    /// <summary>Makes a place.</summary>
    /// <param name="index">Where it is.</param>
    /// <returns>False when all are taken.</returns>
    internal bool TryAdd(out int index)
    {
        if (Count == Capacity)
        {
            Compact();
        }

        index = Count;
        if (_freeCount == 0)
        {
            return false;
        }

        int slot = _free[--_freeCount];
        _slots[slot] = default;
        _active[Count++] = slot;
        return true;
    }

    /// <summary>Finds a command by the number of its request.</summary>
    /// <param name="number">The number; not 0.</param>
    /// <param name="index">Where it is.</param>
    /// <returns>False when nothing is expected of it any more.</returns>
    internal bool TryFind(long number, out int index)
    {
        for (index = 0; index < Count; index++)
        {
            ref CommandSlot slot = ref this[index];
            if (slot.Phase != CommandPhase.Free && slot.Number == number)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Nothing more is expected of a command.</summary>
    /// <param name="index">Where it is.</param>
    internal void Remove(int index)
    {
        Ensure.That(this[index].Phase != CommandPhase.Free, "a command ends once");
        this[index].Phase = CommandPhase.Free;
        _hasHoles = true;
    }

    /// <summary>Closes the holes. Not while somebody walks.</summary>
    internal void Compact()
    {
        if (!_hasHoles)
        {
            return;
        }

        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            int slot = _active[i];
            if (_slots[slot].Phase == CommandPhase.Free)
            {
                _free[_freeCount++] = slot;
            }
            else
            {
                _active[kept++] = slot;
            }
        }

        Count = kept;
        _hasHoles = false;
    }
}
