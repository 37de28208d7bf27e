using System;
using System.Buffers.Binary;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Format;

/// <summary>
/// Where a stream begins after its first segments were retired: what the first kept segment must continue. Without this
/// file a stream begins with its origin, so a front segment that is missing for any other reason is noticed.
/// </summary>
/// <param name="First">Number of the first record that is kept.</param>
/// <param name="LastCrc">CRC of the record before it.</param>
/// <param name="LastHash">Footer hash of the segment before it.</param>
internal readonly record struct StreamBase(long First, uint LastCrc, Hash32 LastHash)
{
    /// <summary>Bytes of the file.</summary>
    public const int Size = 128;

    private const ushort Version = 1;
    private const int MacOffset = 64;
    private const int CrcOffset = Size - 4;

    private static ReadOnlySpan<byte> Magic => "LLBASE01"u8;

    /// <summary>The name of a stream's base.</summary>
    /// <param name="kind">The stream.</param>
    /// <returns>The file name.</returns>
    public static string FileName(StreamKind kind) => kind == StreamKind.Audit ? "base-audit" : "base-journal";

    /// <summary>True when a segment is the one that is kept first.</summary>
    /// <param name="header">Its header.</param>
    /// <returns>Whether it is.</returns>
    public bool IsContinuedBy(in SegmentHeader header) => header.First == First && header.PreviousCrc == LastCrc;

    /// <summary>Reads the base of a stream.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="kind">The stream.</param>
    /// <param name="key">The key that must have signed it; null leaves that unchecked.</param>
    /// <param name="found">The base; null when nothing was ever retired.</param>
    /// <param name="damage">Why the file cannot be relied on, or null.</param>
    /// <returns>The error of the storage, or null.</returns>
    public static StorageError? Read(
        IStorage storage,
        string directory,
        StreamKind kind,
        JournalKey? key,
        out StreamBase? found,
        out string? damage)
    {
        found = null;
        damage = null;
        Span<byte> bytes = stackalloc byte[Size];
        string path = Path.Combine(directory, FileName(kind));
        if (DurableFile.Read(storage, path, bytes, out int length) is { } error)
        {
            return error.Errno == Errno.ENOENT ? null : error;
        }

        Hash32 hash = default;
        bytes.Slice(32, 32).CopyTo(hash);
        Hash32 mac = default;
        bytes.Slice(MacOffset, 32).CopyTo(mac);
        long first = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        damage = length != Size
            || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Crc32C.Append(0, bytes[..CrcOffset])
                ? "damaged base file"
            : BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Version || bytes[10] != (byte)kind
                ? "base file of another version or stream"
            : key is not null && !key.Matches(bytes[..MacOffset], mac) ? "the base file's HMAC is not that of the key"
            : first <= 0 ? "base file without a record before it"
            : null;
        found = damage is null
            ? new StreamBase(first, BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]), hash)
            : null;
        return null;
    }

    /// <summary>Replaces the base of a stream durably.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="kind">The stream.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="key">The key that signs it, or null.</param>
    /// <returns>The error, or null.</returns>
    public StorageError? Write(
        IStorage storage, string directory, StreamKind kind, ushort instance, JournalKey? key)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Version);
        bytes[10] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[12..], instance);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], First);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], LastCrc);
        Hash32 hash = LastHash;
        ((ReadOnlySpan<byte>)hash).CopyTo(bytes[32..]);
        if (key is not null)
        {
            Hash32 mac = key.Sign(bytes[..MacOffset]);
            ((ReadOnlySpan<byte>)mac).CopyTo(bytes[MacOffset..]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CrcOffset..], Crc32C.Append(0, bytes[..CrcOffset]));
        return DurableFile.Replace(storage, Path.Combine(directory, FileName(kind)), bytes);
    }
}
