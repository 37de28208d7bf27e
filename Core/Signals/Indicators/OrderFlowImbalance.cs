using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Order-flow imbalance (R. Cont, A. Kukanov, S. Stoikov, The Price Impact of Order Book Events, 2014): what was added
/// to the best bid and taken from the best ask, less the opposite, over the last states of the market. O(1) for each
/// state; the sums are exact.
/// </summary>
/// <remarks>
/// A state adds the bid's quantity when the bid did not fall, takes the former one when it did not rise, and the mirror
/// image for the ask. The ratio is 0 where nothing flowed.
/// </remarks>
public sealed class OrderFlowImbalance : BookIndicator
{
    private readonly IntegerWindow _flows;
    private Int128 _sizes;
    private BestPrices _last;

    /// <summary>Creates the indicator.</summary>
    /// <param name="period">Changes of state that are summed.</param>
    public OrderFlowImbalance(int period)
        : base(Declared, Checked(period) + 1, period + 1) => _flows = new IntegerWindow(period);

    internal OrderFlowImbalance(StrategyParameters parameters)
        : this((int)parameters.Integer("period"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "order-flow-imbalance",
        "What was added to the best bid and taken from the best ask, less the opposite.",
        [new("period", ParameterKind.Integer, 1, PeriodMax, 100, "changes of the book or quote that are summed")],
        [
            new("sum", OutputType.Quantity, "net flow"),
            new("ratio", OutputType.Number, "net flow over the sum of the flows' sizes, -1 to 1"),
        ]);

    /// <summary>Net flow, quantity units.</summary>
    public double Sum => Output(0);

    /// <summary>Net flow over the sum of the flows' sizes, -1 to 1.</summary>
    public double Ratio => Output(1);

    /// <inheritdoc/>
    protected override bool Look(in BestPrices best, Book book)
    {
        BestPrices last = _last;
        _last = best;
        if (last.BidQuantity == 0)
        {
            return true;
        }

        long flow = (best.Bid >= last.Bid ? best.BidQuantity : 0) - (best.Bid <= last.Bid ? last.BidQuantity : 0)
            - (best.Ask <= last.Ask ? best.AskQuantity : 0) + (best.Ask >= last.Ask ? last.AskQuantity : 0);
        if (_flows.IsFull)
        {
            _sizes -= Math.Abs(_flows.Oldest);
        }

        _sizes += Math.Abs(flow);
        _flows.Add(flow);
        if (_flows.IsFull)
        {
            Set(0, (double)_flows.Sum);
            Set(1, _sizes == 0 ? 0.0 : (double)_flows.Sum / (double)_sizes);
        }

        return true;
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        _flows.Visit(visitor);
        visitor.VisitStruct(ref _sizes);
        visitor.VisitStruct(ref _last);
    }
}
