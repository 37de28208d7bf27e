namespace LowLatency.Core.Risk;

/// <summary>What the engine may do. A larger number is more careful.</summary>
public enum TradingState : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Everything within the limits.</summary>
    Active = 1,

    /// <summary>Orders that reduce risk, and cancels.</summary>
    Reducing = 2,

    /// <summary>Cancels only.</summary>
    Halted = 3,
}
