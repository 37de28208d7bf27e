using System;
using System.Linq;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Arbitration;

public sealed class ArbitrationStageTests
{
    private const long Second = Rig.Second;
    private static readonly InstrumentId X = new(1);

    [Theory]
    [InlineData(10, 0, 0, 10)]
    [InlineData(10, -4, 0, 6)]
    [InlineData(10, -4, -7, -1)]
    [InlineData(5, -5, 0, 0)]
    public void Net_adds_all_targets(long a, long b, long c, long expected) =>
        Assert.Equal(expected, Combined(new RigSettings { Policy = ArbitrationPolicy.Net, Rules = Three(1, 2, 3) }, a, b, c));

    [Theory]
    [InlineData(10, -4, 7, 10)]
    [InlineData(0, -4, 7, -4)]
    [InlineData(0, 0, 7, 7)]
    [InlineData(0, 0, 0, 0)]
    public void Priority_gives_all_to_the_best_that_wants_a_position(long a, long b, long c, long expected) =>
        Assert.Equal(
            expected, Combined(new RigSettings { Policy = ArbitrationPolicy.Priority, Rules = Three(1, 2, 3) }, a, b, c));

    [Theory]
    [InlineData(10, 10, 10, 10)]
    [InlineData(10, 0, 0, 5)]
    [InlineData(9, 0, 0, 4)] // 4.5 towards zero
    [InlineData(-9, 0, 0, -4)]
    [InlineData(0, 10, -10, 1)] // 3.0 - 2.0
    [InlineData(1, 1, -1, 0)] // 0.5 + 0.3 - 0.2 = 0.6
    public void Blend_adds_by_weight_and_rounds_towards_zero(long a, long b, long c, long expected) =>
        Assert.Equal(
            expected,
            Combined(
                new RigSettings
                {
                    Policy = ArbitrationPolicy.Blend,
                    Rules = [new(1, 500_000_000, 0), new(1, 300_000_000, 0), new(1, 200_000_000, 0)],
                },
                a,
                b,
                c));

    [Theory]
    [InlineData(29, 25)]
    [InlineData(-29, -25)]
    [InlineData(4, 0)]
    public void A_target_is_rounded_to_the_lot_towards_zero(long wanted, long expected) =>
        Assert.Equal(expected, Combined(new RigSettings { Lot = 5, Rules = Three(1, 2, 3) }, wanted, 0, 0));

    [Fact]
    public void Equal_priorities_are_decided_by_confidence_then_by_strategy()
    {
        Rig rig = new Rig(new RigSettings { Policy = ArbitrationPolicy.Priority, Rules = Three(1, 1, 1) }).Begin();
        rig.Say(
            (3, context => context.SetTarget(X, 30, confidence: 700_000)),
            (2, context => context.SetTarget(X, 20, confidence: 700_000)),
            (1, context => context.SetTarget(X, 10, confidence: 600_000)));
        Assert.Equal(20, rig.Intents.Single().Target);
    }

