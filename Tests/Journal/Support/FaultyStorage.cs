using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Determinism;
using LowLatency.Journal.Native;

namespace LowLatency.Tests.Journal.Support;

/// <summary>
/// A file system in memory. What is written, or stored into a mapping, is not durable until a sync; what is created,
/// deleted or renamed is not durable until the directory is synced. It fails a chosen call with a chosen errno, and it
/// makes crash images: any subset of the unsynced 512-byte sectors is lost, kept or torn.
/// </summary>
internal sealed class FaultyStorage : IStorage
{
    public const int Sector = 512;

    private readonly Dictionary<string, Node> _present = [];
    private readonly Dictionary<string, Node> _durable = [];
    private readonly HashSet<string> _directories = [];

    /// <summary>Calls so far.</summary>
    public int Calls { get; private set; }

    /// <summary>The call that fails, counted from 1; 0 for none.</summary>
    public int FailAt { get; set; }

    /// <summary>The errno of the failing call; 0 makes a write short instead.</summary>
    public int FailWith { get; set; } = Errno.EIO;

    /// <summary>All calls from the failing one on fail.</summary>
    public bool FailsForever { get; set; }

    /// <summary>Only calls of this name count; null for all.</summary>
    public string? FailOnly { get; set; }

    /// <summary>Name of the call that failed last.</summary>
    public string? Failed { get; private set; }

    public StorageError? CreateDirectory(string path)
    {
        StorageError? error = Count("mkdir", path);
        if (error is null)
        {
            _ = _directories.Add(path);
        }

        return error;
    }

    public StorageError? Open(string path, OpenMode mode, out IStorageFile? file)
    {
        file = null;
        if (Count("open", path) is { } error)
        {
            return error;
        }

        bool exists = _present.TryGetValue(path, out Node? node);
        if (exists && mode == OpenMode.CreateNew)
        {
            return new StorageError("open", path, Errno.EEXIST);
        }

        if (!exists && mode is OpenMode.Read or OpenMode.ReadWrite && node is null)
        {
            return new StorageError("open", path, Errno.ENOENT);
        }

        if (node is null)
        {
            node = new Node();
            _present[path] = node;
        }

        file = new OpenFile(this, path, node);
        return null;
    }

    public StorageError? List(string directory, out string[] names)
    {
        names = [];
        if (Count("readdir", directory) is { } error)
        {
            return error;
        }

        List<string> found = [];
        foreach (string path in _present.Keys)
        {
            if (Path.GetDirectoryName(path) == directory)
            {
                found.Add(Path.GetFileName(path));
            }
        }

        found.Sort(StringComparer.Ordinal);
        names = [.. found];
        return null;
    }

    public StorageError? Delete(string path) =>
        Count("unlink", path) ?? (_present.Remove(path) ? null : new StorageError("unlink", path, Errno.ENOENT));

    public StorageError? Rename(string from, string to)
    {
        StorageError? error = Count("rename", from);
        if (error is null)
        {
            _present[to] = _present[from];
            _ = _present.Remove(from);
        }

        return error;
    }

    public StorageError? SyncDirectory(string directory)
    {
        if (Count("fsync", directory) is { } error)
        {
            return error;
        }

        _durable.Clear();
        foreach ((string path, Node node) in _present)
        {
            _durable[path] = node;
        }

        return null;
    }

    /// <summary>The whole content of a file, to be read or changed by a test.</summary>
    public byte[] Content(string path) => _present[path].Bytes;

    /// <summary>Replaces a file's content, durably.</summary>
    public void Put(string path, byte[] content) => _present[path] = _durable[path] = Node.Of(content);

    /// <summary>Removes a file, durably.</summary>
    public void Remove(string path)
    {
        _ = _present.Remove(path);
        _ = _durable.Remove(path);
    }

    public IEnumerable<string> Paths => _present.Keys;

    /// <summary>The state of the disk after a crash of the process: nothing is lost.</summary>
    public FaultyStorage AfterKill()
    {
        FaultyStorage image = new();
        foreach ((string path, Node node) in _present)
        {
            image.Put(path, (byte[])node.Bytes.Clone());
        }

        return image;
    }

