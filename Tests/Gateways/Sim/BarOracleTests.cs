using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>The simulated venue against bars, order by order and fill by fill equal to <see cref="NaiveBarVenue"/>.</summary>
public sealed class BarOracleTests
{
    private const long Bar = 10_000;
    private const long Tick = 5;
    private const int Runs = 400;

    [Theory]
    [InlineData(BarPath.StopFirst)]
    [InlineData(BarPath.Adaptive)]
    [InlineData(BarPath.OpenHighLowClose)]
    [InlineData(BarPath.OpenLowHighClose)]
    public void Every_fill_is_the_one_that_a_walk_along_all_prices_gives(BarPath path)
    {
        int fills = 0;
        HashSet<string> kinds = [];
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            (string venue, string naive) = Play(seed, path, BarBug.None, ref fills, kinds);
            Assert.True(venue == naive, $"seed {seed}\nvenue\n{venue}\nnaive\n{naive}");
        }

        Assert.True(fills > 2_000, $"only {fills} fills");
        Assert.Superset(
            new HashSet<string>(["Market Taker", "Limit Maker", "Limit Taker", "Stop Taker", "StopLimit Taker", "StopLimit Maker",
                "MarketIfTouched Taker", "LimitIfTouched Taker", "LimitIfTouched Maker", "TrailingStop Taker"]),
            kinds);
    }

    [Theory]
    [InlineData(BarBug.FillsInTheBarOfTheSignal)]
    [InlineData(BarBug.FillsAtTheTouch)]
    [InlineData(BarBug.GapsFillAtTheTrigger)]
    [InlineData(BarBug.GoesTheOtherWayFirst)]
    [InlineData(BarBug.GivesEachOrderTheVolume)]
    [InlineData(BarBug.WakesOnlyBeyondTheTrigger)]
    [InlineData(BarBug.TrailsAtTheCloseOnly)]
    [InlineData(BarBug.TrailsBackwards)]
    [InlineData(BarBug.LetsMarketOrdersRest)]
    [InlineData(BarBug.LetsImmediateOrdersRest)]
    [InlineData(BarBug.FillsPartOfFillOrKill)]
    [InlineData(BarBug.TakesWithPostOnly)]
    [InlineData(BarBug.ForgetsTheLimitOfAStop)]
    [InlineData(BarBug.WakesOnTheOtherSide)]
    [InlineData(BarBug.ServesTheWorstPriceFirst)]
    [InlineData(BarBug.GivesGapsToResting)]
    public void A_rule_that_differs_between_the_two_is_noticed(BarBug bug)
    {
        int fills = 0;
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            (string venue, string naive) = Play(seed, BarPath.Adaptive, bug, ref fills, []);
            if (venue != naive)
            {
                return;
            }
        }

        Assert.Fail($"{bug} made no difference in {Runs} runs");
    }

    private static (string Venue, string Naive) Play(ulong seed, BarPath path, BarBug bug, ref int fills, HashSet<string> kinds)
    {
        Xoshiro256 dice = new(seed);
        VenueHarness venue = new(SimulatedVenueContractTests.Venue(new VenueTerms
        {
            EntryLatency = 1,
            ResponseLatency = 1,
            MaxOpenOrders = 64,
            With = s => s with { BarPath = path },
        }));
        NaiveBarVenue naive = new(path, Tick, bug);
        long close = 10_000;
        venue.Show(Bar, MarketScript.Define(), MarketScript.Bar(0, Bar, close, close, close, close, 100));
        int bars = 4 + (int)dice.NextBelow(8);
        for (int i = 1; i <= bars; i++)
        {
            for (long orders = dice.NextBelow(4); orders > 0; orders--)
            {
                Command command = Order(venue, close, ref dice);

                // In the middle of a bar it is too late for that bar.
                bool isMiddle = orders == 1 && dice.NextBelow(2) == 0;
                venue.Send((i * Bar) + (isMiddle ? Bar / 2 : 0), command);
                naive.Send(command, isMiddle ? i + 1 : i, close);
            }

            Bar bar = Next(ref close, ref dice);
            venue.Show((i + 1) * Bar, MarketScript.Bar(i * Bar, Bar, bar.Open, bar.High, bar.Low, bar.Close, bar.Volume));
            naive.Show(i + 1, bar);
        }

        venue.Finish();
        List<string> said = [];
        foreach (NaiveOrder order in naive.Orders)
        {
            foreach (Event fill in venue.FillsOf(order.Command.Order))
            {
                fills++;
                kinds.Add($"{order.Command.Type} {fill.Execution.Liquidity}");
                said.Add($"{order.Command.Order.Sequence} {fill.VenueTime / Bar}: {fill.Execution.Liquidity} "
                    + $"{fill.Execution.Quantity} @ {fill.Execution.Price}");
            }
        }

        return (string.Join('\n', said),
            string.Join('\n', naive.Orders.SelectMany(o => o.Said.Select(s => o.Command.Order.Sequence + " " + s))));
    }

    private static Bar Next(ref long close, ref Xoshiro256 dice)
    {
        long open = close + (Tick * (dice.NextBelow(9) - 4));
        long high = open + (Tick * dice.NextBelow(12));
        long low = open - (Tick * dice.NextBelow(12));
        close = low + (Tick * dice.NextBelow(((high - low) / Tick) + 1));
        return new Bar { Open = open, High = high, Low = low, Close = close, Volume = 10 * (1 + dice.NextBelow(20)) };
    }

    private static Command Order(VenueHarness venue, long close, ref Xoshiro256 dice)
    {
        Side side = dice.NextBelow(2) == 0 ? Side.Buy : Side.Sell;
        OrderType type = (OrderType)(1 + dice.NextBelow(7));
        TimeInForce time = TimeInForce.GoodTillCancel;
        OrderFlags flags = OrderFlags.None;
        if (type == OrderType.Limit)
        {
            time = (TimeInForce)(1 + dice.NextBelow(3));
            flags = time == TimeInForce.GoodTillCancel && dice.NextBelow(3) == 0 ? OrderFlags.PostOnly : OrderFlags.None;
        }

        bool hasLimit = type is OrderType.Limit or OrderType.StopLimit or OrderType.LimitIfTouched;
        long price = hasLimit ? close + (Tick * (dice.NextBelow(17) - 8)) : 0;
        Command command = venue.NewOrder(side, 20 + (10 * dice.NextBelow(8)), price, type, time, flags);
        command.TriggerPrice = type >= OrderType.Stop ? close + (Tick * (dice.NextBelow(17) - 8)) : 0;
        if (type == OrderType.TrailingStop)
        {
            command.TrailingOffset = Tick * (1 + dice.NextBelow(8));
            command.TriggerPrice = dice.NextBelow(2) == 0 ? 0 : command.TriggerPrice;
        }

        return command;
    }
}
