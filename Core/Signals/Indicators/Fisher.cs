using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Fisher transform (J. Ehlers, Using the Fisher Transform, 2002): the smoothed place of the price in its range, made
/// nearly normal by 0.5 ln((1 + x) / (1 - x)). O(1) for each bar on average, at most one step for each bar of the
/// window in one update.
/// </summary>
/// <remarks>
/// It starts with the first whole window. Where the window has no range the price has no place in it; the middle is
/// taken, so that the transform falls back towards zero. As published, a place beyond 0.99 is 0.999.
/// </remarks>
public sealed class Fisher : BarIndicator
{
    private readonly PriceSource _source;
    private readonly ExtremumWindow _highs;
    private readonly ExtremumWindow _lows;
    private double _place;
    private double _fisher;

    /// <summary>Creates the transform.</summary>
    /// <param name="period">Bars of the range.</param>
    /// <param name="source">Price of the bar.</param>
    public Fisher(int period, PriceSource source = PriceSource.Hl2)
        : base(Declared, Checked(period), period + 1)
    {
        _source = source;
        _highs = new ExtremumWindow(period);
        _lows = new ExtremumWindow(period);
    }

    internal Fisher(StrategyParameters parameters)
        : this((int)parameters.Integer("period"), PriceSources.Of(parameters))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "fisher",
        "Ehlers' Fisher transform of the price's place in its range.",
        [
            new("period", ParameterKind.Integer, 1, PeriodMax, 10, "bars of the range"),
            PriceSources.Parameter(PriceSource.Hl2),
        ],
        [
            new("value", OutputType.Number, "the transform"),
            new("trigger", OutputType.Number, "the transform of the bar before"),
        ]);

    /// <summary>The transform.</summary>
    public double Value => Output(0);

    /// <summary>The transform of the bar before.</summary>
    public double Trigger => Output(1);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        long price = _source.Numerator(bar);
        _highs.Add(price);
        _lows.Add(-price);
        if (!_highs.IsFull)
        {
            return;
        }

        long low = -_lows.Largest;
        long range = _highs.Largest - low;
        double place = range == 0 ? 0.0 : ((double)(price - low) / range) - 0.5;
        place = (0.33 * 2.0 * place) + (0.67 * _place);
        _place = place > 0.99 ? 0.999 : place < -0.99 ? -0.999 : place;
        if (IsOutputReady(0))
        {
            Set(1, _fisher);
        }

        _fisher = (0.5 * DeterministicMath.Log((1.0 + _place) / (1.0 - _place))) + (0.5 * _fisher);
        Set(0, _fisher);
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _highs.Visit(visitor);
        _lows.Visit(visitor);
        visitor.Visit(ref _place);
        visitor.Visit(ref _fisher);
    }
}
