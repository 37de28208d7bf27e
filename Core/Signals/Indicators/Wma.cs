using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Linearly weighted moving average: the newest price weighs <c>period</c>, the oldest 1. Both sums are exact. O(1) for
/// each bar.
/// </summary>
public sealed class Wma : BarIndicator
{
    private readonly PriceSource _source;
    private readonly IntegerWindow _window;
    private Int128 _weighted;

    /// <summary>Creates the average.</summary>
    /// <param name="period">Bars of the window.</param>
    /// <param name="source">Price of the bar.</param>
    public Wma(int period, PriceSource source = PriceSource.Close)
        : base(Declared, Checked(period))
    {
        _source = source;
        _window = new IntegerWindow(period);
    }

    internal Wma(StrategyParameters parameters)
        : this((int)parameters.Integer("period"), PriceSources.Of(parameters))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "wma",
        "Linearly weighted moving average: the newest price weighs most, the oldest 1.",
        [new("period", ParameterKind.Integer, 1, PeriodMax, 20, "bars of the window"), PriceSources.Parameter()],
        [new("value", OutputType.Price, "the average")]);

    /// <summary>The average, price units.</summary>
    public double Value => Output(0);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        long price = _source.Numerator(bar);
        int period = _window.Length;
        if (_window.IsFull)
        {
            // Every price of the window loses one weight, which takes the oldest away.
            _weighted += ((Int128)period * price) - _window.Sum;
        }
        else
        {
            _weighted += (Int128)(_window.Count + 1) * price;
        }

        _window.Add(price);
        if (_window.IsFull)
        {
            Set(0, (double)_weighted / ((long)period * (period + 1) / 2 * _source.Divisor()));
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _window.Visit(visitor);
        visitor.VisitStruct(ref _weighted);
    }
}
