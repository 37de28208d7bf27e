using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Market;

/// <summary>
/// Levels near and far: where the places of prices end, move with the market and meet the deep levels, a book must be what a
/// sorted dictionary is.
/// </summary>
public sealed class BookLadderTests
{
    /// <summary>A defect built into the twin on purpose, to see that the comparison would notice it.</summary>
    public enum LadderDefect
    {
        None,
        ForgetsFarLevels,
        KeepsRemovedFarLevels,
        TakesNeighbours,
        DropsTheNewLevelWhenFull,
    }

    [Theory]
    [InlineData(4)]
    [InlineData(70)]
    [InlineData(Limits.BookLevels)]
    public void A_book_equals_a_sorted_dictionary_wherever_its_prices_go(int capacity) =>
        Steps.ForAll(300, 60, steps => FirstDifference(steps, capacity, LadderDefect.None) is null);

    [Theory]
    [InlineData(LadderDefect.ForgetsFarLevels)]
    [InlineData(LadderDefect.KeepsRemovedFarLevels)]
    [InlineData(LadderDefect.TakesNeighbours)]
    [InlineData(LadderDefect.DropsTheNewLevelWhenFull)]
    public void The_comparison_catches_a_planted_defect(LadderDefect defect) =>
        Assert.ThrowsAny<Exception>(
            () => Steps.ForAll(300, 60, steps => FirstDifference(steps, 70, defect) is null));

