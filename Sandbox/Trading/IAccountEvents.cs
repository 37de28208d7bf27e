namespace LowLatency.Sandbox.Trading;

/// <summary>What happened to an order.</summary>
internal enum OrderChange
{
    /// <summary>It works.</summary>
    Accepted,

    /// <summary>It was amended as asked.</summary>
    Amended,

    /// <summary>A part or all of it was filled.</summary>
    Filled,

    /// <summary>It ended before it was filled whole.</summary>
    Ended,

    /// <summary>It never worked.</summary>
    Rejected,

    /// <summary>A cancel came too late.</summary>
    CancelLost,

    /// <summary>An amendment was refused.</summary>
    AmendLost,
}

/// <summary>Who tells an account's owner what happened.</summary>
internal interface IAccountEvents
{
    /// <summary>An order changed.</summary>
    void OnOrder(TradingAccount account, SandboxOrder order, OrderChange change);

    /// <summary>Cash or a position changed; comes before the change of the order that it fills.</summary>
    void OnFill(TradingAccount account, Fill fill);
}
