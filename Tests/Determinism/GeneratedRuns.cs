using System;
using System.IO;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Ring;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Latency;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>What must be equal between two runs of the same thing.</summary>
internal sealed record Proof(Digest Decisions, Digest State, string Journal, long Events);

/// <summary>Configurations on the generated market, and the ways to run them.</summary>
internal static class GeneratedRuns
{
    /// <summary>Fewest of each for a comparison to count.</summary>
    internal const long CommandsMin = 1_000;

    internal const long ExecutionsMin = 100;

    /// <summary>
    /// The demo's three strategies, made livelier: quotes are tight and renewed at every tick, the book's imbalance
    /// counts early, and the market has holes, so that the books also become ready again.
    /// </summary>
    internal static EngineConfiguration Configuration(long events = 24_000, Action<JsonNode>? change = null)
    {
        JsonNode root = JsonNode.Parse(DemoConfiguration.Json())!;
        root["generator"]!["events"] = events;
        root["session"]!["journal"]!["segmentMiB"] = 4;
        root["generator"]!["gapsPerMillion"] = 500;
        root["generator"]!["haltsPerMillion"] = 100;
        root["strategies"]![0]!["parameters"]!["fastBars"] = 3;
        root["strategies"]![0]!["parameters"]!["slowBars"] = 8;
        root["strategies"]![1]!["parameters"]!["enterPpm"] = 250_000;
        root["strategies"]![2]!["parameters"]!["halfSpreadTicks"] = 3;
        root["strategies"]![2]!["parameters"]!["refreshTicks"] = 1;
        root["risk"]!["maxOrdersPerWindow"] = 200;
        change?.Invoke(root);
        return Read(root);
    }

