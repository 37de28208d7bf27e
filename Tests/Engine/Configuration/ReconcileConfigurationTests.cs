using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

/// <summary>How the account is compared: what arrives, and what is refused by name.</summary>
public sealed class ReconcileConfigurationTests
{
    [Fact]
    public void Nothing_is_compared_unless_it_is_asked_for() => Assert.Null(Examples.Valid(Examples.Full).Risk.Reconcile);

    [Fact]
    public void The_section_arrives_with_its_usual_values()
    {
        ReconcileSettings settings = Examples.Valid(Examples.Reconciled).Risk.Reconcile!;
        Assert.Equal([EventSource.SimulatedVenue], settings.Venues);
        Assert.Equal(
            (ReconcileMode.Strict, ForeignOrders.Alarm, StrategyId.House), (settings.Mode, settings.Foreign, settings.Strategy));
        Assert.Equal(
            (30_000_000_000, 100_000_000_000, 2_000_000_000, 6_000_000_000, 10_000_000_000),
            (settings.Interval, settings.Overdue, settings.RetryAfter, settings.RequestLife, settings.UnknownAfter));
        Assert.Equal((1, 0, 10, 0), (settings.Confirmations, settings.BalanceTolerance, settings.CostTolerancePpm, settings.MaxAdjustment));
        Assert.Equal((60_000_000_000, 0), (settings.FiguresMaxAge, settings.MarginFloorPpm));
    }

    [Theory]
    [InlineData("overdueMs", "30000", "must be longer than intervalMs (30000)")]
    [InlineData("figuresMaxAgeMs", "30000", "must be 0 or longer than intervalMs (30000)")]
    [InlineData("strategy", "\"nobody\"", "must be the name of a strategy, or \"none\"")]
    [InlineData("venues", "[]", "1 to 4 elements")]
    [InlineData("venues", "[\"nasdaq\"]", "one of simulated, bybit, alpaca")]
    [InlineData("mode", "\"auto\"", "one of strict, warn, auto_sync")]
    public void What_does_not_fit_is_refused_by_name(string key, string value, string allowed)
    {
        string broken = BrokenConfigurationTests.Set(Examples.Reconciled, "risk.reconcile." + key, value);
        ConfigurationReading reading = Examples.Read(broken);
        Assert.False(reading.TryGet(out _));
        ConfigurationProblem problem = Assert.Single(reading.Problems);
        Assert.Contains("risk.reconcile." + key, problem.ToString(), System.StringComparison.Ordinal);
        Assert.Contains(allowed, problem.ToString(), System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_margin_floor_needs_figures()
    {
        string broken = BrokenConfigurationTests.Set(
            BrokenConfigurationTests.Set(Examples.Reconciled, "risk.reconcile.figuresMaxAgeMs", "0"), "risk.reconcile.marginFloorPpm", "1");
        Assert.False(Examples.Read(broken).TryGet(out _));
    }
}
