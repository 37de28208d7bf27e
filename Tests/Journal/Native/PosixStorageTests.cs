using System;
using System.IO;
using System.Runtime.Versioning;
using LowLatency.Journal.Native;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Native;

/// <summary>The real system calls, against the real kernel.</summary>
public sealed class PosixStorageTests
{
    private readonly PosixStorage _storage = new();

    [Fact]
    public void A_failing_fdatasync_is_seen()
    {
        // The kernel cannot sync a device like this one and says so; the managed calls return normally here.
        Assert.Null(_storage.Open("/dev/null", OpenMode.ReadWrite, out IStorageFile? file));
        using (file!)
        {
            Assert.Equal(new StorageError("fdatasync", "/dev/null", Errno.EINVAL), file!.Sync());
        }

        Assert.Equal(Errno.EBADF, file.Sync()?.Errno);
    }

    [Fact]
    public void A_full_device_is_seen()
    {
        Assert.Null(_storage.Open("/dev/full", OpenMode.ReadWrite, out IStorageFile? file));
        using (file!)
        {
            StorageError? error = file!.WriteFully(0, new byte[100]);
            Assert.Equal("pwrite /dev/full: ENOSPC (28)", error?.ToString());
        }
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Files_are_made_private_written_mapped_synced_renamed_and_deleted()
    {
        using TemporaryFolder folder = new();
        string directory = Path.Combine(folder.Path, "private");
        Assert.Null(_storage.CreateDirectory(directory));
        Assert.Null(_storage.CreateDirectory(directory));
        string path = Path.Combine(directory, "file");
        Assert.Null(_storage.Open(path, OpenMode.CreateNew, out IStorageFile? file));
        Assert.Null(file!.Allocate(10_000));
        Assert.Null(file.Zero(0, 10_000));
        Assert.Null(file.WriteFully(5, "hello"u8));
        Assert.Null(file.Map(8192, out IStorageMapping? mapping));
        unsafe
        {
            Assert.Equal((byte)'h', mapping!.Address[5]);
            mapping.Address[6] = (byte)'E';
        }

        Assert.Null(file.Sync());
        byte[] read = new byte[20_000];
        Assert.Null(file.ReadFully(0, read, out int count));
        Assert.Equal(10_000, count);
        Assert.Equal("hEllo"u8, read.AsSpan(5, 5));
        Assert.Null(file.Length(out long length));
        Assert.Equal(10_000, length);
        Assert.Null(mapping!.Unmap());
        Assert.Null(file.Close());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
        Assert.Null(_storage.Rename(path, path + "2"));
        Assert.Null(_storage.SyncDirectory(directory));
        Assert.Null(_storage.List(directory, out string[] names));
        Assert.Equal(["file2"], names);
        Assert.Null(_storage.Delete(path + "2"));
    }

    [Fact]
    public void Errors_name_the_call_the_path_and_the_errno()
    {
        using TemporaryFolder folder = new();
        string missing = Path.Combine(folder.Path, "missing");
        Assert.Equal(new StorageError("open", missing, Errno.ENOENT), _storage.Open(missing, OpenMode.Read, out _));
        Assert.Equal(new StorageError("unlink", missing, Errno.ENOENT), _storage.Delete(missing));
        Assert.Equal(new StorageError("readdir", missing, Errno.ENOENT), _storage.List(missing, out _));
        Assert.Equal(new StorageError("open", missing, Errno.ENOENT), _storage.SyncDirectory(missing));
        File.WriteAllText(missing, "here now");
        Assert.Equal(new StorageError("open", missing, Errno.EEXIST), _storage.Open(missing, OpenMode.CreateNew, out _));
        File.CreateSymbolicLink(missing + "2", missing);
        Assert.Equal("ELOOP", _storage.Open(missing + "2", OpenMode.Read, out _)?.Name);
    }
}
