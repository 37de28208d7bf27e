using System;
using System.IO;
using LowLatency.Journal.Native;

namespace LowLatency.Journal;

/// <summary>
/// One engine per journal directory, by a kernel lock that dies with its process. Ownership is never judged by age: a
/// stopped owner is still the owner.
/// </summary>
public sealed class InstanceLock : IDisposable
{
    /// <summary>The file that is locked.</summary>
    public const string FileName = "lock";

    private readonly IStorageFile _file;

    private InstanceLock(IStorageFile file) => _file = file;

    /// <summary>Takes the lock, or says why not. Every error refuses.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory; made when it does not exist.</param>
    /// <param name="held">The lock on success; it lasts until it is disposed of.</param>
    /// <returns>Null, or why the engine must not start: <c>already running</c>, or the failing call.</returns>
    public static string? TryAcquire(IStorage storage, string directory, out InstanceLock? held)
    {
        held = null;
        if (storage.MakeDirectory(directory) is { } notMade)
        {
            return notMade.ToString();
        }

        if (storage.Open(Path.Combine(directory, FileName), OpenMode.OpenOrCreate, out IStorageFile? file) is { } error)
        {
            return error.ToString();
        }

        if (file!.Lock() is { } refused)
        {
            file.Dispose();
            return refused.Errno == Errno.EAGAIN ? "already running: " + directory + " is locked" : refused.ToString();
        }

        held = new InstanceLock(file);
        return null;
    }

    /// <summary>True while an engine, or a tool that writes, holds the lock. For a moment it is taken to find out.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory; nothing is made in it.</param>
    public static bool IsHeld(IStorage storage, string directory)
    {
        if (storage.Open(Path.Combine(directory, FileName), OpenMode.Read, out IStorageFile? file) is not null)
        {
            return false;
        }

        using (file!)
        {
            return file!.Lock()?.Errno == Errno.EAGAIN;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
