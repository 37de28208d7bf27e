using LowLatency.Core.Determinism;
using LowLatency.Core.Market;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// The middle of the market weighed by the opposite quantities (J. Gatheral, R. Oomen, 2010): near the ask when the bid
/// is heavy. Always between bid and ask. O(1) for each state.
/// </summary>
public sealed class Microprice : BookIndicator
{
    /// <summary>Creates the indicator.</summary>
    public Microprice()
        : base(Declared, 1)
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "microprice",
        "Middle of best bid and ask, weighed by the opposite quantities.",
        [],
        [new("price", OutputType.Price, "the weighed middle")]);

    /// <summary>The weighed middle, price units.</summary>
    public double Price => Output(0);

    /// <inheritdoc/>
    protected override bool Look(in BestPrices best, Book book)
    {
        // From the bid upwards: the two large products would lose the digits that their sum keeps.
        double share = best.BidQuantity / ((double)best.BidQuantity + best.AskQuantity);
        Set(0, best.Bid + ((best.Ask - best.Bid) * share));
        return true;
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
    }
}
