using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Reports;
using LowLatency.Engine.Sweeps;

namespace LowLatency.Engine.Commands;

/// <summary>Backtests many values of parameters.</summary>
internal static class SweepCommand
{
    private const int ThreadsMax = 256;
    private const int Shown = 10;

    internal static Command Build()
    {
        Argument<FileInfo> file = new("file") { Description = "Sweep file (JSON, see docs/results.md)." };
        Option<DirectoryInfo?> output = CommonOptions.Output(
            "Directory of the sweep; one that was cut off goes on where it was.");
        Option<int> threads = new("--threads")
        {
            Description = "Runs at the same time.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        Command command = new(
            "sweep", "Backtest many values of parameters, on all processors: grid, random or walk-forward.")
        {
            file, output, threads,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(file)!, parsed.GetValue(output), parsed.GetValue(threads))));
        return command;
    }

    private static int Run(FileInfo file, DirectoryInfo? output, int threads)
    {
        if (output is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--out is missing: the directory of the sweep");
        }

        if (threads is < 1 or > ThreadsMax)
        {
            throw new CommandFailure(ExitCode.Usage, $"--threads {threads}: allowed are 1 to {ThreadsMax}");
        }

        if (!file.Exists)
        {
            throw new CommandFailure(ExitCode.Usage, $"{file.FullName}: there is no such file");
        }

        SweepPlan plan = Read(file.FullName);
        EngineConfiguration configuration = CommonOptions.Load(new FileInfo(plan.Configuration));
        if (plan.Data is not null)
        {
            DataChecks.RequireInstruments(configuration, plan.Data);
        }

        SweepRun run = Run(plan, configuration, threads);
        string identity = run.Identity();
        using SweepLog log = SweepLog.Open(output.FullName, identity);
        int before = log.Finished.Count;
        if (before != 0)
        {
            Console.WriteLine($"going on: {before} runs are there already");
        }

        IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> all = run.Run(log);
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write("\r\u001b[K");
        }

        ReportFiles.Write(output.FullName, SweepTable.Files(run, all, identity));
        Print(run, all);
        Console.WriteLine($"{run.Executed} runs made, {all.Count} in the table");
        Console.WriteLine("page     " + Path.Combine(output.FullName, "sweep.html"));
        return Judged(run, all);
    }

    /// <summary>A sweep file is what a person asks for: what is wrong with it is a wrong use, as with a configuration.</summary>
    private static SweepPlan Read(string path)
    {
        try
        {
            return SweepPlan.Read(path);
        }
        catch (InvalidDataException wrong)
        {
            throw new CommandFailure(ExitCode.Usage, wrong.Message);
        }
    }

    private static SweepRun Run(SweepPlan plan, EngineConfiguration configuration, int threads)
    {
        try
        {
            return new SweepRun(plan, configuration, threads, Console.IsErrorRedirected ? null : Progress);
        }
        catch (InvalidDataException wrong)
        {
            throw new CommandFailure(ExitCode.Usage, wrong.Message);
        }
    }

    /// <summary>A sweep that judged nothing is no success.</summary>
    private static int Judged(SweepRun run, IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> all)
    {
        foreach ((_, SweepOutcome outcome) in all)
        {
            if (outcome.Figures.GetValueOrDefault(run.Plan.Objective) is not null)
            {
                return ExitCode.Success;
            }
        }

        Console.Error.WriteLine(
            $"error: no run has {run.Plan.Objective}" + (run.Plan.Currency is { } currency ? $" in the currency \"{currency}\"" : string.Empty)
            + ": every one was refused, did not trade, or has other currencies");
        return ExitCode.No;
    }

    private static void Print(SweepRun run, IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> all)
    {
        int shown = 0;
        foreach ((SweepJob job, SweepOutcome outcome) in SweepTable.Ranked(run, all))
        {
            if (shown++ == Shown)
            {
                break;
            }

            List<string> values = [];
            for (int axis = 0; axis < run.Plan.Axes.Count; axis++)
            {
                values.Add(run.Plan.Axes[axis].Path + "=" + SweepTable.ValueOf(run, job.Point, axis));
            }

            Console.WriteLine(
                $"{job.Name}  {run.Plan.Objective} {outcome.Figures.GetValueOrDefault(run.Plan.Objective) ?? "none"}  "
                + string.Join(' ', values) + (outcome.Refused is null ? string.Empty : "  refused: " + outcome.Refused));
        }

        foreach (string note in SweepTable.Notes(run, all))
        {
            Console.WriteLine("note: " + note);
        }
    }

    /// <summary>A bar on the error stream.</summary>
    private static void Progress(int done, int total) => Console.Error.Write("\r" + Bar(done, total) + "\u001b[K");

    /// <summary>The bar at a moment.</summary>
    internal static string Bar(int done, int total)
    {
        const int Width = 40;
        int full = total == 0 ? Width : (int)((long)Width * done / total);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"sweep [{new string('#', full)}{new string('.', Width - full)}] {done} of {total} runs");
    }
}
