using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using LowLatency.Engine.Latency;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Shows latency logs: percentiles of each hop, their curves, and one run against another.</summary>
internal static class LatencyCommand
{
    /// <summary>Most logs side by side: as many as there are colours that can be told apart.</summary>
    internal const int FilesMax = 6;

    internal static Command Build()
    {
        Argument<FileSystemInfo[]> files = new("file")
        {
            Description = "Histogram logs (.hlog, nanoseconds), or folders of runs. The others are compared with the first.",
            Arity = new ArgumentArity(1, FilesMax),
        };
        Option<FileInfo?> html = new("--html")
        {
            Description = "Also draw the percentile curves: one page that needs nothing else.",
        };
        Command command = new("latency", "Print percentiles by hop from latency logs, compare runs, draw their curves.")
        {
            files, html,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(parsed.GetValue(files)!, parsed.GetValue(html))));
        return command;
    }

    private static int Run(FileSystemInfo[] files, FileInfo? html)
    {
        List<LatencyRun> runs = [];
        foreach (FileSystemInfo file in files)
        {
            if (!Path.Exists(file.FullName))
            {
                throw new CommandFailure(ExitCode.Usage, $"{file.FullName}: there is no such file or folder");
            }

            runs.Add(Named(LatencyRun.Load(file.FullName), file, runs));
        }

        foreach (LatencyRun run in runs)
        {
            Console.WriteLine($"{run.Name}: {run.Intervals} intervals");
            foreach (string note in run.Notes)
            {
                Console.WriteLine("  " + note);
            }

            LatencyTable.Print("hop", run.Hops);
        }

        foreach (LatencyRun run in runs)
        {
            if (run != runs[0])
            {
                Compare(run, runs[0]);
            }
        }

        if (html is not null)
        {
            File.WriteAllText(html.FullName, LatencyPage.Html(runs));
            Console.WriteLine("curves   " + html.FullName);
        }

        return ExitCode.Success;
    }

    private static void Compare(LatencyRun run, LatencyRun against)
    {
        Console.WriteLine($"{run.Name} against {against.Name}: above 1 is slower than {against.Name}");
        LatencyTable.PrintRatios(run, against);
        Console.WriteLine($"  {LatencyTable.Unknown} fewer than {LatencyRun.Beyond} values beyond it in one of them");
        Missing(run, against);
        Missing(against, run);
    }

    private static void Missing(LatencyRun run, LatencyRun other)
    {
        if (LatencyTable.OnlyIn(run, other) is { Count: > 0 } names)
        {
            Console.WriteLine($"  only in {run.Name}: {string.Join(", ", names)}");
        }
    }

    /// <summary>Runs lie in folders of their own and their logs have the same name: the path tells them apart.</summary>
    private static LatencyRun Named(LatencyRun run, FileSystemInfo file, List<LatencyRun> before)
    {
        bool isTaken = before.Exists(other => other.Name == run.Name);
        return isTaken ? run with { Name = $"{file} ({before.Count + 1})" } : run;
    }
}
