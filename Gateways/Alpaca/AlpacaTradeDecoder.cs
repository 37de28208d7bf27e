using System;
using LowLatency.Core.Events;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>What an answer on a connection to Alpaca says.</summary>
public enum AlpacaAnswer : byte
{
    /// <summary>There was none.</summary>
    None = 0,

    /// <summary>The data connection stands and waits for authentication.</summary>
    Connected,

    /// <summary>The key was taken.</summary>
    Authorized,

    /// <summary>The key was refused, or something was asked for before it was shown.</summary>
    Unauthorized,

    /// <summary>The order stream says what it sends: trade_updates is among it.</summary>
    ListensToOrders,

    /// <summary>The order stream says what it sends: trade_updates is not among it.</summary>
    ListensToNothing,

    /// <summary>The data stream says what it sends.</summary>
    Subscribed,

    /// <summary>An error of the data stream; its code says which.</summary>
    Error,
}

/// <summary>
/// Decodes the order stream of Alpaca (trade_updates), JSON and MessagePack: told apart by the first byte, because JSON comes
/// in binary frames too. A message that is not understood becomes no event at all: who reads the outcome reads the account
/// back. Nothing is allocated after construction; no input throws.
/// </summary>
public sealed class AlpacaTradeDecoder
{
    /// <summary>Bytes of a message; a longer one is refused.</summary>
    public const int MessageBytesMax = 1 << 18;

    private static readonly FieldNames Envelope = new("stream data");
    private static readonly FieldNames UpdateNames = new(
        "event execution_id price qty timestamp order status action streams", "position_qty at event_id");

    private readonly InstrumentTable _instruments;
    private readonly AlpacaReports _reports;

    /// <summary>Creates the decoder of a connection.</summary>
    /// <param name="instruments">The session's instruments.</param>
    /// <param name="instance">The instance whose orders are ours.</param>
    public AlpacaTradeDecoder(InstrumentTable instruments, ushort instance)
    {
        _instruments = instruments;
        _reports = new AlpacaReports(instruments, instance, Batch, Counters);
    }

    /// <summary>The events of the last message.</summary>
    public EventBatch Batch { get; } = new();

    /// <summary>What was seen.</summary>
    public WireCounters Counters { get; } = new();

    /// <summary>The last answer, when a message was one.</summary>
    public AlpacaAnswer Answer { get; private set; }

    /// <summary>Decodes a message.</summary>
    /// <param name="message">One whole frame, text or binary.</param>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC at which it was read from the socket.</param>
    /// <returns>What it turned out to be; the events are in <see cref="Batch"/>.</returns>
    public WireOutcome Decode(ReadOnlySpan<byte> message, long receivedAt)
    {
        Batch.Clear();
        Answer = AlpacaAnswer.None;
        WireOutcome outcome = message.Length > MessageBytesMax
            ? WireOutcome.Refused(WireFault.TooLong)
            : Message(message, receivedAt);
        return Counters.Add(outcome, Batch);
    }

    private WireOutcome Message(ReadOnlySpan<byte> message, long receivedAt)
    {
        bool isMessagePack = AlpacaFormat.IsMessagePack(message);
        WireFields envelope = new(message, isMessagePack);
        if (!AlpacaFormat.CaptureWhole(message, isMessagePack, ref envelope, Envelope))
        {
            return WireOutcome.Refused(WireFault.Malformed);
        }

        WireFields update = new(message, isMessagePack);
        if (!envelope.Open(1, UpdateNames, ref update))
        {
            return WireOutcome.Refused(WireFault.Shape);
        }

        Counters.NewNames += envelope.NewNames + update.NewNames;
        ReadOnlySpan<byte> stream = envelope.Text(0);
        return stream.SequenceEqual("trade_updates"u8) ? Update(message, isMessagePack, update, receivedAt)
            : stream.SequenceEqual("authorization"u8) ? Authorization(update)
            : stream.SequenceEqual("listening"u8) ? Listening(message, isMessagePack, update)
            : WireOutcome.Refused(WireFault.UnknownKind);
    }

