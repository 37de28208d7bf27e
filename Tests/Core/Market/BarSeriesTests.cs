using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Market;

public sealed class BarSeriesTests
{
    private const long Minute = 100;
    private static readonly InstrumentId One = new(1);

    [Fact]
    public void A_bar_holds_what_its_prints_say()
    {
        MarketView view = View(grace: 0);
        Apply(view, Make.Quote(1, 500, 9, 1, 10, 1));
        Apply(view, Make.Trade(1, 500, 10, 3));
        Apply(view, Make.Trade(1, 540, 14, 1));
        Apply(view, Make.Trade(1, 599, 8, 2));
        Assert.Equal(0, view[One].Bars(Minute)!.Count);
        Assert.Equal(1, Apply(view, Make.Tick(600)));
        Assert.True(view[One].Bars(Minute)!.TryBar(0, out Bar bar));
        Assert.Equal((500L, 100L), (bar.StartTime, bar.Timeframe));
        Assert.Equal((10L, 14L, 8L, 8L), (bar.Open, bar.High, bar.Low, bar.Close));
        Assert.Equal((6L, (10L * 3) + 14 + (8 * 2), 3L), (bar.Volume, bar.Turnover, bar.TradeCount));
    }

    [Fact]
    public void A_bar_closes_by_any_event_at_or_after_its_end_and_grace_and_not_before()
    {
        foreach (Event closing in new[]
        {
            Make.Tick(620), Make.Trade(2, 620, 1), Make.Epoch(620), Make.Stream(0, 620, StreamState.Down),
            Make.Definition(3, 620), Make.Trade(60, 620, 1), Make.Trade(1, 5_000_000, 7),
        })
        {
            MarketView view = View(grace: 20);
            Apply(view, Make.Trade(1, 500, 10));
            Apply(view, Make.Trade(1, 510, 10));
            Assert.Equal(0, Apply(view, Make.Tick(619)));
            Assert.Equal(1, Apply(view, closing));
            Assert.Equal(500, view.ClosedBars[0].Bar.StartTime);
            Assert.Equal(Minute, view.ClosedBars[0].Timeframe);
            Assert.Equal(0, Apply(view, Make.Tick(closing.ReceivedAt)));
        }
    }

    [Fact]
    public void Within_the_grace_prints_go_to_the_bar_of_their_venue_time()
    {
        MarketView view = View(grace: 20);
        Apply(view, Make.Trade(1, 500, 10));
        Apply(view, Make.Trade(1, 605, 20, venueTime: 602));
        Apply(view, Make.Trade(1, 610, 11, venueTime: 598));
        Apply(view, Make.Trade(1, 619, 12, venueTime: 599));
        Assert.Equal(1, Apply(view, Make.Trade(1, 620, 13, venueTime: 599)));
        Assert.Equal((12L, 3L), (view.ClosedBars[0].Bar.Close, view.ClosedBars[0].Bar.TradeCount));
        Assert.Equal(1, view[One].Bars(Minute)!.LateTrades);
        Assert.Equal(1, Apply(view, Make.Tick(720)));
        Assert.Equal((20L, 1L), (view.ClosedBars[0].Bar.Open, view.ClosedBars[0].Bar.TradeCount));
    }

    [Fact]
    public void The_first_bar_starts_at_or_after_the_first_observation()
    {
        MarketView view = View(grace: 0);
        Apply(view, Make.Trade(1, 501, 10));
        Apply(view, Make.Trade(1, 602, 11));
        Assert.Equal(0, view[One].Bars(Minute)!.Count);
        Assert.Equal(1, Apply(view, Make.Tick(700)));
        Assert.Equal(600, view.ClosedBars[0].Bar.StartTime);
    }

    [Fact]
    public void A_venue_clock_ahead_of_ours_does_not_make_a_partial_bar_look_whole()
    {
        MarketView view = View(grace: 0);
        Apply(view, Make.Trade(1, 598, 10, venueTime: 603));
        Assert.Equal(0, Apply(view, Make.Tick(700)));
        Apply(view, Make.Trade(1, 705, 10, venueTime: 701));
        Assert.Equal(1, Apply(view, Make.Tick(800)));
    }

    [Theory]
    [InlineData(StreamState.Down, 1)]
    [InlineData(StreamState.Gap, 1)]
    [InlineData(StreamState.Down, 0)]
    public void An_interruption_discards_the_forming_bar_and_waits_for_a_whole_one(StreamState state, int whom)
    {
        MarketView view = View(grace: 0);
        Apply(view, Make.Trade(1, 500, 10));
        Apply(view, Make.Stream(whom, 550, state));
        Apply(view, Make.Stream(whom, 560, StreamState.Up));
        Apply(view, Make.Trade(1, 570, 11));
        Assert.Equal(0, Apply(view, Make.Trade(1, 600, 12)));
        Assert.Equal(1, Apply(view, Make.Tick(700)));
        Assert.Equal((600L, 12L), (view.ClosedBars[0].Bar.StartTime, view.ClosedBars[0].Bar.Open));
    }

    [Fact]
    public void An_interval_without_prints_makes_no_bar()
    {
        MarketView view = View(grace: 0);
        Apply(view, Make.Trade(1, 500, 10));
        Apply(view, Make.Trade(1, 900, 11));
        Apply(view, Make.Tick(1_000));
        BarSeries series = view[One].Bars(Minute)!;
        Assert.Equal(2, series.Count);
        Assert.True(series.TryBar(0, out Bar newest) && series.TryBar(1, out Bar older));
        Assert.True(series.TryBar(1, out older));
        Assert.Equal((900L, 500L), (newest.StartTime, older.StartTime));
    }

