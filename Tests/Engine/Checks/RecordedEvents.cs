using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Gateways.Generator;

namespace LowLatency.Tests.Engine.Checks;

/// <summary>Events in memory, as a market.</summary>
internal sealed class RecordedEvents(IReadOnlyList<Event> events) : IEventSource
{
    private int _next;

    public ReadResult Read(ref Event next)
    {
        if (_next == events.Count)
        {
            return ReadResult.End;
        }

        next = events[_next++];
        return ReadResult.Event;
    }

    internal static List<Event> Of(EngineConfiguration configuration) => Of(new MarketGenerator(configuration.Generator!));

    internal static List<Event> Of(IEventSource market)
    {
        List<Event> events = [];
        Event e = default;
        while (market.Read(ref e) == ReadResult.Event)
        {
            events.Add(e);
        }

        (market as IDisposable)?.Dispose();
        return events;
    }
}
