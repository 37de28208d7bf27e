using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>Simple moving average: the exact sum of the last prices over their number. O(1) for each bar.</summary>
public sealed class Sma : BarIndicator
{
    private readonly PriceSource _source;
    private readonly IntegerWindow _window;

    /// <summary>Creates the average.</summary>
    /// <param name="period">Bars of the window.</param>
    /// <param name="source">Price of the bar.</param>
    public Sma(int period, PriceSource source = PriceSource.Close)
        : base(Declared, Checked(period))
    {
        _source = source;
        _window = new IntegerWindow(period);
    }

    internal Sma(StrategyParameters parameters)
        : this((int)parameters.Integer("period"), PriceSources.Of(parameters))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "sma",
        "Simple moving average.",
        [new("period", ParameterKind.Integer, 1, PeriodMax, 20, "bars of the window"), PriceSources.Parameter()],
        [new("value", OutputType.Price, "mean of the last prices")]);

    /// <summary>The average, price units.</summary>
    public double Value => Output(0);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        _window.Add(_source.Numerator(bar));
        if (_window.IsFull)
        {
            Set(0, (double)_window.Sum / ((long)_window.Length * _source.Divisor()));
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _window.Visit(visitor);
    }
}
