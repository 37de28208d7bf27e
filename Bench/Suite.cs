using System;

namespace LowLatency.Bench;

internal static class Suite
{
    internal static int Run(ReadOnlySpan<string> arguments, string perf) => arguments.Length + perf.Length;
}
