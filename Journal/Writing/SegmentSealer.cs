using System;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>Writes the footer that closes a segment.</summary>
internal static class SegmentSealer
{
    private const int ChunkBytes = 1 << 20;

    // Kept by the thread that seals: a new one for every segment would be all the garbage that an engine makes.
    [ThreadStatic]
    private static byte[]? _chunk;

    /// <summary>Takes the hash of a segment from its file.</summary>
    public static StorageError? Hash(
        IStorageFile file, in SegmentHeader header, long count, in Hash32 previous, out Hash32 result)
    {
        result = default;
        using SegmentHash hash = new();
        hash.Start(header);
        byte[] buffer = _chunk ??= new byte[ChunkBytes];
        long offset = SegmentLayout.RecordOffset(0);
        long end = SegmentLayout.RecordOffset(count);
        while (offset < end)
        {
            Span<byte> chunk = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - offset));
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

        result = hash.Finish(previous);
        return null;
    }

    /// <summary>Syncs the records, then writes and syncs the footer: a footer that is there proves that all before it is.</summary>
    public static StorageError? Seal(
        IStorageFile file, int capacity, long count, uint lastCrc, in Hash32 hash, in Hash32 previous)
    {
        if (file.Sync() is { } notSynced)
        {
            return notSynced;
        }

        Span<byte> page = stackalloc byte[SegmentLayout.PageSize];
        new SegmentFooter { Count = count, LastCrc = lastCrc, Hash = hash, PreviousHash = previous }.Write(page);
        return file.WriteFully(SegmentLayout.FooterOffset(capacity), page) ?? file.Sync();
    }
}
