using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Engine.Configuration.Resources;

namespace LowLatency.Engine.Configuration;

/// <summary>Turns the valid settings of arbitration and calendars into records, and those into what the core takes.</summary>
internal static class ArbitrationBuilder
{
    private const long Millisecond = ConfigurationBuilder.Millisecond;

    internal static ArbitrationConfiguration Arbitration(GroupSetting root)
    {
        GroupSetting group = root.Group("arbitration");
        return new ArbitrationConfiguration(
            group.Text("policy") switch
            {
                "priority" => ArbitrationPolicy.Priority,
                "net" => ArbitrationPolicy.Net,
                "blend" => ArbitrationPolicy.Blend,
                string other => throw Undeclared(other),
            },
            group.Flag("normaliseWeights"))
        {
            Learning = group.Find("learning") is GroupSetting learning
                ? Learning(learning, (ulong)root.Number("seed"))
                : null,
            Gates = group.Find("gates") is GroupSetting gates ? Gates(gates) : null,
        };
    }

    internal static ImmutableArray<CalendarConfiguration> Calendars(GroupSetting root)
    {
        ImmutableArray<CalendarConfiguration>.Builder calendars = ImmutableArray.CreateBuilder<CalendarConfiguration>();
        foreach (Setting setting in root.Find("calendars") is ListSetting list ? list.Elements : [])
        {
            GroupSetting group = (GroupSetting)setting;
            ImmutableArray<string>.Builder symbols = ImmutableArray.CreateBuilder<string>();
            foreach (Setting symbol in group.List("instruments"))
            {
                symbols.Add(((TextSetting)symbol).Value);
            }

            ResourceSetting source = group.Get<ResourceSetting>("source");
            TradingCalendar? calendar = CalendarTable.Read(source.Content.AsSpan(), out string problem);
            Ensure.That(calendar is not null, problem);
            calendars.Add(new CalendarConfiguration(
                group.Text("name"), symbols.ToImmutable(), source.File, source.Hash, calendar));
        }

        return calendars.ToImmutable();
    }

    /// <summary>What the core takes.</summary>
    internal static ArbitrationSettings Settings(EngineConfiguration configuration, StrategyRule[] rules) => new(
        configuration.Arbitration.Policy,
        rules,
        // What is learned begins with equal weights.
        configuration.Arbitration.NormaliseWeights || configuration.Arbitration.Learning is not null)
    {
        Learning = configuration.Arbitration.Learning,
        Gates = (configuration.Arbitration.Gates is { } gates ? Settings(gates, configuration) : new GateSettings()) with
        {
            Growth = [.. configuration.Growth],
        },
    };

    private static GateSettings Settings(GatesConfiguration gates, EngineConfiguration configuration)
    {
        List<InstrumentCalendar> calendars = [];
        foreach (CalendarConfiguration calendar in configuration.Calendars)
        {
            foreach (string symbol in calendar.Instruments)
            {
                calendars.Add(new InstrumentCalendar(Symbol24.Of(symbol), calendar.Calendar));
            }
        }

        return new GateSettings
        {
            AskAgain = gates.AskAgain,
            Data = gates.DataStaleAfter == 0 ? null : new DataGateSettings(gates.DataStaleAfter),
            Sessions = !gates.Sessions
                ? null
                : new SessionGateSettings([.. calendars], gates.FlatBeforeClose)
                {
                    ExtendedBefore = configuration.Venue.ExtendedBefore,
                    ExtendedAfter = configuration.Venue.ExtendedAfter,
                },
            Barrier = gates.Barrier is not { } barrier
                ? null
                : new BarrierGateSettings
                {
                    Features = [.. barrier.Models.Features],
                    Timeframe = barrier.Models.Timeframe,
                    MaxAge = barrier.MaxAge,
                    Peak = barrier.Models.Peak,
                    Valley = barrier.Models.Valley,
                    PeakLimitPpm = barrier.PeakLimitPpm,
                    ValleyLimitPpm = barrier.ValleyLimitPpm,
                    Missing = barrier.Missing,
                },
        };
    }

    private static WeightLearning Learning(GroupSetting group, ulong seed) => new()
    {
        Scope = group.Text("scope") switch
        {
            "global" => LearningScope.Global,
            "instrument" => LearningScope.Instrument,
            string other => throw Undeclared(other),
        },
        Interval = group.Number("intervalMs") * Millisecond,
        RewardUnit = group.Number("rewardUnit"),
        FloorE9 = group.Number("floor"),
        Schedule = group.Text("schedule") switch
        {
            "anytime" => Exp3Schedule.Anytime,
            ArbitrationSchema.Fixed => Exp3Schedule.Fixed,
            string other => throw Undeclared(other),
        },
        EtaE9 = group.Number("eta"),
        Seed = seed,
    };

    private static GatesConfiguration Gates(GroupSetting group) => new(
        group.Number("askAgainMs") * Millisecond,
        group.Number("dataStaleAfterMs") * Millisecond,
        string.Equals(group.Text("sessions"), ArbitrationSchema.Entries, StringComparison.Ordinal),
        group.Number("flatBeforeCloseMs") * Millisecond,
        group.Find("barrier") is GroupSetting barrier ? Barrier(barrier) : null);

    private static BarrierConfiguration Barrier(GroupSetting group)
    {
        BarrierModels? models = ModelManifest.Read(
            [.. group.Get<ResourceSetting>("manifest").Content], out string problem);
        Ensure.That(models is not null, problem);
        return new BarrierConfiguration(
            models,
            group.Number("peakLimitPpm"),
            group.Number("valleyLimitPpm"),
            group.Text("missing") switch
            {
                "hold" => MissingInput.Hold,
                "pass" => MissingInput.Pass,
                string other => throw Undeclared(other),
            },
            group.Number("maxAgeMs") * Millisecond);
    }

    private static BrokenInvariantException Undeclared(string word) =>
        new("the configuration reads a word that is not declared: " + word);
}
