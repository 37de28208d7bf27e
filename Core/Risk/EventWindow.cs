using LowLatency.Core.Determinism;

namespace LowLatency.Core.Risk;

/// <summary>Tells whether so many things happened within a window of time. Bounded by the number asked for.</summary>
internal sealed class EventWindow : IStateful
{
    private readonly long[] _times;
    private long _count;

    /// <summary>Creates the window.</summary>
    /// <param name="limit">The number asked for, at least 1.</param>
    internal EventWindow(int limit) => _times = new long[limit];

    /// <summary>Something happened.</summary>
    internal void Add(long now)
    {
        _times[_count % _times.Length] = now;
        _count++;
    }

    /// <summary>True when the number asked for happened after an instant.</summary>
    internal bool IsFull(long after) => _count >= _times.Length && _times[_count % _times.Length] > after;

    /// <summary>Forgets everything.</summary>
    internal void Clear() => _count = 0;

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_times);
        visitor.Visit(ref _count);
    }
}
