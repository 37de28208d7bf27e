using System.CommandLine;
using LowLatency.Engine.Commands;

namespace LowLatency.Engine;

/// <summary>The command line.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        ParseResult parsed = Build().Parse(args);
        int code = parsed.Invoke();

        // A wrong command line is shown with its usage; the parser's own code for it is the one for "no".
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }

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
