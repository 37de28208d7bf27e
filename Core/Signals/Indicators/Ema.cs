using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Exponential moving average with alpha = 2 / (length + 1), seeded with the first value, ready after
/// <c>length</c> values. O(1) for each value; only + - * /.
/// </summary>
public struct Ema
{
    private readonly double _alpha;
    private readonly int _length;
    private double _value;
    private int _count;

    /// <summary>Creates the average.</summary>
    /// <param name="length">Values that it takes to be ready; at least 1.</param>
    public Ema(int length)
    {
        Ensure.That(length >= 1, "length of an average must be at least 1");
        _length = length;
        _alpha = 2.0 / (length + 1.0);
    }

    /// <summary>True when enough values were seen.</summary>
    public readonly bool IsReady => _count >= _length;

    /// <summary>Adds a value.</summary>
    /// <param name="value">Any finite value.</param>
    public void Add(double value)
    {
        _value = _count == 0 ? value : _value + (_alpha * (value - _value));
        if (_count < _length)
        {
            _count++;
        }
    }

    /// <summary>The average, once it is ready.</summary>
    /// <param name="value">The average.</param>
    /// <returns>False while it is not ready.</returns>
    public readonly bool TryGet(out double value)
    {
        value = _value;
        return IsReady;
    }

    /// <summary>Walks the state.</summary>
    /// <param name="visitor">Digest, save or restore.</param>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _value);
        visitor.Visit(ref _count);
    }
}
