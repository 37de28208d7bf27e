using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Risk;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// A run that starts from a snapshot is the run that starts from the first event: at every checkpoint the same state. A
/// snapshot that cannot be trusted is not used; one that knows more than the journal stops the start.
/// </summary>
public sealed class SnapshotTests(RecordedFutures futures) : IClassFixture<RecordedFutures>, IDisposable
{
    private static readonly EngineConfiguration _configuration = GeneratedRuns.Configuration(
        9_000, root => root["session"]!["journal"]!["segmentMiB"] = 1);

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void From_a_snapshot_at_any_event_the_state_is_that_of_the_whole_replay_at_every_checkpoint(ulong seed)
    {
        EngineConfiguration configuration = GeneratedRuns.Configuration(6_000, root => root["seed"] = seed);
        string run = At("run");
        RunResult result = GeneratedRuns.Live(configuration, run);
        Assert.True(GeneratedRuns.Count(result, EventKind.Execution) > 20, "too little was traded");
        AssertContinuations(configuration, run, new Xoshiro256(seed), snapshots: 12, checkpointEvery: 700);
    }

    [Fact]
    public void From_a_snapshot_of_a_recorded_market_the_state_is_that_of_the_whole_replay()
    {
        string run = At("run");
        EngineConfiguration configuration = RecordedDataTests.Example("btc-eth.json");
        using (JournalReader reader = RecordedRun.Open(futures.Data()))
        {
            RunResult result = GeneratedRuns.Live(
                configuration, new First(new SessionInputs(reader, KeepInputs.MarketOnly), 60_000), run);
            Assert.True(GeneratedRuns.CommandsOf(result) > 0, "nothing was traded");
        }

        AssertContinuations(configuration, run, new Xoshiro256(7), snapshots: 6, checkpointEvery: 5_000);
    }

    [Fact]
    public void A_clean_stop_leaves_a_snapshot_and_the_next_run_replays_nothing()
    {
        string run = At("run");
        RunResult first = GeneratedRuns.Live(_configuration, run, stopAfter: 4_000);
        Snapshot snapshot = Only(run);
        Assert.Equal(first.StateDigest, snapshot.State);
        Assert.Equal(first.DecisionDigest, snapshot.Decisions);
        Assert.Equal(first.Counts.Total, snapshot.Sequence + 1);
        using (JournalDirectory journal = JournalDirectory.Open(run, _configuration, mayResume: true))
        using (Session session = Session(journal))
        {
            Assert.Equal(snapshot.Sequence + 1, session.Recovered!.From);
            Assert.Equal(session.Recovered.From, session.Recovered.Facts.Next);
            Assert.Equal(first.Counts.Total, session.Counts.Total);
        }

        RunResult second = GeneratedRuns.Live(_configuration, run);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        Assert.Equal(second.StateDigest, Replay.Run(run, null, verify: true).State);
        BacktestIdentityTests.AssertIdentity(run, second, At("backtest"));
        Assert.Equal(2, Directory.GetFiles(run, "snapshot-*.snap").Length);
    }

