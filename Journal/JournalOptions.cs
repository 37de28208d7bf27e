using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;

namespace LowLatency.Journal;

/// <summary>How a journal (or an audit stream) is written.</summary>
public sealed record JournalOptions
{
    /// <summary>Most spare segments.</summary>
    public const int SparesMax = 16;

    /// <summary>The instance: part of every client order id. Segments of another instance are refused.</summary>
    public required ushort Instance { get; init; }

    /// <summary>The run, from 1; larger than that of every segment that is there.</summary>
    public required int Epoch { get; init; }

    /// <summary>SHA-256 of the resolved configuration.</summary>
    public Hash32 ConfigurationHash { get; init; }

    /// <summary>What an append waits for.</summary>
    public Durability Durability { get; init; } = Durability.Written;

    /// <summary>Records of a segment: a multiple of 32, at most 2^23. The default makes 32 MiB.</summary>
    public int SegmentCapacity { get; init; } = 1 << 18;

    /// <summary>Records that wait for the disk in <see cref="Durability.Flushed"/>: a power of two. A full buffer blocks.</summary>
    public int StagingCapacity { get; init; } = 1 << 14;

    /// <summary>Records that one sync makes durable at most.</summary>
    public int BatchMax { get; init; } = 1 << 12;

    /// <summary>Signs footers, and demands that those which are there are signed by it; null for neither.</summary>
    public JournalKey? Key { get; init; }

    /// <summary>A file outside the journal directory that gets the watermark of the events, or null.</summary>
    public string? WatermarkPath { get; init; }

    /// <summary>What the events must reach when they are recovered, from <see cref="Watermark.Admit"/>; null for nothing.</summary>
    public Watermark? Watermark { get; init; }

    /// <summary>Segments kept ready ahead of the current one, so that the appending thread need not wait for one.</summary>
    public int Spares { get; init; } = 2;

    /// <summary>Retired segments that are kept to be used again; more are deleted.</summary>
    public int RecycledMax { get; init; } = 4;

    /// <summary>Milliseconds from anywhere, never backwards: what the watermark's interval is measured by.</summary>
    internal Func<long> Milliseconds { get; init; } = static () => Environment.TickCount64;

    internal void Check()
    {
        Ensure.That(Spares is >= 1 and <= SparesMax, "1 to 16 spare segments");
        Ensure.That(RecycledMax >= 0, "a number of recycled segments cannot be negative");
        Ensure.That(Epoch >= 1, "an epoch is at least 1");
        Ensure.That(Durability is Durability.Written or Durability.Flushed or Durability.None, "a durability must be chosen");
        Ensure.That(
            SegmentCapacity is >= SegmentLayout.CapacityStep and <= SegmentLayout.CapacityMax
                && SegmentCapacity % SegmentLayout.CapacityStep == 0,
            "segment capacity must be a multiple of 32, at most 2^23");
        Ensure.That(
            StagingCapacity is >= 2 and <= SegmentLayout.CapacityMax && (StagingCapacity & (StagingCapacity - 1)) == 0,
            "staging capacity must be a power of two");
        Ensure.That(BatchMax >= 1, "a batch holds at least one record");
    }

    internal SegmentHeader Header(StreamKind kind, long first, uint previousCrc, bool origin) => new()
    {
        State = SegmentState.Current,
        Kind = kind,
        Durability = Durability,
        IsOrigin = origin,
        Instance = Instance,
        Epoch = Epoch,
        First = first,
        Capacity = SegmentCapacity,
        InFlightMax = Durability == Durability.Flushed ? StagingCapacity : 0,
        PreviousCrc = previousCrc,
        ConfigurationHash = ConfigurationHash,
    };
}

/// <summary>Where a stream goes on: what the next segment takes over from those before it.</summary>
/// <param name="Next">Number of the next record.</param>
/// <param name="LastCrc">CRC of the record before it; 0 at the origin.</param>
/// <param name="LastHash">Footer hash of the segment before; zero at the origin.</param>
/// <param name="IsOrigin">True when nothing comes before.</param>
/// <param name="FirstKept">Number of the first record of the stream that is there.</param>
internal readonly record struct StreamPosition(long Next, uint LastCrc, Hash32 LastHash, bool IsOrigin, long FirstKept)
{
    public static StreamPosition Origin(long first) => new(first, 0, default, true, first);
}
