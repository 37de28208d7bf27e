using LowLatency.Tests.Suites;
using Xunit;

namespace LowLatency.Tests.Journal.Faults;

/// <summary>The part of the fault suites that runs every time. The long runs are <c>suite</c> commands.</summary>
public sealed class FaultSuiteTests(ITestOutputHelper output)
{
    [Fact]
    public void After_20000_power_cuts_the_journal_is_a_prefix_with_everything_that_was_synced() =>
        Passes(new PowerSuite());

    [Fact]
    public void Whichever_call_fails_however_and_how_long_nothing_acknowledged_is_lost() =>
        Passes(new IoErrorSuite());

    [Fact]
    public void A_flip_of_every_byte_and_100000_other_edits_are_seen_or_harmless()
    {
        RotSuite suite = new();
        Tally tally = Passes(suite);
        Assert.Equal(suite.Flips, tally["flips of every byte"]);
    }

    private Tally Passes(Suite suite)
    {
        Tally tally = suite.Run(0, suite.TestCount, SuiteCommand.DefaultSeed, 2);
        output.WriteLine($"{suite.Name}: {suite.TestCount} {suite.Unit}");
        output.WriteLine(SuiteCommand.Report(suite, tally));
        Assert.Empty(suite.Missing(tally));
        return tally;
    }
}
