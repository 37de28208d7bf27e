using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders;

public sealed class LaneBalancesTests
{
    private static readonly InstrumentId X = new(1);

    [Fact]
    public void Everything_that_a_lane_asked_for_is_filled_open_released_or_excess()
    {
        Rig rig = new Rig().Begin();
        rig.Target(1, 10, limit: 9_900);
        OrderId first = rig.Live(Side.Buy);
        rig.Report(first, OrderStatus.Accepted);
        Is(rig, asked: 10, filled: 0, open: 10, released: 0, excess: 0);
        rig.Fill(first, Side.Buy, 4, 9_900, 1);
        Is(rig, asked: 10, filled: 4, open: 6, released: 0, excess: 0);

        // An amendment to more counts when it is asked for, one to less when it is answered.
        rig.Target(1, 15, limit: 9_900);
        Is(rig, asked: 15, filled: 4, open: 11, released: 0, excess: 0);
        rig.Report(first, OrderStatus.Amended, quantity: 15, price: 9_900);
        rig.Target(1, 7, limit: 9_900);
        Is(rig, asked: 15, filled: 4, open: 11, released: 0, excess: 0);
        rig.Report(first, OrderStatus.Amended, quantity: 7, price: 9_900);
        Is(rig, asked: 15, filled: 4, open: 3, released: 8, excess: 0);

        // Unknown is open; dead is released; a fill after death takes back, and what was never asked for is excess.
        rig.Target(1, 4, limit: 9_900);
        rig.Outcome(first, CommandVerb.Cancel, Outcome.Unknown);
        Is(rig, asked: 15, filled: 4, open: 3, released: 8, excess: 0);
        rig.Report(first, OrderStatus.Cancelled);
        Is(rig, asked: 15, filled: 4, open: 0, released: 11, excess: 0);
        rig.Fill(first, Side.Buy, 5, 9_900, 2);
        Is(rig, asked: 15, filled: 9, open: 0, released: 8, excess: 2);
        Assert.Equal(TradingState.Halted, rig.Pipeline.Risk.State);
    }

    [Fact]
    public void A_lane_that_loses_count_of_its_fills_stops_the_engine()
    {
        Exposure exposure = new();
        LaneBalances balances = new(exposure);
        exposure.Change(X, StrategyId.House, Side.Buy, 10, 1);
        balances[X, StrategyId.House, Side.Buy].Asked += 10;
        balances.Check(X, StrategyId.House, Side.Buy);

        // Knight's children: a fill takes 4 of what is open, and the parent does not hear of it.
        exposure.Change(X, StrategyId.House, Side.Buy, -4, 0);
        Assert.Throws<BrokenInvariantException>(() => balances.Check(X, StrategyId.House, Side.Buy));
        balances[X, StrategyId.House, Side.Buy].Filled += 4;
        balances.Check(X, StrategyId.House, Side.Buy);
    }

    private static void Is(Rig rig, long asked, long filled, long open, long released, long excess)
    {
        LaneBalance balance = rig.Pipeline.Orders.Balance(X, StrategyId.House, Side.Buy);
        int place = rig.Pipeline.Orders.LiveInLane(X, StrategyId.House, Side.Buy);
        long reserved = place < 0 ? 0 : rig.Pipeline.Orders[place].Reserved;
        Assert.Equal(
            (asked, filled, open, released, excess),
            (balance.Asked, balance.Filled, reserved, balance.Released, balance.Excess));
    }
}
