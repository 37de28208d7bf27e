using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>A command on its way to the matching engine.</summary>
internal struct Arrival
{
    internal Command Command;

    /// <summary>ReceivedAt of the event that caused it.</summary>
    internal long SubmittedAt;

    /// <summary>When the matching engine gets it.</summary>
    internal long ArrivesAt;

    /// <summary>
    /// Why the venue takes nothing of it: it was lost, comes to a venue that is down, or speaks of shares that are no more.
    /// </summary>
    internal ReportReason Refusal;

    /// <summary>Counts the commands of this venue, from 1: the tie-break of reports.</summary>
    internal long Number;
}

/// <summary>Commands in flight. They arrive in the order in which they were sent: none overtakes another.</summary>
internal sealed class Arrivals
{
    internal const int Capacity = Limits.LiveOrders;

    private readonly Arrival[] _ring = new Arrival[Capacity];
    private int _head;
    private int _count;
    private long _last;

    /// <summary>When the last one arrives that was sent.</summary>
    internal long Last => _last;

    internal int Count => _count;

    internal bool IsFull => _count == Capacity;

    /// <summary>The next one to arrive; only when there is one.</summary>
    internal ref readonly Arrival First => ref _ring[_head];

    internal void Add(in Arrival arrival)
    {
        Ensure.That(_count < Capacity, "commands in flight exceed their bound");
        _ring[(_head + _count) % Capacity] = arrival;
        _count++;
        _last = arrival.ArrivesAt;
    }

    /// <summary>What is on its way for an instrument is refused when it arrives.</summary>
    internal void Refuse(InstrumentId instrument, ReportReason reason)
    {
        for (int i = 0; i < _count; i++)
        {
            ref Arrival arrival = ref _ring[(_head + i) % Capacity];
            if (arrival.Command.Instrument == instrument && arrival.Refusal == ReportReason.None)
            {
                arrival.Refusal = reason;
            }
        }
    }

    internal Arrival Take()
    {
        Arrival first = _ring[_head];
        _head = (_head + 1) % Capacity;
        _count--;
        return first;
    }

    /// <summary>Walks the queue by position, so that where it lies in the ring is not part of the state.</summary>
    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _count);
        visitor.Visit(ref _last);
        Ensure.That(_count is >= 0 and <= Capacity, "restored count of commands in flight out of range");
        for (int i = 0; i < _count; i++)
        {
            ref Arrival arrival = ref _ring[(_head + i) % Capacity];
            visitor.Visit(ref arrival.SubmittedAt);
            visitor.Visit(ref arrival.ArrivesAt);
            visitor.Visit(ref arrival.Number);
            visitor.VisitStruct(ref arrival.Refusal);
            Visit(visitor, ref arrival.Command);
        }
    }

    // Field by field: a command ends in padding, whose bytes are nobody's.
    private static void Visit(StateVisitor visitor, ref Command command)
    {
        visitor.VisitStruct(ref command.Order);
        visitor.VisitStruct(ref command.VenueOrder);
        visitor.Visit(ref command.Price);
        visitor.Visit(ref command.Quantity);
        visitor.VisitStruct(ref command.Instrument);
        visitor.VisitStruct(ref command.Owner);
        visitor.VisitStruct(ref command.Verb);
        visitor.VisitStruct(ref command.Side);
        visitor.VisitStruct(ref command.Type);
        visitor.VisitStruct(ref command.TimeInForce);
        visitor.VisitStruct(ref command.Flags);
        visitor.Visit(ref command.TriggerPrice);
        visitor.Visit(ref command.TrailingOffset);
    }
}
