using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Journal.Native;
using VenueKind = LowLatency.Core.Events.VenueKind;

namespace LowLatency.Engine.Commands;

/// <summary>Simulates a configuration on recorded inputs, on one thread, as fast as it goes.</summary>
internal static class BacktestCommand
{
    internal static Command Build()
    {
        Option<FileInfo?> config = CommonOptions.Configuration();
        Option<DirectoryInfo?> data = CommonOptions.Data();
        Option<DirectoryInfo?> output = CommonOptions.Output("Keep a journal of the backtest in this (new) directory.");
        Option<FileInfo?> json = CommonOptions.Json();
        Option<DirectoryInfo?> artifact = CommonOptions.Artifact();
        Option<bool> noFunding = new("--no-funding")
        {
            Description = "Take a result in which a perpetual was held without anybody telling its funding; the result names it.",
        };
        Command command = new(
            "backtest",
            "Simulate on recorded inputs. On a recorded run without --config it repeats the run, reports made again: "
            + "the same records come out.")
        {
            config, data, output, json, artifact, noFunding,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(config),
            parsed.GetValue(data),
            parsed.GetValue(output),
            parsed.GetValue(json),
            parsed.GetValue(artifact),
            parsed.GetValue(noFunding))));
        return command;
    }

    /// <summary>Simulates and returns the result; used by the demo too.</summary>
    internal static RunResult Simulate(
        EngineConfiguration? given, string data, string? output, out EngineConfiguration configuration)
    {
        RunReport report = Simulate(given, data, output);
        configuration = report.Configuration;
        return report.Result;
    }

    /// <summary>Simulates and returns all that there is to tell.</summary>
    internal static RunReport Simulate(EngineConfiguration? given, string data, string? output)
    {
        RecordedRun recorded = RecordedRun.Of(data);
        EngineConfiguration configuration = given ?? recorded.Configuration
            ?? throw new CommandFailure(
                ExitCode.Usage, $"--config is missing: {data} is a data set, which has no configuration of its own");
        bool repeat = recorded.IsRun && given is null;
        if (repeat && recorded.Started.Venue == VenueKind.Live)
        {
            throw new CommandFailure(
                ExitCode.Input,
                $"{data}: a live run: its reports are the venue's, and no backtest makes them again. replay repeats it; give "
                + "--config to simulate a configuration on its market");
        }

        if (repeat && Lineage.Of(new PosixStorage(), data) is { Count: > 1 } lineages)
        {
            throw new CommandFailure(
                ExitCode.Input,
                $"{data}: run {lineages[1].Started.Epoch} took over what another build or configuration had left; one backtest "
                + "repeats one configuration. Give --config to simulate that one on the whole market; replay repeats each run "
                + "with its own");
        }

        if (given is not null)
        {
            DataChecks.RequireInstruments(given, data);
        }

        using JournalReader reader = RecordedRun.Open(data);
        using JournalDirectory? journal = output is null
            ? null
            : JournalDirectory.Open(output, configuration, mayResume: false);
        Performance performance = new();
        using Session session = new(new SessionPlan
        {
            Observer = performance,
            Configuration = configuration,
            Inputs = new SessionInputs(reader, repeat ? KeepInputs.WholeRun : KeepInputs.MarketOnly),
            InputsAreRun = repeat,
            Journal = journal,
            Topology = configuration.Session.Topology with { Mode = TopologyMode.Inline },
        });
        session.RunToEnd();
        RunResult result = session.Finish();
        return RunReport.Of(result, performance, session.Pipeline, configuration);
    }

    private static int Run(
        FileInfo? config, DirectoryInfo? data, DirectoryInfo? output, FileInfo? json, DirectoryInfo? artifact, bool noFunding)
    {
        if (data is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--data is missing: the journal directory to simulate on");
        }

        CommonOptions.RefuseUsed(artifact);
        EngineConfiguration? given = config is null ? null : CommonOptions.Load(config);
        if ((given ?? RecordedRun.Of(data.FullName).Configuration) is { } resolved)
        {
            CommonOptions.Print(resolved);
        }

        long start = Stopwatch.GetTimestamp();
        RunReport report = Simulate(given, data.FullName, output?.FullName);
        if (given is not null)
        {
            DataChecks.RequireFunding(report, data.FullName, noFunding);
        }

        Manifest manifest = Manifest.Of(
            "backtest", report.Configuration, data.FullName, Stopwatch.GetElapsedTime(start)) with
        {
            WithoutFunding = report.Unfunded,
        };
        ResultTable.Print(report.Result, manifest);
        PerformanceTable.Print(report);
        CommonOptions.WarnOfMissing(report.Configuration, report.Result);
        CommonOptions.WarnOfBlindGate(report.Configuration, report.Result);
        if (json is not null)
        {
            File.WriteAllBytes(json.FullName, ResultJson.Write(report.Result, manifest, report));
            Console.WriteLine("result   " + json.FullName);
        }

        CommonOptions.Keep(artifact, report, manifest);

        if (output is not null)
        {
            Console.WriteLine("journal  " + output.FullName);
        }

        return ExitCode.Success;
    }
}
