using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways;

namespace LowLatency.Tests.Engine.Running;

/// <summary>A source that says what a test wrote down; null is a moment without anything.</summary>
internal sealed class ScriptedSource(params Event?[] script) : IEventSource
{
    private int _next;

    internal Exception? FailAtEnd { get; init; }

    internal int Reads => _next;

    public ReadResult Read(ref Event next)
    {
        if (_next == script.Length)
        {
            return FailAtEnd is null ? ReadResult.End : throw FailAtEnd;
        }

        if (script[_next++] is not { } e)
        {
            return ReadResult.Idle;
        }

        next = e;
        return ReadResult.Event;
    }

    /// <summary>A print of an instrument that nobody knows: it passes through and decides nothing.</summary>
    internal static Event Input(long at, EventFlags flags = EventFlags.Whole)
    {
        Event e = default;
        e.ReceivedAt = at;
        e.Source = EventSource.Engine;
        e.Flags = flags;
        e.Instrument = new InstrumentId(63);
        e.Set(new Trade { Price = 1, Quantity = 1 });
        return e;
    }

    internal static Event Ended(long at, EndReason reason)
    {
        Event e = Input(at);
        e.Set(new EpochEnded { Reason = reason });
        return e;
    }
}

/// <summary>A venue that reports when a test says, and keeps what it is shown.</summary>
internal sealed class ScriptedVenue(params long[] reports) : IVenue
{
    private int _next;

    internal List<Event> Shown { get; } = [];

    internal List<(long Sequence, CommandVerb Verb)> Commands { get; } = [];

    public long NextDue => _next < reports.Length ? reports[_next] : long.MaxValue;

    public bool Poll(long now, ref Event report)
    {
        if (NextDue > now)
        {
            return false;
        }

        report = default;
        report.ReceivedAt = NextDue;
        report.Source = EventSource.SimulatedVenue;
        report.Flags = EventFlags.Whole;
        report.Set(new OrderReport { Status = OrderStatus.Accepted });
        _next++;
        return true;
    }

    public void OnEvent(in Event published) => Shown.Add(published);

    public void Submit(in Command command, long sequence, long now) => Commands.Add((sequence, command.Verb));
}
