using System;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Checks a journal and its audit log with all cores.</summary>
internal static class JournalVerifyCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> folder = JournalArguments.Folder();
        Option<FileInfo?> key = new("--key")
        {
            Description = "File of the journal's key: every footer must be signed by it.",
        };
        Option<bool> quick = new("--quick")
        {
            Description = "Leave SHA-256 out: headers, footers, every record's CRC and the chain are checked all the same.",
        };
        Option<int> threads = new("--threads")
        {
            Description = "Segments that are checked at the same time; the default is one for each core.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        Command command = new("verify", "Check every header, record, chain and seal of journal and audit log.")
        {
            folder, key, quick, threads,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(folder)!, parsed.GetValue(key), parsed.GetValue(quick), parsed.GetValue(threads))));
        return command;
    }

    private static int Run(DirectoryInfo folder, FileInfo? keyFile, bool quick, int threads)
    {
        if (threads is < 1 or > 256)
        {
            throw new CommandFailure(ExitCode.Usage, $"--threads {threads}: allowed are 1 to 256");
        }

        string journal = JournalArguments.Existing(folder);
        PosixStorage storage = new();
        using JournalKey? key = LoadKey(storage, keyFile);
        bool sound = true;
        foreach (StreamKind kind in (ReadOnlySpan<StreamKind>)[StreamKind.Journal, StreamKind.Audit])
        {
            if (!JournalFiles.Any(storage, journal, kind))
            {
                bool isLost = IsRun(journal);
                Console.WriteLine($"{Name(kind)}  there is none" + (isLost ? ", and a run keeps both: it was lost" : string.Empty));
                sound &= !isLost;
                continue;
            }

            sound &= Stream(storage, journal, kind, key, quick, threads);
        }

        Console.WriteLine(sound ? "sound" : "DAMAGED");
        return sound ? ExitCode.Success : ExitCode.No;
    }

    /// <summary>True for the directory of a run; a data set has no run number and no decisions.</summary>
    private static bool IsRun(string journal) => File.Exists(Path.Combine(journal, EpochFile.FileName));

    /// <summary>Reads a key file, or refuses it.</summary>
    internal static JournalKey? LoadKey(PosixStorage storage, FileInfo? file)
    {
        if (file is null)
        {
            return null;
        }

        return JournalKey.Load(storage, file.FullName, out JournalKey? key) is { } refused
            ? throw new CommandFailure(ExitCode.Usage, "--key: " + refused)
            : key;
    }

    private static bool Stream(
        PosixStorage storage, string journal, StreamKind kind, JournalKey? key, bool quick, int threads)
    {
        ReadProgress progress = new();
        long start = Stopwatch.GetTimestamp();
        VerificationResult result;
        using (ProgressLine line = new("verifying the " + Name(kind).TrimEnd(), progress))
        {
            result = JournalVerifier.Verify(storage, journal, kind, key, threads, progress, hashes: !quick);
        }

        double seconds = Math.Max(Stopwatch.GetElapsedTime(start).TotalSeconds, 1e-9);
        string what = quick ? "CRCs and chain; SHA-256 left out" : "CRCs, chain and SHA-256";
        what += key is null ? string.Empty : ", signatures";
        string numbers = result.Records == 0
            ? "no record yet"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Records:N0} records, numbers {result.First} to {result.Next - 1}, in {result.Segments:N0} segments");
        Console.WriteLine($"{Name(kind)}  {numbers}, {(result.IsSealed ? "closed cleanly" : "the last segment is open")}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"         {what}: {result.Records / seconds / 1e6:F1} M records/s, {progress.Bytes / seconds / 1e9:F2} GB/s, {Math.Min(threads, result.Segments)} threads"));
        if (result.Damage is { } damage)
        {
            Console.WriteLine("         DAMAGE: " + damage.Describe());
        }

        return result.IsSound;
    }

    private static string Name(StreamKind kind) => kind == StreamKind.Journal ? "journal" : "audit  ";
}
