using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Values;

namespace LowLatency.Core.Events;

/// <summary>
/// A fact, immutable once published: 128 bytes in the ring and on disk, little-endian, no references, no padding.
/// </summary>
/// <remarks>
/// <code>
///   0        8          16         24         26    27       28      30      32                    120        124      128
///   +--------+----------+----------+----------+-----+--------+-------+-------+---------------------+----------+--------+
///   |Sequence|ReceivedAt|VenueTime |Instrument|Kind |Version |Source |Flags  | payload, 88 bytes   |Reserved  |CRC-32C |
///   +--------+----------+----------+----------+-----+--------+-------+-------+---------------------+----------+--------+
/// </code>
/// The CRC field is filled by the journal only, seeded with the CRC of the record before it; in the ring it is zero.
/// The payload fields overlap: <see cref="Kind"/> says which one is alive.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct Event
{
    /// <summary>Bytes of an event: two cache lines.</summary>
    public const int Size = 128;

    /// <summary>Offset of the payload.</summary>
    public const int PayloadOffset = 32;

    /// <summary>Bytes of the payload.</summary>
    public const int PayloadSize = 88;

    /// <summary>Offset of the CRC.</summary>
    public const int CrcOffset = 124;

    /// <summary>Position in the one order of events; assigned when the event is published, from 0.</summary>
    [FieldOffset(0)]
    public long Sequence;

    /// <summary>Nanoseconds since 1970 UTC at the edge: the only "now" the core sees. Never runs backwards.</summary>
    [FieldOffset(8)]
    public long ReceivedAt;

    /// <summary>Nanoseconds since 1970 UTC by the venue's clock; 0 when the venue gave none.</summary>
    [FieldOffset(16)]
    public long VenueTime;

    /// <summary>The instrument, or none.</summary>
    [FieldOffset(24)]
    public InstrumentId Instrument;

    /// <summary>Which payload is alive.</summary>
    [FieldOffset(26)]
    public EventKind Kind;

    /// <summary>Version of the payload's layout, from 1.</summary>
    [FieldOffset(27)]
    public byte Version;

    /// <summary>Who published it.</summary>
    [FieldOffset(28)]
    public EventSource Source;

    /// <summary>Group and other marks.</summary>
    [FieldOffset(30)]
    public EventFlags Flags;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.InstrumentDefined"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public InstrumentDefined InstrumentDefined;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.Trade"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public Trade Trade;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.Quote"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public Quote Quote;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.BookLevels"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public BookLevels BookLevels;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.Bar"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public Bar Bar;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.TradingStatus"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public TradingStatusChanged TradingStatus;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.StreamState"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public StreamStateChanged StreamState;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.Tick"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public Tick Tick;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.EpochStarted"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public EpochStarted EpochStarted;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.EpochEnded"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public EpochEnded EpochEnded;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.Continue"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public Continue Continue;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.Operator"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public OperatorCommand Operator;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.BlobPart"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public BlobPart BlobPart;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.CashMoved"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public CashMoved CashMoved;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.CommandOutcome"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public CommandOutcome CommandOutcome;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.OrderReport"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public OrderReport OrderReport;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.Execution"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public Execution Execution;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.DerivativePrices"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public DerivativePrices DerivativePrices;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.Liquidation"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public Liquidation Liquidation;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.PriceBand"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public PriceBand PriceBand;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.TradeCorrected"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public TradeCorrected TradeCorrected;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.CorporateAction"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public CorporateAction CorporateAction;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.CashBooked"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public CashBooked CashBooked;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.PositionReport"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public PositionReport PositionReport;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.BalanceReport"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public BalanceReport BalanceReport;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.ReadBack"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public ReadBack ReadBack;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.Adjustment"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public Adjustment Adjustment;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.Protection"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public Protection Protection;

    /// <summary>Alive when <see cref="Kind"/> is <see cref="EventKind.CalendarDay"/>.</summary>
    [FieldOffset(PayloadOffset)]
    public CalendarDay CalendarDay;

    /// <summary>Zero in the ring; on disk the journal's sync mark, which readers take out again.</summary>
    [FieldOffset(120)]
    public uint Reserved;

    /// <summary>CRC-32C of bytes 0 to 123 seeded with the record before; zero in the ring.</summary>
    [FieldOffset(CrcOffset)]
    public uint Crc;

    /// <summary>True on the last event of a group (and on a group of one): the moment to decide.</summary>
    public readonly bool EndsGroup => (Flags & EventFlags.Last) != 0;

    /// <summary>
    /// Sets kind, version and payload together, so that an event cannot carry the wrong kind. The payload area is
    /// cleared first: what is not written is zero, on disk and in every digest.
    /// </summary>
    /// <typeparam name="T">The payload type.</typeparam>
    /// <param name="payload">The payload.</param>
    public void Set<T>(in T payload)
        where T : unmanaged, IPayload
    {
        Kind = T.Kind;
        Version = T.Version;
        ref byte area = ref Unsafe.AddByteOffset(ref Unsafe.As<Event, byte>(ref this), PayloadOffset);
        Unsafe.InitBlockUnaligned(ref area, 0, PayloadSize);
        Unsafe.WriteUnaligned(ref area, payload);
    }
}

/// <summary>A payload knows its kind and version, as constants.</summary>
public interface IPayload
{
    /// <summary>The kind of event that carries it.</summary>
    static abstract EventKind Kind { get; }

    /// <summary>The version of its layout.</summary>
    static abstract byte Version { get; }
}
