using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Tests.Core.Market;

namespace LowLatency.Tests.Core.Signals.Indicators;

/// <summary>An indicator and what it must say after each bar. Checks return what is wrong, or null.</summary>
internal sealed record IndicatorCase(string Name, Func<BarIndicator> Make, Func<Bar[], double?[]> Expected)
{
    internal static IReadOnlyList<IndicatorCase> All { get; } =
    [
        new("sma 5", () => new Sma(5), bars => [Naive.Mean(Naive.Prices(bars), 5)]),
        new("sma 1 ohlc4", () => new Sma(1, PriceSource.Ohlc4), bars => [Naive.Mean(Naive.Prices(bars, PriceSource.Ohlc4), 1)]),
        new("sma 7 hlc3", () => new Sma(7, PriceSource.Hlc3), bars => [Naive.Mean(Naive.Prices(bars, PriceSource.Hlc3), 7)]),
        new("sma 3 open", () => new Sma(3, PriceSource.Open), bars => [Naive.Mean(Naive.Prices(bars, PriceSource.Open), 3)]),
        new("ema 6", () => new ExponentialAverage(6), bars => [Naive.Last(Naive.Emas(Naive.Prices(bars), 6))]),
        new("ema 4 hl2", () => new ExponentialAverage(4, PriceSource.Hl2),
            bars => [Naive.Last(Naive.Emas(Naive.Prices(bars, PriceSource.Hl2), 4))]),
        new("wma 8", () => new Wma(8), bars => [Naive.Wma(Naive.Prices(bars), 8)]),
        new("wma 2 high", () => new Wma(2, PriceSource.High), bars => [Naive.Wma(Naive.Prices(bars, PriceSource.High), 2)]),
        new("kama 5 2 30", () => new Kama(5), bars => Naive.Kama(Naive.Prices(bars), 5, 2, 30)),
        new("kama 1 3 9 low", () => new Kama(1, 3, 9, PriceSource.Low),
            bars => Naive.Kama(Naive.Prices(bars, PriceSource.Low), 1, 3, 9)),
        new("rsi 6", () => new Rsi(6), bars => [Naive.Rsi(Naive.Prices(bars), 6)]),
        new("rsi 1 hlc3", () => new Rsi(1, PriceSource.Hlc3), bars => [Naive.Rsi(Naive.Prices(bars, PriceSource.Hlc3), 1)]),
        new("macd 3 7 4", () => new Macd(3, 7, 4), bars => Naive.Macd(Naive.Prices(bars), 3, 7, 4)),
        new("atr 5", () => new Atr(5), bars => [Naive.Last(Naive.Wilders(Naive.TrueRanges(bars), 5))]),
        new("bollinger 6 2", () => new Bollinger(6, 2.0), bars => Naive.Bollinger(Naive.Prices(bars), 6, 2.0)),
        new("bollinger 3 1.5 ohlc4", () => new Bollinger(3, 1.5, PriceSource.Ohlc4),
            bars => Naive.Bollinger(Naive.Prices(bars, PriceSource.Ohlc4), 3, 1.5)),
        new("donchian 7", () => new Donchian(7), bars => Naive.Donchian(bars, 7)),
        new("donchian 1", () => new Donchian(1), bars => Naive.Donchian(bars, 1)),
        new("keltner 6 4 1.5", () => new Keltner(6, 4, 1.5), bars => Naive.Keltner(bars, 6, 4, 1.5)),
        new("keltner 3 9 2", () => new Keltner(3, 9, 2.0), bars => Naive.Keltner(bars, 3, 9, 2.0)),
        new("adx 5", () => new Adx(5), bars => Naive.Adx(bars, 5)),
        new("adx 1", () => new Adx(1), bars => Naive.Adx(bars, 1)),
        new("stochastic 5 3 3", () => new Stochastic(5, 3, 3), bars => Naive.Stochastic(bars, 5, 3, 3)),
        new("stochastic 4 1 2", () => new Stochastic(4, 1, 2), bars => Naive.Stochastic(bars, 4, 1, 2)),
        new("fisher 6", () => new Fisher(6), bars => Naive.Fisher(Naive.Prices(bars, PriceSource.Hl2), 6)),
        new("squeeze 6 2 1.5", () => new Squeeze(6, 2.0, 1.5), bars => Naive.Squeeze(bars, 6, 2.0, 1.5)),
        new("squeeze 4 1 2.5", () => new Squeeze(4, 1.0, 2.5), bars => Naive.Squeeze(bars, 4, 1.0, 2.5)),
        new("realised-volatility 5", () => new RealisedVolatility(5), bars => [Naive.Volatility(Naive.Prices(bars), 5, 1)]),
        new("realised-volatility 3 525600", () => new RealisedVolatility(3, 525_600),
            bars => [Naive.Volatility(Naive.Prices(bars), 3, 525_600)]),
        new("vwap 10 min from 3 min", () => new Vwap(600_000, 180_000),
            bars => [Naive.Vwap(bars, 10 * BarPaths.Minute, 3 * BarPaths.Minute, VolumePrice.Typical)]),
        new("vwap turnover", () => new Vwap(1_200_000, 0, VolumePrice.Turnover),
            bars => [Naive.Vwap(bars, 20 * BarPaths.Minute, 0, VolumePrice.Turnover)]),
    ];

