using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Relative strength index (J. W. Wilder, New Concepts in Technical Trading Systems, 1978): 100 x gains / (gains +
/// losses), both in Wilder's smoothing. O(1) for each bar.
/// </summary>
/// <remarks>
/// Without any change the quotient is 0 / 0. Libraries differ (TA-Lib 0, others 100); it is 50 here: neither side was
/// stronger, and no rule for an extreme fires on a market that stands still.
/// </remarks>
public sealed class Rsi : BarIndicator
{
    private readonly PriceSource _source;
    private Ema _gains;
    private Ema _losses;
    private long _last;

    /// <summary>Creates the index.</summary>
    /// <param name="period">Changes of the first mean.</param>
    /// <param name="source">Price of the bar.</param>
    public Rsi(int period, PriceSource source = PriceSource.Close)
        : base(Declared, Checked(period) + 1)
    {
        _source = source;
        _gains = Ema.Wilder(period);
        _losses = Ema.Wilder(period);
    }

    internal Rsi(StrategyParameters parameters)
        : this((int)parameters.Integer("period"), PriceSources.Of(parameters))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "rsi",
        "Wilder's relative strength index, 0 to 100; 50 while no price changed.",
        [new("period", ParameterKind.Integer, 1, PeriodMax, 14, "changes of the first mean"), PriceSources.Parameter()],
        [new("value", OutputType.Number, "the index, 0 to 100")]);

    /// <summary>The index, 0 to 100.</summary>
    public double Value => Output(0);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        long price = _source.Numerator(bar);
        long last = _last;
        _last = price;
        if (last == 0)
        {
            return;
        }

        _gains.Add(price > last ? price - last : 0.0);
        _losses.Add(price < last ? last - price : 0.0);
        if (_gains.IsReady)
        {
            double both = _gains.Value + _losses.Value;
            Set(0, both == 0.0 ? 50.0 : 100.0 * _gains.Value / both);
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _gains.Visit(visitor);
        _losses.Visit(visitor);
        visitor.Visit(ref _last);
    }
}
