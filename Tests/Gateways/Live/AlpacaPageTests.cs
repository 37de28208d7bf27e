using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>Alpaca's one list in pages, of working orders: it goes on by time, and what was submitted at once may span pages.</summary>
public sealed class AlpacaPageTests
{
    private const int Limit = 500;
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

    private void Submit(int count, int atOnce)
    {
        for (int i = 0; i < count; i++)
        {
            _venue.Submitted.Add(Before + (i / atOnce * 1_001));
        }
    }

    private Event[] Group()
    {
        int end = _events.FindLastIndex(e => e.Kind == EventKind.ReadBack
            && e.ReadBack.Subject == ReadBackSubject.Orders && e.ReadBack.Stage == ReadBackStage.End);
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
