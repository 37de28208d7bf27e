using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Engine.Strategies;
using LowLatency.Gateways;
using LowLatency.Gateways.Sim;

namespace LowLatency.Bench.Canonical;

/// <summary>What the stages cost in a window of events.</summary>
/// <param name="UpTo">Events decided when the window ends.</param>
/// <param name="Events">Events of the window.</param>
/// <param name="MeanNs">By stage, the clock's own cost taken off.</param>
/// <param name="P99Ns">By stage.</param>
/// <param name="Signals">In the window.</param>
/// <param name="Commands">In the window.</param>
/// <param name="LiveOrders">At its end.</param>
internal sealed record StageWindow(
    long UpTo, int Events, double[] MeanNs, double[] P99Ns, long Signals, long Commands, int LiveOrders);

/// <summary>
/// The cost of each stage at growing lengths of history: it must not grow. An engine runs on a looped market; a second
/// pipeline, fed with the same events, is timed stage by stage in windows. What it decides is what the first one decided.
/// </summary>
internal sealed class StagesRun : IVenue
{
    internal const string Usage = "       Bench stages [--config FILE] [--at EVENTS,EVENTS,..] [--out DIR]";

    /// <summary>Strategies of the usual run; a session has no more.</summary>
    internal const int Strategies = Limits.Strategies < 20 ? Limits.Strategies : 20;

    private const int RoundEvents = 1 << 17;
    private const int WindowEvents = 200_000;

    /// <summary>A stage that took longer lost the processor meanwhile: that is no cost of it.</summary>
    private const long Interrupted = 10_000;

    internal static readonly string[] Names = ["fold", "signal", "arbitration", "risk", "order"];

    private readonly SimulatedVenue _venue;
    private readonly DecisionPipeline _timed;
    private readonly long[] _ends;
    private readonly HdrHistogram[] _times = new HdrHistogram[Names.Length];
    private readonly long[] _sums = new long[Names.Length];
    private readonly List<StageWindow> _windows = [];
    private readonly double _clockCost;
    private Decision _decision;
    private long _events;
    private long _signals;
    private long _commands;

    private StagesRun(EngineConfiguration configuration, long[] ends)
    {
        _venue = PipelineFactory.Venue(configuration);
        _timed = PipelineFactory.Pipeline(configuration);
        _ends = ends;
        _clockCost = WallClock.Cost();
        for (int i = 0; i < _times.Length; i++)
        {
            _times[i] = new HdrHistogram(1_000_000_000, 3);
        }
    }

    /// <summary>Runs what a command line asks for.</summary>
    /// <returns>The process's exit code.</returns>
    internal static int Run(ReadOnlySpan<string> arguments, string perf)
    {
        string? config = null;
        string? output = null;
        long[] ends = [1_000_000, 5_000_000, 20_000_000];
        for (int i = 0; i < arguments.Length; i++)
        {
            bool last = i + 1 == arguments.Length;
            if (last || (arguments[i] == "--at" && (ends = Numbers(arguments[i + 1])).Length == 0))
            {
                Console.Error.WriteLine(Usage);
                return 2;
            }

            config = arguments[i] == "--config" ? arguments[i + 1] : config;
            output = arguments[i] == "--out" ? arguments[i + 1] : output;
            if (arguments[i++] is not ("--config" or "--out" or "--at"))
            {
                Console.Error.WriteLine(Usage);
                return 2;
            }
        }

        EngineConfiguration configuration = config is null ? Usual() : Read(File.ReadAllBytes(config), config);
        DateTimeOffset started = DateTimeOffset.UtcNow;
        DisturbanceWatch watch = new();
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<StageWindow> windows = Measure(configuration, ends);
        Machine machine = Machine.Read();
        string folder = output ?? Path.Combine(
            perf, "results", started.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "-" + machine.Slug);
        Directory.CreateDirectory(folder);
        string text = Markdown(configuration, windows, started, machine.Slug, watch.Stop().Others ?? 0, Stopwatch.GetElapsedTime(start));
        Console.WriteLine(text);
        File.WriteAllText(Path.Combine(folder, "stages.md"), text);
        File.WriteAllBytes(Path.Combine(folder, "stages.json"), Json(configuration, windows, started, machine.Slug));
        Console.Error.WriteLine("results in " + folder);
        return 0;
    }

