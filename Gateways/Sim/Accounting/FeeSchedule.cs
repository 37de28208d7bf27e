using System.Collections.Generic;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>
/// What a simulated venue would charge for fills that another one reported, told one after the other in the order of their times:
/// by the date, by what was traded before, with minimum and maximum of each order.
/// </summary>
/// <param name="settings">Whose fees.</param>
public sealed class FeeSchedule(SimulatedVenueSettings settings)
{
    /// <summary>Orders that are followed at once; a fill of one more stops the engine.</summary>
    public const int OrdersMax = 4_000_000;

    private readonly FeeBook _fees = new(settings);
    private readonly Dictionary<OrderId, OrderFees> _orders = [];
    private readonly Symbol24[] _symbols = new Symbol24[Limits.Instruments + 1];

    /// <summary>Takes an instrument's name and currency.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="defined">Its definition.</param>
    public void Define(InstrumentId instrument, in InstrumentDefined defined)
    {
        _symbols[instrument.Value] = defined.Symbol;
        _fees.Define(instrument, defined);
    }

    /// <summary>Charges a fill.</summary>
    /// <param name="order">Its order; fills without one are each an order of their own.</param>
    /// <param name="rules">The instrument.</param>
    /// <param name="at">When it was, nanoseconds since 1970 UTC.</param>
    /// <param name="price">Price units.</param>
    /// <param name="quantity">Quantity units, positive.</param>
    /// <param name="liquidity">Whether it gave or took; what is not known pays as a taker.</param>
    /// <returns>Money units; negative is a rebate.</returns>
    public long Charge(OrderId order, in Instrument rules, long at, long price, long quantity, Liquidity liquidity)
    {
        OrderFees own = default;
        if (order.IsNone)
        {
            return _fees.Charge(ref own, rules, _symbols[rules.Id.Value], at, price, quantity, liquidity);
        }

        Ensure.That(_orders.Count < OrdersMax, "more orders than fees are followed of");
        ref OrderFees fees = ref CollectionsMarshal.GetValueRefOrAddDefault(_orders, order, out _);
        return _fees.Charge(ref fees, rules, _symbols[rules.Id.Value], at, price, quantity, liquidity);
    }
}
