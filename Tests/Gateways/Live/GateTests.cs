using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>What keeps orders from leaving: the kill switch, the clock, the key, the age of what asked for them.</summary>
public sealed class GateTests
{
    [Fact]
    public void The_kill_switch_answers_killed_at_once_and_lets_cancels_out()
    {
        LiveBench bench = new LiveBench().Ready();
        OrderId works = bench.New();
        bench.Run(VirtualClock.Second);
        bench.Kill.Set();
        OrderId refused = bench.New();
        bench.Amend(works, 6_400_000, 600);
        bench.Drain();
        Assert.Equal(ReportReason.Killed, Answer(bench, refused, CommandVerb.New).Reason);
        Assert.Equal(ReportReason.Killed, Answer(bench, works, CommandVerb.Amend).Reason);
        bench.Cancel(works);
        bench.Run(VirtualClock.Second);
        Assert.Equal("Cancelled", bench.Venue.Orders[LiveBench.LinkOf(works)].Status);
        Assert.Equal(0, bench.Venue.ArrivalsOf("create", LiveBench.LinkOf(refused)));
        bench.Kill.Release();
        OrderId again = bench.New();
        bench.Run(VirtualClock.Second);
        Assert.Equal(OrderState.Working, bench.Orders[again].State);
    }

    [Fact]
    public void Orders_that_wait_when_the_kill_switch_falls_never_leave()
    {
        LiveBench bench = new LiveBench().Ready();
        OrderId[] orders = [.. Enumerable.Range(0, 30).Select(_ => bench.New())];
        bench.Kill.Set();
        bench.Run(10 * VirtualClock.Second);
        Assert.Equal(10, bench.Venue.Orders.Count);
        Assert.Equal(20, orders.Count(order => Answer(bench, order, CommandVerb.New).Reason == ReportReason.Killed));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void What_was_handed_over_and_has_not_left_when_the_kill_switch_falls_is_answered_as_not_sent(bool byStream, bool isAsked)
    {
        LiveBench bench = new LiveBench(hasTradeStream: byStream).Ready();
        OrderId works = bench.New();
        bench.Run(VirtualClock.Second);
        bench.Net.Queue = 100 * VirtualClock.Millisecond;
        bench.Net.Permit = isAsked ? bench.Kill : null;
        OrderId queued = bench.New();
        bench.Amend(works, 6_400_000, 600);
        bench.Run(50 * VirtualClock.Millisecond);
        bench.Kill.Set();
        bench.Run(10 * VirtualClock.Second);

        // A transport that does not ask, the planted bug, lets both out.
        Assert.Equal(isAsked ? 0 : 1, bench.Venue.ArrivalsOf("create", LiveBench.LinkOf(queued)));
        Assert.Equal(isAsked ? 0 : 1, bench.Venue.ArrivalsOf("amend", LiveBench.LinkOf(works)));
        Assert.Equal(isAsked ? Outcome.NotSent : Outcome.Sent, Answer(bench, queued, CommandVerb.New).Outcome);
        Assert.Equal(isAsked ? ReportReason.Killed : ReportReason.None, Answer(bench, works, CommandVerb.Amend).Reason);
        bench.Cancel(works);
        bench.Run(VirtualClock.Second);
        Assert.Equal("Cancelled", bench.Venue.Orders[LiveBench.LinkOf(works)].Status);
        Assert.Equal(0, bench.Account.Unresolved);
    }

    [Fact]
    public void An_order_is_cancelled_before_it_was_sent_without_ever_leaving()
    {
        LiveBench bench = new LiveBench().Ready();
        for (int i = 0; i < 10; i++)
        {
            bench.New();
        }

        OrderId waits = bench.New();
        bench.Cancel(waits);
        bench.Run(5 * VirtualClock.Second);
        Assert.Equal(Outcome.NotSent, Answer(bench, waits, CommandVerb.New).Outcome);
        Assert.Equal(Outcome.NotSent, Answer(bench, waits, CommandVerb.Cancel).Outcome);
        Assert.Equal(OrderState.Rejected, bench.Orders[waits].State);
        Assert.Equal(0, bench.Venue.ArrivalsOf("create", LiveBench.LinkOf(waits)));
        Assert.Equal(0, bench.Venue.ArrivalsOf("cancel", LiveBench.LinkOf(waits)));
    }

    [Theory]
    [InlineData(700, true)]
    [InlineData(-700, true)]
    [InlineData(300, false)]
    [InlineData(-300, false)]
    public void Clocks_that_are_further_apart_than_half_a_second_close_the_gate(long milliseconds, bool closes)
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Venue.ClockOffset = milliseconds * VirtualClock.Millisecond;
        bench.Run(30 * VirtualClock.Second);
        Assert.Equal(closes ? ReportReason.ClockOff : ReportReason.None, bench.Account.Gate);
        OrderId order = bench.New();
        bench.Run(VirtualClock.Second);
        Assert.Equal(closes, Answer(bench, order, CommandVerb.New) is { Outcome: Outcome.NotSent, Reason: ReportReason.ClockOff });
        bench.Venue.ClockOffset = 0;
        bench.Run(30 * VirtualClock.Second);
        Assert.True(bench.Account.IsReady);
    }

