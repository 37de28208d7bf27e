using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Exponential moving average of a price, alpha = 2 / (period + 1), starting as the mean of its first prices.
/// </summary>
public sealed class ExponentialAverage : BarIndicator
{
    private readonly PriceSource _source;
    private Ema _ema;

    /// <summary>Creates the average.</summary>
    /// <param name="period">Bars of the mean that it starts as.</param>
    /// <param name="source">Price of the bar.</param>
    public ExponentialAverage(int period, PriceSource source = PriceSource.Close)
        : base(Declared, Checked(period))
    {
        _source = source;
        _ema = Ema.FromMean(period);
    }

    internal ExponentialAverage(StrategyParameters parameters)
        : this((int)parameters.Integer("period"), PriceSources.Of(parameters))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "ema",
        "Exponential moving average, alpha = 2 / (period + 1), starting as the mean of its first prices.",
        [new("period", ParameterKind.Integer, 1, PeriodMax, 20, "bars of the mean that it starts as"), PriceSources.Parameter()],
        [new("value", OutputType.Price, "the average")]);

    /// <summary>The average, price units.</summary>
    public double Value => Output(0);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        _ema.Add((double)_source.Numerator(bar) / _source.Divisor());
        if (_ema.IsReady)
        {
            Set(0, _ema.Value);
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _ema.Visit(visitor);
    }
}
