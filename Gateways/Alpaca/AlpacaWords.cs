using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>What an event of the order stream is.</summary>
internal enum AlpacaStep : byte
{
    /// <summary>It is not known, or tells of a fill that was taken back: the account must be read.</summary>
    Unknown = 0,

    /// <summary>The order's state is told.</summary>
    State,

    /// <summary>A fill.</summary>
    Fill,

    /// <summary>A replacement was refused.</summary>
    AmendRejected,

    /// <summary>A cancel was refused.</summary>
    CancelRejected,

    /// <summary>On its way to another state, which will be told.</summary>
    Passing,
}

/// <summary>Alpaca's words, ids and codes.</summary>
public static class AlpacaWords
{
    /// <summary>Parts a client order id of ours from the number of the command that replaced the order.</summary>
    internal const byte ReplacementMark = (byte)'.';

    /// <summary>
    /// The id of a fill: the order, and how much of it was filled afterwards. The stream of orders and the list of activities name
    /// a fill each in its own way; order and count they both tell.
    /// </summary>
    /// <param name="order">The venue's id of the order.</param>
    /// <param name="cumulative">Filled quantity after it, quantity units, positive.</param>
    /// <returns>Its id.</returns>
    public static VenueId FillOf(VenueId order, long cumulative) => new(order.High, order.Low ^ (ulong)cumulative);

    /// <summary>
    /// What an HTTP status and Alpaca's code mean for a command. The status decides first; a status that can also mean that an
    /// earlier try has arrived leaves the outcome unknown.
    /// </summary>
    /// <param name="verb">The command's verb.</param>
    /// <param name="status">HTTP status; 0 when there was no answer.</param>
    /// <param name="code">The code in the body; 0 when there is none.</param>
    /// <returns>What it means.</returns>
    public static AnswerRule RuleOf(CommandVerb verb, int status, int code) => status switch
    {
        200 or 201 or 204 or 207 => new(AnswerMeaning.Taken, ReportReason.None),
        400 => new(AnswerMeaning.Refused, ReportReason.Unsupported),
        401 => new(AnswerMeaning.Refused, ReportReason.NotAuthorised),
        403 => new(AnswerMeaning.Refused, code == 40310000 ? ReportReason.InsufficientFunds : ReportReason.VenueDecision),
        404 => new(AnswerMeaning.Gone, ReportReason.UnknownOrder),

        // "must be unique" has no code of its own: the order may be there already.
        422 when verb == CommandVerb.New => new(AnswerMeaning.Unclear, ReportReason.DuplicateOrderId),
        422 => new(AnswerMeaning.Gone, ReportReason.UnknownOrder),
        429 => new(AnswerMeaning.Refused, ReportReason.RateLimited),
        _ => new(AnswerMeaning.Unclear, ReportReason.Unlisted),
    };

    /// <summary>What an order's status says.</summary>
    /// <param name="word">The status.</param>
    /// <param name="status">None for an order that is on its way, or lives on under another id.</param>
    /// <returns>False when the word is not known.</returns>
    internal static bool TryStatus(ReadOnlySpan<byte> word, out OrderStatus status)
    {
        status = Is(word, "new"u8) || Is(word, "partially_filled"u8) || Is(word, "filled"u8) || Is(word, "accepted"u8)
            || Is(word, "done_for_day"u8) || Is(word, "accepted_for_bidding"u8) || Is(word, "held"u8)
            || Is(word, "pending_cancel"u8) || Is(word, "pending_replace"u8) ? OrderStatus.Accepted
            : Is(word, "canceled"u8) ? OrderStatus.Cancelled
            : Is(word, "expired"u8) ? OrderStatus.Expired
            : Is(word, "rejected"u8) ? OrderStatus.Rejected
            : OrderStatus.None;
        return status != OrderStatus.None || Is(word, "pending_new"u8) || Is(word, "replaced"u8) || Is(word, "stopped"u8)
            || Is(word, "suspended"u8) || Is(word, "calculated"u8);
    }

