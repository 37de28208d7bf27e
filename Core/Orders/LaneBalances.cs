using LowLatency.Core.Determinism;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders;

/// <summary>What became of everything that a lane ever asked for on one side (32 bytes).</summary>
public struct LaneBalance
{
    /// <summary>Quantity units of all orders that it made, with what amendments added.</summary>
    public long Asked;

    /// <summary>Filled.</summary>
    public long Filled;

    /// <summary>Given back: by orders that ended, and by amendments to less.</summary>
    public long Released;

    /// <summary>Filled beyond what an order asked for.</summary>
    public long Excess;
}

/// <summary>
/// The balance between what lanes asked for and what became of it: asked + excess = filled + open + released, where open
/// is everything that is not proven dead. Each side of the equation is counted where it happens; the exposure that risk
/// looks at is the open part. It is checked after every change, and a difference stops the engine: a lane that loses
/// count of its children's fills sends them again.
/// </summary>
public sealed class LaneBalances : IStateful
{
    private const int Owners = Limits.Strategies + 1;

    private readonly Exposure _exposure;
    private readonly LaneBalance[] _buy = new LaneBalance[(Limits.Instruments + 1) * Owners];
    private readonly LaneBalance[] _sell = new LaneBalance[(Limits.Instruments + 1) * Owners];

    /// <summary>Creates the balances.</summary>
    /// <param name="exposure">What is open.</param>
    public LaneBalances(Exposure exposure) => _exposure = exposure;

    /// <summary>The balance of a lane's side.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="owner">The lane's owner.</param>
    /// <param name="side">Buy or sell.</param>
    /// <returns>It, to be added to where it happens.</returns>
    public ref LaneBalance this[InstrumentId instrument, StrategyId owner, Side side] =>
        ref (side == Side.Buy ? _buy : _sell)[(instrument.Value * Owners) + owner.Value];

    /// <summary>Stops the engine unless the balance holds.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="owner">The lane's owner.</param>
    /// <param name="side">Buy or sell.</param>
    public void Check(InstrumentId instrument, StrategyId owner, Side side)
    {
        ref readonly LaneBalance balance = ref this[instrument, owner, side];
        long open = _exposure.OpenInLane(instrument, owner, side);
        Ensure.That(
            balance.Asked + balance.Excess == balance.Filled + open + balance.Released,
            "a lane has lost count: asked + excess is not filled + open + released");
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<LaneBalance>(_buy);
        visitor.Visit<LaneBalance>(_sell);
    }
}
