using System.Collections.Generic;
using System.IO;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>
/// Retired segments of a stream that wait to be used again, under names that no reader takes for a segment. Their blocks
/// are there already, which on many disks makes writing them several times as fast as writing a new file.
/// </summary>
internal sealed class SpareFiles(IStorage storage, string directory, StreamKind kind, int maximum)
{
    private readonly Queue<string> _names = new();

    /// <summary>Collects what earlier runs left; more than the maximum is deleted.</summary>
    /// <returns>The error, or null.</returns>
    public StorageError? Load()
    {
        if (storage.List(directory, out string[] entries) is { } error)
        {
            return error;
        }

        foreach (string entry in entries)
        {
            if (!SegmentLayout.IsSpare(kind, entry))
            {
                continue;
            }

            if (_names.Count < maximum)
            {
                _names.Enqueue(entry);
            }
            else if (storage.Delete(Path.Combine(directory, entry)) is { } notDeleted)
            {
                return notDeleted;
            }
        }

        return null;
    }

    /// <summary>Opens a spare file of the right length; one of another length is deleted.</summary>
    /// <param name="length">Bytes that it must have.</param>
    /// <param name="file">The file; null when there is none.</param>
    /// <returns>The error, or null.</returns>
    public StorageError? TryTake(long length, out IStorageFile? file)
    {
        file = null;
        while (_names.TryDequeue(out string? name))
        {
            string path = Path.Combine(directory, name);
            if (storage.Open(path, OpenMode.ReadWrite, out IStorageFile? opened) is { } notOpened)
            {
                return notOpened;
            }

            StorageError? error = opened!.Length(out long present);
            if (error is null && present == length)
            {
                file = opened;
                return null;
            }

            error = opened.Close() ?? error ?? storage.Delete(path);
            if (error is not null)
            {
                return error;
            }
        }

        return null;
    }

    /// <summary>Takes a retired segment out of the stream: as a spare, or away when there are enough.</summary>
    /// <param name="first">Number of its first record.</param>
    /// <returns>The error, or null.</returns>
    public StorageError? Retire(long first)
    {
        string path = Path.Combine(directory, SegmentLayout.Name(kind, first));
        if (_names.Count >= maximum)
        {
            return OrArchive(storage.Delete(path), first);
        }

        string name = SegmentLayout.SpareName(kind, first);
        StorageError? error = storage.Rename(path, Path.Combine(directory, name));
        if (error is null)
        {
            _names.Enqueue(name);
        }

        return OrArchive(error, first);
    }

    /// <summary>A segment that is gone was archived: its archive is retired in its place.</summary>
    private StorageError? OrArchive(StorageError? error, long first) => error?.Errno == Errno.ENOENT
        ? storage.Delete(Path.Combine(directory, SegmentLayout.ArchiveName(kind, first)))
        : error;
}
