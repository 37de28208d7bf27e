using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Directional movement (J. W. Wilder, 1978): +DI, -DI and their average directional index, all in Wilder's smoothing.
/// O(1) for each bar.
/// </summary>
/// <remarks>
/// Without any range both indices are 0 / 0 and are 0 here; where both are 0 the directional index is 0 as well: there
/// was no movement to have a direction.
/// </remarks>
public sealed class Adx : BarIndicator
{
    private TrueRange _range;
    private Ema _ranges;
    private Ema _ups;
    private Ema _downs;
    private Ema _index;
    private long _high;
    private long _low;

    /// <summary>Creates the indicator.</summary>
    /// <param name="period">Changes of each first mean.</param>
    public Adx(int period)
        : base(Declared, 2 * Checked(period), period + 1, period + 1)
    {
        _ranges = Ema.Wilder(period);
        _ups = Ema.Wilder(period);
        _downs = Ema.Wilder(period);
        _index = Ema.Wilder(period);
    }

    internal Adx(StrategyParameters parameters)
        : this((int)parameters.Integer("period"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "adx",
        "Wilder's directional movement.",
        [new("period", ParameterKind.Integer, 1, PeriodMax, 14, "changes of each first mean")],
        [
            new("value", OutputType.Number, "average directional index, 0 to 100"),
            new("plus", OutputType.Number, "+DI, 0 to 100"),
            new("minus", OutputType.Number, "-DI, 0 to 100"),
        ]);

    /// <summary>Average directional index, 0 to 100.</summary>
    public double Value => Output(0);

    /// <summary>+DI, 0 to 100.</summary>
    public double Plus => Output(1);

    /// <summary>-DI, 0 to 100.</summary>
    public double Minus => Output(2);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        long up = bar.High - _high;
        long down = _low - bar.Low;
        _high = bar.High;
        _low = bar.Low;
        if (!_range.TryNext(bar, out long range))
        {
            return;
        }

        _ranges.Add(range);
        _ups.Add(up > down ? Math.Max(0, up) : 0.0);
        _downs.Add(down > up ? Math.Max(0, down) : 0.0);
        if (!_ranges.IsReady)
        {
            return;
        }

        double plus = _ranges.Value > 0.0 ? 100.0 * _ups.Value / _ranges.Value : 0.0;
        double minus = _ranges.Value > 0.0 ? 100.0 * _downs.Value / _ranges.Value : 0.0;
        Set(1, plus);
        Set(2, minus);
        _index.Add(plus + minus > 0.0 ? 100.0 * Math.Abs(plus - minus) / (plus + minus) : 0.0);
        if (_index.IsReady)
        {
            Set(0, _index.Value);
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _range.Visit(visitor);
        _ranges.Visit(visitor);
        _ups.Visit(visitor);
        _downs.Visit(visitor);
        _index.Visit(visitor);
        visitor.Visit(ref _high);
        visitor.Visit(ref _low);
    }
}
