using System;
using LowLatency.Core.Events;

namespace LowLatency.Gateways.Live;

/// <summary>What became of an attempt to send a command.</summary>
internal enum WireSend : byte
{
    /// <summary>Its bytes may arrive from now on.</summary>
    InFlight = 0,

    /// <summary>The venue has no such order: nothing was sent.</summary>
    Unsupported,

    /// <summary>The budget has nothing left now: nothing was sent.</summary>
    NoBudget,

    /// <summary>There is no connection now: nothing was sent.</summary>
    NoChannel,
}

/// <summary>What differs between venues for what all of them need: requests, look-ups and pages.</summary>
internal interface IVenueWire
{
    /// <summary>Who publishes the events.</summary>
    EventSource Source { get; }

    /// <summary>Nanoseconds for which a request for a new or changed order is good.</summary>
    long TimeToLive { get; }

    /// <summary>Nanoseconds to add to a request's time stamp to get the venue time from which on it can have no effect any more.</summary>
    long ProofDelay { get; }

    /// <summary>Nanoseconds between the two reads that prove absence.</summary>
    long ReadsApart { get; }

    /// <summary>Nanoseconds for which an order that was found nowhere stays in doubt all the same.</summary>
    long AbsenceHold { get; }

    /// <summary>Since when the stream that tells of our orders is in use without a break; <see cref="long.MaxValue"/> when it is not.</summary>
    long AccountLiveSince { get; }

    /// <summary>
    /// True when the rules of every instrument are known: before that, items of a list have no meaning, and a list that nobody knows
    /// to ask for would be an empty one.
    /// </summary>
    bool KnowsInstruments { get; }

    /// <summary>When that stream was last heard.</summary>
    long AccountHeardAt { get; }

    /// <summary>Asks that stream for a sign of life.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    void ProbeAccount(long now);

    /// <summary>Sends a command, once.</summary>
    /// <param name="slot">The command; its number is set, its channel and stamp are filled in.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>What became of it.</returns>
    WireSend TrySend(ref CommandSlot slot, long now);

    /// <summary>Places to look at for an order: the last one has its executions where the venue can tell them.</summary>
    /// <param name="verb">The verb of the command in doubt.</param>
    /// <returns>At least 1.</returns>
    int LookupSteps(CommandVerb verb);

    /// <summary>Asks one place for an order.</summary>
    /// <param name="slot">The command in doubt; its step says which place.</param>
    /// <param name="cursor">Where it goes on; empty for the first page.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>False when it cannot be asked now.</returns>
    bool TryLookup(in CommandSlot slot, ReadOnlySpan<byte> cursor, long now);

    /// <summary>A read-back of the whole account begins: what it covers is fixed from here.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    void BeginPass(long now);

    /// <summary>Lists that a subject is read from.</summary>
    /// <param name="subject">What is read.</param>
    /// <returns>0 when the account has none of it.</returns>
    int PartsOf(ReadBackSubject subject);

    /// <summary>Asks for a page.</summary>
    /// <param name="serial">Which page it is; comes back with it.</param>
    /// <param name="subject">What is read.</param>
    /// <param name="part">From 0.</param>
    /// <param name="cursor">Where it goes on; empty for the first page.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>False when it cannot be asked now.</returns>
    bool TryPage(long serial, ReadBackSubject subject, int part, ReadOnlySpan<byte> cursor, long now);
}
