using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>The account is read back whole or not at all: every page of every list, or a failure that says so.</summary>
public sealed class ReadBackTests
{
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
}