    [Fact]
    public void A_follower_writes_snapshots_from_which_a_killed_run_goes_on()
    {
        string run = At("run");
        string died = At("died");
        using (JournalDirectory journal = JournalDirectory.Open(run, _configuration, mayResume: false))
        using (Session session = Session(journal, every: 500))
        {
            while (session.Snapshots < 3)
            {
                // Not faster than it is followed.
                if (session.Counts.Total < 500 * (session.Snapshots + 2))
                {
                    session.Poll(64);
                }
            }

            GeneratedRuns.CopyFiles(run, died);
            session.RunToEnd();
            session.Finish();
            Assert.Null(session.Difference);
        }

        Assert.Equal(SnapshotStore.Kept, Directory.GetFiles(died, "snapshot-*.snap").Length);
        using (JournalDirectory journal = JournalDirectory.Open(died, _configuration, mayResume: true))
        using (Session session = Session(journal))
        {
            Assert.True(session.Recovered!.From >= 1_000, "it did not start from a snapshot");
            session.RunToEnd();
            Proof whole = GeneratedRuns.ProofOf(GeneratedRuns.Direct(_configuration, At("whole")), At("whole"));
            RunResult result = session.Finish();
            Assert.Equal(2, Starts(died));
            Assert.Null(Replay.Run(died, null, verify: true).Difference);
            Assert.Equal(result.StateDigest, Replay.Run(died, null, verify: true).State);
            Assert.Equal(
                BacktestIdentityTests.MarketOf(At("whole")), BacktestIdentityTests.MarketOf(died));
            Assert.NotEqual(0, whole.Events);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(StreamKind.Journal)]
    [InlineData(StreamKind.Audit)]
    public void What_the_start_from_a_snapshot_did_not_read_is_read_beside_the_run_and_damage_in_it_reduces(StreamKind? damaged)
    {
        string run = At("run");
        GeneratedRuns.Live(_configuration, run, stopAfter: 8_000);
        if (damaged is { } kind)
        {
            string segment = Path.Combine(run, SegmentLayout.Name(kind, 0));
            byte[] bytes = File.ReadAllBytes(segment);
            bytes[SegmentLayout.RecordOffset(100) + 60] ^= 1;
            File.WriteAllBytes(segment, bytes);
        }

        List<string> alarms = [];
        using JournalDirectory journal = JournalDirectory.Open(run, _configuration, mayResume: true);
        using Session session = Session(journal, alarm: alarms.Add);
        Assert.True(session.Recovered!.From > 0, "it did not start from a snapshot");
        Assert.True(SpinWait.SpinUntil(() => session.IsChecked, TimeSpan.FromSeconds(60)), "the check did not end");
        session.RunToEnd();
        if (damaged is null)
        {
            Assert.Null(session.Damage);
            Assert.Empty(alarms);
            Assert.Equal(TradingState.Active, session.Pipeline.Risk.State);
            return;
        }

        Assert.Contains("record CRC differs", session.Damage, StringComparison.Ordinal);
        Assert.Contains("record 100", session.Damage, StringComparison.Ordinal);
        Assert.Contains(session.Damage!, Assert.Single(alarms), StringComparison.Ordinal);
        Assert.Equal(TradingState.Reducing, session.Pipeline.Risk.State);
    }

    [Theory]
    [InlineData(300, true)]
    [InlineData(1_000_000, false)]
    public void A_follower_that_is_several_snapshots_behind_is_told_of_once(long every, bool late)
    {
        List<string> alarms = [];
        using JournalDirectory journal = JournalDirectory.Open(At("run"), _configuration, mayResume: false);
        using Session session = Session(journal, every, alarms.Add);
        session.RunToEnd();
        Assert.Equal(late, alarms.Exists(alarm => alarm.Contains("events behind", StringComparison.Ordinal)));
        Assert.InRange(alarms.Count, late ? 1 : 0, late ? 1 : 0);
    }

    [Fact]
    public void A_follower_of_a_run_that_ends_before_its_first_event_opens_nothing()
    {
        using JournalDirectory journal = JournalDirectory.Open(At("run"), _configuration, mayResume: false);

        // A file that is listed and no longer there when it is opened, as at the moment in which it is taken away.
        Assert.Null(journal.Close());
        Assert.Empty(Directory.GetFiles(At("run"), "*.seg"));
        File.CreateSymbolicLink(Path.Combine(At("run"), $"journal-{0:D20}.seg"), At("nowhere"));
        Session session = Session(journal, every: 500);
        session.Dispose();
        Assert.Null(session.Difference);
    }

    [Fact]
    public void A_follower_that_finds_another_decision_reduces_the_run_and_says_so()
    {
        string run = At("run");
        List<string> alarms = [];
        using JournalDirectory journal = JournalDirectory.Open(run, _configuration, mayResume: false);
        using Session session = Session(journal, every: 100_000, alarms.Add);

        // The planted bug: the run's own pipeline hears an operator whom the journal never heard.
        while (session.Counts.Total < 2_000)
        {
            session.Poll(16);
        }

        session.Pipeline.Risk.Obey(OperatorVerb.Halt);
        while (session.Difference is null && !session.IsDone)
        {
            session.Poll(16);
        }

        session.RunToEnd();
        session.Finish();
        Assert.NotNull(session.Difference);
        Assert.Matches("event [0-9]+", session.Difference);
        Assert.Empty(Directory.GetFiles(run, "snapshot-*.snap"));
        if (alarms.Count != 0)
        {
            Assert.Contains(BacktestIdentityTests.Events(run), e =>
                e.Kind == EventKind.Operator && e.Operator.Verb == OperatorVerb.Reduce);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public void A_stop_that_does_not_wait_for_its_follower_says_what_is_not_compared(int seconds)
    {
        string run = At("run");
        RunResult result;
        long followed;
        using (JournalDirectory journal = JournalDirectory.Open(run, _configuration, mayResume: false))
        using (Session session = new(new SessionPlan
        {
            Configuration = _configuration,
            Inputs = new MarketGenerator(_configuration.Generator!),
            Journal = journal,
            Topology = GeneratedRuns.Shape(TopologyMode.Inline),
            SnapshotEvery = 100_000,
            Patience = TimeSpan.FromSeconds(seconds),
        }))
        {
            session.RunToEnd();
            result = session.Finish();
            followed = result.Counts.Total - result.NotCompared;
            Assert.Null(session.Difference);
        }

        Assert.InRange(followed, 0, result.Counts.Total);
        Manifest manifest = Manifest.Of("run", _configuration, null, TimeSpan.Zero);
        Assert.Contains(
            $"\"notCompared\": {result.NotCompared},",
            System.Text.Encoding.UTF8.GetString(ResultJson.Write(result, manifest)),
            StringComparison.Ordinal);
        if (seconds > 0)
        {
            Assert.Equal(0, result.NotCompared);
        }

        // What the follower does not know, the sealed journal does: the next run starts from a sound snapshot all the same.
        Assert.Equal(result.StateDigest, Only(run).State);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
    }

    [Fact]
    public void A_damaged_snapshot_gives_way_to_the_older_one_and_two_to_the_whole_replay()
    {
        string run = At("run");
        GeneratedRuns.Live(_configuration, run, stopAfter: 2_000);
        GeneratedRuns.Live(_configuration, run, stopAfter: 2_000 + 2_000);
        string[] snapshots = [.. Directory.GetFiles(run, "snapshot-*.snap").Order(StringComparer.Ordinal)];
        Assert.Equal(2, snapshots.Length);
        Flip(snapshots[1], 5_000);
        using (JournalDirectory journal = JournalDirectory.Open(run, _configuration, mayResume: true))
        using (Session session = Session(journal))
        {
            Assert.Contains(Path.GetFileName(snapshots[1]) + " is not used: SHA-256 differs", journal.Standing.Warnings);
            Assert.Equal(Sequence(snapshots[0]) + 1, session.Recovered!.From);
        }

        Flip(snapshots[0], 0);
        using (JournalDirectory journal = JournalDirectory.Open(run, _configuration, mayResume: true))
        using (Session session = Session(journal))
        {
            Assert.Equal(2, journal.Standing.Warnings.Count);
            Assert.Equal(0, session.Recovered!.From);
            Assert.Equal(Sequence(snapshots[1]) + 1, session.Recovered.Facts.Next);
        }
    }

    [Fact]
    public void A_snapshot_that_is_newer_than_the_journal_refuses_to_start()
    {
        string run = At("run");
        GeneratedRuns.Live(_configuration, run, stopAfter: 2_000);
        GeneratedRuns.CopyFiles(run, At("older"));
        GeneratedRuns.Live(_configuration, run, stopAfter: 4_000);
        string newest = Directory.GetFiles(run, "snapshot-*.snap").Order(StringComparer.Ordinal).Last();
        File.Copy(newest, Path.Combine(At("older"), Path.GetFileName(newest)));
        IOException refused = Assert.Throws<IOException>(() => GeneratedRuns.Live(_configuration, At("older")));
        Assert.Contains("is newer than the journal's end: events up to", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_of_another_history_is_not_used()
    {
        string run = At("run");
        GeneratedRuns.Live(_configuration, run, stopAfter: 2_000);
        string other = At("other");
        GeneratedRuns.Live(GeneratedRuns.Configuration(9_000, root => root["seed"] = 9), other, stopAfter: 1_200);
        string foreign = Directory.GetFiles(other, "snapshot-*.snap").Single();
        File.Copy(foreign, Path.Combine(run, Path.GetFileName(foreign)));
        using JournalDirectory journal = JournalDirectory.Open(run, _configuration, mayResume: true);
        Assert.Contains(journal.Standing.Warnings, warning => warning.Contains("says otherwise (Differs)", StringComparison.Ordinal));
        Assert.NotEqual(Sequence(foreign), journal.Standing.Snapshot!.Sequence);
    }

    [Fact]
    public void A_restart_from_a_snapshot_looks_at_sealed_segments_by_header_and_footer_only()
    {
        string run = At("run");
        GeneratedRuns.Live(_configuration, run, stopAfter: 9_100);
        string first = Directory.GetFiles(run, "journal-*.seg").Order(StringComparer.Ordinal).First();
        Assert.True(Directory.GetFiles(run, "journal-*.seg").Length > 1);
        Flip(first, (int)SegmentLayout.RecordOffset(100) + 40);
        using (JournalDirectory journal = JournalDirectory.Open(run, _configuration, mayResume: true))
        using (Session session = Session(journal))
        {
            Assert.True(session.Recovered!.From > 0);
        }

        Assert.False(JournalVerifier.Verify(new PosixStorage(), run, StreamKind.Journal).IsSound);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Snapshots at random events, restored into fresh runs: equal from there on.</summary>
    private static void AssertContinuations(
        EngineConfiguration configuration, string run, Xoshiro256 random, int snapshots, long checkpointEvery)
    {
        List<Event> events = [.. BacktestIdentityTests.Events(run)];
        SortedSet<long> at = [];
        while (at.Count < snapshots)
        {
            at.Add(random.NextBelow(events.Count - 2));
        }

        MutedRun whole = MutedRun.Of(configuration);
        RunSnapshot taker = new(configuration);
        Digest128 rolling = default;
        List<Snapshot> taken = [];
        Dictionary<long, Digest> checkpoints = [];
        foreach (Event e in events)
        {
            whole.Step(e);
            DecisionDigest.Add(ref rolling, e, whole.Last);
            if (at.Contains(e.Sequence))
            {
                ReadOnlySpan<byte> file = taker.Take(new SnapshotPlace(1, e.Sequence, 0, 0), whole, rolling);
                Assert.Null(SnapshotEncoding.Read(file.ToArray(), out Snapshot? read));
                taken.Add(read!);
            }

            if (e.Sequence % checkpointEvery == 0 || e.Sequence == events.Count - 1)
            {
                checkpoints[e.Sequence] = Digest(whole);
            }
        }

        foreach (Snapshot snapshot in taken)
        {
            MutedRun continued = MutedRun.Of(configuration);
            Digest128 decisions = RunSnapshot.Restore(snapshot, continued);
            for (int i = (int)snapshot.Sequence + 1; i < events.Count; i++)
            {
                continued.Step(events[i]);
                DecisionDigest.Add(ref decisions, events[i], continued.Last);
                if (checkpoints.TryGetValue(i, out Digest expected))
                {
                    Assert.Equal(expected, Digest(continued));
                }
            }

            Assert.Equal(rolling.Finish(), decisions.Finish());
            Assert.Equal(whole.Facts.Market, continued.Facts.Market);
        }
    }

    private static Digest Digest(MutedRun run)
    {
        DigestVisitor visitor = new();
        run.Visit(visitor);
        return visitor.Finish();
    }

    private static Session Session(JournalDirectory journal, long every = 0, Action<string>? alarm = null) =>
        new(new SessionPlan
        {
            Configuration = _configuration,
            Inputs = new MarketGenerator(_configuration.Generator!),
            Journal = journal,
            Topology = GeneratedRuns.Shape(TopologyMode.Inline),
            SnapshotEvery = every,
            Alarm = alarm,
        });

    private static Snapshot Only(string run)
    {
        string file = Directory.GetFiles(run, "snapshot-*.snap").Single();
        Assert.Null(SnapshotStore.Read(new PosixStorage(), run, Sequence(file), out Snapshot? snapshot));
        return snapshot!;
    }

    private static long Sequence(string file)
    {
        Assert.True(SnapshotStore.TryParseName(Path.GetFileName(file), out long sequence));
        return sequence;
    }

    private static void Flip(string file, int at)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes[at] ^= 0x10;
        File.WriteAllBytes(file, bytes);
    }

    private static int Starts(string run) =>
        BacktestIdentityTests.Events(run).Count(e => e.Kind == EventKind.EpochStarted);

    private string At(string name) => Path.Combine(_folder.Path, name);

    private sealed class First(IEventSource source, long count) : IEventSource
    {
        private long _left = count;

        public ReadResult Read(ref Event next) => _left-- > 0 ? source.Read(ref next) : ReadResult.End;
    }
}
