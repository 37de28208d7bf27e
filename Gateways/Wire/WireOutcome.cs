using System;

namespace LowLatency.Gateways.Wire;

/// <summary>What a message turned out to be.</summary>
public enum WireResult : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>It has become events.</summary>
    Events,

    /// <summary>It was understood and changes nothing: a heartbeat, an unfinished bar, an instrument that nobody asked for.</summary>
    Nothing,

    /// <summary>It is an answer to a request: see the decoder's answer.</summary>
    Answer,

    /// <summary>It is not understood: nothing of it has become an event. It belongs into quarantine.</summary>
    Refused,
}

/// <summary>Why a message was refused.</summary>
public enum WireFault : byte
{
    /// <summary>It was not.</summary>
    None = 0,

    /// <summary>It is longer than a message may be.</summary>
    TooLong,

    /// <summary>It is not JSON or MessagePack, or nested too deep.</summary>
    Malformed,

    /// <summary>It has another shape than its kind has.</summary>
    Shape,

    /// <summary>It is of a topic or kind that is not known.</summary>
    UnknownKind,

    /// <summary>A field that its kind needs is missing.</summary>
    Missing,

    /// <summary>A number is none, does not fit its unit, or is beyond its range.</summary>
    Number,

    /// <summary>A time is none, or is beyond its range.</summary>
    Time,

    /// <summary>An id cannot be named in 128 bits.</summary>
    Id,

    /// <summary>A word that decides what the message means is not known.</summary>
    Word,

    /// <summary>It has more parts than a message may have.</summary>
    TooMany,

    /// <summary>It contradicts itself or what it belongs to.</summary>
    Contradiction,
}

/// <summary>The outcome of decoding a message.</summary>
/// <param name="Result">What it turned out to be.</param>
/// <param name="Fault">Why it was refused.</param>
public readonly record struct WireOutcome(WireResult Result, WireFault Fault)
{
    /// <summary>It has become events.</summary>
    public static WireOutcome Events => new(WireResult.Events, WireFault.None);

    /// <summary>It changes nothing.</summary>
    public static WireOutcome Nothing => new(WireResult.Nothing, WireFault.None);

    /// <summary>It is an answer.</summary>
    public static WireOutcome Answer => new(WireResult.Answer, WireFault.None);

    /// <summary>It is refused.</summary>
    /// <param name="fault">Why.</param>
    /// <returns>The outcome.</returns>
    public static WireOutcome Refused(WireFault fault) => new(WireResult.Refused, fault);
}

/// <summary>What a decoder has seen since it was made.</summary>
public sealed class WireCounters
{
    private readonly long[] _faults = new long[Enum.GetValues<WireFault>().Length];

    /// <summary>Messages.</summary>
    public long Messages { get; private set; }

    /// <summary>Events made of them.</summary>
    public long Events { get; private set; }

    /// <summary>Messages that changed nothing.</summary>
    public long Nothing { get; private set; }

    /// <summary>Answers.</summary>
    public long Answers { get; private set; }

    /// <summary>Fields with a name that was not known: the venue has added something.</summary>
    public long NewNames { get; internal set; }

    /// <summary>Words that were not known where the meaning does not hang on them.</summary>
    public long NewWords { get; internal set; }

    /// <summary>Items of instruments that are not defined: of no interest in market data, a stranger's order otherwise.</summary>
    public long UnknownInstruments { get; internal set; }

    /// <summary>Reports of orders that do not carry an id of ours.</summary>
    public long ForeignOrders { get; internal set; }

    /// <summary>Book updates that were discarded because no snapshot had come yet.</summary>
    public long Discarded { get; internal set; }

    /// <summary>Books that were given up because an update was missing.</summary>
    public long Gaps { get; internal set; }

    /// <summary>Fees in another coin than the instrument's currency, valued at the price of their fill.</summary>
    public long ConvertedFees { get; internal set; }

    /// <summary>Refused messages.</summary>
    /// <param name="fault">Why.</param>
    /// <returns>How many.</returns>
    public long Refused(WireFault fault) => _faults[(int)fault];

    /// <summary>Counts a message. One that did not become events leaves none behind.</summary>
    /// <param name="outcome">What it turned out to be.</param>
    /// <param name="batch">Its events.</param>
    /// <returns>The outcome.</returns>
    internal WireOutcome Add(WireOutcome outcome, EventBatch batch)
    {
        if (outcome.Result != WireResult.Events)
        {
            batch.Clear();
        }

        Messages++;
        Events += batch.Count;
        switch (outcome.Result)
        {
            case WireResult.Nothing:
                Nothing++;
                break;
            case WireResult.Answer:
                Answers++;
                break;
            case WireResult.Refused:
                _faults[(int)outcome.Fault]++;
                break;
        }

        return outcome;
    }
}
