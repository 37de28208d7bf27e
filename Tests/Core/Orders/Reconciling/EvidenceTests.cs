using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders.Reconciling;

/// <summary>
/// What a reading proves: older facts undo nothing, an unknown order is resolved by evidence alone, fills that were missed are
/// applied as fills, and an order that this journal cannot have made stops everything.
/// </summary>
public sealed class EvidenceTests
{
    [Fact]
    public void A_fill_that_comes_during_a_reading_is_not_judged_by_it()
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings(ReconcileMode.Strict));
        TrueOrder order = rig.Rest(1, 5, 9_990);
        rig.Rig.Now += 3 * Rig.Second;
        VenueTruth before = VenueTruth.Of(rig.Rig);
        rig.Read(before, ReadBackSubject.Orders);
        rig.Read(before, ReadBackSubject.Executions);
        rig.Stage(ReadBackSubject.Positions, ReadBackStage.Begin);
        rig.Items(before, ReadBackSubject.Positions);
        rig.Fill(order, 5);
        rig.Stage(ReadBackSubject.Positions, ReadBackStage.End);
        rig.Read(before, ReadBackSubject.Balances);

        // The answer knew of no fill: that is older than the fill, so it says nothing of the position.
        Assert.Equal((5, TradingState.Active), (rig.Rig.Position(), rig.Rig.Pipeline.Risk.State));
        Assert.Empty(rig.Told());
        Assert.Equal(RiskReason.None, rig.WhyShut(1, out _));
    }

    [Fact]
    public void An_answer_whose_time_is_before_the_last_fill_is_not_believed()
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings(ReconcileMode.Strict));
        TrueOrder order = rig.Rest(1, 5, 9_990);
        VenueTruth before = VenueTruth.Of(rig.Rig);
        rig.Rig.VenueTime = 5_000;
        rig.Fill(order, 5);
        rig.Rig.VenueTime = 0;
        foreach (long asOf in new[] { 4_999L, 5_001L })
        {
            rig.Rig.Now += 3 * Rig.Second;
            VenueTruth now = VenueTruth.Of(rig.Rig);
            rig.Read(now, ReadBackSubject.Orders);
            rig.Read(now, ReadBackSubject.Executions);
            rig.Stage(ReadBackSubject.Positions, ReadBackStage.Begin);
            rig.Items(before, ReadBackSubject.Positions);
            rig.Stage(ReadBackSubject.Positions, ReadBackStage.End, asOf: asOf);
            rig.Read(now, ReadBackSubject.Balances);
            Assert.Equal(asOf > 5_000 ? TradingState.Halted : TradingState.Active, rig.Rig.Pipeline.Risk.State);
        }
    }

    [Fact]
    public void What_moves_during_every_reading_is_let_rest_after_three()
    {
        AccountRig rig = AccountRig.Matched();
        TrueOrder order = rig.Rest(1, 100, 9_990);
        for (int reading = 1; reading <= 4; reading++)
        {
            rig.Rig.Now += 3 * Rig.Second;
            VenueTruth truth = VenueTruth.Of(rig.Rig);
            foreach (ReadBackSubject subject in AccountRig.Subjects)
            {
                rig.Stage(subject, ReadBackStage.Begin);
                rig.Items(truth, subject);
                if (subject == ReadBackSubject.Positions)
                {
                    rig.Fill(order, 1);
                }

                rig.Stage(subject, ReadBackStage.End);
            }

            Assert.Equal(reading <= 3 ? RiskReason.None : RiskReason.Unread, rig.WhyShut(1, out _));
            Assert.Equal(RiskReason.None, rig.WhyShut(2, out _));
        }
    }

    [Fact]
    public void A_missed_fill_is_applied_as_a_fill_and_once()
    {
        AccountRig rig = AccountRig.Matched(AccountRig.Settings(ReconcileMode.Strict));
        TrueOrder order = rig.Rest(1, 5, 9_990);
        Execution missed = rig.FillOf(order, 5);
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        truth.Orders.Clear();
        truth.Executions.Add((missed, 1, rig.Rig.Now));
        truth.Positions[1] = (5, 5 * 9_990 * Rig.MoneyPerCent);
        rig.Read(truth);
        Assert.Equal((5, 5, 0), (rig.Rig.Position(), rig.Rig.Virtual(1), rig.Rig.Virtual(0)));
        Assert.Empty(rig.Told());
        Assert.Equal(TradingState.Active, rig.Rig.Pipeline.Risk.State);

        // The stream tells it after all, and the next reading again.
        rig.Rig.Publish(missed, 1);
        rig.Read(truth);
        Assert.Equal(5, rig.Rig.Position());
        Assert.Equal(RiskReason.None, rig.WhyShut(1, out _));
    }

    [Fact]
    public void Fills_before_the_journal_are_in_the_position_that_it_began_with()
    {
        AccountRig rig = new();
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        truth.Positions[1] = (3, 3 * 9_990 * Rig.MoneyPerCent);
        truth.Executions.Add((
            new Execution { ExecutionId = new VenueId(7, 1), Price = 9_990, Quantity = 3, Side = Side.Buy }, 1, Rig.Start - 1));
        rig.Read(truth);
        Assert.Equal((3, 1), (rig.Rig.Position(), rig.Reconciler.History));
        rig.Read(truth);
        Assert.Equal((3, RiskReason.None), (rig.Rig.Position(), rig.WhyShut(1, out _)));
    }

    [Fact]
    public void Time_alone_never_resolves_an_unknown_order()
    {
        AccountRig rig = Unknown(out OrderId order);
        for (int reading = 0; reading < 20; reading++)
        {
            rig.Rig.Tick(60 * Rig.Second);
            VenueTruth absent = VenueTruth.Of(rig.Rig);
            rig.Read(absent);
        }

        // Never accepted, so it may still arrive: not at the venue is no proof.
        Assert.Equal(OrderState.Unknown, StateOf(rig, order));
        Assert.Equal(10, rig.Rig.Pipeline.Orders[PlaceOf(rig, order)].Reserved);
        Assert.Empty(rig.Told());
        rig.Rig.Tick();
        Assert.Equal(RiskReason.UnknownOutcome, rig.WhyShut(1, out long age));
        Assert.True(age > 60 * Rig.Second);
    }

    [Fact]
    public void The_proof_that_it_is_absent_resolves_it()
    {
        AccountRig rig = Unknown(out OrderId order);
        rig.Rig.Publish(new OrderReport { Order = order, Status = OrderStatus.Cancelled, Reason = ReportReason.ProvenAbsent }, 1);
        Assert.Equal(OrderState.Cancelled, StateOf(rig, order));
        rig.Rig.Tick(10 * Rig.Second);
        Assert.NotEqual(RiskReason.UnknownOutcome, rig.WhyShut(1, out _));
    }

    [Fact]
    public void A_reading_that_names_it_resolves_it_once_its_request_cannot_be_under_way()
    {
        AccountRig rig = Unknown(out OrderId order);
        TrueOrder found = new(order, rig.NextVenueId(), 1, Side.Buy, 9_900, 10, 0);
        rig.Rig.Now += (Rig.Second / 2);
        rig.Stage(ReadBackSubject.Orders, ReadBackStage.Begin);
        rig.Item(AccountRig.ReportOf(found), 1);
        Assert.Equal(OrderState.Unknown, StateOf(rig, order));
        rig.Rig.Now += Rig.Second;
        rig.Stage(ReadBackSubject.Orders, ReadBackStage.Begin);
        rig.Item(AccountRig.ReportOf(found), 1);
        Assert.Equal(OrderState.Working, StateOf(rig, order));
    }

    [Fact]
    public void A_fill_resolves_it()
    {
        AccountRig rig = Unknown(out OrderId order);
        rig.Rig.Fill(order, Side.Buy, 10, 9_900, 1);
        Assert.Equal(OrderState.Filled, StateOf(rig, order));
    }

    [Theory]
    [InlineData(9_900, 10, OrderState.Working, 9_900)]
    [InlineData(9_950, 12, OrderState.Working, 9_950)]
    public void An_amendment_that_nobody_answered_is_answered_by_a_reading(long price, long quantity, OrderState state, long becomes)
    {
        AccountRig rig = AccountRig.Matched();
        TrueOrder resting = rig.Rest(1, 10, 9_900);
        rig.Rig.Target(1, 12, 1, 9_950);
        Assert.Equal(CommandVerb.Amend, Assert.Single(rig.Rig.Commands).Verb);
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        truth.Orders[0] = resting with { Price = price, Quantity = quantity };
        rig.Rig.Now += 3 * Rig.Second;
        rig.Read(truth, ReadBackSubject.Orders);
        OrderRecord order = rig.Rig.Pipeline.Orders[PlaceOf(rig, resting.Id)];
        Assert.Equal((state, becomes, quantity), (order.State, order.Price, order.Quantity));
        Assert.Equal(quantity, order.Reserved);
    }

    [Fact]
    public void A_cancel_that_nobody_answered_is_answered_by_a_reading()
    {
        AccountRig rig = AccountRig.Matched();
        TrueOrder resting = rig.Rest(1, 10, 9_900);
        rig.Rig.Target(1, 0);
        Assert.Equal(OrderState.PendingCancel, StateOf(rig, resting.Id));
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        rig.Rig.Now += 3 * Rig.Second;
        rig.Read(truth, ReadBackSubject.Orders);
        Assert.Equal(OrderState.Working, StateOf(rig, resting.Id));
    }

    [Theory]
    [InlineData(1, 1L << 40)]
    [InlineData(2, 5)]
    public void An_order_of_ours_beyond_the_journal_halts_and_counts(int epoch, long sequence)
    {
        foreach (bool byStream in new[] { true, false })
        {
            AccountRig rig = AccountRig.Matched(AccountRig.Settings(ReconcileMode.Warn));
            TrueOrder lost = new(OrderId.Of(epoch, sequence, 0), rig.NextVenueId(), 1, Side.Buy, 9_900, 7, 2);
            if (byStream)
            {
                rig.Rig.Publish(AccountRig.ReportOf(lost), 1);
            }
            else
            {
                rig.Stage(ReadBackSubject.Orders, ReadBackStage.Begin);
                rig.Item(AccountRig.ReportOf(lost), 1);
            }

            Assert.Equal(TradingState.Halted, rig.Rig.Pipeline.Risk.State);
            Assert.Equal((1, 1), (rig.Reconciler.BeyondJournal, rig.Reconciler.Strays));
            Adjustment told = Assert.Single(rig.Told());
            Assert.Equal(
                (DifferenceKind.OrderMissingHere, AdjustmentAction.Halt, lost.Id, 5),
                (told.Difference, told.Action, told.Order, told.Leaves));

            // It is taken back with what is ours.
            Assert.Equal((CommandVerb.Cancel, lost.Id), (rig.Rig.Commands[^1].Verb, rig.Rig.Commands[^1].Order));
        }
    }

    [Fact]
    public void An_order_of_an_earlier_run_beyond_what_was_recovered_halts()
    {
        AccountRig rig = AccountRig.Matched();
        rig.Rig.Publish(new EpochStarted { Epoch = 2, Instance = 1, Venue = VenueKind.Simulated });
        long began = rig.Rig.Sequence - 1;
        rig.Rig.Tick(Rig.Second);
        rig.Rig.Tick(Rig.Second);
        TrueOrder known = new(OrderId.Of(1, began - 1, 0), rig.NextVenueId(), 1, Side.Buy, 9_900, 7, 0);
        rig.Rig.Publish(AccountRig.ReportOf(known), 1);
        Assert.Equal((0, TradingState.Active), (rig.Reconciler.BeyondJournal, rig.Rig.Pipeline.Risk.State));
        TrueOrder lost = known with { Id = OrderId.Of(1, began, 0), Venue = rig.NextVenueId() };
        rig.Rig.Publish(AccountRig.ReportOf(lost), 1);
        Assert.Equal((1, TradingState.Halted), (rig.Reconciler.BeyondJournal, rig.Rig.Pipeline.Risk.State));
    }

    [Fact]
    public void A_fill_of_an_order_beyond_the_journal_moves_the_position_and_halts()
    {
        AccountRig rig = AccountRig.Matched();
        rig.Rig.Fill(OrderId.Of(1, 1L << 40, 0), Side.Buy, 3, 9_990, 1);
        Assert.Equal((3, 1, TradingState.Halted), (rig.Rig.Position(), rig.Reconciler.BeyondJournal, rig.Rig.Pipeline.Risk.State));
    }

    [Fact]
    public void Fills_that_never_arrived_are_read_before_anything_adds()
    {
        AccountRig rig = AccountRig.Matched();
        TrueOrder resting = rig.Rest(1, 10, 9_900);
        rig.Asked();
        rig.Rig.Publish(AccountRig.ReportOf(resting with { Filled = 4 }, OrderStatus.Cancelled), 1);
        Assert.Equal(1, rig.Rig.Pipeline.OrderStage.MissingExecutions);
        Assert.Equal((TradingState.Active, RiskReason.Unread), (rig.Rig.Pipeline.Risk.State, rig.WhyShut(1, out _)));
        rig.Rig.Tick();
        Assert.Equal(1, rig.Asked());
    }

    private static AccountRig Unknown(out OrderId order)
    {
        AccountRig rig = AccountRig.Matched();
        rig.Rig.Target(1, 10, 1, 9_900);
        order = rig.Rig.Live(Side.Buy);
        rig.Rig.Outcome(order, CommandVerb.New, Outcome.Unknown);
        Assert.Equal(OrderState.Unknown, StateOf(rig, order));
        return rig;
    }

    private static int PlaceOf(AccountRig rig, OrderId order) =>
        rig.Rig.Pipeline.Orders.TryFind(order, out int place) ? place : -1;

    private static OrderState StateOf(AccountRig rig, OrderId order) => rig.Rig.Pipeline.Orders[PlaceOf(rig, order)].State;
}
