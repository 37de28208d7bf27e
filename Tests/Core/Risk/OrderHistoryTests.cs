using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Fluent;
using LowLatency.Core.Formats;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

public sealed class OrderHistoryTests
{
    [Fact]
    public void Any_history_counts_as_a_list_of_all_orders_does() =>
        PropertyCheck.Holds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Agrees(seed, plant: 0), runs: 60);

    [Fact]
    public void A_count_that_takes_the_edge_of_the_window_in_is_caught() =>
        PropertyCheck.Finds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Agrees(seed, plant: 1), runs: 60);

    [Fact]
    public void Only_the_last_orders_are_looked_through_for_repeats()
    {
        OrderHistory history = new();
        for (int i = 0; i < RiskSettings.RecentOrders; i++)
        {
            history.Add(1, new InstrumentId(1), Side.Buy, 5, 100);
        }

        Assert.Equal(RiskSettings.RecentOrders, Equal(history, RiskSettings.RecentOrders));
        history.Add(1, new InstrumentId(2), Side.Buy, 5, 100);
        Assert.Equal(RiskSettings.RecentOrders - 1, Equal(history, RiskSettings.RecentOrders));
    }

    private static int Equal(OrderHistory history, int enough) =>
        history.EqualAfter(0, enough, new InstrumentId(1), Side.Buy, 5, 100);

    private static bool Agrees(int seed, int plant)
    {
        Random dice = new(seed);
        List<(long At, int Instrument, Side Side, long Quantity, long Price)> all = [];
        OrderHistory history = new();
        long now = 1;
        int orders = dice.Next(1, 2_500);
        for (int i = 0; i < orders; i++)
        {
            now += dice.Next(3);
            var order = (now, 1 + dice.Next(2), dice.Next(2) == 0 ? Side.Buy : Side.Sell, 1L + dice.Next(3), 100L + dice.Next(3));
            all.Add(order);
            history.Add(now, new InstrumentId((ushort)order.Item2), order.Item3, order.Item4, order.Item5);
            if (dice.Next(20) != 0)
            {
                continue;
            }

            if (dice.Next(4) == 0)
            {
                StateWriter writer = new();
                history.Visit(writer);
                history = new OrderHistory();
                history.Visit(new StateReader(writer.Written.ToArray()));
            }

            long after = now - dice.Next(400);
            int enough = 1 + dice.Next(RiskSettings.RecentOrders - 1);
            int sent = Math.Min(enough, all.Count(o => o.At + plant > after));
            int equal = sent < enough
                ? 0
                : Math.Min(enough, all.TakeLast(RiskSettings.RecentOrders).Count(o => o.At > after
                    && (o.Instrument, o.Side, o.Quantity, o.Price) == (order.Item2, order.Item3, order.Item4, order.Item5)));
            if (history.SentAfter(after, enough) != sent
                || history.HasSent(after, enough) != (sent == enough)
                || history.EqualAfter(
                    after, enough, new InstrumentId((ushort)order.Item2), order.Item3, order.Item4, order.Item5) != equal)
            {
                return false;
            }
        }

        return true;
    }
}
