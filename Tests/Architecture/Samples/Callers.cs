using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

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

    internal static void TaskWait(Task task) => task.Wait();

    internal static int TaskResult(Task<int> task) => task.Result;

    internal static void TaskAwaiter(Task task) => task.GetAwaiter().GetResult();

    internal static int Unfinished() => throw new NotImplementedException();

    internal static void Hook() => AppDomain.CurrentDomain.ProcessExit += (_, _) => { };

    internal static bool Switch() => AppContext.TryGetSwitch("x", out bool on) && on;

    internal static int CatchAll(string text)
    {
        try
        {
            return text.Length;
        }
        catch (Exception)
        {
            return 0;
        }
    }

    internal static int CatchWhen(string text)
    {
        try
        {
            return text.Length;
        }
        catch (Exception e) when (e is not IOException)
        {
            return 0;
        }
    }

    internal static async Task<int> CatchAllLater(Task<int> task)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (Exception)
        {
            return 0;
        }
    }

    internal static void Forget(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (IOException)
        {
        }
    }

    internal static async Task ForgetLater(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (IOException)
        {
        }
    }

    internal static async Task<int> CatchNothingLater(Task<int> task) => await task.ConfigureAwait(false);
}
