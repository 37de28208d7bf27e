using System;

namespace LowLatency.Engine.Latency;

/// <summary>
/// Stretches of an event's way that are measured apart. Each runs from the end of the one before it on the same thread, so
/// that together they are the way: what moves an event from one consumer to the next is in the later one.
/// </summary>
internal enum Hop
{
    /// <summary>Taking the next input from its source: in a run, from the pipe of the market thread.</summary>
    Receive,

    /// <summary>Copying the event into the ring under its sequence.</summary>
    Publish,

    /// <summary>Appending it to the journal.</summary>
    Journal,

    /// <summary>Folding the fact into market, portfolio and orders.</summary>
    Fold,

    /// <summary>The strategies.</summary>
    Signal,

    /// <summary>Reconciling what they want.</summary>
    Arbitration,

    /// <summary>Ruling on it.</summary>
    Risk,

    /// <summary>Making commands of it.</summary>
    Order,

    /// <summary>Digest, counts and audit log.</summary>
    Audit,

    /// <summary>Showing the event to the venue; a simulated one matches here.</summary>
    Venue,

    /// <summary>Waiting, with commands at hand, until their cause is as safe as the durability asks.</summary>
    Gate,

    /// <summary>Handing over one command.</summary>
    Send,

    /// <summary>A whole message that led to a command, from the publication of its first event until all of it is done.</summary>
    MessageWithCommand,

    /// <summary>A whole message that led to none.</summary>
    MessageWithoutCommand,
}

/// <summary>How hops are called in log files and tables.</summary>
internal static class Hops
{
    /// <summary>How many there are.</summary>
    internal const int Count = (int)Hop.MessageWithoutCommand + 1;

    private static readonly string[] _tags =
    [
        "receive", "publish", "journal", "fold", "signal", "arbitration", "risk", "order", "audit", "venue", "gate", "send",
        "message-with-command", "message-without-command",
    ];

    /// <summary>All of them, in the order of the way.</summary>
    internal static ReadOnlySpan<string> Tags => _tags;

    /// <summary>A hop's name.</summary>
    internal static string Tag(Hop hop) => _tags[(int)hop];

    /// <summary>A name's place on the way; names of others come after all of ours.</summary>
    internal static int Place(string tag)
    {
        int place = Array.IndexOf(_tags, tag);
        return place < 0 ? Count : place;
    }
}
