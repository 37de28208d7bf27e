using LowLatency.Core.Values;

namespace LowLatency.Core.Signals;

/// <summary>
/// What one strategy handed to another inside the account, without an order: their wishes offset each other. The venue's
/// position does not change by it, and what the buyer pays the seller receives.
/// </summary>
/// <param name="Instrument">The instrument.</param>
/// <param name="Buyer">Who has more of it now; the house may take part.</param>
/// <param name="Seller">Who has less.</param>
/// <param name="Quantity">Quantity units, positive.</param>
/// <param name="Price">Price units.</param>
public readonly record struct InternalTrade(
    InstrumentId Instrument, StrategyId Buyer, StrategyId Seller, long Quantity, long Price)
{
    /// <summary>What it changed for a strategy.</summary>
    /// <param name="strategy">A strategy or the house.</param>
    /// <returns>Quantity units, signed; 0 for who has no part in it.</returns>
    public long ChangeOf(StrategyId strategy) =>
        strategy == Buyer ? Quantity : strategy == Seller ? -Quantity : 0;
}
