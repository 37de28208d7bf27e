using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>Which price of a bar an indicator looks at.</summary>
public enum PriceSource
{
    /// <summary>The close.</summary>
    Close = 0,

    /// <summary>The open.</summary>
    Open = 1,

    /// <summary>The high.</summary>
    High = 2,

    /// <summary>The low.</summary>
    Low = 3,

    /// <summary>(high + low) / 2, the median price.</summary>
    Hl2 = 4,

    /// <summary>(high + low + close) / 3, the typical price.</summary>
    Hlc3 = 5,

    /// <summary>(open + high + low + close) / 4.</summary>
    Ohlc4 = 6,
}

/// <summary>Reads a source as a whole number over a small divisor, so that sums stay exact.</summary>
internal static class PriceSources
{
    internal static ParameterDefinition Parameter(PriceSource usual = PriceSource.Close) => ParameterDefinition.Choice(
        "source", ["close", "open", "high", "low", "hl2", "hlc3", "ohlc4"], (int)usual, "price of the bar");

    internal static PriceSource Of(StrategyParameters parameters) => (PriceSource)parameters.Choice("source");

    /// <summary>The price times <see cref="Divisor"/>.</summary>
    internal static long Numerator(this PriceSource source, in Bar bar)
    {
        switch (source)
        {
            case PriceSource.Close:
                return bar.Close;
            case PriceSource.Open:
                return bar.Open;
            case PriceSource.High:
                return bar.High;
            case PriceSource.Low:
                return bar.Low;
            case PriceSource.Hl2:
                return bar.High + bar.Low;
            case PriceSource.Hlc3:
                return bar.High + bar.Low + bar.Close;
            case PriceSource.Ohlc4:
                return bar.Open + bar.High + bar.Low + bar.Close;
            default:
                Ensure.Break("a price source that does not exist");
                return 0;
        }
    }

    internal static int Divisor(this PriceSource source) => source switch
    {
        PriceSource.Hl2 => 2,
        PriceSource.Hlc3 => 3,
        PriceSource.Ohlc4 => 4,
        _ => 1,
    };
}
