using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Journal.Import;
using LowLatency.Journal.Native;
using Spectre.Console;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Turns recorded market data into a journal.</summary>
internal static class ImportCommand
{
    private const int SegmentCapacity = 1 << 19;

    internal static Command Build()
    {
        Argument<FileInfo[]> files = new("files")
        {
            Description = "Recorded files; several are merged by receive time, file order, line.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string> format = new("--format", "-f")
        {
            Description = "binance, bybit, lean, csv or tardis; detected from the file when not given.",
            DefaultValueFactory = _ => "detect",
        };
        Option<string[]> instruments = new("--instrument", "-i")
        {
            Description = "What a file does not say of its instrument, key=value,key=value (see docs/data.md); "
                + "one for each file in order, or one for all.",
        };
        Option<bool> allowGaps = new("--allow-gaps")
        {
            Description = "Take data of which a part is known to be missing; without it the import is refused.",
        };
        Option<DirectoryInfo?> output = CommonOptions.Output("Directory of the new journal; must not hold one.");
        Command command = new("import", "Import recorded market data into a journal.")
        {
            files, format, instruments, allowGaps, output,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(files)!,
            parsed.GetValue(format)!,
            parsed.GetValue(instruments) ?? [],
            parsed.GetValue(allowGaps),
            parsed.GetValue(output))));
        return command;
    }

    private static int Run(FileInfo[] files, string formatName, string[] instruments, bool allowGaps, DirectoryInfo? output)
    {
        if (output is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--out is missing: the directory of the new journal");
        }

        ImportFormat format = ImportFormat.Detect;
        if (formatName != "detect" && !ImportFormats.TryParse(formatName, out format))
        {
            throw new CommandFailure(ExitCode.Usage, $"--format {formatName}: allowed are {ImportFormats.Names}");
        }

        using ImportSource source = ImportSource.Open(Inputs(files, format, instruments, allowGaps));
        long events = Write(source, output.FullName, allowGaps);
        Print(source.Summary);
        Console.WriteLine($"{events.ToString("N0", CultureInfo.InvariantCulture)} events in {output.FullName}");
        return ExitCode.Success;
    }

    private static List<ImportFile> Inputs(
        FileInfo[] files, ImportFormat format, string[] instruments, bool allowGaps)
    {
        if (instruments.Length > 1 && instruments.Length != files.Length)
        {
            throw new CommandFailure(
                ExitCode.Usage,
                $"--instrument was given {instruments.Length} times for {files.Length} files; allowed are once or once a file");
        }

        List<ImportFile> inputs = [];
        for (int i = 0; i < files.Length; i++)
        {
            InstrumentOptions? options = null;
            if (instruments.Length != 0)
            {
                string text = instruments[instruments.Length == 1 ? 0 : i];
                try
                {
                    options = InstrumentOptions.Parse(text);
                }
                catch (FormatException problem)
                {
                    throw new CommandFailure(ExitCode.Usage, $"--instrument {text}: {problem.Message}");
                }
            }

            inputs.Add(new ImportFile(files[i].FullName, format, options, allowGaps));
        }

        return inputs;
    }

    /// <summary>
    /// Writes the journal. A refused import leaves nothing that a later command could take for the whole: the directory
    /// is removed again when this import made it.
    /// </summary>
    private static long Write(ImportSource source, string directory, bool allowGaps)
    {
        bool existed = Directory.Exists(directory);
        PosixStorage storage = new();
        JournalDirectory.MakeParent(directory);
        if (InstanceLock.TryAcquire(storage, directory, out InstanceLock? held) is { } locked)
        {
            throw new IOException(locked);
        }

        bool begun = false;
        bool complete = false;
        try
        {
            JournalOptions options = new() { Instance = 1, Epoch = 1, SegmentCapacity = SegmentCapacity };
            if (JournalWriter.Create(storage, directory, options, out JournalWriter? journal) is { } error)
            {
                throw new IOException(
                    error.Errno == Errno.EEXIST
                        ? $"{directory}: there is a journal already; choose another directory"
                        : "the journal could not be made: " + error);
            }

            begun = true;
            using (journal)
            {
                long events = Copy(source, journal!);
                DataChecks.Require(source.Summary, allowGaps);
                if (journal!.Close() is { } notClosed)
                {
                    throw new IOException("the journal could not be closed: " + notClosed);
                }

                complete = true;
                return events;
            }
        }
        finally
        {
            held!.Dispose();
            if (!complete)
            {
                Clean(directory, existed, begun);
            }
        }
    }

    private static long Copy(ImportSource source, JournalWriter journal)
    {
        long copied = 0;
        Event e = default;
        void All(Action<double> progress)
        {
            using SyncThread sync = new(journal);
            while (source.Read(ref e) == ReadResult.Event)
            {
                e.Sequence = copied++;
                journal.Append(in e);
                if ((copied & 0xFFFF) == 0)
                {
                    progress(source.Progress.Fraction);
                }
            }

            progress(1);
        }

        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            All(_ => { });
            return copied;
        }

        AnsiConsole.Progress().Start(context =>
        {
            ProgressTask task = context.AddTask("importing", maxValue: 1);
            All(fraction => task.Value = fraction);
        });
        return copied;
    }

    private static void Clean(string directory, bool existed, bool begun)
    {
        if (!existed)
        {
            Directory.Delete(directory, recursive: true);
            return;
        }

        // A journal is begun only where there is none: every segment here is this import's own.
        if (begun)
        {
            foreach (string segment in Directory.GetFiles(directory, "journal-*.seg"))
            {
                File.Delete(segment);
            }
        }
    }

    private static void Print(ImportSummary summary)
    {
        foreach (FileSummary file in summary.Files)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileName(file.Path)}: {file.Format}, {file.Lines:N0} lines, {file.Events:N0} events, gaps {file.Gaps}, sha256 {file.Sha256}"));
            Print("applied", file.Applied);
            Print("discarded", file.Discarded);
            Print("ignored", file.Ignored);
        }

        foreach (InstrumentSummary instrument in summary.Instruments)
        {
            InstrumentDefined rules = instrument.Definition;
            string companions = instrument.CorporateActions + instrument.FundingRates == 0
                ? string.Empty
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $", {instrument.CorporateActions:N0} corporate actions, {instrument.FundingRates:N0} funding rates");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"instrument {instrument.Id.Value} {rules.Symbol}: {rules.InstrumentKind}, {rules.Currency}, tick {DecimalText.ToText(rules.Tick, rules.PriceExponent)}, lot {DecimalText.ToText(rules.Lot, rules.QuantityExponent)}, {instrument.Trades:N0} trades, {instrument.Quotes:N0} quotes, {instrument.Snapshots:N0} snapshots, {instrument.Differences:N0} differences, {instrument.Bars:N0} bars{companions}"));
        }
    }

    private static void Print(string what, IReadOnlyDictionary<string, long> counts)
    {
        foreach ((string name, long count) in counts)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what} {name}: {count:N0}"));
        }
    }
}
