using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>The account is read back whole or not at all: every page of every list, or a failure that says so.</summary>
public sealed class ReadBackTests
{
    private const int Limit = 50;

    public static TheoryData<int> Sizes => [0, 1, Limit - 1, Limit, Limit + 1, 25 * Limit, (25 * Limit) + 1];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_page_of_the_orders_is_in_the_group(int count)
    {
        LiveBench bench = new();
        Pages pages = new(count);
        bench.Venue.Override = pages.Answer;
        bench.Ready();
        Event[] group = GroupOf(bench, ReadBackSubject.Orders);
        Assert.Equal(count, group[^1].ReadBack.Items);
        Assert.Equal(ReadBackStage.End, group[^1].ReadBack.Stage);
        Assert.Equal(
            Enumerable.Range(0, count).Select(Pages.IdOf),
            group[1..^1].Select(e => e.OrderReport.VenueOrder));
        Assert.True(group[^1].ReadBack.AsOf > 0);
    }

    /// <summary>Positions go through the same pager: every page, or a failure that says so and publishes nothing.</summary>
    [Theory]
    [InlineData(1, -1)]
    [InlineData(2, -1)]
    [InlineData(9, -1)]
    [InlineData(9, 0)]
    [InlineData(9, 4)]
    [InlineData(9, 8)]
    public void Every_page_of_the_positions_is_in_the_group_or_none(int pages, int failsAt)
    {
        LiveBench bench = new();
        int asked = 0;
        bench.Venue.Override = path =>
        {
            if (!path.StartsWith("/v5/position/list", StringComparison.Ordinal))
            {
                return null;
            }

            int at = path.IndexOf("cursor=q%3A", StringComparison.Ordinal);
            int page = at < 0 ? 0 : int.Parse(path[(at + 11)..], CultureInfo.InvariantCulture);
            asked = Math.Max(asked, page + 1);
            string cursor = page + 1 < pages ? "q%3A" + (page + 1).ToString(CultureInfo.InvariantCulture) : "";
            return page == failsAt
                ? (503, "")
                : (200, $$"""{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[{"symbol":"BTCUSDT","side":"Buy","size":"0.{{page + 1}}","avgPrice":"65000","positionIdx":0,"updatedTime":"1785999999000"}],"nextPageCursor":"{{cursor}}"},"retExtInfo":{},"time":1786000000000}""");
        };
        if (failsAt < 0)
        {
            bench.Ready();
            Event[] group = GroupOf(bench, ReadBackSubject.Positions);
            Assert.Equal((ReadBackStage.End, pages), (group[^1].ReadBack.Stage, group[^1].ReadBack.Items));
            Assert.Equal(Enumerable.Range(1, pages).Select(page => 100L * page), group[1..^1].Select(e => e.PositionReport.Quantity));
            return;
        }

        bench.Run(10 * VirtualClock.Second);
        Assert.Equal(failsAt + 1, asked);
        Assert.False(bench.Account.IsReady);
        Assert.DoesNotContain(bench.Events, e => e.Kind == EventKind.PositionReport);
        Assert.DoesNotContain(bench.Events, e => e.Kind == EventKind.ReadBack
            && e.ReadBack is { Subject: ReadBackSubject.Positions, Stage: ReadBackStage.End });
        Assert.Contains(bench.Events, e => e.Kind == EventKind.ReadBack
            && e.ReadBack is { Subject: ReadBackSubject.Positions, Stage: ReadBackStage.Failed });
    }

    [Fact]
    public void Items_stand_between_begin_and_end_and_are_told_from_what_the_stream_says()
    {
        LiveBench bench = new LiveBench().Ready();
        OrderId order = bench.New();
        bench.Run(VirtualClock.Second);
        bench.OnEvent = _ => bench.Venue.Fill(bench.Venue.Orders[LiveBench.LinkOf(order)], 0.001m);
        bench.Run(100 * VirtualClock.Second);
        bool inside = false;
        int groups = 0;
        int items = 0;
        foreach (Event e in bench.Events)
        {
            if (e.Kind == EventKind.ReadBack)
            {
                Assert.Equal(inside, e.ReadBack.Stage != ReadBackStage.Begin);
                inside = e.ReadBack.Stage == ReadBackStage.Begin;
                groups += inside ? 1 : 0;
            }
            else if ((e.Flags & EventFlags.ReadBack) != 0)
            {
                Assert.True(inside);
                items++;
            }
        }

        Assert.True(groups >= 12 && items > 20);
        Assert.True(bench.Events.Zip(bench.Events.Skip(1)).All(pair => pair.First.ReceivedAt <= pair.Second.ReceivedAt));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(24)]
    public void A_page_that_fails_for_good_fails_the_whole(int page)
    {
        LiveBench bench = new();
        Pages pages = new(25 * Limit) { FailsAt = page };
        bench.Venue.Override = pages.Answer;
        bench.Run(10 * VirtualClock.Second);
        Assert.False(bench.Account.IsReady);
        Event[] marks = [.. bench.Events.Where(e => e.Kind == EventKind.ReadBack)];
        Assert.True(marks.Length >= 4);
        Assert.DoesNotContain(marks, e => e.ReadBack.Stage == ReadBackStage.End);
        Assert.Contains(marks, e => e.ReadBack is { Stage: ReadBackStage.Failed, Subject: ReadBackSubject.Orders });

        // No item of a list that is not whole is published.
        Assert.DoesNotContain(bench.Events, e => e.Kind == EventKind.OrderReport);
        Assert.Equal(
            bench.Events.Count(e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.Begin),
            bench.Events.Count(e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.Failed));

        // Each page is asked for three times, and the pauses between passes grow.
        Assert.InRange(pages.Asked(page), 6, 15);
        pages.FailsAt = -1;
        bench.Ready();
        Assert.Equal(25 * Limit, GroupOf(bench, ReadBackSubject.Orders)[^1].ReadBack.Items);
    }

