using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using LowLatency.Journal.Native;

namespace LowLatency.Tests.Journal.Support;

/// <summary>A file's bytes: what its readers see, what is behind a sync, and the writes between the two.</summary>
internal sealed class FaultyNode
{
    public const int Sector = 512;

    private byte[] _bytes = [];
    private bool _shared;
    private bool _pinned;

    // Content at a sync that failed: what is still the same was marked clean then, and no later sync writes it.
    private byte[]? _forgotten;

    /// <summary>What readers see. To be changed only after <see cref="Own"/>.</summary>
    public byte[] Bytes => _bytes;

    /// <summary>What a power cut cannot take.</summary>
    public byte[] Synced { get; private set; } = [];

    /// <summary>Writes since the last sync, oldest first. Stores into a mapping are not among them.</summary>
    public List<(int Offset, byte[] Data)> Writes { get; } = [];

    public bool IsLocked { get; set; }

    /// <summary>True when everything that readers see is behind a sync.</summary>
    public bool IsClean => ReferenceEquals(_bytes, Synced) || (Writes.Count == 0 && _bytes.AsSpan().SequenceEqual(Synced));

    public static FaultyNode Of(byte[] content) => Shared((byte[])content.Clone());

    /// <summary>A durable file on an array that nobody else changes.</summary>
    public static FaultyNode Shared(byte[] content) => new() { _bytes = content, Synced = content, _shared = true };

    /// <summary>The bytes, to be changed.</summary>
    public byte[] Own()
    {
        if (_shared)
        {
            _bytes = (byte[])_bytes.Clone();
            _shared = false;
        }

        return _bytes;
    }

    /// <summary>The bytes at an address that does not move.</summary>
    public byte[] Pin()
    {
        if (!_pinned)
        {
            byte[] pinned = GC.AllocateUninitializedArray<byte>(_bytes.Length, pinned: true);
            _bytes.CopyTo(pinned, 0);
            _bytes = pinned;
            _shared = false;
            _pinned = true;
        }

        return _bytes;
    }

    public void Resize(long length)
    {
        if (length > _bytes.Length)
        {
            byte[] larger = _pinned ? GC.AllocateArray<byte>((int)length, pinned: true) : new byte[length];
            _bytes.CopyTo(larger, 0);
            _bytes = larger;
            _shared = false;
        }
    }

    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        Resize(offset + data.Length);
        data.CopyTo(Own().AsSpan(offset));
        Writes.Add((offset, data.ToArray()));
    }

    /// <summary>A sync that succeeds. What an earlier failed one has dropped stays lost, as on Linux.</summary>
    public void Sync()
    {
        if (_forgotten is null)
        {
            if (!ReferenceEquals(_bytes, Synced))
            {
                Synced = (byte[])_bytes.Clone();
            }
        }
        else
        {
            byte[] synced = (byte[])_bytes.Clone();
            for (int at = 0; at < synced.Length; at += Sector)
            {
                Span<byte> sector = synced.AsSpan(at, Math.Min(Sector, synced.Length - at));
                if (at + sector.Length <= _forgotten.Length && sector.SequenceEqual(_forgotten.AsSpan(at, sector.Length)))
                {
                    sector.Clear();
                    Old(Synced, at, sector.Length).CopyTo(sector);
                }
            }

            Synced = synced;
        }

        Writes.Clear();
    }

    /// <summary>A sync that fails: the pages count as clean from now on, though they are not on the disk.</summary>
    public void FailSync() => _forgotten = (byte[])_bytes.Clone();

    /// <summary>The part of an older, perhaps shorter content that lies in a sector.</summary>
    internal static ReadOnlySpan<byte> Old(byte[] content, int at, int length) =>
        at >= content.Length ? default : content.AsSpan(at, Math.Min(length, content.Length - at));
}

/// <summary>An open file of a <see cref="FaultyStorage"/>.</summary>
internal sealed class FaultyFile(FaultyStorage owner, string path, FaultyNode node) : IStorageFile
{
    private readonly int _process = owner.Process;
    private bool _closed;
    private bool _locks;

    public string Path => path;

    public StorageError? Length(out long length)
    {
        length = node.Bytes.Length;
        return Check("lseek");
    }

    public StorageError? Allocate(long length)
    {
        StorageError? error = Check("fallocate");
        if (error is null)
        {
            node.Resize(length);
        }

        return error;
    }

    public StorageError? Read(long offset, Span<byte> destination, out int read)
    {
        read = 0;
        if (Check("pread") is { } error)
        {
            return error;
        }

        read = owner.Part((int)Math.Clamp(node.Bytes.Length - offset, 0, destination.Length));
        node.Bytes.AsSpan((int)Math.Min(offset, node.Bytes.Length), read).CopyTo(destination);
        return null;
    }

    public StorageError? Write(long offset, ReadOnlySpan<byte> source, out int written)
    {
        written = 0;
        if (Check("pwrite") is { } error)
        {
            return error;
        }

        written = owner.Part(source.Length);
        node.Write((int)offset, source[..written]);
        return null;
    }

    public StorageError? Map(long length, out IStorageMapping? mapping)
    {
        mapping = null;
        if (Check("mmap") is { } error)
        {
            return error;
        }

        mapping = new Mapping(owner, path, node.Pin(), length);
        return null;
    }

    public StorageError? Sync()
    {
        if (Check("fdatasync") is { } error)
        {
            // A descriptor that is no longer there reaches no page.
            if (!_closed && _process == owner.Process)
            {
                node.FailSync();
            }

            return error;
        }

        node.Sync();
        return null;
    }

    public StorageError? Protection(out FileProtection protection)
    {
        protection = new FileProtection(IsRegular: true, IsOwn: true, 0x100);
        return Check("statx");
    }

    public StorageError? Lock()
    {
        if (Check("flock") is { } error)
        {
            return error;
        }

        if (node.IsLocked && !_locks)
        {
            return new StorageError("flock", path, Errno.EAGAIN);
        }

        node.IsLocked = _locks = true;
        return null;
    }

    public StorageError? Close()
    {
        if (_closed || _process != owner.Process)
        {
            return null;
        }

        _closed = true;
        node.IsLocked &= !_locks;
        return owner.Count("close", path);
    }

    public void Dispose() => _ = Close();

    private StorageError? Check(string call) => _closed || _process != owner.Process
        ? new StorageError(call, path, Errno.EBADF)
        : owner.Count(call, path);

    private sealed unsafe class Mapping(FaultyStorage owner, string path, byte[] pinned, long length) : IStorageMapping
    {
        private readonly int _process = owner.Process;

        public byte* Address => (byte*)Unsafe.AsPointer(ref pinned[0]);

        public long Length => length;

        public StorageError? Unmap() => _process == owner.Process ? owner.Count("munmap", path) : null;
    }
}
