using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Results;

/// <summary>What the orders of one parent are held against.</summary>
/// <param name="side">The parent's side.</param>
/// <param name="arrival">Reference price when its first order was decided, price units; null when there was none.</param>
internal sealed class ParentBenchmark(Side side, long? arrival)
{
    private Int128 _turnover;
    private Int128 _quantity;

    internal Side Side { get; } = side;

    internal long? Arrival { get; } = arrival;

    /// <summary>The volume-weighted price of what was printed since the parent began, rounded down; null before a print.</summary>
    internal long? Vwap => _quantity == 0 ? null : (long)(_turnover / _quantity);

    internal void Print(in Trade trade)
    {
        _turnover += (Int128)trade.Price * trade.Quantity;
        _quantity += trade.Quantity;
    }
}

/// <summary>
/// The benchmarks of the parents that the shared lanes work in styles; one for each instrument. An order without a style is its
/// own parent: it has an arrival price, and no time in which anything could be printed.
/// </summary>
internal sealed class ParentBenchmarks
{
    private readonly ParentBenchmark?[] _working = new ParentBenchmark?[Limits.Instruments + 1];

    /// <summary>A print that the engine believed.</summary>
    internal void OnPrint(InstrumentId instrument, in Trade trade)
    {
        if (trade.Quantity > 0 && (trade.Marks & TradeMarks.Suspicious) == 0)
        {
            _working[instrument.Value]?.Print(trade);
        }
    }

    /// <summary>The benchmark of a new order.</summary>
    /// <param name="command">The order.</param>
    /// <param name="decision">Where its ruling says which order of its parent it is.</param>
    /// <param name="reference">The price now.</param>
    internal ParentBenchmark Of(in Command command, in Decision decision, long? reference)
    {
        int slice = SliceOf(command, decision);
        ref ParentBenchmark? working = ref _working[command.Instrument.Value];
        if (slice == 0)
        {
            return new ParentBenchmark(command.Side, reference);
        }

        if (slice == 1 || working is null || working.Side != command.Side)
        {
            working = new ParentBenchmark(command.Side, reference);
        }

        return working;
    }

    private static int SliceOf(in Command command, in Decision decision)
    {
        for (int i = 0; i < decision.VerdictCount; i++)
        {
            if (decision.Intents[i].Instrument == command.Instrument && decision.Intents[i].Owner == command.Owner)
            {
                return decision.Verdicts[i].Slice;
            }
        }

        return 0;
    }
}
