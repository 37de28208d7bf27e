using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>One order under check and what surrounds it. Quantities are of its instrument's units.</summary>
internal struct OrderCase
{
    /// <summary>Its instrument's market; defined.</summary>
    internal InstrumentMarket Market;

    /// <summary>Its lane's owner.</summary>
    internal StrategyId Owner;

    /// <summary>Bit s: strategy s has a part in it.</summary>
    internal uint Strategies;

    /// <summary>Its side.</summary>
    internal Side Side;

    /// <summary>Its price, price units.</summary>
    internal long Price;

    /// <summary>The market's price, price units; 0 without one.</summary>
    internal long Reference;

    /// <summary>The larger of its own and the market's price.</summary>
    internal long Worth;

    /// <summary>The position of its instrument, signed.</summary>
    internal long Position;

    /// <summary>What its lane has working on its side.</summary>
    internal long Own;

    /// <summary>What everything else on its side may still trade, grants of this event included.</summary>
    internal long Others;

    /// <summary>What of it only reduces the position.</summary>
    internal long Reducing;

    /// <summary>The position in the order's direction.</summary>
    internal readonly long Directed => Side.Sign() * Position;
}
