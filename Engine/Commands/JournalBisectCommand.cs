using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Finds the first event that a replay decides differently than was recorded.</summary>
internal static class JournalBisectCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> folder = JournalArguments.Folder();
        Option<FileInfo?> config = CommonOptions.Configuration();
        Command command = new(
            "bisect",
            "Find the first event that a replay, with --config under another configuration, decides differently: stage, field, "
            + "both values. Ends with 1 when there is one.")
        {
            folder, config,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(parsed.GetValue(folder)!, parsed.GetValue(config))));
        return command;
    }

    /// <summary>Says where a replay went apart.</summary>
    internal static void Print(Divergence divergence)
    {
        Line($"checkpoints: {(divergence.EqualUpTo < 0 ? "none agrees" : $"equal up to event {divergence.EqualUpTo}")}, {(divergence.DifferentAt < 0 ? "none differs" : $"different at event {divergence.DifferentAt}")}");
        if (divergence.Difference is { } difference)
        {
            string entry = difference.Entry < 0
                ? string.Empty
                : string.Create(CultureInfo.InvariantCulture, $"[{difference.Entry}]");
            Line($"first differing event  {divergence.Event}");
            Line($"stage     {difference.Stage}");
            Line($"field     {difference.Section}{entry}.{difference.Field}");
            Line($"recorded  {difference.Recorded}");
            Line($"replayed  {difference.Replayed}");
        }
        else if (divergence.StateOnly)
        {
            Line($"every decision up to event {divergence.DifferentAt} is equal, and the state after it is not: it went apart after event {divergence.EqualUpTo}");
        }
    }

    private static int Run(DirectoryInfo folder, FileInfo? config)
    {
        string journal = JournalArguments.Existing(folder);
        EngineConfiguration? given = config is null ? null : CommonOptions.Load(config);
        Divergence divergence = Bisection.Run(journal, given);
        Line($"replayed {divergence.Events:N0} events");
        Print(divergence);
        Console.WriteLine(divergence.IsEqual ? "equal" : "DIFFERS");
        return divergence.IsEqual ? ExitCode.Success : ExitCode.No;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