    [Theory]
    [InlineData(ArbitrationPolicy.Net)]
    [InlineData(ArbitrationPolicy.Priority)]
    [InlineData(ArbitrationPolicy.Blend)]
    public void The_order_of_signals_of_one_event_never_changes_the_combined_target(ArbitrationPolicy policy)
    {
        Xoshiro256 dice = new(20_261_121);
        for (int round = 0; round < 60; round++)
        {
            long[] targets = [dice.NextBelow(41) - 20, dice.NextBelow(41) - 20, dice.NextBelow(41) - 20];
            int[] confidence = [(int)dice.NextBelow(3), (int)dice.NextBelow(3), (int)dice.NextBelow(3)];
            long? first = null;
            foreach (int[] order in (int[][])[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
            {
                // Identities rotate through the slots of the event: strategy ids stay, the order of signals differs.
                ArbitrationBench bench = new(policy, Three(1, 1, 2));
                Decision decision = default;
                foreach (int s in order)
                {
                    decision.Signals[decision.SignalCount++] = new Signal
                    {
                        Strategy = new StrategyId((ushort)(s + 1)),
                        Instrument = X,
                        Kind = SignalKind.Target,
                        Target = targets[s],
                        Confidence = confidence[s],
                    };
                }

                long combined = bench.Run(ref decision);
                first ??= combined;
                Assert.Equal(first, combined);
            }
        }
    }

    [Fact]
    public void Weights_must_not_be_negative_and_must_sum_to_one()
    {
        static ArbitrationSettings Of(bool normalise, params long[] weights) =>
            new(ArbitrationPolicy.Blend, [.. weights.Select(w => new StrategyRule(1, w, 0))], normalise);

        Assert.Throws<ArgumentException>(() => Of(false, 500_000_000, 500_000_001));
        Assert.Throws<ArgumentException>(() => Of(false, 500_000_000, 499_999_999));
        Assert.Throws<ArgumentException>(() => Of(true, -1, 1_000_000_001));
        Assert.Throws<ArgumentException>(() => Of(false, 1_000_000_001, -1));
        Assert.Throws<ArgumentException>(() => Of(true, 0, 0));
        Assert.Equal([500_000_000L, 500_000_000], Of(false, 500_000_000, 500_000_000).Rules.Select(r => r.WeightE9));

        // Thirds: rounded down, the first gets the rest.
        Assert.Equal([333_333_334L, 333_333_333, 333_333_333], Of(true, 7, 7, 7).Rules.Select(r => r.WeightE9));
        Assert.Equal(ArbitrationSettings.WeightOne, Of(true, long.MaxValue, 3, 5, 11).Rules.Sum(r => r.WeightE9));
    }

    [Fact]
    public void A_policy_must_be_declared() =>
        Assert.Throws<BrokenInvariantException>(() => new ArbitrationSettings(ArbitrationPolicy.None, [], false));

    [Fact]
    public void A_change_within_the_cooldown_is_held_and_acts_when_it_is_over()
    {
        Rig rig = Cooling();
        rig.Target(1, 10);
        rig.Now += (5 * Second) - 1_000_000;
        rig.Target(1, 20);
        Suppression held = Assert.Single(rig.Suppressions);
        Assert.Equal(
            (SuppressionReason.Cooldown, 1_005 * Second, 20L), (held.Reason, held.Detail, held.Target));
        Assert.Empty(rig.Intents);

        rig.Tick(999_999);
        Assert.Empty(rig.Intents);
        rig.Tick(1);
        Assert.Equal(20, rig.Intents.Single().Target);
        Assert.Empty(rig.Suppressions);
    }

    [Fact]
    public void A_change_at_the_end_of_the_cooldown_acts_at_once()
    {
        Rig rig = Cooling();
        rig.Target(1, 10);
        rig.Now += 5 * Second;
        rig.Target(1, 20);
        Assert.Empty(rig.Suppressions);
        Assert.Equal(20, rig.Intents.Single().Target);
    }

    [Fact]
    public void The_latest_held_wish_is_the_one_that_acts()
    {
        Rig rig = Cooling();
        rig.Target(1, 10);
        rig.Now += Second;
        rig.Target(1, 20);
        rig.Now += Second;
        rig.Target(1, 30);
        rig.Tick(3 * Second);
        Assert.Equal(30, rig.Intents.Single().Target);
    }

    [Fact]
    public void A_wish_that_only_reduces_is_exempt_from_the_cooldown()
    {
        Rig rig = Cooling();
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_000, 1);
        rig.Now += Second;
        rig.Target(1, 20);
        Assert.Equal(SuppressionReason.Cooldown, rig.Suppressions.Single().Reason);
        rig.Target(1, 4);
        Assert.Empty(rig.Suppressions);
        Assert.Equal(4, rig.Intents.Single().Target);

        // It replaced the held wish, too.
        rig.Tick(60 * Second);
        Assert.Empty(rig.Intents);
        Assert.Equal(OrderId.None, rig.Live(Side.Buy));
    }

    [Fact]
    public void Asking_for_less_of_what_is_not_filled_yet_is_exempt_from_the_cooldown()
    {
        Rig rig = Cooling();
        rig.Target(1, 10);
        rig.Now += Second;
        rig.Target(1, 4);
        Assert.Empty(rig.Suppressions);
        Assert.Equal(4, rig.Intents.Single().Target);
        rig.Target(1, -4);
        Assert.Equal(SuppressionReason.Cooldown, rig.Suppressions.Single().Reason);
    }

    [Fact]
    public void Pulling_quotes_is_exempt_from_the_cooldown()
    {
        Rig rig = Cooling();
        rig.Quotes(1, 9_990, 5, 10_010, 5);
        rig.Now += Second;
        rig.Quotes(1, 9_991, 5, 10_010, 5);
        Assert.Equal(SuppressionReason.Cooldown, rig.Suppressions.Single().Reason);
        rig.Quotes(1, 9_990, 0, 10_011, 5);
        Assert.Empty(rig.Suppressions);
        Assert.Equal((0, 5, 10_011), (rig.Intents[0].BidQuantity, rig.Intents[0].AskQuantity, rig.Intents[0].AskPrice));
        rig.Quotes(1, 0, 0, 0, 0);
        Assert.Empty(rig.Suppressions);
    }

    [Fact]
    public void A_wish_is_flat_when_its_horizon_ends()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10, horizon: 3 * Second);
        rig.Tick((3 * Second) - 1);
        Assert.Empty(rig.Intents);
        rig.Tick(1);
        Assert.Equal(0, rig.Intents.Single().Target);
    }

    [Fact]
    public void A_renewed_horizon_starts_again()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10, horizon: 3 * Second);
        rig.Now += 2 * Second;
        rig.Target(1, 10, horizon: 3 * Second);
        rig.Tick((3 * Second) - 1);
        Assert.Empty(rig.Intents);
        rig.Tick(1);
        Assert.Equal(0, rig.Intents.Single().Target);
    }

    [Fact]
    public void Every_reason_of_a_suppression_can_be_provoked()
    {
        Rig zero = new Rig(new RigSettings
        {
            Policy = ArbitrationPolicy.Blend,
            Rules = [new(1, ArbitrationSettings.WeightOne, 0), new(1, 0, 0)],
        }).Begin();
        zero.Target(2, 10);
        Assert.Equal(SuppressionReason.ZeroWeight, zero.Suppressions.Single().Reason);

        Rig priority = new Rig(new RigSettings { Policy = ArbitrationPolicy.Priority }).Begin();
        priority.Target(1, 10);
        priority.Target(2, 10);
        Suppression lower = priority.Suppressions.Single();
        Assert.Equal((SuppressionReason.LowerPriority, 1), (lower.Reason, lower.Winner.Value));

        Rig net = new Rig().Begin();
        net.Target(1, 10);
        net.Target(2, -10);
        Assert.Equal(SuppressionReason.NettedOut, net.Suppressions.Single().Reason);

        Rig same = new Rig(new RigSettings { Lot = 10 }).Begin();
        same.Target(1, 20);
        same.Target(1, 24);
        Assert.Equal(SuppressionReason.NoChange, same.Suppressions.Single().Reason);

        // Subscribed once, then the definition is replaced by one that cannot be right.
        Rig unknown = new Rig().Begin();
        unknown.Define(1, lot: -1);
        unknown.Target(1, 10);
        Assert.Equal(SuppressionReason.UnknownInstrument, unknown.Suppressions.Single().Reason);
    }

    [Fact]
    public void Better_priority_takes_over_and_gives_back()
    {
        Rig rig = new Rig(new RigSettings { Policy = ArbitrationPolicy.Priority }).Begin();
        rig.Target(2, -7);
        Assert.Equal(-7, rig.Intents.Single().Target);
        rig.Target(1, 10);
        Assert.Equal(10, rig.Intents.Single().Target);
        rig.Say((1, context => context.SetFlat(X)));
        Assert.Equal(-7, rig.Intents.Single().Target);
    }

    [Fact]
    public void Quoting_takes_a_strategys_position_out_of_the_shared_lane_and_targeting_brings_it_back()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_000, 1);
        rig.Target(1, 0);
        OrderId sell = rig.Live(Side.Sell);
        Assert.False(sell.IsNone);

        // It quotes: nobody has to sell its position any more, so the shared lane stops.
        rig.Report(sell, OrderStatus.Accepted);
        rig.Quotes(1, 9_990, 5, 10_010, 5);
        Intent shared = rig.Intents.Single(i => i.Owner == StrategyId.House);
        Intent own = rig.Intents.Single(i => i.Owner.Value == 1);
        Assert.Equal((0, 0), (shared.LanePosition, shared.Target));
        Assert.Equal(10, own.LanePosition);
        Assert.Contains(rig.Commands, c => c.Verb == CommandVerb.Cancel && c.Order == sell);

        rig.Say((1, context => context.SetFlat(X)));
        shared = rig.Intents.Single(i => i.Owner == StrategyId.House);
        Assert.Equal((10, 0), (shared.LanePosition, shared.Target));
    }

    [Fact]
    public void A_late_fill_of_a_quote_that_was_given_up_is_worked_off_by_the_shared_lane()
    {
        Rig rig = new Rig().Begin();
        rig.Quotes(1, 9_990, 5, 10_010, 5);
        OrderId bid = rig.Live(Side.Buy, owner: 1);
        rig.Report(bid, OrderStatus.Accepted);
        rig.Report(rig.Live(Side.Sell, owner: 1), OrderStatus.Accepted);
        rig.Say((1, context => context.SetFlat(X)));
        rig.Fill(bid, Side.Buy, 3, 9_990, 1);
        Intent shared = rig.Intents.Single(i => i.Owner == StrategyId.House);
        Assert.Equal((3, 0), (shared.LanePosition, shared.Target));
        Assert.Contains(rig.Commands, c => c.Side == Side.Sell && c.Quantity == 3 && c.Verb == CommandVerb.New);
    }

    [Fact]
    public void Taking_back_a_limit_restates_the_lane_although_the_target_is_the_same()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10, limit: 9_950);
        rig.Report(rig.Live(Side.Buy), OrderStatus.Accepted);
        rig.Target(1, 10);
        Assert.Equal(0, rig.Intents.Single().LimitPrice);
        Assert.Empty(rig.Suppressions);
    }

    [Fact]
    public void With_another_holder_of_the_same_target_its_limit_applies()
    {
        Rig rig = new Rig(new RigSettings { Policy = ArbitrationPolicy.Priority }).Begin();
        rig.Target(1, 10);
        rig.Target(2, 10, limit: 9_950);
        Assert.Equal(SuppressionReason.LowerPriority, rig.Suppressions.Single().Reason);
        rig.Target(1, 0);
        Assert.Equal((10, 9_950), (rig.Intents.Single().Target, rig.Intents.Single().LimitPrice));
    }

    [Fact]
    public void The_tightest_limit_of_those_who_pull_in_the_direction_counts()
    {
        Rig rig = new Rig(new RigSettings { Rules = Three(1, 2, 3) }).Begin();
        rig.Say(
            (1, context => context.SetTargetWithLimit(X, 10, 9_960)),
            (2, context => context.SetTargetWithLimit(X, 10, 9_950)),
            (3, context => context.SetTargetWithLimit(X, -5, 9_900)));
        Intent intent = rig.Intents.Single();
        Assert.Equal((15L, 9_950L, (ushort)0b011), (intent.Target, intent.LimitPrice, intent.Contributors));
    }

    [Fact]
    public void Quotes_are_stated_in_whole_lots_and_ticks()
    {
        Rig rig = new Rig(new RigSettings { Lot = 5 }).Begin();
        rig.Quotes(1, 9_990, 9, 10_010, 4);
        Intent quotes = rig.Intents.Single(i => i.Kind == IntentKind.Quotes);
        Assert.Equal((5, 0), (quotes.BidQuantity, quotes.AskQuantity));
    }

    private static StrategyRule[] Three(int a, int b, int c) => [new(a, 0, 0), new(b, 0, 0), new(c, 0, 0)];

    private static Rig Cooling() => new Rig(new RigSettings { Rules = [new(1, 0, 5 * Second), new(2, 0, 0)] }).Begin();

    private static long Combined(RigSettings settings, long a, long b, long c)
    {
        // Weights outside a blend are not read.
        Rig rig = new Rig(settings).Begin();
        rig.Say(
            (1, context => context.SetTarget(X, a)),
            (2, context => context.SetTarget(X, b)),
            (3, context => context.SetTarget(X, c)));
        return rig.Intents.Count == 0 ? 0 : rig.Intents.Single().Target;
    }
}
