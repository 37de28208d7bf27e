using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// A snapshot of each format that was ever written is read by every later build: its portable section says what the
/// journal's raw bytes say, and a run goes on from it.
/// </summary>
public sealed class GoldenSnapshotTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // Counts as the build that wrote it printed them.
    [Theory]
    [InlineData("snapshot-1", 1_837)]
    public void The_portable_section_is_read_and_says_what_the_raw_bytes_of_the_journal_say(string format, int events)
    {
        string journal = GoldenFiles.Extract(format, _folder);
        Assert.Equal(events, BacktestIdentityTests.Events(journal).Count());
        PortableState portable = Portable(Newest(journal));
        Assert.Equal(events, portable.Next);
        Assert.NotEmpty(portable.Positions);
        Assert.Equal(
            GoldenFiles.NaivePositions(journal).Select(pair => ((long)pair.Key, pair.Value.Quantity, pair.Value.Fees)),
            portable.Positions.Select(position => (position.Instrument, position.Quantity, position.Fees)));
        foreach (PortablePosition position in portable.Positions)
        {
            Assert.Equal(
                position.Quantity,
                portable.Parts.Where(part => part.Instrument == position.Instrument).Sum(part => part.Quantity));
        }
    }

    [Theory]
    [InlineData("snapshot-1")]
    public void A_run_goes_on_from_it_with_what_was_there(string format)
    {
        string run = GoldenFiles.Extract(format, _folder);
        PortableState before = Portable(Newest(run));
        AssertTakenOver(run, before, adopt: true);
    }

    [Fact]
    public void A_snapshot_of_another_build_that_ended_cleanly_is_taken_over_by_itself()
    {
        // Nothing but the snapshots says which build it was: the front, with the run's first event, is gone.
        string run = Path.Combine(_folder.Path, "run");
        EngineConfiguration configuration = GeneratedRuns.Configuration(60_000, root =>
        {
            root["session"]!["journal"]!["segmentMiB"] = 1;
            root["session"]!["journal"]!["keep"] = "snapshots";
        });
        using (JournalDirectory journal = JournalDirectory.Open(run, configuration, mayResume: false))
        using (Session session = Session(journal, configuration, every: 4_000))
        {
            while (session.Counts.Total < 50_000)
            {
                // Not faster than it is followed.
                if (session.Counts.Total < 4_000 * (session.Snapshots + 2))
                {
                    session.Poll(64);
                }
            }

            session.RequestStop();
            session.RunToEnd();
            session.Finish();
        }

        using (JournalDirectory own = JournalDirectory.Open(run, configuration, mayResume: true))
        {
            Assert.NotNull(own.Standing.Snapshot);
            Assert.Null(own.Standing.Adoption);
        }

        foreach (string file in Directory.GetFiles(run, "snapshot-*.snap"))
        {
            // The same bytes from another build, and their hash.
            Assert.Null(SnapshotEncoding.Read(File.ReadAllBytes(file), out Snapshot? snapshot));
            Hash32 other = snapshot!.BuildHash;
            other[0] ^= 1;
            MessagePackWriter writer = new(1 << 22);
            SnapshotEncoding.Write(writer, snapshot with { BuildHash = other });
            File.WriteAllBytes(file, writer.Written.ToArray());
        }

        AssertTakenOver(run, Portable(Newest(run)), adopt: false, configuration);
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertTakenOver(
        string run, PortableState before, bool adopt, EngineConfiguration? given = null)
    {
        EngineConfiguration longer = given ?? Longer(RecordedRun.Of(run).Configuration!);
        using JournalDirectory journal = JournalDirectory.Open(run, longer, mayResume: true, adopt: adopt);
        Assert.Equal(before.Next, journal.Standing.Adoption?.From);
        Assert.Equal(adopt, journal.Standing.IsHeld);
        using Session session = Session(journal, longer);
        Assert.True(session.IsAdopted);
        foreach (PortablePosition position in before.Positions)
        {
            Assert.Equal(
                position.Quantity, session.Pipeline.Portfolio.Position(new((ushort)position.Instrument)).Quantity);
        }

        session.RunToEnd();
        RunResult result = session.Finish();
        Assert.True(result.Counts.Total > 2_000, "nothing was continued");

        // What another build decided before it may differ; what this one decided may not.
        string? difference = Replay.Run(run, null, verify: true).Difference;
        Assert.True(
            difference is null || (adopt && Sequence(difference) < before.Next), $"{difference}; taken over at {before.Next}");
    }

    private static long Sequence(string difference) =>
        long.Parse(difference.Split(' ', ',')[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The same with more market behind its end.</summary>
    private static EngineConfiguration Longer(EngineConfiguration configuration)
    {
        JsonNode root = JsonNode.Parse(configuration.ToCanonicalJson())!;
        root["generator"]!["events"] = (long)root["generator"]!["events"]! + 4_000;
        return GeneratedRuns.Read(root);
    }

    private static Session Session(JournalDirectory journal, EngineConfiguration configuration, long every = 0) =>
        new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new MarketGenerator(configuration.Generator!),
            Journal = journal,
            Topology = GeneratedRuns.Shape(TopologyMode.Inline),
            SnapshotEvery = every,
        });

    private static Snapshot Newest(string run)
    {
        PosixStorage storage = new();
        Assert.Null(SnapshotStore.List(storage, run, out List<long> sequences));
        Assert.Null(SnapshotStore.Read(storage, run, sequences.Max(), out Snapshot? snapshot));
        return snapshot!;
    }

    private static PortableState Portable(Snapshot snapshot)
    {
        ReadOnlyMemory<byte>? bytes = PortableState.Find(snapshot);
        Assert.NotNull(bytes);
        Assert.Null(PortableState.Read(bytes.Value, out PortableState? state));
        return state!;
    }
}
