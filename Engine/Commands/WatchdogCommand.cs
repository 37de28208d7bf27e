using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Threading;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Live;
using LowLatency.Engine.Network;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Commands;

/// <summary>A process beside a live run that takes its orders away when it dies.</summary>
internal static class WatchdogCommand
{
    /// <summary>Name of its log in the run's directory.</summary>
    internal const string LogName = "watchdog.log";

    private const int UsualAfter = 3_000;
    private const int AfterMin = 1_500;
    private const int AfterMax = 600_000;
    private const int PauseMilliseconds = 5;
    private const long Millisecond = 1_000_000;

    internal static Command Build()
    {
        Argument<DirectoryInfo> directory = new("directory") { Description = "Journal directory of the live run; it must exist." };
        Option<FileInfo?> config = CommonOptions.Configuration();
        Option<int> after = new("--after-ms")
        {
            Description = $"Milliseconds without a sign of life after which the run is dead, {AfterMin} to {AfterMax}.",
            DefaultValueFactory = _ => UsualAfter,
        };
        Option<SweepScope> scope = new("--scope")
        {
            Description = "Ours: orders of the configuration's instance; All: every order of the account in its instruments.",
            DefaultValueFactory = _ => SweepScope.Ours,
        };
        Option<FileInfo[]> keyFile = new("--key-file")
        {
            Description = "The watchdog's own keys, a file for each venue in their order: two lines, mode 0400; else from variables.",
        };
        Option<string> keyVariables = new("--key-variables")
        {
            Description = "What the names of the variables begin with; BYBIT_KEY and BYBIT_SECRET follow, or ALPACA_KEY and ALPACA_SECRET.",
            DefaultValueFactory = _ => "LOWLATENCY_WATCHDOG_",
        };
        Command command = new(
            "watchdog",
            "Guard a live run from another process, with a key of its own: when the run's lease stops, set its kill switch, cancel its "
            + "orders and read the venue until it shows none. While the lease lives nothing is done. SIGTERM ends it.")
        {
            directory, config, after, scope, keyFile, keyVariables,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            parsed.GetValue(directory)!,
            parsed.GetValue(config),
            parsed.GetValue(after),
            parsed.GetValue(scope),
            parsed.GetValue(keyFile) ?? [],
            parsed.GetValue(keyVariables)!)));
        return command;
    }

    private static int Run(
        DirectoryInfo directory, FileInfo? config, int after, SweepScope scope, FileInfo[] keyFiles, string keyVariables)
    {
        if (config is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--config is missing: that of the run which is guarded");
        }

        if (after is < AfterMin or > AfterMax)
        {
            throw new CommandFailure(ExitCode.Usage, $"--after-ms {after}: allowed are {AfterMin} to {AfterMax}");
        }

        if (!directory.Exists)
        {
            throw new CommandFailure(ExitCode.Usage, $"{directory.FullName}: there is no such directory; the run makes it");
        }

        EngineConfiguration configuration = CommonOptions.Load(config);
        LiveConfiguration live = configuration.Live
            ?? throw new CommandFailure(ExitCode.Usage, "the configuration has no live section (see docs/live.md)");
        List<(string? File, string Variables)> sources = SourcesOf(live, keyFiles, keyVariables);
        StopSignals signals = new();
        LiveClock clock = new();
        using Keys keys = Keys.Of(sources);
        Identify(configuration, keys, clock, signals);
        using LiveLog log = new(directory.FullName, keys.All, LogName);
        using AlertSender alerts = new(live.Access, log);
        KillLatch none = new();
        none.Set();
        using SocketTransport transport = new(clock, none);
        Watchdog watchdog = new(
            directory.FullName, after * Millisecond, LiveVenues.Sweep(configuration, keys.All, transport, scope, clock.Now), alerts);
        Console.WriteLine($"watchdog {directory.FullName}; cancels {after} ms after the last sign of life; SIGTERM ends it");
        using ManualResetEventSlim pause = new(false);
        GuardState told = GuardState.Waiting;
        int taken = 0;
        while (!signals.WasAsked)
        {
            watchdog.Poll(clock.Now);
            if (watchdog.State != told || watchdog.Taken != taken)
            {
                Console.WriteLine(watchdog.Taken != taken ? "proven   the venue shows no order; positions stay" : "state    " + watchdog.State);
                told = watchdog.State;
                taken = watchdog.Taken;
            }

            _ = pause.Wait(PauseMilliseconds);
        }

        return watchdog.State == GuardState.Tripped
            ? throw new CommandFailure(ExitCode.No, "ended before it was proven that nothing works at the venue: look there")
            : ExitCode.Success;
    }

    /// <summary>Where the keys are: never where the run's are.</summary>
    private static List<(string? File, string Variables)> SourcesOf(LiveConfiguration live, FileInfo[] keyFiles, string keyVariables)
    {
        if (keyFiles.Length != 0 && keyFiles.Length != live.Places.Length)
        {
            throw new CommandFailure(ExitCode.Usage, $"--key-file: {keyFiles.Length} files; the configuration has {live.Places.Length} venues");
        }

        List<(string? File, string Variables)> sources = [];
        foreach (LivePlace place in live.Places)
        {
            string? file = keyFiles.Length == 0 ? null : keyFiles[sources.Count].FullName;
            string variables = keyVariables + ReconcileSection.WordOf(place.Venue).ToUpperInvariant() + "_";
            if (file is null ? place.Access.KeyFile is null && variables == place.Access.KeyVariables : file == place.Access.KeyFile)
            {
                throw new CommandFailure(
                    ExitCode.Usage,
                    "--key-file, --key-variables: the watchdog needs a key of its own, not the run's: a limit or a lock of one must not stop "
                    + "the other");
            }

            sources.Add((file, variables));
        }

        return sources;
    }

    private static void Identify(EngineConfiguration configuration, Keys keys, LiveClock clock, StopSignals signals)
    {
        List<AccountIdentity> identities = LiveCommand.Ask(configuration, keys, clock, signals);
        IReadOnlyList<string> missing = Arming.MissingAfter(configuration, identities, null, clock.Now);
        if (missing.Count > 0)
        {
            throw new CommandFailure(
                ExitCode.Usage, "the watchdog cannot guard; missing:" + Environment.NewLine + "  " + string.Join(Environment.NewLine + "  ", missing));
        }
    }
}
