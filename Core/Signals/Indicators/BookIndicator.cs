using System;
using LowLatency.Core.Market;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// An indicator of the standing market: the order book, or the best bid and ask where there is no book. It is not ready
/// while either side is unknown, and starts anew after that.
/// </summary>
public abstract class BookIndicator : Indicator
{
    /// <summary>Largest sum of quantities that is weighed, quantity units (2^60).</summary>
    public const long QuantityMax = 1L << 60;

    /// <summary>Creates an indicator without a value.</summary>
    /// <param name="schema">Its type's declaration.</param>
    /// <param name="warmUps">For each output the states of the market after which it is ready.</param>
    protected BookIndicator(IndicatorSchema schema, params ReadOnlySpan<int> warmUps)
        : base(schema, warmUps)
    {
    }

    /// <summary>Looks at the market after a change of the book or the quote.</summary>
    /// <param name="instrument">Whose market.</param>
    public void Update(InstrumentMarket instrument)
    {
        if (!instrument.TryBest(out long bid, out long bidQuantity, out long ask, out long askQuantity)
            || !Update(new BestPrices(bid, bidQuantity, ask, askQuantity), instrument.Book))
        {
            Clear();
        }
    }

    /// <summary>Looks at the market; false when it cannot be weighed.</summary>
    /// <param name="best">Both sides' best price, quantities above zero.</param>
    /// <param name="book">The book; without data when the instrument has none.</param>
    /// <returns>False clears the indicator.</returns>
    protected abstract bool Look(in BestPrices best, Book book);

    private bool Update(in BestPrices best, Book book) =>
        best.Bid is >= 1 and <= PriceMax
        && best.Ask is >= 1 and <= PriceMax
        && best.BidQuantity is >= 1 and <= QuantityMax
        && best.AskQuantity is >= 1 and <= QuantityMax
        && Look(best, book);
}

/// <summary>Best bid and ask.</summary>
/// <param name="Bid">Price units.</param>
/// <param name="BidQuantity">Quantity units.</param>
/// <param name="Ask">Price units.</param>
/// <param name="AskQuantity">Quantity units.</param>
public readonly record struct BestPrices(long Bid, long BidQuantity, long Ask, long AskQuantity);
