using System;
using FsCheck.Fluent;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Random markets, strategies that want anything, a venue that loses, repeats, refuses and delays: after every event the
/// limits hold, by the books of an auditor who sees only events and commands.
/// </summary>
public sealed class RiskLimitsHoldTests
{
    private const int Events = 700;

    internal static RiskSettings Limits => RigSettings.Wide() with
    {
        Default = RigSettings.Wide().Default with
        {
            MaxOrderQuantityE9 = 30 * Rig.Piece,
            MaxOrderNotional = 29 * 10_000 * Rig.MoneyPerCent,
            MaxPositionE9 = 50 * Rig.Piece,
        },
        MaxWorkingOrders = 6,
        MaxOrdersPerWindow = 12,
        OrderWindow = Rig.Second / 2,
        RetryInterval = 100_000_000,
        RejectBackoff = 150_000_000,
    };

    [Fact]
    public void Limits_hold_after_every_event() =>
        PropertyCheck.Holds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed, Plant.None), runs: 200);

    [Theory]
    [InlineData(nameof(Plant.BlindToOrders))]
    [InlineData(nameof(Plant.BlindToRate))]
    [InlineData(nameof(Plant.DeafToOperators))]
    public void A_pipeline_with_a_wire_cut_is_caught(string plant) =>
        PropertyCheck.Finds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed, Enum.Parse<Plant>(plant)), runs: 40);

    private static bool Holds(int seed, Plant plant)
    {
        RiskSettings limits = Limits;
        ArbitrationPolicy policy = (ArbitrationPolicy)(1 + (seed % 3));
        RandomMarket market = new((ulong)seed, 2) { Honest = true };
        HandPipeline pipeline = new(Pipelines.Settings(2, policy, limits, wanderers: true), plant);
        RiskAuditor auditor = new(limits);
        Decision decision = default;
        long sequence = 0;
        foreach (Event e in market.Opening())
        {
            Step(e);
        }

        for (int i = 0; i < Events && auditor.Complaint is null; i++)
        {
            Event e = market.Next();
            Step(e);
            while (decision.Waiting != 0)
            {
                Step(market.Continue(decision.Waiting));
            }

            if (e.Kind == EventKind.Operator && e.Operator.Verb == OperatorVerb.Kill)
            {
                auditor.AfterKill();
            }
        }

        // The books agree to the unit, and something was traded at all.
        bool agree = auditor.Position(1) == pipeline.Portfolio.VenuePosition(new InstrumentId(1))
            && auditor.Position(2) == pipeline.Portfolio.VenuePosition(new InstrumentId(2));
        Assert.True(agree, "positions are not the sum of distinct executions");
        Assert.True(plant != Plant.None || auditor.Adding > 0, "nothing was ever sent");
        Assert.True(auditor.Complaint is null, $"seed {seed}: {auditor.Complaint} at event {sequence - 1}");
        return true;

        void Step(Event e)
        {
            e.Sequence = sequence++;
            pipeline.OnEvent(e, ref decision);
            auditor.See(e, decision);
            market.Take(decision);
        }
    }
}
