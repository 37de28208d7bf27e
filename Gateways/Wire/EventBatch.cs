using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Gateways.Wire;

/// <summary>Looks at an event.</summary>
/// <param name="e">The event.</param>
/// <returns>What it was asked.</returns>
internal delegate bool EventTest(in Event e);

/// <summary>
/// The events of one message, all or none: a message that is refused half way leaves nothing behind. The events carry no
/// sequence; who publishes them assigns it.
/// </summary>
public sealed class EventBatch
{
    /// <summary>Events of one message: the levels of the deepest book in the wide layout, and the most prints of a message.</summary>
    public const int Capacity = 2048;

    private readonly Event[] _events = new Event[Capacity];
    private int _count;

    /// <summary>The events of the last message.</summary>
    public ReadOnlySpan<Event> Events => _events.AsSpan(0, _count);

    /// <summary>Events of the last message.</summary>
    internal int Count => _count;

    internal void Clear() => _count = 0;

    /// <summary>Keeps some of the events, in their order.</summary>
    /// <param name="keeps">True for those that stay.</param>
    internal void Keep(EventTest keeps)
    {
        int count = 0;
        for (int i = 0; i < _count; i++)
        {
            if (keeps(_events[i]))
            {
                _events[count++] = _events[i];
            }
        }

        _count = count;
    }

    /// <summary>Adds an event.</summary>
    /// <typeparam name="T">The payload type.</typeparam>
    /// <param name="header">Everything but kind, version and payload.</param>
    /// <param name="payload">The payload.</param>
    /// <returns>False when the batch is full: refuse the message.</returns>
    internal bool TryAdd<T>(in Event header, in T payload)
        where T : unmanaged, IPayload
    {
        if (_count == Capacity)
        {
            return false;
        }

        // Field by field: a copy of what was just written would wait for it.
        ref Event next = ref _events[_count++];
        next = default;
        next.ReceivedAt = header.ReceivedAt;
        next.VenueTime = header.VenueTime;
        next.Instrument = header.Instrument;
        next.Source = header.Source;
        next.Flags = header.Flags;
        next.Set(payload);
        return true;
    }

    /// <summary>Adds the group that a packer has completed.</summary>
    /// <param name="levels">The packer.</param>
    /// <returns>False when the batch is full: refuse the message.</returns>
    internal bool TryAdd(LevelPacker levels)
    {
        while (_count < Capacity)
        {
            if (!levels.TryTake(ref _events[_count]))
            {
                return true;
            }

            _count++;
        }

        Event beyond = default;
        bool more = levels.TryTake(ref beyond);
        Ensure.That(!more || beyond.Kind == EventKind.BookLevels, "a packer makes book levels");
        return !more;
    }
}
