using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Engine.Network;
using LowLatency.Gateways;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>
/// Everything that reaches a live run, in the order in which it is seen: what the operator says, the timer, the account, the
/// market. Each message is taken whole before the next one begins. What was read from a socket keeps the time at which it was
/// read, unless something later has been seen already: time never runs backwards.
/// </summary>
/// <remarks>Used by the publishing thread alone.</remarks>
internal sealed class LiveInputs : IEventSource
{
    /// <summary>Events of the operator that wait at most: the longest reason takes a dozen.</summary>
    internal const int SaidMax = 256;

    private readonly IClock _clock;
    private readonly IVenue _account;
    private readonly IMarketFeed _market;
    private readonly long _interval;
    private readonly Queue<Event> _said = new(SaidMax);
    private Origin _open;
    private long _nextTick;

    /// <summary>Creates the inputs.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="account">Reports.</param>
    /// <param name="market">Market data.</param>
    /// <param name="tickInterval">Nanoseconds between timer ticks, positive.</param>
    internal LiveInputs(IClock clock, IVenue account, IMarketFeed market, long tickInterval)
    {
        Ensure.That(tickInterval > 0, "a live run has a timer");
        _clock = clock;
        _account = account;
        _market = market;
        _interval = tickInterval;
    }

    private enum Origin : byte
    {
        None,
        Account,
        Market,
    }

    /// <summary>ReceivedAt of the last event; where a journal goes on, of its last one.</summary>
    internal long Last { get; set; } = long.MinValue;

    /// <summary>The time, never before the last event.</summary>
    internal long Now => Math.Max(_clock.Now, Last);

    /// <summary>Says something to the engine: it comes next.</summary>
    /// <param name="events">Whole messages; their ReceivedAt is set when they are taken.</param>
    internal void Say(IEnumerable<Event> events)
    {
        foreach (Event e in events)
        {
            Ensure.That(_said.Count < SaidMax, "more is said to the engine than it can hear");
            _said.Enqueue(e);
        }
    }

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        long now = Now;
        if (_open == Origin.None && TrySay(ref next, now))
        {
            return Take(ref next, Origin.None, now);
        }

        if (_open != Origin.Market && _account.Poll(now, ref next))
        {
            return Take(ref next, Origin.Account, now);
        }

        return _open != Origin.Account && _market.Poll(now, ref next)
            ? Take(ref next, Origin.Market, now)
            : ReadResult.Idle;
    }

    private bool TrySay(ref Event next, long now)
    {
        if (_said.TryDequeue(out next))
        {
            next.ReceivedAt = now;
            return true;
        }

        if (now < _nextTick)
        {
            return false;
        }

        // A process that slept has one tick of now, not those of the time that it missed.
        long number = now / _interval;
        _nextTick = (number + 1) * _interval;
        next = default;
        next.ReceivedAt = now;
        next.Source = EventSource.Clock;
        next.Flags = EventFlags.Whole;
        next.Set(new Tick { Number = number, Interval = _interval });
        return true;
    }

    private ReadResult Take(ref Event next, Origin from, long now)
    {
        Ensure.That(next.ReceivedAt <= now, "an event from the future");
        Last = Math.Max(Last, next.ReceivedAt);
        next.ReceivedAt = Last;
        _open = next.EndsGroup ? Origin.None : from;
        return ReadResult.Event;
    }
}
