using System.Linq;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Models;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Arbitration.Gates;

public sealed class BarrierGateTests
{
    private static readonly InstrumentId X = new(1);

    /// <summary>A spread of 2.00 at 100.00: 1 / (1 + e^-4) = 98.2014 % for a peak, 50 % for a valley.</summary>
    [Theory]
    [InlineData(982_013, 1, 10, true)] // limit just below the chance
    [InlineData(982_014, 1, 10, true)] // at it
    [InlineData(982_015, 1, 10, false)] // just above
    [InlineData(1, 499_999, -10, true)]
    [InlineData(1, 500_000, -10, true)]
    [InlineData(1, 500_001, -10, false)]
    [InlineData(1_000_000, 1_000_000, 10, false)]
    [InlineData(1, 1_000_000, -10, false)] // a peak holds no sale back
    [InlineData(1_000_000, 1, 10, false)] // a valley holds no purchase back
    public void An_entry_waits_from_the_limit_on(long peak, long valley, long target, bool held)
    {
        Rig rig = Gated(Barriers.BySpread(peak, valley));
        rig.Quote(1, 9_900, 10_100);
        rig.Target(1, target);
        Assert.Equal(held, rig.Commands.Count == 0);
        Assert.Equal(held ? 1 : 0, rig.Suppressions.Count);
        if (held)
        {
            Suppression told = rig.Suppressions[0];
            Assert.Equal(SuppressionReason.BarrierGate, told.Reason);
            Assert.Equal(target > 0 ? 982_014 : 500_000, told.Detail);
        }
    }

    [Theory]
    [InlineData(MissingInput.Hold, true)]
    [InlineData(MissingInput.Pass, false)]
    public void A_missing_input_is_ruled_by_the_declared_policy(MissingInput policy, bool held)
    {
        Rig rig = Gated(Barriers.BySpread(500_000, 500_000, policy));

        // 5.2 % of spread is outside the range that the models were made for.
        rig.Quote(1, 9_740, 10_260);
        rig.Target(1, 10);
        Assert.Equal(held, rig.Commands.Count == 0);
        Assert.Equal(held ? [SuppressionReason.GateInput] : [], rig.Suppressions.Select(s => s.Reason));
        Assert.Equal(held ? [1L] : [], rig.Suppressions.Select(s => s.Detail));
        Assert.Equal(1, rig.Pipeline.Arbitration.Barrier!.Missing);
    }

    [Fact]
    public void A_held_entry_acts_when_the_market_is_calm_and_the_latest_wish_counts()
    {
        Rig rig = Gated(Barriers.BySpread(500_000, 500_000));
        rig.Quote(1, 9_900, 10_100);
        rig.Target(1, 10);
        rig.Target(1, 7);
        rig.Tick(Rig.Second);
        Assert.Empty(rig.Intents);
        rig.Quote(1, 9_999, 10_001);
        rig.Tick(Rig.Second);
        Assert.Equal(7, rig.Intents.Single().Target);
        rig.Tick(Rig.Second);
        Assert.Empty(rig.Intents);
    }

    [Fact]
    public void A_turn_through_zero_closes_at_once_and_opens_later()
    {
        Rig rig = Gated(Barriers.BySpread(1_000_000, 500_000));
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_001, 1);
        rig.Quote(1, 9_900, 10_100);
        rig.Target(1, -10);
        Assert.Equal((10, 0), (rig.Intents.Single().LanePosition, rig.Intents.Single().Target));
        rig.Fill(rig.Live(Side.Sell), Side.Sell, 10, 9_900, 2);
        rig.Quote(1, 9_999, 10_001);
        rig.Tick(Rig.Second);
        Assert.Equal((0, -10), (rig.Intents.Single().LanePosition, rig.Intents.Single().Target));
    }

    [Fact]
    public void The_side_of_a_quote_that_adds_goes_and_the_one_that_reduces_stays()
    {
        Rig rig = Gated(Barriers.BySpread(500_000, 1_000_000));
        rig.Quotes(1, 9_990, 5, 10_010, 5);
        rig.Fill(rig.Live(Side.Sell, owner: 1), Side.Sell, 3, 10_010, 1);
        rig.Quote(1, 9_900, 10_100);
        rig.Quotes(1, 9_991, 5, 10_009, 5);

        // Short 3: three of the bid close, the other two would open; sales pass.
        Intent quotes = rig.Intents.Single(i => i.Owner.Value == 1);
        Assert.Equal((3, 5), (quotes.BidQuantity, quotes.AskQuantity));
    }

    [Fact]
    public void Under_priority_who_is_held_back_leaves_the_instrument_to_the_next()
    {
        Rig rig = new Rig(new RigSettings
        {
            Policy = LowLatency.Core.Arbitration.ArbitrationPolicy.Priority,
            Gates = new GateSettings { Barrier = Barriers.BySpread(500_000, 1_000_000) },
        }).Begin();
        rig.Quote(1, 9_900, 10_100);
        rig.Target(1, 10);
        rig.Target(2, -4);
        Assert.Equal(-4, rig.Intents.Single().Target);
        rig.Quote(1, 9_999, 10_001);
        rig.Tick(Rig.Second);
        Assert.Equal(10, rig.Intents.Single().Target);
    }

    [Fact]
    public void A_gate_whose_input_never_varies_is_told_and_one_that_sees_the_market_is_not()
    {
        Assert.Equal(1u, Watched(frozen: true));
        Assert.Equal(0u, Watched(frozen: false));
    }

    [Fact]
    public void Few_readings_prove_no_constant()
    {
        Rig rig = Gated(Barriers.BySpread(1_000_000, 1_000_000));
        rig.Target(1, 1);
        Assert.Equal(0u, rig.Pipeline.Arbitration.Barrier!.NeverVaried);
    }

    [Fact]
    public void Models_and_features_that_do_not_fit_stop_the_engine()
    {
        BarrierGateSettings good = Barriers.BySpread(1, 1);
        Assert.Throws<BrokenInvariantException>(() => new BarrierGate(good with { Peak = new LogisticModel(0.0, [1.0, 2.0]) }));
        Assert.Throws<BrokenInvariantException>(() => new BarrierGate(good with { Features = [] }));
        Assert.Throws<BrokenInvariantException>(() => new BarrierGate(good with { Missing = MissingInput.None }));
    }

    [Fact]
    public void Without_the_gate_the_same_entry_goes_out()
    {
        Rig rig = new Rig().Begin();
        rig.Quote(1, 9_900, 10_100);
        rig.Target(1, 10);
        Assert.Single(rig.Commands);
    }

    private static Rig Gated(BarrierGateSettings barrier) =>
        new Rig(new RigSettings { Gates = new GateSettings { Barrier = barrier } }).Begin();

    /// <summary>Asks a gate often; a frozen market is what a provider that is stuck on one value looks like.</summary>
    private static uint Watched(bool frozen)
    {
        Rig rig = Gated(Barriers.BySpread(1_000_000, 1_000_000));
        for (int i = 0; i < 2 * BarrierGate.ReadingsToJudge; i++)
        {
            rig.Quote(1, 9_999, frozen ? 10_001 : 10_001 + (i % 7));
            rig.Target(1, 1 + i);
        }

        Assert.True(rig.Pipeline.Arbitration.Barrier!.Asked >= BarrierGate.ReadingsToJudge);
        return rig.Pipeline.Arbitration.Barrier!.NeverVaried;
    }
}
