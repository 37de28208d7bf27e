using System;
using System.Buffers;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>Writes the footer that closes a segment.</summary>
internal static class SegmentSealer
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Takes the hash of a segment from its file.</summary>
    public static StorageError? Hash(
        IStorageFile file, in SegmentHeader header, long count, in Hash32 previous, out Hash32 result)
    {
        result = default;
        using SegmentHash hash = new();
        hash.Start(header);

        // Rented: a megabyte for each segment would make collections, and those stop the hot thread too.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            if (Add(hash, file, count, buffer) is { } error)
            {
                return error;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        result = hash.Finish(previous);
        return null;
    }

    private static StorageError? Add(SegmentHash hash, IStorageFile file, long count, byte[] buffer)
    {
        long offset = SegmentLayout.RecordOffset(0);
        long end = SegmentLayout.RecordOffset(count);
        while (offset < end)
        {
            Span<byte> chunk = buffer.AsSpan(0, (int)Math.Min(ChunkBytes, end - offset));
            if (file.ReadFully(offset, chunk, out int read) is { } error)
            {
                return error;
            }

            if (read != chunk.Length)
            {
                return new StorageError("pread", file.Path, Errno.EIO);
            }

            hash.Add(chunk);
            offset += read;
        }

        return null;
    }

    /// <summary>Syncs the records, then writes and syncs the footer: a footer that is there proves that all before it is.</summary>
    public static StorageError? Seal(
        IStorageFile file,
        int capacity,
        long count,
        uint lastCrc,
        in Hash32 hash,
        in Hash32 previous,
        JournalKey? key)
    {
        if (file.Sync() is { } notSynced)
        {
            return notSynced;
        }

        Span<byte> page = stackalloc byte[SegmentLayout.PageSize];
        new SegmentFooter { Count = count, LastCrc = lastCrc, Hash = hash, PreviousHash = previous }.Write(page, key);
        return file.WriteFully(SegmentLayout.FooterOffset(capacity), page) ?? file.Sync();
    }
}
