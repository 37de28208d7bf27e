using System;
using System.Diagnostics;
using System.IO;
using System.Runtime;
using LowLatency.Engine.Configuration;
using LowLatency.Gateways.Generator;

namespace LowLatency.Engine.Running;

/// <summary>
/// Before a run, a throwaway session of the same types on a generated market: until the JIT has been quiet for a while
/// or the time is over. A cold engine takes a millisecond for its first event.
/// </summary>
internal static class WarmUp
{
    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan _most = TimeSpan.FromSeconds(3);

    internal static void Run(EngineConfiguration configuration)
    {
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
                Inputs = new MarketGenerator(options with { MaxEvents = 0, MaxDuration = 0 }),
                Journal = journal,
                Topology = configuration.Session.Topology with { Mode = TopologyMode.Inline },
                Latency = new LatencyRecorder(),
            });
            long start = Stopwatch.GetTimestamp();
            long quietSince = start;
            long methods = JitInfo.GetCompiledMethodCount();
            while (Stopwatch.GetElapsedTime(start) < _most && Stopwatch.GetElapsedTime(quietSince) < _quiet)
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
