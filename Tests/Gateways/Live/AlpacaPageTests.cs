using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>
/// Alpaca's lists in pages: working orders go on by time, and what was submitted at once may span pages; fills go on behind the last
/// one of the page before.
/// </summary>
public sealed class AlpacaPageTests
{
    private const int Limit = 500;
    private const int FillLimit = 100;
    private const long Before = 1_785_900_000L * VirtualClock.Second;

    private readonly VirtualClock _clock = new();
    private readonly FakeAlpaca _venue;
    private readonly AlpacaVenue _account;
    private readonly List<Event> _events = [];

    public AlpacaPageTests()
    {
        _venue = new FakeAlpaca(_clock);
        _account = new AlpacaVenue(
            new AlpacaSettings
            {
                Hosts = new AlpacaHosts("http://host", "ws://host/stream", "ws://host/v2/iex", "ws://host/crypto"),
                Instance = 7,
                Instruments = [new AlpacaInstrument(new InstrumentId(1), "AAPL", InstrumentKind.Equity)],
                RequestsPerMinute = 10_000,
            },
            new Credentials("key"u8, "secret"u8),
            new InstrumentTable(),
            new VirtualNet(_clock, _venue),
            new KillLatch());
    }

    public static TheoryData<int, int> Sizes
    {
        get
        {
            TheoryData<int, int> sizes = [];
            foreach (int count in (int[])[0, 1, Limit - 1, Limit, Limit + 1, 25 * Limit])
            {
                // One after the other, and so many in the same instant.
                sizes.Add(count, 1);
                sizes.Add(count, 7);
            }

            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_order_is_in_the_group_once(int count, int atOnce)
    {
        Submit(count, atOnce);
        Assert.True(RunUntil(() => _account.IsReady), "not read: " + _account.Gate);
        Event[] group = Group();
        Assert.Equal((ReadBackStage.End, count), (group[^1].ReadBack.Stage, group[^1].ReadBack.Items));
        Assert.Equal(
            Enumerable.Range(1, count).Select(i => (ulong)i),
            group[1..^1].Select(e => e.OrderReport.VenueOrder.Low & 0xffff_ffff_ffff));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(25)]
    public void A_page_that_fails_for_good_fails_the_whole(int page)
    {
        Submit(25 * Limit, 1);
        _venue.FailsAt = page;
        Run(20 * VirtualClock.Second);
        Assert.False(_account.IsReady);
        Assert.Contains(_events, e => e.Kind == EventKind.ReadBack && e.ReadBack is { Stage: ReadBackStage.Failed, Subject: ReadBackSubject.Orders });
        Assert.DoesNotContain(_events, e => e.Kind == EventKind.OrderReport);
        _venue.FailsAt = -1;
        Assert.True(RunUntil(() => _account.IsReady), "not read: " + _account.Gate);
        Assert.Equal(25 * Limit, Group()[^1].ReadBack.Items);
    }

    [Fact]
    public void A_page_that_fails_once_is_asked_for_again()
    {
        Submit(3 * Limit, 1);
        _venue.FailsAt = 2;
        _venue.FailsTimes = 2;
        Assert.True(RunUntil(() => _account.IsReady), "not read: " + _account.Gate);
        Assert.Equal(3 * Limit, Group()[^1].ReadBack.Items);
        Assert.Equal(0, _account.ReadBackFailures);
    }

    [Fact]
    public void A_list_that_does_not_go_on_fails_instead_of_going_round()
    {
        // The venue gives the first page again and again; more orders of one instant than a page has are the same to it.
        Submit(2 * Limit, 1);
        _venue.GoesRound = true;
        Run(10 * VirtualClock.Second);
        Assert.False(_account.IsReady);
        Assert.InRange(_venue.Pages.Count, 1, 4);
        Assert.DoesNotContain(_events, e => e.Kind == EventKind.OrderReport);
        _venue.GoesRound = false;
        _venue.Submitted.Clear();
        Submit(2 * Limit, 2 * Limit);
        Run(40 * VirtualClock.Second);
        Assert.False(_account.IsReady);
        Assert.DoesNotContain(_events, e => e.Kind == EventKind.OrderReport);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(FillLimit - 1)]
    [InlineData(FillLimit)]
    [InlineData(FillLimit + 1)]
    [InlineData(25 * FillLimit)]
    public void Every_fill_of_an_order_of_ours_is_in_the_group_under_the_id_that_the_stream_gives_it(int count)
    {
        OrderId order = Own(count);
        Assert.True(RunUntil(() => _account.IsReady), "not read: " + _account.Gate);
        Event[] group = Group(ReadBackSubject.Executions);
        Assert.Equal((ReadBackStage.End, count), (group[^1].ReadBack.Stage, group[^1].ReadBack.Items));
        Event[] fills = group[1..^1];
        Assert.Equal(count, fills.Select(e => e.Execution.ExecutionId).Distinct().Count());
        Assert.All(fills, e => Assert.Equal(order, e.Execution.Order));
        if (count == 0)
        {
            return;
        }

        AlpacaTradeDecoder stream = new(Table(), 7);
        byte[] update = Encoding.UTF8.GetBytes($$"""{"stream":"trade_updates","data":{"event":"partial_fill","execution_id":"7e2ae69c-4edf-4800-a352-893d52b446aa","timestamp":"2026-08-06T15:01:41Z","price":"100","qty":"1","order":{"id":"00000000-0000-4000-8000-000000000001","client_order_id":"{{_venue.Link}}","symbol":"AAPL","side":"buy","qty":"{{count + 1}}","filled_qty":"{{count}}","limit_price":"100","status":"partially_filled","updated_at":"2026-08-06T15:01:41Z","submitted_at":"2026-08-06T15:01:41Z"} } }""");
        Assert.Equal(WireResult.Events, stream.Decode(update, 1).Result);
        Assert.Equal(fills[^1].Execution.ExecutionId, stream.Batch.Events[0].Execution.ExecutionId);
        Assert.Equal(order, stream.Batch.Events[0].Execution.Order);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(24)]
    [InlineData(25)]
    public void A_page_of_fills_that_fails_for_good_fails_the_whole(int page)
    {
        Own(25 * FillLimit);
        _venue.IsAboutFills = true;
        _venue.FailsAt = page;
        Run(20 * VirtualClock.Second);
        Assert.False(_account.IsReady);
        Assert.Contains(_events, e => e.Kind == EventKind.ReadBack && e.ReadBack is { Stage: ReadBackStage.Failed, Subject: ReadBackSubject.Executions });
        Assert.DoesNotContain(_events, e => e.Kind == EventKind.Execution);
        _venue.FailsAt = -1;
        Assert.True(RunUntil(() => _account.IsReady), "not read: " + _account.Gate);
        Assert.Equal(25 * FillLimit, Group(ReadBackSubject.Executions)[^1].ReadBack.Items);
    }

    [Fact]
    public void A_list_of_fills_that_does_not_go_on_fails_instead_of_going_round()
    {
        Own(3 * FillLimit);
        _venue.IsAboutFills = true;
        _venue.GoesRound = true;
        Run(10 * VirtualClock.Second);
        Assert.False(_account.IsReady);
        Assert.InRange(_venue.FillPages, 1, 4);
        Assert.DoesNotContain(_events, e => e.Kind == EventKind.Execution);
    }

    [Fact]
    public void Fills_of_orders_that_nobody_here_made_show_in_the_positions_alone()
    {
        Own(5);
        _venue.Link = "by-hand";
        Assert.True(RunUntil(() => _account.IsReady), "not read: " + _account.Gate);
        Assert.Equal(5, Group(ReadBackSubject.Executions)[^1].ReadBack.Items);
        Assert.DoesNotContain(_events, e => e.Kind == EventKind.Execution);
    }

    /// <summary>An order of ours that works, with fills.</summary>
    private OrderId Own(int fills)
    {
        OrderId order = OrderId.Of(3, 1_000, 0);
        byte[] text = new byte[36];
        _venue.Link = Encoding.ASCII.GetString(text, 0, order.Format(7, text));
        Submit(1, 1);
        _venue.Fills = fills;
        return order;
    }

    private InstrumentTable Table()
    {
        InstrumentTable table = new();
        table.Define(new InstrumentId(1), _events.First(e => e.Kind == EventKind.InstrumentDefined).InstrumentDefined);
        return table;
    }

    private void Submit(int count, int atOnce)
    {
        for (int i = 0; i < count; i++)
        {
            _venue.Submitted.Add(Before + (i / atOnce * 1_001));
        }
    }

    private Event[] Group(ReadBackSubject subject = ReadBackSubject.Orders)
    {
        int end = _events.FindLastIndex(e => e.Kind == EventKind.ReadBack
            && e.ReadBack.Subject == subject && e.ReadBack.Stage == ReadBackStage.End);
        int begin = _events.FindLastIndex(end, e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.Begin);
        return [.. _events[begin..(end + 1)]];
    }

    private void Run(long nanoseconds) => RunUntil(() => false, nanoseconds);

    private bool RunUntil(Func<bool> condition, long longest = 120 * VirtualClock.Second)
    {
        for (long end = _clock.Now + longest; !condition();)
        {
            if (_clock.Now >= end)
            {
                return false;
            }

            _clock.Advance(10 * VirtualClock.Millisecond);
            Event e = default;
            while (_account.Poll(_clock.Now, ref e))
            {
                _events.Add(e);
                _account.OnEvent(e);
            }
        }

        return true;
    }
}
