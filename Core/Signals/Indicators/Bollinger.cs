using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Bollinger bands (J. Bollinger): the simple average and bands of so many standard deviations of the population around
/// it. Sums of prices and squares are exact. O(1) for each bar.
/// </summary>
/// <remarks>
/// Where all prices of the window are equal the bands have no width; the place in them is then 0.5, the middle, which
/// is where the price is.
/// </remarks>
public sealed class Bollinger : BarIndicator
{
    private readonly double _deviations;
    private readonly PriceSource _source;
    private readonly IntegerWindow _window;
    private Int128 _squares;

    /// <summary>Creates the bands.</summary>
    /// <param name="period">Bars of the window; at least 2.</param>
    /// <param name="deviations">Standard deviations to each side, 0 to 100.</param>
    /// <param name="source">Price of the bar.</param>
    public Bollinger(int period, double deviations, PriceSource source = PriceSource.Close)
        : base(Declared, Checked(period, 2), period, period, period, period)
    {
        Ensure.That(deviations is >= 0.0 and <= 100.0, "deviations of bands out of range");
        _deviations = deviations;
        _source = source;
        _window = new IntegerWindow(period);
    }

    internal Bollinger(StrategyParameters parameters)
        : this(
            (int)parameters.Integer("period"), parameters.Fixed9("deviations") / 1e9, PriceSources.Of(parameters))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "bollinger",
        "Simple average with bands of so many standard deviations (of the population) around it.",
        [
            new("period", ParameterKind.Integer, 2, PeriodMax, 20, "bars of the window"),
            new("deviations", ParameterKind.Fixed9, 0, 100_000_000_000, 2_000_000_000, "standard deviations to each side"),
            PriceSources.Parameter(),
        ],
        [
            new("upper", OutputType.Price, "upper band"),
            new("middle", OutputType.Price, "simple average"),
            new("lower", OutputType.Price, "lower band"),
            new("width", OutputType.Number, "distance of the bands over the average"),
            new("place", OutputType.Number, "price within the bands: 0 at the lower, 1 at the upper, 0.5 without width"),
        ]);

    /// <summary>Upper band, price units.</summary>
    public double Upper => Output(0);

    /// <summary>Simple average, price units.</summary>
    public double Middle => Output(1);

    /// <summary>Lower band, price units.</summary>
    public double Lower => Output(2);

    /// <summary>Distance of the bands over the average.</summary>
    public double Width => Output(3);

    /// <summary>Price within the bands: 0 at the lower, 1 at the upper.</summary>
    public double Place => Output(4);

    /// <summary>The standard deviation of a population from its exact sums.</summary>
    /// <param name="sum">Sum of the values.</param>
    /// <param name="squares">Sum of their squares.</param>
    /// <param name="count">Their number.</param>
    /// <returns>The deviation; exactly 0 for equal values.</returns>
    internal static double Deviation(Int128 sum, Int128 squares, int count)
    {
        // Around the whole part q of the mean, with sum = q count + r, the squared distances are a small whole number:
        // the two large terms cancel exactly, before anything is rounded.
        Int128 q = sum / count;
        Int128 r = sum - (q * count);
        Int128 around = squares - (q * (sum + r));
        return Math.Sqrt(((double)around - ((double)(r * r) / count)) / count);
    }

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        long price = _source.Numerator(bar);
        if (_window.IsFull)
        {
            _squares -= (Int128)_window.Oldest * _window.Oldest;
        }

        _squares += (Int128)price * price;
        _window.Add(price);
        if (!_window.IsFull)
        {
            return;
        }

        int divisor = _source.Divisor();
        double middle = (double)_window.Sum / ((long)_window.Length * divisor);
        double half = _deviations * Deviation(_window.Sum, _squares, _window.Length) / divisor;
        double upper = middle + half;
        double lower = middle - half;
        Set(0, upper);
        Set(1, middle);
        Set(2, lower);
        Set(3, (upper - lower) / middle);
        Set(4, upper > lower ? (((double)price / divisor) - lower) / (upper - lower) : 0.5);
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _window.Visit(visitor);
        visitor.VisitStruct(ref _squares);
    }
}
