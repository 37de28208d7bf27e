using System;
using System.Buffers.Binary;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Journal.Format;

namespace LowLatency.Journal.Archive;

/// <summary>The first page of an archived segment. Layout in <c>docs/journal.md</c>.</summary>
internal readonly record struct ArchiveHeader
{
    /// <summary>The version that this build writes; it reads no other.</summary>
    public const ushort FormatVersion = 1;

    /// <summary>Bytes of the segment in one block: each can be read by itself.</summary>
    public const int BlockBytes = 1 << 20;

    /// <summary>Bytes of an entry of the index: compressed length, CRC of the compressed bytes.</summary>
    public const int EntryBytes = 8;

    /// <summary>The stream.</summary>
    public required StreamKind Kind { get; init; }

    /// <summary>Number of the segment's first record.</summary>
    public required long First { get; init; }

    /// <summary>Bytes of the segment file.</summary>
    public required long Length { get; init; }

    /// <summary>Where the index begins; the blocks lie between this page and it.</summary>
    public required long IndexOffset { get; init; }

    /// <summary>CRC of the index.</summary>
    public required uint IndexCrc { get; init; }

    /// <summary>SHA-256 of the segment file.</summary>
    public required Hash32 Hash { get; init; }

    /// <summary>Blocks of the segment.</summary>
    public int Blocks => (int)((Length + BlockBytes - 1) / BlockBytes);

    private static ReadOnlySpan<byte> Magic => "LLARCHV1"u8;

    /// <summary>Writes the page.</summary>
    /// <param name="page">4096 bytes, overwritten entirely.</param>
    public void Write(Span<byte> page)
    {
        page = page[..SegmentLayout.PageSize];
        page.Clear();
        Magic.CopyTo(page);
        BinaryPrimitives.WriteUInt16LittleEndian(page[8..], FormatVersion);
        page[10] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], BlockBytes);
        BinaryPrimitives.WriteInt64LittleEndian(page[16..], First);
        BinaryPrimitives.WriteInt64LittleEndian(page[24..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(page[32..], IndexOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(page[40..], IndexCrc);
        Hash32 hash = Hash;
        ((ReadOnlySpan<byte>)hash).CopyTo(page[48..]);
        BinaryPrimitives.WriteUInt32LittleEndian(
            page[SegmentLayout.PageCrcOffset..], Crc32C.Append(0, page[..SegmentLayout.PageCrcOffset]));
    }

    /// <summary>Reads the page.</summary>
    /// <param name="page">4096 bytes.</param>
    /// <param name="header">The header.</param>
    /// <returns>False when the page is not one that this build writes.</returns>
    public static bool TryRead(ReadOnlySpan<byte> page, out ArchiveHeader header)
    {
        Hash32 hash = default;
        page.Slice(48, 32).CopyTo(hash);
        header = new ArchiveHeader
        {
            Kind = (StreamKind)page[10],
            First = BinaryPrimitives.ReadInt64LittleEndian(page[16..]),
            Length = BinaryPrimitives.ReadInt64LittleEndian(page[24..]),
            IndexOffset = BinaryPrimitives.ReadInt64LittleEndian(page[32..]),
            IndexCrc = BinaryPrimitives.ReadUInt32LittleEndian(page[40..]),
            Hash = hash,
        };
        long index = (long)header.Blocks * EntryBytes;
        return page.StartsWith(Magic)
            && BinaryPrimitives.ReadUInt32LittleEndian(page[SegmentLayout.PageCrcOffset..])
                == Crc32C.Append(0, page[..SegmentLayout.PageCrcOffset])
            && BinaryPrimitives.ReadUInt16LittleEndian(page[8..]) == FormatVersion
            && BinaryPrimitives.ReadInt32LittleEndian(page[12..]) == BlockBytes
            && header.Kind is StreamKind.Journal or StreamKind.Audit
            && header.First >= 0
            && header.Length > 0
            && header.Length <= SegmentLayout.FileLength(SegmentLayout.CapacityMax)
            && header.Length % SegmentLayout.RecordSize == 0
            && header.IndexOffset >= SegmentLayout.PageSize + index;
    }
}
