using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Determinism;
using LowLatency.Journal.Native;

namespace LowLatency.Tests.Journal.Support;

/// <summary>
/// A file system in memory. What is written, or stored into a mapping, is not durable until a sync of the file; what is
/// created, deleted or renamed is not durable until a sync of the directory. It fails a chosen call with a chosen errno,
/// it lets the process die, and it makes the images that a power cut may leave (<see cref="PowerCut"/>).
/// </summary>
internal sealed class FaultyStorage : IStorage
{
    public const int Sector = FaultyNode.Sector;

    private readonly Dictionary<string, FaultyNode> _present = [];
    private readonly Dictionary<string, FaultyNode> _durable = [];
    private readonly List<MetadataChange> _pending = [];
    private readonly HashSet<string> _directories = [];

    /// <summary>Calls so far.</summary>
    public int Calls { get; private set; }

    /// <summary>The call that fails, counted from 1; 0 for none.</summary>
    public int FailAt { get; set; }

    /// <summary>The errno of the failing call; 0 makes a read or a write short instead.</summary>
    public int FailWith { get; set; } = Errno.EIO;

    /// <summary>All calls from the failing one on fail.</summary>
    public bool FailsForever { get; set; }

    /// <summary>Only calls of this name count; null for all.</summary>
    public string? FailOnly { get; set; }

    /// <summary>Name of the call that failed last.</summary>
    public string? Failed { get; private set; }

    /// <summary>Called before each call with its name: a place to cut the power, or to note what was reached.</summary>
    public Action<string>? BeforeCall { get; set; }

    /// <summary>True while nothing reaches the disk: a dead process's objects are being tidied away.</summary>
    public bool IsDown { get; set; }

    /// <summary>Told each failing call and its path.</summary>
    public Action<string, string>? Failing { get; set; }

    /// <summary>The process that has the files open; an older one's descriptors are gone.</summary>
    public int Process { get; private set; }

    public IEnumerable<string> Paths => _present.Keys;

    /// <summary>Directory entries that changed since the last sync of the directory, oldest first.</summary>
    internal IReadOnlyList<MetadataChange> Pending => _pending;

    internal IReadOnlyDictionary<string, FaultyNode> Present => _present;

    internal IReadOnlyDictionary<string, FaultyNode> Durable => _durable;

    internal IReadOnlySet<string> Directories => _directories;

    private bool IsShort => FailAt > 0 && FailWith == 0 && IsFailing;

    private bool IsFailing => FailsForever ? Calls >= FailAt : Calls == FailAt;

    public StorageError? CreateDirectory(string path)
    {
        StorageError? error = Count("mkdir", path);
        if (error is null && _directories.Add(path))
        {
            _pending.Add(new MetadataChange(MetadataKind.MakeDirectory, path, null, null));
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

        bool exists = _present.TryGetValue(path, out FaultyNode? node);
        if (exists && mode == OpenMode.CreateNew)
        {
            return new StorageError("open", path, Errno.EEXIST);
        }

        if (node is null)
        {
            if (mode is OpenMode.Read or OpenMode.ReadWrite)
            {
                return new StorageError("open", path, Errno.ENOENT);
            }

            node = new FaultyNode();
            _present[path] = node;
            _pending.Add(new MetadataChange(MetadataKind.Create, path, null, node));
        }

        file = new FaultyFile(this, path, node);
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
            if (Path.GetDirectoryName(path.AsSpan()).SequenceEqual(directory))
            {
                found.Add(Path.GetFileName(path));
            }
        }

        found.Sort(StringComparer.Ordinal);
        names = [.. found];
        return null;
    }

    public StorageError? Delete(string path)
    {
        if (Count("unlink", path) is { } error)
        {
            return error;
        }

        if (!_present.Remove(path))
        {
            return new StorageError("unlink", path, Errno.ENOENT);
        }

        _pending.Add(new MetadataChange(MetadataKind.Delete, path, null, null));
        return null;
    }

    public StorageError? Rename(string from, string to)
    {
        if (Count("rename", from) is { } error)
        {
            return error;
        }

        if (!_present.Remove(from, out FaultyNode? node))
        {
            return new StorageError("rename", from, Errno.ENOENT);
        }

        _present[to] = node;
        _pending.Add(new MetadataChange(MetadataKind.Rename, from, to, node));
        return null;
    }

    public StorageError? SyncDirectory(string directory)
    {
        if (Count("fsync", directory) is { } error)
        {
            return error;
        }

        foreach (MetadataChange change in _pending)
        {
            if (change.Directory == directory)
            {
                change.Apply(_durable, null);
            }
        }

        _ = _pending.RemoveAll(change => change.Directory == directory);
        return null;
    }

    /// <summary>The whole content of a file, to be read or changed by a test.</summary>
    public byte[] Content(string path) => _present[path].Own();

    /// <summary>The whole content of a file, to be read only.</summary>
    public ReadOnlySpan<byte> Peek(string path) => _present[path].Bytes;

    /// <summary>Replaces a file's content, durably.</summary>
    public void Put(string path, byte[] content)
    {
        _ = _directories.Add(Path.GetDirectoryName(path)!);
        _present[path] = _durable[path] = FaultyNode.Of(content);
    }

    /// <summary>Removes a file, durably.</summary>
    public void Remove(string path)
    {
        _ = _present.Remove(path);
        _ = _durable.Remove(path);
    }

    /// <summary>The process dies: its locks and descriptors go, what it wrote or stored stays, synced or not.</summary>
    public void KillProcess()
    {
        Process++;
        foreach (FaultyNode node in _present.Values)
        {
            node.IsLocked = false;
        }
    }

    /// <summary>The state of the disk after a crash of the process, in a storage of its own: nothing is lost.</summary>
    public FaultyStorage AfterKill()
    {
        FaultyStorage image = new();
        image._directories.UnionWith(_directories);
        foreach ((string path, FaultyNode node) in _present)
        {
            image._present[path] = image._durable[path] = FaultyNode.Of(node.Bytes);
        }

        return image;
    }

    /// <summary>A state of the disk that a power cut may leave now.</summary>
    public FaultyStorage AfterPowerCut(ref Xoshiro256 dice, PowerFates? fates = null) =>
        PowerCut.Random(this, ref dice, fates ?? new PowerFates());

    /// <summary>A storage with the given durable content.</summary>
    internal static FaultyStorage Of(IReadOnlyDictionary<string, FaultyNode> files, IEnumerable<string> directories)
    {
        FaultyStorage image = new();
        image._directories.UnionWith(directories);
        foreach ((string path, FaultyNode node) in files)
        {
            image._present[path] = image._durable[path] = node;
        }

        return image;
    }

    /// <summary>Counts a call and decides whether it fails.</summary>
    internal StorageError? Count(string call, string path)
    {
        if (IsDown)
        {
            return new StorageError(call, path, Errno.EIO);
        }

        BeforeCall?.Invoke(call);
        if (FailOnly is not null && FailOnly != call)
        {
            return null;
        }

        Calls++;
        bool fails = FailAt > 0 && IsFailing;
        if (fails)
        {
            Failed = call;
            Failing?.Invoke(call, path);
        }

        return fails && FailWith != 0 ? new StorageError(call, path, FailWith) : null;
    }

    /// <summary>How much of a read or a write is done: half of it when the call is to be short.</summary>
    internal int Part(int length) => IsShort ? (length + 1) / 2 : length;
}
