using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Market;

public sealed class BarPropertyTests
{
    // Instrument 1 gets no bars from a source and no new units: it is built here throughout.
    private const int Built = 1;

    [Fact]
    public void Built_bars_equal_an_independent_builder_bar_by_bar_and_event_by_event() =>
        Steps.ForAll(600, 150, steps => Agrees(RandomMarket.Events(steps), BarDefect.None));

    [Theory]
    [InlineData(BarDefect.AppliesLateTrades)]
    [InlineData(BarDefect.EmitsPartialBars)]
    [InlineData(BarDefect.BucketsByReceipt)]
    [InlineData(BarDefect.IgnoresGrace)]
    [InlineData(BarDefect.KeepsBarsOverInterruptions)]
    [InlineData(BarDefect.CountsSuspiciousTrades)]
    [InlineData(BarDefect.BelievesEveryVenueClock)]
    public void The_comparison_catches_a_planted_defect(BarDefect defect) =>
        Assert.ThrowsAny<Exception>(() => Steps.ForAll(600, 150, steps => Agrees(RandomMarket.Events(steps), defect)));

    [Fact]
    public void The_steps_make_bars_late_trades_and_early_ones()
    {
        List<Event> events = RandomMarket.Events(RandomMarket.Dice(3, 5_000));
        MarketView view = new(RandomMarket.Timeframes, RandomMarket.Grace, 64);
        int closed = 0;
        int together = 0;
        int imported = 0;
        int built = 0;
        foreach (Event e in events)
        {
            view.Apply(e);
            closed += view.ClosedBars.Length;
            together = Math.Max(together, view.ClosedBars.Length);
            imported += view[new InstrumentId(3)].Bars(10) is { IsImported: true } ? 1 : 0;
            built += view[new InstrumentId(3)].Bars(10) is { IsImported: false, Count: > 0 } ? 1 : 0;
        }

        BarSeries series = view[new InstrumentId(Built)].Bars(10)!;
        Assert.True(closed > 500);
        Assert.True(together > 4);
        Assert.True(series.LateTrades > 50);
        Assert.True(series.FutureTrades > 5);
        Assert.Equal(64, series.Count);
        Assert.True(imported > 50);
        Assert.True(built > 50);
    }

    [Fact]
    public void History_is_never_ready_beyond_its_end_and_never_shows_a_bar_that_could_still_change() =>
        Steps.ForAll(400, 100, steps =>
        {
            MarketView view = new(RandomMarket.Timeframes, RandomMarket.Grace, 5);
            foreach (Event e in RandomMarket.Events(steps))
            {
                view.Apply(e);
                CheckHistory(view, e.ReceivedAt);
            }

            return true;
        });

    [Fact]
    public void Changing_the_future_leaves_past_bars_equal() =>
        Steps.ForAll(400, 100, steps =>
        {
            List<Event> events = RandomMarket.Events(steps);
            int split = events.Count / 2;
            List<Event> other = events.Take(split).ToList();
            for (int i = split; i < events.Count; i++)
            {
                Event changed = events[i];
                if (changed.Kind == EventKind.Trade)
                {
                    changed.Trade.Price += 1_000;
                    changed.VenueTime = 0;
                }

                other.Add(changed);
            }

            List<Bar>[] first = Recorded(events, split);
            List<Bar>[] second = Recorded(other, split);
            return first[0].SequenceEqual(second[0]) && StillThere(first) && StillThere(second);
        });

    private static bool Agrees(List<Event> events, BarDefect defect)
    {
        MarketView view = new(RandomMarket.Timeframes, RandomMarket.Grace);
        List<(int, Bar)> actual = [];
        for (int i = 0; i < events.Count; i++)
        {
            view.Apply(events[i]);
            foreach (ClosedBar closed in view.ClosedBars)
            {
                if (closed.Instrument.Value == Built)
                {
                    actual.Add((i, closed.Bar));
                }
            }
        }

        foreach (long timeframe in RandomMarket.Timeframes)
        {
            NaiveBars naive = new(events, defect);
            List<(int, Bar)> expected = naive.Build(Built, timeframe, RandomMarket.Grace);
            BarSeries series = view[new InstrumentId(Built)].Bars(timeframe)!;
            if (!actual.Where(bar => bar.Item2.Timeframe == timeframe).SequenceEqual(expected)
                || series.LateTrades != naive.LateTrades
                || series.FutureTrades != naive.FutureTrades
                || !History(series).SequenceEqual(expected.Select(bar => bar.Item2)))
            {
                return false;
            }
        }

        return true;
    }

    private static void CheckHistory(MarketView view, long now)
    {
        for (int i = 1; i <= RandomMarket.Instruments; i++)
        {
            foreach (long timeframe in RandomMarket.Timeframes)
            {
                if (view[new InstrumentId((ushort)i)].Bars(timeframe) is not { } series)
                {
                    continue;
                }

                foreach (int beyond in new[] { -1, int.MinValue, series.Count, series.Count + 1, 5, int.MaxValue })
                {
                    Assert.False(series.TryBar(beyond, out Bar none));
                    Assert.Equal(default, none);
                }

                long later = long.MaxValue;
                foreach (Bar bar in History(series).Reverse())
                {
                    long settled = bar.StartTime + timeframe + (series.IsImported ? 0 : RandomMarket.Grace);
                    Assert.True(settled <= now, "a bar is visible before it is settled");
                    Assert.True(bar.StartTime < later, "bars out of order");
                    later = bar.StartTime;
                }
            }
        }
    }

    // The bars closed before the split, and those of the same history as the series shows them at the end.
    private static List<Bar>[] Recorded(List<Event> events, int split)
    {
        MarketView view = new(RandomMarket.Timeframes, RandomMarket.Grace, 4_096);
        List<Bar> before = [];
        for (int i = 0; i < events.Count; i++)
        {
            view.Apply(events[i]);
            foreach (ClosedBar closed in view.ClosedBars)
            {
                if (i < split && closed.Instrument.Value == Built)
                {
                    before.Add(closed.Bar);
                }
            }
        }

        return
        [
            before,
            RandomMarket.Timeframes.SelectMany(t => History(view[new InstrumentId(Built)].Bars(t)!)).ToList(),
        ];
    }

    private static bool StillThere(List<Bar>[] recorded) => recorded[0].All(recorded[1].Contains);

    private static IEnumerable<Bar> History(BarSeries series)
    {
        for (int i = series.Count - 1; i >= 0; i--)
        {
            Assert.True(series.TryBar(i, out Bar bar));
            yield return bar;
        }
    }
}
