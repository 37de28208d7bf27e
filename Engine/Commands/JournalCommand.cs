using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Looks into journals: inspect, verify, stat.</summary>
internal static class JournalCommand
{
    internal static Command Build() => new("journal", "Look into a journal.") { Inspect(), Verify(), Stat() };

    private static Argument<DirectoryInfo> Folder() => new("journal") { Description = "Journal directory." };

    private static Command Inspect()
    {
        Argument<DirectoryInfo> folder = Folder();
        Option<long> from = new("--from") { Description = "First sequence.", DefaultValueFactory = _ => 0 };
        Option<long> to = new("--to") { Description = "Last sequence.", DefaultValueFactory = _ => long.MaxValue };
        Option<string?> kind = new("--kind") { Description = "One kind of event, by name, e.g. Trade." };
        Option<int> instrument = new("--instrument") { Description = "One instrument, by number." };
        Option<long> limit = new("--limit") { Description = "Most events to print.", DefaultValueFactory = _ => 100 };
        Option<bool> json = new("--json") { Description = "One JSON object a line." };
        Command command = new("inspect", "Print events.") { folder, from, to, kind, instrument, limit, json };
        command.SetAction(parsed => CommandFailure.Guard(() => Inspect(
            parsed.GetValue(folder)!,
            new InspectionFilter
            {
                From = parsed.GetValue(from),
                To = parsed.GetValue(to),
                Kind = KindOf(parsed.GetValue(kind)),
                Instrument = InstrumentOf(parsed.GetValue(instrument)),
            },
            parsed.GetValue(limit),
            parsed.GetValue(json))));
        return command;
    }

    private static int Inspect(DirectoryInfo folder, InspectionFilter filter, long limit, bool json)
    {
        Program.CommandRan = true;
        RecordedRun.Open(folder.FullName).Dispose();
        using JournalInspector inspector = new(new PosixStorage(), folder.FullName, filter);
        Event e = default;
        for (long printed = 0; printed < limit && inspector.Next(ref e); printed++)
        {
            Console.Out.WriteLine(json ? inspector.Formatter.Json(e) : inspector.Formatter.Human(e));
        }

        return ExitCode.Success;
    }

    private static Command Verify()
    {
        Argument<DirectoryInfo> folder = Folder();
        Command command = new("verify", "Check every header, record, chain and seal of journal and audit log.") { folder };
        command.SetAction(parsed => CommandFailure.Guard(() => Verify(parsed.GetValue(folder)!)));
        return command;
    }

    private static int Verify(DirectoryInfo folder)
    {
        Program.CommandRan = true;
        RecordedRun.Open(folder.FullName).Dispose();
        bool sound = true;
        foreach (StreamKind kind in (ReadOnlySpan<StreamKind>)[StreamKind.Journal, StreamKind.Audit])
        {
            VerificationResult result = JournalVerifier.Verify(new PosixStorage(), folder.FullName, kind);
            Console.WriteLine($"{kind}: {result}");
            sound &= result.IsSound;
        }

        return sound ? ExitCode.Success : ExitCode.No;
    }

    private static Command Stat()
    {
        Argument<DirectoryInfo> folder = Folder();
        Command command = new("stat", "Count what a journal holds.") { folder };
        command.SetAction(parsed => CommandFailure.Guard(() => Stat(parsed.GetValue(folder)!)));
        return command;
    }

    private static int Stat(DirectoryInfo folder)
    {
        Program.CommandRan = true;
        RecordedRun.Open(folder.FullName).Dispose();
        JournalStatistics statistics = JournalStatistics.Of(new PosixStorage(), folder.FullName);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{statistics.Events:N0} events, {statistics.Groups:N0} groups, sequences {statistics.First} to {statistics.Last}, runs {statistics.Epochs}"));
        Console.WriteLine($"{EventFormatter.Time(statistics.Start)} to {EventFormatter.Time(statistics.End)}"
            + (statistics.IsSynthetic ? ", SYNTHETIC" : string.Empty));
        foreach ((EventKind kind, long count) in statistics.Kinds())
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {kind,-18} {count,14:N0}"));
        }

        Console.WriteLine("sha256 of the events " + JournalIdentity.Of(folder.FullName));
        return ExitCode.Success;
    }

    private static EventKind KindOf(string? name)
    {
        if (name is null)
        {
            return EventKind.None;
        }

        return Enum.TryParse(name, ignoreCase: true, out EventKind kind) && Enum.IsDefined(kind) && kind != EventKind.None
            ? kind
            : throw new CommandFailure(
                ExitCode.Usage,
                $"--kind {name}: allowed are {string.Join(", ", Enum.GetNames<EventKind>().AsSpan(1).ToArray())}");
    }

    private static InstrumentId InstrumentOf(int number) => number is >= 0 and <= Limits.Instruments
        ? new InstrumentId((ushort)number)
        : throw new CommandFailure(
            ExitCode.Usage, $"--instrument {number}: allowed are 1 to {Limits.Instruments}");
}
