using System;
using System.IO;

namespace LowLatency.Journal.Native;

/// <summary>A small file that is replaced as a whole: at any moment, and after any cut, it is the old one or the new.</summary>
public static class DurableFile
{
    private const string Temporary = ".new";

    /// <summary>Replaces the file durably: written beside it, synced, renamed, the directory synced.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The file; its directory exists.</param>
    /// <param name="content">Its new content.</param>
    /// <returns>The error, or null.</returns>
    public static StorageError? Replace(IStorage storage, string path, ReadOnlySpan<byte> content) =>
        Replace(storage, path, path + Temporary, content);

    /// <summary>Replaces the file durably, by way of a name that its directory keeps for that.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The file; its directory exists.</param>
    /// <param name="temporary">Where it is written first, in the same directory; what a cut left there goes.</param>
    /// <param name="content">Its new content.</param>
    /// <returns>The error, or null.</returns>
    public static StorageError? Replace(IStorage storage, string path, string temporary, ReadOnlySpan<byte> content)
    {
        if (storage.Delete(temporary) is { } notDeleted && notDeleted.Errno != Errno.ENOENT)
        {
            return notDeleted;
        }

        if (storage.Open(temporary, OpenMode.CreateNew, out IStorageFile? file) is { } notMade)
        {
            return notMade;
        }

        StorageError? error = file!.WriteFully(0, content) ?? file!.Sync();
        StorageError? notClosed = file!.Close();
        return error
            ?? notClosed
            ?? storage.Rename(temporary, path)
            ?? storage.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Reads the file.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The file.</param>
    /// <param name="destination">What to fill.</param>
    /// <param name="length">Bytes of the file; more than the destination holds means that it is longer.</param>
    /// <returns>The error, or null; ENOENT when there is none.</returns>
    public static StorageError? Read(IStorage storage, string path, Span<byte> destination, out int length)
    {
        length = 0;
        if (storage.Open(path, OpenMode.Read, out IStorageFile? file) is { } notOpened)
        {
            return notOpened;
        }

        byte[] bytes = new byte[destination.Length + 1];
        StorageError? error = file!.ReadFully(0, bytes, out length);
        StorageError? notClosed = file!.Close();
        bytes.AsSpan(0, Math.Min(length, destination.Length)).CopyTo(destination);
        return error ?? notClosed;
    }
}
