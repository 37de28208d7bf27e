using System.Linq;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders;

public sealed class InternalCrossingTests
{
    private const int Owner = 0;

    private static readonly InstrumentId X = new(1);

    [Fact]
    public void Two_that_hold_the_opposite_and_want_nothing_become_flat_without_an_order()
    {
        Rig rig = Opposed(new RigSettings());
        rig.Say((1, context => context.SetFlat(X)), (2, context => context.SetFlat(X)));
        Assert.Empty(rig.Commands);
        Assert.Equal((10, -10), (rig.Virtual(1), rig.Virtual(2)));
        long before = Flow(rig, 1) + Flow(rig, 2);
        long cash = rig.Pipeline.Portfolio.Cash(0);

        // 99.99 to 100.02: the mid of 100.005 counts as 100.00.
        rig.Quote(1, 9_999, 10_002);
        Assert.Equal((0, 0), (rig.Virtual(1), rig.Virtual(2)));
        Assert.Empty(rig.Commands);
        Assert.Equal((-10L, 10_000L), rig.Strategies[0].Fills[^1]);
        Assert.Equal((10L, 10_000L), rig.Strategies[1].Fills[^1]);
        Assert.Equal(before, Flow(rig, 1) + Flow(rig, 2));
        Assert.Equal(cash, rig.Pipeline.Portfolio.Cash(0));
        Suppression record = Assert.Single(rig.Suppressions);
        Assert.Equal(
            (SuppressionReason.Crossed, 2, 1, 10L, 10_000L),
            (record.Reason, record.Strategy.Value, record.Winner.Value, record.Target, record.Detail));
    }

