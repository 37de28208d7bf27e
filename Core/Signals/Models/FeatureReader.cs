using System;
using LowLatency.Core.Events;
using LowLatency.Core.Market;

namespace LowLatency.Core.Signals.Models;

/// <summary>Measures features off the market. It keeps nothing: the market view is all that it knows.</summary>
public static class FeatureReader
{
    private const double Million = 1e6;

    /// <summary>Measures one feature.</summary>
    /// <param name="feature">What to measure.</param>
    /// <param name="market">Of which instrument.</param>
    /// <param name="timeframe">Nanoseconds of the bars looked at.</param>
    /// <param name="now">ReceivedAt of the event.</param>
    /// <param name="maxAge">Nanoseconds of age from which on the newest bar or quote is stale.</param>
    /// <returns>The reading; its state says why there is no value.</returns>
    public static Reading Read(Feature feature, InstrumentMarket market, long timeframe, long now, long maxAge)
    {
        if (!market.IsReady)
        {
            return new Reading(ReadingState.NotReady, 0.0);
        }

        double value;
        if (Feature.NeedsBars(feature.Kind))
        {
            if (market.Bars(timeframe) is not { } bars || !bars.TryBar(0, out Bar newest))
            {
                return new Reading(ReadingState.NotReady, 0.0);
            }

            if (now - (newest.StartTime + timeframe) > maxAge)
            {
                return new Reading(ReadingState.Stale, 0.0);
            }

            if (!TryBars(feature, market, bars, newest, out value))
            {
                return new Reading(ReadingState.NotReady, 0.0);
            }
        }
        else if (now - market.LastMarketAt > maxAge)
        {
            return new Reading(ReadingState.Stale, 0.0);
        }
        else if (!TryTouch(feature.Kind, market, out value))
        {
            return new Reading(ReadingState.NotReady, 0.0);
        }

        return new Reading(
            value >= feature.Minimum && value <= feature.Maximum ? ReadingState.Ready : ReadingState.OutOfRange, value);
    }

    private static bool TryTouch(FeatureKind kind, InstrumentMarket market, out double value)
    {
        value = 0.0;
        if (!market.TryBest(out long bid, out long bidQuantity, out long ask, out long askQuantity))
        {
            return false;
        }

        double whole = kind == FeatureKind.Imbalance
            ? (double)bidQuantity + askQuantity
            : ((double)bid + ask) / 2.0;
        double part = kind == FeatureKind.Imbalance ? (double)bidQuantity - askQuantity : (double)ask - bid;
        if (whole <= 0.0)
        {
            return false;
        }

        value = part / whole * Million;
        return true;
    }

    private static bool TryBars(
        Feature feature, InstrumentMarket market, BarSeries bars, in Bar newest, out double value)
    {
        value = 0.0;
        switch (feature.Kind)
        {
            case FeatureKind.Return:
                return bars.TryBar(feature.Bars, out Bar before) && TryRatio(newest.Close, before.Close, out value);
            case FeatureKind.Volatility:
                return TryVolatility(feature.Bars, bars, out value);
            default:
                return TryExtreme(feature, market, bars, out value);
        }
    }

    /// <summary>a / b - 1 in parts per million; prices must be positive.</summary>
    private static bool TryRatio(long a, long b, out double value)
    {
        bool isPositive = a > 0 && b > 0;
        value = isPositive ? ((double)a - b) / b * Million : 0.0;
        return isPositive;
    }

    private static bool TryVolatility(int count, BarSeries bars, out double value)
    {
        value = 0.0;
        double sum = 0.0;
        for (int i = 0; i < count; i++)
        {
            if (!bars.TryBar(i, out Bar bar)
                || !bars.TryBar(i + 1, out Bar before)
                || !TryRatio(bar.Close, before.Close, out double change))
            {
                return false;
            }

            sum += change * change;
        }

        value = Math.Sqrt(sum / count);
        return true;
    }

    private static bool TryExtreme(Feature feature, InstrumentMarket market, BarSeries bars, out double value)
    {
        value = 0.0;
        if (!market.TryReferencePrice(out long price) || price <= 0)
        {
            return false;
        }

        long high = long.MinValue;
        long low = long.MaxValue;
        for (int i = 0; i < feature.Bars; i++)
        {
            if (!bars.TryBar(i, out Bar bar))
            {
                return false;
            }

            high = Math.Max(high, bar.High);
            low = Math.Min(low, bar.Low);
        }

        value = (feature.Kind == FeatureKind.High ? (double)high - price : (double)price - low) / price * Million;
        return true;
    }
}
