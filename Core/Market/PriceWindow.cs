using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LowLatency.Core.Market;

/// <summary>
/// The levels of a stretch of neighbouring keys, each at the place that its key names: found without a search, set and
/// removed without a move or a branch. One bit for each place and one for each word of bits find the best and the next.
/// </summary>
/// <remarks>
/// The stretch is <see cref="Size"/> keys from <see cref="First"/>, a multiple of a word. Places are taken from the key's
/// low bits, so that moving the stretch moves no level that stays in it. A quantity of zero is no level.
/// </remarks>
internal sealed class PriceWindow
{
    /// <summary>Keys of a window.</summary>
    internal const int Size = Word * Words;

    // Words that stay free above the best level when a window is laid anew: it can improve so far without a move.
    private const int Headroom = 8;
    private const int Word = 64;
    private const int Words = 64;
    private const int PlaceMask = Size - 1;
    private const int WordMask = Words - 1;

    // Places that are summed from end to end at most, and what no quantity may have then: so many below add up in 64 bits.
    private const int PlacesMax = 128;
    private const long Large = long.MinValue >> 8;

    private Quantities _quantities;
    private Bits _bits;

    // Bit w: word w of the bits is not zero.
    private ulong _used;
    private long _first;
    private long _last = Size - 1;

    /// <summary>True when there is no level.</summary>
    internal bool IsEmpty => _used == 0;

    /// <summary>The lowest key that has a place.</summary>
    internal long First => _first;

    /// <summary>The highest key that has a place.</summary>
    internal long Last => _last;

    /// <summary>Levels.</summary>
    internal int Count
    {
        get
        {
            int count = 0;
            for (ulong used = _used; used != 0; used &= used - 1)
            {
                count += BitOperations.PopCount(_bits[BitOperations.TrailingZeroCount(used) & WordMask]);
            }

            return count;
        }
    }

    /// <summary>The highest key of a level; only when there is one.</summary>
    internal long Best
    {
        get
        {
            int at = Word - 1 - BitOperations.LeadingZeroCount(InOrder);
            return _first + (at * Word) + (Word - 1 - BitOperations.LeadingZeroCount(_bits[PlaceOfWord(at)]));
        }
    }

    /// <summary>The lowest key of a level; only when there is one.</summary>
    internal long Worst
    {
        get
        {
            int at = BitOperations.TrailingZeroCount(InOrder);
            return _first + (at * Word) + BitOperations.TrailingZeroCount(_bits[PlaceOfWord(at)]);
        }
    }

    // Bit i: the word of the keys from First + 64 i on is not zero.
    private ulong InOrder => BitOperations.RotateRight(_used, FirstWord);

    private int FirstWord => (int)((_first >> 6) & WordMask);

