using System.Collections.Generic;
using System.Linq;
using LowLatency.Bench.Canonical;
using LowLatency.Engine.Configuration;
using Xunit;

namespace LowLatency.Tests.Bench.Canonical;

public sealed class StagesRunTests
{
    [Fact]
    public void A_window_times_every_stage_of_a_pipeline_that_works()
    {
        StageWindow window = Assert.Single(StagesRun.Measure(StagesRun.Usual(), [200_000]));
        Assert.Equal((200_000L, 200_000), (window.UpTo, window.Events));
        Assert.Equal(StagesRun.Names.Length, window.MeanNs.Length);
        Assert.True(window.Signals > 1_000 && window.Commands > 1_000, $"{window.Signals} signals, {window.Commands} commands");
    }

    [Fact]
    public void The_usual_run_has_as_many_strategies_as_a_session_may_have()
    {
        EngineConfiguration configuration = StagesRun.Usual();
        Assert.Equal(StagesRun.Strategies, configuration.Strategies.Length);
        Assert.Equal(StagesRun.Strategies, new HashSet<string>(configuration.Strategies.Select(strategy => strategy.Name)).Count);
    }
}
