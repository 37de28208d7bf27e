using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Live;

/// <summary>
/// Events that wait to be published, in order. It never drops one: who fills it asks <see cref="HasRoom"/> before it takes
/// the next message from a connection, so that a slow engine slows the connections down. The items of a read-back and its end
/// are handed out in one piece.
/// </summary>
internal sealed class EventOutbox
{
    /// <summary>Events that wait at most, a read-back not counted.</summary>
    internal const int Capacity = 8 * EventBatch.Capacity;

    // Room for what timers and refusals add beside the messages.
    private const int Spare = 2 * EventBatch.Capacity;

    private readonly Event[] _events = new Event[Capacity];
    private long _head;
    private long _tail;
    private long _last;
    private EventGroup? _group;
    private long _groupAt;
    private int _groupTaken;

    /// <summary>True when the largest message finds room.</summary>
    internal bool HasRoom => Capacity - (_tail - _head) >= Spare;

    /// <summary>True when a read-back may be handed over.</summary>
    internal bool TakesGroup => _group is null;

    /// <summary>ReceivedAt of the first event that waits; <see cref="long.MaxValue"/> for none.</summary>
    internal long NextDue =>
        IsGroupNext ? Math.Max(_last, _group![_groupTaken].ReceivedAt)
        : _head == _tail ? long.MaxValue
        : Math.Max(_last, _events[_head & (Capacity - 1)].ReceivedAt);

    private bool IsGroupNext => _group is not null && _head == _groupAt;

    /// <summary>Adds an event.</summary>
    /// <param name="e">The event; its ReceivedAt is not later than now.</param>
    internal void Add(in Event e)
    {
        Ensure.That(_tail - _head < Capacity, "more events of a venue wait than there is room for");
        _events[_tail++ & (Capacity - 1)] = e;
    }

    /// <summary>Adds the events of a message.</summary>
    /// <param name="batch">The events.</param>
    internal void Add(EventBatch batch)
    {
        foreach (ref readonly Event e in batch.Events)
        {
            Add(e);
        }
    }

    /// <summary>Adds a read-back, after what waits now.</summary>
    /// <param name="group">Its events; they are not touched until it is empty again.</param>
    internal void Add(EventGroup group)
    {
        Ensure.That(_group is null && group.Count > 0, "one read-back is handed out at a time");
        _group = group;
        _groupAt = _tail;
        _groupTaken = 0;
    }

    /// <summary>Takes the next event. Times never run backwards.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="e">The event.</param>
    /// <returns>False when none waits that is due.</returns>
    internal bool TryTake(long now, ref Event e)
    {
        if (NextDue > now)
        {
            return false;
        }

        if (IsGroupNext)
        {
            e = _group![_groupTaken++];
            if (_groupTaken == _group.Count)
            {
                _group.Clear();
                _group = null;
            }
        }
        else
        {
            e = _events[_head++ & (Capacity - 1)];
        }

        _last = Math.Max(_last, e.ReceivedAt);
        e.ReceivedAt = _last;
        return true;
    }
}

/// <summary>The events of one read-back, collected before any of them is published: all pages or none.</summary>
internal sealed class EventGroup
{
    /// <summary>Events of one read-back; one that has more has failed.</summary>
    internal const int Capacity = 1 << 14;

    private readonly Event[] _events = new Event[Capacity];

    /// <summary>Events collected.</summary>
    internal int Count { get; private set; }

    /// <summary>An event.</summary>
    /// <param name="index">From 0.</param>
    internal ref readonly Event this[int index] => ref _events[index];

    /// <summary>Adds an event.</summary>
    /// <param name="e">The event.</param>
    /// <returns>False when there is no room: the read-back has failed.</returns>
    internal bool TryAdd(in Event e)
    {
        if (Count == Capacity)
        {
            return false;
        }

        _events[Count++] = e;
        return true;
    }

    /// <summary>Empties it.</summary>
    internal void Clear() => Count = 0;

    /// <summary>Makes what was collected items of one read-back, of one time.</summary>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC.</param>
    internal void Seal(long receivedAt)
    {
        for (int i = 0; i < Count; i++)
        {
            _events[i].ReceivedAt = receivedAt;
            _events[i].Flags |= EventFlags.ReadBack;
        }
    }
}
