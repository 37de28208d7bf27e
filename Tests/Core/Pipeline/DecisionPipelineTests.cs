using System;
using System.Collections.Generic;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Pipeline;

public sealed class DecisionPipelineTests
{
    private const int Events = 20_000;

    public static TheoryData<ulong, ArbitrationPolicy> Runs => new()
    {
        { 11, ArbitrationPolicy.Net },
        { 12, ArbitrationPolicy.Priority },
        { 13, ArbitrationPolicy.Blend },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void The_same_events_give_the_same_decisions_byte_for_byte(ulong seed, ArbitrationPolicy policy)
    {
        Recording recorded = Record(seed, policy);

        // A comparison of runs in which nothing happens would prove nothing.
        Assert.True(recorded.Commands >= 1_000, $"only {recorded.Commands} commands");
        Assert.True(recorded.Executions >= 100, $"only {recorded.Executions} executions");
        for (int kind = 1; kind < 5; kind++)
        {
            Assert.True(recorded.SignalKinds[kind] > 0, $"no signal of kind {(SignalKind)kind}");
        }

        DecisionPipeline second = new(Pipelines.Settings(3, policy));
        Decision decision = Pipelines.Garbage();
        for (int i = 0; i < recorded.Events.Count; i++)
        {
            second.OnEvent(recorded.Events[i], ref decision);
            Assert.True(recorded.Decisions[i] == Pipelines.Text(decision), $"event {i} of seed {seed} was decided otherwise");
            decision = Pipelines.Garbage();
        }

        Assert.Equal(recorded.FinalState, State(second));
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_pipeline_restored_at_any_event_continues_as_the_one_that_never_stopped(ulong seed, ArbitrationPolicy policy)
    {
        Recording recorded = Record(seed, policy);
        Assert.NotEmpty(recorded.Snapshots);
        foreach ((int at, byte[] saved) in recorded.Snapshots)
        {
            DecisionPipeline restored = new(Pipelines.Settings(3, policy));
            StateReader reader = new(saved);
            restored.Visit(reader);
            Assert.Equal(saved, State(restored));
            Decision decision = Pipelines.Garbage();
            for (int i = at + 1; i < recorded.Events.Count; i++)
            {
                restored.OnEvent(recorded.Events[i], ref decision);
                Assert.True(
                    recorded.Decisions[i] == Pipelines.Text(decision),
                    $"restored after event {at}, event {i} of seed {seed} was decided otherwise");
            }

            Assert.Equal(recorded.FinalState, State(restored));
        }
    }

    [Fact]
    public void A_single_lost_event_or_byte_of_state_is_seen()
    {
        Recording recorded = Record(11, ArbitrationPolicy.Net);
        DecisionPipeline lossy = new(Pipelines.Settings(3));
        Decision decision = default;
        bool differs = false;

        // What the venue only says twice may be lost: an execution is said once.
        int lost = recorded.Events.FindIndex(500, e => e.Kind == EventKind.Execution);
        for (int i = 0; i < recorded.Events.Count && !differs; i++)
        {
            if (i == lost)
            {
                i++;
            }

            lossy.OnEvent(recorded.Events[i], ref decision);
            differs = recorded.Decisions[i] != Pipelines.Text(decision);
        }

        Assert.True(differs || !State(lossy).AsSpan().SequenceEqual(recorded.FinalState));

        // Two wallets that differ by one unit are two states.
        DecisionPipeline a = new(Pipelines.Settings(3));
        byte[] before = State(a);
        a.Portfolio.Move(new CashMoved { Amount = 1 });
        Assert.NotEqual(before, State(a));
    }

    [Fact]
    public void More_lanes_than_an_event_has_room_for_are_decided_by_continue_events()
    {
        Rig rig = new Rig(new RigSettings { Instruments = 20 }).Begin();
        rig.Say((1, Eight(1)), (2, Eight(9)));
        Assert.Equal(8, rig.Commands.Count);
        rig.Operator(OperatorVerb.Reduce);
        Assert.Equal(20, rig.Intents.Count);
        Assert.Equal(2, rig.Continues);

        static Action<LowLatency.Core.Signals.StrategyContext> Eight(int first) => context =>
        {
            for (int i = first; i < first + 8; i++)
            {
                context.SetTarget(new LowLatency.Core.Values.InstrumentId((ushort)i), 10);
            }
        };
    }

    [Fact]
    public void The_id_of_an_order_decodes_to_the_event_that_caused_it()
    {
        Rig rig = new Rig(new RigSettings { Instruments = 2 }).Begin();
        rig.Publish(new EpochStarted { Epoch = 7, Instance = 1, Venue = VenueKind.Simulated });
        rig.Quote(1, 9_999, 10_001);
        rig.Quote(2, 9_999, 10_001);
        long cause = rig.Sequence;
        rig.Say((1, context => context.SetTarget(new(1), 10)), (2, context => context.SetTarget(new(2), -10)));
        Assert.Equal(
            [(7, cause, 0), (7, cause, 1)],
            rig.Commands.ConvertAll(command => (command.Order.Epoch, command.Order.Sequence, command.Order.Ordinal)));
    }

    [Fact]
    public void Nothing_is_decided_inside_a_group()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10, limit: 9_900);
        rig.Publish(new OperatorCommand { Verb = OperatorVerb.Halt }, flags: EventFlags.First);
        Assert.Empty(rig.Intents);
        Assert.Equal(0, rig.Decision.Waiting);
        rig.Tick();
        Assert.Single(rig.Intents);
    }

    internal static byte[] State(DecisionPipeline pipeline)
    {
        StateWriter writer = new(1 << 22);
        pipeline.Visit(writer);
        return writer.Written.ToArray();
    }

    private static Recording Record(ulong seed, ArbitrationPolicy policy)
    {
        RandomMarket market = new(seed, 3);
        DecisionPipeline pipeline = new(Pipelines.Settings(3, policy));
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

            if (i % 5_003 == 2_000)
            {
                recording.Snapshots.Add((recording.Events.Count - 1, State(pipeline)));
            }
        }

        recording.FinalState = State(pipeline);
        return recording;

        void Step(Event e)
        {
            e.Sequence = recording.Events.Count;
            pipeline.OnEvent(e, ref decision);
            recording.Add(e, decision);
            market.Take(decision);
        }
    }

    private sealed class Recording
    {
        internal List<Event> Events { get; } = [];

        internal List<string> Decisions { get; } = [];

        internal List<(int At, byte[] Saved)> Snapshots { get; } = [];

        internal byte[] FinalState { get; set; } = [];

        internal int Commands { get; private set; }

        internal int Executions { get; private set; }

        internal int[] SignalKinds { get; } = new int[5];

        internal void Add(in Event e, in Decision decision)
        {
            Events.Add(e);
            Decisions.Add(Pipelines.Text(decision));
            Commands += decision.CommandCount;
            Executions += e.Kind == EventKind.Execution ? 1 : 0;
            for (int i = 0; i < decision.SignalCount; i++)
            {
                SignalKinds[(int)decision.Signals[i].Kind]++;
            }
        }
    }
}
