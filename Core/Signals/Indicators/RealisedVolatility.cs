using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Realised volatility: the root of the mean squared logarithmic return of closes, not centred, scaled to a span of
/// bars by the root of time. O(1) for each bar.
/// </summary>
/// <remarks>
/// Squared returns are summed as whole multiples of 2^-100, exactly: nothing drifts, and the sum is within that much
/// for each return of the unrounded one. It is 0 where no close changed.
/// </remarks>
public sealed class RealisedVolatility : BarIndicator
{
    private const double Unit = 1267650600228229401496703205376.0; // 2^100

    private readonly double _scale;
    private readonly Int128[] _squares;
    private int _next;
    private int _count;
    private Int128 _sum;
    private long _close;

    /// <summary>Creates the indicator.</summary>
    /// <param name="period">Returns of the mean.</param>
    /// <param name="spanBars">Bars of the span that it is scaled to; 1 for the volatility of one bar.</param>
    public RealisedVolatility(int period, long spanBars = 1)
        : base(Declared, Checked(period) + 1)
    {
        Ensure.That(spanBars is >= 1 and <= 1_000_000_000, "span of a volatility out of range");
        _scale = Math.Sqrt(spanBars);
        _squares = new Int128[period];
    }

    internal RealisedVolatility(StrategyParameters parameters)
        : this((int)parameters.Integer("period"), parameters.Integer("spanBars"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "realised-volatility",
        "Root of the mean squared logarithmic return of closes.",
        [
            new("period", ParameterKind.Integer, 1, PeriodMax, 20, "returns of the mean"),
            new("spanBars", ParameterKind.Integer, 1, 1_000_000_000, 1, "bars of the span that it is scaled to; 1 for one bar"),
        ],
        [new("value", OutputType.Number, "the volatility as a fraction of the price")]);

    /// <summary>The volatility as a fraction of the price.</summary>
    public double Value => Output(0);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        long before = _close;
        _close = bar.Close;
        if (before == 0)
        {
            return;
        }

        double change = DeterministicMath.Log((double)bar.Close / before);
        Int128 square = (Int128)(change * change * Unit);
        _sum += square - _squares[_next];
        _squares[_next] = square;
        _next = _next + 1 == _squares.Length ? 0 : _next + 1;
        if (_count < _squares.Length)
        {
            _count++;
        }

        if (_count == _squares.Length)
        {
            Set(0, _scale * Math.Sqrt((double)_sum / _squares.Length / Unit));
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        visitor.Visit(ref _next);
        visitor.Visit(ref _count);
        visitor.VisitStruct(ref _sum);
        visitor.Visit<Int128>(_squares);
        visitor.Visit(ref _close);
    }
}
