using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>
/// What a taker gets on bars: the open of the first bar after the decision and nothing else of it. That such fills can be
/// better than the close on which they were decided, on the average, is what a limit does, not a look ahead.
/// </summary>
public sealed class BarTakerTests
{
    private const long Minute = 60_000_000_000;
    private const long Tick = 5;
    private const int Bars = 2_000;

    // Ticks beyond the close that the limit allows; opens are -4 to 4 ticks from it, all alike.
    private const int Band = 2;

    [Fact]
    public void A_taker_gets_the_open_of_the_next_bar_whatever_that_bar_does_after_it()
    {
        List<(long Open, long Close)> ends = Ends();
        List<Taken> first = Play(ends, rest: 1);
        Assert.Equal(first, Play(ends, rest: 2));

        // Another open is another fill, so it is the open that counts.
        Assert.NotEqual(first, Play([.. ends.Select(e => (e.Open + Tick, e.Close))], rest: 1));
        for (int i = 1; i < Bars; i++)
        {
            long decided = ends[i - 1].Close;
            Taken market = first[(2 * i) - 2];
            Taken limit = first[(2 * i) - 1];
            Assert.Equal(ends[i].Open, market.Price);
            Assert.Equal(ends[i].Open <= decided + (Band * Tick) ? ends[i].Open : 0, limit.Price);
        }
    }

    [Fact]
    public void A_limit_beyond_the_close_makes_fills_better_on_the_average_because_the_worse_ones_are_not_there()
    {
        // Opens lie -4 to 4 ticks from the close, each as likely: (-4-3-2-1+0+1+2) / 7 = -1 tick where 3 and 4 do not fill.
        List<(long Open, long Close)> ends = Ends();
        List<Taken> taken = Play(ends, rest: 1);
        long market = 0, limit = 0, limits = 0;
        for (int i = 1; i < Bars; i++)
        {
            market += taken[(2 * i) - 2].Price - ends[i - 1].Close;
            long price = taken[(2 * i) - 1].Price;
            limit += price == 0 ? 0 : price - ends[i - 1].Close;
            limits += price == 0 ? 0 : 1;
        }

        // Standard deviation of the first mean: 2.6 ticks / sqrt(2,000) = 0.06 ticks; of the second 2 / sqrt(1,555) = 0.05.
        Assert.InRange(market / (double)(Bars - 1) / Tick, -0.2, 0.2);
        Assert.InRange(limit / (double)limits / Tick, -1.2, -0.8);
    }

    private static List<(long Open, long Close)> Ends()
    {
        Xoshiro256 dice = new(11);
        List<(long Open, long Close)> ends = [];
        long close = 20_000;
        for (int i = 0; i < Bars; i++)
        {
            long open = close + (Tick * (dice.NextBelow(9) - 4));
            close = 20_000 + (Tick * (dice.NextBelow(201) - 100));
            ends.Add((open, close));
        }

        return ends;
    }

    // At each close a market order and a limit order to buy; what the next bar does between its ends comes from other dice.
    private static List<Taken> Play(List<(long Open, long Close)> ends, ulong rest)
    {
        Xoshiro256 dice = new(rest);
        VenueHarness venue = new(SimulatedVenueContractTests.Venue(new VenueTerms { EntryLatency = 1, ResponseLatency = 1 }));
        List<OrderId> orders = [];
        for (int i = 0; i < ends.Count; i++)
        {
            (long open, long close) = ends[i];
            long high = System.Math.Max(open, close) + (Tick * dice.NextBelow(50));
            long low = System.Math.Min(open, close) - (Tick * dice.NextBelow(50));
            Event bar = MarketScript.Bar(i * Minute, Minute, open, high, low, close, 100 + dice.NextBelow(1_000));
            venue.Show((i + 1) * Minute, i == 0 ? [MarketScript.Define(), bar] : [bar]);
            if (i < ends.Count - 1)
            {
                orders.Add(venue.Market((i + 1) * Minute, Side.Buy, 10));
                Command limit = venue.NewOrder(
                    Side.Buy, 10, close + (Band * Tick), OrderType.Limit, TimeInForce.ImmediateOrCancel);
                venue.Send((i + 1) * Minute, limit);
                orders.Add(limit.Order);
            }
        }

        venue.Finish();
        return [.. orders.Select(order => venue.FillsOf(order).SingleOrDefault() is { Kind: EventKind.Execution } fill
            ? new Taken(fill.Execution.Price, fill.Execution.Quantity)
            : default)];
    }

    private readonly record struct Taken(long Price, long Quantity);
}
