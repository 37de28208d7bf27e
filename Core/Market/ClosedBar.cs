using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Market;

/// <summary>A bar that became history with the current event.</summary>
public readonly struct ClosedBar
{
    /// <summary>Of which instrument.</summary>
    public required InstrumentId Instrument { get; init; }

    /// <summary>The bar.</summary>
    public required Bar Bar { get; init; }

    /// <summary>Nanoseconds that the bar covers.</summary>
    public long Timeframe => Bar.Timeframe;
}
