namespace LowLatency.Core.Events;

/// <summary>What a read of a source found.</summary>
public enum ReadResult
{
    /// <summary>An event was read.</summary>
    Event,

    /// <summary>Nothing now; ask again.</summary>
    Idle,

    /// <summary>There will be nothing more.</summary>
    End,
}

/// <summary>
/// A source of events in the order of their ReceivedAt: a journal, an imported file, the generator, a pipe from a
/// network thread. The events carry no sequence yet (or an old one): who publishes them assigns it.
/// </summary>
public interface IEventSource
{
    /// <summary>Reads the next event. Never blocks.</summary>
    /// <param name="next">The event, when there is one.</param>
    /// <returns>What was found.</returns>
    ReadResult Read(ref Event next);
}
