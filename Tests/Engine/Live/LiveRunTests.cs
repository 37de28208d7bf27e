using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Live;
using LowLatency.Engine.Running;
using LowLatency.Tests.Gateways.Live;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>
/// The life of a live run, in virtual time: it ends the hold that it has set and no other, and it calls nothing proven that it
/// has not read.
/// </summary>
public sealed class LiveRunTests : IDisposable
{
    private const long Second = VirtualClock.Second;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_holds_itself_until_the_account_is_read_and_then_trades()
    {
        using LiveRunBench bench = new(_folder.Path);
        bench.For(20 * VirtualClock.Millisecond);
        Assert.Equal((LivePhase.Reconciling, TradingState.Halted), (bench.Life.Phase, bench.Risk.State));
        Assert.Equal(TradingState.Active, bench.Risk.Standing);
        bench.Trading();
        bench.Until(() => bench.Venue.Orders.Values.Any(order => order.IsOpen));
        Assert.Equal(TradingState.Active, bench.Risk.State);
    }

    [Theory]
    [InlineData("beyond the journal", TradingState.Halted)]
    [InlineData("strict difference", TradingState.Halted)]
    [InlineData("halt", TradingState.Halted)]
    [InlineData("reduce", TradingState.Reducing)]
    [InlineData("halt, then reduce", TradingState.Halted)]
    public void What_others_hold_while_the_account_is_read_stays_held_when_it_has_been_read(string what, TradingState state)
    {
        using LiveRunBench bench = new(_folder.Path, root => root["risk"]!["reconcile"]!["mode"] = "strict");
        switch (what)
        {
            case "beyond the journal":
                bench.Venue.Appear(LiveRunBench.LinkOf(OrderId.Of(9, 77, 0)), 64_000, 0.01m);
                break;
            case "strict difference":
                bench.Cash = 99_000;
                bench.Until(() => bench.Risk.Standing == TradingState.Halted);
                bench.Cash = 100_000;
                break;
            default:
                foreach (string word in what.Split(", then "))
                {
                    bench.Operator(word == "halt" ? OperatorVerb.Halt : OperatorVerb.Reduce);
                }

                break;
        }

        bench.Trading();
        bench.For(5 * Second);
        Assert.Equal(state, bench.Risk.State);
        Assert.DoesNotContain(bench.Venue.Orders.Values, order => order.IsOpen);
        Assert.Contains("Restrained", bench.Alarms);

        // Only a person leads back.
        bench.Operator(OperatorVerb.Activate);
        bench.For(Second);
        bench.Host.Bid += 500;
        bench.Until(() => bench.Venue.Orders.Values.Any(order => order.IsOpen));
    }

