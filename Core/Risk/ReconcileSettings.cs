using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>What a difference between our account and the venue's leads to.</summary>
public enum ReconcileMode : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The engine goes to HALTED.</summary>
    Strict = 1,

    /// <summary>It is told, and nothing may add to its instrument until it is gone.</summary>
    Warn = 2,

    /// <summary>What is here becomes what the venue says, by events.</summary>
    AutoSync = 3,
}

/// <summary>What becomes of orders on our account that this instance did not make.</summary>
public enum ForeignOrders : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>They work on, count in the exposure, and are cancelled with ours.</summary>
    Adopt = 1,

    /// <summary>They are cancelled.</summary>
    Cancel = 2,

    /// <summary>They are a difference like any other; nothing is done to them.</summary>
    Alarm = 3,
}

/// <summary>When the account is read, and what is done about what differs.</summary>
public sealed record ReconcileSettings
{
    /// <summary>Venues of one run.</summary>
    public const int VenuesMax = 4;

    /// <summary>Largest number of confirmations.</summary>
    public const int ConfirmationsMax = 10;

    /// <summary>Who holds the accounts; one to <see cref="VenuesMax"/>.</summary>
    public required EventSource[] Venues { get; init; }

    /// <summary>What a difference leads to.</summary>
    public required ReconcileMode Mode { get; init; }

    /// <summary>What becomes of foreign orders.</summary>
    public required ForeignOrders Foreign { get; init; }

    /// <summary>Nanoseconds between two readings of an account that matches.</summary>
    public required long Interval { get; init; }

    /// <summary>Nanoseconds without a complete reading after which nothing may add; longer than the interval.</summary>
    public required long Overdue { get; init; }

    /// <summary>Nanoseconds after which a reading that failed or found something is repeated.</summary>
    public required long RetryAfter { get; init; }

    /// <summary>Nanoseconds for which a request can be under way: within them a reading proves nothing about its order.</summary>
    public required long RequestLife { get; init; }

    /// <summary>Nanoseconds for which an order may be unknown before nothing may add.</summary>
    public required long UnknownAfter { get; init; }

    /// <summary>Further readings that must find the same difference before it counts; 0 to <see cref="ConfirmationsMax"/>.</summary>
    public required int Confirmations { get; init; }

    /// <summary>Money units by which a balance may differ.</summary>
    public required long BalanceTolerance { get; init; }

    /// <summary>Part of a position's cost by which it may differ, millionths.</summary>
    public required int CostTolerancePpm { get; init; }

    /// <summary>Largest value that one adjustment may move, money units; a larger one halts.</summary>
    public required long MaxAdjustment { get; init; }

    /// <summary>Whose part a position becomes that nobody here asked for; the house by default.</summary>
    public StrategyId Strategy { get; init; }

    /// <summary>Nanoseconds for which the venue's available balance may be used; 0 when it is not asked about.</summary>
    public long FiguresMaxAge { get; init; }

    /// <summary>Equity that the venue must show, millionths of its maintenance margin; 0 for any.</summary>
    public int MarginFloorPpm { get; init; }
}
