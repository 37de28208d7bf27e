using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Donchian channel (R. Donchian): the highest high and the lowest low of the last bars, the newest included. O(1) for
/// each bar on average, at most one step for each bar of the window in one update.
/// </summary>
public sealed class Donchian : BarIndicator
{
    private readonly ExtremumWindow _highs;
    private readonly ExtremumWindow _lows;

    /// <summary>Creates the channel.</summary>
    /// <param name="period">Bars of the window.</param>
    public Donchian(int period)
        : base(Declared, Checked(period), period, period)
    {
        _highs = new ExtremumWindow(period);
        _lows = new ExtremumWindow(period);
    }

    internal Donchian(StrategyParameters parameters)
        : this((int)parameters.Integer("period"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "donchian",
        "Highest high and lowest low of the last bars, the newest included.",
        [new("period", ParameterKind.Integer, 1, PeriodMax, 20, "bars of the window")],
        [
            new("upper", OutputType.Price, "highest high"),
            new("middle", OutputType.Price, "middle of the two"),
            new("lower", OutputType.Price, "lowest low"),
        ]);

    /// <summary>Highest high, price units.</summary>
    public double Upper => Output(0);

    /// <summary>Middle of the channel, price units.</summary>
    public double Middle => Output(1);

    /// <summary>Lowest low, price units.</summary>
    public double Lower => Output(2);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        _highs.Add(bar.High);
        _lows.Add(-bar.Low);
        if (_highs.IsFull)
        {
            long upper = _highs.Largest;
            long lower = -_lows.Largest;
            Set(0, upper);
            Set(1, (upper + lower) / 2.0);
            Set(2, lower);
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _highs.Visit(visitor);
        _lows.Visit(visitor);
    }
}