    [Fact]
    public void The_state_of_a_book_does_not_tell_by_which_way_it_came()
    {
        Book straight = new();
        Book around = new();
        for (int i = 0; i < 400; i++)
        {
            around.SetLevel(Side.Buy, 1_000_000 + (i * 97), 1);
            around.SetLevel(Side.Buy, 5_000 - i, 1);
        }

        for (int i = 0; i < 400; i++)
        {
            around.SetLevel(Side.Buy, 1_000_000 + (i * 97), 0);
            around.SetLevel(Side.Buy, 5_000 - i, 0);
        }

        for (int i = 0; i < 300; i++)
        {
            long price = i * 31;
            straight.SetLevel(Side.Buy, price, i + 1);
            around.SetLevel(Side.Buy, (299 - i) * 31, 300 - i);
        }

        Assert.Equal(SavingVisitor.Save(straight), SavingVisitor.Save(around));
        around.SetLevel(Side.Buy, 31, 7);
        Assert.NotEqual(SavingVisitor.Save(straight), SavingVisitor.Save(around));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue - 5_000)]
    [InlineData(long.MinValue + 1)]
    [InlineData(long.MinValue + 5_000)]
    public void Prices_at_the_ends_of_64_bits_are_prices(long price)
    {
        long other = price > 0 ? price - 4_999 : price + 4_999;
        foreach (Side side in (Side[])[Side.Buy, Side.Sell])
        {
            Book book = new();
            book.SetLevel(side, price, 1);
            book.SetLevel(side, other, 2);
            book.SetLevel(side, 0, 3);
            Assert.Equal((1L, 2L, 3L), (book.QuantityAt(side, price), book.QuantityAt(side, other), book.QuantityAt(side, 0)));
            IEnumerable<long> prices = Enumerable.Range(0, 3).Select(depth => book.LevelAt(side, depth).Price);
            long[] expected = [price, other, 0];
            Assert.Equal(side == Side.Buy ? expected.OrderDescending() : expected.Order(), prices);
            book.SetLevel(side, price, 0);
            book.SetLevel(side, 0, 0);
            Assert.Equal(other, side == Side.Buy ? book.BestBidPrice : book.BestAskPrice);
            Assert.Equal(other, book.WorstPrice(side));
        }
    }

    [Fact]
    public void The_best_levels_add_up_over_near_and_deep_ones()
    {
        Book book = new();
        for (int i = 0; i < 200; i++)
        {
            book.SetLevel(Side.Sell, 100 + (i * 50), i + 1);
        }

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal((i + 1) * (long)(i + 2) / 2, book.QuantityUpTo(Side.Sell, 100 + (i * 50)));
        }

        foreach (int levels in (int[])[0, 1, 10, 81, 82, 83, 199, 200, 500])
        {
            int counted = Math.Min(200, levels);
            Assert.Equal((Int128)counted * (counted + 1) / 2, book.QuantityOfBest(Side.Sell, levels));
        }

        Assert.Equal(0, book.QuantityOfBest(Side.Buy, 10));
        book.SetLevel(Side.Sell, 100, long.MaxValue);
        book.SetLevel(Side.Sell, 101, long.MaxValue);
        Assert.Equal(2 * (Int128)long.MaxValue, book.QuantityOfBest(Side.Sell, 2));
        Assert.Equal((2 * (Int128)long.MaxValue) + 2, book.QuantityOfBest(Side.Sell, 3));
    }

    private static string? FirstDifference(int[] steps, int capacity, LadderDefect defect)
    {
        Book book = new(capacity);
        SortedDictionary<long, long> twin = [];
        long dropped = 0;
        Xoshiro256 dice = new((ulong)steps.Length + (ulong)capacity);
        long middle = 1_000_000;
        foreach (int step in steps)
        {
            middle = Next(middle, step, ref dice);
            bool clears = step % 97 == 0;
            if (clears)
            {
                book.Clear();
                twin.Clear();
            }

            for (int i = 0; i < 12; i++)
            {
                long price = Price(middle, ref dice, twin);
                long quantity = dice.NextBelow(3) == 0 ? 0 : 1 + dice.NextBelow(1_000);
                book.SetLevel(Side.Buy, price, quantity);
                dropped += SetInTwin(twin, price, quantity, capacity, defect) ? 1 : 0;
            }

            if (Difference(book, twin, dropped, middle) is { } difference)
            {
                return difference;
            }

            if (step % 13 == 0)
            {
                Book restored = new(capacity);
                RestoringVisitor.Restore(restored, SavingVisitor.Save(book));
                book = restored;
            }
        }

        return null;
    }

    // Mostly the market moves by ticks, at times it leaps up or down by more than there are places.
    private static long Next(long middle, int step, ref Xoshiro256 dice) => (step % 11) switch
    {
        0 => middle + dice.NextBelow(9_000),
        1 => middle - dice.NextBelow(9_000),
        2 => middle + dice.NextBelow(700) - 350,
        _ => middle + dice.NextBelow(9) - 4,
    };

    private static long Price(long middle, ref Xoshiro256 dice, SortedDictionary<long, long> twin) => dice.NextBelow(8) switch
    {
        0 => middle - dice.NextBelow(20_000),
        1 => middle - dice.NextBelow(2_000),
        2 when twin.Count > 0 => twin.Keys.ElementAt((int)dice.NextBelow(twin.Count)),
        3 when twin.Count > 0 => twin.Keys.Last(),
        _ => middle - dice.NextBelow(60),
    };

    private static bool SetInTwin(
        SortedDictionary<long, long> twin, long price, long quantity, int capacity, LadderDefect defect)
    {
        bool isFar = twin.Count > 0 && price < twin.Keys.Last() - 4_096;
        if (isFar && (defect == LadderDefect.ForgetsFarLevels || (defect == LadderDefect.KeepsRemovedFarLevels && quantity == 0)))
        {
            return false;
        }

        price = defect == LadderDefect.TakesNeighbours && price % 4_096 == 0 ? price + 1 : price;
        twin.Remove(price);
        if (quantity == 0)
        {
            return false;
        }

        twin[price] = quantity;
        if (twin.Count <= capacity)
        {
            return false;
        }

        twin.Remove(defect == LadderDefect.DropsTheNewLevelWhenFull ? price : twin.Keys.First());
        return true;
    }

    private static string? Difference(Book book, SortedDictionary<long, long> twin, long dropped, long middle)
    {
        if (book.BidCount != twin.Count || book.Dropped != dropped)
        {
            return $"{book.BidCount} levels and {book.Dropped} dropped instead of {twin.Count} and {dropped}";
        }

        int depth = 0;
        long sum = 0;
        foreach ((long price, long quantity) in twin.Reverse())
        {
            sum += quantity;
            if (book.LevelAt(Side.Buy, depth) != new BookLevel(price, quantity)
                || book.QuantityAt(Side.Buy, price) != quantity
                || (depth % 7 == 0 && book.QuantityUpTo(Side.Buy, price) != sum))
            {
                return $"level {depth} at {price}";
            }

            depth++;
            if (depth % 7 == 0 && book.QuantityOfBest(Side.Buy, depth) != sum)
            {
                return $"sum of {depth} levels";
            }
        }

        for (long price = middle - 70; price < middle + 10; price++)
        {
            if (book.QuantityAt(Side.Buy, price) != twin.GetValueOrDefault(price))
            {
                return $"quantity at {price}";
            }
        }

        return twin.Count == 0 || (book.BestBidPrice == twin.Keys.Last() && book.WorstPrice(Side.Buy) == twin.Keys.First()
            && book.BestBidQuantity == twin[book.BestBidPrice])
            ? null
            : "ends";
    }
}
