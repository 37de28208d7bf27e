using System;
using System.Diagnostics;
using System.IO;
using System.Runtime;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Latency;
using LowLatency.Gateways.Generator;

namespace LowLatency.Engine.Running;

/// <summary>
/// Before a run, a throwaway session of the same types on a generated market: until the JIT has been quiet for a while
/// or the time is over. A cold engine takes a millisecond for its first event.
/// </summary>
internal static class WarmUp
{
    // Jumps, gaps and halts that a real market has once in hours: their paths are to be compiled before it has one.
    private const int RarePerMillion = 1_000;

    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(300);

    /// <summary>Warms up.</summary>
    /// <param name="configuration">The configuration of the run that follows.</param>
    /// <param name="most">Longest time to spend; 3 seconds when not given.</param>
    /// <param name="stop">Ends it early, or null.</param>
    /// <param name="latency">What the run measures: its code is another where hops are measured.</param>
    internal static void Run(
        EngineConfiguration configuration,
        TimeSpan? most = null,
        StopSignals? stop = null,
        LatencyDetail latency = LatencyDetail.Messages)
    {
        TimeSpan limit = most ?? TimeSpan.FromSeconds(3);
        Precompile.Run();
        MarketGeneratorOptions options = configuration.Generator ?? DemoConfiguration.Load().Generator!;
        string folder = Directory.CreateTempSubdirectory("lowlatency-warm-up-").FullName;
        try
        {
            using JournalDirectory journal = JournalDirectory.Open(
                folder, configuration, mayResume: false, segmentBytes: 1 << 20);
            using Session session = new(new SessionPlan
            {
                Configuration = configuration,
                Inputs = new MarketGenerator(options with
                {
                    MaxEvents = 0,
                    MaxDuration = 0,
                    JumpsPerMillion = RarePerMillion,
                    GapsPerMillion = RarePerMillion,
                    HaltsPerMillion = RarePerMillion,
                    BurstsPerMillion = RarePerMillion,
                }),
                Journal = journal,
                Topology = configuration.Session.Topology with { Mode = TopologyMode.Inline },
                Latency = LatencyMeter.Of(latency),
            });
            long start = Stopwatch.GetTimestamp();
            long quietSince = start;
            long methods = JitInfo.GetCompiledMethodCount();
            while (Stopwatch.GetElapsedTime(start) < limit
                && Stopwatch.GetElapsedTime(quietSince) < _quiet
                && stop is not { WasAsked: true })
            {
                session.Poll(1 << 10);
                if (JitInfo.GetCompiledMethodCount() != methods)
                {
                    methods = JitInfo.GetCompiledMethodCount();
                    quietSince = Stopwatch.GetTimestamp();
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
