using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Compares two journals, or their audit logs.</summary>
internal static class JournalDiffCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> left = JournalArguments.Folder("A");
        Argument<DirectoryInfo> right = JournalArguments.Folder("B");
        Option<bool> audit = new("--audit") { Description = "Compare the decisions instead of the events." };
        Command command = new(
            "diff", "Compare two journals: the first difference, then how many of which kind. Ends with 1 when they differ.")
        {
            left, right, audit,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(left)!, parsed.GetValue(right)!, parsed.GetValue(audit))));
        return command;
    }

    private static int Run(DirectoryInfo left, DirectoryInfo right, bool audit)
    {
        string a = JournalArguments.Existing(left);
        string b = JournalArguments.Existing(right);
        PosixStorage storage = new();
        foreach (string folder in (ReadOnlySpan<string>)[a, b])
        {
            if (audit && !JournalFiles.Any(storage, folder, StreamKind.Audit))
            {
                throw new InvalidDataException($"{folder}: there is no audit log; a data set has none");
            }
        }

        JournalDiff diff = audit ? JournalDiff.Audits(storage, a, b) : JournalDiff.Events(storage, a, b);
        string what = audit ? "decisions and checkpoints" : "events";
        if (diff.IsEqual)
        {
            Line($"equal: {diff.Compared:N0} {what}");
            return ExitCode.Success;
        }

        Line($"first difference: {diff.First}");
        Line($"{diff.Compared:N0} {what} in both, {diff.Differing:N0} of them differ; {diff.OnlyLeft:N0} only in A, {diff.OnlyRight:N0} only in B");
        foreach ((string kind, DiffCount count) in diff.Kinds)
        {
            Line($"  {kind,-18} differ {count.Differ,10:N0}   only in A {count.OnlyLeft,10:N0}   only in B {count.OnlyRight,10:N0}");
        }

        return ExitCode.No;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
