using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using LowLatency.Gateways.Sim.Accounting;
using Xunit;
using static LowLatency.Tests.Gateways.Sim.Accounting.MoneyVenue;

namespace LowLatency.Tests.Gateways.Sim.Accounting;

/// <summary>Fees of fills that another venue reported are what the simulated one would have charged for them.</summary>
public sealed class FeeScheduleTests
{
    // Half a cent a share, at least a dollar and at most one per cent of an order; 0.1 % from the fifth of October on.
    private static readonly MoneyRules Rules = new()
    {
        Fees =
        [
            new FeeRule(2020_01_01, default, 0, 0, 0, 500_000, 500_000, 100_000_000, 10_000),
            new FeeRule(2024_10_05, default, 0, 1_000, 1_000, 0, 0, 0, 0),
        ],
    };

    [Fact]
    public void It_charges_what_the_venue_charged()
    {
        VenueHarness venue = Open(Rules, InstrumentKind.Equity);
        venue.Market(Midnight + (2 * Hour), Side.Buy, 10_000);
        venue.Show(Midnight + (3 * Hour), MarketScript.StandardBook());
        venue.Market(Midnight + (4 * Hour), Side.Buy, 500);
        venue.Market(Midnight + Day + Hour, Side.Sell, 90);
        venue.Run(Midnight + Day + (2 * Hour));
        Event[] fills = [.. venue.Reports.Where(r => r.Kind == EventKind.Execution)];
        Assert.Equal(4, fills.Length);
        Assert.Equal(fills.Select(f => f.Execution.Fee), Charge(new SimulatedVenueSettings { Money = Rules }, fills));

        // Another schedule charges otherwise.
        Assert.NotEqual(fills.Select(f => f.Execution.Fee), Charge(new SimulatedVenueSettings { TakerFeePpm = 1_000 }, fills));
    }

    [Fact]
    public void The_first_fill_of_an_order_pays_the_minimum_and_the_next_what_is_above_it()
    {
        FeeSchedule fees = new(new SimulatedVenueSettings { Money = Rules });
        Event defined = MarketScript.Define(kind: InstrumentKind.Equity);
        fees.Define(MarketScript.Instrument, defined.InstrumentDefined);
        Instrument rules = defined.InstrumentDefined.ToInstrument(MarketScript.Instrument);
        OrderId order = OrderId.Of(1, 1, 0);

        // 10 shares cost 0.05, so a dollar; 290 more are 1.50 together. On its own each 0.05 would be a dollar again.
        Assert.Equal(100_000_000, fees.Charge(order, rules, Midnight, 10_000, 10_000, Liquidity.Taker));
        Assert.Equal(50_000_000, fees.Charge(order, rules, Midnight, 10_000, 290_000, Liquidity.Taker));
        Assert.Equal(100_000_000, fees.Charge(OrderId.None, rules, Midnight, 10_000, 10_000, Liquidity.Taker));
        Assert.Equal(100_000_000, fees.Charge(OrderId.None, rules, Midnight, 10_000, 10_000, Liquidity.Taker));

        // The next day: 0.1 % of 1,000.
        Assert.Equal(100_000_000, fees.Charge(OrderId.Of(1, 2, 0), rules, Midnight + Day, 10_000, 10_000, Liquidity.Taker));
    }

    private static long[] Charge(SimulatedVenueSettings settings, Event[] fills)
    {
        FeeSchedule fees = new(settings);
        Event defined = MarketScript.Define(kind: InstrumentKind.Equity);
        fees.Define(MarketScript.Instrument, defined.InstrumentDefined);
        Instrument rules = defined.InstrumentDefined.ToInstrument(MarketScript.Instrument);
        return
        [
            .. fills.Select(f => fees.Charge(
                f.Execution.Order, rules, f.VenueTime, f.Execution.Price, f.Execution.Quantity, f.Execution.Liquidity)),
        ];
    }
}
