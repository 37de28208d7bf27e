using System;
using System.Buffers.Binary;
using System.IO;
using LowLatency.Core.Formats;
using LowLatency.Core.Values;
using LowLatency.Journal.Native;

namespace LowLatency.Journal;

/// <summary>
/// The run number, made durable before the first event of a run: client order ids never repeat, even if the whole tail
/// of the journal is lost.
/// </summary>
/// <remarks>
/// 64 bytes: magic 8, version 2, instance 2, epoch 4, zero 44, CRC-32C 4. Replaced by write, sync, rename, directory sync.
/// </remarks>
public static class EpochFile
{
    /// <summary>The file.</summary>
    public const string FileName = "epoch";

    /// <summary>Bytes of the file.</summary>
    public const int Size = 64;

    private const ushort Version = 1;

    private static ReadOnlySpan<byte> Magic => "LLEPOCH1"u8;

    /// <summary>Reads the last run number.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="instance">The instance it must belong to.</param>
    /// <param name="epoch">The number; 0 when no run has begun.</param>
    /// <returns>Null, or why it cannot be known: a damaged file is never taken for a new one.</returns>
    public static string? Read(IStorage storage, string directory, ushort instance, out int epoch)
    {
        epoch = 0;
        string path = Path.Combine(directory, FileName);
        if (storage.Open(path, OpenMode.Read, out IStorageFile? file) is { } notOpened)
        {
            return notOpened.Errno == Errno.ENOENT ? null : notOpened.ToString();
        }

        byte[] bytes = new byte[Size + 1];
        StorageError? error = file!.ReadFully(0, bytes, out int read);
        StorageError? notClosed = file!.Close();
        if ((error ?? notClosed) is { } failed)
        {
            return failed.ToString();
        }

        ReadOnlySpan<byte> content = bytes.AsSpan(0, Size);
        if (read != Size
            || !content.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(content[60..]) != Crc32C.Append(0, content[..60]))
        {
            return path + ": damaged epoch file";
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(content[8..]) != Version)
        {
            return path + ": unknown version of the epoch file";
        }

        ushort owner = BinaryPrimitives.ReadUInt16LittleEndian(content[10..]);
        if (owner != instance)
        {
            return path + ": belongs to instance " + owner + ", not " + instance;
        }

        epoch = BinaryPrimitives.ReadInt32LittleEndian(content[12..]);
        return null;
    }

    /// <summary>Takes the next run number and makes it durable.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory; it exists.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="above">A number known to be used, such as that of the journal's last segment.</param>
    /// <param name="epoch">The new number.</param>
    /// <returns>Null, or why the run must not begin.</returns>
    public static string? Advance(IStorage storage, string directory, ushort instance, int above, out int epoch)
    {
        epoch = 0;
        if (Read(storage, directory, instance, out int last) is { } unknown)
        {
            return unknown;
        }

        int next = Math.Max(last, above) + 1;
        if (next > OrderId.EpochMax)
        {
            return "all " + OrderId.EpochMax + " run numbers of this directory are used: retire it";
        }

        byte[] content = new byte[Size];
        Magic.CopyTo(content);
        BinaryPrimitives.WriteUInt16LittleEndian(content.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(content.AsSpan(10), instance);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(12), next);
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(60), Crc32C.Append(0, content.AsSpan(0, 60)));
        if (DurableFile.Replace(storage, Path.Combine(directory, FileName), content) is { } error)
        {
            return error.ToString();
        }

        epoch = next;
        return null;
    }
}
