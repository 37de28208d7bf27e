using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Fluent;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Portfolio;

public sealed class AttributionTests
{
    private static readonly InstrumentId X = new(1);

    [Fact]
    public void A_fill_of_the_shared_lane_goes_to_who_lacks_it_in_proportion()
    {
        Rig rig = new Rig(new RigSettings { Rules = Rules(3) }).Begin();
        rig.Target(1, 30);
        rig.Target(2, 10);
        OrderId order = rig.Live(Side.Buy);
        rig.Fill(order, Side.Buy, 20, 10_000, 1, fee: 4);

        // 20 of 40: 15 and 5; cash and fee in the same proportion.
        Assert.Equal((15, 5, 0), (rig.Virtual(1), rig.Virtual(2), rig.Virtual(3)));
        Assert.Equal(-(15 * 10_000 * Rig.MoneyPerCent) - 3, rig.Pipeline.Portfolio.Part(new StrategyId(1), X).CashFlow);
        Assert.Equal(-(5 * 10_000 * Rig.MoneyPerCent) - 1, rig.Pipeline.Portfolio.Part(new StrategyId(2), X).CashFlow);
    }

    [Fact]
    public void Units_lost_to_rounding_are_given_out_and_what_nobody_lacks_goes_to_the_house()
    {
        Rig rig = new Rig(new RigSettings { Rules = Rules(3) }).Begin();
        rig.Target(1, 1);
        rig.Target(2, 1);
        rig.Target(3, 1);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 2, 10_000, 1);
        Assert.Equal((1, 1, 0), (rig.Virtual(1), rig.Virtual(2), rig.Virtual(3)));

