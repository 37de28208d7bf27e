using System;

namespace LowLatency.Journal.Native;

/// <summary>How a file is opened.</summary>
public enum OpenMode
{
    /// <summary>Existing, for reading.</summary>
    Read,

    /// <summary>Existing, for reading and writing.</summary>
    ReadWrite,

    /// <summary>Made by this call; an existing one is an error.</summary>
    CreateNew,

    /// <summary>Made when it does not exist, for reading and writing.</summary>
    OpenOrCreate,
}

/// <summary>Whose file it is and who may use it.</summary>
/// <param name="IsRegular">True for a plain file.</param>
/// <param name="IsOwn">True when it belongs to the user that this process acts as.</param>
/// <param name="Mode">The nine permission bits and the three above them.</param>
public readonly record struct FileProtection(bool IsRegular, bool IsOwn, int Mode);

/// <summary>
/// The system calls that a journal needs, one method each, with the call's own failures: a write may be short, a call
/// may be interrupted. <see cref="StorageCalls"/> holds the loops. A result of null is success.
/// </summary>
public interface IStorage
{
    /// <summary>Makes a directory that only its owner can enter; an existing one is no error.</summary>
    /// <param name="path">The directory.</param>
    /// <returns>The error, or null.</returns>
    StorageError? CreateDirectory(string path);

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file; a symbolic link is refused.</param>
    /// <param name="mode">How.</param>
    /// <param name="file">The open file on success.</param>
    /// <returns>The error, or null.</returns>
    StorageError? Open(string path, OpenMode mode, out IStorageFile? file);

    /// <summary>Names of the entries of a directory, in ordinal order.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="names">The names, without the directory.</param>
    /// <returns>The error, or null.</returns>
    StorageError? List(string directory, out string[] names);

    /// <summary>Deletes a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The error, or null.</returns>
    StorageError? Delete(string path);

    /// <summary>Renames a file, replacing the target atomically.</summary>
    /// <param name="from">The present name.</param>
    /// <param name="to">The new name.</param>
    /// <returns>The error, or null.</returns>
    StorageError? Rename(string from, string to);

    /// <summary>Makes creations, deletions and renames inside a directory durable.</summary>
    /// <param name="directory">The directory.</param>
    /// <returns>The error, or null.</returns>
    StorageError? SyncDirectory(string directory);
}

/// <summary>An open file.</summary>
public interface IStorageFile : IDisposable
{
    /// <summary>Where it is.</summary>
    string Path { get; }

    /// <summary>The file's length in bytes.</summary>
    /// <param name="length">The length.</param>
    /// <returns>The error, or null.</returns>
    StorageError? Length(out long length);

    /// <summary>Reserves the blocks of the first <paramref name="length"/> bytes and sets the length to at least that.</summary>
    /// <param name="length">Bytes.</param>
    /// <returns>The error, or null.</returns>
    StorageError? Allocate(long length);

    /// <summary>Reads once; the answer may be short.</summary>
    /// <param name="offset">Where.</param>
    /// <param name="destination">What to fill.</param>
    /// <param name="read">Bytes read; 0 at the end of the file.</param>
    /// <returns>The error, or null.</returns>
    StorageError? Read(long offset, Span<byte> destination, out int read);

    /// <summary>Writes once; the answer may be short.</summary>
    /// <param name="offset">Where.</param>
    /// <param name="source">What to write.</param>
    /// <param name="written">Bytes written.</param>
    /// <returns>The error, or null.</returns>
    StorageError? Write(long offset, ReadOnlySpan<byte> source, out int written);

    /// <summary>Maps the first bytes of the file, shared and pre-faulted, for reading and writing.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="mapping">The mapping on success.</param>
    /// <returns>The error, or null.</returns>
    StorageError? Map(long length, out IStorageMapping? mapping);

    /// <summary>Makes everything written or stored into the file durable. Any error is final for the file.</summary>
    /// <returns>The error, or null.</returns>
    StorageError? Sync();

    /// <summary>
    /// Asks the system to begin writing a range that is complete, so that a later <see cref="Sync"/> waits less. It
    /// promises nothing, and a storage that has no such call leaves it out.
    /// </summary>
    /// <param name="offset">Where.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The error, or null.</returns>
    StorageError? BeginWriteback(long offset, long length) => null;

    /// <summary>Whose file it is and who may use it.</summary>
    /// <param name="protection">The answer.</param>
    /// <returns>The error, or null; ENOSYS from a storage that cannot tell.</returns>
    StorageError? Protection(out FileProtection protection)
    {
        protection = default;
        return new StorageError("statx", Path, Errno.ENOSYS);
    }

    /// <summary>Takes the exclusive lock of the file without waiting; it lives as long as the file is open.</summary>
    /// <returns>The error, or null; EAGAIN means that another holds it.</returns>
    StorageError? Lock();

    /// <summary>Closes the file.</summary>
    /// <returns>The error, or null.</returns>
    StorageError? Close();
}

/// <summary>A mapped part of a file.</summary>
public unsafe interface IStorageMapping
{
    /// <summary>The first byte.</summary>
    byte* Address { get; }

    /// <summary>Bytes mapped.</summary>
    long Length { get; }

    /// <summary>Makes pages of the mapping present and writable, so that a store into them meets no fault.</summary>
    /// <param name="offset">Where; the start of a page.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The error, or null; a storage whose mappings have no faults does nothing.</returns>
    StorageError? Populate(long offset, long length) => null;

    /// <summary>Ends the mapping; nothing may touch it afterwards.</summary>
    /// <returns>The error, or null.</returns>
    StorageError? Unmap();
}
