using System.Collections.Immutable;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Signals;
using LowLatency.Journal.Format;

namespace LowLatency.Engine.Configuration;

/// <summary>Cash in one currency.</summary>
/// <param name="Currency">The currency's code.</param>
/// <param name="Amount">Money units (x 10^8).</param>
public sealed record CashConfiguration(string Currency, long Amount);

/// <summary>One strategy.</summary>
/// <param name="Name">Its unique name.</param>
/// <param name="Type">Its type in the catalogue.</param>
/// <param name="Instruments">Symbols, each once.</param>
/// <param name="Priority">Rank under the priority policy, and in ties; 1 is best.</param>
/// <param name="Weight">Share under the blend policy (x 10^9), as given: arbitration scales it where that was asked for.</param>
/// <param name="Cooldown">Nanoseconds of silence after a change of its wish.</param>
/// <param name="Parameters">The parameters of its type.</param>
public sealed record StrategyConfiguration(
    string Name,
    string Type,
    ImmutableArray<string> Instruments,
    int Priority,
    long Weight,
    long Cooldown,
    StrategyParameters Parameters);

/// <summary>How conflicting wishes are reconciled.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="NormaliseWeights">True when the weights are scaled to a sum of 1.</param>
public sealed record ArbitrationConfiguration(ArbitrationPolicy Policy, bool NormaliseWeights);

/// <summary>Bars.</summary>
/// <param name="Timeframes">Nanoseconds, each once.</param>
/// <param name="Grace">Nanoseconds.</param>
public sealed record BarsConfiguration(ImmutableArray<long> Timeframes, long Grace);

/// <summary>The simulated venue.</summary>
/// <param name="EntryLatency">Nanoseconds.</param>
/// <param name="ResponseLatency">Nanoseconds.</param>
/// <param name="MakerFeePpm">Millionths of the notional; negative is a rebate.</param>
/// <param name="TakerFeePpm">Millionths of the notional.</param>
public sealed record VenueConfiguration(long EntryLatency, long ResponseLatency, int MakerFeePpm, int TakerFeePpm);

/// <summary>The journal.</summary>
/// <param name="Durability">What an event survives.</param>
/// <param name="SegmentBytes">Size of a segment file.</param>
public sealed record JournalConfiguration(Durability Durability, long SegmentBytes);

/// <summary>Which threads do the work.</summary>
public enum TopologyMode
{
    /// <summary>One thread.</summary>
    Inline,

    /// <summary>A hot thread, a network thread and a sync thread.</summary>
    RunToCompletion,

    /// <summary>Decode, decide, and encode with send and audit.</summary>
    Staged,

    /// <summary>A thread for each decision stage.</summary>
    Lockstep,
}

/// <summary>How a thread waits.</summary>
public enum WaitMode
{
    /// <summary>It spins.</summary>
    BusySpin,

    /// <summary>It gives way.</summary>
    Yielding,

    /// <summary>It sleeps.</summary>
    Parking,
}

/// <summary>Threads.</summary>
/// <param name="Mode">Which threads do the work.</param>
/// <param name="Wait">How they wait.</param>
/// <param name="RingSize">Slots, a power of two.</param>
public sealed record TopologyConfiguration(TopologyMode Mode, WaitMode Wait, int RingSize);

/// <summary>What cannot change a decision.</summary>
/// <param name="Journal">The journal.</param>
/// <param name="Topology">Threads.</param>
public sealed record SessionConfiguration(JournalConfiguration Journal, TopologyConfiguration Topology);
