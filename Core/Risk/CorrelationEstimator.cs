using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>How the correlations of instruments are estimated from their bars, and what exposure they allow.</summary>
/// <param name="Symbols">The instruments; any other counts as moving with all of them.</param>
/// <param name="Timeframe">Nanoseconds of a bar; kept by the market.</param>
/// <param name="Bars">Bars that two have to have in common before their correlation is known; later ones count the more.</param>
/// <param name="MaxAge">Nanoseconds after the last bar in common from which on it is not known any more.</param>
/// <param name="Limit">Largest root of x' C x, with the signed values x at their worst; money units.</param>
public sealed record CorrelationEstimate(Symbol24[] Symbols, long Timeframe, int Bars, long MaxAge, long Limit);

/// <summary>
/// Estimates correlations in whole numbers: the moves of two instruments over the same bar, each against the close of the bar
/// just before it, in exponentially weighted means of squares and products. A bar without its predecessor tells no move, so a
/// hole in the data is no move either.
/// </summary>
public sealed class CorrelationEstimator : IStateful
{
    private const long Billion = 1_000_000_000;
    private const int Million = 1_000_000;

    // A move beyond a tenth counts as one of a tenth: squares stay within 64 bits, and one bar does not rule the estimate.
    private const long MostMove = Billion / 10;

    private readonly CorrelationEstimate _settings;
    private readonly int[] _rowOf;
    private readonly Row[] _rows;
    private readonly Pair[] _pairs;
    private long _bucket = long.MinValue;

    /// <summary>Creates the estimator.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="rowOf">The row of each instrument by its number, or -1.</param>
    public CorrelationEstimator(CorrelationEstimate settings, int[] rowOf)
    {
        Ensure.That(settings.Symbols.Length <= Limits.Instruments, "more instruments to correlate than there can be");
        Ensure.That(settings.Timeframe > 0 && settings.Bars > 1 && settings.MaxAge > 0, "correlations of no bars or of no age");
        _settings = settings;
        _rowOf = rowOf;
        _rows = new Row[settings.Symbols.Length];
        _pairs = new Pair[settings.Symbols.Length * settings.Symbols.Length];
    }

    /// <summary>Takes the bars that became history with an event.</summary>
    /// <param name="closed">The bars, ordered by instrument.</param>
    public void See(ReadOnlySpan<ClosedBar> closed)
    {
        foreach (ref readonly ClosedBar bar in closed)
        {
            int row = _rowOf[bar.Instrument.Value];
            if (row >= 0 && bar.Bar.Timeframe == _settings.Timeframe && bar.Bar.StartTime >= _bucket)
            {
                if (bar.Bar.StartTime > _bucket)
                {
                    Finish();
                    _bucket = bar.Bar.StartTime;
                }

                See(ref _rows[row], bar.Bar);
            }
        }
    }

    /// <summary>The correlation of two rows.</summary>
    /// <param name="a">A row.</param>
    /// <param name="b">Another row.</param>
    /// <param name="now">ReceivedAt.</param>
    /// <param name="ppm">Millionths, when it is known.</param>
    /// <param name="age">Nanoseconds since the last bar in common.</param>
    /// <returns>False while there are too few bars, or the last one is too old.</returns>
    public bool TryPpm(int a, int b, long now, out int ppm, out long age)
    {
        ref readonly Pair pair = ref _pairs[(Math.Min(a, b) * _rows.Length) + Math.Max(a, b)];
        ppm = (int)pair.Ppm;
        age = pair.Count == 0 ? long.MaxValue : now - pair.LastAt;
        return pair.Count >= _settings.Bars && age <= _settings.MaxAge;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<Row>(_rows);
        visitor.Visit<Pair>(_pairs);
        visitor.Visit(ref _bucket);
    }

    private void See(ref Row row, in Bar bar)
    {
        if (row.Close > 0 && row.Start == bar.StartTime - _settings.Timeframe)
        {
            Int128 move = (Int128)(bar.Close - row.Close) * Billion / row.Close;
            row.Move = (long)Int128.Clamp(move, -MostMove, MostMove);
            row.MovedAt = bar.StartTime;
        }

        row.Start = bar.StartTime;
        row.Close = bar.Close;
    }

    /// <summary>All bars of a start are there: who moved over the same bar is compared.</summary>
    private void Finish()
    {
        for (int a = 0; a < _rows.Length; a++)
        {
            for (int b = a + 1; _rows[a].MovedAt == _bucket && b < _rows.Length; b++)
            {
                if (_rows[b].MovedAt == _bucket)
                {
                    Add(ref _pairs[(a * _rows.Length) + b], _rows[a].Move, _rows[b].Move);
                }
            }
        }
    }

    private void Add(ref Pair pair, long x, long y)
    {
        pair.Count++;
        long weight = Math.Min(pair.Count, _settings.Bars);
        pair.Xx += ((x * x) - pair.Xx) / weight;
        pair.Yy += ((y * y) - pair.Yy) / weight;
        pair.Xy += ((x * y) - pair.Xy) / weight;
        pair.LastAt = _bucket + _settings.Timeframe;

        // Who does not move at all is taken to move with everybody.
        long root = Root((Int128)pair.Xx * pair.Yy);
        pair.Ppm = root == 0 ? Million : Math.Clamp((long)((Int128)pair.Xy * Million / root), -Million, Million);
    }

    /// <summary>The largest whole number whose square is not above a value below 2^120.</summary>
    private static long Root(Int128 value)
    {
        long low = 0;
        long high = 1L << 60;
        while (low < high)
        {
            long middle = low + ((high - low + 1) / 2);
            if ((Int128)middle * middle <= value)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    private struct Row
    {
        public long Start;
        public long Close;
        public long Move;
        public long MovedAt;
    }

    private struct Pair
    {
        public long Xx;
        public long Yy;
        public long Xy;
        public long Count;
        public long LastAt;
        public long Ppm;
    }
}
