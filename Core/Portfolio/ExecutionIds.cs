using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio;

/// <summary>
/// The execution ids that were folded: an execution counts once, however often a venue repeats it. Holds the last
/// <see cref="Capacity"/> ids; older ones are forgotten first, and how many is counted.
/// </summary>
public sealed class ExecutionIds : IStateful
{
    /// <summary>Ids remembered.</summary>
    public const int Capacity = 1 << 15;

    private const int Slots = Capacity * 2;
    private const int Free = 0;

    // Open addressing over positions in the FIFO (+1, so that 0 is free): the table says where, the FIFO what and when.
    private readonly int[] _slots = new int[Slots];
    private readonly VenueId[] _fifo = new VenueId[Capacity];
    private long _added;

    /// <summary>Ids that were forgotten because newer ones needed the room.</summary>
    public long Forgotten => System.Math.Max(0, _added - Capacity);

    /// <summary>Ids that are remembered.</summary>
    public int Count => (int)System.Math.Min(_added, Capacity);

    /// <summary>An id that is remembered.</summary>
    /// <param name="index">0, the oldest, to <see cref="Count"/> - 1.</param>
    /// <returns>The id.</returns>
    public VenueId this[int index] => _fifo[(int)((_added - Count + index) % Capacity)];

    /// <summary>True when an id is remembered.</summary>
    /// <param name="id">The venue's execution id.</param>
    /// <returns>Whether it came before.</returns>
    public bool Contains(VenueId id)
    {
        for (int slot = SlotOf(id); _slots[slot] != Free; slot = (slot + 1) & (Slots - 1))
        {
            if (_fifo[_slots[slot] - 1] == id)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Remembers an id.</summary>
    /// <param name="id">The venue's execution id.</param>
    /// <returns>False when it was there already: a repeat.</returns>
    public bool TryAdd(VenueId id)
    {
        if (Contains(id))
        {
            return false;
        }

        int place = (int)(_added & (Capacity - 1));
        if (_added >= Capacity)
        {
            Probing.Remove(_slots, place, new Places(_fifo));
        }

        _fifo[place] = id;
        Probing.Insert(_slots, place, new Places(_fifo));
        _added++;
        return true;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        // The table is a function of the order in which ids came and went; it is kept as it is.
        visitor.Visit(ref _added);
        visitor.Visit<VenueId>(_fifo);
        visitor.Visit<int>(_slots);
    }

    private static int SlotOf(VenueId id)
    {
        unchecked
        {
            ulong mixed = (id.High * 0x9E3779B97F4A7C15UL) ^ (id.Low * 0xC2B2AE3D27D4EB4FUL);
            mixed ^= mixed >> 32;
            mixed *= 0xD6E8FEB86659FD93UL;
            return (int)(mixed >> 40) & (Slots - 1);
        }
    }

    private readonly struct Places(VenueId[] ids) : IProbedPlaces
    {
        public int HomeOf(int place) => SlotOf(ids[place]);
    }
}
