using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals.Strategies;

/// <summary>
/// Mean reversion on the order book: when one side of the top levels outweighs the other by more than the entry
/// threshold, it fades the heavy side with a limit at the touch; it leaves when the book is balanced again or the
/// horizon ends.
/// </summary>
public sealed class Imbalance : Strategy
{
    private const int Million = 1_000_000;

    // Up to here a sum times a million fits 64 bits.
    private const long Narrow = long.MaxValue / Million;

    private readonly int _depth;
    private readonly long _enter;
    private readonly long _exit;
    private readonly long _quantityE9;
    private readonly long _horizon;

    // -1 short, 0 out, +1 long: what it last stated.
    private readonly int[] _stance = new int[Limits.Instruments + 1];
    private readonly long[] _until = new long[Limits.Instruments + 1];

    /// <summary>Creates the strategy.</summary>
    /// <param name="parameters">Values of <see cref="Schema"/>.</param>
    public Imbalance(StrategyParameters parameters)
    {
        _depth = (int)parameters.Integer("depth");
        _enter = parameters.Integer("enterPpm");
        _exit = parameters.Integer("exitPpm");
        _quantityE9 = parameters.Fixed9("quantity");
        _horizon = parameters.Integer("horizonMs") * 1_000_000;
    }

    /// <summary>Its parameters.</summary>
    public static ParameterSchema Schema { get; } = new(
        "imbalance",
        "Fades an unbalanced order book with a limit at the touch, leaves when it is balanced again.",
        [
            new("depth", ParameterKind.Integer, 1, 50, 5, "levels of each side that are weighed"),
            new("enterPpm", ParameterKind.Integer, 2, Million, 800_000, "imbalance that opens, parts per million"),
            new("exitPpm", ParameterKind.Integer, 1, Million, 200_000, "imbalance that closes, parts per million"),
            new("quantity", ParameterKind.Fixed9, 1, 1_000_000_000_000_000, 1_000_000_000, "size of the position"),
            new("horizonMs", ParameterKind.Integer, 1, 3_600_000, 5_000, "longest time in a position, milliseconds"),
        ],
        new ParameterOrder("exitPpm", "enterPpm"));

    /// <inheritdoc/>
    public override void OnBook(StrategyContext context, InstrumentMarket instrument)
    {
        Book book = instrument.Book;
        if (!book.HasBothSides)
        {
            return;
        }

        InstrumentId id = instrument.Definition.Id;
        ref int stance = ref _stance[id.Value];
        if (stance != 0 && context.Now >= _until[id.Value])
        {
            stance = 0;
        }

        long imbalance = Weigh(book);
        int wanted = imbalance >= _enter ? -1
            : imbalance <= -_enter ? 1
            : Math.Abs(imbalance) <= _exit ? 0
            : stance;
        if (wanted == stance)
        {
            return;
        }

        long size = instrument.Definition.FromE9(_quantityE9);
        long limit = wanted > 0 ? book.BestAskPrice : book.BestBidPrice;
        int confidence = (int)Math.Min(Million, Math.Abs(imbalance));
        bool taken = wanted == 0
            ? context.SetFlat(id)
            : context.SetTargetWithLimit(id, wanted * size, limit, confidence, _horizon);
        if (taken)
        {
            stance = wanted;
            _until[id.Value] = context.Now + _horizon;
        }
    }

    /// <inheritdoc/>
    public override void Visit(StateVisitor visitor)
    {
        visitor.Visit<int>(_stance);
        visitor.Visit<long>(_until);
    }

    /// <summary>(bids - asks) / (bids + asks) of the top levels, parts per million.</summary>
    private long Weigh(Book book)
    {
        Int128 bids = book.QuantityOfBest(Side.Buy, _depth);
        Int128 asks = book.QuantityOfBest(Side.Sell, _depth);
        if (bids <= Narrow && asks <= Narrow)
        {
            return ((long)bids - (long)asks) * Million / ((long)bids + (long)asks);
        }

        return (long)((bids - asks) * Million / (bids + asks));
    }
}
