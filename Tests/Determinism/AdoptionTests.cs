using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal.Format;
using LowLatency.Journal.Snapshots;
using LowLatency.Tests.CommandLine;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// A journal goes on with another configuration only where nothing can be lost: after a clean stop, or when a person takes
/// it over and accepts what was found. Each run is replayed with its own configuration from its own start.
/// </summary>
public sealed class AdoptionTests : IDisposable
{
    private static readonly EngineConfiguration _first = GeneratedRuns.Configuration(9_000, Small);

    private static readonly EngineConfiguration _second = GeneratedRuns.Configuration(9_000, root =>
    {
        Small(root);
        root["strategies"]![1]!["parameters"]!["quantity"] = "0.021";
    });

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_run_that_died_is_refused_to_another_configuration_and_nothing_is_touched()
    {
        string died = Died(3_000);
        Dictionary<string, DateTime> before = Written(died);
        IOException refused = Assert.Throws<IOException>(() => Continue(_second, died, adopt: false));
        Assert.Contains(
            "with configuration " + Convert.ToHexStringLower(_first.DecisionHash.AsSpan()[..8]), refused.Message, StringComparison.Ordinal);
        Assert.Contains(
            Convert.ToHexStringLower(_second.DecisionHash.AsSpan()[..8]),
            refused.Message,
            StringComparison.Ordinal);
        Assert.Contains("cleanly", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--adopt", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Written(died));
    }

    [Theory]
    [InlineData(700)]
    [InlineData(3_000)]
    [InlineData(6_500)]
    public void What_is_folded_from_disk_alone_is_what_the_old_configuration_itself_recovers(int events)
    {
        string died = Died(events);
        GeneratedRuns.CopyFiles(died, At("copy"));
        PortableState recovered;
        using (JournalDirectory journal = JournalDirectory.Open(At("copy"), _first, mayResume: true))
        using (Session session = Session(journal, _first))
        {
            recovered = Adoption.Capture(session.Pipeline, session.Recovered!.Facts, RunSnapshot.Names(_first));
        }

        using JournalDirectory adopted = JournalDirectory.Open(died, _second, mayResume: true, adopt: true);
        PortableState folded = AdoptionFold.Run(adopted, adopted.Standing.Adoption!, _second.Risk);
        Assert.Equal(Describe(recovered), Describe(folded));
        Assert.Equal(recovered.Executions, folded.Executions);
        Assert.True(events < 3_000 || recovered.Executions.Count > 50, "too little was traded");

        // Who holds what may differ, but not in sum.
        foreach (PortablePosition position in folded.Positions)
        {
            Assert.Equal(
                position.Quantity,
                folded.Parts.Where(part => part.Instrument == position.Instrument).Sum(part => part.Quantity));
        }
    }

    [Fact]
    public void An_adopted_run_is_halted_until_it_is_accepted_also_after_a_restart_and_replays()
    {
        string run = Died(3_000);
        RunResult held = Continue(_second, run, adopt: true, stopAfter: 2_000);
        Assert.Equal(TradingState.Halted, held.FinalState);
        Assert.Equal(0, held.NewOrders);
        Assert.Equal(0, held.UnresolvedOrders);

        RunResult restarted = Continue(_second, run, adopt: false, stopAfter: 3_000);
        Assert.Equal(TradingState.Halted, restarted.FinalState);
        Assert.Equal(0, restarted.NewOrders);

        RunResult accepted = Continue(_second, run, adopt: false, accept: "positions compared with the venue");
        Assert.NotEqual(TradingState.Halted, accepted.FinalState);
        Assert.True(accepted.NewOrders > 0, "nothing is traded after the acceptance");
        ReplayReport replay = Replay.Run(run, null, verify: true);
        Assert.Null(replay.Difference);
        Assert.Equal(accepted.StateDigest, replay.State);
        GeneratedRuns.AssertSound(run);
        Assert.Equal(
            [OperatorVerb.Hold, OperatorVerb.Accept],
            BacktestIdentityTests.Events(run).Where(e => e.Kind == EventKind.Operator).Select(e => e.Operator.Verb));
        Assert.Contains(BacktestIdentityTests.Events(run), e =>
            e.Kind == EventKind.BlobPart && e.BlobPart.Purpose == BlobPurpose.Reason);

        // Each run is bisected from its own start; under the first configuration the second run is what differs.
        Assert.True(Bisection.Run(run, null).IsEqual);
        Divergence divergence = Bisection.Run(run, _first);
        string differs = Replay.Run(run, _first, verify: true).Difference!;
        long differing = long.Parse(divergence.Event!.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains($"event {differing},", differs, StringComparison.Ordinal);
        Assert.True(differing > 3_000, "the first run was decided by this very configuration");
        CommandFailure refused = Assert.Throws<CommandFailure>(
            () => BacktestCommand.Simulate(null, run, null, out _));
        Assert.Contains("run 2 took over", refused.Message, StringComparison.Ordinal);
        RunResult other = BacktestCommand.Simulate(_second, run, null, out _);
        Assert.True(other.NewOrders > 100);
    }

    [Fact]
    public void After_a_clean_stop_another_configuration_goes_on_by_itself_with_what_was_there()
    {
        string run = At("run");
        RunResult first = GeneratedRuns.Live(_first, run, stopAfter: 5_000);
        EngineConfiguration fewer = GeneratedRuns.Configuration(9_000, root =>
        {
            Small(root);
            root["strategies"]!.AsArray().RemoveAt(2);
        });
        using (JournalDirectory journal = JournalDirectory.Open(run, fewer, mayResume: true))
        using (Session session = Session(journal, fewer))
        {
            Assert.True(session.IsAdopted);
            Assert.False(session.MustBeAccepted);
            PortfolioLedger portfolio = session.Pipeline.Portfolio;
            Assert.Equal(first.Currencies[0].CashUnits, portfolio.Cash(0));
            Assert.Equal(first.UnresolvedOrders, session.Pipeline.Orders.LiveOrders);
            bool houseHoldsWhatIsGone = false;
            for (ushort i = 1; i <= Limits.Instruments; i++)
            {
                InstrumentId id = new(i);
                long sum = 0;
                for (ushort s = 0; s <= Limits.Strategies; s++)
                {
                    sum += portfolio.Part(new StrategyId(s), id).Quantity;
                }

                Assert.Equal(portfolio.Position(id).Quantity, sum);
                Assert.Equal(0, portfolio.Part(new StrategyId(3), id).Fills);
                houseHoldsWhatIsGone |= portfolio.Part(StrategyId.House, id).Fills > 0;
            }

            Assert.True(houseHoldsWhatIsGone, "the strategy that is gone had no part to leave to the house");
            session.RunToEnd();
            RunResult second = session.Finish();
            Assert.True(second.NewOrders > 0, "it does not trade");
            Assert.Equal(TradingState.Active, second.FinalState);
        }

        Assert.Null(Replay.Run(run, null, verify: true).Difference);
        Assert.DoesNotContain(BacktestIdentityTests.Events(run), e => e.Kind == EventKind.Operator);
    }

    /// <summary>The newer one took over, traded, and died with orders at the venue: the older one takes over in its turn.</summary>
    [Fact]
    public void Going_back_is_a_takeover_by_the_older_one_also_with_orders_open()
    {
        string forward = Died(3_000);
        string died = At("died-again");
        using (JournalDirectory journal = JournalDirectory.Open(forward, _second, mayResume: true, adopt: true))
        using (Session session = Session(journal, _second, accept: "rolled out"))
        {
            while (session.Counts.Total < 4_000 || session.Pipeline.Orders.LiveOrders == 0)
            {
                session.Poll(1);
            }

            GeneratedRuns.CopyFiles(forward, died);
        }

        GeneratedRuns.CopyFiles(died, At("copy"));
        PortableState recovered;
        using (JournalDirectory journal = JournalDirectory.Open(At("copy"), _second, mayResume: true))
        using (Session session = Session(journal, _second))
        {
            recovered = Adoption.Capture(session.Pipeline, session.Recovered!.Facts, RunSnapshot.Names(_second));
            Assert.True(session.Pipeline.Orders.LiveOrders > 0, "nothing was open");
        }

        Assert.Contains("--adopt", Assert.Throws<IOException>(() => Continue(_first, died, adopt: false)).Message, StringComparison.Ordinal);
        using (JournalDirectory journal = JournalDirectory.Open(died, _first, mayResume: true, adopt: true))
        {
            PortableState folded = AdoptionFold.Run(journal, journal.Standing.Adoption!, _first.Risk);
            Assert.Equal(Describe(recovered), Describe(folded));
            Assert.Equal(recovered.Executions, folded.Executions);
        }

        RunResult back = Continue(_first, died, adopt: true, accept: "rolled back");
        Assert.Equal(TradingState.Active, back.FinalState);
        Assert.True(back.NewOrders > 0, "the older one does not trade");
        ReplayReport replay = Replay.Run(died, null, verify: true);
        Assert.Null(replay.Difference);
        Assert.Equal(back.StateDigest, replay.State);
        GeneratedRuns.AssertSound(died);
        List<Event> events = [.. BacktestIdentityTests.Events(died)];
        int[] runs = [.. events.Where(e => e.Kind == EventKind.EpochStarted).Select(e => (int)e.EpochStarted.Epoch)];
        Assert.Equal(3, runs.Length);
        Assert.True(runs[0] < runs[1] && runs[1] < runs[2], "the numbers of runs do not grow");

        // Each order belongs to one run, and no id was given twice.
        OrderId[] orders = [.. events.Where(e => e.Kind == EventKind.CommandOutcome && e.CommandOutcome.Verb == CommandVerb.New).Select(e => e.CommandOutcome.Order)];
        Assert.Equal(orders.Length, orders.Distinct().Count());
    }

    [Fact]
    public void The_kill_switch_survives_a_restart_and_an_adoption()
    {
        string run = At("run");
        using (JournalDirectory journal = JournalDirectory.Open(run, _first, mayResume: false))
        using (Session session = Session(journal, _first, new Killing(new MarketGenerator(_first.Generator!), 1_000)))
        {
            while (session.Counts.Total < 3_000)
            {
                session.Poll(64);
            }

            session.RequestStop();
            session.RunToEnd();
            Assert.Equal(TradingState.Halted, session.Finish().FinalState);
        }

        RunResult adopted = Continue(_second, run, adopt: true, accept: "looked at", stopAfter: 1_000);
        Assert.Equal(TradingState.Halted, adopted.FinalState);
        Assert.Equal(0, adopted.NewOrders);
        RunResult restarted = Continue(_second, run, adopt: false, stopAfter: 2_000);
        Assert.Equal(TradingState.Halted, restarted.FinalState);
        Assert.Null(Replay.Run(run, null, verify: true).Difference);
    }

    [Fact]
    public void An_adoption_that_a_crash_cut_before_it_began_is_made_again()
    {
        string run = Died(2_000);
        string cut = At("cut");
        using (JournalDirectory journal = JournalDirectory.Open(run, _second, mayResume: true, adopt: true))
        using (Session session = Session(journal, _second))
        {
            session.Poll(1);
            GeneratedRuns.CopyFiles(run, cut);
        }

        List<Event> events = [.. BacktestIdentityTests.Events(cut)];
        long begun = events.FindLastIndex(e => e.Kind == EventKind.BlobPart && e.BlobPart.Purpose == BlobPurpose.StartState);
        long started = events.FindLastIndex(e => e.Kind == EventKind.EpochStarted);
        Assert.True(begun > started);
        foreach (long last in (ReadOnlySpan<long>)[started, started + 3, begun - 40, begun - 1])
        {
            string at = At("cut" + last);
            GeneratedRuns.CopyFiles(cut, at);
            CutAfter(at, last);
            IOException refused = Assert.Throws<IOException>(() => Continue(_second, at, adopt: false));
            Assert.Contains("did not get to begin", refused.Message, StringComparison.Ordinal);
            RunResult again = Continue(_second, at, adopt: true, accept: "the same as before", stopAfter: 3_000);
            Assert.Equal(TradingState.Active, again.FinalState);
            Assert.Null(Replay.Run(at, null, verify: true).Difference);
        }
    }

    [Fact]
    public void What_is_left_of_a_journal_without_its_front_is_replayed_from_the_oldest_snapshot()
    {
        string run = At("run");
        EngineConfiguration configuration = GeneratedRuns.Configuration(60_000, root =>
        {
            Small(root);
            root["session"]!["journal"]!["keep"] = "snapshots";
        });
        RunResult whole;
        using (JournalDirectory journal = JournalDirectory.Open(run, configuration, mayResume: false))
        using (Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new MarketGenerator(configuration.Generator!),
            Journal = journal,
            Topology = GeneratedRuns.Shape(TopologyMode.Inline),
            SnapshotEvery = 4_000,
        }))
        {
            while (!session.IsDone)
            {
                // Not faster than it is followed.
                if (session.Counts.Total < 4_000 * (session.Snapshots + 2) || session.Counts.Total > 50_000)
                {
                    session.Poll(64);
                }
            }

            whole = session.Finish();
            Assert.Null(session.Difference);
        }

        Assert.False(File.Exists(Path.Combine(run, SegmentLayout.Name(StreamKind.Journal, 0))), "nothing was retired");
        ReplayReport replay = Replay.Run(run, null, verify: true);
        Assert.Null(replay.Difference);
        Assert.Equal(whole.StateDigest, replay.State);
        Assert.Equal(whole.DecisionDigest, replay.Rolling);
        Assert.Matches("the journal begins at event [0-9]+: the replay starts from snapshot-", replay.Warning);
        Assert.Contains(SnapshotStore.Name(Sequences(run).Min()), replay.Warning, StringComparison.Ordinal);
        Assert.Contains("a backtest cannot", Assert.Throws<InvalidDataException>(
            () => BacktestCommand.Simulate(null, run, null, out _)).Message, StringComparison.Ordinal);
        using (JournalDirectory journal = JournalDirectory.Open(run, configuration, mayResume: true))
        using (Session session = Session(journal, configuration))
        {
            Assert.Equal(Sequences(run).Max() + 1, session.Recovered!.From);
        }

        foreach (string file in Directory.GetFiles(run, "snapshot-*.snap"))
        {
            File.Delete(file);
        }

        Assert.Contains("no snapshot of this build reaches", Assert.Throws<InvalidDataException>(
            () => Replay.Run(run, null, verify: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Accepting_needs_a_reason_and_something_to_accept()
    {
        string run = At("run");
        GeneratedRuns.Live(_first, run, stopAfter: 1_000);
        string file = At("first.json");
        File.WriteAllBytes(file, _first.ToCanonicalJson());
        Finished blank = EngineProcess.Run("run", "-c", file, "-o", run, "--accept", "  ");
        Assert.Equal(ExitCode.Usage, blank.ExitCode);
        Assert.Contains("the reason is blank", blank.Error, StringComparison.Ordinal);
        Finished nothing = EngineProcess.Run("run", "-c", file, "-o", run, "--accept", "all is well");
        Assert.Equal(ExitCode.Usage, nothing.ExitCode);
        Assert.Contains("nothing to accept", nothing.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static void Small(JsonNode root) => root["session"]!["journal"]!["segmentMiB"] = 1;

    private static string Describe(PortableState state)
    {
        PortableState copy = state.WithoutMarket();
        copy.Parts.Clear();
        copy.Trades.Clear();
        copy.Executions.Clear();
        return Convert.ToHexString(copy.Write());
    }

    private static RunResult Continue(
        EngineConfiguration configuration, string run, bool adopt, string? accept = null, long stopAfter = 0)
    {
        using JournalDirectory journal = JournalDirectory.Open(run, configuration, mayResume: true, adopt: adopt);
        using Session session = Session(journal, configuration, accept: accept);
        while (!session.IsDone)
        {
            session.Poll(64);
            if (stopAfter != 0 && session.Counts.Total >= stopAfter)
            {
                session.RequestStop();
            }
        }

        return session.Finish();
    }

    private static Session Session(
        JournalDirectory journal, EngineConfiguration configuration, IEventSource? market = null, string? accept = null) =>
        new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = market ?? new MarketGenerator(configuration.Generator!),
            Journal = journal,
            Topology = GeneratedRuns.Shape(TopologyMode.Inline),
            Accept = accept,
        });

    private static Dictionary<string, DateTime> Written(string folder) => Directory.GetFiles(folder)
        .Where(file => !file.EndsWith("lock", StringComparison.Ordinal))
        .ToDictionary(file => file, File.GetLastWriteTimeUtc);

    private static List<long> Sequences(string run)
    {
        List<long> sequences = [];
        foreach (string file in Directory.GetFiles(run, "snapshot-*.snap"))
        {
            Assert.True(SnapshotStore.TryParseName(Path.GetFileName(file), out long sequence));
            sequences.Add(sequence);
        }

        return sequences;
    }

    /// <summary>What a crash right after an event would have left: no later event, no decision of a later one.</summary>
    private static void CutAfter(string folder, long last)
    {
        foreach (string file in Directory.GetFiles(folder, "*.seg"))
        {
            byte[] bytes = File.ReadAllBytes(file);
            for (int at = SegmentLayout.PageSize; at < bytes.Length - SegmentLayout.PageSize; at += SegmentLayout.RecordSize)
            {
                Span<byte> record = bytes.AsSpan(at, SegmentLayout.RecordSize);
                if (record.ContainsAnyExcept((byte)0) && BitConverter.ToInt64(record) > last)
                {
                    record.Clear();
                }
            }

            File.WriteAllBytes(file, bytes);
        }
    }

    private string Died(int events)
    {
        string died = At("died");
        string run = At("died-run");
        using JournalDirectory journal = JournalDirectory.Open(run, _first, mayResume: false);
        using Session session = Session(journal, _first);
        while (session.Counts.Total < events)
        {
            session.Poll(16);
        }

        GeneratedRuns.CopyFiles(run, died);
        return died;
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    /// <summary>A market in which a person presses the kill switch once.</summary>
    private sealed class Killing(IEventSource source, long after) : IEventSource
    {
        private Event _waiting;
        private long _read;
        private bool _hasWaiting;

        public ReadResult Read(ref Event next)
        {
            if (_hasWaiting)
            {
                _hasWaiting = false;
                next = _waiting;
                return ReadResult.Event;
            }

            ReadResult result = source.Read(ref next);
            if (++_read >= after && after > 0 && result == ReadResult.Event && (next.Flags & EventFlags.First) != 0)
            {
                after = 0;
                _hasWaiting = true;
                _waiting = next;
                long at = next.ReceivedAt;
                next = default;
                next.ReceivedAt = at;
                next.Source = EventSource.Operator;
                next.Flags = EventFlags.Whole;
                next.Set(new OperatorCommand { Verb = OperatorVerb.Kill });
            }

            return result;
        }
    }
}
