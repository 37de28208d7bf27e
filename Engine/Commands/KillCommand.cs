using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Text.Json;
using System.Threading;
using LowLatency.Engine.Live;

namespace LowLatency.Engine.Commands;

/// <summary>The kill switch of a live run.</summary>
internal static class KillCommand
{
    private const int ReasonMax = 400;
    private const int LookEveryMilliseconds = 100;

    private const int WaitMax = 3_600;

    internal static Command Build()
    {
        Argument<DirectoryInfo> directory = new("directory") { Description = "Journal directory of a live run." };
        Option<string> reason = new("--reason")
        {
            Description = "Why; goes into the journal.",
            DefaultValueFactory = _ => "command",
        };
        Option<int> wait = new("--wait")
        {
            Description = $"Seconds to wait for the proof, 1 to {WaitMax}; without it in time the answer is no.",
            DefaultValueFactory = _ => 60,
        };
        Command command = new(
            "kill",
            "Set the kill switch of a live run: nothing new leaves, everything is cancelled; ends with 0 once the venue has been read and "
            + "shows no order of ours. Positions stay. Without a run the switch is set for the next one. It holds until run --live --release-kill.")
        {
            directory, reason, wait,
        };
        command.SetAction(parsed => CommandFailure.Guard(
            () => Run(parsed.GetValue(directory)!, parsed.GetValue(reason)!, parsed.GetValue(wait))));
        return command;
    }

    private static int Run(DirectoryInfo directory, string reason, int wait)
    {
        if (wait is < 1 or > WaitMax)
        {
            throw new CommandFailure(ExitCode.Usage, $"--wait {wait}: allowed are 1 to {WaitMax} seconds");
        }

        reason = reason.ReplaceLineEndings(" ");
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > ReasonMax)
        {
            throw new CommandFailure(ExitCode.Usage, $"--reason: must have 1 to {ReasonMax} characters");
        }

        if (!directory.Exists)
        {
            throw new CommandFailure(ExitCode.Usage, $"{directory.FullName}: there is no such directory");
        }

        byte[]? answer = LiveControl.Ask(directory.FullName, "kill " + reason);
        if (answer is null)
        {
            new RunMemory(directory.FullName).Kill(reason);
            Console.WriteLine("killed   no run answers here; the switch is set for the next one. Nothing was cancelled");
            return ExitCode.No;
        }

        Console.WriteLine("killed   nothing new leaves; waiting until the venue shows no order of ours");
        long start = Stopwatch.GetTimestamp();
        using ManualResetEventSlim never = new(false);
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < wait)
        {
            if (answer is { Length: > 0 } && IsProven(answer))
            {
                Console.WriteLine("proven   the venue shows no order of ours; positions stay");
                return ExitCode.Success;
            }

            _ = never.Wait(LookEveryMilliseconds);
            answer = LiveControl.Ask(directory.FullName, "status");
        }

        throw new CommandFailure(ExitCode.No, "the switch is set, and it is not proven that nothing works at the venue: look there");
    }

    private static bool IsProven(byte[] status)
    {
        using JsonDocument document = JsonDocument.Parse(status);
        return document.RootElement.TryGetProperty("killProven", out JsonElement proven) && proven.GetBoolean();
    }
}
