using LowLatency.Core.Determinism;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Keeps our lanes from trading with each other. An order whose limit reaches what another lane has working on the other
/// side is refused. An order at the market stops short of it; where nothing can be had before it, an exit makes the other
/// lanes give way: what they have on that side is refused for a while, so cancelled, and the exit comes again.
/// </summary>
internal sealed class SelfCross(RiskSettings settings, MarketView market, Exposure exposure, Grants grants, OpenLanes open)
    : IStateful
{
    // ReceivedAt until which a side of an instrument gives way.
    private readonly long[] _buysYieldUntil = new long[Limits.Instruments + 1];
    private readonly long[] _sellsYieldUntil = new long[Limits.Instruments + 1];

    /// <summary>The price of ours that a new order must not reach; 0 when there is none.</summary>
    internal long Boundary(InstrumentId instrument, StrategyId owner, Side side)
    {
        Side opposite = side.Opposite();
        long live = exposure.BoldestPrice(instrument, owner, opposite);
        long granted = grants.BoldestPrice(instrument, opposite);
        return live == 0 || (granted != 0 && (opposite == Side.Buy ? granted > live : granted < live)) ? granted : live;
    }

    /// <summary>True when an order at this price would reach one of ours.</summary>
    internal static bool Reaches(Side side, long price, long boundary) =>
        boundary != 0 && (side == Side.Buy ? price >= boundary : price <= boundary);

    /// <summary>Stops an order at the market short of ours.</summary>
    /// <param name="its">The instrument's market.</param>
    /// <param name="owner">The order's lane.</param>
    /// <param name="side">Its side.</param>
    /// <param name="price">Its bound.</param>
    /// <param name="isExit">True for one that others give way to.</param>
    /// <returns>The bound that does not reach ours; the bound itself when nothing can be had before ours.</returns>
    internal long StopShort(InstrumentMarket its, StrategyId owner, Side side, long price, bool isExit)
    {
        InstrumentId id = its.Definition.Id;
        long boundary = Boundary(id, owner, side);
        if (!Reaches(side, price, boundary))
        {
            return price;
        }

        long shy = boundary - (side.Sign() * its.Definition.Tick);
        bool marketable = its.TryBest(out long bid, out _, out long ask, out _)
            && (side == Side.Buy ? shy >= ask : shy <= bid);
        if (marketable)
        {
            return shy;
        }

        // Once is enough: what gave way cannot come back before the time is over, and the exit's own lane is among those
        // that are marked.
        if (isExit && !MustYield(id, side.Opposite()))
        {
            (side == Side.Buy ? _sellsYieldUntil : _buysYieldUntil)[id.Value] =
                market.Now + (2 * settings.RetryInterval);
            open.Mark(id);
        }

        return price;
    }

    /// <summary>True when this side of the instrument gives way to an exit.</summary>
    internal bool MustYield(InstrumentId instrument, Side side) =>
        market.Now < (side == Side.Buy ? _buysYieldUntil : _sellsYieldUntil)[instrument.Value];

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_buysYieldUntil);
        visitor.Visit<long>(_sellsYieldUntil);
    }
}
