using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Pipeline;

public sealed class PipelineAllocationTests
{
    [Fact]
    public void A_warm_pipeline_allocates_nothing() => Assert.Equal(0, Allocated(spoil: false));

    [Fact]
    public void An_allocation_in_one_event_of_many_is_seen() => Assert.True(Allocated(spoil: true) >= 24);

    private static long Allocated(bool spoil)
    {
        // The venue allocates, so the stream is recorded first and played to a second pipeline.
        RandomMarket market = new(99, 3);
        DecisionPipeline first = new(Pipelines.Settings(3));
        List<Event> recorded = [];
        Decision decision = default;
        int commands = 0;
        foreach (Event e in market.Opening())
        {
            Step(e);
        }

        for (int i = 0; i < 20_000; i++)
        {
            Step(market.Next());
            while (decision.Waiting != 0)
            {
                Step(market.Continue(decision.Waiting));
            }
        }

        Assert.True(commands > 1_000);
        Event[] events = [.. recorded];
        DecisionPipeline pipeline = new(Pipelines.Settings(3));
        object? kept = null;
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
                kept = new object();
            }
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(kept);
        return allocated;

        void Step(Event e)
        {
            e.Sequence = recorded.Count;
            first.OnEvent(e, ref decision);
            recorded.Add(e);
            commands += decision.CommandCount;
            market.Take(decision);
        }
    }
}
