using System;
using System.IO;
using LowLatency.Bench.Canonical;
using LowLatency.Bench.Comparing;
using LowLatency.Bench.Durable;

namespace LowLatency.Bench;

/// <summary>
/// Without arguments the canonical workload; with bdn the suite of small benchmarks, with journal the journal's figures, with
/// restart the time to go on, with stages the cost by stage at growing lengths of history; compare reads results of
/// bdn; gate holds a few pieces to their budgets; speed tells what an event of a backtest costs.
/// </summary>
internal static class Program
{
    private const int Usage = 2;

    private static int Main(string[] args)
    {
        if (args is ["bdn", ..])
        {
            return Suite.Run(args.AsSpan(1), PerfFolder());
        }

        if (args is ["journal", ..])
        {
            return DurableRun.Run(args.AsSpan(1), PerfFolder());
        }

        if (args is ["restart", ..])
        {
            return RestartBench.Run(args.AsSpan(1), PerfFolder());
        }

        if (args is ["speed", ..])
        {
            return SpeedRun.Run(args.AsSpan(1), Console.Out, Console.Error);
        }

        if (args is ["gate"])
        {
            return GateCommand.Run(Console.Out);
        }

        if (args is ["compare", ..])
        {
            return CompareCommand.Run(args.AsSpan(1), Console.Out, Console.Error);
        }

        if (args is ["stages", ..])
        {
            return StagesRun.Run(args.AsSpan(1), PerfFolder());
        }

        if (CanonicalOptions.Parse(args) is not { } options)
        {
            Console.Error.WriteLine(CanonicalOptions.Usage);
            return Usage;
        }

        Console.Error.WriteLine("results in " + new CanonicalRun(options).Run(PerfFolder()));
        return 0;
    }

    /// <summary>The folder perf of the checkout that this was built in, or of the current directory.</summary>
    private static string PerfFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LowLatency.sln")))
            {
                return Path.Combine(folder.FullName, "perf");
            }
        }

        return Path.GetFullPath("perf");
    }
}
