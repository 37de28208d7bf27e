using System;
using System.IO;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LowLatency.Bench.Canonical;

namespace LowLatency.Bench;

/// <summary>
/// The small benchmarks. They run inside this process, with the engine's own runtime settings and without another build;
/// the job is short, so that the whole suite takes minutes: it finds what changed, the canonical workload says what counts.
/// </summary>
internal static class Suite
{
    internal static int Run(ReadOnlySpan<string> arguments, string perf)
    {
        string filter = "*";
        string? output = null;
        bool quick = false;
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--out" && i + 1 < arguments.Length)
            {
                output = arguments[++i];
            }
            else if (arguments[i] == "--quick")
            {
                quick = true;
            }
            else
            {
                filter = arguments[i].Contains('*') ? arguments[i] : $"*{arguments[i]}*";
            }
        }

        output ??= Path.Combine(
            perf,
            "results",
            DateTimeOffset.UtcNow.ToString("yyyy-MM-dd") + "-" + Machine.Read().Slug + (quick ? "-quick" : string.Empty),
            "bdn");
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default
                .WithToolchain(InProcessEmitToolchain.Instance)
                .WithWarmupCount(quick ? 1 : 3)
                .WithIterationCount(quick ? 1 : 5)
                .WithIterationTime(Perfolizer.Horology.TimeInterval.FromMilliseconds(quick ? 1 : 100)))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddExporter(MarkdownExporter.GitHub, JsonExporter.Brief)
            .AddLogger(ConsoleLogger.Default)
            .WithOptions(ConfigOptions.DisableLogFile | ConfigOptions.JoinSummary)
            .WithArtifactsPath(output);
        BenchmarkSwitcher.FromAssembly(typeof(Suite).Assembly).Run(["--filter", filter], config);
        return 0;
    }
}