    [Fact]
    public void A_turnover_beyond_64_bits_is_given_as_none()
    {
        MarketView view = View(grace: 0);
        Apply(view, Make.Trade(1, 500, long.MaxValue / 2, 2));
        Apply(view, Make.Trade(1, 501, 5, 2));
        Apply(view, Make.Tick(600));
        Assert.Equal((0L, 4L), (view.ClosedBars[0].Bar.Turnover, view.ClosedBars[0].Bar.Volume));
    }

    [Fact]
    public void Imported_bars_are_taken_at_their_end_and_silence_the_builder()
    {
        MarketView view = View(grace: 0);
        Apply(view, Make.Trade(1, 500, 10));
        Assert.Equal(1, Apply(view, Make.Bar(1, 600, 500, Minute, 33)));
        Assert.Equal(33, view.ClosedBars[0].Bar.Close);
        Apply(view, Make.Trade(1, 610, 10));
        Assert.Equal(0, Apply(view, Make.Tick(900)));
        BarSeries series = view[One].Bars(Minute)!;
        Assert.True(series.IsImported);
        Assert.Equal((1, 0L, 0L), (series.Count, series.RefusedBars, series.LateTrades));
    }

    [Fact]
    public void A_bar_published_before_its_end_or_twice_is_refused()
    {
        MarketView view = View(grace: 0);
        Assert.Equal(0, Apply(view, Make.Bar(1, 599, 500, Minute, 33)));
        Assert.Equal(1, Apply(view, Make.Bar(1, 600, 500, Minute, 34)));
        Assert.Equal(0, Apply(view, Make.Bar(1, 601, 500, Minute, 35)));
        Assert.Equal(0, Apply(view, Make.Bar(1, 602, 400, Minute, 36)));
        Assert.Equal((1, 3L), (view[One].Bars(Minute)!.Count, view[One].Bars(Minute)!.RefusedBars));
        Assert.True(view[One].TryReferencePrice(out long price));
        Assert.Equal(34, price);
    }

    [Fact]
    public void Bars_of_a_source_do_not_mix_into_a_series_built_here()
    {
        MarketView view = View(grace: 0);
        Apply(view, Make.Trade(1, 500, 10));
        Apply(view, Make.Tick(600));
        Assert.Equal(0, Apply(view, Make.Bar(1, 700, 600, Minute, 33)));
        Assert.Equal((1, 1L), (view[One].Bars(Minute)!.Count, view[One].Bars(Minute)!.MixedBars));
        Assert.False(view[One].Bars(Minute)!.IsImported);
    }

    [Fact]
    public void The_ring_keeps_the_newest_bars()
    {
        MarketView view = View(grace: 0, capacity: 3);
        for (long i = 0; i < 10; i++)
        {
            Apply(view, Make.Trade(1, 500 + (i * Minute), i));
        }

        BarSeries series = view[One].Bars(Minute)!;
        List<long> closes = [];
        for (int ago = 0; series.TryBar(ago, out Bar bar); ago++)
        {
            closes.Add(bar.Close);
        }

        Assert.Equal([8, 7, 6], closes);
    }

    [Fact]
    public void Bars_that_close_together_come_by_instrument_timeframe_and_start()
    {
        MarketView view = new([Minute, 10], 0);
        for (int i = 3; i >= 1; i--)
        {
            view.Apply(Make.Definition(i, 0));
        }

        foreach (int instrument in new[] { 3, 1, 2 })
        {
            view.Apply(Make.Trade(instrument, 500, 1));
        }

        view.Apply(Make.Trade(3, 500, 1, venueTime: 510));
        view.Apply(Make.Tick(10_000));
        List<string> order = [];
        foreach (ClosedBar bar in view.ClosedBars)
        {
            order.Add($"{bar.Instrument.Value}/{bar.Timeframe}/{bar.Bar.StartTime}");
        }

        Assert.Equal(
            ["1/100/500", "1/10/500", "2/100/500", "2/10/500", "3/100/500", "3/10/500", "3/10/510"], order);
    }

    [Fact]
    public void Timeframes_and_grace_out_of_range_are_refused_at_construction()
    {
        Assert.Throws<BrokenInvariantException>(() => new MarketView([0], 0));
        Assert.Throws<BrokenInvariantException>(() => new MarketView([10, 10], 0));
        Assert.Throws<BrokenInvariantException>(() => new MarketView([10], -1));
        Assert.Throws<BrokenInvariantException>(() => new MarketView([10], 160));
        Assert.Throws<BrokenInvariantException>(() => new MarketView([1, 2, 3, 4, 5, 6, 7, 8, 9], 0));
        Assert.Throws<BrokenInvariantException>(() => new MarketView([10], 0, 0));
        Assert.Equal(0, new MarketView([10], 159).Count);
    }

    private static MarketView View(long grace, int capacity = BarSeries.DefaultCapacity)
    {
        MarketView view = new([Minute], grace, capacity);
        view.Apply(Make.Definition(1, 0));
        return view;
    }

    private static int Apply(MarketView view, Event e)
    {
        view.Apply(e);
        return view.ClosedBars.Length;
    }
}
