using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Exponential moving average, ready after <c>length</c> values. O(1) for each value; only + - * /. Rounding errors do
/// not add up: each is forgotten at the rate of alpha.
/// </summary>
public struct Ema
{
    private readonly double _alpha;
    private readonly int _length;
    private readonly bool _fromMean;
    private double _value;
    private int _count;

    /// <summary>Creates an average with alpha = 2 / (length + 1) that is seeded with the first value.</summary>
    /// <param name="length">Values that it takes to be ready; at least 1.</param>
    public Ema(int length)
        : this(length, 2.0 / (length + 1.0), fromMean: false)
    {
    }

    private Ema(int length, double alpha, bool fromMean)
    {
        Ensure.That(length >= 1, "length of an average must be at least 1");
        _length = length;
        _alpha = alpha;
        _fromMean = fromMean;
    }

    /// <summary>True when enough values were seen.</summary>
    public readonly bool IsReady => _count >= _length;

    /// <summary>The average; before it is ready, reading it stops the engine.</summary>
    public readonly double Value
    {
        get
        {
            Ensure.That(IsReady, "an average was read before it was ready");
            return _value;
        }
    }

    /// <summary>An average with alpha = 2 / (length + 1) that starts as the plain mean of its first values.</summary>
    /// <param name="length">Values of the mean; at least 1.</param>
    /// <returns>The average.</returns>
    public static Ema FromMean(int length) => new(length, 2.0 / (length + 1.0), fromMean: true);

    /// <summary>Wilder's smoothing: alpha = 1 / length, starting as the plain mean of its first values.</summary>
    /// <param name="length">Values of the mean; at least 1.</param>
    /// <returns>The average.</returns>
    public static Ema Wilder(int length) => new(length, 1.0 / length, fromMean: true);

    /// <summary>Adds a value.</summary>
    /// <param name="value">Any finite value.</param>
    public void Add(double value)
    {
        if (_fromMean && _count < _length)
        {
            // Until it is ready the field holds the sum.
            _value += value;
            _count++;
            if (_count == _length)
            {
                _value /= _length;
            }

            return;
        }

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
