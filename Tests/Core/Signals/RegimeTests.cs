using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Signals;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;
using Xunit;
using RandomMarket = LowLatency.Tests.Core.Pipeline.RandomMarket;

namespace LowLatency.Tests.Core.Signals;

/// <summary>
/// A strategy that tells regimes and trades otherwise in each: what it takes the market for is fed by events alone, stands in the
/// digest and in what is saved, and a run that is put together again in the middle takes the market for the same.
/// </summary>
public sealed class RegimeTests
{
    private const int Events = 6_000;

    [Fact]
    public void The_same_events_give_the_same_regimes_wherever_the_run_is_put_together_again()
    {
        Recording whole = Run();
        Assert.True(whole.Changes >= 20, $"only {whole.Changes} changes of regime");
        Assert.True(whole.Commands >= 100, $"only {whole.Commands} commands");
        foreach (int at in (int[])[500, 1_777, 3_001, 5_432])
        {
            Recording resumed = Run(at);
            Assert.Equal(whole.Decisions, resumed.Decisions);
            Assert.Equal(whole.State, resumed.State);
        }
    }

    [Fact]
    public void The_regime_is_in_the_digest()
    {
        DecisionPipeline calm = new(Settings(new Switcher()));
        Switcher other = new() { Regime = Regime.Wild };
        Assert.NotEqual(SavingVisitor.Save(calm), SavingVisitor.Save(new DecisionPipeline(Settings(other))));
    }

    /// <summary>Planted: a strategy that keeps its regime to itself decides otherwise after a restart.</summary>
    [Fact]
    public void A_regime_that_is_not_visited_is_found()
    {
        Recording whole = Run(forgets: true);
        Assert.True(whole.Wild.Count > 50);
        Assert.Contains(
            whole.Wild.Where((_, i) => i % (whole.Wild.Count / 25) == 0),
            at => !whole.Decisions.SequenceEqual(Run(at, forgets: true).Decisions));
    }

    private static Recording Run(int restartAt = -1, bool forgets = false)
    {
        Switcher strategy = new() { Forgets = forgets };
        DecisionPipeline pipeline = new(Settings(strategy));
        RandomMarket market = new(11, 1) { Honest = true, OperatorRate = 0 };
        Recording recording = new();
        Decision decision = default;
        long sequence = 0;
        foreach (Event e in market.Opening())
        {
            Step(e);
        }

        for (int i = 0; i < Events; i++)
        {
            if (i == restartAt)
            {
                byte[] saved = SavingVisitor.Save(pipeline);
                strategy = new Switcher { Forgets = forgets };
                pipeline = new DecisionPipeline(Settings(strategy));
                RestoringVisitor.Restore(pipeline, saved);
            }

            Regime before = strategy.Regime;
            Step(market.Next());
            recording.Changes += strategy.Regime != before ? 1 : 0;
            if (strategy.Regime == Regime.Wild)
            {
                recording.Wild.Add(i + 1);
            }

            while (decision.Waiting != 0)
            {
                Step(market.Continue(decision.Waiting));
            }
        }

        recording.State = SavingVisitor.Save(pipeline);
        return recording;

        void Step(Event e)
        {
            e.Sequence = sequence++;
            pipeline.OnEvent(e, ref decision);
            recording.Commands += decision.CommandCount;
            recording.Decisions.Add(Pipelines.Text(decision));
            market.Take(decision);
        }
    }

    private static PipelineSettings Settings(Switcher strategy) => new()
    {
        Strategies = [new StrategyBinding(new(1), [Symbol24.Of("SYM1")], strategy)],
        Arbitration = new ArbitrationSettings(ArbitrationPolicy.Net, [new StrategyRule(1, 0, 0)], normaliseWeights: false),
        Risk = RigSettings.Wide() with { RetryInterval = 100_000_000, RejectBackoff = 150_000_000 },
        Timeframes = [100_000_000],
        BarGrace = 0,
    };

    private enum Regime
    {
        Calm,
        Wild,
    }

    private sealed class Recording
    {
        internal List<string> Decisions { get; } = [];

        internal byte[] State { get; set; } = [];

        /// <summary>Where a run that is put together again begins in the wild.</summary>
        internal List<int> Wild { get; } = [];

        internal int Changes { get; set; }

        internal int Commands { get; set; }
    }

    /// <summary>
    /// Wild from a range above one and a half times the usual, calm again below it: between the two it depends on what it was. In
    /// calm it follows the last bar, in the wild it fades it with half the size.
    /// </summary>
    private sealed class Switcher() : Strategy(100_000_000L)
    {
        private double _usual;
        private long _bars;
        private int _regime;

        internal bool Forgets { get; init; }

        internal Regime Regime
        {
            get => (Regime)_regime;
            init => _regime = (int)value;
        }

        public override void OnBar(StrategyContext context, InstrumentMarket instrument, in Bar bar)
        {
            double range = bar.High - bar.Low;
            _usual = _bars++ == 0 ? range : _usual + ((range - _usual) / 16);
            if (range > _usual * 1.5)
            {
                _regime = (int)Regime.Wild;
            }
            else if (range < _usual)
            {
                _regime = (int)Regime.Calm;
            }

            int direction = Math.Sign(bar.Close - bar.Open);
            context.SetTarget(instrument.Definition.Id, Regime == Regime.Calm ? 10 * direction : -5 * direction);
        }

        public override void Visit(StateVisitor visitor)
        {
            visitor.Visit(ref _usual);
            visitor.Visit(ref _bars);
            int kept = Forgets ? 0 : _regime;
            visitor.Visit(ref kept);
            _regime = Forgets ? _regime : kept;
        }
    }
}
