using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace LowLatency.Journal.Native;

/// <summary>Files of a Linux file system, by our own system calls.</summary>
public sealed class PosixStorage : IStorage
{
    /// <summary>Opens the way to the file system.</summary>
    /// <exception cref="PlatformNotSupportedException">Not Linux on x64 or arm64.</exception>
    public PosixStorage()
    {
        if (!Posix.IsSupported)
        {
            throw new PlatformNotSupportedException(
                "the journal needs Linux on x64 or arm64: its durability rests on fdatasync, flock and mmap as they work there");
        }
    }

    /// <inheritdoc/>
    public StorageError? CreateDirectory(string path)
    {
        StorageError? error = Check(Posix.MakeDirectory(path, Posix.DirectoryMode), "mkdir", path);
        return error?.Errno == Errno.EEXIST ? null : error;
    }

    /// <inheritdoc/>
    public StorageError? Open(string path, OpenMode mode, out IStorageFile? file)
    {
        int flags = mode switch
        {
            OpenMode.Read => Posix.ReadOnly,
            OpenMode.ReadWrite => Posix.ReadWrite,
            OpenMode.CreateNew => Posix.ReadWrite | Posix.Create | Posix.Exclusive,
            OpenMode.OpenOrCreate => Posix.ReadWrite | Posix.Create,
        };
        file = null;
        StorageError? error = OpenDescriptor(path, flags, out int descriptor);
        if (error is null)
        {
            file = new PosixFile(path, descriptor);
        }

        return error;
    }

    /// <inheritdoc/>
    public StorageError? List(string directory, out string[] names)
    {
        // The one managed call: it throws on every errno of opendir and readdir, and the exception carries the number.
        names = [];
        try
        {
            string[] paths = Directory.GetFileSystemEntries(directory);
            for (int i = 0; i < paths.Length; i++)
            {
                paths[i] = Path.GetFileName(paths[i]);
            }

            Array.Sort(paths, StringComparer.Ordinal);
            names = paths;
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return new StorageError("readdir", directory, Errno.ENOENT);
        }
        catch (UnauthorizedAccessException)
        {
            return new StorageError("readdir", directory, Errno.EACCES);
        }
        catch (IOException failure)
        {
            return new StorageError("readdir", directory, failure.HResult > 0 ? failure.HResult : Errno.EIO);
        }
    }

    /// <inheritdoc/>
    public StorageError? Delete(string path) => Check(Posix.Unlink(path), "unlink", path);

    /// <inheritdoc/>
    public StorageError? Rename(string from, string to) => Check(Posix.Rename(from, to), "rename", from);

    /// <inheritdoc/>
    public StorageError? SyncDirectory(string directory)
    {
        if (OpenDescriptor(directory, Posix.ReadOnly | Posix.Directory, out int descriptor) is { } error)
        {
            return error;
        }

        StorageError? failed = Check(Posix.Sync(descriptor), "fsync", directory);
        StorageError? notClosed = Check(Posix.Close(descriptor), "close", directory);
        return failed ?? notClosed;
    }

    internal static StorageError? Check(nint result, string call, string path) =>
        result >= 0 ? null : new StorageError(call, path, Marshal.GetLastPInvokeError());

    private static StorageError? OpenDescriptor(string path, int flags, out int descriptor)
    {
        int interruptions = 0;
        while (true)
        {
            descriptor = Posix.Open(path, flags | Posix.CloseOnExec | Posix.NoFollow, Posix.FileMode);
            StorageError? error = Check(descriptor, "open", path);
            if (error?.Errno != Errno.EINTR || ++interruptions > StorageCalls.InterruptionsMax)
            {
                return error;
            }
        }
    }
}

/// <summary>A file descriptor of ours.</summary>
internal sealed unsafe class PosixFile(string path, int descriptor) : IStorageFile
{
    private int _descriptor = descriptor;

    public string Path { get; } = path;

    public StorageError? Length(out long length)
    {
        length = Posix.Seek(_descriptor, 0, Posix.SeekEnd);
        return PosixStorage.Check((nint)length, "lseek", Path);
    }

    public StorageError? Allocate(long length)
    {
        int interruptions = 0;
        while (true)
        {
            StorageError? error = PosixStorage.Check(Posix.Allocate(_descriptor, 0, 0, length), "fallocate", Path);
            switch (error?.Errno)
            {
                case null:
                    return null;
                case Errno.EINTR when ++interruptions <= StorageCalls.InterruptionsMax:
                    continue;
                case Errno.EOPNOTSUPP or Errno.ENOSYS:
                    // The caller writes every byte anyway, which allocates too; only the length has to be right.
                    return Grow(length);
                default:
                    return error;
            }
        }
    }

