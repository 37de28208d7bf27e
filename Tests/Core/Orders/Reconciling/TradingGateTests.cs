using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders.Reconciling;

/// <summary>Nothing that adds risk leaves before the account has been read and matched, nor when it may have changed since.</summary>
public sealed class TradingGateTests
{
    [Fact]
    public void Check_37_nothing_adds_before_the_first_reading_has_matched_and_a_reading_is_asked_for()
    {
        AccountRig rig = new();
        rig.Rig.Target(1, 10);
        Assert.Empty(rig.Rig.Commands);
        Verdict verdict = Assert.Single(rig.Rig.Verdicts);
        Assert.Equal((Ruling.Refused, RiskReason.Unread, 0, 1), (verdict.Ruling, verdict.Reason, verdict.Observed, verdict.Limit));
        Assert.Equal(1, rig.Asked());

        rig.Read(VenueTruth.Of(rig.Rig));
        Assert.Equal(1, rig.Reconciler.Readings);
        Assert.Equal(10, rig.Rig.Pipeline.Orders[PlaceOfLive(rig)].Quantity);
    }

    [Theory]
    [InlineData(ReadBackSubject.Orders)]
    [InlineData(ReadBackSubject.Executions)]
    [InlineData(ReadBackSubject.Positions)]
    [InlineData(ReadBackSubject.Balances)]
    public void A_reading_that_lacks_a_subject_concludes_nothing(ReadBackSubject lacking)
    {
        foreach (string how in new[] { "absent", "failed", "unfinished", "failed after its end" })
        {
            AccountRig rig = new();
            VenueTruth truth = VenueTruth.Of(rig.Rig);
            foreach (ReadBackSubject subject in AccountRig.Subjects.Where(subject => subject != lacking))
            {
                rig.Read(truth, subject);
            }

            if (how == "failed after its end")
            {
                // Then it is not the fourth that completes the reading.
                ReadBackSubject first = AccountRig.Subjects.First(subject => subject != lacking);
                rig.Stage(first, ReadBackStage.Failed);
                rig.Read(truth, lacking);
            }
            else if (how != "absent")
            {
                rig.Stage(lacking, ReadBackStage.Begin);
                rig.Items(truth, lacking);
                if (how == "failed")
                {
                    rig.Stage(lacking, ReadBackStage.Failed);
                }
            }

            Assert.Equal(0, rig.Reconciler.Readings);
            Assert.Equal(RiskReason.Unread, rig.WhyShut(1, out _));
        }
    }

