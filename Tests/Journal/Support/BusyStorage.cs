using System;
using LowLatency.Journal.Native;

namespace LowLatency.Tests.Journal.Support;

/// <summary>Storage beside which somebody else works: before chosen calls of open, that is done.</summary>
internal sealed class BusyStorage(IStorage honest, Action<int> before) : IStorage
{
    private int _opens;

    public int Opens => _opens;

    public StorageError? CreateDirectory(string path) => honest.CreateDirectory(path);

    public StorageError? Open(string path, OpenMode mode, out IStorageFile? file)
    {
        before(_opens++);
        return honest.Open(path, mode, out file);
    }

    public StorageError? List(string directory, out string[] names) => honest.List(directory, out names);

    public StorageError? Delete(string path) => honest.Delete(path);

    public StorageError? Rename(string from, string to) => honest.Rename(from, to);

    public StorageError? SyncDirectory(string directory) => honest.SyncDirectory(directory);
}
