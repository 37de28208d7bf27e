using System;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Risk;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

/// <summary>A check that a configuration asks for is there when a run starts, or the run does not start.</summary>
public sealed class ConfiguredChecksTests
{
    public static TheoryData<RiskReason> Asked =>
    [
        RiskReason.Concentration, RiskReason.NetNotional, RiskReason.GroupGross, RiskReason.GroupNet, RiskReason.TradeLoss,
        RiskReason.NoRule, RiskReason.Unsettled, RiskReason.Correlation, RiskReason.NoStop, RiskReason.VisibleDepth, RiskReason.Impact,
        RiskReason.VenueStop, RiskReason.CalendarUnread, RiskReason.CalendarDiffers,
    ];

    [Fact]
    public void What_is_asked_for_is_active_and_what_is_not_is_not()
    {
        EngineConfiguration all = Examples.Valid(Everything());
        Assert.Equal(Asked.Select(row => row.Data).Order(), all.AskedChecks.Order());
        ulong active = PipelineFactory.Pipeline(all).Risk.ActiveChecks;
        Assert.All(Asked, row => Assert.NotEqual(0UL, active & (1UL << (int)row.Data)));

        EngineConfiguration least = Examples.Valid(Examples.Minimal);
        Assert.Empty(least.AskedChecks);
        Assert.All(Asked, row => Assert.Equal(0UL, PipelineFactory.Pipeline(least).Risk.ActiveChecks & (1UL << (int)row.Data)));
    }

    /// <summary>Whatever is lost between the text and the stage, the start is refused and says which check it is.</summary>
    [Theory]
    [MemberData(nameof(Asked))]
    public void A_start_that_lacks_a_configured_check_is_refused_by_name(RiskReason lost)
    {
        EngineConfiguration configuration = Examples.Valid(Everything());
        PipelineSettings settings = PipelineFactory.Settings(configuration);
        DecisionPipeline lacking = new(settings with { Risk = Without(settings.Risk, lost) });
        BrokenInvariantException refused = Assert.Throws<BrokenInvariantException>(
            () => ConfiguredChecks.Demand(configuration.AskedChecks, lacking.Risk.ActiveChecks));
        Assert.Contains(lost.ToString(), refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The checks that are always there, by number: 1 to 20 and 25.</summary>
    [Fact]
    public void The_checks_that_are_always_there_are_listed()
    {
        ulong active = PipelineFactory.Pipeline(Examples.Valid(Examples.Minimal)).Risk.ActiveChecks;
        Assert.Equal(
            [.. Enumerable.Range(1, 20), 25], Enumerable.Range(0, 64).Where(check => (active & (1UL << check)) != 0));
        Assert.Equal("Killed", ConfiguredChecks.Names(active)[0]);
        Assert.Equal(21, ConfiguredChecks.Names(active).Count);
    }

    [Fact]
    public void Estimated_correlations_are_a_check_and_not_beside_declared_ones()
    {
        string estimated = BrokenConfigurationTests.Set(Examples.Minimal, "risk.correlationEstimate", "{ \"limit\": \"500\" }");
        EngineConfiguration configuration = Examples.Valid(estimated);
        Assert.Equal([RiskReason.Correlation], configuration.AskedChecks);
        Assert.NotEqual(0UL, PipelineFactory.Pipeline(configuration).Risk.ActiveChecks & (1UL << (int)RiskReason.Correlation));
        Assert.Contains(60_000_000_000L, PipelineFactory.Timeframes(configuration));

        ConfigurationReading both = Examples.Read(
            BrokenConfigurationTests.Set(Examples.Accounted, "risk.correlationEstimate", "{ \"limit\": \"500\" }"));
        Assert.Contains("must be absent beside risk.correlation", Assert.Single(both.Problems).Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cash_account_may_not_be_told_to_sell_short()
    {
        ConfigurationReading reading = Examples.Read(BrokenConfigurationTests.Set(Examples.Accounted, "risk.allowShort", "true"));
        ConfigurationProblem problem = Assert.Single(reading.Problems);
        Assert.Equal("risk.allowShort", problem.Path);
        Assert.Contains("a cash account (risk.account.kind) never sells short", problem.Allowed, StringComparison.Ordinal);
    }

    private static RiskSettings Without(RiskSettings risk, RiskReason lost)
    {
        RiskSettings Limits(Func<InstrumentLimits, InstrumentLimits> change) => risk with { Default = change(risk.Default) };
        return lost switch
        {
            RiskReason.Concentration => risk with { MaxConcentrationPpm = 0 },
            RiskReason.NetNotional => risk with { MaxNetNotional = 0 },
            RiskReason.GroupGross or RiskReason.GroupNet => risk with { Groups = [] },
            RiskReason.TradeLoss => Limits(limits => limits with { MaxTradeLoss = 0 }),
            RiskReason.NoRule or RiskReason.Unsettled => risk with { Account = null },
            RiskReason.Correlation => risk with { Correlation = null },
            RiskReason.NoStop => Limits(limits => limits with { RequiresStop = false }),
            RiskReason.VisibleDepth => Limits(limits => limits with { MaxDepthPpm = 0 }),
            RiskReason.Impact => Limits(limits => limits with { MaxImpactBps = 0 }),
            RiskReason.VenueStop => risk with { VenueStop = null },
            RiskReason.CalendarUnread or RiskReason.CalendarDiffers => risk with { Calendars = null },
            _ => throw new ArgumentException("no such check", nameof(lost)),
        };
    }

    private static string Everything()
    {
        string json = Examples.Accounted;
        foreach ((string key, string raw) in ((string, string)[])
        [
            ("risk.maxConcentrationPpm", "400000"),
            ("risk.maxNetNotional", "\"30000\""),
            ("risk.groups", "{ \"all\": { \"maxGrossNotional\": \"9\", \"maxNetNotional\": \"9\" } }"),
            ("risk.maxTradeLoss", "\"40\""),
            ("risk.requireStop", "true"),
            ("risk.maxDepthPpm", "500000"),
            ("risk.maxImpactBps", "5"),
            ("risk.calendarCheck", "{ \"venue\": \"alpaca\" }"),
        ])
        {
            json = BrokenConfigurationTests.Set(json, key, raw);
        }

        return json;
    }
}
