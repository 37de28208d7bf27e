using System.Collections.Generic;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Gateways.Sim;

namespace LowLatency.Engine.Running;

/// <summary>Makes what decides, and the venue that answers, from a configuration. Called anew for every run.</summary>
internal static class PipelineFactory
{
    internal static DecisionPipeline Pipeline(EngineConfiguration configuration) => new(Settings(configuration));

    internal static SimulatedVenue Venue(EngineConfiguration configuration) => new(new SimulatedVenueSettings
    {
        EntryLatency = configuration.Venue.EntryLatency,
        ResponseLatency = configuration.Venue.ResponseLatency,
        MakerFeePpm = configuration.Venue.MakerFeePpm,
        TakerFeePpm = configuration.Venue.TakerFeePpm,
    });

    private static PipelineSettings Settings(EngineConfiguration configuration)
    {
        StrategyBinding[] bindings = new StrategyBinding[configuration.Strategies.Length];
        StrategyRule[] rules = new StrategyRule[bindings.Length];
        SortedSet<long> timeframes = [.. configuration.Bars.Timeframes];
        for (int i = 0; i < bindings.Length; i++)
        {
            StrategyConfiguration strategy = configuration.Strategies[i];
            Symbol24[] symbols = new Symbol24[strategy.Instruments.Length];
            for (int s = 0; s < symbols.Length; s++)
            {
                symbols[s] = Symbol24.Of(strategy.Instruments[s]);
            }

            bindings[i] = new StrategyBinding(
                new StrategyId((ushort)(i + 1)), symbols, BuiltInStrategies.Create(strategy.Parameters));
            rules[i] = new StrategyRule(strategy.Priority, strategy.Weight, strategy.Cooldown);
            foreach (long timeframe in bindings[i].Strategy.Timeframes)
            {
                timeframes.Add(timeframe);
            }
        }

        return new PipelineSettings
        {
            Strategies = bindings,
            Arbitration = new ArbitrationSettings(
                configuration.Arbitration.Policy switch
                {
                    Configuration.ArbitrationPolicy.Priority => Core.Arbitration.ArbitrationPolicy.Priority,
                    Configuration.ArbitrationPolicy.Net => Core.Arbitration.ArbitrationPolicy.Net,
                    Configuration.ArbitrationPolicy.Blend => Core.Arbitration.ArbitrationPolicy.Blend,
                },
                rules,
                normaliseWeights: false),
            Risk = RiskOf(configuration),
            Timeframes = [.. timeframes],
            BarGrace = configuration.Bars.Grace,
        };
    }

    private static RiskSettings RiskOf(EngineConfiguration configuration)
    {
        RiskConfiguration risk = configuration.Risk;
        InstrumentOverride[] overrides = new InstrumentOverride[risk.Overrides.Length];
        for (int i = 0; i < overrides.Length; i++)
        {
            overrides[i] = new InstrumentOverride(
                Symbol24.Of(risk.Overrides[i].Symbol), LimitsOf(risk.Overrides[i].Limits));
        }

        return new RiskSettings
        {
            Default = LimitsOf(risk.Limits),
            Overrides = overrides,
            MaxGrossNotional = risk.MaxGrossNotional,
            MaxLeverageE9 = 10_000_000_000,
            AllowShort = false,
            MaxWorkingOrders = risk.Limits.MaxWorkingOrders,
            MaxOrdersPerWindow = risk.MaxOrdersPerWindow,
            OrderWindow = risk.OrderWindow,
            MaxRepeats = risk.MaxRepeats,
            RepeatWindow = risk.RepeatWindow,
            RejectBackoff = risk.RejectBackoff,
            RetryInterval = 1_000_000_000,
            MarketableBandBps = configuration.MarketableBandBps,
            InitialState = risk.InitialState switch
            {
                InitialRiskState.Active => TradingState.Active,
                InitialRiskState.Reducing => TradingState.Reducing,
                InitialRiskState.Halted => TradingState.Halted,
            },
        };
    }

    private static Core.Risk.InstrumentLimits LimitsOf(Configuration.InstrumentLimits limits) => new()
    {
        MaxOrderQuantityE9 = limits.MaxOrderQuantity,
        MaxOrderNotional = limits.MaxOrderNotional,
        MaxPositionE9 = limits.MaxPosition,
        PriceCollarBps = limits.PriceCollarBps,
        StaleAfter = limits.StaleAfter,
    };
}
