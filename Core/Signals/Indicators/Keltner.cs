using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Keltner channel (C. Keltner, in L. Raschke's form): the exponential average of closes and bands of so many average
/// true ranges around it. O(1) for each bar.
/// </summary>
public sealed class Keltner : BarIndicator
{
    private readonly double _ranges;
    private TrueRange _range;
    private Ema _middle;
    private Ema _average;

    /// <summary>Creates the channel.</summary>
    /// <param name="period">Bars of the exponential average.</param>
    /// <param name="atrPeriod">True ranges of the first mean.</param>
    /// <param name="ranges">Average true ranges to each side, 0 to 100.</param>
    public Keltner(int period, int atrPeriod, double ranges)
        : base(
            Declared,
            Math.Max(Checked(period), Checked(atrPeriod) + 1),
            period,
            Math.Max(period, atrPeriod + 1))
    {
        Ensure.That(ranges is >= 0.0 and <= 100.0, "width of a channel out of range");
        _ranges = ranges;
        _middle = Ema.FromMean(period);
        _average = Ema.Wilder(atrPeriod);
    }

    internal Keltner(StrategyParameters parameters)
        : this(
            (int)parameters.Integer("period"),
            (int)parameters.Integer("atrPeriod"),
            parameters.Fixed9("ranges") / 1e9)
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "keltner",
        "Exponential average with bands of so many average true ranges around it.",
        [
            new("period", ParameterKind.Integer, 1, PeriodMax, 20, "bars of the exponential average"),
            new("atrPeriod", ParameterKind.Integer, 1, PeriodMax, 10, "true ranges of the first mean"),
            new("ranges", ParameterKind.Fixed9, 0, 100_000_000_000, 2_000_000_000, "average true ranges to each side"),
        ],
        [
            new("upper", OutputType.Price, "upper band"),
            new("middle", OutputType.Price, "exponential average"),
            new("lower", OutputType.Price, "lower band"),
        ]);

    /// <summary>Upper band, price units.</summary>
    public double Upper => Output(0);

    /// <summary>Exponential average, price units.</summary>
    public double Middle => Output(1);

    /// <summary>Lower band, price units.</summary>
    public double Lower => Output(2);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        _middle.Add(bar.Close);
        if (_range.TryNext(bar, out long range))
        {
            _average.Add(range);
        }

        if (!_middle.IsReady)
        {
            return;
        }

        Set(1, _middle.Value);
        if (_average.IsReady)
        {
            Set(0, _middle.Value + (_ranges * _average.Value));
            Set(2, _middle.Value - (_ranges * _average.Value));
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _range.Visit(visitor);
        _middle.Visit(visitor);
        _average.Visit(visitor);
    }
}
