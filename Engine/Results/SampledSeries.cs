using System.Collections.Generic;
using LowLatency.Core.Determinism;

namespace LowLatency.Engine.Results;

/// <summary>A point of a series that can take a later one of the same interval into itself.</summary>
internal interface ISample<T>
    where T : struct
{
    /// <summary>Takes in what came later.</summary>
    void Merge(in T later);
}

/// <summary>
/// A series of bounded size over a time of unknown length: one point for each interval of a fixed grid that begins with
/// the first sample. When the grid is full its intervals are joined two by two and become twice as wide.
/// </summary>
/// <typeparam name="T">The point.</typeparam>
internal sealed class SampledSeries<T>
    where T : struct, ISample<T>
{
    private readonly T[] _points;
    private readonly bool[] _taken;
    private long _start;
    private long _until = long.MinValue;
    private int _index;
    private bool _begun;

    /// <summary>Creates an empty series.</summary>
    /// <param name="capacity">Most points; even.</param>
    /// <param name="width">Nanoseconds of an interval as long as the grid is not full.</param>
    internal SampledSeries(int capacity, long width)
    {
        Ensure.That(capacity >= 2 && capacity % 2 == 0, "the size of a sampled series must be even");
        Ensure.That(width >= 1, "an interval of a sampled series must be positive");
        _points = new T[capacity];
        _taken = new bool[capacity];
        Width = width;
    }

    /// <summary>Nanoseconds of an interval now.</summary>
    internal long Width { get; private set; }

    /// <summary>A sample before this time joins the last point.</summary>
    internal long Until => _until;

    /// <summary>The points in order of time; intervals without a sample have none.</summary>
    internal IEnumerable<T> Points
    {
        get
        {
            for (int i = 0; i < _points.Length; i++)
            {
                if (_taken[i])
                {
                    yield return _points[i];
                }
            }
        }
    }

    /// <summary>First nanosecond of the interval after that of a time; the next sample before it joins a point.</summary>
    internal long NextInterval(long at) => _start + ((((at - _start) / Width) + 1) * Width);

    /// <summary>Takes a sample.</summary>
    /// <param name="at">Its time; not before the last one's.</param>
    /// <param name="sample">The sample.</param>
    internal void Add(long at, in T sample)
    {
        if (at < _until)
        {
            _points[_index].Merge(sample);
            return;
        }

        if (!_begun)
        {
            _begun = true;
            _start = at;
        }

        while ((at - _start) / Width >= _points.Length)
        {
            Halve();
        }

        _index = (int)((at - _start) / Width);
        _until = _start + ((_index + 1) * Width);
        if (_taken[_index])
        {
            _points[_index].Merge(sample);
        }
        else
        {
            _points[_index] = sample;
            _taken[_index] = true;
        }
    }

    private void Halve()
    {
        for (int i = 0; i < _points.Length / 2; i++)
        {
            int first = 2 * i;
            T point = _taken[first] ? _points[first] : _points[first + 1];
            if (_taken[first] && _taken[first + 1])
            {
                point.Merge(_points[first + 1]);
            }

            bool taken = _taken[first] || _taken[first + 1];
            _points[i] = point;
            _taken[i] = taken;
        }

        System.Array.Clear(_taken, _points.Length / 2, _points.Length / 2);
        Width *= 2;
    }
}
