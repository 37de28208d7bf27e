using System;
using System.Collections.Immutable;
using LowLatency.Core.Signals;

namespace LowLatency.Engine.Configuration;

/// <summary>Cash in one currency.</summary>
/// <param name="Currency">The currency's code.</param>
/// <param name="Amount">Money units (x 10^8).</param>
public sealed record CashConfiguration(string Currency, long Amount);

/// <summary>One strategy.</summary>
/// <param name="Name">Its unique name.</param>
/// <param name="Type">Its type in the catalogue.</param>
/// <param name="Instruments">Symbols, each once.</param>
/// <param name="Priority">Rank under the priority policy, and in ties; higher wins.</param>
/// <param name="Weight">Share under the blend policy (x 10^9); after scaling, where scaling was asked for.</param>
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

/// <summary>Who wins when strategies disagree.</summary>
public enum ArbitrationPolicy
{
    /// <summary>The highest priority.</summary>
    Priority,

    /// <summary>The sum of all.</summary>
    Net,

    /// <summary>The weighted mean.</summary>
    Blend,
}

/// <summary>How conflicting wishes are reconciled.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="NormaliseWeights">True when the weights are scaled to a sum of 1.</param>
public sealed record ArbitrationConfiguration(ArbitrationPolicy Policy, bool NormaliseWeights);

/// <summary>The limits that may differ by instrument.</summary>
/// <param name="MaxOrderQuantity">x 10^9.</param>
/// <param name="MaxOrderNotional">Money units.</param>
/// <param name="MaxPosition">x 10^9, long or short.</param>
/// <param name="MaxWorkingOrders">Orders alive.</param>
/// <param name="PriceCollarBps">Basis points from the market.</param>
/// <param name="StaleAfter">Nanoseconds.</param>
public sealed record InstrumentLimits(
    long MaxOrderQuantity,
    long MaxOrderNotional,
    long MaxPosition,
    int MaxWorkingOrders,
    int PriceCollarBps,
    long StaleAfter);

/// <summary>The limits that replace the general ones for one instrument.</summary>
/// <param name="Symbol">The instrument.</param>
/// <param name="Limits">All its limits.</param>
public sealed record InstrumentLimitsOverride(string Symbol, InstrumentLimits Limits);

/// <summary>The state of risk at the first start.</summary>
public enum InitialRiskState
{
    /// <summary>All orders within the limits.</summary>
    Active,

    /// <summary>Only orders that reduce a position.</summary>
    Reducing,

    /// <summary>None.</summary>
    Halted,
}

/// <summary>Limits.</summary>
/// <param name="Limits">For every instrument without an override.</param>
/// <param name="MaxGrossNotional">Money units, all positions by size.</param>
/// <param name="MaxOrdersPerWindow">New and amended orders.</param>
/// <param name="OrderWindow">Nanoseconds.</param>
/// <param name="MaxRepeats">Equal orders.</param>
/// <param name="RepeatWindow">Nanoseconds.</param>
/// <param name="RejectBackoff">Nanoseconds.</param>
/// <param name="InitialState">State at the first start.</param>
/// <param name="Overrides">By symbol, in the order of their code points.</param>
public sealed record RiskConfiguration(
    InstrumentLimits Limits,
    long MaxGrossNotional,
    int MaxOrdersPerWindow,
    long OrderWindow,
    int MaxRepeats,
    long RepeatWindow,
    long RejectBackoff,
    InitialRiskState InitialState,
    ImmutableArray<InstrumentLimitsOverride> Overrides)
{
    /// <summary>The limits of one instrument.</summary>
    /// <param name="symbol">Its symbol.</param>
    /// <returns>Its override, or the general limits.</returns>
    public InstrumentLimits For(string symbol)
    {
        foreach (InstrumentLimitsOverride own in Overrides)
        {
            if (string.Equals(own.Symbol, symbol, StringComparison.Ordinal))
            {
                return own.Limits;
            }
        }

        return Limits;
    }
}

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

/// <summary>What an event survives before its commands leave.</summary>
public enum JournalDurability
{
    /// <summary>The end of the process.</summary>
    Written,

    /// <summary>The loss of power.</summary>
    Flushed,

    /// <summary>Nothing: research only.</summary>
    None,
}

/// <summary>The journal.</summary>
/// <param name="Durability">What an event survives.</param>
/// <param name="SegmentBytes">Size of a segment file.</param>
public sealed record JournalConfiguration(JournalDurability Durability, long SegmentBytes);

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