    /// <summary>Measures the windows that end at these numbers of events.</summary>
    internal static IReadOnlyList<StageWindow> Measure(EngineConfiguration configuration, long[] ends)
    {
        LoopedMarket market = LoopedMarket.Make(configuration.Generator ?? Rig.Configuration().Generator!, RoundEvents);
        StagesRun run = new(configuration, ends);
        using Topology topology = new(
            configuration.Session.Topology with { Mode = TopologyMode.Inline },
            new TopologyParts(PipelineFactory.Pipeline(configuration), run, new Recorder(), new RunCounts()));
        Driver driver = new(market, run, topology, new TickRule(configuration.TickInterval));
        if (!driver.TryPeek(out long firstAt))
        {
            throw new InvalidDataException("the market is idle at its start");
        }

        foreach (Event e in Preamble.Of(configuration, 1, firstAt, cashMoved: 0))
        {
            Event next = e;
            driver.Publish(ref next);
        }

        HotThread.Run(() =>
        {
            while (run._windows.Count < ends.Length)
            {
                driver.Poll(256);
            }
        });
        return run._windows;
    }

    /// <summary>The canonical workload with as many strategies as a session may have, up to twenty.</summary>
    internal static EngineConfiguration Usual()
    {
        JsonNode root = JsonNode.Parse(Rig.Configuration().ToCanonicalJson())!;
        JsonArray strategies = root["strategies"]!.AsArray();
        int kinds = strategies.Count;
        for (int i = kinds; i < Strategies; i++)
        {
            JsonNode copy = strategies[i % kinds]!.DeepClone();
            copy["name"] = (string)copy["name"]! + "-" + (i / kinds).ToString(CultureInfo.InvariantCulture);
            strategies.Add(copy);
        }

        return Read(Encoding.UTF8.GetBytes(root.ToJsonString()), "canonical.json");
    }

    public long NextDue => _venue.NextDue;

    public bool Poll(long now, ref Event report) => _venue.Poll(now, ref report);

    public void Submit(in Command command, long sequence, long now) => _venue.Submit(command, sequence, now);

    /// <summary>Every published event comes here, in the one order.</summary>
    public void OnEvent(in Event published)
    {
        _venue.OnEvent(published);
        if (_windows.Count == _ends.Length)
        {
            return;
        }

        _events++;
        long end = _ends[_windows.Count];
        if (_events <= end - WindowEvents)
        {
            _timed.OnEvent(published, ref _decision);
            return;
        }

        Time(published);
        if (_events == end)
        {
            Close();
        }
    }

