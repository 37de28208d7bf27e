using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>The indicator types by name: each declared by its own class, listed here once.</summary>
public static class IndicatorCatalogue
{
    private static readonly Entry[] Entries =
    [
        new(Sma.Declared, static p => new Sma(p)),
        new(ExponentialAverage.Declared, static p => new ExponentialAverage(p)),
        new(Wma.Declared, static p => new Wma(p)),
        new(Kama.Declared, static p => new Kama(p)),
        new(Rsi.Declared, static p => new Rsi(p)),
        new(Macd.Declared, static p => new Macd(p)),
        new(Atr.Declared, static p => new Atr(p)),
        new(Bollinger.Declared, static p => new Bollinger(p)),
        new(Donchian.Declared, static p => new Donchian(p)),
        new(Keltner.Declared, static p => new Keltner(p)),
        new(Adx.Declared, static p => new Adx(p)),
        new(Stochastic.Declared, static p => new Stochastic(p)),
        new(Fisher.Declared, static p => new Fisher(p)),
        new(Squeeze.Declared, static p => new Squeeze(p)),
        new(Vwap.Declared, static p => new Vwap(p)),
        new(RealisedVolatility.Declared, static p => new RealisedVolatility(p)),
        new(OrderFlowImbalance.Declared, static p => new OrderFlowImbalance(p)),
        new(BookImbalance.Declared, static p => new BookImbalance(p)),
        new(Microprice.Declared, static _ => new Microprice()),
    ];

    /// <summary>Number of types.</summary>
    public static int Count => Entries.Length;

    /// <summary>A type's declaration.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1, in the order in which types are listed to people.</param>
    /// <returns>The declaration.</returns>
    public static IndicatorSchema SchemaAt(int index) => Entries[index].Schema;

    /// <summary>Makes an indicator; a schema that is not in the catalogue stops the engine.</summary>
    /// <param name="parameters">Values of the type's parameters.</param>
    /// <returns>A new indicator.</returns>
    public static Indicator Create(StrategyParameters parameters)
    {
        foreach (Entry entry in Entries)
        {
            if (ReferenceEquals(entry.Schema.Parameters, parameters.Schema))
            {
                return entry.Make(parameters);
            }
        }

        Ensure.Break("an indicator type that is not in the catalogue");
        return null;
    }

    private sealed record Entry(IndicatorSchema Schema, Func<StrategyParameters, Indicator> Make);
}
