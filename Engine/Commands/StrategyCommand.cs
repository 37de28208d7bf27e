using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.IO;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Strategies;

namespace LowLatency.Engine.Commands;

/// <summary>For authors of strategies: begin one, see whether a file may be loaded, prove what a strategy has to keep.</summary>
internal static class StrategyCommand
{
    internal static Command Build() => new("strategy", "For authors of strategies.") { New(), Scan(), Check() };

    private static Command New()
    {
        Argument<DirectoryInfo> folder = new("directory") { Description = "A new directory; its name becomes the project's." };
        Command command = new(
            "new", "Make a strategy project that builds, with a configuration that runs it on a generated market.")
        {
            folder,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => New(parsed.GetValue(folder)!)));
        return command;
    }

    private static int New(DirectoryInfo folder)
    {
        foreach (string file in StrategyTemplate.Write(folder.FullName))
        {
            Console.WriteLine(file);
        }

        return ExitCode.Success;
    }

    private static Command Scan()
    {
        Argument<FileInfo> file = new("assembly") { Description = "An assembly of strategies." };
        Command command = new(
            "scan", "Print the SHA-256 of an assembly, as a configuration pins it, and everything in it that is not allowed.")
        {
            file,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Scan(parsed.GetValue(file)!)));
        return command;
    }

    private static int Scan(FileInfo file)
    {
        try
        {
            ImmutableArray<byte> image = StrategyAssembly.Read(file.FullName);
            Console.WriteLine("sha256 " + StrategyAssembly.HashOf(image));
            IReadOnlyList<ScanFinding> findings = StrategyAssembly.FindingsOf(file.FullName, image);
            foreach (ScanFinding finding in findings)
            {
                Console.WriteLine("REFUSED: " + finding);
            }

            Console.WriteLine(findings.Count == 0 ? "accepted" : "NOT ACCEPTED");
            return findings.Count == 0 ? ExitCode.Success : ExitCode.No;
        }
        catch (StrategyRefusedException refused)
        {
            throw new CommandFailure(ExitCode.Input, refused.Message);
        }
    }

    private static Command Check()
    {
        Option<FileInfo?> config = CommonOptions.Configuration();
        Option<int> events = new("--events")
        {
            Description = "Events of the generated market to check on.",
            DefaultValueFactory = _ => 100_000,
        };
        Option<long> seed = new("--seed") { Description = "Seed of the market.", DefaultValueFactory = _ => 1 };
        Command command = new(
            "check",
            "Prove the strategies of a configuration on a generated market: no banned members, two runs are equal, a run that is "
            + "saved and restored at random events goes on alike, nothing is allocated for an event.")
        {
            config, events, seed,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Check(
            parsed.GetValue(config), parsed.GetValue(events), parsed.GetValue(seed))));
        return command;
    }

    private static int Check(FileInfo? config, int events, long seed)
    {
        if (config is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--config is missing: the strategies to check");
        }

        if (events is < 1_000 or > 10_000_000 || seed < 0)
        {
            throw new CommandFailure(
                ExitCode.Usage, $"--events {events} --seed {seed}: allowed are 1000 to 10000000 events and seeds from 0");
        }

        EngineConfiguration configuration = CommonOptions.Load(config);
        bool passed = true;
        foreach (CheckLine line in StrategyCheck.Run(configuration, events, (ulong)seed))
        {
            Console.WriteLine($"{(line.Passed ? "pass" : "FAIL")}  {line.What}: {line.Detail}");
            passed &= line.Passed;
        }

        Console.WriteLine(passed ? "sound" : "NOT SOUND");
        return passed ? ExitCode.Success : ExitCode.No;
    }
}