    /// <summary>A state of the disk that a power cut may leave now.</summary>
    public FaultyStorage AfterPowerCut(ref Xoshiro256 dice)
    {
        FaultyStorage image = new();
        HashSet<string> paths = [.. _present.Keys, .. _durable.Keys];
        List<string> ordered = [.. paths];
        ordered.Sort(StringComparer.Ordinal);
        foreach (string path in ordered)
        {
            _ = _present.TryGetValue(path, out Node? present);
            _ = _durable.TryGetValue(path, out Node? durable);
            Node? survivor = ReferenceEquals(present, durable) || dice.NextBelow(2) == 0 ? present : durable;
            if (survivor is not null)
            {
                image.Put(path, survivor.AfterPowerCut(ref dice));
            }
        }

        return image;
    }

    private StorageError? Count(string call, string path)
    {
        if (FailOnly is not null && FailOnly != call)
        {
            return null;
        }

        Calls++;
        bool fails = FailAt > 0 && (FailsForever ? Calls >= FailAt : Calls == FailAt);
        if (fails)
        {
            Failed = call;
        }

        return fails && FailWith != 0 ? new StorageError(call, path, FailWith) : null;
    }

    private bool IsShort => FailAt > 0 && FailWith == 0 && Calls == FailAt;

    private sealed class Node
    {
        public byte[] Bytes = GC.AllocateArray<byte>(0, pinned: true);
        public byte[] Synced = [];
        public bool IsLocked;

        public static Node Of(byte[] content)
        {
            Node node = new() { Synced = (byte[])content.Clone() };
            node.Resize(content.Length);
            content.CopyTo(node.Bytes, 0);
            return node;
        }

        public void Resize(long length)
        {
            if (length > Bytes.Length)
            {
                byte[] larger = GC.AllocateArray<byte>((int)length, pinned: true);
                Bytes.CopyTo(larger, 0);
                Bytes = larger;
            }
        }

        public byte[] AfterPowerCut(ref Xoshiro256 dice)
        {
            // The length is metadata: an unsynced growth may be lost as well.
            bool grown = Bytes.Length > Synced.Length;
            byte[] image = new byte[grown && dice.NextBelow(2) == 0 ? Synced.Length : Bytes.Length];
            Synced.AsSpan(0, Math.Min(Synced.Length, image.Length)).CopyTo(image);

            // Three moods, so that whole batches lost, whole batches kept and every mixture all occur often.
            int mood = (int)dice.NextBelow(4);
            for (int offset = 0; offset < image.Length; offset += Sector)
            {
                int length = Math.Min(Sector, image.Length - offset);
                Span<byte> old = image.AsSpan(offset, length);
                ReadOnlySpan<byte> fresh = Bytes.AsSpan(offset, length);
                if (old.SequenceEqual(fresh))
                {
                    continue;
                }

                long fate = mood switch { 0 => 0, 1 => 1, _ => dice.NextBelow(3) };
                int cut = (int)dice.NextBelow(length + 1);
                switch (fate)
                {
                    case 0:
                        break;
                    case 1:
                        fresh.CopyTo(old);
                        break;
                    default:
                        if (dice.NextBelow(2) == 0)
                        {
                            fresh[..cut].CopyTo(old);
                        }
                        else
                        {
                            fresh[cut..].CopyTo(old[cut..]);
                        }

                        break;
                }
            }

            return image;
        }
    }

    private sealed class OpenFile(FaultyStorage owner, string path, Node node) : IStorageFile
    {
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

            int available = (int)Math.Clamp(node.Bytes.Length - offset, 0, destination.Length);
            read = owner.IsShort ? (available + 1) / 2 : available;
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

            written = owner.IsShort ? (source.Length + 1) / 2 : source.Length;
            node.Resize(offset + written);
            source[..written].CopyTo(node.Bytes.AsSpan((int)offset));
            return null;
        }

        public StorageError? Map(long length, out IStorageMapping? mapping)
        {
            mapping = null;
            if (Check("mmap") is { } error)
            {
                return error;
            }

            mapping = new Mapping(node, length);
            return null;
        }

        public StorageError? Sync()
        {
            if (Check("fdatasync") is { } error)
            {
                return error;
            }

            node.Synced = (byte[])node.Bytes.Clone();
            return null;
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
            if (_closed)
            {
                return null;
            }

            _closed = true;
            node.IsLocked &= !_locks;
            return owner.Count("close", path);
        }

        public void Dispose() => _ = Close();

        private StorageError? Check(string call) =>
            _closed ? new StorageError(call, path, Errno.EBADF) : owner.Count(call, path);
    }

    private sealed unsafe class Mapping(Node node, long length) : IStorageMapping
    {
        private readonly byte[] _pinned = node.Bytes;

        public byte* Address => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _pinned[0]);

        public long Length => length;

        public StorageError? Unmap() => null;
    }
}