    [Fact]
    public void A_page_that_fails_once_is_asked_for_again()
    {
        LiveBench bench = new();
        Pages pages = new(3 * Limit) { FailsAt = 1, FailsTimes = 2 };
        bench.Venue.Override = pages.Answer;
        bench.Ready();
        Assert.Equal(3, pages.Asked(1));
        Assert.Equal(3 * Limit, GroupOf(bench, ReadBackSubject.Orders)[^1].ReadBack.Items);
        Assert.Equal(0, bench.Account.ReadBackFailures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void A_cursor_that_comes_again_fails_the_read_instead_of_going_round(int period)
    {
        LiveBench bench = new();
        Pages pages = new(25 * Limit) { LoopsAfter = period };
        bench.Venue.Override = pages.Answer;
        bench.Run(5 * VirtualClock.Second);
        Assert.False(bench.Account.IsReady);
        Assert.Contains(bench.Events, e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.Failed);
        Assert.InRange(pages.Asked(0), 2, 6);
    }

    [Fact]
    public void An_item_that_comes_again_at_the_border_of_a_page_counts_once()
    {
        LiveBench bench = new();
        bench.Venue.Override = new Pages(3 * Limit) { RepeatsBorder = true }.Answer;
        bench.Ready();
        Event[] group = GroupOf(bench, ReadBackSubject.Orders);
        Assert.Equal(group.Length - 2, group[1..^1].Select(e => e.OrderReport.VenueOrder).Distinct().Count());
        Assert.Equal(3 * Limit, group[^1].ReadBack.Items);
    }

    [Theory]
    [InlineData("<html>maintenance</html>", 200)]
    [InlineData("""{"retCode":10006,"retMsg":"","result":{},"time":1786000000000}""", 200)]
    [InlineData("""{"retCode":0,"retMsg":"","result":{"list":[{"symbol":"BTCUSDT","category":"linear"}]},"time":1786000000000}""", 200)]
    [InlineData("", 500)]
    public void What_is_no_page_is_not_an_empty_one(string body, int status)
    {
        LiveBench bench = new();
        bench.Venue.Override = path => path.Contains("position", StringComparison.Ordinal) ? (status, body) : null;
        bench.Run(8 * VirtualClock.Second);
        Assert.False(bench.Account.IsReady);
        Assert.Contains(bench.Events, e => e.Kind == EventKind.ReadBack
            && e.ReadBack is { Stage: ReadBackStage.Failed, Subject: ReadBackSubject.Positions });
        Assert.DoesNotContain(bench.Events, e => e.Kind == EventKind.ReadBack
            && e.ReadBack is { Stage: ReadBackStage.End, Subject: ReadBackSubject.Positions });
    }

    [Fact]
    public void After_the_private_stream_was_lost_nothing_is_sent_before_what_was_missed_has_been_read()
    {
        LiveBench bench = new LiveBench().Ready();
        OrderId order = bench.New();
        bench.Run(VirtualClock.Second);
        FakeOrder known = bench.Venue.Orders[LiveBench.LinkOf(order)];
        bench.Venue.CutPrivate();
        bench.Venue.Fill(known, 0.2m);
        bench.Run(20 * VirtualClock.Millisecond);
        Assert.False(bench.Account.IsReady);
        OrderId early = bench.New();
        bench.Run(20 * VirtualClock.Millisecond);
        Assert.Equal(OrderState.Rejected, bench.Orders[early].State);
        Assert.Equal(0, bench.Venue.ArrivalsOf("create", LiveBench.LinkOf(early)));
        bench.Ready();
        Assert.Equal(200, bench.Orders[order].Filled);
        Assert.True(bench.Account.AccountLosses == 1);
        OrderId late = bench.New();
        bench.Run(VirtualClock.Second);
        Assert.Equal(OrderState.Working, bench.Orders[late].State);
    }

    [Fact]
    public void The_account_is_read_back_every_half_minute_and_a_fill_that_was_never_told_is_found()
    {
        LiveBench bench = new LiveBench().Ready();
        OrderId order = bench.New();
        bench.Run(VirtualClock.Second);
        bench.Net.Of("/private").IsDeaf = true;
        bench.Venue.Fill(bench.Venue.Orders[LiveBench.LinkOf(order)], 0.1m);
        bench.Run(5 * VirtualClock.Millisecond, VirtualClock.Millisecond);
        bench.Net.Of("/private").IsDeaf = false;
        bench.Run(2 * VirtualClock.Second);
        Assert.Equal(0, bench.Orders[order].Filled);
        bench.Run(31 * VirtualClock.Second);
        Assert.Equal(100, bench.Orders[order].Filled);
        Assert.Equal(0, bench.Account.AccountLosses);
    }

    [Fact]
    public void The_engine_may_ask_for_a_read_back_of_this_account_and_no_other()
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Run(5 * VirtualClock.Second);
        long passes = bench.Account.ReadBackPasses;
        void Ask(EventSource venue)
        {
            Event e = new() { ReceivedAt = bench.Clock.Now, Source = EventSource.Engine, Flags = EventFlags.Whole };
            e.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = venue });
            bench.Account.OnEvent(e);
            bench.Run(VirtualClock.Second);
        }

