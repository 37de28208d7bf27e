using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;

namespace LowLatency.Tests.Core.Signals.Indicators;

/// <summary>
/// The indicators from their published definitions, computed anew over the whole path for each bar, with nothing in
/// common with the engine's code. Null means that there are not enough bars.
/// </summary>
internal static class Naive
{
    internal static double Price(PriceSource source, in Bar bar) => source switch
    {
        PriceSource.Close => bar.Close,
        PriceSource.Open => bar.Open,
        PriceSource.High => bar.High,
        PriceSource.Low => bar.Low,
        PriceSource.Hl2 => (bar.High + bar.Low) / 2.0,
        PriceSource.Hlc3 => (bar.High + bar.Low + bar.Close) / 3.0,
        PriceSource.Ohlc4 => (bar.Open + bar.High + bar.Low + bar.Close) / 4.0,
        _ => throw new ArgumentOutOfRangeException(nameof(source)),
    };

    internal static double[] Prices(Bar[] bars, PriceSource source = PriceSource.Close) =>
        [.. bars.Select(bar => Price(source, bar))];

    internal static double? Mean(double[] values, int period) =>
        values.Length < period ? null : values[^period..].Sum() / period;

    internal static double? Wma(double[] values, int period)
    {
        if (values.Length < period)
        {
            return null;
        }

        double top = 0;
        double bottom = 0;
        for (int i = 0; i < period; i++)
        {
            top += (i + 1) * values[values.Length - period + i];
            bottom += i + 1;
        }

        return top / bottom;
    }

    /// <summary>Every value of an exponential average, from the first that is ready.</summary>
    internal static List<double> Smoothed(IReadOnlyList<double> values, int period, double alpha)
    {
        List<double> averages = [];
        if (values.Count < period)
        {
            return averages;
        }

        averages.Add(values.Take(period).Sum() / period);
        for (int i = period; i < values.Count; i++)
        {
            averages.Add((alpha * values[i]) + ((1.0 - alpha) * averages[^1]));
        }

        return averages;
    }

    internal static List<double> Emas(IReadOnlyList<double> values, int period) =>
        Smoothed(values, period, 2.0 / (period + 1));

    internal static List<double> Wilders(IReadOnlyList<double> values, int period) =>
        Smoothed(values, period, 1.0 / period);

    internal static double? Last(List<double> values) => values.Count == 0 ? null : values[^1];

    internal static double?[] Kama(double[] values, int period, int fast, int slow)
    {
        double? average = null;
        double? ratio = null;
        for (int i = period; i < values.Length; i++)
        {
            double path = 0;
            for (int j = i - period + 1; j <= i; j++)
            {
                path += Math.Abs(values[j] - values[j - 1]);
            }

            ratio = path == 0 ? 0 : Math.Abs(values[i] - values[i - period]) / path;
            double constant = Math.Pow((ratio.Value * ((2.0 / (fast + 1)) - (2.0 / (slow + 1)))) + (2.0 / (slow + 1)), 2);
            average ??= values[period - 1];
            average = ((1.0 - constant) * average) + (constant * values[i]);
        }

        return [average, ratio];
    }

    internal static double? Rsi(double[] values, int period)
    {
        List<double> gains = [];
        List<double> losses = [];
        for (int i = 1; i < values.Length; i++)
        {
            gains.Add(Math.Max(0, values[i] - values[i - 1]));
            losses.Add(Math.Max(0, values[i - 1] - values[i]));
        }

        if (Last(Wilders(gains, period)) is not { } gain || Last(Wilders(losses, period)) is not { } loss)
        {
            return null;
        }

        return gain + loss == 0 ? 50 : loss == 0 ? 100 : 100.0 - (100.0 / (1.0 + (gain / loss)));
    }

    internal static double?[] Macd(double[] values, int fast, int slow, int signal)
    {
        List<double> quick = Emas(values, fast);
        List<double> steady = Emas(values, slow);
        List<double> lines = [];
        for (int i = 0; i < steady.Count; i++)
        {
            lines.Add(quick[i + slow - fast] - steady[i]);
        }

        List<double> signals = Emas(lines, signal);
        return [Last(lines), Last(signals), signals.Count == 0 ? null : lines[^1] - signals[^1]];
    }

    internal static List<double> TrueRanges(Bar[] bars)
    {
        List<double> ranges = [];
        for (int i = 1; i < bars.Length; i++)
        {
            double before = bars[i - 1].Close;
            ranges.Add(Math.Max(
                bars[i].High - bars[i].Low, Math.Max(Math.Abs(bars[i].High - before), Math.Abs(bars[i].Low - before))));
        }

        return ranges;
    }

    /// <summary>The deviation of a population: divided by n, not by n - 1.</summary>
    internal static double? Deviation(double[] values, int period, int less = 0)
    {
        if (values.Length < period)
        {
            return null;
        }

        double[] window = values[^period..];
        double mean = window.Sum() / period;
        return Math.Sqrt(window.Sum(value => (value - mean) * (value - mean)) / (period - less));
    }

    internal static double?[] Bollinger(double[] values, int period, double deviations, int less = 0)
    {
        if (Mean(values, period) is not { } mean || Deviation(values, period, less) is not { } deviation)
        {
            return [null, null, null, null, null];
        }

        double upper = mean + (deviations * deviation);
        double lower = mean - (deviations * deviation);
        return
        [
            upper, mean, lower, (upper - lower) / mean,
            deviation * deviations == 0 ? 0.5 : (values[^1] - lower) / (upper - lower),
        ];
    }

