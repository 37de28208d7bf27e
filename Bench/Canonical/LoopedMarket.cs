using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Gateways.Generator;

namespace LowLatency.Bench.Canonical;

/// <summary>
/// A generated market, made before the measurement and played again and again with time that goes on: neither the
/// generator nor a file is part of what is measured. Each round starts with the books' snapshots.
/// </summary>
internal sealed class LoopedMarket : IMarket
{
    private readonly Event[] _events;
    private readonly int _roundStart;
    private readonly long _roundLength;
    private long _shift;
    private int _next;

    private LoopedMarket(Event[] events, int roundStart)
    {
        _events = events;
        _roundStart = roundStart;
        _roundLength = events[^1].ReceivedAt - events[roundStart].ReceivedAt + 1_000_000;
        foreach (ref readonly Event e in events.AsSpan(roundStart))
        {
            MessagesPerRound += e.EndsGroup ? 1 : 0;
            LevelsPerRound += e.Kind == EventKind.BookLevels ? e.BookLevels.Count : 0;
        }
    }

    /// <summary>Messages (groups) of a round.</summary>
    internal long MessagesPerRound { get; }

    /// <summary>Levels of books of a round.</summary>
    internal long LevelsPerRound { get; }

    /// <summary>Events of a round.</summary>
    internal long EventsPerRound => _events.Length - _roundStart;

    /// <inheritdoc/>
    public long Messages { get; private set; }

    /// <summary>All events: first those that come once, then the round.</summary>
    internal Event[] Events => _events;

    /// <summary>Place of the round's first event.</summary>
    internal int RoundStart => _roundStart;

    /// <summary>Nanoseconds of a round.</summary>
    internal long RoundLength => _roundLength;

    /// <summary>Makes the market.</summary>
    /// <param name="options">The market.</param>
    /// <param name="events">About so many events; the last group is whole.</param>
    internal static LoopedMarket Make(MarketGeneratorOptions options, int events)
    {
        MarketGenerator generator = new(options with { MaxEvents = events, MaxDuration = 0 });
        List<Event> made = new(events + 1024);
        Event e = default;
        while (generator.Read(ref e) == ReadResult.Event)
        {
            made.Add(e);
        }

        int roundStart = made.FindIndex(found => found.Kind == EventKind.TradingStatus);
        Ensure.That(roundStart >= 0 && made[^1].EndsGroup, "a generated market opens, and ends with a whole message");
        return new LoopedMarket([.. made], roundStart);
    }

    /// <summary>The same market at its start.</summary>
    internal LoopedMarket Again() => new(_events, _roundStart);

    /// <inheritdoc/>
    public void Arrive()
    {
    }

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        if (_next == _events.Length)
        {
            _next = _roundStart;
            _shift += _roundLength;
        }

        next = _events[_next++];
        next.ReceivedAt += _shift;
        next.VenueTime += _shift;
        if (next.EndsGroup)
        {
            Messages++;
        }

        return ReadResult.Event;
    }
}
