using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Makes a new journal of what is valid of a damaged one, when the loss is accepted.</summary>
internal static class JournalRepairCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> folder = JournalArguments.Folder();
        Option<string?> accept = new("--accept-loss")
        {
            Description = "Why the loss is accepted, in words; without it nothing is written, only said what would be lost.",
        };
        Option<string?> output = new("--out", "-o")
        {
            Description = "Directory of the repaired journal; must not exist. The damaged one is not touched.",
        };
        Option<long> known = new("--known")
        {
            Description = "A sequence that is known to have been written, e.g. by a watermark or the venue's orders.",
            DefaultValueFactory = _ => -1,
        };
        Option<FileInfo?> mark = new("--watermark")
        {
            Description = "File of the journal's watermark: what it knows to have been written is what may be lost.",
        };
        Option<FileInfo?> key = new("--key") { Description = "File of the journal's key, when it has one." };
        Command command = new(
            "repair",
            "Make a new journal of what is valid of one that recovery refuses. It says in its next events what was dropped, "
            + "and trading stays halted until an operator accepts.")
        {
            folder, accept, output, known, mark, key,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(folder)!,
            parsed.GetValue(accept),
            parsed.GetValue(output),
            parsed.GetValue(known),
            parsed.GetValue(mark),
            parsed.GetValue(key))));
        return command;
    }

    private static int Run(
        DirectoryInfo folder, string? reason, string? output, long known, FileInfo? markFile, FileInfo? keyFile)
    {
        string journal = JournalArguments.Existing(folder);
        if (reason is not null && (string.IsNullOrWhiteSpace(reason) || reason.Length > RepairNote.ReasonMax))
        {
            throw new CommandFailure(
                ExitCode.Usage, $"--accept-loss: allowed are 1 to {RepairNote.ReasonMax} characters that say why");
        }

        if (reason is not null && output is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--out is missing: the directory of the repaired journal");
        }

        if (known < -1)
        {
            throw new CommandFailure(ExitCode.Usage, $"--known {known}: allowed are numbers from 0, or -1 for none");
        }

        string? target = output is null ? null : Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        if (target is not null && (Directory.Exists(target) || File.Exists(target)))
        {
            throw new CommandFailure(ExitCode.Usage, $"--out {output}: exists already; nothing is overwritten");
        }

        PosixStorage storage = new();
        using JournalKey? key = JournalVerifyCommand.LoadKey(storage, keyFile);
        if (InstanceLock.TryAcquire(storage, journal, out InstanceLock? held) is { } locked)
        {
            throw new IOException(locked);
        }

        using (held!)
        {
            long marked = KnownOf(storage, markFile, key);
            RepairPlan plan = JournalRepair.Plan(storage, journal, Math.Max(known, marked), key);
            return Decide(storage, journal, plan, reason, target, key);
        }
    }

    private static long KnownOf(PosixStorage storage, FileInfo? file, JournalKey? key)
    {
        if (file is null)
        {
            return -1;
        }

        string? unknown = Watermark.Read(storage, file.FullName, null, key, out Watermark? mark, out bool exists);
        return unknown is not null ? throw new CommandFailure(ExitCode.Usage, "--watermark: " + unknown)
            : exists ? mark?.Sequence ?? -1
            : throw new CommandFailure(ExitCode.Usage, $"--watermark {file}: there is no such file");
    }

    private static int Decide(
        PosixStorage storage, string journal, RepairPlan plan, string? reason, string? target, JournalKey? key)
    {
        if (plan.Impossible is { } impossible)
        {
            Console.WriteLine("recovery refuses: " + (plan.Refusal?.Describe() ?? "no"));
            throw new IOException("this cannot be repaired: " + impossible);
        }

        if (plan.IsSound)
        {
            Line($"the journal is sound, there is nothing to repair: {plan.NextSequence:N0} events");
            return ExitCode.Success;
        }

        Console.WriteLine(plan.Refusal is null
            ? "recovery does not refuse the streams by themselves"
            : "recovery refuses: " + plan.Refusal.Describe());
        Line($"kept: events up to {plan.NextSequence - 1}, {plan.NextAuditRecord} audit records");
        long lost = plan.KnownSequence - plan.NextSequence + 1;
        Line($"lost: {(lost > 0 ? $"events {plan.NextSequence} to {plan.KnownSequence} at least, {lost:N0} of them" : "no event that is known of")}");
        Print(plan.JournalParts);
        Print(plan.AuditParts);
        foreach (DroppedPart part in plan.BesideParts)
        {
            Line($"  {part.File}: {part.Reason}");
        }

        if (reason is null)
        {
            Console.Out.Flush();
            throw new CommandFailure(
                ExitCode.No, "nothing was written: --accept-loss \"why\" and --out DIRECTORY make a journal of what is kept");
        }

        JournalDirectory.MakeParent(target!);
        if (JournalRepair.Run(storage, journal, target!, plan, reason, Now(), key) is { } problem)
        {
            throw new IOException("not repaired: " + problem);
        }

        Console.WriteLine($"repaired journal  {target}");
        Console.WriteLine($"the damaged files are as they were, in {journal}: keep them");
        Console.WriteLine("trading is halted in the repaired journal until an operator accepts it");
        return ExitCode.Success;
    }

    private static void Print(IReadOnlyList<DroppedPart> parts)
    {
        foreach (DroppedPart part in parts)
        {
            string records = part.Records < 0
                ? "an unknown number of records"
                : string.Create(CultureInfo.InvariantCulture, $"{part.Records:N0} records");
            Line($"  dropped: {part.File} from offset {part.Offset}, {records}: {part.Reason}");
        }
    }

    private static long Now() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