    [Fact]
    public void What_the_lane_trades_and_what_is_crossed_add_up_to_what_each_wants()
    {
        Rig rig = new Rig().Begin();
        rig.Say((1, context => context.SetTarget(X, 10)), (2, context => context.SetTarget(X, -4)));
        Assert.Equal(6, Assert.Single(rig.Commands).Quantity);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 6, 10_001, 1);
        Assert.Equal((6, 0), (rig.Virtual(1), rig.Virtual(2)));
        rig.Tick();
        Assert.Equal((10, -4, 6), (rig.Virtual(1), rig.Virtual(2), rig.Position()));
    }

    [Fact]
    public void Without_a_fresh_price_it_waits()
    {
        Rig rig = Opposed(new RigSettings { Risk = Fresh(Rig.Second) });
        rig.Say((1, context => context.SetFlat(X)), (2, context => context.SetFlat(X)));
        rig.Tick(2 * Rig.Second);
        Assert.Equal((10, -10), (rig.Virtual(1), rig.Virtual(2)));
        rig.Publish(new LowLatency.Core.Events.TradingStatusChanged { Status = TradingStatus.Halted }, 1);
        rig.Quote(1, 9_999, 10_001);
        Assert.Equal((10, -10), (rig.Virtual(1), rig.Virtual(2)));
        rig.Publish(new LowLatency.Core.Events.TradingStatusChanged { Status = TradingStatus.Open }, 1);
        rig.Tick(Rig.Second);
        Assert.Equal((0, 0), (rig.Virtual(1), rig.Virtual(2)));
    }

    [Fact]
    public void It_waits_while_the_engine_is_halted_and_not_while_it_reduces()
    {
        Rig rig = Opposed(new RigSettings());
        rig.Operator(OperatorVerb.Halt);
        rig.Say((1, context => context.SetFlat(X)), (2, context => context.SetFlat(X)));
        rig.Tick();
        Assert.Equal((10, -10), (rig.Virtual(1), rig.Virtual(2)));

        rig = Opposed(new RigSettings());
        rig.Operator(OperatorVerb.Reduce);
        rig.Say((1, context => context.SetFlat(X)), (2, context => context.SetFlat(X)));
        rig.Tick();
        Assert.Equal((0, 0), (rig.Virtual(1), rig.Virtual(2)));
    }

    [Theory]
    [InlineData(10_000, true)]
    [InlineData(9_999, false)]
    public void A_limit_is_never_traded_through(long limit, bool crosses)
    {
        // Strategy 1 wants to buy at the limit or better, strategy 2 sells at any price; the mid is 100.00.
        Rig rig = new Rig().Begin();
        rig.Say((1, context => context.SetTargetWithLimit(X, 10, limit)), (2, context => context.SetTarget(X, -10)));
        rig.Tick();
        Assert.Equal(crosses ? (10, -10) : (0, 0), (rig.Virtual(1), rig.Virtual(2)));
    }

    [Fact]
    public void It_waits_for_an_order_that_could_still_bring_what_it_would_hand_over()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10, limit: 9_990);
        OrderId order = rig.Live(Side.Buy);
        rig.Report(order, OrderStatus.Accepted, 10, 9_990);
        rig.Say((1, context => context.SetTarget(X, 10)), (2, context => context.SetTarget(X, -10)));
        Assert.Equal(CommandVerb.Cancel, Assert.Single(rig.Commands).Verb);
        rig.Tick();
        Assert.Equal((0, 0), (rig.Virtual(1), rig.Virtual(2)));

        // The cancel lost against the fill: it is strategy 1's, and strategy 2 sells on the market.
        rig.Fill(order, Side.Buy, 10, 9_990, 1);
        Assert.Equal((10, 0), (rig.Virtual(1), rig.Virtual(2)));
        Assert.Equal((Side.Sell, 10L), (rig.Commands[^1].Side, rig.Commands[^1].Quantity));
    }

    [Fact]
    public void Who_was_taken_out_is_let_back_in_after_it_was_crossed()
    {
        RiskSettings risk = RigSettings.Wide() with
        {
            Exits = [new ExitRule { MaxHolding = Rig.Second }, new ExitRule { MaxHolding = Rig.Second }],
        };
        Rig rig = Opposed(new RigSettings { Risk = risk });
        rig.Tick(2 * Rig.Second);
        Assert.Empty(rig.Commands);
        rig.Target(1, 7);
        Assert.Equal((0, 0), (rig.Virtual(1), rig.Virtual(2)));
        rig.Tick();
        Assert.Equal((Side.Buy, 7L), (rig.Commands[^1].Side, rig.Commands[^1].Quantity));
    }

    [Fact]
    public void More_than_an_event_has_room_for_is_crossed_by_the_next_ones()
    {
        Rig rig = new Rig(new RigSettings
        {
            Rules = [.. Enumerable.Range(1, 24).Select(i => new StrategyRule(i, 0, 0))],
        }).Begin();
        for (int i = 1; i <= 24; i += 2)
        {
            int buyer = i;
            rig.Say(
                (buyer, context => context.SetTargetWithLimit(X, 5, 9_000)),
                (buyer + 1, context => context.SetTargetWithLimit(X, -5, 11_000)));
        }

        Assert.All(Enumerable.Range(1, 24), s => Assert.Equal(0, rig.Virtual(s)));
        for (int i = 1; i <= 24; i += 2)
        {
            int buyer = i;
            rig.Strategies[buyer - 1].Script.Enqueue(context => context.SetTarget(X, 5));
        }

        // Eight signals leave with one event; the limits of the sellers still hold everybody apart.
        rig.Tick();
        rig.Tick();
        rig.Quote(1, 11_000, 11_002);
        Assert.Equal(8, rig.Suppressions.Count(s => s.Reason == SuppressionReason.Crossed));
        rig.Quote(1, 11_000, 11_002);
        Assert.Equal(4, rig.Suppressions.Count(s => s.Reason == SuppressionReason.Crossed));
        Assert.All(Enumerable.Range(1, 24), s => Assert.Equal(s % 2 == 1 ? 5 : -5, rig.Virtual(s)));
    }

    /// <summary>Strategy 1 is long 10, strategy 2 short 10, both by orders of their own.</summary>
    private static Rig Opposed(RigSettings settings)
    {
        Rig rig = new Rig(settings).Begin();
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy, Owner), Side.Buy, 10, 10_001, 1);
        rig.Target(2, -10);
        rig.Fill(rig.Live(Side.Sell, Owner), Side.Sell, 10, 9_999, 2);
        Assert.Equal((10, -10, 0), (rig.Virtual(1), rig.Virtual(2), rig.Position()));
        return rig;
    }

    private static RiskSettings Fresh(long staleAfter) => RigSettings.Wide() with
    {
        Default = RigSettings.Wide().Default with { StaleAfter = staleAfter },
    };

    private static long Flow(Rig rig, ushort strategy) =>
        rig.Pipeline.Portfolio.Part(new StrategyId(strategy), X).CashFlow;
}