    [Fact]
    public void A_clock_two_seconds_off_is_never_ready()
    {
        LiveBench bench = new();
        bench.Venue.ClockOffset = 2 * VirtualClock.Second;
        bench.Run(20 * VirtualClock.Second);
        Assert.Equal(ReportReason.ClockOff, bench.Account.Gate);
    }

    [Fact]
    public void A_slow_answer_proves_no_offset()
    {
        ClockGuard guard = new();
        guard.Sample(1_000, 1_000 + (2 * VirtualClock.Second), 5 * VirtualClock.Second);
        Assert.Equal(0, guard.Samples);
        guard.Sample(0, 0, 1);
        Assert.True(guard.IsGood);
        guard.Sample(0, 800 * VirtualClock.Millisecond, 1_200 * VirtualClock.Millisecond);
        guard.Sample(0, 800 * VirtualClock.Millisecond, 1_200 * VirtualClock.Millisecond);
        Assert.True(guard.IsGood);
        guard.Sample(0, 0, 501 * VirtualClock.Millisecond);
        Assert.True(guard.IsGood);
        guard.Sample(0, 0, 501 * VirtualClock.Millisecond);
        Assert.False(guard.IsGood);
    }

    [Theory]
    [InlineData("\"Withdraw\"", "\"Order\",\"Position\"", 0, "2027-12-29T07:42:39Z", BybitKeyFaults.CanWithdraw, true)]
    [InlineData("\"AccountTransfer\"", "\"Order\",\"Position\"", 0, "2027-12-29T07:42:39Z", BybitKeyFaults.CanTransfer, false)]
    [InlineData("", "\"Order\"", 0, "2027-12-29T07:42:39Z", BybitKeyFaults.CannotTrade, true)]
    [InlineData("", "\"Order\",\"Position\"", 1, "2027-12-29T07:42:39Z", BybitKeyFaults.ReadOnly, true)]
    [InlineData("", "\"Order\",\"Position\"", 0, "2026-08-08T00:00:00Z", BybitKeyFaults.ExpiresSoon, false)]
    public void A_keys_rights_decide_what_is_sent_with_it(
        string wallet, string contract, int readOnly, string expires, BybitKeyFaults fault, bool refused)
    {
        LiveBench bench = new();
        bench.Venue.Key = $$"""{"readOnly":{{readOnly}},"permissions":{"ContractTrade":[{{contract}}],"Spot":[],"Wallet":[{{wallet}}]},"ips":["10.1.2.3"],"userID":24617703,"expiredAt":"{{expires}}"}""";
        bench.Run(20 * VirtualClock.Second);
        Assert.Equal(fault, bench.Account.Key!.Value.Faults);
        Assert.Equal(24617703, bench.Account.Key.Value.User);
        Assert.Equal(refused ? ReportReason.NotAuthorised : ReportReason.None, bench.Account.Gate);
        OrderId order = bench.New();
        bench.Run(VirtualClock.Second);
        Assert.Equal(refused ? 0 : 1, bench.Venue.ArrivalsOf("create", LiveBench.LinkOf(order)));
    }

    [Fact]
    public void A_key_for_any_address_is_told()
    {
        LiveBench bench = new();
        bench.Venue.Key = """{"readOnly":0,"permissions":{"ContractTrade":["Order","Position"],"Spot":[],"Wallet":[]},"ips":["*"],"userID":1,"expiredAt":""}""";
        bench.Ready();
        Assert.Equal(BybitKeyFaults.NotBound, bench.Account.Key!.Value.Faults);
    }

