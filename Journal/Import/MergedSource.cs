using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Journal.Import;

/// <summary>
/// Several sources as one, by (ReceivedAt, number of the source, order within it). All events of a group have one
/// ReceivedAt, so groups stay whole.
/// </summary>
/// <remarks>
/// A source with a known lower bound of its times is not read before the others have come that far: a year of daily
/// files has one file open at a time.
/// </remarks>
public sealed class MergedSource : IEventSource
{
    private readonly IEventSource[] _sources;
    private readonly Event[] _heads;
    private readonly PriorityQueue<int, (long Time, int Source)> _order = new();
    private readonly bool[] _read;
    private int _refill = -1;

    /// <summary>Creates the merged source.</summary>
    /// <param name="sources">At least one; each in the order of its ReceivedAt.</param>
    /// <param name="notBefore">For each source a time before which it has no event; empty when not known.</param>
    public MergedSource(IReadOnlyList<IEventSource> sources, IReadOnlyList<long> notBefore)
    {
        Ensure.That(sources.Count > 0, "there is nothing to merge");
        Ensure.That(notBefore.Count == 0 || notBefore.Count == sources.Count, "one lower bound for each source");
        _sources = new IEventSource[sources.Count];
        _heads = new Event[sources.Count];
        _read = new bool[sources.Count];
        for (int i = 0; i < _sources.Length; i++)
        {
            _sources[i] = sources[i];
            _order.Enqueue(i, (notBefore.Count == 0 ? long.MinValue : notBefore[i], i));
        }
    }

    /// <summary>The source of the event read last; -1 before the first.</summary>
    public int LastSource { get; private set; } = -1;

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        if (_refill >= 0 && !TryRefill())
        {
            return ReadResult.Idle;
        }

        while (_order.TryDequeue(out int source, out _))
        {
            if (_read[source])
            {
                next = _heads[source];
                LastSource = source;
                _refill = source;
                _read[source] = false;
                return ReadResult.Event;
            }

            _refill = source;
            if (!TryRefill())
            {
                return ReadResult.Idle;
            }
        }

        return ReadResult.End;
    }

    /// <summary>Reads the next event of the source whose turn it is.</summary>
    /// <returns>False when it has none now: nobody can know the order before it has one or ends.</returns>
    private bool TryRefill()
    {
        long before = _heads[_refill].ReceivedAt;
        ReadResult result = _sources[_refill].Read(ref _heads[_refill]);
        if (result == ReadResult.Idle)
        {
            return false;
        }

        if (result == ReadResult.Event)
        {
            long time = _heads[_refill].ReceivedAt;
            Ensure.That(time >= before, "a source's received times run backwards");
            _read[_refill] = true;
            _order.Enqueue(_refill, (time, _refill));
        }

        _refill = -1;
        return true;
    }
}
