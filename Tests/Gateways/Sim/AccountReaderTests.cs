using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>The simulated venue answers a read-back with what it has when the request arrives.</summary>
public sealed class AccountReaderTests
{
    [Fact]
    public void A_reading_tells_orders_executions_positions_and_balances()
    {
        VenueHarness venue = Open();
        OrderId resting = venue.Limit(2_000, Side.Buy, 50, 9_990);
        venue.Market(3_000, Side.Buy, 70);
        venue.Run(9_000);
        Ask(venue, 10_000);
        venue.Finish();
        List<Event> answer = [.. venue.Reports.Where(e => e.ReceivedAt > 10_000)];

        // Begun at once, answered after both latencies, whole and in order.
        Assert.Equal(
            ["Orders Begin", "Executions Begin", "Positions Begin", "Balances Begin", "Orders End", "Executions End", "Positions End", "Balances End"],
            answer.Where(e => e.Kind == EventKind.ReadBack).Select(e => $"{e.ReadBack.Subject} {e.ReadBack.Stage}"));
        Assert.All(answer.Take(4), e => Assert.Equal(10_001, e.ReceivedAt));
        Assert.All(answer.Skip(4), e => Assert.Equal(10_000 + 100 + 100, e.ReceivedAt));
        Assert.All(answer.Where(e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.End),
            e => Assert.Equal(10_100, e.ReadBack.AsOf));
        Assert.All(answer, e => Assert.Equal(e.Kind != EventKind.ReadBack, e.Flags.HasFlag(EventFlags.ReadBack)));

        OrderReport order = Assert.Single(answer, e => e.Kind == EventKind.OrderReport).OrderReport;
        Assert.Equal(
            (resting, OrderStatus.Accepted, Side.Buy, 9_990, 50, 0),
            (order.Order, order.Status, order.Side, order.Price, order.Quantity, order.CumulativeQuantity));
        long bought = answer.Where(e => e.Kind == EventKind.Execution).Sum(e => e.Execution.Quantity);
        PositionReport position = Assert.Single(answer, e => e.Kind == EventKind.PositionReport).PositionReport;
        Assert.Equal((70, 70), (bought, position.Quantity));
        Assert.Equal(
            venue.Reports.Where(e => e.Kind == EventKind.Execution && !e.Flags.HasFlag(EventFlags.ReadBack)).Select(e => e.Execution.ExecutionId),
            answer.Where(e => e.Kind == EventKind.Execution).Select(e => e.Execution.ExecutionId));
        Assert.NotEqual(0, position.AveragePrice);
    }

    [Fact]
    public void What_happens_while_the_answer_is_on_its_way_is_told_by_the_stream_alone()
    {
        VenueHarness venue = Open();
        Ask(venue, 10_000);
        venue.Market(10_050, Side.Buy, 70);
        venue.Finish();
        Event position = Assert.Single(venue.Reports, e => e.Kind == EventKind.PositionReport);
        Assert.Equal((0, 10_100), (position.PositionReport.Quantity, position.VenueTime));
        Assert.All(venue.Reports.Where(e => e.Kind == EventKind.Execution), e => Assert.Equal(10_150, e.VenueTime));
    }

    [Fact]
    public void Asked_again_before_it_has_answered_it_answers_once()
    {
        VenueHarness venue = Open();
        Ask(venue, 10_000);
        Ask(venue, 10_050);
        venue.Finish();
        Assert.Single(venue.Reports, e => e.Kind == EventKind.ReadBack && e.ReadBack.Subject == ReadBackSubject.Balances
            && e.ReadBack.Stage == ReadBackStage.End);
    }

    [Fact]
    public void Another_venue_is_not_asked()
    {
        VenueHarness venue = Open();
        Ask(venue, 10_000, EventSource.Bybit);
        venue.Finish();
        Assert.DoesNotContain(venue.Reports, e => e.Kind == EventKind.ReadBack);
    }

    [Fact]
    public void An_outage_fails_the_reading()
    {
        VenueHarness venue = new(new SimulatedVenue(new SimulatedVenueSettings
        {
            EntryLatency = 100,
            ResponseLatency = 100,
            MaxOpenOrders = 8,
            Instruments = 2,
            MakerFeePpm = 0,
            TakerFeePpm = 0,
            Incidents = [new VenueIncident(10_000, 11_000, IncidentKind.Disconnect)],
        }));
        Ask(venue, 10_500);
        venue.Finish();
        ReadBack failed = Assert.Single(venue.Reports).ReadBack;
        Assert.Equal(ReadBackStage.Failed, failed.Stage);
        Ask(venue, 12_000);
        venue.Finish();
        Assert.Contains(venue.Reports, e => e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.End);
    }

    private static void Ask(VenueHarness venue, long at, EventSource whom = EventSource.SimulatedVenue)
    {
        Event e = default;
        e.Source = EventSource.Engine;
        e.Flags = EventFlags.Whole;
        e.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = whom });
        venue.Show(at, e);
    }

    private static VenueHarness Open()
    {
        VenueHarness venue = new(SimulatedVenueContractTests.Venue(new VenueTerms { EntryLatency = 100, ResponseLatency = 100 }));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.StandardBook());
        return venue;
    }
}
