using System;
using System.CommandLine;
using System.IO;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;

namespace LowLatency.Engine.Commands;

/// <summary>Replays a recorded run with the gateway muted.</summary>
internal static class ReplayCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> journal = new("journal") { Description = "Journal directory of a run." };
        Option<bool> verify = new("--verify")
        {
            Description = "Compare every decision with the audit log, bit for bit; name the first difference.",
        };
        Option<FileInfo?> config = CommonOptions.Configuration();
        Command command = new("replay", "Replay a recorded run with the gateway muted.") { journal, verify, config };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(journal)!, parsed.GetValue(verify), parsed.GetValue(config))));
        return command;
    }

    private static int Run(DirectoryInfo journal, bool verify, FileInfo? config)
    {
        EngineConfiguration? given = config is null ? null : CommonOptions.Load(config);
        ReplayReport report = Replay.Run(journal.FullName, given, verify);
        Console.WriteLine($"replayed {report.Events} events, decision digest {report.Rolling}");
        Console.WriteLine($"state digest {report.State}");
        if (!verify)
        {
            return ExitCode.Success;
        }

        Console.WriteLine(
            $"compared {report.Decisions} decisions and {report.Checkpoints} checkpoints "
            + $"({report.StateCheckpoints} with the whole state)");
        if (report.Warning is not null)
        {
            Console.WriteLine("note: " + report.Warning);
        }

        if (report.Difference is null)
        {
            Console.WriteLine("equal");
            return ExitCode.Success;
        }

        Console.WriteLine("DIFFERS: " + report.Difference);
        JournalBisectCommand.Print(Bisection.Run(journal.FullName, given));
        return ExitCode.No;
    }
}
