using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Journal.Format;

namespace LowLatency.Journal.Audit;

/// <summary>What an audit record holds. Numbers are never reused.</summary>
public enum AuditKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>A <see cref="Core.Events.Signal"/>.</summary>
    Signal = 1,

    /// <summary>A <see cref="Core.Events.Suppression"/>.</summary>
    Suppression = 2,

    /// <summary>An <see cref="Core.Events.Intent"/>.</summary>
    Intent = 3,

    /// <summary>A <see cref="Core.Events.Verdict"/>.</summary>
    Verdict = 4,

    /// <summary>A <see cref="Core.Events.Command"/>.</summary>
    Command = 5,

    /// <summary>An <see cref="AuditCheckpoint"/>.</summary>
    Checkpoint = 6,

    /// <summary>Nothing but the counts: the event left work waiting and wrote no section.</summary>
    Counts = 7,
}

/// <summary>The digests after an event (32 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct AuditCheckpoint
{
    /// <summary>Digest of the whole state.</summary>
    public Digest State;

    /// <summary>Rolling digest over the sections of all events so far.</summary>
    public Digest Rolling;
}

/// <summary>
/// One section entry of one event: 128 bytes in the container of the journal. Every record repeats the counts of its
/// event, so that a group cut by a crash is known to be incomplete.
/// </summary>
/// <remarks>
/// <code>
///   0              8    9       10      11          12      13       14       15      16           24              120     124
///   +--------------+----+-------+-------+-----------+-------+--------+--------+-------+------------+---------------+-------+------+
///   |event sequence|kind|ordinal|signals|suppression|intents|verdicts|commands|waiting|record nr   |payload, 96    |mark   |CRC   |
///   +--------------+----+-------+-------+-----------+-------+--------+--------+-------+------------+---------------+-------+------+
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = SegmentLayout.RecordSize)]
internal struct AuditRecord
{
    public const int PayloadOffset = 24;
    public const int PayloadSize = 96;

    [FieldOffset(0)]
    public long Sequence;

    [FieldOffset(8)]
    public AuditKind Kind;

    [FieldOffset(9)]
    public byte Ordinal;

    [FieldOffset(10)]
    public byte Signals;

    [FieldOffset(11)]
    public byte Suppressions;

    [FieldOffset(12)]
    public byte Intents;

    [FieldOffset(13)]
    public byte Verdicts;

    [FieldOffset(14)]
    public byte Commands;

    [FieldOffset(15)]
    public byte Waiting;

    [FieldOffset(16)]
    public long Number;

    [FieldOffset(PayloadOffset)]
    public Signal Signal;

    [FieldOffset(PayloadOffset)]
    public Suppression Suppression;

    [FieldOffset(PayloadOffset)]
    public Intent Intent;

    [FieldOffset(PayloadOffset)]
    public Verdict Verdict;

    [FieldOffset(PayloadOffset)]
    public Command Command;

    [FieldOffset(PayloadOffset)]
    public AuditCheckpoint Checkpoint;

    [FieldOffset(SegmentLayout.MarkOffset)]
    public uint Mark;

    [FieldOffset(SegmentLayout.CrcOffset)]
    public uint Crc;

    /// <summary>True when both records speak of one event's decision.</summary>
    public readonly bool SameGroup(in AuditRecord other) =>
        Sequence == other.Sequence
        && Signals == other.Signals
        && Suppressions == other.Suppressions
        && Intents == other.Intents
        && Verdicts == other.Verdicts
        && Commands == other.Commands
        && Waiting == other.Waiting;
}
