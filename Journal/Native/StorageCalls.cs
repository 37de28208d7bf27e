using System;
using System.IO;

namespace LowLatency.Journal.Native;

/// <summary>The loops around single calls: short answers are continued, interrupted calls repeated, both bounded.</summary>
public static class StorageCalls
{
    /// <summary>Interruptions in a row after which a call is given up as failed.</summary>
    public const int InterruptionsMax = 1000;

    /// <summary>Bytes that <see cref="Zero"/> writes with one call.</summary>
    public const int ZeroChunk = 1 << 20;

    private static readonly byte[] Zeros = GC.AllocateArray<byte>(ZeroChunk, pinned: true);

    /// <summary>Makes a directory and its entry in the directory above durable; an existing one may not be durable yet.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The directory.</param>
    /// <returns>The error, or null.</returns>
    public static StorageError? MakeDirectory(this IStorage storage, string path)
    {
        string full = Path.GetFullPath(path);
        return storage.CreateDirectory(path)
            ?? (Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(full)) is { } above
                ? storage.SyncDirectory(above)
                : null);
    }

    /// <summary>Writes all bytes.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where.</param>
    /// <param name="source">What.</param>
    /// <returns>The error, or null when every byte is written.</returns>
    public static StorageError? WriteFully(this IStorageFile file, long offset, ReadOnlySpan<byte> source)
    {
        int interruptions = 0;
        while (!source.IsEmpty)
        {
            StorageError? error = file.Write(offset, source, out int written);
            if (error is null && written <= 0)
            {
                // A write that takes nothing and reports nothing would loop for ever.
                error = new StorageError("pwrite", file.Path, Errno.EIO);
            }

            if (error is not null)
            {
                if (error.Errno == Errno.EINTR && ++interruptions <= InterruptionsMax)
                {
                    continue;
                }

                return error;
            }

            interruptions = 0;
            source = source[written..];
            offset += written;
        }

        return null;
    }

    /// <summary>Reads until the destination is full or the file ends.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where.</param>
    /// <param name="destination">What to fill.</param>
    /// <param name="read">Bytes read; less than asked only at the end of the file.</param>
    /// <returns>The error, or null.</returns>
    public static StorageError? ReadFully(this IStorageFile file, long offset, Span<byte> destination, out int read)
    {
        read = 0;
        int interruptions = 0;
        while (read < destination.Length)
        {
            StorageError? error = file.Read(offset + read, destination[read..], out int once);
            if (error is not null)
            {
                if (error.Errno == Errno.EINTR && ++interruptions <= InterruptionsMax)
                {
                    continue;
                }

                return error;
            }

            if (once == 0)
            {
                return null;
            }

            interruptions = 0;
            read += once;
        }

        return null;
    }

    /// <summary>Writes zeros.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">From where.</param>
    /// <param name="length">How many bytes.</param>
    /// <returns>The error, or null.</returns>
    public static StorageError? Zero(this IStorageFile file, long offset, long length)
    {
        while (length > 0)
        {
            int chunk = (int)Math.Min(length, ZeroChunk);
            if (file.WriteFully(offset, Zeros.AsSpan(0, chunk)) is { } error)
            {
                return error;
            }

            offset += chunk;
            length -= chunk;
        }

        return null;
    }
}
