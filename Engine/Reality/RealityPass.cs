using System;
using LowLatency.Core.Events;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Sim;

namespace LowLatency.Engine.Reality;

/// <summary>
/// The journal's market and commands through a simulated venue, each at its own instant: nothing is decided anew. What the
/// venue says is kept beside what the journal says, and feeds back into nothing.
/// </summary>
internal sealed class RealityPass(SimulatedVenue venue, SideFold simulated)
{
    private Event _report;
    private long _lastInput;

    /// <summary>An event with the commands that it caused.</summary>
    /// <param name="e">The event.</param>
    /// <param name="commands">Its commands.</param>
    /// <param name="isKept">Which commands the venue gets; null for all.</param>
    internal void Take(in Event e, ReadOnlySpan<Command> commands, Func<Command, long, bool>? isKept)
    {
        while (venue.NextDue < e.ReceivedAt)
        {
            Poll();
        }

        if (e.Source == EventSource.SimulatedVenue)
        {
            // In the journal it was polled here, one report at a time.
            while (venue.NextDue <= e.ReceivedAt && !Poll())
            {
            }
        }

        if (!SideFold.IsWord(e))
        {
            venue.OnEvent(e);
            bool isInput = e.Kind is not (EventKind.Continue or EventKind.EpochEnded);
            _lastInput = isInput ? e.ReceivedAt : _lastInput;
        }

        foreach (ref readonly Command command in commands)
        {
            if (isKept is null || isKept(command, e.Sequence))
            {
                venue.Submit(command, e.Sequence, e.ReceivedAt);
            }
        }
    }

    /// <summary>After the last event: a run that ended takes late reports, one that was cut does not.</summary>
    internal void Finish(bool ended)
    {
        while (ended && venue.NextDue <= _lastInput + Driver.DrainHorizon)
        {
            Poll();
        }
    }

    private bool Poll()
    {
        bool said = venue.Poll(venue.NextDue, ref _report);
        if (said)
        {
            simulated.Take(_report);
        }

        return said;
    }
}
