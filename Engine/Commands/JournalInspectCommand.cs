using System;
using System.CommandLine;
using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Prints events, or the decisions on them.</summary>
internal static class JournalInspectCommand
{
    internal static Command Build()
    {
        JournalArguments arguments = new();
        Option<long> limit = new("--limit")
        {
            Description = "Most events to print.",
            DefaultValueFactory = _ => 100,
        };
        Option<bool> json = new("--json") { Description = "One JSON object a line." };
        Option<bool> audit = new("--audit")
        {
            Description = "Print what was decided on the events instead: signals, suppressions, intents, verdicts, commands.",
        };
        Command command = new("inspect", "Print events, or with --audit the decisions on them. It goes straight to the range.");
        arguments.AddTo(command, range: true);
        command.Add(limit);
        command.Add(json);
        command.Add(audit);
        command.SetAction(parsed => CommandFailure.Guard(() =>
        {
            InspectionFilter filter = arguments.Filter(parsed, range: true);
            long most = parsed.GetValue(limit);
            if (most < 1)
            {
                throw new CommandFailure(ExitCode.Usage, $"--limit {most}: allowed are numbers from 1");
            }

            string journal = arguments.Journal(parsed);
            return parsed.GetValue(audit)
                ? Decisions(journal, filter, most, parsed.GetValue(json))
                : Events(journal, filter, most, parsed.GetValue(json));
        }));
        return command;
    }

    private static int Events(string journal, InspectionFilter filter, long limit, bool json)
    {
        using JournalInspector inspector = new(new PosixStorage(), journal, filter);
        Event e = default;
        for (long printed = 0; printed < limit && inspector.Next(ref e); printed++)
        {
            Console.Out.WriteLine(json ? inspector.Formatter.Json(e) : inspector.Formatter.Human(e));
        }

        return ExitCode.Success;
    }

    private static int Decisions(string journal, InspectionFilter filter, long limit, bool json)
    {
        if (filter.Kind != EventKind.None || filter.Source != EventSource.None)
        {
            throw new CommandFailure(
                ExitCode.Usage, "--kind and --source choose events: with --audit allowed are ranges and --instrument");
        }

        PosixStorage storage = new();
        if (!JournalFiles.Any(storage, journal, StreamKind.Audit))
        {
            throw new System.IO.InvalidDataException($"{journal}: there is no audit log; a data set has none");
        }

        using AuditInspector inspector = new(storage, journal, filter);
        AuditGroup group = new();
        for (long printed = 0; printed < limit && inspector.Next(group); printed++)
        {
            if (json)
            {
                Console.Out.WriteLine(inspector.Json(group));
                continue;
            }

            foreach (string line in inspector.Human(group))
            {
                Console.Out.WriteLine(line);
            }
        }

        return ExitCode.Success;
    }
}
