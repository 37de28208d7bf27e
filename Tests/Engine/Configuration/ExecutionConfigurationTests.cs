using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

public sealed class ExecutionConfigurationTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void Every_value_arrives_in_the_units_of_the_core()
    {
        ExecutionConfiguration read = Examples.Valid(Examples.Styled).Execution!;
        Assert.Equal(["berg", "even", "follow", "quiet", "share", "slow"], read.Styles.Select(style => style.Name));
        Assert.Equal(new ExecutionStyle("berg", StyleKind.Iceberg) { DisplayE9 = 100_000_000, TimeoutMax = 86_400_000 * Ms }, read.Styles[0]);
        Assert.Equal(
            new ExecutionStyle("even", StyleKind.Twap) { Slices = 6, Duration = 60_000 * Ms, JitterPpm = 200_000, SharePpm = 150_000 },
            read.Styles[1]);
        Assert.Equal(
            new ExecutionStyle("follow", StyleKind.Peg)
            {
                DistanceTicks = 1,
                Repegs = 3,
                RepegWindow = 2_000 * Ms,
                RepegsInAll = 40,
                AwayTicks = 25,
                TimeoutMax = 86_400_000 * Ms,
            },
            read.Styles[2]);
        Assert.Equal(
            new ExecutionStyle("share", StyleKind.Participation) { SharePpm = 100_000, ClipE9 = 500_000_000, TimeoutMax = 86_400_000 * Ms },
            read.Styles[4]);
        Assert.Equal(
            new ExecutionStyle("slow", StyleKind.Limit)
            {
                Timeout = 4_000 * Ms,
                TimeoutMin = 1_000 * Ms,
                TimeoutMax = 9_000 * Ms,
                VolatilityPpm = 50,
            },
            read.Styles[5]);
    }

    [Fact]
    public void A_wish_without_a_style_has_that_of_its_strategy_else_of_its_instrument_else_the_general_one()
    {
        ExecutionStyles table = PipelineFactory.Settings(Examples.Valid(Examples.Styled)).Execution;
        Assert.Equal("slow", Name(1, "ETHUSDT"));
        Assert.Equal("berg", Name(2, "ETHUSDT"));
        Assert.Equal("even", Name(2, "BTCUSDT"));
        Assert.Equal(StyleKind.AsWished, ExecutionStyles.BuiltIn[ExecutionStyles.BuiltIn.DefaultOf(new StrategyId(1), Symbol24.Of("BTCUSDT"))].Kind);

        string Name(ushort strategy, string symbol) => table[table.DefaultOf(new StrategyId(strategy), Symbol24.Of(symbol))].Name;
    }

    [Fact]
    public void Without_the_section_nothing_is_added_to_the_resolved_form()
    {
        Assert.Null(Examples.Valid(Examples.Full).Execution);
        Assert.DoesNotContain("execution", Examples.Canonical(Examples.Full), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("execution.default", "\"evn\"", "did you mean \"even\"?")]
    [InlineData("execution.strategies", "{ \"c\": \"slow\" }", "must be the name of a strategy")]
    [InlineData("execution.instruments", "{ \"XRPUSDT\": \"slow\" }", "must be an instrument of a strategy")]
    [InlineData("execution.instruments", "{ \"BTCUSDT\": \"slw\" }", "did you mean \"slow\"?")]
    [InlineData("execution.styles", "{ \"market\": { \"kind\": \"peg\" } }", "this one is built in")]
    [InlineData("execution.styles.slow.parameters", "{ \"timeoutMs\": 10, \"timeoutMinMs\": 11, \"volatilityPpm\": 1 }", "must be at most timeoutMs, which is 10")]
    [InlineData("execution.styles.slow.parameters", "{ \"timeoutMs\": 10, \"timeoutMaxMs\": 9, \"volatilityPpm\": 1 }", "must be at most timeoutMaxMs, which is 9")]
    [InlineData("execution.styles.slow.parameters", "{ \"timeoutMs\": 10, \"timeoutMinMs\": 9 }", "must be left out without a volatilityPpm")]
    [InlineData("execution.styles.slow.parameters", "{ \"timeoutMs\": 10, \"timeoutMaxMs\": 99 }", "must be left out without a volatilityPpm")]
    [InlineData("execution.styles.slow.parameters", "{ \"timeoutMinMs\": 9 }", "must be left out without a volatilityPpm")]
    [InlineData("execution.styles.slow.parameters", "{ \"volatilityPpm\": 9 }", "must be 0 without a timeoutMs")]
    [InlineData("execution.styles.even.parameters", "{ \"slices\": 20, \"durationMs\": 19 }", "must be at most durationMs, which is 19")]
    [InlineData("execution.styles.even.parameters", "{ \"display\": \"1\" }", "unknown key")]
    [InlineData("execution.styles.even.parameters", "{ \"slices\": 1001, \"durationMs\": 60000, \"curve\": [1, 2] }", "must be at most 1000 along a curve")]
    [InlineData("execution.styles.even.parameters", "{ \"slices\": 10, \"durationMs\": 60000, \"curve\": [1, 0] }", "a whole number from 1 to 1000000")]
    [InlineData("execution.styles.berg.kind", "\"ice\"", "one of limit, post-only, peg, twap, participation, iceberg")]
    public void A_mistake_is_named_with_what_is_allowed(string key, string raw, string expected)
    {
        ConfigurationReading reading = Examples.Read(BrokenConfigurationTests.Set(Examples.Styled, key, raw));
        Assert.False(reading.TryGet(out _));
        Assert.Contains(reading.Problems, problem => problem.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void The_shipped_example_is_valid_and_has_every_kind()
    {
        ExecutionConfiguration read = Examples.Valid(Examples.Shipped("execution.json")).Execution!;
        Assert.Equal(
            [StyleKind.Limit, StyleKind.PostOnly, StyleKind.Peg, StyleKind.Twap, StyleKind.Participation, StyleKind.Iceberg],
            read.Styles.Select(style => style.Kind).Distinct().Order());
    }
}
