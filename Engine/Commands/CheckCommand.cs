using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Engine.Checks;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Reports;
using LowLatency.Engine.Running;
using LowLatency.Engine.Strategies;
using LowLatency.Gateways.Generator;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Looks for the usual ways in which a backtest deceives.</summary>
internal static class CheckCommand
{
    internal static Command Build() => new("check", "Look for the usual ways in which a backtest deceives.")
    {
        Lookahead(),
        WarmUp(),
        OfArtifact(),
    };

    private static Command Lookahead()
    {
        Option<FileInfo?> config = CommonOptions.Configuration();
        Option<DirectoryInfo?> data = CommonOptions.Data();
        Option<int> cuts = new("--cuts")
        {
            Description = "Places at which the future is cut off.",
            DefaultValueFactory = _ => 8,
        };
        Option<long> seed = new("--seed") { Description = "Chooses the places.", DefaultValueFactory = _ => 1 };
        Command command = new(
            "lookahead",
            "Cut the market off at random places: what was decided before must not change. No bar may be told before its end.")
        {
            config, data, cuts, seed,
        };
        command.SetAction(parsed => CommandFailure.Guard(() =>
        {
            int places = parsed.GetValue(cuts);
            long chosen = parsed.GetValue(seed);
            if (places is < 1 or > LookaheadCheck.CutsMax || chosen < 0)
            {
                throw new CommandFailure(
                    ExitCode.Usage,
                    $"--cuts {places} --seed {chosen}: allowed are 1 to {LookaheadCheck.CutsMax} cuts and seeds from 0");
            }

            EngineConfiguration configuration = Configuration(parsed.GetValue(config), parsed.GetValue(data));
            Func<IEventSource> market = MarketOf(configuration, parsed.GetValue(data));
            return Print(LookaheadCheck.Run(
                configuration,
                count => new FirstEvents(market(), count),
                places,
                (ulong)chosen));
        }));
        return command;
    }

    private static Command WarmUp()
    {
        Option<FileInfo?> config = CommonOptions.Configuration();
        Option<DirectoryInfo?> data = CommonOptions.Data();
        Option<int[]> skip = new("--skip")
        {
            Description = "Percent of the market's time to leave out at the beginning; may be given several times.",
            DefaultValueFactory = _ => [10, 25, 50],
            AllowMultipleArgumentsPerToken = true,
        };
        Command command = new(
            "warmup",
            "Leave out beginnings of different lengths: what the strategies want at the end must not change.")
        {
            config, data, skip,
        };
        command.SetAction(parsed => CommandFailure.Guard(() =>
        {
            int[] skips = parsed.GetValue(skip)!;
            foreach (int percent in skips)
            {
                if (percent is < 1 or > 100 - WarmUpCheck.EndPercent)
                {
                    throw new CommandFailure(
                        ExitCode.Usage,
                        $"--skip {percent}: allowed are 1 to {100 - WarmUpCheck.EndPercent}; the rest is what is compared");
                }
            }

            EngineConfiguration configuration = Configuration(parsed.GetValue(config), parsed.GetValue(data));
            return Print(WarmUpCheck.Run(configuration, MarketOf(configuration, parsed.GetValue(data)), skips));
        }));
        return command;
    }

    private static Command OfArtifact()
    {
        Argument<DirectoryInfo> directory = new("directory") { Description = "Artifact directory." };
        Command command = new("artifact", "Compare every file of an artifact with its hash.") { directory };
        command.SetAction(parsed => CommandFailure.Guard(() =>
        {
            Artifact.Read(parsed.GetValue(directory)!.FullName);
            Console.WriteLine("sound");
            return ExitCode.Success;
        }));
        return command;
    }

    private static EngineConfiguration Configuration(FileInfo? config, DirectoryInfo? data) =>
        config is not null ? CommonOptions.Load(config)
        : data is not null && RecordedRun.Of(data.FullName).Configuration is { } recorded ? recorded
        : throw new CommandFailure(ExitCode.Usage, "--config is missing: what to check; a recorded run in --data has its own");

    /// <summary>The recorded market, or the generated one of the configuration.</summary>
    private static Func<IEventSource> MarketOf(EngineConfiguration configuration, DirectoryInfo? data)
    {
        if (data is not null)
        {
            return () => new RecordedMarket(data.FullName);
        }

        return configuration.Generator is { } generator && (generator.MaxEvents != 0 || generator.MaxDuration != 0)
            ? () => new MarketGenerator(generator)
            : throw new CommandFailure(
                ExitCode.Usage, "--data is missing, and the configuration has no generator section with an end");
    }

    private static int Print(IReadOnlyList<CheckLine> lines)
    {
        bool passed = true;
        foreach (CheckLine line in lines)
        {
            Console.WriteLine($"{(line.Passed ? "pass" : "FAIL")}  {line.What}: {line.Detail}");
            passed &= line.Passed;
        }

        Console.WriteLine(passed ? "sound" : "NOT SOUND");
        return passed ? ExitCode.Success : ExitCode.No;
    }
}
