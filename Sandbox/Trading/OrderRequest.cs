using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;

namespace LowLatency.Sandbox.Trading;

/// <summary>A new order, checked as far as the matching engine does not check it.</summary>
internal sealed record OrderRequest
{
    internal required ListedInstrument Instrument { get; init; }

    internal required string ClientId { get; init; }

    internal required Side Side { get; init; }

    internal required OrderType Type { get; init; }

    internal required TimeInForce Force { get; init; }

    internal OrderFlags Flags { get; init; }

    internal long Price { get; init; }

    internal required long Quantity { get; init; }

    internal long TriggerPrice { get; init; }

    internal long TrailingOffset { get; init; }

    internal required object Terms { get; init; }
}
