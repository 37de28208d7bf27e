using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>What a simulated venue is like. Nothing in it is random, so there is no seed.</summary>
public sealed record SimulatedVenueSettings
{
    /// <summary>One million parts: a fee of 100 %.</summary>
    public const int PpmMax = 1_000_000;

    /// <summary>Longest latency of one direction: one hour of nanoseconds.</summary>
    public const long LatencyMax = 3_600_000_000_000;

    /// <summary>Nanoseconds from the decision to the matching engine; 0 to <see cref="LatencyMax"/>.</summary>
    public long EntryLatency { get; init; } = 1_000_000;

    /// <summary>
    /// Nanoseconds from the matching engine to the report; 0 to <see cref="LatencyMax"/>. Both latencies together are
    /// at least 1, so that an answer is never simultaneous with its question.
    /// </summary>
    public long ResponseLatency { get; init; } = 1_000_000;

    /// <summary>Fee of a fill that rested, parts per million of notional; negative is a rebate.</summary>
    public int MakerFeePpm { get; init; }

    /// <summary>Fee of a fill that crossed, parts per million of notional; negative is a rebate.</summary>
    public int TakerFeePpm { get; init; }

    /// <summary>Orders that may work at one time, 1 to <see cref="Limits.LiveOrders"/>; one more is rejected.</summary>
    public int MaxOpenOrders { get; init; } = Limits.LiveOrders;

    /// <summary>Highest instrument number that the venue lists, 1 to <see cref="Limits.Instruments"/>.</summary>
    public int Instruments { get; init; } = Limits.Instruments;

    /// <summary>Stops when a value is out of its range. Configuration is checked before it comes here.</summary>
    internal void Validate()
    {
        Ensure.That(EntryLatency is >= 0 and <= LatencyMax, "EntryLatency must be 0 to one hour");
        Ensure.That(ResponseLatency is >= 0 and <= LatencyMax, "ResponseLatency must be 0 to one hour");
        Ensure.That(EntryLatency + ResponseLatency >= 1, "EntryLatency + ResponseLatency must be at least 1 ns");
        Ensure.That(MakerFeePpm is >= -PpmMax and <= PpmMax, "MakerFeePpm must be -1,000,000 to 1,000,000");
        Ensure.That(TakerFeePpm is >= -PpmMax and <= PpmMax, "TakerFeePpm must be -1,000,000 to 1,000,000");
        Ensure.That(MaxOpenOrders is >= 1 and <= Limits.LiveOrders, "MaxOpenOrders must be 1 to Limits.LiveOrders");
        Ensure.That(Instruments is >= 1 and <= Limits.Instruments, "Instruments must be 1 to Limits.Instruments");
    }
}