    /// <summary>True when readiness depends on the market and not on the number of bars alone.</summary>
    internal bool Waits => Name.StartsWith("vwap", StringComparison.Ordinal);

    internal static IndicatorCase Named(string name)
    {
        foreach (IndicatorCase known in All)
        {
            if (known.Name == name)
            {
                return known;
            }
        }

        throw new ArgumentException("no case " + name);
    }

    /// <summary>After each bar every output is what the definition says, and as ready.</summary>
    internal string? Compare(Bar[] bars)
    {
        BarIndicator indicator = Make();
        for (int i = 0; i < bars.Length; i++)
        {
            indicator.Update(bars[i]);
            double?[] expected = Expected(bars[..(i + 1)]);
            bool all = true;
            for (int output = 0; output < expected.Length; output++)
            {
                bool ready = indicator.IsOutputReady(output);
                all &= ready;
                string at = string.Create(CultureInfo.InvariantCulture, $"{Name}: bar {i}, output {output}");
                if (ready != expected[output].HasValue)
                {
                    return $"{at}: ready {ready}";
                }

                if (!Waits && ready != (i + 1 >= indicator.WarmUpOf(output)))
                {
                    return $"{at}: ready {ready}, declared warm-up {indicator.WarmUpOf(output)}";
                }

                if (ready && !Near(expected[output]!.Value, indicator.Output(output), bars[i].High))
                {
                    return string.Create(CultureInfo.InvariantCulture,
                        $"{at}: {indicator.Output(output):R}, expected {expected[output]:R}");
                }
            }

            if (indicator.IsReady != all)
            {
                return $"{Name}: bar {i}: whole readiness";
            }
        }

        return null;
    }

    /// <summary>Restored in the middle, it goes on as if nothing had happened, to the last bit of its state.</summary>
    internal string? Restore(Bar[] bars, int at)
    {
        BarIndicator whole = Make();
        BarIndicator restored = Make();
        for (int i = 0; i < bars.Length; i++)
        {
            if (i == at)
            {
                RestoringVisitor.Restore(restored, SavingVisitor.Save(whole));
            }

            whole.Update(bars[i]);
            if (i < at)
            {
                continue;
            }

            restored.Update(bars[i]);
            for (int output = 0; output < whole.Schema.Outputs.Length; output++)
            {
                if (whole.IsOutputReady(output) != restored.IsOutputReady(output)
                    || (whole.IsOutputReady(output) && whole.Output(output) != restored.Output(output)))
                {
                    return $"{Name}: restored at {at}: differs at bar {i}, output {output}";
                }
            }
        }

        return SavingVisitor.Save(whole).AsSpan().SequenceEqual(SavingVisitor.Save(restored))
            ? null
            : $"{Name}: restored at {at}: another state";
    }

    // Relative to the price: a difference of averages has no more digits than the averages.
    private static bool Near(double expected, double actual, double price) =>
        Math.Abs(expected - actual) <= 1e-9 * Math.Max(Math.Max(1.0, Math.Abs(expected)), price / 100);
}
