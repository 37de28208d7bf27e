using System;
using System.CommandLine;
using System.IO;
using System.Runtime;
using System.Runtime.CompilerServices;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Latency;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;

namespace LowLatency.Engine.Commands;

/// <summary>
/// The steady-state gate: after warm-up, the whole pipeline with its journal on must not allocate, collect or compile on
/// the hot thread. Counts, not times: the answer is the same on a busy machine.
/// </summary>
internal static class SelfTestCommand
{
    /// <summary>Names that a trace of the process shows where the measurement begins and ends.</summary>
    internal const string BeginMark = "/lowlatency-measurement-begins";

    /// <inheritdoc cref="BeginMark"/>
    internal const string EndMark = "/lowlatency-measurement-ends";

    internal static Command Build()
    {
        Option<FileInfo?> config = CommonOptions.Configuration();
        Option<long> events = new("--events")
        {
            Description = "Events to measure, after the warm-up.",
            DefaultValueFactory = _ => 10_000_000,
        };
        Option<long> warmUp = new("--warm-up")
        {
            Description = "Events before the measurement.",
            DefaultValueFactory = _ => 3_000_000,
        };
        Option<bool> planted = new("--allocate")
        {
            Description = "Allocate on purpose once in a million events: the gate must fail.",
        };
        Option<bool> calls = new("--system-call")
        {
            Description = "Make a system call on purpose once in about a thousand events: who counts them must find them.",
        };
        Option<LatencyDetail> latency = new("--latency")
        {
            Description = "What is measured meanwhile, as of a run.",
            DefaultValueFactory = _ => LatencyDetail.Off,
        };
        Command command = new(
            "self-test",
            "Gate of the steady state on this machine: bytes allocated, collections and methods compiled must be zero.")
        {
            config, events, warmUp, planted, calls, latency,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(config),
            parsed.GetValue(events),
            parsed.GetValue(warmUp),
            new Planted(parsed.GetValue(planted), parsed.GetValue(calls)),
            parsed.GetValue(latency))));
        return command;
    }

    private static int Run(FileInfo? config, long events, long warmUp, Planted planted, LatencyDetail latency)
    {
        if (events < 1 || warmUp < 1)
        {
            throw new CommandFailure(
                ExitCode.Usage, $"--events {events} --warm-up {warmUp}: allowed are numbers from 1");
        }

        EngineConfiguration configuration = config is null ? DemoConfiguration.Load() : CommonOptions.Load(config);
        MarketGeneratorOptions generator = configuration.Generator ?? throw new CommandFailure(
            ExitCode.Usage, "the configuration has no generator section: the gate needs a market without an end");
        WarmUp.Run(configuration, TimeSpan.FromSeconds(15), latency: latency);
        string folder = Directory.CreateTempSubdirectory("lowlatency-self-test-").FullName;
        try
        {
            using JournalDirectory journal = JournalDirectory.Open(
                folder, configuration, mayResume: false, segmentBytes: 16 << 20);
            MarketGenerator market = new(generator with { MaxEvents = 0, MaxDuration = 0 });
            using Session session = new(new SessionPlan
            {
                Configuration = configuration,
                Inputs = market,
                Journal = journal,
                Topology = configuration.Session.Topology with { Mode = TopologyMode.Inline },
                Latency = LatencyMeter.Of(latency),
            });
            Advance(session, warmUp, default);
            return Measure(session, events, planted);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Measure(Session session, long events, Planted planted)
    {
        // What reading the counters itself costs is paid before.
        _ = Read();
        long ordersBefore = session.Counts.Commands[1];
        Mark(BeginMark);
        Counters before = Read();
        long start = session.Counts.Total;
        Advance(session, events, planted);
        Counters after = Read();
        Mark(EndMark);
        Counters used = new(
            after.ThreadBytes - before.ThreadBytes,
            after.ProcessBytes - before.ProcessBytes,
            after.Collections - before.Collections,
            after.ThreadMethods - before.ThreadMethods,
            after.ProcessMethods - before.ProcessMethods);
        Console.WriteLine(
            $"{session.Counts.Total - start} events, {session.Counts.Commands[1] - ordersBefore} new orders: "
            + $"hot thread {used.ThreadBytes} bytes allocated, {used.Collections} collections, "
            + $"{used.ThreadMethods} methods compiled; process {used.ProcessBytes} bytes, {used.ProcessMethods} methods");
        bool clean = used.ThreadBytes == 0 && used.Collections == 0 && used.ThreadMethods == 0;
        Console.WriteLine(clean ? "clean" : "NOT CLEAN");
        return clean ? ExitCode.Success : ExitCode.No;
    }

    /// <summary>
    /// The same loop for warm-up and measurement, compiled once and for all: a loop that is replaced while it runs would
    /// count as a method of its own.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Advance(Session session, long events, Planted faults)
    {
        long start = session.Counts.Total;
        long plantedEvery = faults.Allocates ? 1_000_000 : long.MaxValue;
        long planted = 0;
        object? kept = null;
        while (session.Counts.Total - start < events)
        {
            session.Poll(1 << 10);
            if (faults.Calls)
            {
                _ = Path.Exists("/");
            }

            if ((session.Counts.Total - start) / plantedEvery > planted)
            {
                kept = new byte[64];
                planted++;
            }
        }

        GC.KeepAlive(kept);
    }

    /// <summary>Shows a place of the run to whoever traces the process: a look at a file that is not there.</summary>
    private static void Mark(string name) => _ = Path.Exists(name);

    private static Counters Read() => new(
        GC.GetAllocatedBytesForCurrentThread(),
        GC.GetTotalAllocatedBytes(),
        GC.CollectionCount(0),
        JitInfo.GetCompiledMethodCount(currentThread: true),
        JitInfo.GetCompiledMethodCount());

    /// <summary>What is done on purpose so that a gate can be seen to close.</summary>
    private readonly record struct Planted(bool Allocates, bool Calls);

    private readonly record struct Counters(
        long ThreadBytes, long ProcessBytes, long Collections, long ThreadMethods, long ProcessMethods);
}
