using System;
using System.Runtime.CompilerServices;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Market;

/// <summary>
/// The levels of one side. Those around the best lie in a window in which a level is found without a search; the deeper
/// ones are sorted. The key is the price for bids and the negated price for asks; a greater key is better.
/// </summary>
/// <remarks>
/// Every level of the window is better than every sorted one, and there are sorted ones only while the window has some. The
/// window moves when a level is better than it reaches, and when the best has fallen into its lower quarter. Where it lies
/// is not part of the state: digests and snapshots see the levels in their order.
/// </remarks>
internal sealed class BookSide
{
    private readonly int _capacity;
    private readonly SortedLevels _deep;

    // Null until room is set aside.
    private PriceWindow? _window;

    // A full window and the deep levels would be more than the capacity: every new level has to be weighed.
    private bool _isTight;

    internal BookSide(int capacity)
    {
        Ensure.That(capacity >= 1, "a side of a book needs room for a level");
        _capacity = capacity;
        _deep = new SortedLevels(capacity);
        Weigh();
    }

    internal int Count => _window is null ? 0 : _window.Count + _deep.Count;

    // Levels before the first deep one; without deep ones nobody has to count.
    private int Near => _deep.Count == 0 ? int.MaxValue : _window!.Count;

    internal bool IsEmpty => _window is null || _window.IsEmpty;

    /// <summary>The key of the best level; only when there is one.</summary>
    internal long BestKey => _window!.Best;

    /// <summary>The quantity of the best level; only when there is one.</summary>
    internal long BestQuantity => _window!.QuantityOf(_window.Best);

    /// <summary>The key of the deepest level; only when there is one.</summary>
    internal long WorstKey => _deep.Count != 0 ? _deep.KeyAt(_deep.Count - 1) : _window!.Worst;

    /// <summary>Allocates the levels; the only allocation of a side.</summary>
    internal void Reserve()
    {
        _deep.Reserve();
        _window ??= new PriceWindow();
    }

    internal void Clear()
    {
        _window?.Clear();
        _deep.Clear();
        Weigh();
    }

    internal long KeyAt(int depth)
    {
        int near = Near;
        return depth < near ? _window!.KeyAt(depth) : _deep.KeyAt(depth - near);
    }

    internal long QuantityAt(int depth)
    {
        int near = Near;
        return depth < near ? _window!.QuantityOf(_window.KeyAt(depth)) : _deep.QuantityAt(depth - near);
    }

    internal long QuantityOf(long key) =>
        _window is null ? 0
        : _window.Covers(key) ? _window.QuantityOf(key)
        : _deep.QuantityOf(key);

    /// <summary>Sum of the quantities from the best level to the key, both included.</summary>
    internal long QuantityUpTo(long key)
    {
        if (_window is null)
        {
            return 0;
        }

        Int128 sum = _window.Sum(int.MaxValue, key);
        return checked((long)(key < _window.First ? sum + _deep.QuantityUpTo(key) : sum));
    }

    /// <summary>Sum of the quantities of the best levels.</summary>
    internal Int128 QuantityOfBest(int levels)
    {
        if (_window is null)
        {
            return 0;
        }

        Int128 sum = _window.Sum(levels);
        int near = Near;
        for (int depth = near; depth < levels && depth - near < _deep.Count; depth++)
        {
            sum += _deep.QuantityAt(depth - near);
        }

        return sum;
    }

    /// <summary>
    /// Sets, changes or (quantity 0) removes a level; room is set aside. After one or several <see cref="Settle"/> has to be
    /// called before anything is asked.
    /// </summary>
    /// <returns>True when a level, this one or the deepest, found no room.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Set(long key, long quantity)
    {
        PriceWindow window = _window!;
        if (_isTight || !window.Covers(key))
        {
            return SetSlowly(key, quantity);
        }

        window.Set(key, quantity);
        return false;
    }

    /// <summary>Where the window lost its last level it is laid around the best of the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Settle()
    {
        if (_window!.IsEmpty && _deep.Count != 0)
        {
            Lower(_deep.KeyAt(0));
        }
    }

    internal void Visit(StateVisitor visitor)
    {
        _window?.MoveOut(_deep);
        _deep.Visit(visitor);
        if (_deep.Count != 0)
        {
            Reserve();
            Settle();
        }

        Weigh();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool SetSlowly(long key, long quantity)
    {
        Settle();
        bool isFull = _window!.Covers(key) ? SetInside(key, quantity)
            : _window.IsEmpty || key > _window.Last ? quantity != 0 && SetBest(key, quantity)
            : SetDeep(key, quantity);
        Weigh();
        return isFull;
    }

    private bool SetInside(long key, long quantity)
    {
        bool isFull = quantity != 0 && _window!.QuantityOf(key) == 0 && Count == _capacity;
        if (isFull && key < WorstKey)
        {
            return true;
        }

        if (isFull)
        {
            DropDeepest();
        }

        _window!.Set(key, quantity);
        return isFull;
    }

    /// <summary>Adds a level that is better than the window reaches, or the first one.</summary>
    private bool SetBest(long key, long quantity)
    {
        bool isFull = Count == _capacity;
        if (isFull)
        {
            DropDeepest();
        }

        _window!.Raise(PriceWindow.FirstFor(key), _deep);
        _window.Set(key, quantity);
        return isFull;
    }

    private bool SetDeep(long key, long quantity)
    {
        if (_window!.Best - _window.First < PriceWindow.Size / 4)
        {
            Lower(_window.Best);
            if (_window.Covers(key))
            {
                return SetInside(key, quantity);
            }
        }

        bool isFull = quantity != 0 && Count == _capacity && _deep.QuantityOf(key) == 0;
        if (isFull && (_deep.Count == 0 || key < WorstKey))
        {
            return true;
        }

        if (isFull)
        {
            _deep.DropDeepest();
        }

        _deep.Set(key, quantity);
        return isFull;
    }

    private void DropDeepest()
    {
        if (_deep.Count != 0)
        {
            _deep.DropDeepest();
        }
        else
        {
            _window!.Set(_window.Worst, 0);
        }
    }

    /// <summary>Lays the window down to around the best level; those that have a place in it then move in.</summary>
    private void Lower(long best)
    {
        _window!.Lay(PriceWindow.FirstFor(best));
        while (_deep.Count != 0 && _deep.KeyAt(0) >= _window.First)
        {
            long key = _deep.TakeBest(out long quantity);
            _window.Set(key, quantity);
        }
    }

    private void Weigh() => _isTight = _deep.Count + PriceWindow.Size > _capacity;
}
