using LowLatency.Tests.Suites;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>The part of the kill suite that runs every time; ten thousand kills are <c>suite kill</c>.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    [Fact]
    public void After_100_kills_no_acknowledged_command_is_lost_and_the_runs_end_as_if_nothing_had_been()
    {
        KillSuite suite = new();
        Tally tally = suite.Run(0, 100, SuiteCommand.DefaultSeed, 2);
        output.WriteLine(SuiteCommand.Report(suite, tally));

        // Which place a kill hits is a matter of the clock: the rare ones are demanded of the long run only.
        foreach (string name in (string[])[
            "phase: steady state", "durability flushed", "durability written", "command lines read",
            "killed again during recovery", "runs finished after their kills"])
        {
            Assert.True(tally[name] > 0, name + " was never reached");
        }
    }
}
