using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders.Styles;

/// <summary>Every style at once on a random market with a capricious venue: replayed, restored in the middle, measured.</summary>
public sealed class AllStylesOnTests
{
    private const int Events = 40_000;

    private static readonly StyleKind[] Kinds =
        [StyleKind.Market, StyleKind.Limit, StyleKind.PostOnly, StyleKind.Peg, StyleKind.Twap, StyleKind.Participation, StyleKind.Iceberg];

    [Fact]
    public void The_same_events_give_the_same_decisions_and_state()
    {
        Recording recorded = Record(11);
        Assert.True(recorded.Commands >= 1_000, $"only {recorded.Commands} commands");
        foreach (StyleKind kind in Kinds)
        {
            Assert.True(recorded.Sent.GetValueOrDefault(kind) >= 20, $"{recorded.Sent.GetValueOrDefault(kind)} commands of {kind}");
        }

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
    public void A_pipeline_restored_in_the_middle_of_each_style_goes_on_bit_for_bit()
    {
        Recording recorded = Record(12);
        Assert.Equal(Kinds.Order(), recorded.Snapshots.Select(s => s.Kind).Order());
        foreach ((StyleKind kind, int at, byte[] saved) in recorded.Snapshots)
        {
            DecisionPipeline restored = new(Settings());
            restored.Visit(new StateReader(saved));
            Decision decision = default;
            for (int i = at + 1; i < recorded.Events.Count; i++)
            {
                restored.OnEvent(recorded.Events[i], ref decision);
                Assert.True(
                    recorded.Decisions[i] == Pipelines.Text(decision),
                    $"restored in the middle of {kind} after {at}, event {i} was decided otherwise");
            }

            Assert.Equal(recorded.FinalState, DecisionPipelineTests.State(restored));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_warm_pipeline_allocates_nothing(bool spoil)
    {
        Event[] events = [.. Record(13).Events];
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
            if (spoil && i == warm + 1_000)
            {
                GC.KeepAlive(new object());
            }
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(spoil, allocated >= 24);
        Assert.True(spoil || allocated == 0, $"{allocated} bytes");
    }

    private static PipelineSettings Settings() =>
        Pipelines.Settings(3, ArbitrationPolicy.Net, styles: AllStyles.Table);

    private static Recording Record(ulong seed)
    {
        RandomMarket market = new(seed, 3) { Honest = true, OperatorRate = 0 };
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
        }

        recording.FinalState = DecisionPipelineTests.State(pipeline);
        return recording;

        void Step(Event e)
        {
            e.Sequence = recording.Events.Count;
            pipeline.OnEvent(e, ref decision);
            recording.Events.Add(e);
            recording.Decisions.Add(Pipelines.Text(decision));
            recording.Commands += decision.CommandCount;
            Count(decision);
            market.Take(decision);
        }

        void Count(in Decision decided)
        {
            for (int i = 0; i < decided.CommandCount; i++)
            {
                for (int k = 0; k < decided.IntentCount; k++)
                {
                    if (decided.Intents[k].Instrument == decided.Commands[i].Instrument && decided.Commands[i].Owner == StrategyId.House)
                    {
                        StyleKind kind = decided.Intents[k].StyleKind;
                        recording.Sent[kind] = recording.Sent.GetValueOrDefault(kind) + 1;
                    }
                }
            }

            // In the middle: a part is filled and a part is not. What goes to the market has no middle but its flight.
            for (int k = 0; k < decided.IntentCount && recording.Events.Count > Events / 10; k++)
            {
                ref readonly Intent intent = ref decided.Intents[k];
                StyleKind kind = intent.StyleKind;
                (long quantity, long filled, _) = pipeline.Parents.Of(intent.Instrument);
                bool inTheMiddle = filled < quantity && (filled > 0 || kind == StyleKind.Market);
                if (kind != StyleKind.AsWished && inTheMiddle && !recording.Snapshots.Any(s => s.Kind == kind))
                {
                    recording.Snapshots.Add((kind, recording.Events.Count - 1, DecisionPipelineTests.State(pipeline)));
                }
            }
        }
    }

    private sealed class Recording
    {
        internal List<Event> Events { get; } = [];

        internal List<string> Decisions { get; } = [];

        internal List<(StyleKind Kind, int At, byte[] Saved)> Snapshots { get; } = [];

        internal Dictionary<StyleKind, int> Sent { get; } = [];

        internal byte[] FinalState { get; set; } = [];

        internal int Commands { get; set; }
    }
}
