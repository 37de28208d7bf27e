using System.IO;
using System.Text;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Live;

/// <summary>What a live run must not forget when its process dies, beside the journal: the kill switch, a file in its directory.</summary>
internal sealed class RunMemory(string directory)
{
    /// <summary>Name of the file of the kill switch: whoever makes it kills.</summary>
    internal const string KillName = "KILL";

    private readonly PosixStorage _storage = new();

    /// <summary>True when the kill switch is set by file.</summary>
    internal bool IsKilled => File.Exists(Path.Combine(directory, KillName));

    /// <summary>Sets the kill switch durably.</summary>
    /// <param name="reason">Why.</param>
    /// <exception cref="IOException">The storage failed.</exception>
    internal void Kill(string reason)
    {
        if (!IsKilled
            && DurableFile.Replace(_storage, Path.Combine(directory, KillName), Encoding.UTF8.GetBytes(reason + "\n")) is { } error)
        {
            throw new IOException(error.ToString());
        }
    }

    /// <summary>Releases it.</summary>
    internal void Release() => File.Delete(Path.Combine(directory, KillName));
}
