using System;
using System.Buffers.Binary;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;

namespace LowLatency.Journal.Format;

/// <summary>Whether a segment takes records yet.</summary>
public enum SegmentState : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Made ahead of time; it holds no record.</summary>
    Prepared = 1,

    /// <summary>It takes or took records.</summary>
    Current = 2,
}

/// <summary>The first page of a segment. Layout in <c>docs/journal.md</c>.</summary>
public readonly record struct SegmentHeader
{
    /// <summary>The version that this build writes; it reads no other.</summary>
    public const ushort FormatVersion = 1;

    internal const string NoHeader = "no segment header";

    internal const string TornHeader = "header CRC differs";

    /// <summary>Prepared or current.</summary>
    public required SegmentState State { get; init; }

    /// <summary>What the stream holds.</summary>
    public required StreamKind Kind { get; init; }

    /// <summary>What an append waits for.</summary>
    public required Durability Durability { get; init; }

    /// <summary>True for the segment that a stream began with: nothing comes before it.</summary>
    public required bool IsOrigin { get; init; }

    /// <summary>The instance that writes.</summary>
    public required ushort Instance { get; init; }

    /// <summary>The run that writes.</summary>
    public required int Epoch { get; init; }

    /// <summary>Number of the first record.</summary>
    public required long First { get; init; }

    /// <summary>Records that fit.</summary>
    public required int Capacity { get; init; }

    /// <summary>Records that may be on their way to the disk at one time; 0 when records are stored into the mapping.</summary>
    public required int InFlightMax { get; init; }

    /// <summary>CRC of the last record of the segment before: the seed of this segment's first record. 0 for the first.</summary>
    public required uint PreviousCrc { get; init; }

    /// <summary>SHA-256 of the resolved configuration.</summary>
    public required Hash32 ConfigurationHash { get; init; }

    private static ReadOnlySpan<byte> Magic => "LLSEGMT1"u8;

    /// <summary>Writes the page.</summary>
    /// <param name="page">4096 bytes, overwritten entirely. The CRC is stored last.</param>
    public void Write(Span<byte> page)
    {
        page = page[..SegmentLayout.PageSize];
        page.Clear();
        Magic.CopyTo(page);
        BinaryPrimitives.WriteUInt16LittleEndian(page[8..], FormatVersion);
        page[10] = (byte)Kind;
        page[11] = (byte)State;
        page[12] = (byte)Durability;
        page[13] = IsOrigin ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(page[14..], Instance);
        BinaryPrimitives.WriteInt32LittleEndian(page[16..], Epoch);
        BinaryPrimitives.WriteInt32LittleEndian(page[20..], SegmentLayout.RecordSize);
        BinaryPrimitives.WriteInt64LittleEndian(page[24..], First);
        BinaryPrimitives.WriteInt32LittleEndian(page[32..], Capacity);
        BinaryPrimitives.WriteInt32LittleEndian(page[36..], InFlightMax);
        BinaryPrimitives.WriteUInt32LittleEndian(page[40..], PreviousCrc);
        Hash32 hash = ConfigurationHash;
        ((ReadOnlySpan<byte>)hash).CopyTo(page[48..]);
        BinaryPrimitives.WriteUInt32LittleEndian(
            page[SegmentLayout.PageCrcOffset..], Crc32C.Append(0, page[..SegmentLayout.PageCrcOffset]));
    }

    /// <summary>Reads the page.</summary>
    /// <param name="page">4096 bytes.</param>
    /// <param name="header">The header.</param>
    /// <returns>Null, or why the page is no header of ours.</returns>
    public static string? Read(ReadOnlySpan<byte> page, out SegmentHeader header)
    {
        header = default;
        if (page.Length < SegmentLayout.PageSize || !page.StartsWith(Magic))
        {
            return NoHeader;
        }

        // The version comes before the CRC: a later format may check itself differently and must still be named.
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(page[8..]);
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(page[SegmentLayout.PageCrcOffset..]);
        if (crc != Crc32C.Append(0, page[..SegmentLayout.PageCrcOffset]))
        {
            return TornHeader;
        }

        if (version != FormatVersion)
        {
            return "format version " + version + ", this build reads " + FormatVersion;
        }

        Hash32 hash = default;
        page.Slice(48, 32).CopyTo(hash);
        header = new SegmentHeader
        {
            Kind = (StreamKind)page[10],
            State = (SegmentState)page[11],
            Durability = (Durability)page[12],
            IsOrigin = page[13] != 0,
            Instance = BinaryPrimitives.ReadUInt16LittleEndian(page[14..]),
            Epoch = BinaryPrimitives.ReadInt32LittleEndian(page[16..]),
            First = BinaryPrimitives.ReadInt64LittleEndian(page[24..]),
            Capacity = BinaryPrimitives.ReadInt32LittleEndian(page[32..]),
            InFlightMax = BinaryPrimitives.ReadInt32LittleEndian(page[36..]),
            PreviousCrc = BinaryPrimitives.ReadUInt32LittleEndian(page[40..]),
            ConfigurationHash = hash,
        };
        bool sane = BinaryPrimitives.ReadInt32LittleEndian(page[20..]) == SegmentLayout.RecordSize
            && header.Kind is StreamKind.Journal or StreamKind.Audit
            && header.State is SegmentState.Prepared or SegmentState.Current
            && header.Durability is Durability.Written or Durability.Flushed
            && header.Capacity is >= SegmentLayout.CapacityStep and <= SegmentLayout.CapacityMax
            && header.Capacity % SegmentLayout.CapacityStep == 0
            && header is { First: >= 0, InFlightMax: >= 0, Epoch: >= 1 };
        return sane ? null : "header fields out of range";
    }
}
