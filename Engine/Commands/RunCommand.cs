using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>The live topology on paper: threads, journal, simulated venue, a recorded or generated market.</summary>
internal static class RunCommand
{
    internal static Command Build()
    {
        Option<FileInfo?> config = CommonOptions.Configuration();
        Option<DirectoryInfo?> data = CommonOptions.Data();
        Option<DirectoryInfo?> output = CommonOptions.Output(
            "Journal directory; one that an earlier run left is recovered and continued.");
        Option<double> speed = new("--speed")
        {
            Description = "Market seconds for each second of the wall clock; 0 is flat out.",
            DefaultValueFactory = _ => 0,
        };
        Option<FileInfo?> json = CommonOptions.Json();
        Command command = new(
            "run",
            "Trade on paper: the live topology with a journal, on a recorded market (--data) or the generated one of the "
            + "configuration. SIGINT and SIGTERM end it cleanly.")
        {
            config, data, output, speed, json,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(config),
            parsed.GetValue(data),
            parsed.GetValue(output),
            parsed.GetValue(speed),
            parsed.GetValue(json))));
        return command;
    }

    /// <summary>Runs a session to its end and returns its result; used by the demo too.</summary>
    internal static RunResult Trade(
        EngineConfiguration configuration, string? data, string output, double speed, LatencyRecorder? latency)
    {
        if (configuration.Session.Journal.Durability == Durability.None)
        {
            throw new CommandFailure(
                ExitCode.Usage, "session.journal.durability: none: a run keeps a journal (written or flushed)");
        }

        using JournalReader? reader = data is null ? null : RecordedRun.Open(data);
        IEventSource market = reader is null
            ? new MarketGenerator(configuration.Generator ?? throw new CommandFailure(
                ExitCode.Usage, "--data is missing, and the configuration has no generator section"))
            : new SessionInputs(reader, KeepInputs.MarketOnly);
        using JournalDirectory journal = JournalDirectory.Open(output, configuration, mayResume: true);
        if (journal.Recovered is { } recovered)
        {
            Console.WriteLine($"recovered {recovered.Next} events of {output}; cut {recovered.Cut}");
            foreach (object finding in recovered.Findings)
            {
                Console.WriteLine("  " + finding);
            }
        }

        WarmUp.Run(configuration);
        using Pipe pipe = new(configuration.Session.Topology.RingSize, Topology.WaitFor(configuration.Session.Topology.Wait, 2));
        using MarketThread thread = new(market, pipe, speed);
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = pipe,
            Journal = journal,
            Latency = latency,
        });
        using StopSignals signals = new(session.RequestStop);
        thread.Start();
        SpinWait wait = default;
        while (!session.IsDone)
        {
            if (session.Poll(1 << 10) != 0)
            {
                wait.Reset();
            }
            else
            {
                wait.SpinOnce(sleep1Threshold: speed > 0 ? 50 : -1);
            }
        }

        return session.Finish();
    }

    private static int Run(FileInfo? config, DirectoryInfo? data, DirectoryInfo? output, double speed, FileInfo? json)
    {
        Program.CommandRan = true;
        if (config is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--config is missing: what to trade, and within which limits");
        }

        if (output is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--out is missing: the directory of the journal");
        }

        if (!(speed >= 0) || double.IsInfinity(speed))
        {
            throw new CommandFailure(ExitCode.Usage, $"--speed {speed}: allowed are 0 (flat out) and positive numbers");
        }

        EngineConfiguration configuration = CommonOptions.Load(config);
        CommonOptions.Print(configuration);
        long start = Stopwatch.GetTimestamp();
        LatencyRecorder latency = new();
        RunResult result = Trade(configuration, data?.FullName, output.FullName, speed, latency);
        Manifest manifest = Manifest.Of(
            "run", configuration, data?.FullName, Stopwatch.GetElapsedTime(start));
        ResultTable.Print(result, manifest);
        ResultTable.Print(latency);
        CommonOptions.WarnOfMissing(configuration, result);
        CommonOptions.WarnOfBlindGate(configuration, result);
        Console.WriteLine("journal  " + output.FullName);
        string path = json?.FullName ?? Path.Combine(output.FullName, "result.json");
        File.WriteAllBytes(path, ResultJson.Write(result, manifest));
        Console.WriteLine("result   " + path);
        return ExitCode.Success;
    }
}
