using System;
using System.Buffers.Binary;
using LowLatency.Core.Formats;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Archive;

/// <summary>
/// An archived segment, read as if it were the segment's file: the same bytes at the same offsets. A block is unpacked
/// when it is first touched and kept until another one is. It cannot be changed.
/// </summary>
internal sealed class ArchiveFile : IStorageFile
{
    private readonly IStorageFile _file;
    private readonly long[] _offsets;
    private readonly uint[] _crcs;
    private readonly ArchiveCodec _codec;
    private readonly byte[] _block = new byte[ArchiveHeader.BlockBytes];
    private byte[] _packed = [];
    private int _loaded = -1;

    private ArchiveFile(IStorageFile file, in ArchiveHeader header, long[] offsets, uint[] crcs)
    {
        _file = file;
        Header = header;
        _offsets = offsets;
        _crcs = crcs;
        _codec = new ArchiveCodec(header.Kind);
    }

    public string Path => _file.Path;

    /// <summary>The archive's own first page.</summary>
    public ArchiveHeader Header { get; }

    /// <summary>Bytes of the archive.</summary>
    public long DiskBytes => Header.IndexOffset + ((long)Header.Blocks * ArchiveHeader.EntryBytes);

    /// <summary>Opens an archive. One that is damaged answers EBADMSG.</summary>
    public static StorageError? Open(
        IStorage storage, string path, StreamKind kind, long first, out ArchiveFile? archive)
    {
        archive = null;
        if (storage.Open(path, OpenMode.Read, out IStorageFile? file) is { } error)
        {
            return error;
        }

        error = Load(file!, kind, first, out archive);
        if (error is not null)
        {
            file!.Dispose();
        }

        return error;
    }

    public StorageError? Length(out long length)
    {
        length = Header.Length;
        return null;
    }

    public StorageError? Read(long offset, Span<byte> destination, out int read)
    {
        read = 0;
        if (offset >= Header.Length)
        {
            return null;
        }

        int block = (int)(offset / ArchiveHeader.BlockBytes);
        if (block != _loaded && Unpack(block) is { } error)
        {
            return error;
        }

        int at = (int)(offset % ArchiveHeader.BlockBytes);
        read = Math.Min(destination.Length, BlockLength(block) - at);
        _block.AsSpan(at, read).CopyTo(destination);
        return null;
    }

    public StorageError? Allocate(long length) => ReadOnly("fallocate");

    public StorageError? Write(long offset, ReadOnlySpan<byte> source, out int written)
    {
        written = 0;
        return ReadOnly("pwrite");
    }

    public StorageError? Map(long length, out IStorageMapping? mapping)
    {
        mapping = null;
        return ReadOnly("mmap");
    }

    public StorageError? Sync() => ReadOnly("fdatasync");

    public StorageError? Lock() => ReadOnly("flock");

    public StorageError? Close() => _file.Close();

    public void Dispose()
    {
        _file.Dispose();
        _codec.Dispose();
    }

    private static StorageError? Load(IStorageFile file, StreamKind kind, long first, out ArchiveFile? archive)
    {
        archive = null;
        byte[] page = new byte[SegmentLayout.PageSize];
        if (file.ReadFully(0, page, out int read) is { } error)
        {
            return error;
        }

        if (read != page.Length
            || !ArchiveHeader.TryRead(page, out ArchiveHeader header)
            || header.Kind != kind
            || header.First != first)
        {
            return Damaged(file.Path + ", header");
        }

        byte[] index = new byte[header.Blocks * ArchiveHeader.EntryBytes];
        if (file.ReadFully(header.IndexOffset, index, out read) is { } unread)
        {
            return unread;
        }

        if (read != index.Length || Crc32C.Append(0, index) != header.IndexCrc)
        {
            return Damaged(file.Path + ", index");
        }

        long[] offsets = new long[header.Blocks + 1];
        uint[] crcs = new uint[header.Blocks];
        offsets[0] = SegmentLayout.PageSize;
        for (int i = 0; i < crcs.Length; i++)
        {
            ReadOnlySpan<byte> entry = index.AsSpan(i * ArchiveHeader.EntryBytes, ArchiveHeader.EntryBytes);
            offsets[i + 1] = offsets[i] + BinaryPrimitives.ReadUInt32LittleEndian(entry);
            crcs[i] = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            if (offsets[i + 1] - offsets[i] is < 1 or > 2 * ArchiveHeader.BlockBytes)
            {
                return Damaged(file.Path + ", index");
            }
        }

        if (offsets[^1] != header.IndexOffset)
        {
            return Damaged(file.Path + ", index");
        }

        archive = new ArchiveFile(file, header, offsets, crcs);
        return null;
    }

    private StorageError? Unpack(int block)
    {
        _loaded = -1;
        int length = (int)(_offsets[block + 1] - _offsets[block]);
        if (_packed.Length < length)
        {
            _packed = new byte[length];
        }

        Span<byte> packed = _packed.AsSpan(0, length);
        if (_file.ReadFully(_offsets[block], packed, out int read) is { } error)
        {
            return error;
        }

        if (read != length
            || Crc32C.Append(0, packed) != _crcs[block]
            || !_codec.TryUnpack(packed, _block.AsSpan(0, BlockLength(block))))
        {
            return Damaged(FormattableString.Invariant($"{Path}, block {block}"));
        }

        _loaded = block;
        return null;
    }

    private int BlockLength(int block) =>
        (int)Math.Min(ArchiveHeader.BlockBytes, Header.Length - ((long)block * ArchiveHeader.BlockBytes));

    private StorageError ReadOnly(string call) => new(call, Path, Errno.EROFS);

    private static StorageError Damaged(string where) => new("unpack", where, Errno.EBADMSG);
}
