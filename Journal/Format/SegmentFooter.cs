using System;
using System.Buffers.Binary;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;

namespace LowLatency.Journal.Format;

/// <summary>The last page of a sealed segment; all zero while it is not sealed. Layout in <c>docs/journal.md</c>.</summary>
public readonly record struct SegmentFooter
{
    /// <summary>Records of the segment.</summary>
    public required long Count { get; init; }

    /// <summary>CRC of the last record.</summary>
    public required uint LastCrc { get; init; }

    /// <summary>SHA-256 over the header without its CRC, the records, and <see cref="PreviousHash"/>.</summary>
    public required Hash32 Hash { get; init; }

    /// <summary>The hash in the footer of the segment before; zero for the first.</summary>
    public required Hash32 PreviousHash { get; init; }

    private static ReadOnlySpan<byte> Magic => "LLFOOTR1"u8;

    /// <summary>Writes the page.</summary>
    /// <param name="page">4096 bytes, overwritten entirely.</param>
    public void Write(Span<byte> page)
    {
        page = page[..SegmentLayout.PageSize];
        page.Clear();
        Magic.CopyTo(page);
        BinaryPrimitives.WriteInt64LittleEndian(page[8..], Count);
        BinaryPrimitives.WriteUInt32LittleEndian(page[16..], LastCrc);
        Hash32 hash = Hash;
        ((ReadOnlySpan<byte>)hash).CopyTo(page[24..]);
        Hash32 previous = PreviousHash;
        ((ReadOnlySpan<byte>)previous).CopyTo(page[56..]);
        BinaryPrimitives.WriteUInt32LittleEndian(
            page[SegmentLayout.PageCrcOffset..], Crc32C.Append(0, page[..SegmentLayout.PageCrcOffset]));
    }

    /// <summary>Reads the page.</summary>
    /// <param name="page">4096 bytes.</param>
    /// <param name="footer">The footer.</param>
    /// <returns>Null, or why the page is no footer of ours.</returns>
    public static string? Read(ReadOnlySpan<byte> page, out SegmentFooter footer)
    {
        footer = default;
        if (page.Length < SegmentLayout.PageSize || !page.StartsWith(Magic))
        {
            return "no segment footer";
        }

        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(page[SegmentLayout.PageCrcOffset..]);
        if (crc != Crc32C.Append(0, page[..SegmentLayout.PageCrcOffset]))
        {
            return "footer CRC differs";
        }

        Hash32 hash = default;
        page.Slice(24, 32).CopyTo(hash);
        Hash32 previous = default;
        page.Slice(56, 32).CopyTo(previous);
        footer = new SegmentFooter
        {
            Count = BinaryPrimitives.ReadInt64LittleEndian(page[8..]),
            LastCrc = BinaryPrimitives.ReadUInt32LittleEndian(page[16..]),
            Hash = hash,
            PreviousHash = previous,
        };
        return null;
    }
}
