using System.Collections.Generic;

namespace LowLatency.Engine.Results;

/// <summary>
/// A list of bounded size of a series of unknown length: all of it, and when that is too much every second, every fourth
/// and so on, always the same ones for the same series.
/// </summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="capacity">Most that are kept.</param>
internal sealed class ThinnedList<T>(int capacity)
{
    private readonly List<T> _kept = [];

    /// <summary>What is kept, in order.</summary>
    internal IReadOnlyList<T> Kept => _kept;

    /// <summary>One of so many is kept; 1 when nothing is left out.</summary>
    internal long Stride { get; private set; } = 1;

    /// <summary>All that was added.</summary>
    internal long Count { get; private set; }

    internal void Add(T item)
    {
        if (Count++ % Stride != 0)
        {
            return;
        }

        if (_kept.Count == capacity)
        {
            int to = 0;
            for (int from = 0; from < _kept.Count; from += 2)
            {
                _kept[to++] = _kept[from];
            }

            _kept.RemoveRange(to, _kept.Count - to);
            Stride *= 2;
            if ((Count - 1) % Stride != 0)
            {
                return;
            }
        }

        _kept.Add(item);
    }
}
