using System.CommandLine;
using LowLatency.Engine.Commands;

namespace LowLatency.Engine;

/// <summary>The command line.</summary>
internal static class Program
{
    private static int Main(string[] args) => Build().Parse(args).Invoke() switch
    {
        // The parser's own word for a wrong command line.
        1 when !CommandRan => ExitCode.Usage,
        int code => code,
    };

    /// <summary>True once a command's body was entered: from then on its exit code is its own.</summary>
    internal static bool CommandRan { get; set; }

    internal static RootCommand Build() => new(
        "LowLatency: an event-sourced trading engine. Backtest, paper trading and replay are one program. "
        + "Exit codes: 0 yes, 1 no (differs, damaged), 2 usage or configuration, 3 input data, 4 storage, 70 halted, 71 halted and orders may work at the venue.")
    {
        DemoCommand.Build(),
        ImportCommand.Build(),
        RunCommand.Build(),
        BacktestCommand.Build(),
        ReplayCommand.Build(),
        ReportCommand.Build(),
        CompareCommand.Build(),
        CheckCommand.Build(),
        SweepCommand.Build(),
        JournalCommand.Build(),
        ConfigCommand.Build(),
        StrategyCommand.Build(),
        WhyCommand.Build(),
        WhyNotCommand.Build(),
        LatencyCommand.Build(),
        StatusCommand.Build(),
        KillCommand.Build(),
        WatchdogCommand.Build(),
        SandboxCommand.Build(),
        SelfTestCommand.Build(),
    };
}
