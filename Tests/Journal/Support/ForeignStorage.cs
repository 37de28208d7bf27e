using System;
using LowLatency.Journal.Native;

namespace LowLatency.Tests.Journal.Support;

/// <summary>A storage whose every file is another user's, however it is protected.</summary>
internal sealed class ForeignStorage : IStorage
{
    public StorageError? CreateDirectory(string path) => throw new NotSupportedException();

    public StorageError? Open(string path, OpenMode mode, out IStorageFile? file)
    {
        file = new ForeignFile();
        return null;
    }

    public StorageError? List(string directory, out string[] names) => throw new NotSupportedException();

    public StorageError? Delete(string path) => throw new NotSupportedException();

    public StorageError? Rename(string from, string to) => throw new NotSupportedException();

    public StorageError? SyncDirectory(string directory) => throw new NotSupportedException();
}

/// <summary>Somebody else's file of mode 0400; nothing but its protection can be asked.</summary>
internal sealed class ForeignFile : IStorageFile
{
    public string Path => "/key";

    public StorageError? Length(out long length) => throw new NotSupportedException();

    public StorageError? Allocate(long length) => throw new NotSupportedException();

    public StorageError? Read(long offset, Span<byte> destination, out int read) => throw new NotSupportedException();

    public StorageError? Write(long offset, ReadOnlySpan<byte> source, out int written) =>
        throw new NotSupportedException();

    public StorageError? Map(long length, out IStorageMapping? mapping) => throw new NotSupportedException();

    public StorageError? Sync() => throw new NotSupportedException();

    public StorageError? Lock() => throw new NotSupportedException();

    public StorageError? Close() => null;

    public StorageError? Protection(out FileProtection protection)
    {
        protection = new FileProtection(true, false, 0x100);
        return null;
    }

    public void Dispose()
    {
    }
}
