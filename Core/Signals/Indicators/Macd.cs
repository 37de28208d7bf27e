using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Moving average convergence divergence (G. Appel): the fast exponential average less the slow one, and an exponential
/// average of that. Each average starts as the mean of its own first values. O(1) for each bar.
/// </summary>
public sealed class Macd : BarIndicator
{
    private readonly PriceSource _source;
    private Ema _fast;
    private Ema _slow;
    private Ema _signal;

    /// <summary>Creates the indicator.</summary>
    /// <param name="fast">Bars of the fast average; less than <paramref name="slow"/>.</param>
    /// <param name="slow">Bars of the slow average.</param>
    /// <param name="signal">Values of the signal's average.</param>
    /// <param name="source">Price of the bar.</param>
    public Macd(int fast, int slow, int signal, PriceSource source = PriceSource.Close)
        : base(Declared, Checked(slow, 2), slow + Checked(signal) - 1, slow + signal - 1)
    {
        Ensure.That(fast >= 1 && fast < slow, "the fast length of a convergence is less than the slow one");
        _source = source;
        _fast = Ema.FromMean(fast);
        _slow = Ema.FromMean(slow);
        _signal = Ema.FromMean(signal);
    }

    internal Macd(StrategyParameters parameters)
        : this(
            (int)parameters.Integer("fast"),
            (int)parameters.Integer("slow"),
            (int)parameters.Integer("signal"),
            PriceSources.Of(parameters))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "macd",
        "Fast less slow exponential average, and the average of that.",
        [
            new("fast", ParameterKind.Integer, 1, PeriodMax, 12, "bars of the fast average"),
            new("slow", ParameterKind.Integer, 2, PeriodMax, 26, "bars of the slow average"),
            new("signal", ParameterKind.Integer, 1, PeriodMax, 9, "values of the signal's average"),
            PriceSources.Parameter(),
        ],
        [
            new("line", OutputType.Price, "fast less slow average"),
            new("signal", OutputType.Price, "average of the line"),
            new("histogram", OutputType.Price, "line less signal"),
        ],
        new ParameterOrder("fast", "slow"));

    /// <summary>Fast less slow average, price units.</summary>
    public double Line => Output(0);

    /// <summary>Average of the line, price units.</summary>
    public double Signal => Output(1);

    /// <summary>Line less signal, price units.</summary>
    public double Histogram => Output(2);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        double price = (double)_source.Numerator(bar) / _source.Divisor();
        _fast.Add(price);
        _slow.Add(price);
        if (!_slow.IsReady)
        {
            return;
        }

        double line = _fast.Value - _slow.Value;
        Set(0, line);
        _signal.Add(line);
        if (_signal.IsReady)
        {
            Set(1, _signal.Value);
            Set(2, line - _signal.Value);
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _fast.Visit(visitor);
        _slow.Visit(visitor);
        _signal.Visit(visitor);
    }
}
