using System.Collections.Generic;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Gateways.Sim;

namespace LowLatency.Engine.Running;

/// <summary>Makes what decides, and the venue that answers, from a configuration. Called anew for every run.</summary>
internal static class PipelineFactory
{
    /// <summary>Makes what decides; one that lacks a check that the configuration asks for is refused.</summary>
    internal static DecisionPipeline Pipeline(EngineConfiguration configuration)
    {
        DecisionPipeline pipeline = new(Settings(configuration));
        ConfiguredChecks.Demand(configuration.AskedChecks, pipeline.Risk.ActiveChecks);
        return pipeline;
    }

    /// <summary>Bar lengths of a configuration: its own and those that its strategies ask for.</summary>
    internal static long[] Timeframes(EngineConfiguration configuration) => Settings(configuration).Timeframes;

    internal static SimulatedVenue Venue(EngineConfiguration configuration) => new(VenueBuilder.Settings(configuration));

    /// <summary>What decides, with new strategies.</summary>
    internal static PipelineSettings Settings(EngineConfiguration configuration)
    {
        StrategyBinding[] bindings = new StrategyBinding[configuration.Strategies.Length];
        StrategyRule[] rules = new StrategyRule[bindings.Length];
        SortedSet<long> timeframes = [.. configuration.Bars.Timeframes];
        if (configuration.Arbitration.Gates?.Barrier is { } barrier)
        {
            timeframes.Add(barrier.Models.Timeframe);
        }

        if (configuration.Risk.Estimated is { } estimated)
        {
            timeframes.Add(estimated.Timeframe);
        }

        for (int i = 0; i < bindings.Length; i++)
        {
            StrategyConfiguration strategy = configuration.Strategies[i];
            Symbol24[] symbols = new Symbol24[strategy.Instruments.Length];
            for (int s = 0; s < symbols.Length; s++)
            {
                symbols[s] = Symbol24.Of(strategy.Instruments[s]);
            }

            bindings[i] = new StrategyBinding(
                new StrategyId((ushort)(i + 1)), symbols, configuration.Library.Create(strategy.Parameters));
            rules[i] = new StrategyRule(strategy.Priority, strategy.Weight, strategy.Cooldown);
            foreach (long timeframe in bindings[i].Strategy.Timeframes)
            {
                timeframes.Add(timeframe);
            }
        }

        return new PipelineSettings
        {
            Strategies = bindings,
            Arbitration = ArbitrationBuilder.Settings(configuration, rules),
            Risk = configuration.Risk,
            Execution = configuration.Execution?.ToTable() ?? ExecutionStyles.BuiltIn,
            Timeframes = [.. timeframes],
            BarGrace = configuration.Bars.Grace,
            Guard = configuration.Guard,
            RewarmAfter = configuration.Bars.RewarmAfter,
        };
    }
}
