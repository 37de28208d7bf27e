using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Market;

public sealed class BookTests
{
    /// <summary>
    /// One case a line: messages, and what the book is after them. <c>S</c> snapshot, <c>D</c> difference; first number
    /// its update, second the update that it follows; <c>(</c> First, <c>)</c> Last; then levels b/a price x quantity.
    /// </summary>
    [Theory]
    [InlineData("(S1,0 b99x5 a101x7)", "ready 99x5 101x7")]
    [InlineData("(D1,0 b99x5 a101x7)", "waiting")]
    [InlineData("(S1,0 b99x5 a101x7", "waiting")]
    [InlineData("(S1,0 b99x5|S1,0 a101x7)", "ready 99x5 101x7")]
    [InlineData("(S1,0 b99x5|S1,0 a101x7|S1,0 a101x8)", "ready 99x5 101x8")]
    [InlineData("(S1,0 b99x5 a101x7)|(D2,1 b99x0 b98x1)", "ready 98x1 101x7")]
    [InlineData("(S1,0 b99x5 a101x7)|(D2,0 b99x6)", "ready 99x6 101x7")]
    [InlineData("(S0,0 b99x5 a101x7)|(D0,0 b99x6)", "ready 99x6 101x7")]
    [InlineData("(S1,0 b99x5 a101x7)|(D3,2 b99x6)", "waiting gaps1")]
    [InlineData("(S5,0 b99x5 a101x7)|(D4,0 b99x6)", "waiting gaps1")]
    [InlineData("(S5,0 b99x5 a101x7)|(D5,0 b99x6)", "ready 99x6 101x7")]
    [InlineData("(S5,0 b99x5 a101x7)|(S1,0 b98x2 a100x3)", "ready 98x2 100x3")]
    [InlineData("(S1,0 b99x5 a101x7)|(D3,2 b99x6)|(D4,3 b99x6)", "waiting gaps1")]
    [InlineData("(S1,0 b99x5 a101x7)|(D3,2 b99x6)|(S4,0 b97x1 a99x1)", "ready 97x1 99x1 gaps1")]
    [InlineData("(S1,0 b99x5 a101x7)|(D2,1 b101x1)", "waiting crossed1")]
    [InlineData("(S1,0 b99x5 a101x7)|(D2,1 b102x1)", "waiting crossed1")]
    [InlineData("(S1,0 b99x5 a101x7)|(D2,1 b101x1|D2,1 a101x0 a102x1)", "ready 101x1 102x1")]
    [InlineData("(S1,0 b101x5 a101x7)", "waiting crossed1")]
    [InlineData("(S1,0 b101x5 a101x7)|(D2,1 b101x0)", "waiting crossed1")]
    [InlineData("(S1,0 b99x5 a101x7)|(D2,1 b98x1|(D3,2 b97x1)", "waiting cuts1")]
    [InlineData("(S1,0 b99x5 a101x7|(S2,0 b98x5 a102x7)", "ready 98x5 102x7 cuts1")]
    [InlineData("(S1,0 b99x5 a101x7)|D2,1 b98x1)", "waiting cuts1")]
    [InlineData("(S1,0 b99x5 a101x7)|(D2,1 b98x1|D3,2 b97x1)", "waiting cuts1")]
    [InlineData("(S1,0 b99x5 a101x7)|(D2,1 b98x-1)", "waiting malformed1")]
    [InlineData("(S1,0 b99x5)", "ready 99x5 0x0 onesided")]
    [InlineData("(S1,0 b99x5 a101x7)|(D2,1 a101x0)", "ready 99x5 0x0 onesided")]
    [InlineData("(S1,0 b99x5 a101x7)|(S2,0)", "ready 0x0 0x0 onesided")]
    public void Groups_gaps_and_contradictions(string messages, string expected)
    {
        Book book = new();
        foreach (string message in messages.Split('|'))
        {
            book.Apply(Parse(message));
        }

        string actual = book.IsReady
            ? $"ready {book.BestBidPrice}x{book.BestBidQuantity} {book.BestAskPrice}x{book.BestAskQuantity}"
            : "waiting";
        actual += book.IsReady && !book.HasBothSides ? " onesided" : "";
        actual += book.Gaps > 0 ? $" gaps{book.Gaps}" : "";
        actual += book.Cuts > 0 ? $" cuts{book.Cuts}" : "";
        actual += book.Crossed > 0 ? $" crossed{book.Crossed}" : "";
        actual += book.Malformed > 0 ? $" malformed{book.Malformed}" : "";
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void A_book_known_to_be_wrong_shows_no_levels()
    {
        Book book = new();
        book.Apply(Parse("(S1,0 b99x5 a101x7)"));
        book.Apply(Parse("(D3,2 b99x6)"));
        Assert.Equal((0, 0), (book.BidCount, book.AskCount));
        Assert.Equal((0L, 0L), (book.BestBidPrice, book.QuantityUpTo(Side.Sell, 200)));
        Assert.True(book.HasData);
        Assert.Equal(1, book.Ignored);
    }

    [Fact]
    public void Cutting_an_open_group_waits_for_a_snapshot_and_a_closed_one_is_left_alone()
    {
        Book book = new();
        book.Apply(Parse("(S1,0 b99x5 a101x7)"));
        book.CutOpenGroup();
        Assert.True(book.IsReady);
        book.Apply(Parse("(D2,1 b98x1"));
        book.CutOpenGroup();
        Assert.False(book.IsReady);
        Assert.False(book.IsGroupOpen);
        Assert.Equal(1, book.Cuts);
        book.Apply(Parse("(D3,2 b98x1)"));
        Assert.False(book.IsReady);
    }

    [Fact]
    public void The_deepest_level_makes_room_and_is_counted()
    {
        Book book = new(3);
        book.SetLevel(Side.Buy, 10, 1);
        book.SetLevel(Side.Buy, 12, 1);
        book.SetLevel(Side.Buy, 14, 1);
        book.SetLevel(Side.Buy, 13, 1);
        Assert.Equal((14L, 13L, 12L), (Price(book, 0), Price(book, 1), Price(book, 2)));
        book.SetLevel(Side.Buy, 9, 1);
        book.SetLevel(Side.Buy, 15, 1);
        Assert.Equal((15L, 14L, 13L), (Price(book, 0), Price(book, 1), Price(book, 2)));
        Assert.Equal(3, book.Dropped);
        book.SetLevel(Side.Buy, 14, 0);
        book.SetLevel(Side.Buy, 1, 1);
        Assert.Equal((15L, 13L, 1L), (Price(book, 0), Price(book, 1), Price(book, 2)));
    }

    [Fact]
    public void Prices_may_be_negative()
    {
        Book book = new();
        book.Apply(Parse("(S1,0 b-3x5 a-1x7 a2x1)"));
        Assert.Equal((-3L, -1L), (book.BestBidPrice, book.BestAskPrice));
        Assert.Equal(8, book.QuantityUpTo(Side.Sell, 2));
    }

    [Fact]
    public void A_sum_beyond_64_bits_stops_the_engine()
    {
        Book book = new();
        book.SetLevel(Side.Buy, 10, long.MaxValue);
        book.SetLevel(Side.Buy, 9, 1);
        Assert.Equal(long.MaxValue, book.QuantityUpTo(Side.Buy, 10));
        Assert.Throws<OverflowException>(() => book.QuantityUpTo(Side.Buy, 9));
    }

    [Fact]
    public void Arguments_that_cannot_be_are_broken_invariants()
    {
        Book book = new();
        Assert.Throws<BrokenInvariantException>(() => book.SetLevel(Side.None, 1, 1));
        Assert.Throws<BrokenInvariantException>(() => book.SetLevel(Side.Buy, 1, -1));
        Assert.Throws<BrokenInvariantException>(() => book.LevelAt(Side.Buy, 0));
        Assert.Throws<BrokenInvariantException>(() => book.LevelAt(Side.Buy, -1));
        Assert.Throws<BrokenInvariantException>(() => book.Apply(Make.Tick(1)));
        Assert.Throws<BrokenInvariantException>(() => new Book(Limits.BookLevels + 1));
    }

    private static long Price(Book book, int depth) => book.LevelAt(Side.Buy, depth).Price;

    private static Event Parse(string message)
    {
        EventFlags flags = message.StartsWith('(') ? EventFlags.First : EventFlags.None;
        flags |= message.EndsWith(')') ? EventFlags.Last : EventFlags.None;
        string[] words = message.Trim('(', ')').Split(' ');
        flags |= words[0][0] == 'S' ? EventFlags.Snapshot : EventFlags.None;
        string[] ids = words[0][1..].Split(',');
        (Side, long, long)[] levels = new (Side, long, long)[words.Length - 1];
        for (int i = 0; i < levels.Length; i++)
        {
            string[] level = words[i + 1][1..].Split('x');
            levels[i] = (words[i + 1][0] == 'b' ? Side.Buy : Side.Sell, Number(level[0]), Number(level[1]));
        }

        return Make.Levels(1, 1, flags, Number(ids[0]), Number(ids[1]), levels);
    }

    private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
