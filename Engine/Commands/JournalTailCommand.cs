using System;
using System.CommandLine;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Engine.Running;
using LowLatency.Journal.Format;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Prints the last events, and with -f those that come.</summary>
internal static class JournalTailCommand
{
    /// <summary>How often a quiet journal is looked at.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    internal static Command Build()
    {
        JournalArguments arguments = new();
        Option<long> count = new("--lines", "-n")
        {
            Description = "How many of the last events to look at.",
            DefaultValueFactory = _ => 10,
        };
        Option<bool> follow = new("--follow", "-f")
        {
            Description = "Go on with the events that come, across segments and runs, until SIGINT or SIGTERM.",
        };
        Option<bool> untilEnd = new("--until-end") { Description = "With -f: end with the run that is followed." };
        Option<bool> json = new("--json") { Description = "One JSON object a line." };
        Command command = new("tail", "Print the last events; with -f follow an engine that runs.");
        arguments.AddTo(command, range: false);
        command.Add(count);
        command.Add(follow);
        command.Add(untilEnd);
        command.Add(json);
        command.SetAction(parsed => CommandFailure.Guard(() =>
        {
            InspectionFilter filter = arguments.Filter(parsed, range: false);
            long lines = parsed.GetValue(count);
            if (lines < 0)
            {
                throw new CommandFailure(ExitCode.Usage, $"--lines {lines}: allowed are numbers from 0");
            }

            if (parsed.GetValue(untilEnd) && !parsed.GetValue(follow))
            {
                throw new CommandFailure(ExitCode.Usage, "--until-end: allowed with -f only");
            }

            return Run(
                arguments.Journal(parsed),
                filter,
                lines,
                parsed.GetValue(follow),
                parsed.GetValue(untilEnd),
                parsed.GetValue(json));
        }));
        return command;
    }

    private static int Run(string journal, InspectionFilter filter, long lines, bool follow, bool untilEnd, bool json)
    {
        PosixStorage storage = new();
        long end = RecordSearch.End(storage, journal, StreamKind.Journal);
        using JournalInspector inspector = new(
            storage, journal, new InspectionFilter { From = Math.Max(0, end - lines) });
        using ManualResetEventSlim stop = new();
        StopSignals signals = new();
        signals.Tell(stop.Set);
        Event e = default;
        while (!stop.IsSet)
        {
            bool ended = false;
            while (!ended && !stop.IsSet && inspector.Next(ref e))
            {
                if (filter.Takes(e))
                {
                    Console.Out.WriteLine(json ? inspector.Formatter.Json(e) : inspector.Formatter.Human(e));
                }

                // Ends before the place where following began are history.
                ended = untilEnd && e.Kind == EventKind.EpochEnded && e.Sequence >= end - 1;
            }

            if (ended || !follow)
            {
                break;
            }

            Console.Out.Flush();
            _ = stop.Wait(_pause);
        }

        return ExitCode.Success;
    }
}
