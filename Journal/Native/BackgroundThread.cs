using System;
using System.Runtime.InteropServices;

namespace LowLatency.Journal.Native;

/// <summary>The scheduler's view of one thread: .NET's own thread priorities do nothing on Linux.</summary>
public static partial class BackgroundThread
{
    private const int OneThread = 0;
    private const int TheCaller = 0;
    private const int Lowest = 19;

    /// <summary>Lets every other thread go before the calling one. A hint: where the system knows none, nothing happens.</summary>
    public static void LowerPriority()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(OneThread, TheCaller, Lowest);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int nice);
}
