using System;
using FsCheck.Fluent;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Risk;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Suites;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Random markets, strategies that want anything, a venue that loses, repeats, refuses and delays: after every event the
/// limits hold, by the books of an auditor who sees only events and commands.
/// </summary>
public sealed class RiskLimitsHoldTests
{
    [Fact]
    public void Limits_hold_after_every_event() =>
        PropertyCheck.Holds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed), runs: 200);

    [Fact]
    public void Three_hundred_thousand_intents_breach_no_limit_and_meet_every_check()
    {
        RiskSuite suite = new();
        Tally tally = suite.Run(0, suite.TestCount, SuiteCommand.DefaultSeed, Math.Max(1, Environment.ProcessorCount));
        Assert.Empty(suite.Missing(tally));
        Assert.True(tally["intents"] >= 300_000, $"only {tally["intents"]} intents");
        Assert.True(tally["intents of exits"] > tally["intents"] / 1_000, "too few intents of exits");
    }

    [Theory]
    [InlineData(nameof(Plant.BlindToOrders))]
    [InlineData(nameof(Plant.BlindToRate))]
    [InlineData(nameof(Plant.DeafToOperators))]
    [InlineData(nameof(Plant.UnknownTakenForDead))]
    [InlineData(nameof(Plant.DeafToRejects))]
    [InlineData(nameof(Plant.BlindToPrices))]
    [InlineData(nameof(Plant.BreakersForget))]
    public void A_pipeline_with_a_wire_cut_is_caught(string plant) => PropertyCheck.Finds(
        Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed, Enum.Parse<Plant>(plant)), runs: 1_000);

    [Theory]
    [InlineData("one piece more a position")]
    [InlineData("a larger notional")]
    [InlineData("one order more alive")]
    [InlineData("one order more in the window")]
    [InlineData("half the window")]
    [InlineData("one rejection more")]
    [InlineData("a shorter memory for rejections")]
    public void A_limit_that_is_off_by_one_is_caught(string plant) => PropertyCheck.Finds(
        Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed, Plant.None, right => Planted(plant, right)), runs: 600);

    [Theory]
    [InlineData("tight", "a larger loss of a trade")]
    [InlineData("tight", "a larger correlated value")]
    [InlineData("tight", "other correlations")]
    [InlineData("tight", "older books")]
    [InlineData("tight", "older prints")]
    [InlineData("tight", "more gross")]
    [InlineData("tight", "more net")]
    [InlineData("tight", "more of a group")]
    [InlineData("tight", "more leverage")]
    [InlineData("tight", "more of equity")]
    [InlineData("margin", "less initial margin")]
    [InlineData("margin", "a day trade more")]
    [InlineData("day", "less initial margin")]
    [InlineData("cash", "sales settle a day sooner")]
    [InlineData("cash", "a margin account")]
    [InlineData("cash", "unsettled money is spent")]
    [InlineData("cash", "no account")]
    [InlineData("shown", "no stop is asked for")]
    [InlineData("shown", "more of what is shown")]
    [InlineData("shown", "a larger impact")]
    public void A_looser_rule_is_caught(string profile, string plant)
    {
        RiskProfile its = profile switch
        {
            "tight" => RiskProfile.Tight,
            "shown" => RiskProfile.Shown,
            "margin" => RiskProfile.Margin(3_000),
            "day" => RiskProfile.Margin(4_000),
            _ => RiskProfile.CashAccount(false),
        };
        PropertyCheck.Finds(
            Gen.Choose(1, int.MaxValue).ToArbitrary(),
            seed => Holds(seed, Plant.None, right => Looser(plant, right), its),
            runs: 1_000);
    }

    private static bool Holds(
        int seed, Plant plant = Plant.None, Func<RiskSettings, RiskSettings>? planted = null, RiskProfile? profile = null)
    {
        RiskRun run = RiskRun.Of(seed, plant, planted, profile);
        Assert.True(plant != Plant.None || planted is not null || run.Commands > 0, "nothing was ever sent");
        Assert.True(run.Complaint is null, run.Complaint);
        return true;
    }

    private static RiskSettings Planted(string plant, RiskSettings right)
    {
        BreakerRule rejects = right.Breakers[0];
        return plant switch
        {
            "one piece more a position" => right with
            {
                Default = right.Default with { MaxPositionE9 = right.Default.MaxPositionE9 + Rig.Piece },
            },
            "a larger notional" => right with
            {
                Default = right.Default with { MaxOrderNotional = right.Default.MaxOrderNotional * 102 / 100 },
            },
            "one order more alive" => right with { MaxWorkingOrders = right.MaxWorkingOrders + 1 },
            "one order more in the window" => right with { MaxOrdersPerWindow = right.MaxOrdersPerWindow + 1 },
            "half the window" => right with { OrderWindow = right.OrderWindow / 2 },
            "one rejection more" => right with { Breakers = [rejects with { Limit = rejects.Limit + 1 }] },
            "a shorter memory for rejections" => right with { Breakers = [rejects with { Window = 1_000_000 }] },
            _ => throw new ArgumentException("no such plant", nameof(plant)),
        };
    }

    private static RiskSettings Looser(string plant, RiskSettings right)
    {
        RiskSettings Limits(Func<InstrumentLimits, InstrumentLimits> change) => right with { Default = change(right.Default) };
        RiskSettings Rules(Rulebook rules) => right with { Account = right.Account! with { Rules = rules } };
        return plant switch
        {
            "a larger loss of a trade" => Limits(l => l with { MaxTradeLoss = l.MaxTradeLoss * 2 }),
            "a larger correlated value" => right with { Correlation = right.Correlation! with { Limit = right.Correlation.Limit * 102 / 100 } },
            "other correlations" => right with { Correlation = right.Correlation! with { Ppm = [1_000_000, 0, 0, 1_000_000] } },
            "older books" => Limits(l => l with { StaleAfter = l.StaleAfter * 2 }),
            "older prints" => Limits(l => l with { TradesStaleAfter = l.TradesStaleAfter * 2 }),
            "more gross" => right with { MaxGrossNotional = right.MaxGrossNotional * 101 / 100, MaxLeverageE9 = right.MaxLeverageE9 * 2 },
            "more net" => right with { MaxNetNotional = right.MaxNetNotional * 102 / 100, Correlation = null },
            "more of a group" => right with { Groups = [right.Groups[0] with { MaxNet = right.Groups[0].MaxNet * 105 / 100, MaxGross = long.MaxValue }] },
            "more leverage" => right with { MaxLeverageE9 = right.MaxLeverageE9 * 105 / 100, MaxGrossNotional = right.MaxGrossNotional * 2 },
            "more of equity" => right with { MaxConcentrationPpm = right.MaxConcentrationPpm * 12 / 10 },
            "less initial margin" => Rules(RiskProfile.Rules(initialPpm: 460_000)),
            "a day trade more" => Rules(RiskProfile.Rules(dayTrades: 4)),
            "sales settle a day sooner" => Rules(RiskProfile.Rules(days: 1)),
            "a margin account" => right with { Account = right.Account! with { Kind = AccountKind.Margin } },
            "unsettled money is spent" => right with { Account = right.Account! with { UsesUnsettled = true } },
            "no stop is asked for" => Limits(l => l with { RequiresStop = false }),
            "more of what is shown" => Limits(l => l with { MaxDepthPpm = l.MaxDepthPpm * 11 / 10 }),
            "a larger impact" => Limits(l => l with { MaxImpactBps = l.MaxImpactBps + 1 }),
            "no account" => right with { Account = null },
            _ => throw new ArgumentException("no such plant", nameof(plant)),
        };
    }
}
