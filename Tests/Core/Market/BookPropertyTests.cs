using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Market;

public sealed class BookPropertyTests
{
    private const int Capacity = 6;

    [Fact]
    public void A_book_equals_its_naive_twin_after_every_event() =>
        Steps.ForAll(400, 200, steps => FirstDifference(steps, BookDefect.None) is null);

    [Theory]
    [InlineData(BookDefect.KeepsRemovedLevels)]
    [InlineData(BookDefect.DropsTheBestWhenFull)]
    [InlineData(BookDefect.AcceptsGaps)]
    [InlineData(BookDefect.AcceptsUpdatesThatGoBack)]
    [InlineData(BookDefect.ReadyInsideGroups)]
    [InlineData(BookDefect.AcceptsLockedBooks)]
    [InlineData(BookDefect.AcceptsCutGroups)]
    public void The_comparison_catches_a_planted_defect(BookDefect defect) =>
        Assert.ThrowsAny<System.Exception>(
            () => Steps.ForAll(400, 200, steps => FirstDifference(steps, defect) is null));

    [Fact]
    public void The_steps_reach_every_state_of_a_book()
    {
        Book book = new(Capacity);
        bool ready = false;
        Xoshiro256 dice = new(7);
        NaiveBook naive = new(Capacity, BookDefect.None);
        for (int i = 0; i < 5_000; i++)
        {
            foreach (Event e in Group((int)dice.NextBelow(int.MaxValue), naive))
            {
                book.Apply(e);
                naive.Apply(e);
                ready |= book.IsReady && book.BidCount == Capacity && book.AskCount == Capacity;
            }
        }

        Assert.True(ready);
        Assert.True(book.Gaps > 50);
        Assert.True(book.Cuts > 50);
        Assert.True(book.Crossed > 50);
        Assert.True(book.Malformed > 5);
        Assert.True(book.Dropped > 50);
        Assert.True(book.Ignored > 50);
    }

    [Fact]
    public void A_deep_book_equals_a_sorted_dictionary()
    {
        Xoshiro256 dice = new(11);
        Book book = new();
        SortedDictionary<long, long> bids = [];
        SortedDictionary<long, long> asks = [];
        for (int i = 0; i < 40_000; i++)
        {
            bool buy = dice.NextBelow(2) == 0;
            long price = buy ? 100_000 - dice.NextBelow(3_000) : 100_001 + dice.NextBelow(3_000);
            long quantity = dice.NextBelow(3) == 0 ? 0 : 1 + dice.NextBelow(1_000_000);
            SortedDictionary<long, long> side = buy ? bids : asks;
            book.SetLevel(buy ? Side.Buy : Side.Sell, price, quantity);
            side.Remove(price);
            if (quantity > 0)
            {
                side[price] = quantity;
            }
        }

        Assert.True(bids.Count > 1_000);
        Assert.Equal(Expected(bids.Reverse()), Levels(book, Side.Buy));
        Assert.Equal(Expected(asks), Levels(book, Side.Sell));
        long third = asks.Keys.ElementAt(asks.Count / 3);
        long above = asks.Where(level => level.Key <= third).Sum(level => level.Value);
        Assert.Equal(above, book.QuantityUpTo(Side.Sell, third));
        long deep = bids.Keys.ElementAt(bids.Count / 3);
        long below = bids.Where(level => level.Key >= deep).Sum(level => level.Value);
        Assert.Equal(below, book.QuantityUpTo(Side.Buy, deep));
        Assert.Equal(0, book.Dropped);
    }

    private static string? FirstDifference(int[] steps, BookDefect defect)
    {
        Book book = new(Capacity);
        NaiveBook naive = new(Capacity, defect);
        foreach (int step in steps)
        {
            foreach (Event e in Group(step, naive))
            {
                book.Apply(e);
                naive.Apply(e);
                if (Difference(book, naive) is { } difference)
                {
                    return difference;
                }
            }

            if (step % 101 == 0)
            {
                book.Invalidate();
                naive.Fail();
            }
        }

        return null;
    }

