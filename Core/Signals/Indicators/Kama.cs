using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Kaufman's adaptive moving average (P. Kaufman, Trading Systems and Methods): an exponential average whose speed
/// follows the efficiency ratio, the net change of the period over the sum of its changes. It starts as the price of
/// the bar before the first whole period. O(1) for each bar.
/// </summary>
/// <remarks>
/// Where no price of the period changed the ratio is 0 / 0; it is 0 here: what did not move was not efficient.
/// </remarks>
public sealed class Kama : BarIndicator
{
    private readonly PriceSource _source;
    private readonly double _fast;
    private readonly double _slow;
    private readonly IntegerWindow _prices;
    private readonly IntegerWindow _changes;
    private double _average;

    /// <summary>Creates the average.</summary>
    /// <param name="period">Bars of the efficiency ratio.</param>
    /// <param name="fast">Length of the exponential average at ratio 1; less than <paramref name="slow"/>.</param>
    /// <param name="slow">Length of the exponential average at ratio 0.</param>
    /// <param name="source">Price of the bar.</param>
    public Kama(int period, int fast = 2, int slow = 30, PriceSource source = PriceSource.Close)
        : base(Declared, Checked(period) + 1, period + 1)
    {
        Ensure.That(fast >= 1 && fast < slow, "the fast length of an adaptive average is less than the slow one");
        _source = source;
        _fast = 2.0 / (fast + 1.0);
        _slow = 2.0 / (slow + 1.0);
        _prices = new IntegerWindow(period);
        _changes = new IntegerWindow(period);
    }

    internal Kama(StrategyParameters parameters)
        : this(
            (int)parameters.Integer("period"),
            (int)parameters.Integer("fast"),
            (int)parameters.Integer("slow"),
            PriceSources.Of(parameters))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "kama",
        "Kaufman's adaptive moving average: fast in a trend, slow in a market that goes nowhere.",
        [
            new("period", ParameterKind.Integer, 1, PeriodMax, 10, "bars of the efficiency ratio"),
            new("fast", ParameterKind.Integer, 1, PeriodMax, 2, "length of the average at full efficiency, bars"),
            new("slow", ParameterKind.Integer, 2, PeriodMax, 30, "length of the average without efficiency, bars"),
            PriceSources.Parameter(),
        ],
        [
            new("value", OutputType.Price, "the average"),
            new("efficiency", OutputType.Number, "net change over the sum of changes, 0 to 1"),
        ],
        new ParameterOrder("fast", "slow"));

    /// <summary>The average, price units.</summary>
    public double Value => Output(0);

    /// <summary>The efficiency ratio, 0 to 1.</summary>
    public double Efficiency => Output(1);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        long numerator = _source.Numerator(bar);
        double price = (double)numerator / _source.Divisor();
        if (_prices.IsFull)
        {
            long net = Math.Abs(numerator - _prices.Oldest);
            _changes.Add(Math.Abs(numerator - _prices.At(0)));
            double efficiency = _changes.Sum == 0 ? 0.0 : net / (double)_changes.Sum;
            double speed = (efficiency * (_fast - _slow)) + _slow;
            _average += speed * speed * (price - _average);
            Set(0, _average);
            Set(1, efficiency);
        }
        else if (_prices.Count > 0)
        {
            _changes.Add(Math.Abs(numerator - _prices.At(0)));
        }

        _prices.Add(numerator);
        if (_prices.IsFull && !IsReady)
        {
            _average = price;
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _prices.Visit(visitor);
        _changes.Visit(visitor);
        visitor.Visit(ref _average);
    }
}
