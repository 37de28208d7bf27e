using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;

namespace LowLatency.Engine.Reality;

/// <summary>
/// The latencies that a journal shows: from the event that caused a command to the venue's time of the answer, and from
/// there to the answer's arrival here. A venue's time outside of the two is its clock's fault: the way is then halved.
/// </summary>
internal sealed class MeasuredLatency
{
    private readonly Dictionary<OrderId, long> _waiting = [];
    private readonly List<(long Sent, long Arrived, long Answered)> _measured = [];

    /// <summary>Commands whose answer was measured.</summary>
    internal int Count => _measured.Count;

    /// <summary>Those of them for which the venue's time could not be true.</summary>
    internal int Halved { get; private set; }

    internal void OnCommand(in Event e, in Command command)
    {
        // Of two commands on their way the first answer is nobody's for certain: the later one is not measured.
        if (_waiting.Count < RealityOrders.OrdersMax)
        {
            _waiting.TryAdd(command.Order, e.ReceivedAt);
        }
    }

    internal void OnWord(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.OrderReport
                when e.OrderReport.Status is not OrderStatus.Expired && (e.Flags & EventFlags.ReadBack) == 0:
                Answer(e, e.OrderReport.Order);
                break;
            case EventKind.CommandOutcome when e.CommandOutcome.Outcome == Outcome.NotSent:
                _waiting.Remove(e.CommandOutcome.Order);
                break;
        }
    }

    /// <summary>The venue with these latencies, and without disturbances of its own.</summary>
    /// <param name="venue">The venue as it is configured.</param>
    /// <returns>Unchanged when nothing was measured.</returns>
    internal SimulatedVenueSettings In(SimulatedVenueSettings venue)
    {
        if (_measured.Count == 0)
        {
            return venue;
        }

        _measured.Sort();
        List<(long At, long Takes)> entry = [];
        List<(long At, long Takes)> response = [];
        foreach ((long sent, long arrived, long answered) in _measured)
        {
            entry.Add((sent, Math.Min(arrived - sent, SimulatedVenueSettings.LatencyMax)));

            // The floor of 1 ns keeps an answer from being simultaneous with its question.
            response.Add((arrived, Math.Clamp(answered - arrived - 1, 0, SimulatedVenueSettings.LatencyMax)));
        }

        response.Sort();
        return venue with
        {
            EntryLatency = 0,
            ResponseLatency = 1,
            EntryAddition = new LatencyAddition { Kind = LatencyKind.Recorded, Series = Series(entry) },
            ResponseAddition = new LatencyAddition { Kind = LatencyKind.Recorded, Series = Series(response) },
            Incidents = [],
            RateLimit = 0,
        };
    }

    private void Answer(in Event e, OrderId order)
    {
        if (!_waiting.Remove(order, out long sent) || e.ReceivedAt <= sent || _measured.Count == SideFold.WordsMax)
        {
            return;
        }

        bool isTrue = e.VenueTime >= sent && e.VenueTime <= e.ReceivedAt;
        Halved += isTrue ? 0 : 1;
        _measured.Add((sent, isTrue ? e.VenueTime : sent + ((e.ReceivedAt - sent) / 2), e.ReceivedAt));
    }

    // Evenly spread over what was measured where that is more than a series holds; of one instant, the first.
    private static LatencySeries Series(List<(long At, long Takes)> points)
    {
        int step = ((points.Count - 1) / LatencySeries.Capacity) + 1;
        List<long> instants = [];
        List<long> takes = [];
        for (int i = 0; i < points.Count; i += step)
        {
            if (instants.Count == 0 || instants[^1] < points[i].At)
            {
                instants.Add(points[i].At);
                takes.Add(points[i].Takes);
            }
        }

        return new LatencySeries([.. instants], [.. takes]);
    }
}
