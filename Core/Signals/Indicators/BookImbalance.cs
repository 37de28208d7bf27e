using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Weight of the bids against the asks in the top levels: (bids - asks) / (bids + asks). Costs one step for each level
/// that is weighed. An instrument without a book has one level, its quote: deeper weighing is then not ready.
/// </summary>
public sealed class BookImbalance : BookIndicator
{
    /// <summary>Most levels of each side.</summary>
    public const int DepthMax = 50;

    private readonly int _depth;

    /// <summary>Creates the indicator.</summary>
    /// <param name="depth">Levels of each side; fewer are weighed where a side has fewer.</param>
    public BookImbalance(int depth)
        : base(Declared, 1)
    {
        Ensure.That(depth is >= 1 and <= DepthMax, "depth of a book's imbalance out of range");
        _depth = depth;
    }

    internal BookImbalance(StrategyParameters parameters)
        : this((int)parameters.Integer("depth"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "book-imbalance",
        "Weight of the bids against the asks in the top levels of the book.",
        [new("depth", ParameterKind.Integer, 1, DepthMax, 5, "levels of each side that are weighed")],
        [new("ratio", OutputType.Number, "-1 where only asks stand, 1 where only bids do")]);

    /// <summary>-1 to 1.</summary>
    public double Ratio => Output(0);

    /// <inheritdoc/>
    protected override bool Look(in BestPrices best, Book book)
    {
        if (!book.HasData && _depth > 1)
        {
            return false;
        }

        Int128 bids = book.HasData ? book.QuantityOfBest(Side.Buy, _depth) : best.BidQuantity;
        Int128 asks = book.HasData ? book.QuantityOfBest(Side.Sell, _depth) : best.AskQuantity;
        Set(0, (double)(bids - asks) / (double)(bids + asks));
        return true;
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
    }
}
