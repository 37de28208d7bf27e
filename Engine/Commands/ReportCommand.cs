using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using LowLatency.Engine.Reports;
using LowLatency.Engine.Results;

namespace LowLatency.Engine.Commands;

/// <summary>Tells what a recorded run came to: one page for people, tables and JSON for programs.</summary>
internal static class ReportCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> journal = new("journal") { Description = "Journal directory of a run or of a backtest." };
        Option<FileInfo?> page = new("--out", "-o")
        {
            Description = "The page: one HTML file that needs nothing else; report.html beside the journal if not given.",
        };
        Option<DirectoryInfo?> csv = new("--csv") { Description = "Write the tables as CSV into this directory." };
        Option<FileInfo?> json = CommonOptions.Json();
        Option<DirectoryInfo?> artifact = CommonOptions.Artifact();
        Command command = new(
            "report", "Tell what a run came to: equity, drawdown, trades, fills, latencies, and reasons to doubt them.")
        {
            journal, page, csv, json, artifact,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(journal)!,
            parsed.GetValue(page),
            parsed.GetValue(csv),
            parsed.GetValue(json),
            parsed.GetValue(artifact))));
        return command;
    }

    private static int Run(
        DirectoryInfo journal, FileInfo? page, DirectoryInfo? csv, FileInfo? json, DirectoryInfo? artifact)
    {
        CommonOptions.RefuseUsed(artifact);
        long start = Stopwatch.GetTimestamp();
        RunReport report = RunReport.OfJournal(journal.FullName, out string? warning);
        Manifest manifest = Manifest.Of(
            "report", report.Configuration, journal.FullName, Stopwatch.GetElapsedTime(start));
        ResultTable.Print(report.Result, manifest);
        PerformanceTable.Print(report);
        if (warning is not null)
        {
            Console.WriteLine("note: " + warning);
        }

        string path = page?.FullName ?? Path.Combine(journal.FullName, ReportFiles.Page);
        File.WriteAllBytes(path, ReportFiles.PageOf(report, manifest));
        Console.WriteLine("page     " + path);
        if (csv is not null)
        {
            ReportFiles.Write(csv.FullName, ReportFiles.Tables(report));
            Console.WriteLine("tables   " + csv.FullName);
        }

        if (json is not null)
        {
            File.WriteAllBytes(json.FullName, ResultJson.Write(report.Result, manifest, report));
            Console.WriteLine("result   " + json.FullName);
        }

        CommonOptions.Keep(artifact, report, manifest);
        return ExitCode.Success;
    }
}
