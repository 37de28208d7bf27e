using LowLatency.Gateways;
using LowLatency.Gateways.Sim;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>The simulated venue under the venue contract.</summary>
public sealed class SimulatedVenueContractTests : VenueContract
{
    internal static SimulatedVenue Venue(VenueTerms terms) => new(Settings(terms));

    internal static SimulatedVenueSettings Settings(VenueTerms terms)
    {
        SimulatedVenueSettings plain = Plain(terms);
        return terms.With is null ? plain : terms.With(plain);
    }

    private static SimulatedVenueSettings Plain(VenueTerms terms) => new()
    {
        EntryLatency = terms.EntryLatency,
        ResponseLatency = terms.ResponseLatency,
        MakerFeePpm = terms.MakerFeePpm,
        TakerFeePpm = terms.TakerFeePpm,
        MaxOpenOrders = terms.MaxOpenOrders,
        Instruments = 2,
    };

    private protected override IVenue Create(VenueTerms terms) => Venue(terms);
}