    internal static EngineConfiguration Read(JsonNode root)
    {
        ConfigurationReading reading = EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(root.ToJsonString()), "test", BuiltInStrategies.Catalogue);
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        return configuration;
    }

    internal static TopologyConfiguration Shape(
        TopologyMode mode, int ringSize = 1 << 14, WaitMode wait = WaitMode.Yielding) => new(mode, wait, ringSize);

    /// <summary>A session on the generated market, polled by this thread.</summary>
    internal static RunResult Direct(
        EngineConfiguration configuration,
        string folder,
        TopologyConfiguration? shape = null,
        int poll = 1 << 10,
        byte fill = 0,
        LatencyMeter? latency = null)
    {
        using JournalDirectory journal = JournalDirectory.Open(folder, configuration, mayResume: true);
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new MarketGenerator(configuration.Generator!),
            Journal = journal,
            Topology = shape ?? Shape(TopologyMode.Inline),
            Latency = latency,
            Fill = fill,
        });
        while (!session.IsDone)
        {
            session.Poll(poll);
        }

        return session.Finish();
    }

    /// <summary>The live topology: the market on a thread of its own, behind a pipe.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="market">The market.</param>
    /// <param name="folder">The journal's directory; continued when it holds one.</param>
    /// <param name="stopAfter">Events of the journal after which a stop is requested; 0 for never.</param>
    internal static RunResult Live(
        EngineConfiguration configuration, IEventSource market, string folder, long stopAfter = 0) =>
        Live(configuration, market, folder, session => stopAfter != 0 && session.Counts.Total >= stopAfter);

    /// <summary>The live topology, until it is at its end or where a stop is wanted.</summary>
    internal static RunResult Live(
        EngineConfiguration configuration, IEventSource market, string folder, Func<Session, bool> stop)
    {
        using JournalDirectory journal = JournalDirectory.Open(folder, configuration, mayResume: true);
        using Pipe pipe = new(1024, new YieldingWaitStrategy());
        using MarketThread thread = new(market, pipe, speed: 0);
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = pipe,
            Journal = journal,
            Latency = new LatencyMeter(LatencyDetail.Hops),
        });
        thread.Start();
        SpinWait wait = default;
        while (!session.IsDone)
        {
            if (session.Poll(64) == 0)
            {
                wait.SpinOnce();
            }

            if (stop(session))
            {
                session.RequestStop();
            }
        }

        return session.Finish();
    }

    internal static RunResult Live(EngineConfiguration configuration, string folder, long stopAfter = 0) =>
        Live(configuration, new MarketGenerator(configuration.Generator!), folder, stopAfter);

    /// <summary>Backtest of a run's journal: inputs kept, reports made again.</summary>
    internal static RunResult Again(
        string recorded, string folder, TopologyConfiguration? shape = null, int poll = 1 << 10, byte fill = 0)
    {
        EngineConfiguration configuration = RecordedRun.Of(recorded).Configuration!;
        using JournalReader reader = RecordedRun.Open(recorded);
        using JournalDirectory journal = JournalDirectory.Open(folder, configuration, mayResume: false);
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new SessionInputs(reader, KeepInputs.WholeRun),
            InputsAreRun = true,
            Journal = journal,
            Topology = shape ?? Shape(TopologyMode.Inline),
            Fill = fill,
        });
        while (!session.IsDone)
        {
            session.Poll(poll);
        }

        return session.Finish();
    }

    internal static Proof ProofOf(RunResult result, string folder) => new(
        result.DecisionDigest, result.StateDigest, JournalIdentity.Of(folder), result.Counts.Total);

    internal static long CommandsOf(RunResult result) => result.NewOrders + result.Amendments + result.Cancels;

    internal static long Count(RunResult result, EventKind kind) => result.Counts.Events[(int)kind];

    /// <summary>A comparison counts only on a run in which enough happened.</summary>
    internal static void AssertEnoughHappened(RunResult result)
    {
        Assert.True(CommandsOf(result) >= CommandsMin, $"only {CommandsOf(result)} commands");
        Assert.True(
            Count(result, EventKind.Execution) >= ExecutionsMin, $"only {Count(result, EventKind.Execution)} executions");

        // Flat is for a person's strategies: none of the built-in ones says it.
        foreach (SignalKind kind in (ReadOnlySpan<SignalKind>)[SignalKind.Target, SignalKind.TargetWithLimit, SignalKind.Quotes])
        {
            Assert.True(result.Counts.Signals[(int)kind] > 0, $"no signal {kind}");
        }

        Assert.True(result.NewOrders > 0 && result.Amendments > 0 && result.Cancels > 0, "a command verb is missing");
    }

    /// <summary>Journal and audit log of a directory are sound and sealed.</summary>
    internal static void AssertSound(string folder)
    {
        foreach (StreamKind kind in (ReadOnlySpan<StreamKind>)[StreamKind.Journal, StreamKind.Audit])
        {
            VerificationResult result = JournalVerifier.Verify(
                new LowLatency.Journal.Native.PosixStorage(), folder, kind);
            Assert.True(result.IsSound && result.IsSealed, $"{kind}: {result}");
        }
    }

    /// <summary>Runs some steps one by one and keeps what a crash then would leave.</summary>
    /// <returns>Events in the journal.</returns>
    internal static long Die(EngineConfiguration configuration, string folder, string died, int steps)
    {
        using JournalDirectory journal = JournalDirectory.Open(folder, configuration, mayResume: false);
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new MarketGenerator(configuration.Generator!),
            Journal = journal,
            Topology = Shape(TopologyMode.Inline),
        });
        for (int i = 0; i < steps; i++)
        {
            session.Poll(1);
        }

        CopyFiles(folder, died);
        return journal.NextSequence;
    }

    /// <summary>What a crash at this moment would leave: the files as they are now.</summary>
    internal static void CopyFiles(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            if (Path.GetFileName(file) == InstanceLock.FileName)
            {
                continue;
            }

            try
            {
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            }
            catch (FileNotFoundException) when (Path.GetFileName(file).StartsWith("snapshot", StringComparison.Ordinal))
            {
                // The follower has put a newer one in its place meanwhile.
            }
        }
    }
}
