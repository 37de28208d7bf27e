using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>
/// Squeeze (J. Carter's TTM squeeze in the form of LazyBear): on while the Bollinger bands lie inside a Keltner channel
/// around the same simple average, and the momentum of the price: the end of the regression line through the distances
/// of the closes from the middle of range and average. O(1) for each bar on average, at most one step for each bar of
/// the window in one update.
/// </summary>
/// <remarks>
/// The channel's range is the plain mean of true ranges. Everything that is summed is a whole number, a distance times
/// 4 x period. Bands and channel that touch are not a squeeze, so a market without any range is in none.
/// </remarks>
public sealed class Squeeze : BarIndicator
{
    /// <summary>Longest window here: distances times 4 x period stay in 64 bits.</summary>
    public const int SqueezePeriodMax = 512;

    private readonly double _deviations;
    private readonly double _channel;
    private readonly IntegerWindow _closes;
    private readonly IntegerWindow _ranges;
    private readonly IntegerWindow _distances;
    private readonly ExtremumWindow _highs;
    private readonly ExtremumWindow _lows;
    private TrueRange _range;
    private Int128 _squares;
    private Int128 _weighted;

    /// <summary>Creates the indicator.</summary>
    /// <param name="period">Bars of all windows, 2 to <see cref="SqueezePeriodMax"/>.</param>
    /// <param name="deviations">Standard deviations of the Bollinger bands, 0 to 100.</param>
    /// <param name="ranges">Mean true ranges of the Keltner channel, 0 to 100.</param>
    public Squeeze(int period, double deviations, double ranges)
        : base(Declared, Checked(period, 2) + 1, (2 * period) - 1)
    {
        Ensure.That(period <= SqueezePeriodMax, "period of a squeeze out of range");
        Ensure.That(deviations is >= 0.0 and <= 100.0 && ranges is >= 0.0 and <= 100.0, "squeeze out of range");
        _deviations = deviations;
        _channel = ranges;
        _closes = new IntegerWindow(period);
        _ranges = new IntegerWindow(period);
        _distances = new IntegerWindow(period);
        _highs = new ExtremumWindow(period);
        _lows = new ExtremumWindow(period);
    }

    internal Squeeze(StrategyParameters parameters)
        : this(
            (int)parameters.Integer("period"),
            parameters.Fixed9("deviations") / 1e9,
            parameters.Fixed9("ranges") / 1e9)
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "squeeze",
        "Bollinger bands inside a Keltner channel, and the momentum to expect when they leave it.",
        [
            new("period", ParameterKind.Integer, 2, SqueezePeriodMax, 20, "bars of all windows"),
            new("deviations", ParameterKind.Fixed9, 0, 100_000_000_000, 2_000_000_000, "standard deviations of the bands"),
            new("ranges", ParameterKind.Fixed9, 0, 100_000_000_000, 1_500_000_000, "mean true ranges of the channel"),
        ],
        [
            new("on", OutputType.Flag, "whether the bands are inside the channel"),
            new("momentum", OutputType.Price, "end of the regression through the distances from the middle"),
        ]);

    /// <summary>Whether the bands are inside the channel.</summary>
    public bool On => Output(0) != 0.0;

    /// <summary>End of the regression line, price units.</summary>
    public double Momentum => Output(1);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        if (_closes.IsFull)
        {
            _squares -= (Int128)_closes.Oldest * _closes.Oldest;
        }

        _squares += (Int128)bar.Close * bar.Close;
        _closes.Add(bar.Close);
        _highs.Add(bar.High);
        _lows.Add(-bar.Low);
        if (_range.TryNext(bar, out long range))
        {
            _ranges.Add(range);
        }

        int period = _closes.Length;
        if (_ranges.IsFull)
        {
            double bands = _deviations * Bollinger.Deviation(_closes.Sum, _squares, period);
            Set(0, bands < _channel * (double)_ranges.Sum / period);
        }

        if (_closes.IsFull)
        {
            AddDistance((4L * period * bar.Close)
                - (period * (_highs.Largest - _lows.Largest))
                - (2 * (long)_closes.Sum));
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _closes.Visit(visitor);
        _ranges.Visit(visitor);
        _distances.Visit(visitor);
        _highs.Visit(visitor);
        _lows.Visit(visitor);
        _range.Visit(visitor);
        visitor.VisitStruct(ref _squares);
        visitor.VisitStruct(ref _weighted);
    }

    private void AddDistance(long distance)
    {
        // Weights are 0 for the oldest to period - 1 for the newest; each falls by one when a distance comes in.
        int period = _distances.Length;
        if (_distances.IsFull)
        {
            _weighted += ((Int128)(period - 1) * distance) - (_distances.Sum - _distances.Oldest);
        }
        else
        {
            _weighted += (Int128)_distances.Count * distance;
        }

        _distances.Add(distance);
        if (!_distances.IsFull)
        {
            return;
        }

        // Least squares at the newest of the places 0 to n - 1: mean + slope (n - 1) / 2, where
        // slope = (12 sum(i y) - 6 (n - 1) sum(y)) / (n (n^2 - 1)).
        Int128 slope = (12 * _weighted) - (6 * (period - 1) * _distances.Sum);
        double end = ((double)_distances.Sum / period)
            + ((double)slope / (2.0 * period * (period + 1)));
        Set(1, end / (4.0 * period));
    }
}
