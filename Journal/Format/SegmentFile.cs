using System;
using System.IO;
using LowLatency.Journal.Archive;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Format;

/// <summary>A segment opened for examination: its pages are read, its records not yet.</summary>
internal sealed class SegmentFile : IDisposable
{
    private const int ChunkRecords = 2048;

    private SegmentFile(IStorageFile file, string name)
    {
        File = file;
        Name = name;
    }

    public IStorageFile File { get; }

    public string Name { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; private set; }

    /// <summary>The header; meaningful only while <see cref="HeaderProblem"/> is null.</summary>
    public SegmentHeader Header { get; private set; }

    /// <summary>Why there is no header, or null.</summary>
    public string? HeaderProblem { get; private set; }

    /// <summary>True when the header page is all zero or beyond the end of the file.</summary>
    public bool HeaderIsBlank { get; private set; }

    /// <summary>The footer; meaningful only while <see cref="IsSealed"/>.</summary>
    public SegmentFooter Footer { get; private set; }

    /// <summary>Why there is no footer, or null.</summary>
    public string? FooterProblem { get; private set; }

    /// <summary>True when the footer page is all zero or beyond the end of the file: the segment was never sealed.</summary>
    public bool FooterIsBlank { get; private set; }

    /// <summary>True when the footer is whole.</summary>
    public bool IsSealed => HeaderProblem is null && FooterProblem is null;

    /// <summary>True when the bytes come from the segment's archive.</summary>
    public bool IsArchived => File is ArchiveFile;

    /// <summary>Bytes of the file that holds it: fewer than <see cref="Length"/> when it is archived.</summary>
    public long DiskBytes => File is ArchiveFile archive ? archive.DiskBytes : Length;

    /// <summary>Opens the file, for reading also its archive, and reads its two pages.</summary>
    public static StorageError? Open(
        IStorage storage, string directory, string name, OpenMode mode, out SegmentFile? segment)
    {
        segment = null;
        StorageError? error = storage.Open(Path.Combine(directory, name), mode, out IStorageFile? file);
        if (error?.Errno == Errno.ENOENT && mode == OpenMode.Read)
        {
            error = OpenArchive(storage, directory, name, error, out file);
        }

        if (error is not null)
        {
            return error;
        }

        SegmentFile opened = new(file!, name);
        if (opened.Load() is { } failed)
        {
            opened.Dispose();
            return failed;
        }

        segment = opened;
        return null;
    }

    /// <summary>Looks for a byte other than zero after the header page.</summary>
    public StorageError? HasData(out bool found)
    {
        found = false;
        byte[] buffer = new byte[(int)Math.Clamp(Length, 1, StorageCalls.ZeroChunk)];
        for (long offset = SegmentLayout.PageSize; offset < Length; offset += buffer.Length)
        {
            if (File.ReadFully(offset, buffer, out int read) is { } error)
            {
                return error;
            }

            if (!Record.IsZero(buffer.AsSpan(0, read)))
            {
                found = true;
                return null;
            }
        }

        return null;
    }

    /// <summary>Looks for a record that carries the number of its place: one that was written into this segment.</summary>
    public StorageError? HasRecords(out bool found)
    {
        found = false;
        byte[] buffer = new byte[ChunkRecords * SegmentLayout.RecordSize];
        for (long index = 0; index < Header.Capacity; index += ChunkRecords)
        {
            if (File.ReadFully(SegmentLayout.RecordOffset(index), buffer, out int read) is { } error)
            {
                return error;
            }

            int records = (int)Math.Min(read / SegmentLayout.RecordSize, Header.Capacity - index);
            for (int i = 0; i < records; i++)
            {
                ReadOnlySpan<byte> record = buffer.AsSpan(i * SegmentLayout.RecordSize, SegmentLayout.RecordSize);
                found |= !Record.IsZero(record) && Record.Number(record, Header.Kind) == Header.First + index + i;
            }
        }

        return null;
    }

    public void Dispose() => File.Dispose();

    private static StorageError? OpenArchive(
        IStorage storage, string directory, string name, StorageError absent, out IStorageFile? file)
    {
        file = null;
        StreamKind kind = SegmentLayout.IsSegment(StreamKind.Audit, name) ? StreamKind.Audit : StreamKind.Journal;
        if (!SegmentLayout.TryParseName(kind, name, out long first))
        {
            return absent;
        }

        string path = Path.Combine(directory, SegmentLayout.ArchiveName(kind, first));
        StorageError? error = ArchiveFile.Open(storage, path, kind, first, out ArchiveFile? archive);
        file = archive;
        return error?.Errno == Errno.ENOENT ? absent : error;
    }

    private StorageError? Load()
    {
        byte[] page = new byte[SegmentLayout.PageSize];
        if (File.Length(out long length) is { } noLength)
        {
            return noLength;
        }

        Length = length;
        if (File.ReadFully(0, page, out _) is { } notRead)
        {
            return notRead;
        }

        HeaderIsBlank = Record.IsZero(page);
        HeaderProblem = SegmentHeader.Read(page, out SegmentHeader header);
        Header = header;
        if (HeaderProblem is not null)
        {
            FooterProblem = HeaderProblem;
            return null;
        }

        Array.Clear(page);
        if (File.ReadFully(SegmentLayout.FooterOffset(header.Capacity), page, out _) is { } noFooter)
        {
            return noFooter;
        }

        FooterIsBlank = Record.IsZero(page);
        FooterProblem = SegmentFooter.Read(page, out SegmentFooter footer);
        Footer = footer;
        if (FooterProblem is null && (footer.Count < 0 || footer.Count > header.Capacity))
        {
            FooterProblem = "footer count out of range";
        }

        return null;
    }
}
