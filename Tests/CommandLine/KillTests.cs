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
        Tally tally = suite.Run(0, suite.TestCount, SuiteCommand.DefaultSeed, 2);
        output.WriteLine(SuiteCommand.Report(suite, tally));
        Assert.Empty(suite.Missing(tally));

        // Half of the engines are killed while they recover from the kill before.
        Assert.InRange(tally["killed again during recovery"], 40, 60);
    }
}
