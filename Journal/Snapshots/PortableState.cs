using System;
using System.Collections.Generic;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Snapshots;

/// <summary>
/// What outlives the build and the configuration that decided: positions, cash, orders, latches, and what of the market was
/// taken. Every field has a name and a type of its own; nothing of it depends on how a build lays out its memory.
/// </summary>
public sealed class PortableState
{
    /// <summary>
    /// Version of this layout: the second one tells which strategies an operator stopped, the third one their open trades.
    /// </summary>
    public const int Version = 3;

    /// <summary>Name of its section in a snapshot.</summary>
    public const string Section = "portable";

    private const int OldestVersion = 1;
    private const int OldestFields = 16;
    private const int Fields = 18;
    private const int NameMax = 256;
    private const int OwnersMax = Limits.Strategies + 1;
    private long _version = Version;
    private long _next;
    private long _now;
    private long _marketEvents;
    private long _state;
    private long _killed;
    private long _held;
    private ulong _venueOrders;
    private ulong _venueExecutions;

    /// <summary>Sequence of the event after it.</summary>
    public long Next { get => _next; set => _next = value; }

    /// <summary>ReceivedAt of the last event.</summary>
    public long Now { get => _now; set => _now = value; }

    /// <summary>Events of the market input that were taken.</summary>
    public long MarketEvents { get => _marketEvents; set => _marketEvents = value; }

    /// <summary>The running digest of these events: three words.</summary>
    public List<ulong> Market { get; } = [];

    /// <summary>Trading state under the latches, by its number.</summary>
    public long State { get => _state; set => _state = value; }

    /// <summary>The kill switch is latched.</summary>
    public bool IsKilled { get => _killed != 0; set => _killed = value ? 1 : 0; }

    /// <summary>An earlier adoption was not accepted yet.</summary>
    public bool IsHeld { get => _held != 0; set => _held = value ? 1 : 0; }

    /// <summary>Highest number that the simulated venue gave to an order.</summary>
    public ulong VenueOrders { get => _venueOrders; set => _venueOrders = value; }

    /// <summary>Highest number that the simulated venue gave to an execution.</summary>
    public ulong VenueExecutions { get => _venueExecutions; set => _venueExecutions = value; }

    /// <summary>Cash by currency.</summary>
    public List<PortableCash> Cash { get; } = [];

    /// <summary>Positions by instrument.</summary>
    public List<PortablePosition> Positions { get; } = [];

    /// <summary>Parts of the positions by strategy.</summary>
    public List<PortablePart> Parts { get; } = [];

    /// <summary>Orders that were alive.</summary>
    public List<PortableOrder> Orders { get; } = [];

    /// <summary>Ids of executions that were folded, oldest first: upper and lower half in turn.</summary>
    public List<ulong> Executions { get; } = [];

    /// <summary>The market as it stood; empty where the events that follow state it.</summary>
    public List<PortableInstrument> Instruments { get; } = [];

    /// <summary>Strategies that an operator stopped.</summary>
    public List<PortableName> Stopped { get; } = [];

    /// <summary>Open trades by strategy: what its protective exits look at.</summary>
    public List<PortableTrade> Trades { get; } = [];

    /// <summary>The section of a snapshot that holds a layout which this build reads.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <returns>Its bytes; null when there is none.</returns>
    public static ReadOnlyMemory<byte>? Find(Snapshot snapshot)
    {
        for (int version = Version; version >= OldestVersion; version--)
        {
            if (snapshot.Find(Section, version) is { } bytes)
            {
                return bytes;
            }
        }

        return null;
    }

    /// <summary>The same without the market: events state that.</summary>
    /// <returns>A state that shares its lists with this one's copies.</returns>
    public PortableState WithoutMarket()
    {
        _ = Read(Write(), out PortableState? copy);
        copy!.Instruments.Clear();
        return copy;
    }

    /// <summary>Writes it.</summary>
    /// <returns>MessagePack.</returns>
    public byte[] Write()
    {
        MessagePackWriter writer = new(4096);
        Walk(new FieldWriter(writer));
        return writer.Written.ToArray();
    }

