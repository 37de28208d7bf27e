using System;
using System.Globalization;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Journal.Format;

/// <summary>What a stream of segments holds.</summary>
public enum StreamKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Events; a record's number is its sequence.</summary>
    Journal = 1,

    /// <summary>What the stages decided; records are numbered from 0.</summary>
    Audit = 2,
}

/// <summary>How far an appended record must have come before it counts.</summary>
public enum Durability : byte
{
    /// <summary>Never valid.</summary>
    Unset = 0,

    /// <summary>Into the mapped segment: it survives the process at once, and a power cut when the kernel has written it.</summary>
    Written = 1,

    /// <summary>Through fdatasync: it survives a power cut.</summary>
    Flushed = 2,

    /// <summary>No file at all: for research.</summary>
    None = 3,
}

/// <summary>
/// Where things lie in a segment file: a header page, <c>capacity</c> records of 128 bytes, a footer page.
/// Record <c>i</c> of a segment is at <c>4096 + 128 i</c>: no index, no framing.
/// </summary>
public static class SegmentLayout
{
    /// <summary>Bytes of the header and of the footer.</summary>
    public const int PageSize = 4096;

    /// <summary>Bytes of a record.</summary>
    public const int RecordSize = Event.Size;

    /// <summary>Offset in a record of the sync mark.</summary>
    public const int MarkOffset = 120;

    /// <summary>Offset in a record of its CRC-32C.</summary>
    public const int CrcOffset = Event.CrcOffset;

    /// <summary>Offset in a page of its CRC-32C, which covers all bytes before it.</summary>
    public const int PageCrcOffset = PageSize - 4;

    /// <summary>Fewest records of a segment. Capacities are multiples of it, so that the footer starts on a page.</summary>
    public const int CapacityStep = 32;

    /// <summary>Most records of a segment: 1 GiB.</summary>
    public const int CapacityMax = 1 << 23;

    /// <summary>Digits of a record number in a file name.</summary>
    public const int NameDigits = 20;

    private const string Extension = ".seg";
    private const string ArchiveExtension = ".arc";

    private const string SparePrefix = "spare-";

    /// <summary>Offset of a record.</summary>
    /// <param name="index">Its index in the segment.</param>
    /// <returns>Bytes from the start of the file.</returns>
    public static long RecordOffset(long index) => PageSize + (index * RecordSize);

    /// <summary>Offset of the footer.</summary>
    /// <param name="capacity">Records of the segment.</param>
    /// <returns>Bytes from the start of the file.</returns>
    public static long FooterOffset(int capacity) => RecordOffset(capacity);

    /// <summary>Bytes of the file.</summary>
    /// <param name="capacity">Records of the segment.</param>
    /// <returns>The length.</returns>
    public static long FileLength(int capacity) => FooterOffset(capacity) + PageSize;

    /// <summary>Where a record carries its own number: a record in the wrong place is noticed.</summary>
    /// <param name="kind">The stream.</param>
    /// <returns>The offset in the record.</returns>
    public static int NumberOffset(StreamKind kind) => kind == StreamKind.Audit ? 16 : 0;

    /// <summary>The name of a segment.</summary>
    /// <param name="kind">The stream.</param>
    /// <param name="first">Number of its first record.</param>
    /// <returns>The file name.</returns>
    public static string Name(StreamKind kind, long first)
    {
        Ensure.That(first >= 0, "record numbers start at 0");
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix(kind)}{first:D20}{Extension}");
    }

    /// <summary>The name of a retired segment that waits to be used again.</summary>
    /// <param name="kind">The stream.</param>
    /// <param name="first">Number of the first record that it held.</param>
    /// <returns>The file name; no segment's name.</returns>
    public static string SpareName(StreamKind kind, long first) => SparePrefix + Name(kind, first);

    /// <summary>True when a file name is that of a spare of the stream.</summary>
    /// <param name="kind">The stream.</param>
    /// <param name="name">The file name.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsSpare(StreamKind kind, string name) =>
        name.StartsWith(SparePrefix + Prefix(kind), StringComparison.Ordinal);

    /// <summary>True when a file name claims to be a segment of the stream, rightly or not.</summary>
    /// <param name="kind">The stream.</param>
    /// <param name="name">The file name.</param>
    /// <returns>Whether it does.</returns>
    public static bool IsSegment(StreamKind kind, string name) =>
        name.StartsWith(Prefix(kind), StringComparison.Ordinal);

    /// <summary>Reads the record number from a segment's name.</summary>
    /// <param name="kind">The stream.</param>
    /// <param name="name">The file name.</param>
    /// <param name="first">Number of its first record.</param>
    /// <returns>False when the name is not one that <see cref="Name"/> makes.</returns>
    public static bool TryParseName(StreamKind kind, string name, out long first) =>
        TryParse(kind, name, Extension, out first);

    /// <summary>The name of a segment's archive.</summary>
    /// <param name="kind">The stream.</param>
    /// <param name="first">Number of its first record.</param>
    /// <returns>The file name.</returns>
    public static string ArchiveName(StreamKind kind, long first) =>
        Name(kind, first)[..^Extension.Length] + ArchiveExtension;

    /// <summary>Reads the record number from the name of a segment's archive.</summary>
    /// <param name="kind">The stream.</param>
    /// <param name="name">The file name.</param>
    /// <param name="first">Number of its first record.</param>
    /// <returns>False when the name is not one that <see cref="ArchiveName"/> makes.</returns>
    public static bool TryParseArchiveName(StreamKind kind, string name, out long first) =>
        TryParse(kind, name, ArchiveExtension, out first);

    private static bool TryParse(StreamKind kind, string name, string extension, out long first)
    {
        first = -1;
        string prefix = Prefix(kind);
        return name.Length == prefix.Length + NameDigits + extension.Length
            && IsSegment(kind, name)
            && name.EndsWith(extension, StringComparison.Ordinal)
            && long.TryParse(
                name.AsSpan(prefix.Length, NameDigits), NumberStyles.None, CultureInfo.InvariantCulture, out first);
    }

    private static string Prefix(StreamKind kind) => kind switch
    {
        StreamKind.Journal => "journal-",
        StreamKind.Audit => "audit-",
        StreamKind.None => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
