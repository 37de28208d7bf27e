using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Latency;
using LowLatency.Engine.Live;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>The live topology on paper: threads, journal, simulated venue, a recorded or generated market.</summary>
internal static class RunCommand
{
    internal static Command Build()
    {
        Option<FileInfo?> config = CommonOptions.Configuration();
        Option<DirectoryInfo?> data = CommonOptions.Data();
        Option<DirectoryInfo?> output = CommonOptions.Output(
            "Journal directory; one that an earlier run left is recovered and continued.");
        Option<double> speed = new("--speed")
        {
            Description = "Market seconds for each second of the wall clock; 0 is flat out.",
            DefaultValueFactory = _ => 0,
        };
        Option<bool> adopt = new("--adopt")
        {
            Description = "Take over positions, cash and orders that another build or configuration left in the journal; "
                + "trading is HALTED until --accept.",
        };
        Option<string?> accept = new("--accept")
        {
            Description = "Accept what was taken over, with a reason that goes into the journal: trading goes on.",
        };
        Option<string?> reset = new("--reset-breakers")
        {
            Description = "Let every breaker measure anew, with a reason that goes into the journal: what tripped has been looked at.",
        };
        Option<string?> activate = new("--activate")
        {
            Description = "Trade again where an operator, a doubt, or a breaker of an earlier configuration left the run REDUCING or "
                + "HALTED, with a reason that goes into the journal. It lifts no tripped breaker, no kill switch and no hold.",
        };
        Option<string?> stop = new("--stop-strategy")
        {
            Description = "Take one strategy out of everything and keep it out, as \"NAME: reason\"; the others go on. The reason goes "
                + "into the journal.",
        };
        Option<string?> start = new("--start-strategy")
        {
            Description = "Let a stopped strategy in again, as \"NAME: reason\", once it is flat and has changed its mind.",
        };
        Option<bool> printCommands = new("--print-commands")
        {
            Description = "Print a line for each command when the gate lets it go to the venue: "
                + "command <client order id> <event> <verb> <symbol> <side> <price> <quantity>.",
        };
        Option<double> warmUp = new("--warm-up")
        {
            Description = "Most seconds to warm up before the market starts; 0 for none: the first events are then slow.",
            DefaultValueFactory = _ => RunHabits.UsualWarmUp,
        };
        Option<LatencyDetail> latency = new("--latency")
        {
            Description = "What is measured, written to latency-EPOCH.hlog in the journal directory and read by the command "
                + "latency: messages costs two looks at the clock for each message, hops about eleven for each event.",
            DefaultValueFactory = _ => LatencyDetail.Messages,
        };
        Option<double> interval = new("--latency-interval")
        {
            Description = "Seconds of one histogram of the latency log.",
            DefaultValueFactory = _ => RunHabits.UsualInterval,
        };
        Option<bool> live = new("--live")
        {
            Description = "Trade at the venue of the configuration's live section (see docs/live.md).",
        };
        Option<bool> check = new("--check")
        {
            Description = "With --live: ask the venue whose key it is, say what keeps it from trading, print the token; trade nothing.",
        };
        Option<string?> arm = new("--arm")
        {
            Description = "With --live, where real money moves: the token that --check printed for this configuration and account.",
        };
        Option<string?> release = new("--release-kill")
        {
            Description = "With --live: release the kill switch, with a reason that goes into the journal; --activate lets it trade.",
        };
        Option<FileInfo?> json = CommonOptions.Json();
        Command command = new(
            "run",
            "Trade on paper: the live topology with a journal, on a recorded market (--data) or the generated one of the "
            + "configuration; with --live at a real venue. SIGINT and SIGTERM end it cleanly.")
        {
            config, data, output, speed, adopt, accept, reset, activate, stop, start, printCommands, warmUp, latency, interval,
            live, check, arm, release, json,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(config),
            parsed.GetValue(data),
            parsed.GetValue(output),
            parsed.GetValue(speed),
            new Takeover(parsed.GetValue(adopt), parsed.GetValue(accept), parsed.GetValue(reset), parsed.GetValue(activate))
            {
                Stop = Takeover.OfStrategy("--stop-strategy", parsed.GetValue(stop)),
                Start = Takeover.OfStrategy("--start-strategy", parsed.GetValue(start)),
            },
            new RunHabits(
                parsed.GetValue(printCommands), parsed.GetValue(warmUp), parsed.GetValue(latency), parsed.GetValue(interval)),
            parsed.GetValue(live)
                ? new LiveWords(parsed.GetValue(check), parsed.GetValue(arm), parsed.GetValue(release))
                : Unused(parsed.GetValue(check), parsed.GetValue(arm), parsed.GetValue(release)),
            parsed.GetValue(json))));
        return command;
    }

    /// <summary>Runs a session to its end and returns its result; used by the demo too.</summary>
    internal static Traded Trade(
        EngineConfiguration configuration,
        string? data,
        string output,
        double speed,
        RunHabits habits,
        Takeover takeover = default)
    {
        if (configuration.Session.Journal.Durability == Durability.None)
        {
            throw new CommandFailure(
                ExitCode.Usage, "session.journal.durability: none: a run keeps a journal (written or flushed)");
        }

        if (data is not null)
        {
            DataChecks.RequireInstruments(configuration, data);
        }

        using JournalReader? reader = data is null ? null : RecordedRun.Open(data);
        IEventSource market = reader is null
            ? new MarketGenerator(configuration.Generator ?? throw new CommandFailure(
                ExitCode.Usage, "--data is missing, and the configuration has no generator section"))
            : new SessionInputs(reader, KeepInputs.MarketOnly);
        if (reader is null && configuration.Generator is { MaxEvents: 0, MaxDuration: 0 })
        {
            Say("the generated market has no end, and its journal grows until the run is stopped");
        }

        StopSignals signals = new();
        using JournalDirectory journal = JournalDirectory.Open(
            output, configuration, mayResume: true, adopt: takeover.Adopt);
        try
        {
            return Trade(configuration, market, journal, signals, speed, habits, takeover);
        }
        catch (BrokenInvariantException)
        {
            // After a storage error an append breaks before the gate sees why: the cause is what is to be said.
            if (journal.Failure is { } failure)
            {
                throw new IOException("the journal can no longer be written: " + failure);
            }

            throw;
        }
    }

    private static Traded Trade(
        EngineConfiguration configuration,
        IEventSource market,
        JournalDirectory journal,
        StopSignals signals,
        double speed,
        RunHabits habits,
        Takeover takeover)
    {
        using SpaceWatch space = new(journal.Path, configuration.Session.Journal.SegmentBytes);
        Report(journal);
        if (habits.WarmUp > 0)
        {
            WarmUp.Run(configuration, TimeSpan.FromSeconds(habits.WarmUp), signals, habits.Latency);
        }

        using Stream? commands = habits.PrintCommands ? Console.OpenStandardOutput() : null;
        LatencyMeter? meter = LatencyMeter.Of(habits.Latency);
        using LatencyLog? log = meter is null ? null : LatencyLog.Start(
            journal.Path, journal.Epoch, meter, TimeSpan.FromSeconds(habits.LatencyInterval), About(configuration), Say);
        using Pipe pipe = new(configuration.Session.Topology.RingSize, Topology.WaitFor(configuration.Session.Topology.Wait, 2));
        using MarketThread thread = new(market, pipe, speed);
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = pipe,
            Journal = journal,
            Latency = meter,
            Commands = commands,
            SnapshotEvery = configuration.Session.Journal.SnapshotEvery,
            Space = space,
            Alarm = Say,
            Accept = takeover.Accept,
            ResetBreakers = takeover.ResetBreakers,
            Activate = takeover.Activate,
            StopStrategy = takeover.Stop,
            StartStrategy = takeover.Start,
        });
        Report(session, takeover);
        Console.WriteLine(
            "checks   " + string.Join(", ", ConfiguredChecks.Names(session.Pipeline.Risk.ActiveChecks)));

        signals.Tell(session.RequestStop);
        thread.Start();
        SpinWait wait = default;
        while (!session.IsDone)
        {
            if (session.Poll(1 << 10) != 0)
            {
                wait.Reset();
            }
            else
            {
                wait.SpinOnce(sleep1Threshold: speed > 0 ? 50 : -1);
            }

            if (signals.IsOverdue)
            {
                throw new CommandFailure(
                    ExitCode.Halted, $"the run did not end within {StopSignals.Deadline.TotalSeconds} s of being asked to");
            }
        }

        RunResult result = session.Finish();
        if (session.Damage is { } damage)
        {
            throw new CommandFailure(ExitCode.No, "the journal is damaged before the snapshot that this run started from: " + damage);
        }

        return session.Difference is null
            ? new Traded(result, log?.Path, log?.Finish())
            : throw new CommandFailure(ExitCode.No, "the run differs from its own repetition: " + session.Difference);
    }

    /// <summary>First line of a latency log.</summary>
    internal static string About(EngineConfiguration configuration) =>
        $"LowLatency {Manifest.EngineVersion}, configuration {configuration.Name.ReplaceLineEndings(" ")}, "
        + $"decision hash {Convert.ToHexStringLower(configuration.DecisionHash.AsSpan())}, "
        + $"{configuration.Session.Topology.Mode}, journal {configuration.Session.Journal.Durability}; nanoseconds";

    /// <summary>What this run goes on from, and whether it may trade.</summary>
    /// <param name="session">The run.</param>
    /// <param name="takeover">What a person says to it.</param>
    internal static void Report(Session session, in Takeover takeover)
    {
        if (session is { IsAdopted: true, Recovered: { } adopted })
        {
            Console.WriteLine(
                $"adopted: positions, cash and orders of {adopted.Facts.Next} events of another build or configuration");
        }
        else if (session.Recovered is { From: > 0 } started)
        {
            Console.WriteLine(
                $"started from event {started.From}, {started.Facts.Next - started.From} events replayed");
        }

        if (session.Recovered is { Completed: > 0 and var again })
        {
            Console.WriteLine($"{again} decisions had not reached the audit log: made and recorded again");
        }

        if (takeover.Accept is not null && !session.MustBeAccepted)
        {
            throw new CommandFailure(ExitCode.Usage, "--accept: there is nothing to accept, this run is not held");
        }

        if (takeover.ResetBreakers is not null && !session.HasTripped)
        {
            throw new CommandFailure(ExitCode.Usage, "--reset-breakers: no breaker is tripped");
        }

        if (takeover.Start is { } named && !session.IsStopped(named.Name))
        {
            throw new CommandFailure(ExitCode.Usage, $"--start-strategy: {named.Name} is not stopped");
        }

        if (takeover.Activate is not null && !session.IsRestrained)
        {
            throw new CommandFailure(
                ExitCode.Usage,
                session.HasTripped ? "--activate: a breaker is tripped; see --reset-breakers" : "--activate: nothing restrains this run");
        }

        if (takeover.Activate is null && session.IsRestrained && !session.MustBeAccepted)
        {
            Say("what this run goes on from may not add: an operator, a doubt or an earlier configuration's breaker restrained it; "
                + "--activate \"reason\" lets it trade again");
        }

        if (takeover.Accept is null && session.MustBeAccepted)
        {
            Say("what was taken over is not accepted: trading is HALTED until a run with --accept \"reason\"");
        }
    }

    private static bool IsBegun(string folder) =>
        Directory.Exists(folder) && JournalFiles.IsBegun(new PosixStorage(), folder, out bool begun) is null && begun;

    internal static void Say(string why) => Console.Error.WriteLine("warning: " + PrintableText.Of(why));

    /// <summary>What was found in a journal that an earlier run left.</summary>
    internal static void Report(JournalDirectory journal)
    {
        foreach (string warning in journal.Standing.Warnings)
        {
            Say(warning);
        }

        if (journal.Recovered is { } recovered)
        {
            Console.WriteLine($"recovered {recovered.Next} events of {journal.Path}; cut {recovered.Cut}");
            foreach (object finding in recovered.Findings)
            {
                Console.WriteLine("  " + finding);
            }
        }
    }

    private static LiveWords? Unused(bool check, string? arm, string? release) => check || arm is not null || release is not null
        ? throw new CommandFailure(ExitCode.Usage, "--check, --arm and --release-kill: only with --live")
        : null;

    private static int Run(
        FileInfo? config,
        DirectoryInfo? data,
        DirectoryInfo? output,
        double speed,
        Takeover takeover,
        RunHabits habits,
        LiveWords? live,
        FileInfo? json)
    {
        takeover.Check();

        if (config is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--config is missing: what to trade, and within which limits");
        }

        if (live is not null && (data is not null || speed != 0))
        {
            throw new CommandFailure(ExitCode.Usage, "--data and --speed: a live run has the venue's market at its own speed");
        }

        Takeover.CheckReason("--release-kill", live?.ReleaseKill, "say why it may be released");
        if (live is { Check: true } words)
        {
            return LiveCommand.Check(CommonOptions.Load(config), words);
        }

        if (output is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--out is missing: the directory of the journal");
        }

        if (!(speed >= 0) || double.IsInfinity(speed))
        {
            throw new CommandFailure(ExitCode.Usage, $"--speed {speed}: allowed are 0 (flat out) and positive numbers");
        }

        if (!(habits.WarmUp is >= 0 and <= RunHabits.LongestWarmUp))
        {
            throw new CommandFailure(
                ExitCode.Usage, $"--warm-up {habits.WarmUp}: allowed are 0 to {RunHabits.LongestWarmUp} seconds");
        }

        if (takeover.Accept is not null && !IsBegun(output.FullName))
        {
            throw new CommandFailure(ExitCode.Usage, $"--accept: there is no journal in {output.FullName}, so nothing to accept");
        }

        if (!(habits.LatencyInterval is >= RunHabits.ShortestInterval and <= RunHabits.LongestInterval))
        {
            throw new CommandFailure(
                ExitCode.Usage,
                $"--latency-interval {habits.LatencyInterval}: allowed are {RunHabits.ShortestInterval} to {RunHabits.LongestInterval} seconds");
        }

        EngineConfiguration configuration = CommonOptions.Load(config);
        takeover.CheckNames(configuration);
        CommonOptions.Print(configuration);
        long start = Stopwatch.GetTimestamp();
        (RunResult result, string? log, HdrHistogram?[]? latency) = live is { } said
            ? LiveCommand.Trade(configuration, output.FullName, habits, takeover, said)
            : Trade(configuration, data?.FullName, output.FullName, speed, habits, takeover);
        Manifest manifest = Manifest.Of(
            live is null ? "run" : "live", configuration, data?.FullName, Stopwatch.GetElapsedTime(start));
        if (live is not null)
        {
            string venue = LiveVenues.NameOf(configuration.Live!);
            manifest = manifest with { DataSource = venue, DataHash = "live", FillModel = venue };
        }

        ResultTable.Print(result, manifest);
        if (latency is not null)
        {
            LatencyTable.Print(latency);
            Console.WriteLine("latency  " + log);
        }

        CommonOptions.WarnOfMissing(configuration, result);
        CommonOptions.WarnOfBlindGate(configuration, result);
        Console.WriteLine("journal  " + output.FullName);
        string path = json?.FullName ?? Path.Combine(output.FullName, "result.json");
        File.WriteAllBytes(path, ResultJson.Write(result, manifest));
        Console.WriteLine("result   " + path);
        return ExitCode.Success;
    }
}

/// <summary>What a run ended with.</summary>
/// <param name="Result">The result.</param>
/// <param name="LatencyLog">File of the latency log; null when nothing was measured.</param>
/// <param name="Latency">Everything that was measured, by hop.</param>
internal sealed record Traded(RunResult Result, string? LatencyLog, HdrHistogram?[]? Latency);

/// <summary>How a run behaves beside the trading.</summary>
/// <param name="PrintCommands">Print a line for each command that the gate lets go.</param>
/// <param name="WarmUp">Most seconds to warm up; 0 for none.</param>
/// <param name="Latency">What is measured.</param>
/// <param name="LatencyInterval">Seconds of one histogram of the latency log.</param>
internal readonly record struct RunHabits(bool PrintCommands, double WarmUp, LatencyDetail Latency, double LatencyInterval)
{
    internal const double UsualWarmUp = 3;
    internal const double LongestWarmUp = 60;
    internal const double UsualInterval = 10;
    internal const double ShortestInterval = 0.1;
    internal const double LongestInterval = 3600;

    /// <summary>What a run does that was not asked for anything else.</summary>
    internal static RunHabits Usual => new(false, UsualWarmUp, LatencyDetail.Messages, UsualInterval);
}