    /// <summary>What an event of the order stream is.</summary>
    /// <param name="word">Its name.</param>
    /// <returns>Its kind.</returns>
    internal static AlpacaStep StepOf(ReadOnlySpan<byte> word) =>
        Is(word, "fill"u8) || Is(word, "partial_fill"u8) ? AlpacaStep.Fill
        : Is(word, "new"u8) || Is(word, "canceled"u8) || Is(word, "expired"u8) || Is(word, "rejected"u8)
            || Is(word, "accepted"u8) || Is(word, "done_for_day"u8) || Is(word, "held"u8) ? AlpacaStep.State
        : Is(word, "order_replace_rejected"u8) ? AlpacaStep.AmendRejected
        : Is(word, "order_cancel_rejected"u8) ? AlpacaStep.CancelRejected
        : Is(word, "pending_new"u8) || Is(word, "pending_cancel"u8) || Is(word, "pending_replace"u8) || Is(word, "stopped"u8)
            || Is(word, "suspended"u8) || Is(word, "calculated"u8) || Is(word, "replaced"u8) || Is(word, "restated"u8)
            ? AlpacaStep.Passing
        : AlpacaStep.Unknown;

    /// <summary>Decodes a client order id of ours.</summary>
    /// <param name="text">The venue's text.</param>
    /// <param name="instance">The instance whose orders are ours.</param>
    /// <param name="isReplacement">True when the order has replaced an earlier one of the same number.</param>
    /// <returns>None when it is not ours.</returns>
    internal static OrderId OrderOf(ReadOnlySpan<byte> text, ushort instance, out bool isReplacement)
    {
        int mark = text.IndexOf(ReplacementMark);
        isReplacement = mark >= 0;
        return OrderId.TryParse(isReplacement ? text[..mark] : text, out ushort maker, out OrderId order) && maker == instance
            ? order
            : OrderId.None;
    }

    /// <summary>The trading status of a status message.</summary>
    /// <param name="code">Its status code; the two tapes have their own letters.</param>
    /// <returns>Unknown when it is not listed.</returns>
    internal static TradingStatus StatusOf(ReadOnlySpan<byte> code) => code.Length != 1
        ? TradingStatus.Unknown
        : code[0] switch
        {
            // Trading resumption, quotation resumption with trading, released.
            (byte)'T' or (byte)'3' or (byte)'5' => TradingStatus.Open,
            (byte)'H' or (byte)'2' or (byte)'P' or (byte)'4' or (byte)'D' or (byte)'I' => TradingStatus.Halted,
            (byte)'Q' => TradingStatus.Auction,
            (byte)'E' => TradingStatus.LimitUpDown,
            _ => TradingStatus.Unknown,
        };

    /// <summary>Bits of a print's sale conditions: A to Z are bits 0 to 25, 4 to 9 are 26 to 31; the regular sale has none.</summary>
    /// <param name="condition">One condition.</param>
    /// <returns>Its bit.</returns>
    internal static uint ConditionOf(ReadOnlySpan<byte> condition) => condition.Length != 1
        ? 0
        : condition[0] switch
        {
            >= (byte)'A' and <= (byte)'Z' => 1u << (condition[0] - (byte)'A'),
            >= (byte)'4' and <= (byte)'9' => 1u << (26 + condition[0] - (byte)'4'),
            _ => 0,
        };

    /// <summary>Finds an instrument: positions name a crypto pair without the slash that everything else has.</summary>
    /// <param name="instruments">The session's instruments.</param>
    /// <param name="symbol">The venue's name.</param>
    /// <param name="place">Its place when the result is true.</param>
    /// <returns>False when it is not defined.</returns>
    internal static bool TryFind(InstrumentTable instruments, ReadOnlySpan<byte> symbol, out int place)
    {
        if (instruments.TryFind(symbol, InstrumentKind.None, out place))
        {
            return true;
        }

        for (place = 0; place < instruments.Count; place++)
        {
            ReadOnlySpan<byte> name = InstrumentTable.NameOf(instruments.RulesAt(place));
            int slash = name.IndexOf((byte)'/');
            if (slash > 0 && symbol.Length == name.Length - 1 && symbol[..slash].SequenceEqual(name[..slash])
                && symbol[slash..].SequenceEqual(name[(slash + 1)..]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> name) => word.SequenceEqual(name);
}
