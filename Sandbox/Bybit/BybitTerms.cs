namespace LowLatency.Sandbox.Bybit;

/// <summary>What an order request said in the venue's words.</summary>
internal sealed record BybitTerms
{
    /// <summary>Limit or Market.</summary>
    internal required string OrderType { get; init; }

    /// <summary>GTC, IOC, FOK, PostOnly, RPI.</summary>
    internal required string TimeInForce { get; init; }

    internal string TriggerBy { get; init; } = string.Empty;

    internal int TriggerDirection { get; init; }

    internal bool ReduceOnly { get; init; }

    internal bool CloseOnTrigger { get; init; }

    /// <summary>baseCoin, quoteCoin, or empty for what is no market order of a pair.</summary>
    internal string MarketUnit { get; init; } = string.Empty;

    internal string SmpType { get; init; } = "None";

    /// <summary>The quantity as it was asked for, where it is an amount of money.</summary>
    internal string Amount { get; init; } = string.Empty;
}
