using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// The largest of the last values (of the smallest: hand in negated values): a queue in falling order whose front is
/// the earliest of the largest. Each value enters and leaves once, so a value costs O(1) on average; one update removes
/// at most the window's length.
/// </summary>
internal sealed class ExtremumWindow
{
    private readonly long[] _values;
    private readonly long[] _indexes;
    private int _front;
    private int _size;
    private long _seen;

    internal ExtremumWindow(int length)
    {
        Ensure.That(length >= 1, "a window holds at least one value");
        _values = new long[length];
        _indexes = new long[length];
    }

    internal bool IsFull => _seen >= _values.Length;

    internal long Largest => _values[_front];

    /// <summary>How many values came after the earliest of the largest.</summary>
    internal long Ago => _seen - 1 - _indexes[_front];

    internal void Add(long value)
    {
        if (_size > 0 && _indexes[_front] <= _seen - _values.Length)
        {
            _front = _front + 1 == _values.Length ? 0 : _front + 1;
            _size--;
        }

        while (_size > 0 && _values[Slot(_size - 1)] < value)
        {
            _size--;
        }

        int slot = Slot(_size++);
        _values[slot] = value;
        _indexes[slot] = _seen++;
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _front);
        visitor.Visit(ref _size);
        visitor.Visit(ref _seen);
        visitor.Visit<long>(_values);
        visitor.Visit<long>(_indexes);
    }

    private int Slot(int position)
    {
        int slot = _front + position;
        return slot >= _values.Length ? slot - _values.Length : slot;
    }
}