    [Fact]
    public void Nothing_that_can_be_printed_of_credentials_holds_the_secret()
    {
        using Credentials credentials = new("visible-key"u8, "very-secret"u8);
        Assert.Equal("credentials (hidden)", credentials.ToString());
        LiveBench bench = new LiveBench().Ready();
        Assert.DoesNotContain(bench.Net.Client!.Sent, request => (request.Path + request.Headers + request.Body).Contains("secret", StringComparison.Ordinal));
        Assert.DoesNotContain(bench.Net.Connections, connection => connection.Sent.Exists(text => text.Contains("secret", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_rules_of_instruments_are_published_once_and_again_when_they_change()
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Run(3_700 * VirtualClock.Second, 500 * VirtualClock.Millisecond);
        Assert.Single(bench.Events, e => e.Kind == EventKind.InstrumentDefined);
        bench.Venue.Override = path => path.Contains("instruments", StringComparison.Ordinal)
            ? (200, """{"retCode":0,"result":{"category":"linear","list":[{"symbol":"BTCUSDT","contractType":"LinearPerpetual","status":"Trading","quoteCoin":"USDT","settleCoin":"USDT","priceScale":"2","priceFilter":{"tickSize":"0.50"},"lotSizeFilter":{"qtyStep":"0.001","minOrderQty":"0.001","maxOrderQty":"100","minNotionalValue":"5"}}]},"time":1786000000000}""")
            : null;
        bench.Run(3_700 * VirtualClock.Second, 500 * VirtualClock.Millisecond);
        Assert.Equal([1, 2], bench.Events.Where(e => e.Kind == EventKind.InstrumentDefined).Select(e => (int)e.InstrumentDefined.DefinitionVersion));
        Assert.Equal(50, bench.Events.Last(e => e.Kind == EventKind.InstrumentDefined).InstrumentDefined.Tick);
    }

    [Fact]
    public void A_late_acceptance_of_an_order_that_was_proven_absent_is_cancelled()
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Venue.FaultOf = (_, _) => Fault.CutBefore;
        OrderId order = bench.New();
        Assert.True(bench.RunUntil(() => bench.Orders[order].State == OrderState.Cancelled, 30 * VirtualClock.Second));
        bench.Venue.FaultOf = (_, _) => Fault.None;
        bench.Venue.Appear(LiveBench.LinkOf(order), 65_000m, 0.5m);
        bench.Run(2 * VirtualClock.Second);
        Assert.Equal(1, bench.Account.LateAcceptances);
        Assert.Equal("Cancelled", bench.Venue.Orders[LiveBench.LinkOf(order)].Status);
        Assert.Single(bench.Answers.Single(pair => pair.Key.Order == order).Value);
    }

    [Fact]
    public void Absence_takes_two_reads_that_are_younger_than_the_request_and_a_stream_that_was_heard()
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Venue.FaultOf = (_, _) => Fault.CutBefore;
        long asked = bench.Clock.Now;
        OrderId order = bench.New();
        Assert.True(bench.RunUntil(() => bench.Orders[order].State == OrderState.Cancelled, 30 * VirtualClock.Second));

        // Window two seconds, one more for the stamp, two between the reads.
        Assert.InRange(bench.Clock.Now - asked, 5 * VirtualClock.Second, 7 * VirtualClock.Second);
        Assert.Equal(Outcome.Unknown, Answer(bench, order, CommandVerb.New).Outcome);
    }

    [Fact]
    public void While_the_private_stream_is_lost_nothing_is_proven_absent()
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Venue.FaultOf = (_, _) => Fault.CutBefore;
        OrderId order = bench.New();
        for (int i = 0; i < 40; i++)
        {
            bench.Run(VirtualClock.Second);
            bench.Venue.CutPrivate();
        }

        Assert.Equal(OrderState.Unknown, bench.Orders[order].State);
        Assert.True(bench.RunUntil(() => bench.Orders[order].State == OrderState.Cancelled, 60 * VirtualClock.Second));
    }

    private static CommandOutcome Answer(LiveBench bench, OrderId order, CommandVerb verb) =>
        bench.Answers.Single(pair => pair.Key.Order == order && pair.Key.Verb == verb).Value.Single();
}