    [Fact]
    public void What_a_person_activates_waits_for_the_account_all_the_same()
    {
        using LiveRunBench bench = new(_folder.Path, root => root["risk"]!["initialState"] = "halted", activate: "test");
        bench.Venue.ReadFails = path => path.StartsWith("/v5/order/realtime", StringComparison.Ordinal);
        bench.For(10 * Second);
        Assert.Equal((TradingState.Active, TradingState.Halted), (bench.Risk.Standing, bench.Risk.State));
        Assert.Empty(bench.Venue.Orders);
        bench.Venue.ReadFails = _ => false;
        bench.Until(() => bench.Venue.Orders.Values.Any(order => order.IsOpen));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Balances_that_differ_keep_a_run_from_trading(bool isCorrected)
    {
        using LiveRunBench bench = new(_folder.Path, root => root["risk"]!["reconcile"]!["mode"] = "warn");
        bench.Cash = 99_000;
        bench.For(70 * Second);
        Assert.Equal((LivePhase.Reconciling, TradingState.Halted), (bench.Life.Phase, bench.Risk.State));
        Assert.Contains("NotReconciled", bench.Alarms);
        Assert.Empty(bench.Venue.Orders);
        bench.Cash = isCorrected ? 100_000 : 99_500;
        bench.For(70 * Second);
        Assert.Equal(isCorrected ? LivePhase.Live : LivePhase.Reconciling, bench.Life.Phase);
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("0.000001", true)]
    [InlineData("0.5", false)]
    public void Coins_that_the_journal_does_not_know_keep_a_run_from_trading(string held, bool trades)
    {
        using LiveRunBench bench = new(_folder.Path, root => root["live"]!["instruments"]![0]!["kind"] = "spot");
        bench.Coin = held;
        bench.For(70 * Second);
        Assert.Equal(trades ? LivePhase.Live : LivePhase.Reconciling, bench.Life.Phase);
        Assert.Equal(!trades, bench.Alarms.Contains("NotReconciled"));
        bench.Coin = "0";
        bench.Trading();
    }

    [Fact]
    public void A_run_that_has_sent_nothing_is_not_stopped_cleanly_while_an_order_of_its_instance_works()
    {
        using LiveRunBench bench = new(_folder.Path);
        string link = LiveRunBench.LinkOf(OrderId.Of(1, 3, 0));
        bench.Venue.FaultOf = (verb, _) => verb == "cancel" ? Fault.Refused : Fault.None;
        bench.Operator(OperatorVerb.Halt);
        bench.Trading();
        bench.Venue.Appear(link, 64_000, 0.01m);
        long asked = bench.Clock.Now;
        bench.IsStopAsked = true;
        bench.Until(() => bench.Life.Stopped is not null);
        Assert.Equal(StopKind.Unproven, bench.Life.Stopped!.Kind);
        Assert.InRange(bench.Clock.Now - asked, LiveRun.StopMax, LiveRun.StopMax + Second);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_is_proven_without_a_reading_also_where_nothing_was_sent(bool isRead)
    {
        using LiveRunBench bench = new(_folder.Path);
        bench.Operator(OperatorVerb.Halt);
        bench.Trading();
        bench.Venue.ReadFails = _ => !isRead;
        bench.Kill.Set();
        bench.For(LiveRun.KillMax + Second);
        Assert.Equal(isRead, bench.Alarms.Contains("KillProven"));
        Assert.Equal(!isRead, bench.Alarms.Contains("KillUnproven"));
        bench.IsStopAsked = true;
        bench.Until(() => bench.Life.Stopped is not null);
        Assert.Equal(isRead ? StopKind.Clean : StopKind.Unproven, bench.Life.Stopped!.Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_venue_that_answers_no_cancel_makes_the_stop_unproven_within_its_time(bool answers)
    {
        using LiveRunBench bench = new LiveRunBench(_folder.Path).Trading();
        bench.Until(() => bench.Venue.Orders.Values.Any(order => order.IsOpen));
        bench.For(Second);
        bench.Venue.FaultOf = (verb, _) => verb == "cancel" && !answers ? Fault.RequestLost : Fault.None;
        long asked = bench.Clock.Now;
        bench.IsStopAsked = true;
        bench.Until(() => bench.Life.Stopped is not null);
        Assert.Equal(answers ? StopKind.Clean : StopKind.Unproven, bench.Life.Stopped!.Kind);
        if (!answers)
        {
            Assert.InRange(bench.Clock.Now - asked, LiveRun.StopMax, LiveRun.StopMax + Second);
            Assert.True(bench.Life.Stopped.Orders > 0, "the orders that may work are not named");
            Assert.NotNull(bench.Life.Stopped.Why);
        }
    }

    [Fact]
    public void What_it_did_replays_to_the_same_decisions()
    {
        using (LiveRunBench bench = new LiveRunBench(_folder.Path).Trading())
        {
            bench.Until(() => bench.Venue.Orders.Values.Any(order => order.IsOpen));
            bench.Operator(OperatorVerb.Reduce);
            bench.For(Second);
            bench.Operator(OperatorVerb.Activate);
            bench.For(Second);
            bench.IsStopAsked = true;
            bench.Until(() => bench.Life.Stopped is not null);
            bench.For(Second);
            bench.Finish();
        }

        Assert.Null(Replay.Run(System.IO.Path.Combine(_folder.Path, "run"), null, verify: true).Difference);
    }
}
