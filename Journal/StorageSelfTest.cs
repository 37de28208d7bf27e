using System.IO;
using LowLatency.Journal.Native;

namespace LowLatency.Journal;

/// <summary>
/// Proves at the start that the file system of a journal answers sync calls: some accept data and refuse to sync it
/// (EINVAL, EOPNOTSUPP), and nothing that is written there is ever known to be safe.
/// </summary>
public static class StorageSelfTest
{
    /// <summary>The probe; it is removed again.</summary>
    public const string FileName = "probe";

    /// <summary>Writes, syncs and removes a probe file.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory; it exists and is locked.</param>
    /// <returns>The call that failed, or null.</returns>
    public static StorageError? Run(IStorage storage, string directory)
    {
        string path = Path.Combine(directory, FileName);
        if (storage.Open(path, OpenMode.OpenOrCreate, out IStorageFile? file) is { } notMade)
        {
            return notMade;
        }

        StorageError? error = file!.WriteFully(0, "journal probe"u8)
            ?? file!.Sync()
            ?? storage.SyncDirectory(directory);
        StorageError? notClosed = file!.Close();
        return error
            ?? notClosed
            ?? storage.Delete(path)
            ?? storage.SyncDirectory(directory);
    }
}
