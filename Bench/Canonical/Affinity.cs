using System;
using System.Runtime.InteropServices;

namespace LowLatency.Bench.Canonical;

/// <summary>Keeps a measuring thread on one processor, where the system lets it.</summary>
internal static partial class Affinity
{
    private const int Words = 16;

    /// <summary>Processors that this thread may run on, in ascending order; none where the system does not say.</summary>
    internal static int[] Allowed()
    {
        ulong[] mask = new ulong[Words];
        if (!OperatingSystem.IsLinux() || GetAffinity(0, Words * sizeof(ulong), mask) < 0)
        {
            return [];
        }

        int count = 0;
        int[] found = new int[Words * 64];
        for (int i = 0; i < found.Length; i++)
        {
            if ((mask[i / 64] >> (i % 64) & 1) != 0)
            {
                found[count++] = i;
            }
        }

        return found[..count];
    }

    /// <summary>Keeps the calling thread on a processor.</summary>
    /// <param name="cpu">The processor; negative for none.</param>
    /// <returns>False when it may run anywhere.</returns>
    internal static bool TryPin(int cpu)
    {
        if (cpu < 0 || !OperatingSystem.IsLinux())
        {
            return false;
        }

        ulong[] mask = new ulong[Words];
        mask[cpu / 64] = 1UL << (cpu % 64);
        return SetAffinity(0, Words * sizeof(ulong), mask) == 0;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int thread, nuint bytes, [Out] ulong[] mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint bytes, [In] ulong[] mask);
}
