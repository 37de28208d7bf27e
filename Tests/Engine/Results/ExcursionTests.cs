using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Tests.Determinism;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

/// <summary>
/// The state of the core knows of each open trade when it began and how far it went, as the results of a run do, which fold it
/// by themselves.
/// </summary>
public sealed class ExcursionTests
{
    [Fact]
    public void The_state_of_each_trade_says_what_the_results_say()
    {
        Watch watch = new();
        Run(watch);
        Assert.True(watch.Compared > 100, $"only {watch.Compared} trades were compared");
        Assert.Equal(0, watch.Different);
        Assert.Equal(0, watch.WithoutEntry);
    }

    [Fact]
    public void A_mark_that_is_left_out_is_found()
    {
        Watch watch = new() { ForgetsMarks = true };
        Run(watch);
        Assert.True(watch.Different > 10, $"only {watch.Different} of {watch.Compared} differ");
    }

    private static void Run(Watch watch)
    {
        // With fees every trade of these strategies ends at its worst.
        EngineConfiguration configuration = GeneratedRuns.Configuration(change: root =>
            root["venue"] = new JsonObject { ["makerFeePpm"] = 0, ["takerFeePpm"] = 0 });
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new MarketGenerator(configuration.Generator!),
            Topology = GeneratedRuns.Shape(TopologyMode.Inline),
            Observer = watch,
        });
        session.RunToEnd();
        session.Finish();
    }

    private sealed class Watch : IDecisionObserver
    {
        private readonly Performance _results = new();
        private readonly Dictionary<(int Strategy, int Instrument), OpenTrade> _open = [];
        private int _seen;

        internal bool ForgetsMarks { get; init; }

        internal int Compared { get; private set; }

        internal int Different { get; private set; }

        internal int WithoutEntry { get; private set; }

        public void OnDecided(in Event e, in Decision decision, DecisionPipeline pipeline)
        {
            _results.OnDecided(e, decision, pipeline);
            IReadOnlyList<ClosedTrade> closed = _results.Trades.Listed.Kept;
            for (; _seen < closed.Count; _seen++)
            {
                ClosedTrade trade = closed[_seen];
                if (trade.Strategy == StrategyId.House || !_open.TryGetValue((trade.Strategy.Value, trade.Instrument.Value), out OpenTrade last))
                {
                    continue;
                }

                // The fill that ends a trade marks it with what it came to.
                Compared++;
                bool same = trade.FavourableExcursion == Math.Max(last.Best, trade.Profit)
                    && trade.AdverseExcursion == Math.Min(last.Worst, trade.Profit)
                    && trade.OpenedAt == last.OpenedAt
                    && trade.OpenedPrice == last.OpenedPrice;
                Different += same ? 0 : 1;
            }

            for (ushort s = 1; s <= 3; s++)
            {
                for (ushort i = 1; i <= pipeline.Market.Highest; i++)
                {
                    OpenTrade now = pipeline.Portfolio.Trade(new StrategyId(s), new InstrumentId(i));
                    bool isNew = !_open.TryGetValue((s, i), out OpenTrade before) || before.OpenedSequence != now.OpenedSequence;
                    if (now.Quantity == 0)
                    {
                        _open.Remove((s, i));
                    }
                    else if (isNew || !ForgetsMarks)
                    {
                        WithoutEntry += isNew && now.OpenedSequence != e.Sequence ? 1 : 0;
                        _open[(s, i)] = now;
                    }
                }
            }
        }
    }
}
