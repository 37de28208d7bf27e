using LowLatency.Core.Events;

namespace LowLatency.Gateways;

/// <summary>
/// A venue is a source of events and a sink of commands: one interface for the simulated venue and for every live
/// gateway. It never blocks, starts nothing and reads no clock: <c>now</c> is passed in. Every venue passes the numbered
/// contract suite in <c>Tests/Gateways/VenueContract.cs</c>.
/// </summary>
public interface IVenue
{
    /// <summary>
    /// ReceivedAt of the earliest report that waits to be polled; <see cref="long.MaxValue"/> when none is known. A
    /// driver on a virtual clock uses it to put reports and inputs into one order.
    /// </summary>
    long NextDue { get; }

    /// <summary>Takes the next report that is due. The driver publishes it and has it decided before it polls again.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="report">Filled when the result is true: an event without sequence, its ReceivedAt at most now.</param>
    /// <returns>False when nothing is due.</returns>
    bool Poll(long now, ref Event report);

    /// <summary>Shows the venue a published event, in sequence order, after the order stage has finished it.</summary>
    /// <param name="published">The event. A live gateway ignores it; the simulated venue matches against it.</param>
    void OnEvent(in Event published);

    /// <summary>Takes a command. The outcome comes back as events, always: Sent, NotSent or Unknown, then reports.</summary>
    /// <param name="command">The command.</param>
    /// <param name="sequence">The event that caused it.</param>
    /// <param name="now">ReceivedAt of that event.</param>
    void Submit(in Command command, long sequence, long now);
}
