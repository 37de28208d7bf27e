using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// The last values of a series of whole numbers and their sum, which is exact: what leaves is subtracted as it came, so
/// nothing drifts.
/// </summary>
internal sealed class IntegerWindow
{
    private readonly long[] _values;
    private int _next;
    private int _count;
    private Int128 _sum;

    internal IntegerWindow(int length)
    {
        Ensure.That(length >= 1, "a window holds at least one value");
        _values = new long[length];
    }

    internal bool IsFull => _count == _values.Length;

    internal int Length => _values.Length;

    internal int Count => _count;

    internal Int128 Sum => _sum;

    /// <summary>The value that leaves with the next one; only of a full window.</summary>
    internal long Oldest => _values[_next];

    /// <summary>A value of the window; 0 is the newest.</summary>
    internal long At(int ago)
    {
        Ensure.That(ago >= 0 && ago < _count, "a window does not reach so far back");
        int index = _next - 1 - ago;
        return _values[index < 0 ? index + _values.Length : index];
    }

    internal void Add(long value)
    {
        if (_count < _values.Length)
        {
            _count++;
        }
        else
        {
            _sum -= _values[_next];
        }

        _sum += value;
        _values[_next] = value;
        _next = _next + 1 == _values.Length ? 0 : _next + 1;
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _next);
        visitor.Visit(ref _count);
        visitor.VisitStruct(ref _sum);
        visitor.Visit<long>(_values);
    }
}
