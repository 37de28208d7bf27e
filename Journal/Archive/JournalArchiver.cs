using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Archive;

/// <summary>What became of one segment.</summary>
/// <param name="Segment">Its name.</param>
/// <param name="Bytes">Bytes of the segment.</param>
/// <param name="ArchiveBytes">Bytes of its archive.</param>
public sealed record ArchivedSegment(string Segment, long Bytes, long ArchiveBytes);

/// <summary>What an archiving came to.</summary>
public sealed class ArchiveReport
{
    private readonly List<ArchivedSegment> _archived = [];

    /// <summary>The segments that are archived now and were not before.</summary>
    public IReadOnlyList<ArchivedSegment> Archived => _archived;

    /// <summary>Segments that had been archived before.</summary>
    public int Before { get; internal set; }

    /// <summary>Segments left as they are: not sealed yet, or the last of the stream.</summary>
    public int Left { get; internal set; }

    /// <summary>Why the work ended early; null when it did not. What is archived by then stays so.</summary>
    public string? Problem { get; internal set; }

    internal void Add(ArchivedSegment segment) => _archived.Add(segment);
}

/// <summary>
/// Packs sealed segments. Everything reads an archive as it would the segment. A segment goes away only after its archive
/// was synced, read back and found to hold the same bytes, and after the archive's name was synced. Cut off anywhere, the
/// stream is sound: a half-made archive has another name, and a segment goes before its archive. An engine may run
/// meanwhile, for it no longer writes to a sealed segment.
/// </summary>
public static class JournalArchiver
{
    /// <summary>The one archiving of a directory at a time holds this.</summary>
    public const string LockName = "archive.lock";

    /// <summary>An archive that is being made.</summary>
    public const string PartName = "archive.part";

    /// <summary>Archives every sealed segment of a stream but its last.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="kind">The stream.</param>
    /// <param name="keep">Segments at the end of the stream to leave as they are; at least 1.</param>
    /// <returns>What was done.</returns>
    public static ArchiveReport Run(IStorage storage, string directory, StreamKind kind, int keep = 1)
    {
        ArchiveReport report = new();
        string path = Path.Combine(directory, LockName);
        if (storage.Open(path, OpenMode.OpenOrCreate, out IStorageFile? held) is { } notOpen)
        {
            report.Problem = notOpen.ToString();
            return report;
        }

        using (held!)
        {
            report.Problem = held!.Lock() is { } locked
                ? locked.Errno == Errno.EAGAIN ? directory + " is being archived by another process" : locked.ToString()
                : All(storage, directory, kind, Math.Max(1, keep), report);
        }

        return report;
    }

    private static string? All(IStorage storage, string directory, StreamKind kind, int keep, ArchiveReport report)
    {
        if (SegmentListing.Read(storage, directory, kind, out List<SegmentEntry> segments, out _) is { } error)
        {
            return error.ToString();
        }

        // What is retired is on its way out.
        if (StreamBase.Read(storage, directory, kind, null, out StreamBase? start, out string? damaged) is { } noBase)
        {
            return noBase.ToString();
        }

        if (damaged is not null)
        {
            return StreamBase.FileName(kind) + ": " + damaged;
        }

        _ = segments.RemoveAll(segment => segment.First < start?.First);

        // What an archiving that was cut off left behind.
        string part = Path.Combine(directory, PartName);
        if (storage.Delete(part) is { } notDeleted && notDeleted.Errno != Errno.ENOENT)
        {
            return notDeleted.ToString();
        }

        using ArchiveCodec codec = new(kind);
        for (int i = 0; i < segments.Count; i++)
        {
            SegmentEntry entry = segments[i];
            if (!entry.HasPlain)
            {
                report.Before++;
                continue;
            }

            if (SegmentFile.Open(storage, directory, entry.Name, OpenMode.Read, out SegmentFile? file) is { } unread)
            {
                // Retention may take a segment away at any time.
                if (unread.Errno == Errno.ENOENT)
                {
                    continue;
                }

                return unread.ToString();
            }

            using (file!)
            {
                if (!file!.IsSealed || i >= segments.Count - keep)
                {
                    report.Left++;
                    continue;
                }

                if (One(storage, directory, kind, file, codec, out long packed) is { } problem)
                {
                    return problem;
                }

                report.Add(new ArchivedSegment(entry.Name, file.Length, packed));
            }
        }

        return null;
    }

