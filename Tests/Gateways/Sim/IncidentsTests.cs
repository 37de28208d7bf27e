using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>Incidents that touch are one to whoever waits for their end.</summary>
public sealed class IncidentsTests
{
    [Theory]
    [InlineData(IncidentKind.Delay)]
    [InlineData(IncidentKind.Disconnect)]
    [InlineData(IncidentKind.Unknown)]
    [InlineData(IncidentKind.Lost)]
    public void The_end_of_an_incident_in_which_the_next_begins_is_no_end(IncidentKind kind)
    {
        Incidents incidents = new([new(10, 15, kind), new(15, 20, kind), new(30, 40, kind)]);
        bool line = kind != IncidentKind.Delay;
        Assert.Equal(9, line ? incidents.LineUp(9) : incidents.VenueUp(9));
        Assert.Equal(20, line ? incidents.LineUp(10) : incidents.VenueUp(10));
        Assert.Equal(20, line ? incidents.LineUp(15) : incidents.VenueUp(15));
        Assert.Equal(20, line ? incidents.LineUp(20) : incidents.VenueUp(20));
        Assert.Equal(40, line ? incidents.LineUp(39) : incidents.VenueUp(39));
        Assert.Equal(12, line ? incidents.VenueUp(12) : incidents.LineUp(12));
    }
}
