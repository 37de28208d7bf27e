using System;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Market;

/// <summary>
/// Levels sorted by key with the best at the END: most changes happen near the top, so an insertion or a removal moves
/// little memory. A greater key is better.
/// </summary>
internal sealed class SortedLevels
{
    // Below this many levels from the top a binary search takes over from the scan, which compares a block at once.
    private const int Scan = 32;
    private const int Block = 4;

    // The keys of a block, where entry by entry a key and a quantity alternate.
    private const ulong Keys = 0b0101_0101;

    // A move of fewer entries costs less than the call of a routine for it.
    private const int ShortMove = 8;

    private readonly int _capacity;
    private Entry[] _entries = [];
    private int _count;

    internal SortedLevels(int capacity)
    {
        Ensure.That(capacity >= 1, "a side of a book needs room for a level");
        _capacity = capacity;
    }

    internal int Count => _count;

    /// <summary>Allocates the levels; the only allocation of a side.</summary>
    internal void Reserve()
    {
        if (_entries.Length == 0)
        {
            _entries = new Entry[_capacity];
        }
    }

    internal void Clear() => _count = 0;

    internal long KeyAt(int depth) => _entries[_count - 1 - depth].Key;

    internal long QuantityAt(int depth) => _entries[_count - 1 - depth].Quantity;

    internal long QuantityOf(long key)
    {
        int below = CountNotAbove(key);
        return below > 0 && _entries[below - 1].Key == key ? _entries[below - 1].Quantity : 0;
    }

    /// <summary>Sum of the quantities from the best level to the key, both included.</summary>
    internal long QuantityUpTo(long key)
    {
        long sum = 0;
        for (int i = _count - 1; i >= 0 && _entries[i].Key >= key; i--)
        {
            sum += _entries[i].Quantity;
        }

        return sum;
    }

    /// <summary>Sets, changes or (quantity 0) removes a level.</summary>
    internal void Set(long key, long quantity)
    {
        int below = CountNotAbove(key);
        if (below > 0 && _entries[below - 1].Key == key)
        {
            if (quantity == 0)
            {
                Move(below, below - 1, _count - below);
                _count--;
            }
            else
            {
                _entries[below - 1].Quantity = quantity;
            }
        }
        else if (quantity != 0)
        {
            Ensure.That(_count < _capacity, "no room for a level of a book");
            Move(below, below + 1, _count - below);
            _entries[below] = new Entry { Key = key, Quantity = quantity };
            _count++;
        }
    }

    /// <summary>Adds a level that is better than all.</summary>
    internal void Append(long key, long quantity)
    {
        Ensure.That(_count < _capacity, "no room for a level of a book");
        _entries[_count++] = new Entry { Key = key, Quantity = quantity };
    }

    /// <summary>Takes the best level out; only when there is one.</summary>
    internal long TakeBest(out long quantity)
    {
        ref readonly Entry best = ref _entries[--_count];
        quantity = best.Quantity;
        return best.Key;
    }

    /// <summary>Removes the deepest level; only when there is one.</summary>
    internal void DropDeepest()
    {
        Move(1, 0, _count - 1);
        _count--;
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _count);
        Ensure.That(_count >= 0 && _count <= _capacity, "restored book is deeper than this one can be");
        if (_count > 0)
        {
            Reserve();
        }

        visitor.Visit(_entries.AsSpan(0, _count));
    }

    private void Move(int from, int to, int length)
    {
        if (length >= ShortMove)
        {
            _entries.AsSpan(from, length).CopyTo(_entries.AsSpan(to));
            return;
        }

        if (to < from)
        {
            for (int i = 0; i < length; i++)
            {
                _entries[to + i] = _entries[from + i];
            }

            return;
        }

        for (int i = length - 1; i >= 0; i--)
        {
            _entries[to + i] = _entries[from + i];
        }
    }

    /// <summary>
    /// How many levels have a key that is not above the given one: they lie at indices below the result.
    /// </summary>
    private int CountNotAbove(long key)
    {
        ReadOnlySpan<Entry> entries = _entries.AsSpan(0, _count);
        ReadOnlySpan<long> longs = MemoryMarshal.Cast<Entry, long>(entries);
        int high = entries.Length;
        int scanEnd = Math.Max(Block, high - Scan);
        Vector512<long> wanted = Vector512.Create(key);
        while (high >= scanEnd)
        {
            Vector512<long> block = Vector512.Create(longs.Slice(2 * (high - Block), 2 * Block));
            ulong above = Vector512.GreaterThan(block, wanted).ExtractMostSignificantBits() & Keys;
            if (above != Keys)
            {
                return high - BitOperations.PopCount(above);
            }

            high -= Block;
        }

        int low = 0;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (entries[middle].Key <= key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private struct Entry
    {
        public long Key;
        public long Quantity;
    }
}
