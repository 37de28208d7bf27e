using System;
using System.Diagnostics;
using System.IO;
using System.Runtime;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Latency;
using LowLatency.Engine.Running;
using LowLatency.Gateways;
using LowLatency.Gateways.Sim;

namespace LowLatency.Bench.Canonical;

/// <summary>How the rig records.</summary>
internal enum Recording
{
    /// <summary>No journal and no audit log; decisions are digested.</summary>
    Off,

    /// <summary>Stored into mapped segments by the hot thread.</summary>
    Written,

    /// <summary>Behind an fdatasync before a command leaves.</summary>
    Flushed,
}

/// <summary>
/// The engine's own pipeline, ring, driver, recorder and simulated venue, inline on one thread, put together as a session
/// does it; only the venue may be wrapped.
/// </summary>
internal sealed class Rig : IDisposable
{
    private const string ConfigurationName = "canonical.json";

    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(400);

    private readonly EngineConfiguration _configuration;
    private readonly JournalDirectory? _journal;
    private readonly Topology _topology;
    private readonly Recorder _recorder;

    internal Rig(
        IEventSource inputs,
        Recording recording,
        string folder,
        Func<IVenue, IVenue>? wrap = null,
        LatencyMeter? latency = null,
        IDecisionObserver? observer = null)
    {
        _configuration = Configuration(recording);
        _journal = recording == Recording.Off
            ? null
            : JournalDirectory.Open(folder, _configuration, mayResume: false);
        _recorder = new Recorder(_journal?.Journal, _journal?.Audit);
        Pipeline = PipelineFactory.Pipeline(_configuration);
        SimulatedVenue simulated = PipelineFactory.Venue(_configuration);
        IVenue venue = wrap?.Invoke(simulated) ?? simulated;
        _topology = new Topology(
            _configuration.Session.Topology with { Mode = TopologyMode.Inline },
            new TopologyParts(Pipeline, venue, _recorder, Counts, latency) { Observer = observer });
        Driver = new Driver(inputs, venue, _topology, new TickRule(_configuration.TickInterval), latency: latency);
    }

    internal DecisionPipeline Pipeline { get; }

    internal Driver Driver { get; }

    internal RunCounts Counts { get; } = new();

    /// <summary>New orders, amendments and cancels so far.</summary>
    internal long Commands
    {
        get
        {
            long sum = 0;
            foreach (long count in Counts.Commands)
            {
                sum += count;
            }

            return sum;
        }
    }

    /// <summary>The canonical configuration.</summary>
    internal static EngineConfiguration Configuration(Recording recording = Recording.Written)
    {
        string json = Text().Replace(
            "\"written\"", recording == Recording.Flushed ? "\"flushed\"" : "\"written\"", StringComparison.Ordinal);
        ConfigurationReading reading = EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(json), ConfigurationName, BuiltInStrategies.Catalogue);
        return reading.TryGet(out EngineConfiguration? configuration)
            ? configuration
            : throw new InvalidDataException(string.Join(Environment.NewLine, reading.Problems));
    }

    /// <summary>The canonical configuration as it is written.</summary>
    internal static string Text()
    {
        using Stream stream = typeof(Rig).Assembly.GetManifestResourceStream(ConfigurationName)
            ?? throw new InvalidDataException("the canonical configuration is not in the assembly");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Publishes what a run begins with.</summary>
    internal void Begin()
    {
        if (!Driver.TryPeek(out long firstAt))
        {
            throw new InvalidDataException("the market is idle at its start");
        }

        foreach (Event e in Preamble.Of(_configuration, _journal?.Epoch ?? 1, firstAt, cashMoved: 0))
        {
            Event next = e;
            Driver.Publish(ref next);
        }
    }

    /// <summary>Runs until the JIT has been quiet for a while: what is measured then is compiled for good.</summary>
    /// <param name="step">A portion of the work.</param>
    /// <param name="most">Wall time after which it is enough.</param>
    internal static void WarmUp(Action step, TimeSpan most)
    {
        long start = Stopwatch.GetTimestamp();
        long quietSince = start;
        long methods = JitInfo.GetCompiledMethodCount();
        while (Stopwatch.GetElapsedTime(start) < most && Stopwatch.GetElapsedTime(quietSince) < _quiet)
        {
            step();
            if (JitInfo.GetCompiledMethodCount() != methods)
            {
                methods = JitInfo.GetCompiledMethodCount();
                quietSince = Stopwatch.GetTimestamp();
            }
        }
    }

    /// <summary>Takes late reports, publishes the last event and seals the journal.</summary>
    internal void End()
    {
        Driver.RequestStop();
        while (!Driver.IsDone)
        {
            Driver.Poll(1 << 12);
        }

        if (_journal?.Close() is { } error)
        {
            throw new IOException("the journal could not be closed: " + error);
        }
    }

    public void Dispose()
    {
        _topology.Dispose();
        _journal?.Dispose();
    }
}
