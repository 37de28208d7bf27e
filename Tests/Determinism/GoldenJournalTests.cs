using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.IO.Compression;
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
        string journal = Extract(version);
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
        string journal = Extract(version);
        SortedDictionary<int, (long Quantity, long Fees)> naive = [];
        foreach (string file in Directory.GetFiles(journal, "journal-*.seg"))
        {
            byte[] bytes = File.ReadAllBytes(file);
            for (int at = 4096; at < bytes.Length - 4096; at += 128)
            {
                // An execution: kind 50 at 26, instrument at 24, quantity at 64, fee at 72, side at 88.
                if (bytes[at + 26] == 50)
                {
                    int instrument = BitConverter.ToUInt16(bytes, at + 24);
                    (long quantity, long fees) = naive.GetValueOrDefault(instrument);
                    long sign = bytes[at + 88] == 1 ? 1 : -1;
                    naive[instrument] = (
                        quantity + (sign * BitConverter.ToInt64(bytes, at + 64)), fees + BitConverter.ToInt64(bytes, at + 72));
                }
            }
        }

        using JournalDirectory adopted = JournalDirectory.Open(
            journal, RecordedRun.Of(journal).Configuration!, mayResume: true, adopt: true);
        PortableState folded = AdoptionFold.Run(
            adopted, adopted.Standing.Adoption!, RecordedRun.Of(journal).Configuration!.Risk);
        Assert.Equal(
            naive.Select(pair => ((long)pair.Key, pair.Value.Quantity, pair.Value.Fees)),
            folded.Positions.Select(position => (position.Instrument, position.Quantity, position.Fees)));
    }

    [Theory]
    [InlineData("0.1.0")]
    public void Another_build_is_refused_and_may_take_over(string version)
    {
        string journal = Extract(version);
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
        ReplayReport replay = Replay.Run(Extract(version), null, verify: true);
        Assert.True(
            (replay.Difference is null) == (changedSince is null),
            $"decisions changed since: {changedSince ?? "never"}; the first difference is {replay.Difference ?? "none"}");
    }

    public void Dispose() => _folder.Dispose();

    private const string? DecisionsSince = null;

    private string Extract(string version)
    {
        string folder = Path.Combine(_folder.Path, version);
        Directory.CreateDirectory(folder);
        using FileStream file = File.OpenRead(Path.Combine(Repository.Root, "Tests", "Golden", version, "journal.tar.gz"));
        using GZipStream zip = new(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(zip, folder, overwriteFiles: false);
        return folder;
    }
}
