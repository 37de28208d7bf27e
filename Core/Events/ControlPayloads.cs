using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Values;

namespace LowLatency.Core.Events;

/// <summary>A timer tick (16 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Tick : IPayload
{
    /// <summary>Ticks since 1970 UTC: ReceivedAt / Interval.</summary>
    public long Number;

    /// <summary>Nanoseconds between ticks.</summary>
    public long Interval;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.Tick;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>32 bytes of SHA-256.</summary>
[InlineArray(32)]
public struct Hash32 : IEquatable<Hash32>
{
    private byte _first;

    /// <summary>Whether all bytes agree.</summary>
    public static bool operator ==(in Hash32 left, in Hash32 right) => left.Equals(right);

    /// <summary>Whether a byte differs.</summary>
    public static bool operator !=(in Hash32 left, in Hash32 right) => !left.Equals(right);

    /// <inheritdoc/>
    public readonly bool Equals(Hash32 other) => ((ReadOnlySpan<byte>)this).SequenceEqual((ReadOnlySpan<byte>)other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Hash32 other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(this);
}

/// <summary>The kind of venue that answers.</summary>
public enum VenueKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The simulated venue: nobody's money moves.</summary>
    Simulated = 1,

    /// <summary>A real venue.</summary>
    Live = 2,
}

/// <summary>What a run goes on from.</summary>
public enum EpochBegin : byte
{
    /// <summary>From nothing, or from what the same build decided with the same configuration before.</summary>
    Continued = 0,

    /// <summary>
    /// From the start state that stands in this run's first events: another build or configuration decided before.
    /// </summary>
    Adopted = 1,
}

/// <summary>The first event of a run (80 bytes): what must be equal for a replay to be comparable.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct EpochStarted : IPayload
{
    /// <summary>Seed of everything random in the run.</summary>
    public ulong Seed;

    /// <summary>Run number of this instance, from 1.</summary>
    public int Epoch;

    /// <summary>The instance: part of every client order id.</summary>
    public ushort Instance;

    /// <summary>Who answers the orders.</summary>
    public VenueKind Venue;

    /// <summary>What it goes on from.</summary>
    public EpochBegin Begin;

    /// <summary>SHA-256 of the resolved configuration.</summary>
    public Hash32 ConfigurationHash;

    /// <summary>SHA-256 over the module versions of the engine's assemblies.</summary>
    public Hash32 BuildHash;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.EpochStarted;

    /// <inheritdoc/>
    public static byte Version => 2;
}

/// <summary>Why a run ended.</summary>
public enum EndReason : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The data ended.</summary>
    EndOfData = 1,

    /// <summary>An operator or the system asked.</summary>
    Requested = 2,
}

/// <summary>The last event of a clean run (8 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct EpochEnded : IPayload
{
    /// <summary>Why.</summary>
    public EndReason Reason;

    /// <summary>Must be zero.</summary>
    public byte Reserved0;

    /// <summary>Must be zero.</summary>
    public ushort Reserved1;

    /// <summary>Must be zero.</summary>
    public uint Reserved2;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.EpochEnded;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>The order stage has work left (8 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Continue : IPayload
{
    /// <summary>Lanes that still wait.</summary>
    public long Waiting;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.Continue;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>What an operator can say.</summary>
public enum OperatorVerb : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Latch the kill switch: cancel everything, send nothing new.</summary>
    Kill = 1,

    /// <summary>Only orders that reduce risk, or less: what is HALTED stays so.</summary>
    Reduce = 2,

    /// <summary>Only cancels.</summary>
    Halt = 3,

    /// <summary>Take back Halt, Reduce and every doubt; refused while the kill switch is latched. The other holds stay.</summary>
    Activate = 4,

    /// <summary>Release the kill switch; the state stays HALTED until Activate.</summary>
    ReleaseKill = 5,

    /// <summary>Only cancels, whatever else is said, until a person accepts the state that was taken over.</summary>
    Hold = 6,

    /// <summary>The state that was taken over is right: what was held goes on in the state that it had.</summary>
    Accept = 7,

    /// <summary>What tripped has been looked at: every breaker measures anew from here.</summary>
    ResetBreakers = 8,

    /// <summary>Take one strategy out of everything and keep it out; the others go on.</summary>
    StopStrategy = 9,

    /// <summary>A strategy that was stopped may trade again, once it is flat and has changed its mind.</summary>
    StartStrategy = 10,

    /// <summary>Only cancels while a run reads the account or stops, whatever else is said, until Proceed.</summary>
    Await = 11,

    /// <summary>The run may go on: ends Await and nothing else.</summary>
    Proceed = 12,

    /// <summary>What Reduce meant in version 1: only orders that reduce risk, also where it was HALTED. Said by nobody any more.</summary>
    ReduceFromHalt = 13,
}

/// <summary>An operator's command (8 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct OperatorCommand : IPayload
{
    /// <summary>The command.</summary>
    public OperatorVerb Verb;

    /// <summary>Must be zero.</summary>
    public byte Reserved0;

    /// <summary>StopStrategy and StartStrategy: which one; else the house.</summary>
    public StrategyId Strategy;

    /// <summary>Must be zero.</summary>
    public uint Reserved2;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.Operator;

    /// <inheritdoc/>
    public static byte Version => 2;
}

/// <summary>What a blob holds.</summary>
public enum BlobPurpose : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The resolved configuration, MessagePack.</summary>
    Configuration = 1,

    /// <summary>The manifest of the run, MessagePack.</summary>
    Manifest = 2,

    /// <summary>What an adopted run begins with: positions, cash, orders; MessagePack.</summary>
    StartState = 3,

    /// <summary>Why an operator said what comes next, MessagePack text.</summary>
    Reason = 4,

    /// <summary>What a repair of the journal dropped and why, MessagePack.</summary>
    Repair = 5,
}

/// <summary>72 bytes of a blob.</summary>
[InlineArray(BlobPart.DataSize)]
public struct BlobBytes
{
    private byte _first;
}

/// <summary>
/// A part of a blob (88 bytes). The bytes of all parts joined are the SHA-256 of the content (32 bytes) and the content.
/// Parts are consecutive events; an incomplete blob is ignored and reported.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct BlobPart : IPayload
{
    /// <summary>Bytes of one part.</summary>
    public const int DataSize = 72;

    /// <summary>What the blob holds.</summary>
    public BlobPurpose Purpose;

    /// <summary>Must be zero.</summary>
    public byte Reserved0;

    /// <summary>Must be zero.</summary>
    public ushort Reserved1;

    /// <summary>Number of this part, from 0.</summary>
    public ushort Part;

    /// <summary>Parts of the blob.</summary>
    public ushort Parts;

    /// <summary>Bytes of the content, hash not counted; at most <see cref="Values.Limits.BlobBytes"/>.</summary>
    public int ContentBytes;

    /// <summary>Must be zero.</summary>
    public uint Reserved2;

    /// <summary>This part's bytes; zero after the end.</summary>
    public BlobBytes Data;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.BlobPart;

    /// <inheritdoc/>
    public static byte Version => 1;
}

/// <summary>Cash paid in or taken out (16 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct CashMoved : IPayload
{
    /// <summary>The currency.</summary>
    public Currency8 Currency;

    /// <summary>Money units; positive is paid in.</summary>
    public long Amount;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.CashMoved;

    /// <inheritdoc/>
    public static byte Version => 1;
}
