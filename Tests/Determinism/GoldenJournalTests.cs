using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Journal.Snapshots;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>Journals that released versions wrote are read, folded and taken over by every later build.</summary>
public sealed class GoldenJournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // Counts as the version that wrote it printed them.
    [Theory]
    [InlineData("0.1.0", 1_836, 149, 1_344, 7, 131)]
    public void A_released_journal_is_sound_and_every_event_of_it_is_read(
        string version, int events, int trades, int levels, int executions, int reports)
    {
        string journal = GoldenFiles.Extract(version, _folder);
        GeneratedRuns.AssertSound(journal);
        List<Event> all = [.. BacktestIdentityTests.Events(journal)];
        Assert.Equal(events, all.Count);
        Assert.Equal(trades, all.Count(e => e.Kind == EventKind.Trade));
        Assert.Equal(levels, all.Count(e => e.Kind == EventKind.BookLevels));
        Assert.Equal(executions, all.Count(e => e.Kind == EventKind.Execution));
        Assert.Equal(reports, all.Count(e => e.Kind == EventKind.OrderReport));
        Assert.All(all, e => Assert.Equal(EventUpgrade.PresentVersion(e.Kind), e.Version));
        Assert.Equal(EpochBegin.Continued, all[0].EpochStarted.Begin);
    }

    [Theory]
    [InlineData("0.1.0")]
    public void Positions_and_fees_are_those_of_a_fold_over_the_raw_bytes(string version)
    {
        string journal = GoldenFiles.Extract(version, _folder);
        using JournalDirectory adopted = JournalDirectory.Open(
            journal, RecordedRun.Of(journal).Configuration!, mayResume: true, adopt: true);
        PortableState folded = AdoptionFold.Run(
            adopted, adopted.Standing.Adoption!, RecordedRun.Of(journal).Configuration!.Risk);
        Assert.Equal(
            GoldenFiles.NaivePositions(journal).Select(pair => ((long)pair.Key, pair.Value.Quantity, pair.Value.Fees)),
            folded.Positions.Select(position => (position.Instrument, position.Quantity, position.Fees)));
    }

    [Theory]
    [InlineData("0.1.0")]
    public void Another_build_is_refused_and_may_take_over(string version)
    {
        string journal = GoldenFiles.Extract(version, _folder);
        EngineConfiguration configuration = RecordedRun.Of(journal).Configuration!;
        IOException refused = Assert.Throws<IOException>(() => JournalDirectory.Open(journal, configuration, mayResume: true));
        Assert.Contains("--adopt", refused.Message, StringComparison.Ordinal);
        using JournalDirectory adopted = JournalDirectory.Open(journal, configuration, mayResume: true, adopt: true);
        Assert.True(adopted.Standing.IsHeld);
    }

    [Theory]
    [InlineData("0.1.0", DecisionsSince)]
    public void Its_decisions_are_equal_until_the_code_that_decides_changes_on_purpose(string version, string? changedSince)
    {
        ReplayReport replay = Replay.Run(GoldenFiles.Extract(version, _folder), null, verify: true);
        Assert.True(
            (replay.Difference is null) == (changedSince is null),
            $"decisions changed since: {changedSince ?? "never"}; the first difference is {replay.Difference ?? "none"}");
    }

    public void Dispose() => _folder.Dispose();

    private const string? DecisionsSince = "an order that leaves because nothing is wanted any more is reduce-only";
}
