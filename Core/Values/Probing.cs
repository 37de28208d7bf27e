namespace LowLatency.Core.Values;

/// <summary>Where the entries of an open-addressed table want to be.</summary>
public interface IProbedPlaces
{
    /// <summary>The slot at which the search for a place's key begins.</summary>
    /// <param name="place">From 0.</param>
    /// <returns>A slot.</returns>
    int HomeOf(int place);
}

/// <summary>
/// Open addressing with linear probing: a slot holds the place of an entry + 1, 0 when it is free. The number of slots is
/// a power of two, and at least one is always free.
/// </summary>
public static class Probing
{
    /// <summary>Puts a place into the first free slot from its home on.</summary>
    /// <typeparam name="T">Where entries want to be.</typeparam>
    /// <param name="slots">The table.</param>
    /// <param name="place">From 0.</param>
    /// <param name="places">Where entries want to be.</param>
    public static void Insert<T>(int[] slots, int place, T places)
        where T : struct, IProbedPlaces
    {
        int slot = places.HomeOf(place);
        while (slots[slot] != 0)
        {
            slot = (slot + 1) & (slots.Length - 1);
        }

        slots[slot] = place + 1;
    }

    /// <summary>Frees a place's slot and moves later entries of its run back, so that no search stops early.</summary>
    /// <typeparam name="T">Where entries want to be.</typeparam>
    /// <param name="slots">The table.</param>
    /// <param name="place">From 0; it is in the table.</param>
    /// <param name="places">Where entries want to be; the place's own entry still stands.</param>
    public static void Remove<T>(int[] slots, int place, T places)
        where T : struct, IProbedPlaces
    {
        int mask = slots.Length - 1;
        int hole = places.HomeOf(place);
        while (slots[hole] != place + 1)
        {
            hole = (hole + 1) & mask;
        }

        int next = hole;
        while (true)
        {
            next = (next + 1) & mask;
            if (slots[next] == 0)
            {
                break;
            }

            int home = places.HomeOf(slots[next] - 1);
            if (((next - home) & mask) >= ((next - hole) & mask))
            {
                slots[hole] = slots[next];
                hole = next;
            }
        }

        slots[hole] = 0;
    }
}
