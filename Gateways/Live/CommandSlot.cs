using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Live;

/// <summary>Where a command is between the order stage and the venue's proof.</summary>
internal enum CommandPhase : byte
{
    /// <summary>The place is free.</summary>
    Free = 0,

    /// <summary>It waits for a budget or a connection; nothing of it has left.</summary>
    Waiting,

    /// <summary>It may have arrived; no answer yet.</summary>
    InFlight,

    /// <summary>The venue has taken it; what became of it has not been told yet.</summary>
    Taken,

    /// <summary>It is not known what became of it: evidence is looked for.</summary>
    Doubt,
}

/// <summary>Which way a command went.</summary>
internal enum CommandChannel : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The order-entry connection.</summary>
    Stream,

    /// <summary>A request.</summary>
    Rest,
}

/// <summary>One command from the order stage, until the venue has proven what became of it.</summary>
internal struct CommandSlot
{
    internal Command Command;

    /// <summary>The event that caused it.</summary>
    internal long Sequence;

    /// <summary>Number of its request; 0 before it was sent.</summary>
    internal long Number;

    /// <summary>ReceivedAt of the event that caused it, and the time stamp of its request: its age counts from here.</summary>
    internal long AskedAt;

    /// <summary>When its bytes were handed to the transport.</summary>
    internal long SentAt;

    /// <summary>When the present phase ends by itself: waiting and in flight.</summary>
    internal long Deadline;

    /// <summary>Venue time from which on absence, or an unchanged order, proves that the request will have no effect.</summary>
    internal long ProofFrom;

    /// <summary>When evidence is asked for next.</summary>
    internal long AskNext;

    /// <summary>Our time of the first read in a row that found nothing anywhere; 0 for none.</summary>
    internal long AbsentSince;

    /// <summary>The last such read.</summary>
    internal long AbsentAt;

    /// <summary>What a look-up found.</summary>
    internal OrderReport Found;

    /// <summary>A look-up has found the order.</summary>
    internal bool IsFound;

    /// <summary>VenueTime of what was found.</summary>
    internal long FoundAt;

    /// <summary>Which place is looked at next.</summary>
    internal int Step;

    /// <summary>Pages of the place that is being looked at.</summary>
    internal CursorTrail Trail;

    /// <summary>Executions of it were seen in this round.</summary>
    internal bool HasFills;

    /// <summary>Look-ups that failed in a row.</summary>
    internal int Failures;

    internal CommandPhase Phase;

    internal CommandChannel Channel;

    /// <summary>Why it waits, for the answer when it has waited too long.</summary>
    internal ReportReason WaitsFor;

    /// <summary>Its outcome was told.</summary>
    internal bool IsAnswered;

    /// <summary>The gateway's own cancel: nobody asked, so nobody is answered.</summary>
    internal bool IsOwn;

    /// <summary>A look-up is on its way.</summary>
    internal bool IsAsking;

    /// <summary>True when it is about an order: by our id, or by the venue's where it has none of ours.</summary>
    /// <param name="order">Our id of the order.</param>
    /// <param name="venueOrder">The venue's id of it.</param>
    internal readonly bool IsAbout(OrderId order, VenueId venueOrder) => Command.Order.IsNone
        ? Command.VenueOrder == venueOrder && venueOrder != VenueId.None
        : Command.Order == order;

    /// <summary>What an answer to it is about.</summary>
    internal readonly CommandKey Key => new(Command.Order, Sequence, Command.Verb, Command.Instrument);
}
