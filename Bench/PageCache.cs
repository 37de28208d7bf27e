using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LowLatency.Bench;

/// <summary>Makes files cold: what a machine finds that was just started.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4;

    /// <summary>Asks the system to forget a folder's files. Pages that somebody has mapped stay.</summary>
    /// <returns>False where the system has no such call, or refuses it.</returns>
    internal static bool TryForget(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using SafeFileHandle handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

            // A page that is not written back yet is not forgotten.
            if (Sync(handle) != 0 || Advise(handle, 0, 0, DontNeed) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Bytes that this process has had read from storage; 0 where the system does not tell.</summary>
    internal static long BytesFromStorage()
    {
        const string Key = "read_bytes: ";
        if (!File.Exists("/proc/self/io"))
        {
            return 0;
        }

        foreach (string line in File.ReadLines("/proc/self/io"))
        {
            if (line.StartsWith(Key, StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(Key.Length), CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