    /// <summary>Reads it. No input makes it throw.</summary>
    /// <param name="bytes">What <see cref="Write"/> made.</param>
    /// <param name="state">The state on success.</param>
    /// <returns>Null, or why it is none.</returns>
    public static string? Read(ReadOnlyMemory<byte> bytes, out PortableState? state)
    {
        PortableState read = new();
        FieldReader reader = new(bytes);
        read.Walk(reader);
        bool known = read._version is >= OldestVersion and <= Version;
        bool sound = reader.IsSound && reader.AtEnd && known && read.Problem() is null;
        state = sound ? read : null;
        string? problem = sound ? null
            : !known ? $"portable state of version {read._version}; this build reads {OldestVersion} to {Version}"
            : read.Problem() ?? $"the portable state is damaged at byte {reader.Position}";

        // It is written again as this build writes.
        read._version = Version;
        return problem;
    }

    private static bool IsInstrument(long value) => value is >= 1 and <= Limits.Instruments;

    private void Walk(FieldWalk walk)
    {
        int fields = walk.Map(OldestFields, Fields);
        walk.Number("version", ref _version);
        if (fields != OldestFields + _version - OldestVersion)
        {
            return;
        }

        walk.Number("next", ref _next);
        walk.Number("now", ref _now);
        walk.Number("marketEvents", ref _marketEvents);
        walk.Words("market", Market, 3);
        walk.Number("state", ref _state);
        walk.Number("killed", ref _killed);
        walk.Number("held", ref _held);
        walk.Word("venueOrders", ref _venueOrders);
        walk.Word("venueExecutions", ref _venueExecutions);
        walk.List("cash", Cash, PortfolioLedger.Currencies, static (w, cash) => cash.Walk(w));
        walk.List("positions", Positions, Limits.Instruments, static (w, position) => position.Walk(w));
        walk.List("parts", Parts, Limits.Instruments * OwnersMax, static (w, part) => part.Walk(w, NameMax));
        walk.List("orders", Orders, Limits.LiveOrders, static (w, order) => order.Walk(w, NameMax));
        walk.Words("executions", Executions, 2 * ExecutionIds.Capacity);
        walk.List("instruments", Instruments, Limits.Instruments, static (w, instrument) => instrument.Walk(w));
        if (fields > OldestFields)
        {
            walk.List("stopped", Stopped, Limits.Strategies, static (w, name) => name.Walk(w, NameMax));
        }

        if (fields == Fields)
        {
            walk.List("trades", Trades, Limits.Instruments * OwnersMax, static (w, trade) => trade.Walk(w, NameMax));
        }
    }

    /// <summary>What a sound encoding may still say wrongly, before anything is built from it.</summary>
    private string? Problem()
    {
        foreach (PortablePosition position in Positions)
        {
            if (!IsInstrument(position.Instrument))
            {
                return $"a position of instrument {position.Instrument}; allowed are 1 to {Limits.Instruments}";
            }
        }

        foreach (PortablePart part in Parts)
        {
            if (!IsInstrument(part.Instrument))
            {
                return $"a part of instrument {part.Instrument}; allowed are 1 to {Limits.Instruments}";
            }
        }

        foreach (PortableTrade trade in Trades)
        {
            if (!IsInstrument(trade.Instrument) || trade.Quantity == 0 || trade.OpenedPrice < 0 || trade.Best < 0
                || trade.StopPrice < 0 || trade.TakePrice < 0
                || trade.StopBps is < 0 or > ushort.MaxValue || trade.TakeBps is < 0 or > ushort.MaxValue)
            {
                return $"a trade of instrument {trade.Instrument} has a field out of range";
            }
        }

        foreach (PortableOrder order in Orders)
        {
            if (!IsInstrument(order.Instrument) || order.Side is < 1 or > 2 || order.Quantity < 0 || order.PendingQuantity < 0
                || order.Filled < 0 || order.TimeInForce is < 0 or > byte.MaxValue || order.Flags is < 0 or > byte.MaxValue)
            {
                return $"order {order.Id} has a field out of range";
            }
        }

        foreach (PortableInstrument instrument in Instruments)
        {
            if (!IsInstrument(instrument.Instrument) || instrument.Symbol.Length > 24 || instrument.Currency.Length > 8
                || instrument.Book.Count % 3 != 0 || instrument.Quote.Count is not (0 or 4))
            {
                return $"instrument {instrument.Instrument} has a field out of range";
            }
        }

        return Executions.Count % 2 != 0 || Market.Count != 3 || State is < 1 or > 3
            ? "the portable state has a field out of range"
            : null;
    }
}