        // Somebody else's order on the account: one unit is lacked, four belong to nobody.
        rig.Fill(OrderId.Of(9, 9, 9), Side.Buy, 5, 10_000, 2);
        Assert.Equal((1, 1, 1), (rig.Virtual(1), rig.Virtual(2), rig.Virtual(3)));
        Assert.Equal(4, rig.Pipeline.Portfolio.VirtualPosition(StrategyId.House, X));
        Assert.Equal(7, rig.Position());
    }

    [Fact]
    public void A_quotes_fill_belongs_to_its_strategy_alone()
    {
        Rig rig = new Rig(new RigSettings { Rules = Rules(2) }).Begin();
        rig.Target(1, 30);
        rig.Quotes(2, 9_990, 5, 10_010, 5);
        rig.Fill(rig.Live(Side.Buy, owner: 2), Side.Buy, 5, 9_990, 1);
        Assert.Equal((0, 5), (rig.Virtual(1), rig.Virtual(2)));
        Assert.Equal([(5L, 9_990L)], rig.Strategies[1].Fills);
        Assert.Empty(rig.Strategies[0].Fills);
    }

    [Fact]
    public void A_repeated_execution_moves_nothing()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10);
        OrderId order = rig.Live(Side.Buy);
        rig.Fill(order, Side.Buy, 4, 10_000, 77, fee: 1);
        long cash = rig.Pipeline.Portfolio.Cash(0);
        rig.Fill(order, Side.Buy, 4, 10_000, 77, fee: 1);
        Assert.Equal(4, rig.Position());
        Assert.Equal(cash, rig.Pipeline.Portfolio.Cash(0));
        Assert.Equal(1, rig.Pipeline.Portfolio.Repeated);
    }

    [Theory]
    [InlineData(OrderStatus.Accepted)]
    [InlineData(OrderStatus.Cancelled)]
    [InlineData(OrderStatus.Expired)]
    [InlineData(OrderStatus.Rejected)]
    public void An_order_status_never_moves_a_position(OrderStatus status)
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10);
        OrderId order = rig.Live(Side.Buy);
        rig.Report(order, status, quantity: 10, filled: 10);
        foreach (int instrument in (int[])[0, 1])
        {
            rig.Publish(
                new OrderReport { Order = order, Status = status, Quantity = 10, CumulativeQuantity = 10, Price = 10_000 }, instrument);
            Assert.Equal((0L, 0L), (rig.Position(), rig.Virtual(1)));
            Assert.Equal(rig.Settings.Cash, rig.Pipeline.Portfolio.Cash(0));
        }
    }

    [Fact]
    public void An_execution_that_cannot_be_valued_stops_the_engine()
    {
        Rig rig = new Rig().Begin();
        Assert.Throws<BrokenInvariantException>(() => rig.Fill(OrderId.Of(9, 9, 9), Side.Buy, 5, 10_000, 1, instrument: 2));
        Assert.Throws<BrokenInvariantException>(() => rig.Fill(OrderId.Of(9, 9, 9), Side.None, 5, 10_000, 2));
        Assert.Throws<BrokenInvariantException>(() => rig.Fill(OrderId.Of(9, 9, 9), Side.Buy, 0, 10_000, 3));
    }

    [Theory]
    [InlineData(ArbitrationPolicy.Net)]
    [InlineData(ArbitrationPolicy.Priority)]
    [InlineData(ArbitrationPolicy.Blend)]
    public void Parts_always_sum_to_the_whole_to_the_last_unit(ArbitrationPolicy policy) =>
        PropertyCheck.Holds(
            PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 100, 160), steps => Sums(policy, steps, lose: 0), runs: 12);

    [Fact]
    public void A_whole_that_lost_a_unit_is_caught() =>
        PropertyCheck.Finds(
            PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), 100, 160),
            steps => Sums(ArbitrationPolicy.Net, steps, lose: 1),
            runs: 5);

    private static StrategyRule[] Rules(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new StrategyRule(i, 0, 0))];

    private static bool Sums(ArbitrationPolicy policy, int[] steps, int lose)
    {
        Rig rig = new Rig(new RigSettings
        {
            Policy = policy,
            Normalise = true,
            Rules = [new(2, 3, 0), new(1, 3, 0), new(3, 1, 0), new(3, 0, 0)],
        }).Begin();
        long position = 0;
        long flow = 0;
        HashSet<ulong> seen = [];
        foreach (int step in steps)
        {
            int dice = step / 8;
            int strategy = 1 + (dice % 4);
            long size = (dice / 4 % 81) - 40;
            switch (step % 8)
            {
                case 0 or 1:
                    rig.Target(strategy, size);
                    break;
                case 2:
                    rig.Quotes(strategy, 9_990, Math.Abs(size), 10_010, Math.Abs(size / 2));
                    break;
                case 3:
                    rig.Say((strategy, context => context.SetFlat(X)));
                    break;
                default:
                    // A fill of any order that was ever made, or of nobody's; at an odd price and with an odd fee.
                    int owner = dice % 6;
                    Side side = size % 2 == 0 ? Side.Buy : Side.Sell;
                    OrderId order = owner < 5 ? rig.Live(side, owner) : OrderId.Of(7, 7, 7);
                    order = order.IsNone ? OrderId.Of(7, 7, 7) : order;
                    ulong id = (ulong)(step % 5_000);
                    long quantity = 1 + (dice % 17);
                    long price = 9_990 + (dice % 23);
                    long fee = (step % 11) - 3;
                    rig.Fill(order, side, quantity, price, id, fee: fee);
                    if (seen.Add(id))
                    {
                        int sign = side == Side.Buy ? 1 : -1;
                        position += sign * quantity;
                        flow -= (sign * quantity * price * Rig.MoneyPerCent) + fee + lose;
                    }

                    break;
            }

            Position whole = rig.Pipeline.Portfolio.Position(X);
            VirtualPosition[] parts =
                [.. Enumerable.Range(0, 5).Select(s => rig.Pipeline.Portfolio.Part(new StrategyId((ushort)s), X))];
            bool same = whole.Quantity == position
                && parts.Sum(p => p.Quantity) == position
                && parts.Sum(p => p.CashFlow) == flow
                && parts.Sum(p => p.Fees) == whole.Fees
                && whole.Realised - whole.Cost - whole.Fees == flow
                && rig.Pipeline.Portfolio.Cash(0) == rig.Settings.Cash + whole.Realised - whole.Fees;
            if (!same)
            {
                return false;
            }
        }

        return true;
    }
}