    private WireOutcome Authorization(in WireFields update)
    {
        Answer = update.Says(6, "authorized"u8) ? AlpacaAnswer.Authorized : AlpacaAnswer.Unauthorized;
        return WireOutcome.Answer;
    }

    private WireOutcome Listening(ReadOnlySpan<byte> message, bool isMessagePack, in WireFields update)
    {
        // The list replaces the one before, and what is not known to the venue is left out without a word.
        Answer = AlpacaFormat.HasText(message, isMessagePack, update[8], "trade_updates"u8)
            ? AlpacaAnswer.ListensToOrders
            : AlpacaAnswer.ListensToNothing;
        return WireOutcome.Answer;
    }

    private WireOutcome Update(ReadOnlySpan<byte> message, bool isMessagePack, in WireFields update, long receivedAt)
    {
        WireFields item = new(message, isMessagePack);
        if (!update.Open(5, AlpacaReports.OrderNames, ref item))
        {
            return WireOutcome.Refused(WireFault.Shape);
        }

        Counters.NewNames += item.NewNames;
        AlpacaStep step = AlpacaWords.StepOf(update.Text(0));
        if (step == AlpacaStep.Unknown)
        {
            return WireOutcome.Refused(WireFault.Word);
        }

        Event header = new() { ReceivedAt = receivedAt, Source = EventSource.Alpaca, Flags = EventFlags.Whole };
        WireFault fault = _reports.Read(item, out AlpacaReports.Known order, ref header, out bool isKnown);
        if (fault != WireFault.None)
        {
            return WireOutcome.Refused(fault);
        }

        if (!isKnown || step == AlpacaStep.Passing)
        {
            return WireOutcome.Nothing;
        }

        if (!update.TryTime(4, out long at))
        {
            return WireOutcome.Refused(WireFault.Time);
        }

        header.VenueTime = at != 0 ? at : header.VenueTime;
        fault = step switch
        {
            AlpacaStep.Fill => Fill(update, order, header),
            AlpacaStep.AmendRejected => Refusal(order, OrderStatus.AmendRejected, header),
            AlpacaStep.CancelRejected => Refusal(order, OrderStatus.CancelRejected, header),
            _ => _reports.Add(order, header),
        };
        return fault != WireFault.None ? WireOutcome.Refused(fault)
            : Batch.Count == 0 ? WireOutcome.Nothing
            : WireOutcome.Events;
    }

    private WireFault Refusal(in AlpacaReports.Known order, OrderStatus status, in Event header)
    {
        OrderReport report = order.Report;
        bool ended = report.Status is not (OrderStatus.Accepted or OrderStatus.None) || order.IsFilled;
        report.Reason = ended ? ReportReason.UnknownOrder : ReportReason.VenueDecision;
        report.Status = status;
        return Batch.TryAdd(header, report) ? WireFault.None : WireFault.TooMany;
    }

    private WireFault Fill(in WireFields update, in AlpacaReports.Known order, in Event header)
    {
        ref readonly InstrumentDefined rules = ref _instruments.RulesAt(order.Place);
        Execution fill = new()
        {
            Order = order.Report.Order,
            Side = order.Side,
            CumulativeQuantity = order.Report.CumulativeQuantity,
        };
        if (!update.TryUnits(2, rules.PriceExponent, out fill.Price) || fill.Price <= 0
            || !update.TryUnits(3, rules.QuantityExponent, out fill.Quantity) || fill.Quantity <= 0)
        {
            return WireFault.Number;
        }

        fill.ExecutionId = AlpacaWords.FillOf(order.Report.VenueOrder, fill.CumulativeQuantity);
        return fill.CumulativeQuantity < fill.Quantity ? WireFault.Contradiction
            : Batch.TryAdd(header, fill) ? WireFault.None
            : WireFault.TooMany;
    }
}
