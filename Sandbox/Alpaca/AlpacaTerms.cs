namespace LowLatency.Sandbox.Alpaca;

/// <summary>What an order request said in the venue's words.</summary>
internal sealed record AlpacaTerms
{
    internal required string Type { get; init; }

    internal required string TimeInForce { get; init; }

    internal bool ExtendedHours { get; init; }

    /// <summary>The amount of money; null where a quantity was asked for.</summary>
    internal string? Notional { get; init; }

    internal string? PositionIntent { get; init; }

    internal string? TrailPrice { get; init; }

    internal string? TrailPercent { get; init; }
}