    [Fact]
    public void A_failing_reading_never_means_flat()
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings(ReconcileMode.AutoSync));
        rig.Fill(rig.Rest(1, 5, 9_990), 5);
        VenueTruth empty = VenueTruth.Of(rig.Rig);
        empty.Positions.Clear();
        foreach (ReadBackSubject subject in AccountRig.Subjects)
        {
            rig.Stage(subject, ReadBackStage.Begin);
            rig.Stage(subject, subject == ReadBackSubject.Positions ? ReadBackStage.Failed : ReadBackStage.End);
        }

        Assert.Equal(5, rig.Rig.Position());
        Assert.Empty(rig.Told());
    }

    [Theory]
    [InlineData(StreamState.Down, false)]
    [InlineData(StreamState.Gap, true)]
    public void A_lost_stream_of_the_account_shuts_the_gate_until_it_has_been_read_again(StreamState lost, bool asks)
    {
        AccountRig rig = AccountRig.Matched();
        TrueOrder resting = rig.Rest(1, 10, 9_900);
        rig.Asked();
        rig.Rig.Publish(new StreamStateChanged { State = lost, Stream = StreamContent.Account });

        // What adds is taken back, and nothing new leaves.
        Assert.Equal(CommandVerb.Cancel, Assert.Single(rig.Rig.Commands).Verb);
        Assert.Equal(RiskReason.Unread, rig.WhyShut(1, out _));
        rig.Rig.Tick(5 * Rig.Second);
        Assert.Equal(asks, rig.Asked() != 0);
        rig.Rig.Publish(new StreamStateChanged { State = StreamState.Up, Stream = StreamContent.Account });
        Assert.Equal(RiskReason.Unread, rig.WhyShut(1, out _));
        rig.Rig.Tick(5 * Rig.Second);
        Assert.Equal(1, rig.Asked());
        rig.Rig.Publish(AccountRig.ReportOf(resting, OrderStatus.Cancelled), 1);
        rig.Read(VenueTruth.Of(rig.Rig));
        Assert.Equal(RiskReason.None, rig.WhyShut(1, out _));
    }

    [Fact]
    public void A_stream_of_market_data_does_not_shut_it()
    {
        AccountRig rig = AccountRig.Matched();
        rig.Rig.Publish(new StreamStateChanged { State = StreamState.Down });
        Assert.Equal(RiskReason.None, rig.WhyShut(1, out _));
    }

    [Fact]
    public void A_stream_that_is_lost_during_a_reading_makes_it_void()
    {
        AccountRig rig = new();
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        rig.Read(truth, ReadBackSubject.Orders);
        rig.Read(truth, ReadBackSubject.Executions);
        rig.Rig.Publish(new StreamStateChanged { State = StreamState.Gap, Stream = StreamContent.Account });
        rig.Read(truth, ReadBackSubject.Positions);
        rig.Read(truth, ReadBackSubject.Balances);
        Assert.Equal(0, rig.Reconciler.Readings);
    }

    [Fact]
    public void Check_39_a_reading_that_is_overdue_shuts_it_with_its_age()
    {
        AccountRig rig = AccountRig.Matched();
        rig.Rig.Tick(100 * Rig.Second);
        Assert.Equal(RiskReason.None, rig.WhyShut(1, out _));
        rig.Rig.Tick(1);
        Assert.Equal((RiskReason.ReadOverdue, (100 * Rig.Second) + 1), (rig.WhyShut(1, out long age), age));
    }

    [Fact]
    public void Check_38_nothing_adds_to_what_differs()
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings(ReconcileMode.Warn));
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        truth.Positions[1] = (3, 3 * 9_990 * Rig.MoneyPerCent);
        rig.Read(truth);
        rig.Rig.Target(1, 10);
        Verdict verdict = Assert.Single(rig.Rig.Verdicts);
        Assert.Equal(
            (Ruling.Refused, RiskReason.Unmatched, (long)DifferenceKind.PositionQuantity, 0),
            (verdict.Ruling, verdict.Reason, verdict.Observed, verdict.Limit));
        rig.Rig.Target(1, 10, 2);
        Assert.Single(rig.Rig.Commands);
    }

    [Fact]
    public void Check_40_an_order_that_is_unknown_for_too_long_lets_nothing_add()
    {
        AccountRig rig = AccountRig.Matched();
        rig.Rig.Target(1, 10, 1, 9_900);
        rig.Rig.Outcome(rig.Rig.Live(Side.Buy), CommandVerb.New, Outcome.Unknown);
        rig.Rig.Tick(5 * Rig.Second);
        Assert.Equal(RiskReason.None, rig.WhyShut(2, out _));
        rig.Rig.Tick(1);
        Assert.Equal((RiskReason.UnknownOutcome, (5 * Rig.Second) + 1), (rig.WhyShut(2, out long age), age));
    }

    [Fact]
    public void What_reduces_passes_while_it_is_shut()
    {
        AccountRig rig = AccountRig.Matched();
        rig.Fill(rig.Rest(1, 5, 9_990), 5);
        rig.Rig.Publish(new StreamStateChanged { State = StreamState.Gap, Stream = StreamContent.Account });
        rig.Rig.Target(1, 8);
        Assert.Empty(rig.Rig.Commands);
        rig.Rig.Target(1, -3);
        Command reducing = Assert.Single(rig.Rig.Commands);
        Assert.Equal((Side.Sell, 5), (reducing.Side, reducing.Quantity));
        Assert.Equal((Ruling.Reduced, RiskReason.Unread), (rig.Rig.Verdicts[^1].Ruling, rig.Rig.Verdicts[^1].Reason));
    }

    [Fact]
    public void A_new_run_has_to_read_again()
    {
        AccountRig rig = AccountRig.Matched();
        rig.Rig.Publish(new EpochStarted { Epoch = 2, Instance = 1, Venue = VenueKind.Simulated });
        Assert.Equal(RiskReason.Unread, rig.WhyShut(1, out _));
    }

    [Fact]
    public void It_asks_again_after_its_interval_and_sooner_after_a_failure()
    {
        AccountRig rig = AccountRig.Matched();
        rig.Rig.FollowUps.Clear();
        rig.Rig.Tick((30 * Rig.Second) - 1);
        Assert.Equal(0, rig.Asked());
        rig.Rig.Tick(1);
        Assert.Equal(1, rig.Asked());
        rig.Stage(ReadBackSubject.Orders, ReadBackStage.Begin);
        rig.Stage(ReadBackSubject.Orders, ReadBackStage.Failed);
        rig.Rig.Tick(Rig.Second);
        Assert.Equal(0, rig.Asked());
        rig.Rig.Tick(Rig.Second);
        Assert.Equal(1, rig.Asked());
    }

    [Fact]
    public void The_loss_of_a_day_is_measured_from_an_equity_that_the_venue_has_confirmed()
    {
        BreakerRule loss = new(BreakerKind.DailyLoss, 1_000_000, BreakerAction.Halt, 0);
        AccountRig rig = new(AccountRig.Settings(), risk: limits => limits with { Breakers = [loss] });
        rig.Rig.Tick(Rig.Second);

        // The venue has less than the configuration says: no loss of the day, because nothing had begun.
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        truth.Cash -= 2_000_000;
        rig.Read(truth);
        rig.Read(truth);
        rig.Rig.Tick(Rig.Second);
        Assert.False(rig.Rig.Pipeline.Risk.Breakers.AnyTripped);
        Assert.Equal(truth.Cash, rig.Rig.Pipeline.Portfolio.Cash(0));

        // From here on what is missing is lost.
        truth.Cash -= 2_000_000;
        rig.Read(truth);
        rig.Rig.Tick(Rig.Second);
        Assert.True(rig.Rig.Pipeline.Risk.Breakers.IsTripped(BreakerKind.DailyLoss));
    }

    [Fact]
    public void A_difference_counts_when_enough_readings_have_found_it()
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings(ReconcileMode.Strict) with { Confirmations = 2 });
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        truth.Positions[1] = (3, 3 * 9_990 * Rig.MoneyPerCent);
        rig.Read(truth);
        rig.Read(truth);
        Assert.Equal((TradingState.Active, RiskReason.Unread), (rig.Rig.Pipeline.Risk.State, rig.WhyShut(1, out _)));
        Assert.Equal(RiskReason.None, rig.WhyShut(2, out _));

        // One that is gone meanwhile begins anew.
        rig.Read(VenueTruth.Of(rig.Rig));
        Assert.Equal(RiskReason.None, rig.WhyShut(1, out _));
        rig.Read(truth);
        rig.Read(truth);
        Assert.Equal(TradingState.Active, rig.Rig.Pipeline.Risk.State);
        rig.Read(truth);
        Assert.Equal(TradingState.Halted, rig.Rig.Pipeline.Risk.State);
    }

    [Fact]
    public void What_is_too_large_to_adopt_halts()
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings() with { MaxAdjustment = 2 * 9_990 * Rig.MoneyPerCent });
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        truth.Positions[1] = (2, 2 * 9_990 * Rig.MoneyPerCent);
        rig.Read(truth);
        Assert.Equal((2, TradingState.Active), (rig.Rig.Position(), rig.Rig.Pipeline.Risk.State));
        rig.Read(truth);
        truth.Positions[1] = (5, 5 * 9_990 * Rig.MoneyPerCent);
        rig.Read(truth);
        Assert.Equal((2, TradingState.Halted), (rig.Rig.Position(), rig.Rig.Pipeline.Risk.State));
    }

    [Fact]
    public void What_is_adopted_becomes_the_part_of_the_declared_strategy()
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings() with { Strategy = new StrategyId(2) });
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        truth.Positions[1] = (4, 4 * 9_990 * Rig.MoneyPerCent);
        rig.Read(truth);
        Assert.Equal((4, 0, 4), (rig.Rig.Position(), rig.Rig.Virtual(1), rig.Rig.Virtual(2)));
    }

    private static int PlaceOfLive(AccountRig rig)
    {
        Assert.True(rig.Rig.Pipeline.Orders.TryFind(rig.Rig.Live(Side.Buy), out int place));
        return place;
    }
}
