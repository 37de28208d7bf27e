using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Stochastic oscillator (G. Lane): where the close lies between the lowest low and the highest high, 0 to 100,
/// smoothed by simple averages to %K and again to %D. O(1) for each bar on average, at most one step for each bar of
/// the window in one update.
/// </summary>
/// <remarks>
/// Where the window has no range the place is 0 / 0; it is 50 here, the middle (TA-Lib says 0, which would look like a
/// close at the low). The smoothing sums places as whole multiples of 2^-48, exactly: nothing drifts, and the average
/// is within 2^-47 of that of the unrounded places.
/// </remarks>
public sealed class Stochastic : BarIndicator
{
    private const double Unit = 281474976710656.0; // 2^48

    private readonly ExtremumWindow _highs;
    private readonly ExtremumWindow _lows;
    private readonly IntegerWindow _k;
    private readonly IntegerWindow _d;

    /// <summary>Creates the oscillator.</summary>
    /// <param name="period">Bars of the range.</param>
    /// <param name="smoothing">Places that %K averages; 1 for the fast oscillator.</param>
    /// <param name="signal">Values of %K that %D averages.</param>
    public Stochastic(int period, int smoothing, int signal)
        : base(
            Declared,
            Checked(period) + Checked(smoothing) - 1,
            period + smoothing + Checked(signal) - 2)
    {
        _highs = new ExtremumWindow(period);
        _lows = new ExtremumWindow(period);
        _k = new IntegerWindow(smoothing);
        _d = new IntegerWindow(signal);
    }

    internal Stochastic(StrategyParameters parameters)
        : this(
            (int)parameters.Integer("period"),
            (int)parameters.Integer("smoothing"),
            (int)parameters.Integer("signal"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "stochastic",
        "Where the close lies in the range of the last bars, 0 to 100; 50 in a window without range.",
        [
            new("period", ParameterKind.Integer, 1, PeriodMax, 14, "bars of the range"),
            new("smoothing", ParameterKind.Integer, 1, PeriodMax, 3, "places that %K averages; 1 for the fast oscillator"),
            new("signal", ParameterKind.Integer, 1, PeriodMax, 3, "values of %K that %D averages"),
        ],
        [new("k", OutputType.Number, "%K, 0 to 100"), new("d", OutputType.Number, "%D, 0 to 100")]);

    /// <summary>%K, 0 to 100.</summary>
    public double K => Output(0);

    /// <summary>%D, 0 to 100.</summary>
    public double D => Output(1);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        _highs.Add(bar.High);
        _lows.Add(-bar.Low);
        if (!_highs.IsFull)
        {
            return;
        }

        long low = -_lows.Largest;
        long range = _highs.Largest - low;
        double place = range == 0 ? 50.0 : 100.0 * (bar.Close - low) / range;
        _k.Add((long)(place * Unit));
        if (!_k.IsFull)
        {
            return;
        }

        double k = (double)_k.Sum / _k.Length / Unit;
        Set(0, k);
        _d.Add((long)(k * Unit));
        if (_d.IsFull)
        {
            Set(1, (double)_d.Sum / _d.Length / Unit);
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _highs.Visit(visitor);
        _lows.Visit(visitor);
        _k.Visit(visitor);
        _d.Visit(visitor);
    }
}