    internal static double?[] Donchian(Bar[] bars, int period)
    {
        if (bars.Length < period)
        {
            return [null, null, null];
        }

        double upper = bars[^period..].Max(bar => bar.High);
        double lower = bars[^period..].Min(bar => bar.Low);
        return [upper, (upper + lower) / 2, lower];
    }

    internal static double?[] Keltner(Bar[] bars, int period, int atrPeriod, double ranges)
    {
        double? middle = Last(Emas(Prices(bars), period));
        double? range = Last(Wilders(TrueRanges(bars), atrPeriod));
        return [middle + (ranges * range), middle, middle - (ranges * range)];
    }

    /// <summary>Wilder's own recipe with running sums, which must give the same as smoothed means.</summary>
    internal static double?[] Adx(Bar[] bars, int period)
    {
        List<double> indexes = [];
        double range = 0;
        double up = 0;
        double down = 0;
        double? plus = null;
        double? minus = null;
        List<double> ranges = TrueRanges(bars);
        for (int i = 1; i < bars.Length; i++)
        {
            double above = bars[i].High - bars[i - 1].High;
            double below = bars[i - 1].Low - bars[i].Low;
            double upMove = above > below && above > 0 ? above : 0;
            double downMove = below > above && below > 0 ? below : 0;
            bool first = i <= period;
            range = first ? range + ranges[i - 1] : range - (range / period) + ranges[i - 1];
            up = first ? up + upMove : up - (up / period) + upMove;
            down = first ? down + downMove : down - (down / period) + downMove;
            if (i < period)
            {
                continue;
            }

            plus = range == 0 ? 0 : 100 * up / range;
            minus = range == 0 ? 0 : 100 * down / range;
            indexes.Add(plus + minus == 0 ? 0 : 100 * Math.Abs(plus.Value - minus.Value) / (plus + minus).Value);
        }

        return [Last(Wilders(indexes, period)), plus, minus];
    }

    internal static double?[] Stochastic(Bar[] bars, int period, int smoothing, int signal)
    {
        List<double> places = [];
        for (int i = period; i <= bars.Length; i++)
        {
            Bar[] window = bars[(i - period)..i];
            double high = window.Max(bar => bar.High);
            double low = window.Min(bar => bar.Low);
            places.Add(high == low ? 50 : 100 * (window[^1].Close - low) / (high - low));
        }

        List<double> ks = [];
        for (int i = smoothing; i <= places.Count; i++)
        {
            ks.Add(Mean([.. places.Take(i)], smoothing)!.Value);
        }

        return [Last(ks), Mean([.. ks], signal)];
    }

    internal static double?[] Fisher(double[] values, int period)
    {
        List<double> fishers = [];
        double place = 0;
        double fisher = 0;
        for (int i = period; i <= values.Length; i++)
        {
            double high = values[(i - period)..i].Max();
            double low = values[(i - period)..i].Min();
            double raw = high == low ? 0.5 : (values[i - 1] - low) / (high - low);
            place = (0.66 * (raw - 0.5)) + (0.67 * place);
            place = place > 0.99 ? 0.999 : place < -0.99 ? -0.999 : place;
            fisher = Math.Atanh(place) + (0.5 * fisher);
            fishers.Add(fisher);
        }

        return [Last(fishers), fishers.Count < 2 ? null : fishers[^2]];
    }

    internal static double?[] Squeeze(Bar[] bars, int period, double deviations, double ranges)
    {
        double[] closes = Prices(bars);
        double? range = Mean([.. TrueRanges(bars)], period);
        double? deviation = Deviation(closes, period);
        double? on = range is null ? null : deviations * deviation < ranges * range ? 1 : 0;
        List<double> distances = [];
        for (int i = period; i <= bars.Length; i++)
        {
            double?[] channel = Donchian(bars[..i], period);
            distances.Add(closes[i - 1] - ((channel[1]!.Value + Mean(closes[..i], period)!.Value) / 2));
        }

        return [on, distances.Count < period ? null : LineEnd([.. distances[^period..]])];
    }

    internal static double? Volatility(double[] closes, int period, double span)
    {
        if (closes.Length < period + 1)
        {
            return null;
        }

        double sum = 0;
        for (int i = closes.Length - period; i < closes.Length; i++)
        {
            sum += Math.Pow(Math.Log(closes[i] / closes[i - 1]), 2);
        }

        return Math.Sqrt(span * sum / period);
    }

    internal static double? Vwap(Bar[] bars, long session, long start, VolumePrice price)
    {
        long Number(in Bar bar) => (long)Math.Floor((bar.StartTime - start) / (double)session);
        double value = 0;
        double volume = 0;
        foreach (Bar bar in bars)
        {
            if (Number(bar) == Number(bars[^1]))
            {
                value += price == VolumePrice.Typical ? Price(PriceSource.Hlc3, bar) * bar.Volume : bar.Turnover;
                volume += bar.Volume;
            }
        }

        return volume == 0 ? null : value / volume;
    }

    /// <summary>The least-squares line by its textbook sums, read at the last point.</summary>
    private static double LineEnd(double[] values)
    {
        double n = values.Length;
        double meanX = (n - 1) / 2;
        double meanY = values.Sum() / n;
        double top = 0;
        double bottom = 0;
        for (int i = 0; i < values.Length; i++)
        {
            top += (i - meanX) * (values[i] - meanY);
            bottom += (i - meanX) * (i - meanX);
        }

        return meanY + (top / bottom * (n - 1 - meanX));
    }
}
