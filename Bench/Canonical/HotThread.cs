using System;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace LowLatency.Bench.Canonical;

/// <summary>Runs a measurement on a thread of its own, kept on one processor.</summary>
internal static class HotThread
{
    /// <summary>The processor, or -1 where threads cannot be kept on one.</summary>
    internal static int Cpu { get; } = Affinity.Allowed() is [int first, ..] ? first : -1;

    internal static void Run(Action work)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Affinity.TryPin(Cpu);
                work();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { Name = "hot" };
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
