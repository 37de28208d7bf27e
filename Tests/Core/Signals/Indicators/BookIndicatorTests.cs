using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Indicators;

/// <summary>Indicators of the standing market, on quotes and books.</summary>
public sealed class BookIndicatorTests
{
    private readonly MarketView _view = new([], 0);

    public BookIndicatorTests() => _view.Apply(Make.Definition(1, 1));

    private InstrumentMarket Market => _view[new InstrumentId(1)];

    [Fact]
    public void The_microprice_leans_to_the_side_that_will_give_way()
    {
        Microprice price = new();
        price.Update(Market);
        Assert.False(price.IsReady);
        Quote(100, 30, 104, 10);
        price.Update(Market);
        Assert.Equal(103.0, price.Price);
        Quote(100, 10, 104, 30);
        price.Update(Market);
        Assert.Equal(101.0, price.Price);
        Quote(100, 7, 100, 9);
        price.Update(Market);
        Assert.Equal(100.0, price.Price);
    }

    [Fact]
    public void Nothing_of_the_market_is_ready_while_a_side_is_unknown()
    {
        Microprice price = new();
        BookImbalance imbalance = new(1);
        OrderFlowImbalance flow = new(1);
        foreach (BookIndicator indicator in (BookIndicator[])[price, imbalance, flow])
        {
            Quote(100, 30, 104, 10);
            indicator.Update(Market);
            indicator.Update(Market);
            Assert.True(indicator.IsReady);
            byte[] fresh = SavingVisitor.Save(Fresh(indicator));
            Quote(100, 30, 104, 0);
            indicator.Update(Market);
            Assert.False(indicator.IsReady);
            Assert.Equal(fresh, SavingVisitor.Save(indicator));
            Quote(105, 30, 104, 10);
            indicator.Update(Market);
            Assert.False(indicator.IsReady);
        }
    }

    [Fact]
    public void The_imbalance_weighs_as_many_levels_as_it_is_told()
    {
        Book(Enumerable.Range(1, 4).Select(i => (Side.Buy, 100L - i, 10L * i))
            .Concat([(Side.Sell, 100L, 5L), (Side.Sell, 101L, 40L)]));
        double Of(int depth)
        {
            BookImbalance imbalance = new(depth);
            imbalance.Update(Market);
            return imbalance.Ratio;
        }

        Assert.Equal((10 - 5) / 15.0, Of(1));
        Assert.Equal((30 - 45) / 75.0, Of(2));
        Assert.Equal((60 - 45) / 105.0, Of(3));
        Assert.Equal((100 - 45) / 145.0, Of(50));
    }

    [Fact]
    public void A_quote_is_one_level_and_no_more()
    {
        Quote(100, 30, 104, 10);
        BookImbalance one = new(1);
        BookImbalance two = new(2);
        one.Update(Market);
        two.Update(Market);
        Assert.Equal(0.5, one.Ratio);
        Assert.False(two.IsReady);
    }

    [Fact]
    public void Order_flow_is_what_the_definition_says_on_any_walk_of_quotes()
    {
        Xoshiro256 dice = new(77);
        OrderFlowImbalance flow = new(5);
        List<(long Bid, long BidSize, long Ask, long AskSize)> seen = [];
        int ready = 0;
        for (int i = 0; i < 2_000; i++)
        {
            long bid = 100 + dice.NextBelow(3);
            long ask = bid + dice.NextBelow(3);
            seen.Add((bid, 1 + dice.NextBelow(9), ask, 1 + dice.NextBelow(9)));
            Quote(seen[^1].Bid, seen[^1].BidSize, seen[^1].Ask, seen[^1].AskSize);
            if (i == 1_000)
            {
                OrderFlowImbalance restored = new(5);
                RestoringVisitor.Restore(restored, SavingVisitor.Save(flow));
                flow = restored;
            }

            flow.Update(Market);
            Assert.Equal(i >= 5, flow.IsReady);
            if (flow.IsReady)
            {
                double[] flows = [.. Enumerable.Range(i - 4, 5).Select(at => NaiveFlow(seen[at - 1], seen[at]))];
                Assert.Equal(flows.Sum(), flow.Sum);
                double sizes = flows.Sum(Math.Abs);
                Assert.Equal(sizes == 0 ? 0 : flows.Sum() / sizes, flow.Ratio, 12);
                ready++;
            }
        }

        Assert.Equal(1_995, ready);
    }

    [Fact]
    public void Flow_that_nets_to_nothing_has_the_ratio_zero()
    {
        OrderFlowImbalance flow = new(3);
        for (int i = 0; i < 4; i++)
        {
            Quote(100, 5, 104, 6);
            flow.Update(Market);
        }

        Assert.Equal(0.0, flow.Ratio);
    }

    [Fact]
    public void Looking_at_the_market_allocates_nothing()
    {
        Book([(Side.Buy, 99, 5), (Side.Sell, 101, 6), (Side.Buy, 98, 5), (Side.Sell, 102, 6)]);
        BookIndicator[] indicators = [new Microprice(), new BookImbalance(5), new OrderFlowImbalance(20)];
        Look(indicators, 10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Look(indicators, 10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Look(BookIndicator[] indicators, int times)
    {
        for (int i = 0; i < times; i++)
        {
            foreach (BookIndicator indicator in indicators)
            {
                indicator.Update(Market);
            }
        }
    }

    /// <summary>Equation 4 of Cont, Kukanov and Stoikov, as it is printed.</summary>
    private static double NaiveFlow(
        (long Bid, long BidSize, long Ask, long AskSize) before, (long Bid, long BidSize, long Ask, long AskSize) now)
    {
        double flow = 0;
        flow += now.Bid >= before.Bid ? now.BidSize : 0;
        flow -= now.Bid <= before.Bid ? before.BidSize : 0;
        flow -= now.Ask <= before.Ask ? now.AskSize : 0;
        flow += now.Ask >= before.Ask ? before.AskSize : 0;
        return flow;
    }

    private static BookIndicator Fresh(BookIndicator indicator) => indicator switch
    {
        Microprice => new Microprice(),
        BookImbalance => new BookImbalance(1),
        _ => new OrderFlowImbalance(1),
    };

    private void Quote(long bid, long bidSize, long ask, long askSize) =>
        _view.Apply(Make.Quote(1, _view.Now + 1, bid, bidSize, ask, askSize));

    private void Book(IEnumerable<(Side Side, long Price, long Quantity)> levels)
    {
        BookLevels packed = new() { BasePrice = 100 };
        foreach ((Side side, long price, long quantity) in levels)
        {
            Assert.True(packed.TryAdd(side, price, quantity));
        }

        _view.Apply(Make.Of(1, _view.Now + 1, packed, 0, EventFlags.Whole | EventFlags.Snapshot));
    }
}
