using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using LowLatency.Journal;
using LowLatency.Journal.Archive;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Packs the sealed segments of a journal.</summary>
internal static class JournalArchiveCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> folder = JournalArguments.Folder();
        Option<int> keep = new("--keep")
        {
            Description = "Segments at the end of each stream that stay as they are; at least 1.",
            DefaultValueFactory = _ => 1,
        };
        Command command = new(
            "archive",
            "Pack sealed segments, each verified by reading it back before the segment goes. Every command reads archives "
            + "as they are; an engine may run meanwhile.")
        {
            folder, keep,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(parsed.GetValue(folder)!, parsed.GetValue(keep))));
        return command;
    }

    private static int Run(DirectoryInfo folder, int keep)
    {
        if (keep < 1)
        {
            throw new CommandFailure(ExitCode.Usage, $"--keep {keep}: allowed are numbers from 1");
        }

        string journal = JournalArguments.Existing(folder);
        PosixStorage storage = new();
        foreach (StreamKind kind in (ReadOnlySpan<StreamKind>)[StreamKind.Journal, StreamKind.Audit])
        {
            if (!JournalFiles.Any(storage, journal, kind))
            {
                continue;
            }

            ArchiveReport report = JournalArchiver.Run(storage, journal, kind, keep);
            long bytes = 0;
            long packed = 0;
            foreach (ArchivedSegment segment in report.Archived)
            {
                Line($"{segment.Segment}  {segment.Bytes:N0} -> {segment.ArchiveBytes:N0} bytes");
                bytes += segment.Bytes;
                packed += segment.ArchiveBytes;
            }

            string ratio = packed > 0
                ? string.Create(CultureInfo.InvariantCulture, $", {(double)bytes / packed:F2} times smaller")
                : string.Empty;
            Line($"{kind}: {report.Archived.Count} segments archived{ratio}; {report.Before} were before, {report.Left} stay as they are");
            if (report.Problem is { } problem)
            {
                throw new IOException("archiving stopped, the journal is as sound as before: " + problem);
            }
        }

        return ExitCode.Success;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
