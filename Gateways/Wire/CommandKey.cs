using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Wire;

/// <summary>Which command a request carried: kept by who sends it until the answer comes.</summary>
/// <param name="Order">The order.</param>
/// <param name="Sequence">The event that caused the command.</param>
/// <param name="Verb">New, amend or cancel.</param>
/// <param name="Instrument">The instrument.</param>
public readonly record struct CommandKey(OrderId Order, long Sequence, CommandVerb Verb, InstrumentId Instrument);

/// <summary>What a venue's answer means for the command that it answers.</summary>
public enum AnswerMeaning : byte
{
    /// <summary>It is not known what happened: never taken for a rejection.</summary>
    Unclear = 0,

    /// <summary>The venue has taken it; what becomes of it is told elsewhere.</summary>
    Taken,

    /// <summary>The venue has refused it, and it will have no effect.</summary>
    Refused,

    /// <summary>The venue does not know the order as working.</summary>
    Gone,
}

/// <summary>A venue's error number, as far as it is known.</summary>
/// <param name="Meaning">What it means.</param>
/// <param name="Reason">Why.</param>
public readonly record struct AnswerRule(AnswerMeaning Meaning, ReportReason Reason);

/// <summary>Turns the answer to a command into events.</summary>
internal static class Answers
{
    /// <summary>Adds what an answer says of one command.</summary>
    /// <param name="rule">What the answer means.</param>
    /// <param name="code">The venue's number of it.</param>
    /// <param name="key">The command.</param>
    /// <param name="header">ReceivedAt, VenueTime, Source.</param>
    /// <param name="batch">Gets the event; an acknowledgement has none, because it proves nothing.</param>
    /// <returns>False when the batch is full.</returns>
    internal static bool Add(AnswerRule rule, int code, in CommandKey key, Event header, EventBatch batch)
    {
        header.Instrument = key.Instrument;
        header.Flags = EventFlags.Whole;
        AnswerMeaning meaning = rule.Meaning == AnswerMeaning.Gone && key.Verb == CommandVerb.New
            ? AnswerMeaning.Unclear
            : rule.Meaning;
        switch (meaning)
        {
            case AnswerMeaning.Taken:
                return true;
            case AnswerMeaning.Unclear:
                return batch.TryAdd(header, new CommandOutcome
                {
                    Order = key.Order,
                    CommandSequence = key.Sequence,
                    Verb = key.Verb,
                    Outcome = Outcome.Unknown,
                    Reason = rule.Reason,
                });
            default:
                return batch.TryAdd(header, new OrderReport
                {
                    Order = key.Order,
                    Status = key.Verb switch
                    {
                        CommandVerb.New => OrderStatus.Rejected,
                        CommandVerb.Amend => OrderStatus.AmendRejected,
                        _ => OrderStatus.CancelRejected,
                    },
                    Reason = rule.Reason,
                    VenueCode = code,
                });
        }
    }
}
