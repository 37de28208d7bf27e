using System;
using System.Collections.Generic;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Signals.Models;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Arbitration;

/// <summary>Blend, learned weights, cooldowns, sessions, data gate and barrier gate at once, on a random market.</summary>
public sealed class EverythingOnTests
{
    private const long Second = 1_000_000_000;
    private const int Events = 20_000;

    [Fact]
    public void The_same_events_give_the_same_decisions_and_state_and_every_reason_occurs()
    {
        Recording recorded = Record(5);
        SortedSet<SuppressionReason> seen = recorded.Reasons;
        Assert.Superset(
            new SortedSet<SuppressionReason>
            {
                SuppressionReason.Cooldown, SuppressionReason.SessionClosed, SuppressionReason.NotReady,
                SuppressionReason.Stale, SuppressionReason.GateInput, SuppressionReason.BarrierGate,
                SuppressionReason.Blended, SuppressionReason.NoChange,
            },
            seen);
        Assert.True(recorded.Commands >= 1_000, $"only {recorded.Commands} commands");
        Assert.True(recorded.Rounds >= 50, $"only {recorded.Rounds} rounds of learning");

        DecisionPipeline second = new(Settings());
        Decision decision = Pipelines.Garbage();
        for (int i = 0; i < recorded.Events.Count; i++)
        {
            second.OnEvent(recorded.Events[i], ref decision);
            Assert.True(recorded.Decisions[i] == Pipelines.Text(decision), $"event {i} was decided otherwise");
            decision = Pipelines.Garbage();
        }

        Assert.Equal(recorded.FinalState, DecisionPipelineTests.State(second));
    }

    [Fact]
    public void A_pipeline_restored_at_any_event_goes_on_bit_for_bit()
    {
        Recording recorded = Record(6);
        Assert.True(recorded.Snapshots.Count >= 4);
        foreach ((int at, byte[] saved) in recorded.Snapshots)
        {
            DecisionPipeline restored = new(Settings());
            restored.Visit(new StateReader(saved));
            Decision decision = default;
            for (int i = at + 1; i < recorded.Events.Count; i++)
            {
                restored.OnEvent(recorded.Events[i], ref decision);
                Assert.True(
                    recorded.Decisions[i] == Pipelines.Text(decision), $"restored after {at}, event {i} was decided otherwise");
            }

            Assert.Equal(recorded.FinalState, DecisionPipelineTests.State(restored));
        }
    }

    [Fact]
    public void Another_seed_of_the_draws_decides_otherwise()
    {
        Recording recorded = Record(5);
        DecisionPipeline other = new(Settings(seed: 8));
        Decision decision = default;
        bool differs = false;
        for (int i = 0; i < recorded.Events.Count && !differs; i++)
        {
            other.OnEvent(recorded.Events[i], ref decision);
            differs = recorded.Decisions[i] != Pipelines.Text(decision);
        }

        Assert.True(differs, "the weights shape nothing");
    }

    [Fact]
    public void A_warm_pipeline_allocates_nothing()
    {
        Event[] events = [.. Record(7).Events];
        DecisionPipeline pipeline = new(Settings());
        Decision decision = default;
        int warm = events.Length / 3;
        for (int i = 0; i < warm; i++)
        {
            pipeline.OnEvent(events[i], ref decision);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = warm; i < events.Length; i++)
        {
            pipeline.OnEvent(events[i], ref decision);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static PipelineSettings Settings(ulong seed = 7)
    {
        PipelineSettings plain = Pipelines.Settings(3, ArbitrationPolicy.Blend);
        List<TradingSession> sessions = [];
        for (int i = 0; i < 40; i++)
        {
            long open = RandomMarket.Start + (i * 12 * Second);
            sessions.Add(new TradingSession(i + 1, open, open + (10 * Second)));
        }

        TradingCalendar calendar = new([.. sessions]);
        return plain with
        {
            Arbitration = new ArbitrationSettings(ArbitrationPolicy.Blend, plain.Arbitration.Rules, normaliseWeights: true)
            {
                Learning = new WeightLearning
                {
                    Scope = LearningScope.Instrument,
                    Interval = Second,
                    RewardUnit = 10 * 100 * Rig.MoneyPerCent,
                    FloorE9 = 20_000_000,
                    Schedule = Exp3Schedule.Anytime,
                    EtaE9 = 0,
                    Seed = seed,
                },
                Gates = new GateSettings
                {
                    AskAgain = Second / 5,
                    Sessions = new SessionGateSettings(
                        [
                            new(Symbol24.Of("SYM1"), calendar), new(Symbol24.Of("SYM2"), calendar),
                            new(Symbol24.Of("SYM3"), new TradingCalendar([])),
                        ],
                        Second / 2),
                    Data = new DataGateSettings(Second / 20),
                    Barrier = new BarrierGateSettings
                    {
                        Features =
                        [
                            new Feature(FeatureKind.Imbalance, 0, -900_000, 900_000),
                            new Feature(FeatureKind.Return, 2, -50_000, 50_000),
                            new Feature(FeatureKind.Volatility, 5, 0, 100_000),
                            new Feature(FeatureKind.High, 5, -100_000, 100_000),
                        ],
                        Timeframe = 200_000_000,
                        MaxAge = 2 * Second,
                        Peak = new LogisticModel(-1.0, [-0.000002, 0.0001, 0.0001, -0.0001]),
                        Valley = new BoostedTrees(
                            4,
                            -1.0,
                            [
                                [new(0, 100_000.0, 1, 2), new(-1, -1.0, 0, 0), new(-1, 1.5, 0, 0)],
                                [new(3, 1_000.0, 1, 2), new(-1, 0.5, 0, 0), new(-1, -0.5, 0, 0)],
                            ]),
                        PeakLimitPpm = 400_000,
                        ValleyLimitPpm = 400_000,
                        Missing = MissingInput.Hold,
                    },
                },
            },
        };
    }

    private static Recording Record(ulong seed)
    {
        RandomMarket market = new(seed, 3);
        DecisionPipeline pipeline = new(Settings());
        Recording recording = new();
        Decision decision = default;
        foreach (Event e in market.Opening())
        {
            Step(e);
        }

        for (int i = 0; i < Events; i++)
        {
            Step(market.Next());
            while (decision.Waiting != 0)
            {
                Step(market.Continue(decision.Waiting));
            }

            if (i % 4_001 == 2_000)
            {
                recording.Snapshots.Add((recording.Events.Count - 1, DecisionPipelineTests.State(pipeline)));
            }
        }

        recording.FinalState = DecisionPipelineTests.State(pipeline);
        recording.Rounds = pipeline.Arbitration.LearnedRounds(new InstrumentId(1));
        return recording;

        void Step(Event e)
        {
            e.Sequence = recording.Events.Count;
            pipeline.OnEvent(e, ref decision);
            recording.Events.Add(e);
            recording.Decisions.Add(Pipelines.Text(decision));
            recording.Commands += decision.CommandCount;
            for (int i = 0; i < decision.SuppressionCount; i++)
            {
                recording.Reasons.Add(decision.Suppressions[i].Reason);
            }

            market.Take(decision);
        }
    }

    private sealed class Recording
    {
        internal List<Event> Events { get; } = [];

        internal List<string> Decisions { get; } = [];

        internal List<(int At, byte[] Saved)> Snapshots { get; } = [];

        internal SortedSet<SuppressionReason> Reasons { get; } = [];

        internal byte[] FinalState { get; set; } = [];

        internal long Rounds { get; set; }

        internal int Commands { get; set; }
    }
}
