using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using Xunit;

namespace LowLatency.Tests.Core.Events;

public sealed class LevelPackerTests
{
    private const long UpdateId = 77;
    private const long PreviousUpdateId = 70;

    public enum Defect
    {
        None,
        LosesTheLastLevel,
        SwapsASide,
        WrapsAQuantity,
        ForgetsTheLastFlag,
        ForgetsTheUpdateId,
        MarksEveryPartFirst,
    }

    [Fact]
    public void Unpacking_what_was_packed_gives_the_levels_back() =>
        Steps.ForAll(400, 300, steps => Violation(Levels(steps), Defect.None) is null);

    [Theory]
    [InlineData(Defect.LosesTheLastLevel)]
    [InlineData(Defect.SwapsASide)]
    [InlineData(Defect.WrapsAQuantity)]
    [InlineData(Defect.ForgetsTheLastFlag)]
    [InlineData(Defect.ForgetsTheUpdateId)]
    [InlineData(Defect.MarksEveryPartFirst)]
    public void The_comparison_catches_a_planted_defect(Defect defect) =>
        Assert.ThrowsAny<Exception>(() => Steps.ForAll(400, 300, steps => Violation(Levels(steps), defect) is null));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(8, 2)]
    [InlineData(14, 2)]
    [InlineData(1000, 143)]
    public void Levels_near_each_other_go_seven_to_an_event(int levels, int events)
    {
        List<LevelChange> near = [];
        for (int i = 0; i < levels; i++)
        {
            near.Add(new LevelChange(i % 2 == 0 ? Side.Buy : Side.Sell, 6_165_970 - (i * 10), i));
        }

        List<Event> packed = Pack(near);
        Assert.Equal(events, packed.Count);
        Assert.All(packed, e => Assert.Equal(0, e.BookLevels.Layout));
        Assert.Null(Difference(near, packed));
    }

    [Theory]
    [InlineData(0, uint.MaxValue, 0)]
    [InlineData(0, 1L + uint.MaxValue, 1)]
    [InlineData(0, -1, 1)]
    [InlineData(uint.MaxValue, 5, 0)]
    [InlineData(1L + uint.MaxValue, 5, 1)]
    [InlineData(int.MaxValue, 5, 0)]
    [InlineData(1L + int.MaxValue, 5, 0)]
    public void The_wide_layout_is_used_exactly_where_the_narrow_one_does_not_fit(
        long distance, long quantity, int layout)
    {
        List<LevelChange> levels = [new(Side.Buy, -3, quantity), new(Side.Sell, distance - 3, 5)];
        List<Event> packed = Pack(levels);
        Assert.Null(Difference(levels, packed));
        Assert.Equal(layout, packed[0].BookLevels.Layout);
        Assert.Single(packed);
    }

    [Fact]
    public void Extreme_prices_and_quantities_survive()
    {
        List<LevelChange> levels = [];
        foreach (long value in new[] { long.MinValue, long.MaxValue, 0, -1, int.MinValue, uint.MaxValue })
        {
            levels.Add(new LevelChange(Side.Buy, value, long.MaxValue));
            levels.Add(new LevelChange(Side.Sell, long.MaxValue, value));
            levels.Add(new LevelChange(Side.Sell, long.MaxValue - uint.MaxValue, 1));
            levels.Add(new LevelChange(Side.Sell, long.MaxValue, 1));
            levels.Add(new LevelChange(Side.Sell, value, 1));
        }

        Assert.Null(Difference(levels, Pack(levels)));
    }

    [Fact]
    public void The_header_is_on_every_part_and_a_snapshot_is_marked()
    {
        LevelPacker packer = new(16);
        for (int i = 0; i < 9; i++)
        {
            Assert.True(packer.TryAdd(Side.Buy, i, i));
        }

        Event header = new()
        {
            ReceivedAt = 5,
            VenueTime = 4,
            Instrument = new InstrumentId(3),
            Source = EventSource.Binance,
            Flags = EventFlags.Synthetic | EventFlags.Whole,
        };
        packer.Complete(header, UpdateId, 0, snapshot: true);
        Event next = default;
        Assert.True(packer.TryTake(ref next));
        Assert.Equal(EventFlags.First | EventFlags.Snapshot | EventFlags.Synthetic, next.Flags);
        Assert.Equal(
            (5L, 4L, 3, EventSource.Binance), (next.ReceivedAt, next.VenueTime, next.Instrument.Value, next.Source));
        Assert.True(packer.TryTake(ref next));
        Assert.Equal(EventFlags.Last | EventFlags.Snapshot | EventFlags.Synthetic, next.Flags);
        Assert.Equal(
            (5L, 4L, 3, EventSource.Binance), (next.ReceivedAt, next.VenueTime, next.Instrument.Value, next.Source));
        Assert.Equal((UpdateId, 0L), (next.BookLevels.UpdateId, next.BookLevels.PreviousUpdateId));
        Assert.False(packer.TryTake(ref next));
    }

    [Fact]
    public void A_message_that_does_not_fit_is_refused_by_value()
    {
        LevelPacker packer = new(2);
        Assert.True(packer.TryAdd(Side.Buy, 1, 1));
        Assert.True(packer.TryAdd(Side.Buy, 2, 1));
        Assert.False(packer.TryAdd(Side.Buy, 3, 1));
        packer.Clear();
        Assert.True(packer.TryAdd(Side.Sell, 3, 1));
        Assert.Equal(1, packer.Levels.Length);
    }

    [Fact]
    public void Packing_allocates_nothing_after_construction()
    {
        LevelPacker packer = new(64);
        Event next = default;
        long Run()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int round = 0; round < 100; round++)
            {
                packer.Clear();
                for (int i = 0; i < 64; i++)
                {
                    packer.TryAdd(Side.Buy, (long)i << (i % 50), i);
                }

                packer.Complete(default, round, 0, snapshot: false);
                while (packer.TryTake(ref next))
                {
                }
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Run();
        Assert.Equal(0, Run());
    }

    private static List<Event> Pack(List<LevelChange> levels)
    {
        LevelPacker packer = new(2048);
        foreach (LevelChange level in levels)
        {
            Assert.True(packer.TryAdd(level.Side, level.Price, level.Quantity));
        }

        packer.Complete(default, UpdateId, PreviousUpdateId, snapshot: false);
        List<Event> events = [];
        Event next = default;
        while (packer.TryTake(ref next))
        {
            events.Add(next);
        }

        return events;
    }

    private static List<LevelChange> Levels(int[] steps)
    {
        List<LevelChange> levels = [];
        foreach (int step in steps)
        {
            Xoshiro256 dice = new((ulong)step);
            long price = Draw(ref dice);
            levels.Add(new LevelChange(dice.NextBelow(2) == 0 ? Side.Buy : Side.Sell, price, Draw(ref dice)));
        }

        return levels;
    }

    // Mostly small numbers, as markets have them; often the edges of a layout; at times anything.
    private static long Draw(ref Xoshiro256 dice) => dice.NextBelow(8) switch
    {
        < 5 => 6_000_000 + dice.NextBelow(100_000),
        5 => uint.MaxValue - 2 + dice.NextBelow(5),
        6 => int.MinValue + dice.NextBelow(5),
        _ => (long)dice.Next(),
    };

    private static string? Violation(List<LevelChange> levels, Defect defect)
    {
        List<Event> events = Pack(levels);
        Plant(events, defect);
        return Difference(levels, events);
    }

    private static string? Difference(List<LevelChange> levels, List<Event> events)
    {
        int index = 0;
        for (int part = 0; part < events.Count; part++)
        {
            Event e = events[part];
            EventFlags flags = (part == 0 ? EventFlags.First : 0) | (part == events.Count - 1 ? EventFlags.Last : 0);
            if (e.Flags != flags || e.Kind != EventKind.BookLevels)
            {
                return $"flags of part {part}";
            }

            if (e.BookLevels.UpdateId != UpdateId || e.BookLevels.PreviousUpdateId != PreviousUpdateId)
            {
                return $"update of part {part}";
            }

            for (int i = 0; i < e.BookLevels.Count; i++, index++)
            {
                LevelChange found = new(e.BookLevels.SideAt(i), e.BookLevels.PriceAt(i), e.BookLevels.QuantityAt(i));
                if (index >= levels.Count || levels[index] != found)
                {
                    return $"level {index}";
                }
            }
        }

        return index == levels.Count ? null : $"{index} levels of {levels.Count}";
    }

    private static void Plant(List<Event> events, Defect defect)
    {
        Event last = events[^1];
        switch (defect)
        {
            case Defect.LosesTheLastLevel:
                last.BookLevels.Count--;
                break;
            case Defect.SwapsASide:
                last.BookLevels.AskMask ^= 1;
                break;
            case Defect.ForgetsTheLastFlag:
                last.Flags &= ~EventFlags.Last;
                break;
            case Defect.ForgetsTheUpdateId:
                last.BookLevels.UpdateId = 0;
                break;
            case Defect.MarksEveryPartFirst:
                last.Flags |= EventFlags.First;
                break;
            case Defect.WrapsAQuantity:
                BookLevels wrapped = new() { UpdateId = UpdateId, PreviousUpdateId = PreviousUpdateId, Layout = 1 };
                for (int i = 0; i < Math.Min((int)last.BookLevels.Count, BookLevels.WideCapacity); i++)
                {
                    long quantity = last.BookLevels.QuantityAt(i);
                    wrapped.TryAdd(
                        last.BookLevels.SideAt(i), last.BookLevels.PriceAt(i), unchecked((uint)quantity) ^ 1u);
                }

                EventFlags flags = last.Flags;
                last.Set(wrapped);
                last.Flags = flags;
                break;
        }

        events[^1] = last;
    }
}
