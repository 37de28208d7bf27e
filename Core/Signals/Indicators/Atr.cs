using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Average true range (J. W. Wilder, 1978): the true range in Wilder's smoothing. O(1) for each bar. It is 0 while
/// nothing moves: what divides by it has to say what that means.
/// </summary>
public sealed class Atr : BarIndicator
{
    private TrueRange _range;
    private Ema _average;

    /// <summary>Creates the average.</summary>
    /// <param name="period">True ranges of the first mean.</param>
    public Atr(int period)
        : base(Declared, Checked(period) + 1) => _average = Ema.Wilder(period);

    internal Atr(StrategyParameters parameters)
        : this((int)parameters.Integer("period"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "atr",
        "Wilder's average true range.",
        [new("period", ParameterKind.Integer, 1, PeriodMax, 14, "true ranges of the first mean")],
        [new("value", OutputType.Price, "the average range")]);

    /// <summary>The average range, price units.</summary>
    public double Value => Output(0);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        if (!_range.TryNext(bar, out long range))
        {
            return;
        }

        _average.Add(range);
        if (_average.IsReady)
        {
            Set(0, _average.Value);
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _range.Visit(visitor);
        _average.Visit(visitor);
    }
}