    public StorageError? Read(long offset, Span<byte> destination, out int read)
    {
        fixed (byte* buffer = destination)
        {
            nint result = Posix.Read(_descriptor, buffer, destination.Length, offset);
            read = (int)Math.Max(result, 0);
            return PosixStorage.Check(result, "pread", Path);
        }
    }

    public StorageError? Write(long offset, ReadOnlySpan<byte> source, out int written)
    {
        fixed (byte* buffer = source)
        {
            nint result = Posix.Write(_descriptor, buffer, source.Length, offset);
            written = (int)Math.Max(result, 0);
            return PosixStorage.Check(result, "pwrite", Path);
        }
    }

    public StorageError? Map(long length, out IStorageMapping? mapping)
    {
        mapping = null;
        nint address = Posix.Map(
            0, (nint)length, Posix.ProtectReadWrite, Posix.MapShared, _descriptor, 0);
        if (address == -1)
        {
            return new StorageError("mmap", Path, Marshal.GetLastPInvokeError());
        }

        PosixMapping mapped = new(Path, (byte*)address, length);
        if (mapped.Populate(0, length) is { } unpopulated)
        {
            _ = mapped.Unmap();
            return unpopulated;
        }

        mapping = mapped;
        return null;
    }

    public StorageError? BeginWriteback(long offset, long length) => PosixStorage.Check(
        Posix.SyncRange(_descriptor, offset, length, Posix.WritebackBegin), "sync_file_range", Path);

    public StorageError? Protection(out FileProtection protection)
    {
        Posix.Status status = default;
        int answer = Posix.Stat(_descriptor, string.Empty, Posix.EmptyPath, Posix.StatTypeModeOwner, &status);
        protection = new FileProtection(
            (status.Mode & Posix.TypeMask) == Posix.RegularFile,
            status.User == Posix.EffectiveUser(),
            status.Mode & ~Posix.TypeMask);
        return PosixStorage.Check(answer, "statx", Path);
    }

    // An interrupted fdatasync is final as well: what it had written by then is not known.
    public StorageError? Sync() => PosixStorage.Check(Posix.SyncData(_descriptor), "fdatasync", Path);

    public StorageError? Lock()
    {
        int interruptions = 0;
        while (true)
        {
            StorageError? error = PosixStorage.Check(
                Posix.Lock(_descriptor, Posix.LockExclusive | Posix.LockNonBlocking), "flock", Path);
            if (error?.Errno != Errno.EINTR || ++interruptions > StorageCalls.InterruptionsMax)
            {
                return error;
            }
        }
    }

    public StorageError? Close()
    {
        if (_descriptor < 0)
        {
            return null;
        }

        // Linux releases the descriptor whatever close answers; a second close could hit somebody else's file.
        int closing = _descriptor;
        _descriptor = -1;
        return PosixStorage.Check(Posix.Close(closing), "close", Path);
    }

    public void Dispose() => _ = Close();

    private StorageError? Grow(long length) =>
        Length(out long present) is { } error ? error
        : present >= length ? null
        : PosixStorage.Check(Posix.Truncate(_descriptor, length), "ftruncate", Path);
}

/// <summary>A mapping of ours.</summary>
internal sealed unsafe class PosixMapping(string path, byte* address, long length) : IStorageMapping
{
    private byte* _address = address;

    public byte* Address => _address;

    public long Length { get; } = length;

    /// <summary>
    /// Makes every page present and writable with one call. Page by page, each first store costs a fault of one to six
    /// microseconds; and an error of the disk is an errno here, where a store would end the process.
    /// </summary>
    public StorageError? Populate(long offset, long length)
    {
        int interruptions = 0;
        while (true)
        {
            StorageError? error = PosixStorage.Check(
                Posix.Advise((nint)(_address + offset), (nint)length, Posix.PopulateWrite), "madvise", path);
            switch (error?.Errno)
            {
                case Errno.EINTR or Errno.EAGAIN when ++interruptions <= StorageCalls.InterruptionsMax:
                    continue;
                case Errno.EINVAL:
                    // A kernel before 5.14.
                    Touch(_address + offset, length);
                    return null;
                default:
                    return error;
            }
        }
    }

    private static void Touch(byte* address, long length)
    {
        for (long at = 0; at < length; at += Environment.SystemPageSize)
        {
            Volatile.Write(ref address[at], address[at]);
        }
    }

    public StorageError? Unmap()
    {
        if (_address is null)
        {
            return null;
        }

        nint mapped = (nint)_address;
        _address = null;
        return PosixStorage.Check(Posix.Unmap(mapped, (nint)Length), "munmap", path);
    }
}
