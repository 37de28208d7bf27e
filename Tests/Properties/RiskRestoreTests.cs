using System.Collections.Generic;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Pipeline;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Properties;

/// <summary>Accounts, ages, losses and correlations are state or settings: a restored pipeline rules as the one that was saved.</summary>
public sealed class RiskRestoreTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_pipeline_restored_at_any_time_rules_as_the_one_that_never_stopped(int profile)
    {
        RiskProfile its = RiskProfile.Of(profile);
        RandomMarket market = new((ulong)(1_000 + profile), 2) { Honest = true, Kind = its.Kind, Cash = its.Cash, Odd = its.Odd };
        DecisionPipeline pipeline = Pipeline(its);
        List<Event> events = [];
        List<string> decisions = [];
        List<(int At, byte[] Saved)> snapshots = [];
        Decision decision = default;
        void Step(Event e)
        {
            e.Sequence = events.Count;
            pipeline.OnEvent(e, ref decision);
            events.Add(e);
            decisions.Add(Pipelines.Text(decision));
            market.Take(decision);
        }

        foreach (Event e in market.Opening())
        {
            Step(e);
        }

        for (int i = 0; i < 600; i++)
        {
            Step(market.Next());
            while (decision.Waiting != 0)
            {
                Step(market.Continue(decision.Waiting));
            }

            if (i % 60 == 30)
            {
                snapshots.Add((events.Count - 1, DecisionPipelineTests.State(pipeline)));
            }
        }

        byte[] end = DecisionPipelineTests.State(pipeline);
        foreach ((int at, byte[] saved) in snapshots)
        {
            DecisionPipeline restored = Pipeline(its);
            restored.Visit(new StateReader(saved));
            for (int i = at + 1; i < events.Count; i++)
            {
                restored.OnEvent(events[i], ref decision);
                Assert.True(decisions[i] == Pipelines.Text(decision), $"restored after {at}, event {i} was decided otherwise");
            }

            Assert.Equal(end, DecisionPipelineTests.State(restored));
        }
    }

    private static DecisionPipeline Pipeline(RiskProfile profile) =>
        new(Pipelines.Settings(2, ArbitrationPolicy.Net, profile.Limits, wanderers: true));
}