    private static long[] Numbers(string list)
    {
        List<long> numbers = [];
        foreach (string part in list.Split(','))
        {
            if (!long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                || number < (numbers.Count == 0 ? 0 : numbers[^1]) + WindowEvents)
            {
                return [];
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static EngineConfiguration Read(byte[] json, string name)
    {
        ConfigurationReading reading = EngineConfiguration.FromJson(
            json, name, new FilesBeside(Path.GetDirectoryName(Path.GetFullPath(name))!));
        return reading.TryGet(out EngineConfiguration? configuration)
            ? configuration
            : throw new InvalidDataException(string.Join(Environment.NewLine, reading.Problems));
    }

    private static string Markdown(
        EngineConfiguration configuration, IReadOnlyList<StageWindow> windows, DateTimeOffset started, string machine, double others, TimeSpan took)
    {
        StringBuilder text = new();
        _ = text.Append(CultureInfo.InvariantCulture, $"# Cost by stage and length of history\n\n{started:yyyy-MM-ddTHH:mm:ssZ}, {machine}, ")
            .Append(CultureInfo.InvariantCulture, $"{configuration.Strategies.Length} strategies, {took.TotalSeconds:F0} s; ")
            .Append(CultureInfo.InvariantCulture, $"other processes used {others:F2} processors")
            .Append(others > 0.1 ? ": **this is not a measurement**.\n\n" : ".\n\n")
            .Append("Nanoseconds for each event, mean (p99), of the last 200,000 events before the mark; the clock's own cost is taken off.\n\n")
            .Append("| events decided |");
        foreach (string name in Names)
        {
            _ = text.Append(' ').Append(name).Append(" |");
        }

        _ = text.Append(" sum | signals | commands | live orders |\n|---:|").Insert(text.Length, "---:|", Names.Length + 4).Append('\n');
        foreach (StageWindow window in windows)
        {
            double sum = 0;
            _ = text.Append(CultureInfo.InvariantCulture, $"| {window.UpTo:N0} |");
            for (int i = 0; i < Names.Length; i++)
            {
                sum += window.MeanNs[i];
                _ = text.Append(CultureInfo.InvariantCulture, $" {window.MeanNs[i]:F1} ({window.P99Ns[i]:F0}) |");
            }

            _ = text.Append(CultureInfo.InvariantCulture, $" {sum:F1} | {window.Signals} | {window.Commands} | {window.LiveOrders} |\n");
        }

        return text.ToString();
    }

    private static byte[] Json(
        EngineConfiguration configuration, IReadOnlyList<StageWindow> windows, DateTimeOffset started, string machine)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("date", started.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            writer.WriteString("machine", machine);
            writer.WriteNumber("strategies", configuration.Strategies.Length);
            writer.WriteStartArray("windows");
            foreach (StageWindow window in windows)
            {
                writer.WriteStartObject();
                writer.WriteNumber("eventsDecided", window.UpTo);
                writer.WriteNumber("eventsMeasured", window.Events);
                for (int i = 0; i < Names.Length; i++)
                {
                    writer.WriteNumber(Names[i] + "MeanNs", Math.Round(window.MeanNs[i], 1));
                    writer.WriteNumber(Names[i] + "P99Ns", Math.Round(window.P99Ns[i]));
                }

                writer.WriteNumber("signals", window.Signals);
                writer.WriteNumber("commands", window.Commands);
                writer.WriteNumber("liveOrders", window.LiveOrders);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return [.. stream.ToArray(), (byte)'\n'];
    }

    private void Time(in Event e)
    {
        WallClock clock = default;
        long t0 = clock.Now;
        _timed.Fold(e, ref _decision);
        long t1 = clock.Now;
        _timed.Signal(e, ref _decision);
        long t2 = clock.Now;
        _timed.Arbitrate(e, ref _decision);
        long t3 = clock.Now;
        _timed.Rule(e, ref _decision);
        long t4 = clock.Now;
        _timed.Order(e, ref _decision);
        long t5 = clock.Now;
        Note(0, t1 - t0);
        Note(1, t2 - t1);
        Note(2, t3 - t2);
        Note(3, t4 - t3);
        Note(4, t5 - t4);
        _signals += _decision.SignalCount;
        _commands += _decision.CommandCount;
    }

    private void Note(int stage, long time)
    {
        if (time <= Interrupted)
        {
            _sums[stage] += time;
            _times[stage].RecordValue(time);
        }
    }

    private void Close()
    {
        double[] means = new double[Names.Length];
        double[] p99 = new double[Names.Length];
        for (int i = 0; i < Names.Length; i++)
        {
            means[i] = ((double)_sums[i] / _times[i].TotalCount) - _clockCost;
            p99[i] = _times[i].ValueAtPercentile(99) - _clockCost;
            _times[i].Reset();
        }

        _windows.Add(new StageWindow(_events, WindowEvents, means, p99, _signals, _commands, _timed.Orders.LiveOrders));
        Array.Clear(_sums);
        _signals = 0;
        _commands = 0;
    }
}