    /// <summary>Where a window is laid so that a key is near its upper end.</summary>
    internal static long FirstFor(long key)
    {
        long word = key & -Word;
        return word < long.MinValue + Size ? long.MinValue
            : word > long.MaxValue - Size ? long.MaxValue - Size + 1
            : word - Size + (Word * (1 + Headroom));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Covers(long key) => key >= _first && key <= _last;

    /// <summary>Quantity at a key that has a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long QuantityOf(long key) => _quantities[(int)(key & PlaceMask)];

    /// <summary>Sets, changes or (quantity 0) removes the level of a key that has a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Set(long key, long quantity)
    {
        int word = (int)((key >> 6) & WordMask);
        ref ulong bits = ref _bits[word];
        ulong isLevel = quantity != 0 ? 1UL : 0UL;
        ulong next = (bits & ~(1UL << (int)(key & (Word - 1)))) | (isLevel << (int)(key & (Word - 1)));
        bits = next;
        _quantities[(int)(key & PlaceMask)] = quantity;
        _used = (_used & ~(1UL << word)) | ((next != 0 ? 1UL : 0UL) << word);
    }

    /// <summary>Lays an empty window elsewhere.</summary>
    internal void Lay(long first)
    {
        _first = first;
        _last = first + (Size - 1);
    }

    /// <summary>Lays the window further up; the levels that have no place any more go below.</summary>
    internal void Raise(long first, SortedLevels below)
    {
        for (ulong order = InOrder; order != 0; order &= order - 1)
        {
            int at = BitOperations.TrailingZeroCount(order);
            if (_first + (at * Word) >= first)
            {
                break;
            }

            MoveOut(at, below);
        }

        Lay(first);
    }

    /// <summary>Moves all levels out, worst first.</summary>
    internal void MoveOut(SortedLevels below)
    {
        for (ulong order = InOrder; order != 0; order &= order - 1)
        {
            MoveOut(BitOperations.TrailingZeroCount(order), below);
        }
    }

    /// <summary>Removes all levels.</summary>
    internal void Clear()
    {
        for (ulong used = _used; used != 0; used &= used - 1)
        {
            int word = BitOperations.TrailingZeroCount(used);
            _bits[word] = 0;
            QuantitiesOf(word).Clear();
        }

        _used = 0;
    }

    /// <summary>The key of a level by its depth; the lowest where there are fewer. Only when there is one.</summary>
    internal long KeyAt(int depth)
    {
        for (ulong order = InOrder; order != 0;)
        {
            int at = Word - 1 - BitOperations.LeadingZeroCount(order);
            ulong bits = _bits[PlaceOfWord(at)];
            int count = BitOperations.PopCount(bits);
            if (depth < count)
            {
                return _first + (at * Word) + PlaceOfBit(bits, count - 1 - depth);
            }

            depth -= count;
            order ^= 1UL << at;
        }

        return Worst;
    }

    /// <summary>Sum of the quantities of the best levels, at most so many.</summary>
    internal Int128 Sum(int levels)
    {
        if (levels == 0 || IsEmpty)
        {
            return 0;
        }

        // What is no level counts nothing: where the levels lie close together their places are summed from end to end.
        long deepest = KeyAt(levels - 1);
        int places = (int)(Best - deepest) + 1;
        int from = (int)(deepest & PlaceMask);
        return places <= PlacesMax
            && from + places <= Size
            && TrySum(((ReadOnlySpan<long>)_quantities).Slice(from, places), out long sum)
            ? sum
            : Sum(levels, long.MinValue);
    }

    /// <summary>Sum of the quantities of the best levels, at most so many, of keys not below one.</summary>
    internal Int128 Sum(int levels, long from)
    {
        Int128 sum = 0;
        for (ulong order = InOrder; order != 0;)
        {
            int at = Word - 1 - BitOperations.LeadingZeroCount(order);
            int word = PlaceOfWord(at);
            ReadOnlySpan<long> quantities = QuantitiesOf(word);
            for (ulong bits = _bits[word]; bits != 0; levels--)
            {
                int bit = Word - 1 - BitOperations.LeadingZeroCount(bits);
                if (levels == 0 || _first + (at * Word) + bit < from)
                {
                    return sum;
                }

                sum += quantities[bit];
                bits ^= 1UL << bit;
            }

            order ^= 1UL << at;
        }

        return sum;
    }

    private static bool TrySum(ReadOnlySpan<long> quantities, out long sum)
    {
        Vector512<long> sums = default;
        Vector512<long> all = default;
        sum = 0;
        long rest = 0;
        for (; quantities.Length >= Vector512<long>.Count; quantities = quantities[Vector512<long>.Count..])
        {
            Vector512<long> some = Vector512.Create(quantities);
            sums += some;
            all |= some;
        }

        foreach (long quantity in quantities)
        {
            rest |= quantity;
            sum += quantity & ~Large;
        }

        if ((rest & Large) != 0 || (all & Vector512.Create(Large)) != default)
        {
            return false;
        }

        sum += Vector512.Sum(sums);
        return true;
    }

    // The place of the set bit that has so many set bits below it.
    private static int PlaceOfBit(ulong bits, int below)
    {
        if (Bmi2.X64.IsSupported)
        {
            return BitOperations.TrailingZeroCount(Bmi2.X64.ParallelBitDeposit(1UL << below, bits));
        }

        for (; below > 0; below--)
        {
            bits &= bits - 1;
        }

        return BitOperations.TrailingZeroCount(bits);
    }

    private Span<long> QuantitiesOf(int word) => ((Span<long>)_quantities).Slice(word * Word, Word);

    private int PlaceOfWord(int at) => (FirstWord + at) & WordMask;

    private void MoveOut(int at, SortedLevels below)
    {
        int word = PlaceOfWord(at);
        Span<long> quantities = QuantitiesOf(word);
        for (ulong bits = _bits[word]; bits != 0; bits &= bits - 1)
        {
            int bit = BitOperations.TrailingZeroCount(bits);
            below.Append(_first + (at * Word) + bit, quantities[bit]);
        }

        quantities.Clear();
        _bits[word] = 0;
        _used &= ~(1UL << word);
    }

    [InlineArray(Size)]
    private struct Quantities
    {
        private long _first;
    }

    [InlineArray(Words)]
    private struct Bits
    {
        private ulong _first;
    }
}
