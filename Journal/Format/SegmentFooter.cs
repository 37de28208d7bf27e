using System;
using System.Buffers.Binary;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;

namespace LowLatency.Journal.Format;

/// <summary>The last page of a sealed segment; all zero while it is not sealed. Layout in <c>docs/journal.md</c>.</summary>
public readonly record struct SegmentFooter
{
    private const int MacOffset = 88;

    /// <summary>Records of the segment.</summary>
    public required long Count { get; init; }

    /// <summary>CRC of the last record.</summary>
    public required uint LastCrc { get; init; }

    /// <summary>SHA-256 over the header without its CRC, the records, and <see cref="PreviousHash"/>.</summary>
    public required Hash32 Hash { get; init; }

    /// <summary>The hash in the footer of the segment before; zero for the first.</summary>
    public required Hash32 PreviousHash { get; init; }

    /// <summary>HMAC-SHA256 of the fields before it by the journal's key; zero without a key.</summary>
    public Hash32 Mac { get; private init; }

    private static ReadOnlySpan<byte> Magic => "LLFOOTR1"u8;

    /// <summary>Writes the page.</summary>
    /// <param name="page">4096 bytes, overwritten entirely.</param>
    /// <param name="key">The journal's key, or null.</param>
    public void Write(Span<byte> page, JournalKey? key = null)
    {
        page = page[..SegmentLayout.PageSize];
        page.Clear();
        WriteFields(page);
        if (key is not null)
        {
            Hash32 mac = key.Sign(page[..MacOffset]);
            ((ReadOnlySpan<byte>)mac).CopyTo(page[MacOffset..]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(
            page[SegmentLayout.PageCrcOffset..], Crc32C.Append(0, page[..SegmentLayout.PageCrcOffset]));
    }

    /// <summary>True when the footer was written by someone who has the key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it was; false also for a footer without an HMAC.</returns>
    public bool IsSignedBy(JournalKey key)
    {
        Span<byte> fields = stackalloc byte[MacOffset];
        fields.Clear();
        WriteFields(fields);
        return key.Matches(fields, Mac);
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
        Hash32 mac = default;
        page.Slice(MacOffset, 32).CopyTo(mac);
        footer = new SegmentFooter
        {
            Count = BinaryPrimitives.ReadInt64LittleEndian(page[8..]),
            LastCrc = BinaryPrimitives.ReadUInt32LittleEndian(page[16..]),
            Hash = hash,
            PreviousHash = previous,
            Mac = mac,
        };
        return null;
    }

    private void WriteFields(Span<byte> page)
    {
        Magic.CopyTo(page);
        BinaryPrimitives.WriteInt64LittleEndian(page[8..], Count);
        BinaryPrimitives.WriteUInt32LittleEndian(page[16..], LastCrc);
        Hash32 hash = Hash;
        ((ReadOnlySpan<byte>)hash).CopyTo(page[24..]);
        Hash32 previous = PreviousHash;
        ((ReadOnlySpan<byte>)previous).CopyTo(page[56..]);
    }
}
