using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;

namespace LowLatency.Tests.Architecture.Samples;

/// <summary>Calls what Core may not call, one method each; never run.</summary>
internal static class Callers
{
    internal static long Clock() => DateTime.UtcNow.Ticks;

    internal static long LocalClock() => DateTime.Now.Ticks;

    internal static long Watch() => Stopwatch.GetTimestamp();

    internal static long Provider() => TimeProvider.System.GetTimestamp();

    internal static int Dice() => new Random(1).Next();

    internal static Guid Identity() => Guid.NewGuid();

    internal static string? Variable() => Environment.GetEnvironmentVariable("HOME");

    internal static bool Disk() => File.Exists("x");

    internal static void Sleep() => Thread.Sleep(1);

    internal static int TextHash(string text) => text.GetHashCode(StringComparison.Ordinal);

    internal static int FirstOf(int[] values) => values.First();

    internal static double Libm(double value) => Math.Exp(value);
}
