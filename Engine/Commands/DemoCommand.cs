using System;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Latency;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>The engine's main job with nothing else installed.</summary>
internal static class DemoCommand
{
    private const int TradesShown = 8;

    internal static Command Build()
    {
        Option<DirectoryInfo?> output = CommonOptions.Output("Where the files go; must not exist. Default: out/demo-N.");
        Option<long> seed = new("--seed") { Description = "Seed of the generated market.", DefaultValueFactory = _ => 42 };
        Option<long> events = new("--events")
        {
            Description = "Market events to generate.",
            DefaultValueFactory = _ => 400_000,
        };
        Command command = new(
            "demo",
            "A paper session on a generated market through the live topology, journaled; then replayed, compared with its "
            + "audit log, and backtested to the same records.")
        {
            output, seed, events,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(output), parsed.GetValue(seed), parsed.GetValue(events))));
        return command;
    }

    private static int Run(DirectoryInfo? output, long seed, long events)
    {
        if (seed < 0 || events is < 1_000 or > 1_000_000_000)
        {
            throw new CommandFailure(
                ExitCode.Usage,
                $"--seed {seed} --events {events}: allowed are a seed from 0 and 1,000 to 1,000,000,000 events");
        }

        string folder = output?.FullName ?? NextFolder();
        if (Directory.Exists(folder))
        {
            throw new CommandFailure(ExitCode.Usage, $"--out {folder}: exists already; nothing is overwritten");
        }

        EngineConfiguration configuration = Configuration(seed, events);
        string journal = Path.Combine(folder, "run");
        Console.WriteLine("1. a paper session: market thread, hot thread, sync thread; every event journaled");
        long start = Stopwatch.GetTimestamp();
        (RunResult run, string? log, HdrHistogram?[]? latency) = RunCommand.Trade(
            configuration, null, journal, 0, RunHabits.Usual);
        Manifest manifest = Manifest.Of("demo", configuration, null, Stopwatch.GetElapsedTime(start));
        PrintTrades(journal);
        ResultTable.Print(run, manifest);
        LatencyTable.Print(latency!);
        Console.WriteLine("latency " + log);
        File.WriteAllBytes(Path.Combine(folder, "result.json"), ResultJson.Write(run, manifest));
        File.WriteAllBytes(Path.Combine(folder, "configuration.json"), configuration.ToCanonicalJson());

        Console.WriteLine();
        Console.WriteLine("2. replay: the journal through a fresh pipeline, every decision compared with the audit log");
        ReplayReport replay = Replay.Run(journal, null, verify: true);
        Console.WriteLine($"   {replay.Decisions:N0} decisions, {replay.Checkpoints} checkpoints: {replay.Difference ?? "equal"}");
        Console.WriteLine($"   decisions {replay.Rolling}");
        Console.WriteLine($"   state     {replay.State}");

        Console.WriteLine("3. backtest: the same inputs, the venue's reports made again");
        RunResult backtest = BacktestCommand.Simulate(null, journal, Path.Combine(folder, "backtest"), out _);
        string recorded = JournalIdentity.Of(journal);
        string again = JournalIdentity.Of(Path.Combine(folder, "backtest"));
        Console.WriteLine($"   decisions {backtest.DecisionDigest}");
        Console.WriteLine($"   state     {backtest.StateDigest}");
        Console.WriteLine($"   journal   {(recorded == again ? "equal record for record" : "DIFFERS")}: sha256 {again[..16]}...");
        Console.WriteLine();
        Console.WriteLine("files: " + folder);
        bool equal = replay.Difference is null
            && replay.State == run.StateDigest
            && backtest.StateDigest == run.StateDigest
            && backtest.DecisionDigest == run.DecisionDigest
            && recorded == again;
        Console.WriteLine(equal
            ? "run, replay and backtest agree, bit for bit"
            : "run, replay and backtest DO NOT agree");
        return equal ? ExitCode.Success : ExitCode.No;
    }

    /// <summary>The built-in configuration with another seed and length, through the same strict reader.</summary>
    private static EngineConfiguration Configuration(long seed, long events)
    {
        System.Text.Json.Nodes.JsonNode root = System.Text.Json.Nodes.JsonNode.Parse(DemoConfiguration.Json())!;
        root["seed"] = seed;
        root["generator"]!["events"] = events;
        return CommonOptions.Parse(
            System.Text.Encoding.UTF8.GetBytes(root.ToJsonString()), DemoConfiguration.Name, Environment.CurrentDirectory);
    }

    private static string NextFolder()
    {
        int number = 1;
        while (Directory.Exists(Path.Combine("out", "demo-" + number.ToString(CultureInfo.InvariantCulture))))
        {
            number++;
        }

        return Path.GetFullPath(Path.Combine("out", "demo-" + number.ToString(CultureInfo.InvariantCulture)));
    }

    private static void PrintTrades(string journal)
    {
        using JournalReader reader = RecordedRun.Open(journal);
        MarketView instruments = new([], 0);
        Event e = default;
        int shown = 0;
        Console.WriteLine("   first trades:");
        while (shown < TradesShown && reader.Read(ref e) == ReadResult.Event)
        {
            if (e.Kind == EventKind.InstrumentDefined)
            {
                instruments.Apply(e);
            }
            else if (e.Kind == EventKind.Execution && instruments.TryGet(e.Instrument, out InstrumentMarket? market))
            {
                Instrument rules = market.Definition;
                Execution fill = e.Execution;
                string price = DecimalText.ToText(fill.Price, rules.PriceExponent);
                string quantity = DecimalText.ToText(fill.Quantity, rules.QuantityExponent);
                Console.WriteLine(
                    $"   #{e.Sequence,-8} {market.Symbol,-8} {fill.Side,-4} {quantity,8} @ {price,-10} {fill.Liquidity,-5} fee {ResultTable.Amount(fill.Fee)}");
                shown++;
            }
        }
    }
}
