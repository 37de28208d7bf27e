using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders.Reconciling;

/// <summary>Orders on our account that this instance did not make: never ignored, and done with as declared.</summary>
public sealed class ForeignOrderTests
{
    [Theory]
    [InlineData(ForeignOrders.Adopt)]
    [InlineData(ForeignOrders.Cancel)]
    [InlineData(ForeignOrders.Alarm)]
    public void Every_foreign_order_counts_in_the_exposure(ForeignOrders policy)
    {
        AccountRig rig = AccountRig.Matched(
            AccountRig.Settings(ReconcileMode.Warn, policy),
            risk: limits => limits with { Default = limits.Default with { MaxPositionE9 = 10 * Rig.Piece } });
        TrueOrder foreign = Foreign(rig, Side.Buy, 7);
        rig.Rig.Publish(AccountRig.ReportOf(foreign), 2);
        rig.Read(WithOrder(rig, foreign));
        rig.Rig.Publish(new StreamStateChanged { State = StreamState.Up, Stream = StreamContent.Account });
        VenueTruth truth = WithOrder(rig, foreign);
        rig.Read(truth);
        rig.Read(truth);

        // Seven of it could still be bought: three of the ten are left, where anything may add at all.
        rig.Rig.Target(1, 10, 2, 9_900);
        bool open = policy == ForeignOrders.Adopt;
        Assert.Equal(open ? 3 : 0, rig.Rig.Commands.Where(command => command.Verb == CommandVerb.New).Sum(command => command.Quantity));
        Assert.Equal(
            (RiskReason.Position, 17, 10), (rig.Rig.Verdicts[^1].Reason, rig.Rig.Verdicts[^1].Observed, rig.Rig.Verdicts[^1].Limit));
    }

    [Fact]
    public void An_adopted_order_lets_trade_and_is_cancelled_with_ours()
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings(ReconcileMode.Strict, ForeignOrders.Adopt));
        TrueOrder foreign = Foreign(rig, Side.Sell, 4);
        rig.Read(WithOrder(rig, foreign));
        Assert.Equal(AdjustmentAction.Adopt, Assert.Single(rig.Told()).Action);
        Assert.Equal((TradingState.Active, 1), (rig.Rig.Pipeline.Risk.State, rig.Reconciler.Strays));
        Assert.Equal(RiskReason.None, rig.WhyShut(2, out _));
        rig.Read(WithOrder(rig, foreign));
        Assert.Empty(rig.Told());

        rig.Rig.Operator(OperatorVerb.Kill);
        Command cancel = Assert.Single(rig.Rig.Commands);
        Assert.Equal((CommandVerb.Cancel, foreign.Venue, OrderId.None), (cancel.Verb, cancel.VenueOrder, cancel.Order));
        rig.Rig.Tick(Rig.Second);
        Assert.Empty(rig.Rig.Commands);

        // It is still there: asked again after each reading until it is gone.
        Assert.Contains(rig.Read(WithOrder(rig, foreign)), command => command.VenueOrder == foreign.Venue);
        rig.Read(VenueTruth.Of(rig.Rig));
        Assert.Equal(0, rig.Reconciler.Strays);
    }

    [Fact]
    public void News_of_a_foreign_order_has_the_account_read_at_once()
    {
        AccountRig rig = AccountRig.Matched(
            AccountRig.Settings(ReconcileMode.Strict),
            risk: limits => limits with { Default = limits.Default with { MaxPositionE9 = 10 * Rig.Piece } });
        rig.Asked();
        rig.Rig.Publish(AccountRig.ReportOf(Foreign(rig, Side.None, 4)), 2);
        rig.Rig.Tick();
        Assert.Equal(1, rig.Asked());

        // A side that nobody tells could be either.
        rig.Rig.Target(1, 10, 2, 9_900);
        Assert.Equal((6, 14), (rig.Rig.Commands[^1].Quantity, rig.Rig.Verdicts[^1].Observed));
        rig.Rig.Target(2, -30, 2, 10_100);
        Assert.Equal((RiskReason.Position, 24), (rig.Rig.Verdicts[^1].Reason, rig.Rig.Verdicts[^1].Observed));
    }

    [Fact]
    public void More_foreign_orders_than_there_is_room_for_halt()
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings(ReconcileMode.Warn));
        for (int order = 0; order <= 64; order++)
        {
            Assert.Equal(TradingState.Active, rig.Rig.Pipeline.Risk.State);
            rig.Rig.Publish(AccountRig.ReportOf(Foreign(rig, Side.Buy, 1)), 2);
        }

        Assert.Equal((TradingState.Halted, 64), (rig.Rig.Pipeline.Risk.State, rig.Reconciler.Strays));
    }

    [Theory]
    [InlineData(ForeignOrders.Adopt, TradingState.Active)]
    [InlineData(ForeignOrders.Alarm, TradingState.Reducing)]
    public void A_foreign_fill_counts_and_has_the_account_read(ForeignOrders policy, TradingState state)
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings(ReconcileMode.Warn, policy));
        rig.Rig.Fill(OrderId.None, Side.Sell, 3, 10_001, 1, 2);
        Assert.Equal((-3, -3), (rig.Rig.Position(2), rig.Rig.Virtual(0, 2)));
        Assert.Equal((state, RiskReason.Unread), (rig.Rig.Pipeline.Risk.State, rig.WhyShut(2, out _)));
    }

    private static TrueOrder Foreign(AccountRig rig, Side side, long quantity) =>
        new(OrderId.None, rig.NextVenueId(), 2, side, side == Side.Sell ? 10_200 : 9_800, quantity, 0);

    private static VenueTruth WithOrder(AccountRig rig, TrueOrder order)
    {
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        truth.Orders.Add(order);
        return truth;
    }
}
