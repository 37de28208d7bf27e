using System;
using LowLatency.Journal.Format;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Suites;
using Xunit;

namespace LowLatency.Tests.Journal.Faults;

/// <summary>
/// What the fault suites are worth: each of these defects, planted around an honest journal, must be caught by one of
/// them, and in a small part of what the suite runs.
/// </summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(nameof(StorageBug.NoSync), "flushed")]
    [InlineData(nameof(StorageBug.DirectoryNotSynced), "flushed")]
    [InlineData(nameof(StorageBug.ParentNotSynced), "flushed")]
    [InlineData(nameof(StorageBug.EpochNotDurable), "flushed")]
    [InlineData(nameof(StorageBug.EpochNameNotDurable), "flushed")]
    [InlineData(nameof(StorageBug.MarksTooYoung), "one open segment")]
    [InlineData(nameof(StorageBug.FooterBeforeRecords), "written")]
    public void The_power_suite_catches(string bug, string kind)
    {
        StorageBug planted = Enum.Parse<StorageBug>(bug);
        Func<ScriptPlan, ScriptPlan> change = kind switch
        {
            "flushed" => plan => plan with { Durability = Durability.Flushed },
            "written" => plan => plan with { Durability = Durability.Written },
            _ => plan => plan with { Durability = Durability.Flushed, Capacity = 128, Runs = 1, Steps = 6, EndsClean = false },
        };
        Caught(new PowerSuite(disk => new PlantedStorage(disk, planted), change), 4_000);

        // Without the defect, the same cases pass: it was not the wrapping that was caught.
        _ = new PowerSuite(disk => new PlantedStorage(disk, StorageBug.None), change)
            .Run(0, 400, SuiteCommand.DefaultSeed, 1);
    }

    [Fact]
    public void The_power_suite_catches_a_gate_that_opens_before_the_sync() =>
        Caught(new PowerSuite(null, plan => plan with { AcknowledgesEarly = true }), 2_000);

    [Fact]
    public void The_power_suite_catches_decisions_that_are_durable_before_their_events() =>
        Caught(new PowerSuite(null, plan => plan with { AuditRunsAhead = true, Durability = Durability.Flushed }), 4_000);

    [Fact]
    public void The_power_suite_catches_a_recovery_that_cuts_one_record_too_many()
    {
        PowerSuite suite = new(recovers: disk => new PlantedStorage(disk, StorageBug.CutsOneTooMany));
        Caught(suite, 2_000);
    }

    [Theory]
    [InlineData(nameof(StorageBug.SyncResultIgnored))]
    [InlineData(nameof(StorageBug.SyncRetried))]
    [InlineData(nameof(StorageBug.WriteResultIgnored))]
    [InlineData(nameof(StorageBug.InterruptedIsDone))]
    [InlineData(nameof(StorageBug.ShortIsComplete))]
    public void The_io_error_suite_catches(string bug)
    {
        StorageBug planted = Enum.Parse<StorageBug>(bug);
        Caught(new IoErrorSuite(disk => new PlantedStorage(disk, planted)), 1);
    }

    [Theory]
    [InlineData((int)NaiveRules.HeaderCrc, true)]
    [InlineData((int)NaiveRules.RecordCrc, true)]
    [InlineData((int)NaiveRules.ZeroTail, true)]
    [InlineData((int)NaiveRules.FooterCrc, true)]
    [InlineData((int)(NaiveRules.SegmentChain | NaiveRules.FooterHash), false)]
    [InlineData((int)NaiveRules.NameIsHeader, false)]
    [InlineData((int)(NaiveRules.NoGap | NaiveRules.SegmentChain | NaiveRules.FooterHash), false)]
    [InlineData((int)NaiveRules.Length, false)]
    public void The_rot_suite_catches_a_reader_without_a_rule(int left, bool byFlips)
    {
        NaiveRules rules = NaiveRules.All & ~(NaiveRules)left;
        RotSuite suite = new(RotVerdict.ByRules(rules));
        Caught(suite, byFlips ? suite.Flips : 20_000, byFlips ? 0 : suite.Flips);
    }

    [Fact]
    public void A_reader_with_every_rule_passes_the_rot_suite()
    {
        RotSuite suite = new(RotVerdict.ByRules(NaiveRules.All));
        Tally tally = suite.Run(suite.Flips - 10_000, 20_000, SuiteCommand.DefaultSeed, 2);

        // A reader that refuses everything would pass, and prove nothing.
        Assert.True(tally["harmless"] > 0);
    }

    [Fact]
    public void Every_reader_accepts_the_samples_as_long_as_nothing_is_damaged()
    {
        foreach (RotSample sample in RotSample.All())
        {
            foreach (RotJudge judge in (RotJudge[])[RotVerdict.OfTheJournal, RotVerdict.ByRules(NaiveRules.All)])
            {
                RotVerdict verdict = judge(sample.Disk(), sample);
                Assert.True(verdict.Refusal is null, sample.Name + ": " + verdict.Refusal);
                Assert.Equal(sample.Events.Count, verdict.Events);
                Assert.Equal(sample.Decisions.Count, verdict.Decisions);
            }
        }
    }

    private void Caught(Suite suite, long count, long from = 0)
    {
        SuiteFailure failure = Assert.Throws<SuiteFailure>(() => suite.Run(from, count, SuiteCommand.DefaultSeed, 2));
        Assert.IsType<BrokenPromiseException>(failure.InnerException);
        output.WriteLine(failure.Message);
    }
}