    // A message of one to four events; one in eight misses a part, does not follow, or carries nonsense.
    private static List<Event> Group(int step, NaiveBook naive)
    {
        Xoshiro256 dice = new((ulong)step);
        List<Event> group = [];
        bool snapshot = dice.NextBelow(4) == 0;
        long id = dice.NextBelow(8) == 0 ? 0 : naive.LastUpdateId + dice.NextBelow(3);
        id = dice.NextBelow(20) == 0 ? naive.LastUpdateId / 2 : id;
        long previous = dice.NextBelow(2) == 0 ? 0 : naive.LastUpdateId;
        previous = dice.NextBelow(16) == 0 ? naive.LastUpdateId + 1 : previous;
        int parts = 1 + (int)dice.NextBelow(4);
        for (int part = 0; part < parts; part++)
        {
            EventFlags flags = (part == 0 ? EventFlags.First : 0) | (part == parts - 1 ? EventFlags.Last : 0);
            flags |= snapshot ? EventFlags.Snapshot : 0;
            (Side, long, long)[] levels = new (Side, long, long)[dice.NextBelow(4)];
            for (int i = 0; i < levels.Length; i++)
            {
                bool buy = dice.NextBelow(2) == 0;
                long near = dice.NextBelow(40) == 0 ? -1 : dice.NextBelow(10);
                long quantity = dice.NextBelow(4) == 0 ? 0 : 1 + dice.NextBelow(9);
                levels[i] = (buy ? Side.Buy : Side.Sell, buy ? 99 - near : 100 + near, quantity);
            }

            if (levels.Length > 0 && dice.NextBelow(200) == 0)
            {
                levels[0].Item3 = -1;
            }

            long partId = dice.NextBelow(50) == 0 ? id + 5 : id;
            if (dice.NextBelow(40) != 0)
            {
                group.Add(Make.Levels(1, 1, flags, partId, previous, levels));
            }
        }

        return group;
    }

    private static string? Difference(Book book, NaiveBook naive)
    {
        (string Name, long Ours, long Theirs)[] numbers =
        [
            ("ready", book.IsReady ? 1 : 0, naive.IsReady ? 1 : 0),
            ("last update", book.LastUpdateId, naive.LastUpdateId),
            ("gaps", book.Gaps, naive.Gaps),
            ("cuts", book.Cuts, naive.Cuts),
            ("crossed", book.Crossed, naive.Crossed),
            ("malformed", book.Malformed, naive.Malformed),
            ("dropped", book.Dropped, naive.Dropped),
            ("ignored", book.Ignored, naive.Ignored),
            ("best bid", book.BestBidPrice, naive.Bids.Count == 0 ? 0 : naive.Bids.Keys.Max()),
            ("best bid quantity", book.BestBidQuantity, naive.Bids.Count == 0 ? 0 : naive.Bids[naive.Bids.Keys.Max()]),
            ("best ask", book.BestAskPrice, naive.Asks.Count == 0 ? 0 : naive.Asks.Keys.Min()),
            ("best ask quantity", book.BestAskQuantity, naive.Asks.Count == 0 ? 0 : naive.Asks[naive.Asks.Keys.Min()]),
        ];
        foreach ((string name, long ours, long theirs) in numbers)
        {
            if (ours != theirs)
            {
                return $"{name}: {ours} instead of {theirs}";
            }
        }

        for (long price = 85; price <= 115; price++)
        {
            long at = price;
            if (book.QuantityAt(Side.Buy, price) != naive.Bids.GetValueOrDefault(price)
                || book.QuantityAt(Side.Sell, price) != naive.Asks.GetValueOrDefault(price)
                || book.QuantityUpTo(Side.Buy, price) != naive.Bids.Where(l => l.Key >= at).Sum(l => l.Value)
                || book.QuantityUpTo(Side.Sell, price) != naive.Asks.Where(l => l.Key <= at).Sum(l => l.Value))
            {
                return $"quantity at {price}";
            }
        }

        return Levels(book, Side.Buy).SequenceEqual(Expected(naive.Bids.Reverse()))
            && Levels(book, Side.Sell).SequenceEqual(Expected(naive.Asks))
            ? null
            : "levels";
    }

    private static IEnumerable<BookLevel> Expected(IEnumerable<KeyValuePair<long, long>> side) =>
        side.Select(level => new BookLevel(level.Key, level.Value));

    private static IEnumerable<BookLevel> Levels(Book book, Side side) =>
        Enumerable.Range(0, side == Side.Buy ? book.BidCount : book.AskCount)
            .Select(depth => book.LevelAt(side, depth));
}
