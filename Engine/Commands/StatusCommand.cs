using System;
using System.CommandLine;
using System.IO;
using System.Text;
using LowLatency.Engine.Live;

namespace LowLatency.Engine.Commands;

/// <summary>What a live run says of itself.</summary>
internal static class StatusCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> directory = new("directory") { Description = "Journal directory of a live run." };
        Option<bool> json = new("--json") { Description = "One line of JSON instead of a table." };
        Command command = new("status", "What a live run says of itself: phase, gate, orders and positions here and at the venue, alerts.")
        {
            directory, json,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(parsed.GetValue(directory)!, parsed.GetValue(json))));
        return command;
    }

    private static int Run(DirectoryInfo directory, bool json)
    {
        if (LiveControl.Ask(directory.FullName, "status") is not { Length: > 0 } answer)
        {
            RunMemory memory = new(directory.FullName);
            throw new CommandFailure(
                ExitCode.No,
                $"{directory.FullName}: no live run answers here" + (memory.IsKilled ? "; the kill switch is set" : string.Empty));
        }

        Console.WriteLine(json ? Encoding.UTF8.GetString(answer) : LiveStatus.ToTable(answer));
        return ExitCode.Success;
    }
}
