using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders.Reconciling;

/// <summary>What was read and decided is a function of the events: replayed, restored in the middle of a reading, and without allocating.</summary>
public sealed class ReconcilerStateTests
{
    private const int Instruments = 3;

    [Fact]
    public void A_run_with_readings_and_adjustments_replays_bit_for_bit()
    {
        Rig run = Run();
        Assert.True(run.Published.Count(e => e.Kind == EventKind.Adjustment) >= 8);
        Rig again = Fresh();
        again.Repeat(run, 0, run.Published.Count);
        Assert.Equal(DigestOf(run), DigestOf(again));

        // An adjustment that is left out is seen.
        Rig other = Fresh();
        int left = run.Published.FindIndex(e => e.Kind == EventKind.Adjustment);
        other.Repeat(run, 0, left);
        other.Repeat(run, left + 1, run.Published.Count);
        Assert.NotEqual(DigestOf(run), DigestOf(other));
    }

    [Fact]
    public void A_pipeline_restored_after_any_event_of_a_reading_goes_on_the_same_way()
    {
        Rig run = Run();
        List<int> asked = [.. Enumerable.Range(0, run.Published.Count).Where(i =>
            run.Published[i].Kind == EventKind.ReadBack && run.Published[i].ReadBack.Stage == ReadBackStage.Asked)];
        int middle = 0;
        for (int at = asked[1]; at <= asked[2]; at++)
        {
            Rig before = Fresh();
            before.Repeat(run, 0, at + 1);
            StateWriter writer = new(1 << 22);
            before.Pipeline.Visit(writer);
            Rig after = Fresh();
            StateReader reader = new(writer.Written.ToArray());
            after.Pipeline.Visit(reader);
            Assert.True(reader.AtEnd);
            after.Repeat(run, at + 1, run.Published.Count);
            Assert.Equal(DigestOf(run), DigestOf(after));
            middle += run.Published[at].Flags.HasFlag(EventFlags.ReadBack) ? 1 : 0;
        }

        Assert.True(middle >= 4);
    }

    [Fact]
    public void Readings_and_adjustments_allocate_nothing()
    {
        Rig run = Run();
        Rig again = Fresh();
        again.Repeat(run, 0, run.Published.Count);

        // What was read once more, as later events.
        List<Event> more = [.. run.Published.Where(e => e.Kind is EventKind.ReadBack or EventKind.Adjustment
            || e.Flags.HasFlag(EventFlags.ReadBack))];
        long readings = again.Pipeline.Reconciler!.Readings;
        Decision decision = default;
        Event next = default;
        long sequence = run.Published.Count;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < more.Count; i++)
        {
            Event e = more[i];
            e.Sequence = sequence++;
            e.ReceivedAt = run.Now + i;
            again.Pipeline.OnEvent(e, ref decision);
            again.Pipeline.Reconciler!.TryNext(ref next);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(again.Pipeline.Reconciler!.Readings - readings >= 5);
    }

    [Fact]
    public void An_adjustment_counts_once_and_one_that_is_outdated_changes_nothing()
    {
        AccountRig rig = AccountRig.Matched();
        VenueTruth truth = VenueTruth.Of(rig.Rig);
        truth.Positions[1] = (4, 4 * 9_990 * Rig.MoneyPerCent);
        truth.Cash -= 7;
        rig.Read(truth);
        Adjustment[] told = [.. rig.Told()];
        Assert.Equal(2, told.Length);
        rig.Fill(rig.Rest(2, -1, 10_010), 1);
        long cash = rig.Rig.Pipeline.Portfolio.Cash(0);
        foreach (Adjustment done in told)
        {
            rig.Rig.Publish(done, done.Difference == DifferenceKind.Balance ? 0 : 1);
            Adjustment outdated = done;
            outdated.AdjustmentId = new VenueId(1, done.AdjustmentId.Low);
            outdated.Theirs = 1_000;
            rig.Rig.Publish(outdated, done.Difference == DifferenceKind.Balance ? 0 : 1);
        }

        Assert.Equal((3, cash), (rig.Rig.Position(), rig.Rig.Pipeline.Portfolio.Cash(0)));
        Assert.Equal(2, told.Select(done => done.AdjustmentId).Distinct().Count());
    }

    /// <summary>A run with differences of several kinds in each of several readings.</summary>
    private static Rig Run()
    {
        AccountRig account = AccountRig.Matched(AccountRig.Settings(ReconcileMode.AutoSync, ForeignOrders.Cancel), Instruments);
        for (int reading = 0; reading < 3; reading++)
        {
            TrueOrder? resting = account.TryRest(1, 10, 9_900 + reading);
            if (account.TryRest(1, 5, 9_990, 2) is { } filled)
            {
                account.Fill(filled, filled.Quantity);
            }

            VenueTruth truth = VenueTruth.Of(account.Rig);
            truth.Cash += 5;
            truth.Positions[3] = (reading + 2, (reading + 2) * 9_990 * Rig.MoneyPerCent);
            truth.Orders.Add(new TrueOrder(OrderId.None, account.NextVenueId(), 2, Side.Buy, 9_800, 4, 0));
            if (resting is not null && truth.Orders.FindIndex(order => order.Id == resting.Id) is >= 0 and int place)
            {
                truth.Orders[place] = resting with { Price = 9_890 };
            }

            account.Rig.Tick(31 * Rig.Second);
            account.Read(truth);
            account.Rig.Tick(3 * Rig.Second);
            account.Read(VenueTruth.Of(account.Rig));
            account.Rig.Tick(3 * Rig.Second);
        }

        account.Rig.Tick(31 * Rig.Second);
        return account.Rig;
    }

    private static Rig Fresh() => AccountRig.Fresh(
        RigSettings.Wide() with { Reconcile = AccountRig.Settings(ReconcileMode.AutoSync, ForeignOrders.Cancel) }, Instruments);

    private static Digest DigestOf(Rig rig)
    {
        DigestVisitor visitor = new();
        rig.Pipeline.Visit(visitor);
        return visitor.Finish();
    }
}