        Ask(EventSource.Alpaca);
        Assert.Equal(passes, bench.Account.ReadBackPasses);
        Ask(EventSource.Bybit);
        Assert.Equal(passes + 1, bench.Account.ReadBackPasses);
    }

    [Fact]
    public void A_private_message_that_is_not_understood_closes_the_gate_until_the_account_was_read()
    {
        LiveBench bench = new LiveBench().Ready();
        long passes = bench.Account.ReadBackPasses;
        bench.Net.Of("/private").Push("""{"topic":"order","creationTime":1,"data":[{"category":"linear","symbol":"BTCUSDT"}]}""");
        bench.Run(20 * VirtualClock.Millisecond);
        Assert.Equal(1, bench.Account.Quarantined);
        Assert.False(bench.Account.IsReady);
        Assert.Contains(bench.Events, e => e.Kind == EventKind.StreamState
            && e.StreamState is { State: StreamState.Gap, Stream: StreamContent.Account });
        bench.Ready();
        Assert.True(bench.Account.ReadBackPasses > passes);
    }

    private static Event[] GroupOf(LiveBench bench, ReadBackSubject subject)
    {
        int end = bench.Events.FindLastIndex(e => e.Kind == EventKind.ReadBack
            && e.ReadBack.Subject == subject && e.ReadBack.Stage != ReadBackStage.Begin);
        int begin = bench.Events.FindLastIndex(end, e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.Begin);
        return
        [
            bench.Events[begin],
            .. bench.Events[begin..end].Where(e => (e.Flags & EventFlags.ReadBack) != 0),
            bench.Events[end],
        ];
    }

    /// <summary>A list of working orders in pages.</summary>
    private sealed class Pages(int count)
    {
        private readonly Dictionary<int, int> _asked = [];

        public int FailsAt { get; set; } = -1;

        public int FailsTimes { get; init; } = int.MaxValue;

        public int LoopsAfter { get; init; }

        public bool RepeatsBorder { get; init; }

        public static VenueId IdOf(int index) => new(0, (ulong)index + 1);

        public int Asked(int page) => _asked.GetValueOrDefault(page);

        public (int Status, string Body)? Answer(string path)
        {
            if (!path.StartsWith("/v5/order/realtime", StringComparison.Ordinal) || path.Contains("orderLinkId", StringComparison.Ordinal))
            {
                return null;
            }

            Assert.Contains("limit=50", path, StringComparison.Ordinal);
            int at = path.IndexOf("cursor=p%3A", StringComparison.Ordinal);
            int page = at < 0 ? 0 : int.Parse(path[(at + 11)..], CultureInfo.InvariantCulture);
            _asked[page] = Asked(page) + 1;
            if (page == FailsAt && Asked(page) <= FailsTimes)
            {
                return (503, "");
            }

            int first = Math.Max(0, (page * Limit) - (RepeatsBorder && page > 0 ? 1 : 0));
            int end = Math.Min(count, (page + 1) * Limit);
            int next = LoopsAfter > 0 ? (page + 1) % LoopsAfter : page + 1;
            bool more = LoopsAfter > 0 || end < count;
            string cursor = more ? "p%3A" + next.ToString(CultureInfo.InvariantCulture) : "";
            return (200, $$"""{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[{{string.Join(',', Enumerable.Range(first, end - first).Select(Item))}}],"nextPageCursor":"{{cursor}}"},"retExtInfo":{},"time":1786000000000}""");
        }

        private static string Item(int index) =>
            $$"""{"symbol":"BTCUSDT","orderId":"{{index + 1}}","orderLinkId":"","price":"65000","qty":"0.5","side":"Buy","orderStatus":"New","cumExecQty":"0","createdTime":"1785999999000","updatedTime":"1785999999000","cancelType":"UNKNOWN","rejectReason":"EC_NoError"}""";
    }
}
