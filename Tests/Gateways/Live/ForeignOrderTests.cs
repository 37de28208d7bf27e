using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>An order that somebody else made on the account is cancelled, and looked up, by the venue's own id.</summary>
public sealed class ForeignOrderTests
{
    public static TheoryData<Fault, bool> Faults
    {
        get
        {
            TheoryData<Fault, bool> cases = [];
            foreach (Fault fault in (Fault[])
                [Fault.None, Fault.RequestLost, Fault.AnswerLost, Fault.CutBefore, Fault.CutAfter, Fault.UnlistedActed, Fault.UnlistedNotActed, Fault.ReportLost])
            {
                cases.Add(fault, true);
                cases.Add(fault, false);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_cancel_of_it_ends_in_what_the_venue_shows(Fault fault, bool byStream)
    {
        LiveBench bench = new LiveBench(hasTradeStream: byStream).Ready();
        VenueId other = Appear(bench, "by-hand-1");
        VenueId named = Appear(bench, "by-hand-2");
        bench.Venue.FaultOf = (verb, link) => verb == "cancel" && link == "by-hand-2" ? fault : Fault.None;
        bench.CancelForeign(named);
        Assert.True(bench.RunUntil(() => bench.Account.Unresolved == 0, 60 * VirtualClock.Second));
        FakeOrder truth = bench.Venue.Orders["by-hand-2"];
        OrderReport last = bench.Events.Last(e => e.Kind == EventKind.OrderReport && e.OrderReport.VenueOrder == named).OrderReport;
        Assert.Equal(
            truth.IsOpen ? OrderStatus.CancelRejected : OrderStatus.Cancelled, last.Status);
        Assert.NotEqual(ReportReason.ProvenAbsent, last.Reason);
        Assert.InRange(bench.Venue.ArrivalsOf("cancel", "by-hand-2"), 0, 1);

        // Nobody touched the other one.
        Assert.True(bench.Venue.Orders["by-hand-1"].IsOpen);
        Assert.DoesNotContain(bench.Events, e => e.Kind == EventKind.OrderReport
            && e.OrderReport.VenueOrder == other && e.OrderReport.Status == OrderStatus.Cancelled);
    }

    [Fact]
    public void One_that_is_nowhere_is_proven_absent_under_its_own_id()
    {
        LiveBench bench = new LiveBench().Ready();
        _ = Appear(bench, "by-hand-1");
        VenueId nowhere = new(0x5cf98598_0000_4000, 0x8000_0000_0000_9999);
        bench.CancelForeign(nowhere);
        Assert.True(bench.RunUntil(() => bench.Account.Unresolved == 0, 60 * VirtualClock.Second));
        Assert.Contains(bench.Events, e => e.Kind == EventKind.OrderReport && e.OrderReport.Order.IsNone
            && e.OrderReport.VenueOrder == nowhere && e.OrderReport.Reason == ReportReason.ProvenAbsent);
        Assert.True(bench.Venue.Orders["by-hand-1"].IsOpen);
    }

    [Fact]
    public void A_foreign_order_that_appears_is_not_taken_for_one_that_was_proven_absent()
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Venue.FaultOf = (verb, _) => verb == "create" ? Fault.RequestLost : Fault.None;
        OrderId absent = bench.New();
        Assert.True(bench.RunUntil(() => bench.Account.Unresolved == 0, 60 * VirtualClock.Second));

        // It comes late after all and is taken back; its place in the watch is free again.
        bench.Venue.Appear(LiveBench.LinkOf(absent), 65_000m, 0.5m);
        bench.Run(VirtualClock.Second);
        Assert.Equal(1, bench.Account.LateAcceptances);
        _ = Appear(bench, "by-hand-1");
        bench.Run(VirtualClock.Second);
        Assert.Equal(1, bench.Account.LateAcceptances);
        Assert.True(bench.Venue.Orders["by-hand-1"].IsOpen);
    }

    private static VenueId Appear(LiveBench bench, string link)
    {
        bench.Venue.Appear(link, 65_000m, 0.5m);
        bench.Run(100 * VirtualClock.Millisecond);
        return bench.Events.Last(e => e.Kind == EventKind.OrderReport && e.OrderReport.Order.IsNone).OrderReport.VenueOrder;
    }
}