    private static string? One(
        IStorage storage, string directory, StreamKind kind, SegmentFile segment, ArchiveCodec codec, out long packed)
    {
        packed = 0;
        SegmentHeader header = segment.Header;
        if (segment.Length != SegmentLayout.FileLength(header.Capacity)
            || segment.Name != SegmentLayout.Name(kind, header.First))
        {
            return segment.Name + ": its length or name is not what its header says; verify the journal";
        }

        // Damage is not packed away: what is archived was whole.
        if (SegmentScan.Run(segment, segment.Footer.PreviousHash, out SegmentScan scan) is { } unread)
        {
            return unread.ToString();
        }

        if (scan.BadReason is not null
            || scan.Valid != segment.Footer.Count
            || scan.Hash != segment.Footer.Hash)
        {
            return segment.Name + " is damaged and stays as it is; verify the journal";
        }

        string part = Path.Combine(directory, PartName);
        string archive = Path.Combine(directory, SegmentLayout.ArchiveName(kind, header.First));
        string plain = Path.Combine(directory, segment.Name);
        StorageError? error = Write(storage, part, kind, segment, codec, out Hash32 hash, out packed);
        if (error is null && ReadsBack(storage, part, kind, header.First, hash) is { } wrong)
        {
            error = wrong;
        }

        if (error is not null)
        {
            _ = storage.Delete(part);
            return error.ToString();
        }

        error = storage.Rename(part, archive) ?? storage.SyncDirectory(directory);
        if (error is not null)
        {
            return error.ToString();
        }

        if (storage.Delete(plain) is { } notDeleted)
        {
            // Taken away by retention meanwhile: then its archive must not come back either.
            error = notDeleted.Errno == Errno.ENOENT ? storage.Delete(archive) : notDeleted;
        }

        return (error ?? storage.SyncDirectory(directory))?.ToString();
    }

    private static StorageError? Write(
        IStorage storage,
        string path,
        StreamKind kind,
        SegmentFile segment,
        ArchiveCodec codec,
        out Hash32 hash,
        out long packed)
    {
        hash = default;
        packed = 0;
        if (storage.Open(path, OpenMode.CreateNew, out IStorageFile? file) is { } error)
        {
            return error;
        }

        using (file!)
        using (IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            byte[] block = new byte[ArchiveHeader.BlockBytes];
            int blocks = (int)((segment.Length + ArchiveHeader.BlockBytes - 1) / ArchiveHeader.BlockBytes);
            byte[] index = new byte[blocks * ArchiveHeader.EntryBytes];
            long at = SegmentLayout.PageSize;
            for (int i = 0; i < blocks; i++)
            {
                long offset = (long)i * ArchiveHeader.BlockBytes;
                Span<byte> bytes = block.AsSpan(0, (int)Math.Min(ArchiveHeader.BlockBytes, segment.Length - offset));
                if (segment.File.ReadFully(offset, bytes, out int read) is { } unread)
                {
                    return unread;
                }

                if (read != bytes.Length)
                {
                    return new StorageError("pread", segment.File.Path, Errno.EIO);
                }

                sha.AppendData(bytes);
                ReadOnlySpan<byte> small = codec.Pack(bytes);
                Span<byte> entry = index.AsSpan(i * ArchiveHeader.EntryBytes, ArchiveHeader.EntryBytes);
                BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)small.Length);
                BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], Crc32C.Append(0, small));
                if (file!.WriteFully(at, small) is { } notWritten)
                {
                    return notWritten;
                }

                at += small.Length;
            }

            _ = sha.GetHashAndReset(hash);
            byte[] page = new byte[SegmentLayout.PageSize];
            new ArchiveHeader
            {
                Kind = kind,
                First = segment.Header.First,
                Length = segment.Length,
                IndexOffset = at,
                IndexCrc = Crc32C.Append(0, index),
                Hash = hash,
            }.Write(page);
            packed = at + index.Length;
            return file!.WriteFully(at, index) ?? file!.WriteFully(0, page) ?? file!.Sync() ?? file!.Close();
        }
    }

    /// <summary>The archive as every reader will see it, against the hash of what was packed.</summary>
    private static StorageError? ReadsBack(IStorage storage, string path, StreamKind kind, long first, in Hash32 hash)
    {
        if (ArchiveFile.Open(storage, path, kind, first, out ArchiveFile? archive) is { } error)
        {
            return error;
        }

        using (archive!)
        using (IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            byte[] block = new byte[ArchiveHeader.BlockBytes];
            for (long offset = 0; offset < archive!.Header.Length; offset += block.Length)
            {
                if (archive.ReadFully(offset, block, out int read) is { } unread)
                {
                    return unread;
                }

                sha.AppendData(block.AsSpan(0, read));
            }

            Hash32 again = default;
            _ = sha.GetHashAndReset(again);
            return again == hash
                ? null
                : new StorageError("unpack", path, Errno.EBADMSG);
        }
    }
}
