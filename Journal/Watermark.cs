using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Journal.Native;

namespace LowLatency.Journal;

/// <summary>
/// How far a journal was known to be durable, kept outside its directory: a directory that was rolled back as a whole, or
/// replaced, is consistent in itself and only found out against this.
/// </summary>
/// <param name="Instance">The instance.</param>
/// <param name="Epoch">The run that wrote it.</param>
/// <param name="Sequence">The last event that was behind an fdatasync; one less than the first when there was none.</param>
/// <param name="Crc">The stored CRC of that event's record.</param>
/// <remarks>
/// 64 bytes: magic 8, version 2, instance 2, epoch 4, sequence 8, CRC of the record 4, HMAC-SHA256 of the bytes before 32
/// (zero without a key), CRC-32C of the bytes before 4. Replaced by write, sync, rename, directory sync.
/// </remarks>
public sealed record Watermark(ushort Instance, int Epoch, long Sequence, uint Crc)
{
    /// <summary>Bytes of the file.</summary>
    public const int Size = 64;

    private const ushort Version = 1;
    private const int MacOffset = 28;
    private const int CrcOffset = 60;

    private static ReadOnlySpan<byte> Magic => "LLWATER1"u8;

    /// <summary>Reads a watermark.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The file.</param>
    /// <param name="instance">The instance it must belong to; null takes any.</param>
    /// <param name="key">The key that must have signed it; null leaves that unchecked.</param>
    /// <param name="mark">The watermark; null when the file is empty: what the operator leaves to accept the journal as it is.</param>
    /// <param name="exists">False when there is no such file.</param>
    /// <returns>Null, or why it cannot be known.</returns>
    public static string? Read(
        IStorage storage, string path, ushort? instance, JournalKey? key, out Watermark? mark, out bool exists)
    {
        mark = null;
        exists = false;
        Span<byte> bytes = stackalloc byte[Size];
        if (DurableFile.Read(storage, path, bytes, out int length) is { } error)
        {
            return error.Errno == Errno.ENOENT ? null : "watermark: " + error;
        }

        exists = true;
        if (length == 0)
        {
            return null;
        }

        if (length != Size
            || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Crc32C.Append(0, bytes[..CrcOffset]))
        {
            return path + ": damaged watermark";
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Version)
        {
            return path + ": unknown version of the watermark";
        }

        Hash32 mac = default;
        bytes.Slice(MacOffset, 32).CopyTo(mac);
        if (key is not null && !key.Matches(bytes[..MacOffset], mac))
        {
            return path + ": the watermark's HMAC is not that of the key";
        }

        Watermark read = new(
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]));
        if (instance is { } expected && read.Instance != expected)
        {
            return $"{path}: the watermark belongs to instance {read.Instance}, not {instance}";
        }

        mark = read;
        return null;
    }

    /// <summary>
    /// Decides by the watermark whether a run may use a journal directory; before anything in it is changed.
    /// </summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The watermark's file.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="key">The journal's key, or null.</param>
    /// <param name="journalExists">True when the directory holds a journal.</param>
    /// <param name="mark">What recovery must reach; null when nothing is known.</param>
    /// <returns>Null, or why the run must not begin.</returns>
    public static string? Admit(
        IStorage storage,
        string path,
        string directory,
        ushort instance,
        JournalKey? key,
        bool journalExists,
        out Watermark? mark)
    {
        mark = null;
        string journal = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        string file = Path.GetFullPath(path);
        if (file.StartsWith(journal + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return $"{path}: the watermark must lie outside the journal directory {directory}, whose rollback it finds out";
        }

        if (Read(storage, path, instance, key, out mark, out bool exists) is { } unknown)
        {
            return unknown;
        }

        if (!exists && journalExists)
        {
            return $"{path}: there is no watermark, and {directory} holds a journal: restore the file, or make an empty "
                + "one there to accept the journal as it is";
        }

        // One that knows no event was written by a first run that ended before it had any.
        return mark is { Sequence: >= 0 } && !journalExists
            ? $"{path}: the watermark knows {mark}; {directory} holds no journal: it was lost or replaced. Restore it, or "
                + "remove the watermark to begin anew"
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"event {Sequence} (CRC {Crc:x8}) of run {Epoch}");

    internal StorageError? Write(IStorage storage, string path, JournalKey? key)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[10..], Instance);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], Crc);
        if (key is not null)
        {
            Hash32 mac = key.Sign(bytes[..MacOffset]);
            ((ReadOnlySpan<byte>)mac).CopyTo(bytes[MacOffset..]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes[CrcOffset..], Crc32C.Append(0, bytes[..CrcOffset]));
        return DurableFile.Replace(storage, path, bytes);
    }
}
