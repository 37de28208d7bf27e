using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>
/// Lists in pages, as Bybit gives them: a cursor stands on every page that has items, the last one too. Every page is read, or
/// the reading has failed.
/// </summary>
public sealed class PageTests
{
    public static TheoryData<ReadBackSubject, int> Sizes => FakePages.Sizes;

    public static TheoryData<ReadBackSubject> Subjects =>
        [ReadBackSubject.Orders, ReadBackSubject.Executions, ReadBackSubject.Positions];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_page_is_in_the_group(ReadBackSubject subject, int count)
    {
        foreach (bool ends in (bool[])[false, true])
        {
            LiveBench bench = new();
            FakePages pages = new(subject, count) { EndsWithoutCursor = ends };
            bench.Venue.Override = pages.Answer;
            bench.Ready();
            Event[] group = GroupOf(bench, subject);
            Assert.Equal(ReadBackStage.End, group[^1].ReadBack.Stage);
            Assert.Equal(count, group[^1].ReadBack.Items);
            Assert.True(group[^1].ReadBack.AsOf > 0);
            if (subject == ReadBackSubject.Positions)
            {
                Assert.Equal(Math.Max(0, count - 1), group[^1].ReadBack.Unknown);
                continue;
            }

            Assert.Equal(
                Enumerable.Range(0, count).Select(FakePages.IdOf),
                group[1..^1].Select(e => subject == ReadBackSubject.Orders ? e.OrderReport.VenueOrder : e.Execution.ExecutionId));
        }
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public void A_page_that_fails_for_good_fails_the_whole_whichever_it_is(ReadBackSubject subject)
    {
        int limit = FakePages.LimitOf(subject);

        // The last one is the empty page after all items.
        foreach (int page in (int[])[0, 1, 12, 24, 25])
        {
            LiveBench bench = new();
            FakePages pages = new(subject, 25 * limit) { FailsAt = page };
            bench.Venue.Override = pages.Answer;
            bench.Run(10 * VirtualClock.Second);
            Assert.False(bench.Account.IsReady);
            Event[] marks = [.. bench.Events.Where(e => e.Kind == EventKind.ReadBack && e.ReadBack.Subject == subject)];
            Assert.True(marks.Length >= 4);
            Assert.DoesNotContain(marks, e => e.ReadBack.Stage == ReadBackStage.End);
            Assert.Contains(marks, e => e.ReadBack.Stage == ReadBackStage.Failed);

            // No item of a list that is not whole is published.
            Assert.DoesNotContain(bench.Events, e => e.Kind is EventKind.OrderReport or EventKind.Execution or EventKind.PositionReport);
            Assert.Equal(
                marks.Count(e => e.ReadBack.Stage == ReadBackStage.Begin), marks.Count(e => e.ReadBack.Stage == ReadBackStage.Failed));

            // Each page is asked for three times, and the pauses between passes grow.
            Assert.InRange(pages.Asked(page), 6, 15);
            pages.FailsAt = -1;
            bench.Ready();
            Assert.Equal(25 * limit, GroupOf(bench, subject)[^1].ReadBack.Items);
        }
    }

    [Theory]
    [MemberData(nameof(Subjects))]
    public void A_page_that_fails_once_is_asked_for_again(ReadBackSubject subject)
    {
        int limit = FakePages.LimitOf(subject);
        LiveBench bench = new();
        FakePages pages = new(subject, 3 * limit) { FailsAt = 1, FailsTimes = 2 };
        bench.Venue.Override = pages.Answer;
        bench.Ready();
        Assert.Equal((3, 4), (pages.Asked(1), pages.Pages));
        Assert.Equal(3 * limit, GroupOf(bench, subject)[^1].ReadBack.Items);
        Assert.Equal(0, bench.Account.ReadBackFailures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void A_cursor_that_comes_again_fails_the_read_instead_of_going_round(int period)
    {
        foreach (ReadBackSubject subject in (ReadBackSubject[])[ReadBackSubject.Orders, ReadBackSubject.Executions, ReadBackSubject.Positions])
        {
            LiveBench bench = new();
            FakePages pages = new(subject, 25 * FakePages.LimitOf(subject)) { LoopsAfter = period };
            bench.Venue.Override = pages.Answer;
            bench.Run(5 * VirtualClock.Second);
            Assert.False(bench.Account.IsReady);
            Assert.Contains(bench.Events, e => e.Kind == EventKind.ReadBack
                && e.ReadBack.Stage == ReadBackStage.Failed && e.ReadBack.Subject == subject);
            Assert.InRange(pages.Asked(0), 2, 6);
            Assert.InRange(pages.Asked(1), 2, 6);
        }
    }

    [Fact]
    public void An_item_that_comes_again_at_the_border_of_a_page_counts_once()
    {
        foreach (ReadBackSubject subject in (ReadBackSubject[])[ReadBackSubject.Orders, ReadBackSubject.Executions])
        {
            int count = 3 * FakePages.LimitOf(subject);
            LiveBench bench = new();
            bench.Venue.Override = new FakePages(subject, count) { RepeatsBorder = true }.Answer;
            bench.Ready();
            Event[] group = GroupOf(bench, subject);
            Assert.Equal((count, count + 2), (group[^1].ReadBack.Items, group.Length));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(2_500)]
    public void An_order_in_doubt_is_looked_up_over_all_pages_of_its_executions(int fills)
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Venue.FaultOf = (verb, _) => verb == "create" ? Fault.ReportLost : Fault.None;
        OrderId order = bench.New(quantity: fills + 1);
        bench.Run(100 * VirtualClock.Millisecond);
        bench.Net.Of("/private").IsDeaf = true;
        for (int i = 0; i < fills; i++)
        {
            bench.Venue.Fill(bench.Venue.Orders[LiveBench.LinkOf(order)], 0.001m);
        }

        bench.Run(20 * VirtualClock.Millisecond);
        bench.Net.Of("/private").IsDeaf = false;
        Assert.Equal(1, bench.Account.Unresolved);
        Assert.True(bench.RunUntil(() => bench.Account.Unresolved == 0, 20 * VirtualClock.Second));
        Assert.Equal((OrderState.Working, (long)fills), (bench.Orders[order].State, bench.Orders[order].Filled));
        Assert.Equal(fills, bench.Events.Count(e => e.Kind == EventKind.Execution && (e.Flags & EventFlags.ReadBack) == 0));
    }

    [Fact]
    public void A_doubt_ends_though_every_page_has_a_cursor_and_absence_is_proven_too()
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Venue.FaultOf = (verb, link) => verb != "create" ? Fault.None
            : bench.Venue.Orders.Count == 0 ? Fault.AnswerLost
            : Fault.RequestLost;
        OrderId there = bench.New();
        bench.Run(VirtualClock.Second);
        OrderId absent = bench.New();
        Assert.True(bench.RunUntil(() => bench.Account.Unresolved == 0, 60 * VirtualClock.Second));
        Assert.Equal(OrderState.Working, bench.Orders[there].State);
        Assert.Equal(OrderState.Cancelled, bench.Orders[absent].State);
        Assert.DoesNotContain(bench.Venue.Orders.Keys, link => link == LiveBench.LinkOf(absent));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_look_up_whose_cursors_go_round_proves_nothing_and_is_bounded(int period)
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Venue.FaultOf = (verb, _) => verb == "create" ? Fault.ReportLost : Fault.None;
        OrderId order = bench.New(quantity: 1_000);
        bench.Run(100 * VirtualClock.Millisecond);
        bench.Net.Of("/private").IsDeaf = true;
        for (int i = 0; i < 500; i++)
        {
            bench.Venue.Fill(bench.Venue.Orders[LiveBench.LinkOf(order)], 0.001m);
        }

        bench.Run(20 * VirtualClock.Millisecond);
        bench.Net.Of("/private").IsDeaf = false;
        int asked = bench.Net.Client!.Sent.Count;
        bench.Venue.CursorOf = (from, _) => $"p%3A{from / 100 % period * 100}";
        bench.Run(9 * VirtualClock.Second);
        Assert.Equal(1, bench.Account.Unresolved);
        int pages = bench.Net.Client.Sent.Skip(asked).Count(request =>
            request.Path.Contains("execution/list", StringComparison.Ordinal) && request.Path.Contains("orderLinkId", StringComparison.Ordinal));
        Assert.InRange(pages, 2, 40);
        bench.Venue.CursorOf = (from, count) => $"p%3A{from + count}";
        Assert.True(bench.RunUntil(() => bench.Account.Unresolved == 0, 20 * VirtualClock.Second));
        Assert.Equal(500, bench.Orders[order].Filled);
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
}
