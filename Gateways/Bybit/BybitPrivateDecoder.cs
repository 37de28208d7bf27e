using System;
using LowLatency.Core.Events;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// Decodes the frames of Bybit's private and order-entry connections into report events and answers. A message that is not
/// understood becomes no event at all: who reads the outcome reads the account back. Nothing is allocated after construction;
/// no input throws.
/// </summary>
public sealed class BybitPrivateDecoder
{
    /// <summary>Bytes of a message; a longer one is refused.</summary>
    public const int MessageBytesMax = 1 << 20;

    private static readonly FieldNames Envelope = new("topic creationTime data", "id");

    private readonly BybitReports _reports;

    /// <summary>Creates the decoder of a connection.</summary>
    /// <param name="instruments">The session's instruments.</param>
    /// <param name="instance">The instance whose orders are ours.</param>
    public BybitPrivateDecoder(InstrumentTable instruments, ushort instance) =>
        _reports = new BybitReports(instruments, instance, Batch, Counters);

    /// <summary>The events of the last message.</summary>
    public EventBatch Batch { get; } = new();

    /// <summary>What was seen.</summary>
    public WireCounters Counters { get; } = new();

    /// <summary>The last answer, when a message was one.</summary>
    public BybitAnswer Answer { get; } = new();

    /// <summary>Decodes a message.</summary>
    /// <param name="message">One whole text frame.</param>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC at which it was read from the socket.</param>
    /// <returns>What it turned out to be; the events are in <see cref="Batch"/>.</returns>
    public WireOutcome Decode(ReadOnlySpan<byte> message, long receivedAt)
    {
        Batch.Clear();
        WireOutcome outcome = message.Length > MessageBytesMax
            ? WireOutcome.Refused(WireFault.TooLong)
            : Message(message, receivedAt);
        return Counters.Add(outcome, Batch);
    }

    private WireOutcome Message(ReadOnlySpan<byte> message, long receivedAt)
    {
        WireFields fields = new(message);
        JsonCursor cursor = new(message);
        if (!cursor.Read() || !fields.Capture(ref cursor, Envelope) || cursor.Read() || cursor.IsFault)
        {
            return WireOutcome.Refused(WireFault.Malformed);
        }

        if (fields.IsAbsent(0))
        {
            return Answer.Read(message, Counters) ? WireOutcome.Answer : WireOutcome.Refused(WireFault.UnknownKind);
        }

        Counters.NewNames += fields.NewNames;
        ReadOnlySpan<byte> topic = fields.Text(0);
        if (topic.StartsWith("dcp"u8))
        {
            return WireOutcome.Nothing;
        }

        if (ListOf(topic) is not { } kind)
        {
            return WireOutcome.Refused(WireFault.UnknownKind);
        }

        Event header = new() { ReceivedAt = receivedAt, Source = EventSource.Bybit, Flags = EventFlags.Whole };
        if (!fields.TryMilliseconds(1, out header.VenueTime))
        {
            return WireOutcome.Refused(WireFault.Time);
        }

        if (!fields.OpenArray(2, out JsonCursor list))
        {
            return WireOutcome.Refused(WireFault.Shape);
        }

        // order.linear names the category once for all items.
        int dot = topic.LastIndexOf((byte)'.');
        ReadOnlySpan<byte> category = dot < 0 ? default : topic[(dot + 1)..];
        WireFault fault = _reports.List(message, ref list, kind, category, header, out _);
        return fault != WireFault.None ? WireOutcome.Refused(fault)
            : Batch.Count == 0 ? WireOutcome.Nothing
            : WireOutcome.Events;
    }

    private static BybitList? ListOf(ReadOnlySpan<byte> topic) =>
        Is(topic, "order"u8) ? BybitList.Orders
        : Is(topic, "execution.fast"u8) ? BybitList.FastExecutions
        : Is(topic, "execution"u8) ? BybitList.Executions
        : Is(topic, "position"u8) ? BybitList.Positions
        : Is(topic, "wallet"u8) ? BybitList.Wallet
        : null;

    private static bool Is(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> name) =>
        topic.StartsWith(name) && (topic.Length == name.Length || topic[name.Length] == (byte)'.');
}
